package dmakit.kernel.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.TestTrees;
import dmakit.kernel.chardev.OpenFlags;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mm.Gfp;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bounce buffers of a booted kernel: what its files show, and whose pool a device uses. */
class SwiotlbFilesTest {
    private static final String DEBUG = "/sys/kernel/debug/swiotlb/";
    private static final String POOL = DEBUG + "dma@2000000/";
    private static final DmaDirection FROM = DmaDirection.FROM_DEVICE;

    private final Machine machine =
            new Machine(
                    new Machine.Config(
                            List.of(new Ram.Bank(0, 64 << 20)),
                            false,
                            new Machine.Cache.None(),
                            CostTable.CORTEX_A53,
                            1));

    @AfterEach
    void close() {
        machine.close();
    }

    private static String tree(String region) {
        return """
        /dts-v1/;
        / {
            #address-cells = <1>;
            #size-cells = <1>;
            memory@0 { device_type = "memory"; reg = <0 0x4000000>; };
            reserved-memory {
                #address-cells = <1>;
                #size-cells = <1>;
                ranges;
                other: other@1f00000 { reg = <0x1f00000 0x1000>; };
                pool: %s
            };
            engine@3f000000 {
                compatible = "test,engine";
                reg = <0x3f000000 0x100>;
                memory-region = <&other>, <&pool>;
            };
            plain@3f001000 { compatible = "test,engine"; reg = <0x3f001000 0x100>; };
        };
        """
                .formatted(region);
    }

    private static final String STATIC =
            "dma@2000000 { compatible = \"restricted-dma-pool\"; reg = <0x2000000 0x100000>; };";

    /** Boots, and gives a driver to both devices. */
    private Kernel boot(String region, String commandLine) {
        Kernel kernel =
                Kernel.boot(
                        machine,
                        TestTrees.of(tree(region)),
                        TestTrees.LINES,
                        _ -> {},
                        commandLine,
                        Misuse.OBEYED);
        kernel.run("insmod", () -> kernel.platform().register(new Driver(devices)));
        return kernel;
    }

    private final List<Device> devices = new ArrayList<>();

    private record Driver(List<Device> devices) implements PlatformDriver {
        @Override
        public String name() {
            return "test-driver";
        }

        @Override
        public List<OfMatch> ofMatch() {
            return List.of(new OfMatch("test,engine"));
        }

        @Override
        public void probe(PlatformDevice device) {
            devices.add(device.device());
        }
    }

    private static long map(Kernel kernel, Device device) {
        return kernel.call(
                "map",
                () ->
                        kernel.dma()
                                .mapSingle(
                                        device,
                                        kernel.mm().slab().kmalloc(4096, Gfp.KERNEL),
                                        4096,
                                        FROM));
    }

    private static String read(Kernel kernel, String path) {
        return kernel.files().read(path);
    }

    @Test
    void theFilesShowWhatIsTaken() {
        Kernel kernel = boot(STATIC, "swiotlb=1024,force");
        assertThat(kernel.files().list(DEBUG.substring(0, DEBUG.length() - 1)))
                .containsExactlyInAnyOrder(
                        "io_tlb_nslabs",
                        "io_tlb_used",
                        "io_tlb_used_hiwater",
                        "io_tlb_transient_nslabs",
                        "dma@2000000");
        assertThat(read(kernel, DEBUG + "io_tlb_nslabs")).isEqualTo("1024\n");
        assertThat(read(kernel, DEBUG + "io_tlb_used")).isEqualTo("0\n");

        Device plain = devices.getLast();
        long dma = map(kernel, plain);
        assertThat(read(kernel, DEBUG + "io_tlb_used")).isEqualTo("2\n");
        kernel.run("unmap", () -> kernel.dma().unmapSingle(plain, dma, 4096, FROM));
        assertThat(read(kernel, DEBUG + "io_tlb_used")).isEqualTo("0\n");
        assertThat(read(kernel, DEBUG + "io_tlb_used_hiwater")).isEqualTo("2\n");
        assertThat(read(kernel, DEBUG + "io_tlb_transient_nslabs")).isEqualTo("0\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "0\n", "00", "0x0"})
    void theHighestUseCanBeSetToZero(String zero) {
        Kernel kernel = boot(STATIC, "swiotlb=1024,force");
        map(kernel, devices.getLast());
        write(kernel, zero);
        assertThat(read(kernel, DEBUG + "io_tlb_used_hiwater")).isEqualTo("0\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "-1", "zero", "\n"})
    void theHighestUseCanBeSetToNothingElse(String other) {
        Kernel kernel = boot(STATIC, "swiotlb=1024,force");
        map(kernel, devices.getLast());
        assertThatThrownBy(() -> write(kernel, other))
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
        assertThat(read(kernel, DEBUG + "io_tlb_used_hiwater")).isEqualTo("2\n");
    }

    private static void write(Kernel kernel, String text) {
        kernel.runProcess(
                "echo",
                process ->
                        process.write(
                                process.open(DEBUG + "io_tlb_used_hiwater", OpenFlags.WRONLY),
                                text));
    }

    @Test
    void withoutAPoolThereIsNoFile() {
        Kernel kernel = boot(STATIC.replace("restricted-dma-pool", "other"), "swiotlb=noforce");
        assertThat(kernel.files().list(DEBUG.substring(0, DEBUG.length() - 1))).isEmpty();
    }

    @Test
    void aDeviceThatNamesARestrictedPoolBouncesThere() {
        Kernel kernel = boot(STATIC, "");
        Device restricted = devices.getFirst();
        long dma = map(kernel, restricted);

        assertThat(dma).isBetween(0x200_0000L, 0x20f_ffffL);
        assertThat(read(kernel, POOL + "io_tlb_nslabs")).isEqualTo("512\n");
        assertThat(read(kernel, POOL + "io_tlb_used")).isEqualTo("2\n");
        assertThat(read(kernel, DEBUG + "io_tlb_used")).isEqualTo("0\n");
        assertThat(kernel.log().buffer().texts())
                .contains("test-driver 3f000000.engine: assigned reserved memory node dma@2000000");
        assertThat(kernel.swiotlb().of(devices.getLast()).isForAlloc()).isFalse();
    }

    @Test
    void itKeepsThePoolWhenAnotherDriverTakesTheDevice() {
        Kernel kernel = boot(STATIC, "");
        kernel.run(
                "rmmod",
                () -> {
                    kernel.platform().unregister(kernel.platform().drivers().getLast());
                    kernel.platform().register(new Driver(devices));
                });
        assertThat(devices).hasSize(4);
        assertThat(map(kernel, devices.get(2))).isBetween(0x200_0000L, 0x20f_ffffL);
        assertThat(kernel.swiotlb().restricted()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, DmaAttrs.NO_KERNEL_MAPPING})
    void itsCoherentMemoryComesFromThereAndFromNowhereElse(int attrs) {
        Kernel kernel = boot(STATIC, "");
        Device restricted = devices.getFirst();
        for (Gfp gfp : List.of(Gfp.KERNEL, Gfp.ATOMIC)) {
            kernel.run(
                    "alloc",
                    () -> {
                        CoherentBuffer buffer =
                                kernel.dma().allocAttrs(restricted, 12_288, gfp, attrs);
                        assertThat(buffer.dma()).isBetween(0x200_0000L, 0x20f_ffffL);
                        assertThat(buffer.dma() & 0x3fff).isZero();
                        assertThat(kernel.machine().cpu().load8(buffer.va() + 12_287)).isZero();
                        assertThat(read(kernel, POOL + "io_tlb_used")).isEqualTo("6\n");
                        kernel.dma()
                                .freeAttrs(restricted, 12_288, buffer.va(), buffer.dma(), attrs);
                        assertThat(read(kernel, POOL + "io_tlb_used")).isEqualTo("0\n");
                    });
        }
        assertThatThrownBy(() ->
                        kernel.call(
                                "alloc",
                                () -> kernel.dma().allocCoherent(restricted, 0x50000, Gfp.KERNEL)))
                .isInstanceOfSatisfying(
                        DmaException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOMEM));
    }

    @Test
    void aRegionWhosePlaceTheKernelChoseIsFound() {
        Kernel kernel =
                boot(
                        "dma { compatible = \"restricted-dma-pool\"; size = <0x80000>; };",
                        "swiotlb=noforce");
        long dma = map(kernel, devices.getFirst());
        assertThat(kernel.swiotlb().restricted())
                .hasSize(1)
                .allSatisfy(pool -> assertThat(pool.holds(dma)).isTrue())
                .allSatisfy(pool -> assertThat(pool.slotCount()).isEqualTo(256));
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-map;", "reusable;"})
    void aRegionThatTheCpuCannotCopyToIsNone(String property) {
        Kernel kernel = boot(STATIC.replace("reg =", property + " reg ="), "");
        assertThat(kernel.swiotlb().restricted()).isEmpty();
        assertThat(kernel.log().buffer().texts())
                .anyMatch(line ->
                        line.endsWith(
                                "failed to initialise \"restricted-dma-pool\" memory" + " node"));
    }
}
