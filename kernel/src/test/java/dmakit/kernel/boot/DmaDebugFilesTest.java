package dmakit.kernel.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.TestTrees;
import dmakit.kernel.chardev.OpenFlags;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.fs.Node;
import dmakit.kernel.mm.Gfp;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DmaDebugFilesTest {
    private static final String FOLDER = "/sys/kernel/debug/dma-api";

    private final Machine machine = machine();
    private final Kernel kernel =
            Kernel.boot(
                    machine,
                    TestTrees.soc(),
                    TestTrees.LINES,
                    _ -> {},
                    "dma_debug_entries=64 dma_debug_driver=first");
    private final Device device = new Device("test0", "platform", null, null);

    private static Machine machine() {
        return new Machine(
                new Machine.Config(
                        List.of(new Ram.Bank(0, 64 << 20)),
                        false,
                        new Machine.Cache.None(),
                        CostTable.CORTEX_A53,
                        1));
    }

    DmaDebugFilesTest() {
        kernel.findings().enable();
    }

    @AfterEach
    void close() {
        machine.close();
    }

    private String read(String name) {
        return kernel.files().read(FOLDER + "/" + name);
    }

    private long write(String name, String text) {
        AtomicLong written = new AtomicLong();
        kernel.runProcess(
                "echo",
                process -> {
                    int open = process.open(FOLDER + "/" + name, OpenFlags.WRONLY);
                    written.set(process.write(open, text));
                });
        return written.get();
    }

    private void refused(Errno errno, String name, String text) {
        assertThatThrownBy(() -> write(name, text))
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    private int modeOf(String name) {
        return kernel.fileSystem().find(FOLDER + "/" + name).map(Node::mode).orElse(0);
    }

    @Test
    void areThoseOfTheKernelWithItsModes() {
        assertThat(kernel.files().list(FOLDER))
                .containsExactly(
                        "all_errors",
                        "disabled",
                        "driver_filter",
                        "dump",
                        "error_count",
                        "min_free_entries",
                        "nr_total_entries",
                        "num_errors",
                        "num_free_entries");
        for (String name : kernel.files().list(FOLDER)) {
            boolean writable = List.of("all_errors", "num_errors", "driver_filter").contains(name);
            assertThat(modeOf(name)).as(name).isEqualTo(writable ? 0644 : 0444);
        }
    }

    @Test
    void showWhatThereIs() {
        assertThat(read("disabled")).isEqualTo("N\n");
        assertThat(read("all_errors")).isEqualTo("0\n");
        assertThat(read("num_errors")).isEqualTo("1\n");
        assertThat(read("error_count")).isEqualTo("0\n");
        assertThat(read("nr_total_entries")).isEqualTo("64\n");
        assertThat(read("driver_filter")).isEqualTo("first\n");
        int free = Integer.parseInt(read("num_free_entries").strip());
        long va = kernel.mm().slab().kmalloc(64, Gfp.KERNEL);
        long dma = kernel.dma().mapSingle(device, va, 64, DmaDirection.TO_DEVICE);
        assertThat(read("num_free_entries")).isEqualTo((free - 1) + "\n");
        assertThat(read("dump")).contains("platform test0 single idx ");
        kernel.dma().unmapSingle(device, dma, 64, DmaDirection.TO_DEVICE);
        assertThat(read("num_free_entries")).isEqualTo(free + "\n");
        assertThat(read("min_free_entries")).isEqualTo((free - 1) + "\n");
        kernel.dma().unmapSingle(device, dma, 64, DmaDirection.TO_DEVICE);
        assertThat(read("error_count")).isEqualTo("1\n");
        assertThat(read("num_errors")).isEqualTo("0\n");
    }

    @Test
    void areTurnedOffByTheCommandLineAndWhileNobodyLooksForMistakes() {
        try (Machine another = machine()) {
            Kernel off =
                    Kernel.boot(
                            another, TestTrees.soc(), TestTrees.LINES, _ -> {}, "dma_debug=off");
            assertThat(off.files().read(FOLDER + "/disabled")).isEqualTo("Y\n");
            off.findings().enable();
            assertThat(off.files().read(FOLDER + "/disabled")).isEqualTo("Y\n");
            assertThat(off.files().read(FOLDER + "/nr_total_entries")).isEqualTo("0\n");
            assertThat(off.files().read(FOLDER + "/dump")).isEmpty();
        }
    }

    @Test
    void areThereBeforeThePoolsAreWhereMistakesAreLookedForFromTheFirstStepOn() {
        try (Machine another = machine()) {
            Kernel found =
                    Kernel.boot(
                            another,
                            TestTrees.soc(),
                            TestTrees.LINES,
                            _ -> {},
                            "cma=0",
                            Misuse.FOUND);
            assertThat(found.files().read(FOLDER + "/disabled")).isEqualTo("N\n");
            assertThat(
                            found.log().buffer().texts().stream()
                                    .filter(line -> line.contains("preallocated")))
                    .first()
                    .isEqualTo("DMA-API: preallocated 65536 debug entries");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "0x10, 16",
        "010, 8",
        "+5, 5",
        "4294967295, 4294967295",
        "4294967297, 1",
        "18446744073709551615, 4294967295"
    })
    void takeANumberOf32Bits(String text, String shown) {
        for (String name : List.of("all_errors", "num_errors")) {
            assertThat(write(name, text + "\n")).isEqualTo(text.length() + 1);
            assertThat(read(name)).isEqualTo(shown + "\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "x", "-1", "1x", "1 ", " 1", "1\n\n", "0x", "08", "1.5", "+-1"})
    void refuseWhatIsNoNumber(String text) {
        refused(Errno.EINVAL, "all_errors", text);
        refused(Errno.EINVAL, "num_errors", text);
        assertThat(read("num_errors")).isEqualTo("1\n");
    }

    @Test
    void refuseANumberOfMoreThan64Bits() {
        refused(Errno.ERANGE, "num_errors", "18446744073709551616");
        refused(Errno.ERANGE, "num_errors", "0x10000000000000000");
        assertThat(read("num_errors")).isEqualTo("1\n");
    }

    @Test
    void readTwentyThreeBytesOfANumberAndTakeAll() {
        String longest = "0".repeat(22) + "7";
        assertThat(write("num_errors", longest)).isEqualTo(23);
        assertThat(read("num_errors")).isEqualTo("7\n");
        assertThat(write("num_errors", "0".repeat(22) + "63")).isEqualTo(24);
        assertThat(read("num_errors")).isEqualTo("6\n");
        assertThat(write("num_errors", "0".repeat(5000))).isEqualTo(4096);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "disabled",
                "dump",
                "error_count",
                "min_free_entries",
                "nr_total_entries",
                "num_free_entries"
            })
    void areNotWrittenUnlessTheyMay(String name) {
        assertThatThrownBy(() -> write(name, "1\n")).isInstanceOf(KernelException.class);
    }

    @Test
    void takeADriversNameOfAnyLength() {
        assertThat(write("driver_filter", "edu rest\n")).isEqualTo(9);
        assertThat(read("driver_filter")).isEqualTo("edu\n");
        assertThat(write("driver_filter", "n".repeat(64) + "\n")).isEqualTo(65);
        assertThat(read("driver_filter")).isEqualTo("n".repeat(63) + "\n");
        assertThat(write("driver_filter", "n".repeat(5000))).isEqualTo(4096);
        assertThat(write("driver_filter", "\n")).isEqualTo(1);
        assertThat(read("driver_filter")).isEmpty();
    }
}
