package dmakit.board.dmatest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.module.BuiltInModule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DmatestTest {
    private static final String BOARD = "rpi3";
    private static final String FIRST = "dma0chan0";
    private static final String IN_USE = "/sys/class/dma/" + FIRST + "/in_use";

    /** Runs something in a task of a kernel that was booted with a command line. */
    private static List<String> on(String commandLine, Body body) {
        List<String> lines = new ArrayList<>();
        var options = new Simulation.Options(1, Optional.empty(), commandLine);
        try (Simulation simulation =
                Simulation.boot(Board.of(BOARD), options, List.of(), lines::add)) {
            Kernel kernel = simulation.kernel();
            kernel.run("sh", () -> body.run(kernel, kernel.dmatest().module()));
        }
        return dmatestOf(lines);
    }

    private static List<String> on(Body body) {
        return on("", body);
    }

    @FunctionalInterface
    private interface Body {
        void run(Kernel kernel, BuiltInModule module);
    }

    private static List<String> dmatestOf(List<String> lines) {
        return lines.stream()
                .filter(line -> line.contains("dmatest"))
                .map(line -> line.substring(line.indexOf("] ") + 2))
                .toList();
    }

    private static void refused(Errno errno, Runnable body) {
        assertThatThrownBy(body::run)
                .isInstanceOfSatisfying(
                        KernelException.class, e -> assertThat(e.errno()).isEqualTo(errno));
    }

    @Test
    void aChannelIsTakenTriedOutAndGivenBack() {
        List<String> log =
                on((kernel, module) -> {
                    module.set("iterations", "5\n");
                    module.set("channel", FIRST + "\n");
                    assertThat(kernel.files().read(IN_USE)).isEqualTo("1\n");
                    assertThat(module.get("run")).isEqualTo("N");
                    assertThat(module.get("channel")).isEqualTo(FIRST);
                    module.set("run", "1");
                    assertThat(module.get("run")).isEqualTo("Y");
                    assertThat(module.get("wait")).isEqualTo("Y");
                    assertThat(kernel.files().read(IN_USE)).isEqualTo("1\n");
                    assertThat(module.get("run")).isEqualTo("N");
                    assertThat(kernel.files().read(IN_USE)).isEqualTo("0\n");
                    assertThat(module.get("channel")).isEmpty();
                });
        assertThat(log.subList(0, 2))
                .containsExactly(
                        "dmatest: Added 1 threads using dma0chan0",
                        "dmatest: Started 1 threads using dma0chan0");
        assertThat(log.get(2))
                .matches(
                        "dmatest: dma0chan0-copy0: summary 5 tests, 0 failures"
                                + " \\d+\\.\\d\\d iops \\d+ KB/s \\(0\\)");
        assertThat(log).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rpi3", "rpi3-smmu", "stratix10", "pc", "lan9691", "zynqmp"})
    void whatRunsFromBootOnAndGoesOnBehindItIsKnownFromItsFirstMapping(String board) {
        String commandLine = "dmatest.run=1 dmatest.iterations=4 swiotlb=force";
        Simulation.Options options =
                new Simulation.Options(1, Optional.empty(), commandLine).withFindings();
        try (Simulation simulation = Simulation.boot(Board.of(board), options)) {
            Kernel kernel = simulation.kernel();
            BuiltInModule module = kernel.dmatest().module();
            assertThat(module.get("run")).isEqualTo("Y");
            kernel.run("sh", () -> module.get("wait"));
            assertThat(kernel.findings().all()).isEmpty();
            assertThat(kernel.shutdown()).isEmpty();
            assertThat(kernel.findings().all()).isEmpty();
        }
    }

    @Test
    void theParametersHaveTheKernelsModesAndDefaults() {
        on((kernel, module) -> {
            String parameters = "/sys/module/dmatest/parameters";
            assertThat(kernel.files().list(parameters)).hasSize(20);
            assertThat(module.parameters())
                    .filteredOn(parameter -> parameter.mode() != 0644)
                    .extracting(parameter -> parameter.name() + " %o".formatted(parameter.mode()))
                    .containsExactly("test_list 444", "wait 444");
            assertThat(kernel.files().read(parameters + "/test_buf_size")).isEqualTo("16384\n");
            assertThat(kernel.files().read(parameters + "/timeout")).isEqualTo("3000\n");
            assertThat(kernel.files().read(parameters + "/alignment")).isEqualTo("-1\n");
            assertThat(kernel.files().read(parameters + "/xor_sources")).isEqualTo("3\n");
            assertThat(kernel.files().read(parameters + "/noverify")).isEqualTo("N\n");
            assertThat(kernel.files().read(parameters + "/test_list")).isEmpty();
        });
    }

    @Nested
    class AChannelThatIsWritten {
        @Test
        void isBusyWhileItWaitsForItsStart() {
            on((kernel, module) -> {
                module.set("channel", FIRST);
                refused(Errno.EBUSY, () -> module.set("channel", FIRST));
                assertThat(module.get("channel")).isEqualTo(FIRST);
            });
        }

        @Test
        void isRefusedWhereThereIsNone() {
            List<String> log =
                    on((kernel, module) -> {
                        refused(Errno.EBUSY, () -> module.set("channel", "dma9chan9"));
                        assertThat(module.get("channel")).isEmpty();
                        refused(Errno.EBUSY, () -> module.set("run", "1"));
                    });
            assertThat(log).containsExactly("dmatest: Channel misconfigured, can't continue");
        }

        @Test
        void leavesTheNameOfTheLastOneThatWasHadWhenItIsRefused() {
            on((kernel, module) -> {
                module.set("channel", FIRST);
                refused(Errno.EINVAL, () -> module.set("channel", "dma9chan9"));
                assertThat(module.get("channel")).isEqualTo(FIRST);
            });
        }

        @Test
        void isTooLongWith20Characters() {
            List<String> log =
                    on((kernel, module) -> {
                        module.set("device", "d".repeat(31));
                        refused(Errno.ENOSPC, () -> module.set("device", "d".repeat(32)));
                        refused(Errno.ENOSPC, () -> module.set("channel", "c".repeat(20)));
                    });
            assertThat(log).isEmpty();
        }

        @Test
        void isAnyWhenItIsEmpty() {
            List<String> log =
                    on((kernel, module) -> {
                        module.set("max_channels", "3");
                        module.set("channel", "\n");
                        module.get("test_list");
                        module.set("run", "0");
                    });
            assertThat(log)
                    .containsExactly(
                            "dmatest: Added 1 threads using dma0chan0",
                            "dmatest: Added 1 threads using dma0chan1",
                            "dmatest: Added 1 threads using dma0chan2",
                            "dmatest: 1 threads using dma0chan0",
                            "dmatest: 1 threads using dma0chan1",
                            "dmatest: 1 threads using dma0chan2");
        }

        @Test
        void hasNoThreadsForWhatItsProviderCannotDo() {
            List<String> log =
                    on((kernel, module) -> {
                        module.set("dmatest", "1");
                        module.set("channel", FIRST);
                    });
            assertThat(log).containsExactly("dmatest: Added 0 threads using dma0chan0");
        }
    }

    @Test
    void withoutAChannelAllAreTried() {
        List<String> log =
                on((kernel, module) -> {
                    module.set("iterations", "1");
                    module.set("max_channels", "2");
                    module.set("threads_per_chan", "2");
                    module.set("run", "y");
                    module.get("wait");
                });
        assertThat(log.subList(0, 5))
                .containsExactly(
                        "dmatest: No channels configured, continue with any",
                        "dmatest: Added 2 threads using dma0chan0",
                        "dmatest: Added 2 threads using dma0chan1",
                        "dmatest: Started 2 threads using dma0chan0",
                        "dmatest: Started 2 threads using dma0chan1");
        assertThat(log.subList(5, 9)).allMatch(line -> line.contains("summary 1 tests, 0 fail"));
    }

    @Test
    void endlessTestsEndWhenTheyAreTold() {
        List<String> log =
                on((kernel, module) -> {
                    module.set("channel", FIRST);
                    module.set("run", "1");
                    kernel.sched().msleep(50);
                    module.set("run", "0");
                    assertThat(kernel.files().read(IN_USE)).isEqualTo("0\n");
                });
        assertThat(log.getLast()).matches(".*summary [1-9]\\d+ tests, 0 failures.*\\(0\\)");
    }

    @Test
    void threadsBeyondTheMostThereMayBeAreNotMade() {
        List<String> log =
                on((kernel, module) -> {
                    module.set("threads_per_chan", "4097");
                    module.set("channel", FIRST);
                });
        assertThat(log)
                .containsExactly(
                        "dmatest: No memory for dma0chan0-copy4096",
                        "dmatest: Added 4096 threads using dma0chan0");
    }

    @Test
    void verboseTestsTellOfEachThatPasses() {
        List<String> log =
                on((kernel, module) -> {
                    module.set("verbose", "1");
                    module.set("iterations", "2");
                    module.set("norandom", "1");
                    module.set("channel", FIRST);
                    module.set("run", "1");
                    module.get("wait");
                });
        assertThat(log)
                .contains(
                        "dmatest: dma0chan0-copy0: result #1: 'test passed' with src_off=0x0"
                                + " dst_off=0x0 len=0x4000 (0)",
                        "dmatest: dma0chan0-copy0: result #2: 'test passed' with src_off=0x0"
                                + " dst_off=0x0 len=0x4000 (0)");
    }

    @Test
    void aTransferMustBeSmallerThanItsBuffer() {
        List<String> log =
                on((kernel, module) -> {
                    module.set("iterations", "3");
                    module.set("transfer_size", "16384");
                    module.set("channel", FIRST);
                    module.set("run", "1");
                    module.get("wait");
                });
        assertThat(log)
                .contains("dmatest: 16384-byte transfer size must be lower than 16384-buffer size");
        assertThat(log.getLast()).contains("summary 1 tests, 0 failures").endsWith("(0)");
    }

    @Test
    void aBufferMustBeAsLargeAsItsAlignment() {
        List<String> log =
                on((kernel, module) -> {
                    module.set("alignment", "15");
                    module.set("channel", FIRST);
                    module.set("run", "1");
                    kernel.sched().msleep(1);
                });
        assertThat(log)
                .contains("dmatest: 16384-byte buffer too small for 32768-byte alignment")
                .contains(
                        "dmatest: dma0chan0-copy0: summary 0 tests, 0 failures 0.00 iops"
                                + " 0 KB/s (-12)");
    }

    @Test
    void aBufferThatCannotBeHadEndsTheThread() {
        List<String> log =
                on((kernel, module) -> {
                    module.set("test_buf_size", "0x10000000");
                    module.set("channel", FIRST);
                    module.set("run", "1");
                    kernel.sched().msleep(1);
                });
        assertThat(log.getLast()).endsWith("summary 0 tests, 0 failures 0.00 iops 0 KB/s (-12)");
    }

    @Test
    void polledTestsWaitWithoutInterrupts() {
        List<String> log =
                on((kernel, module) -> {
                    module.set("polled", "1");
                    module.set("iterations", "20");
                    module.set("channel", FIRST);
                    module.set("run", "1");
                    module.get("wait");
                });
        assertThat(log.getLast()).contains("summary 20 tests, 0 failures");
    }

    @Nested
    class OnTheCommandLine {
        @Test
        void runStartsTestsOnceDriversHaveProbed() {
            List<String> log =
                    on(
                            "dmatest.iterations=4 dmatest.max_channels=1 dmatest.wait=1"
                                    + " dmatest.run=1",
                            (kernel, module) -> {});
            assertThat(log.subList(1, 4))
                    .containsExactly(
                            "dmatest: No channels configured, continue with any",
                            "dmatest: Added 1 threads using dma0chan0",
                            "dmatest: Started 1 threads using dma0chan0");
            assertThat(log.get(4)).contains("summary 4 tests, 0 failures");
        }

        @Test
        void whatIsNoValueIsSaid() {
            List<String> log =
                    on(
                            "dmatest.iterations=many dmatest.run dmatest.channel=dma0chan0",
                            (kernel, module) ->
                                    assertThat(module.get("iterations")).isEqualTo("0"));
            assertThat(log)
                    .contains(
                            "Booting kernel: `many' invalid for parameter `dmatest.iterations'",
                            "Booting kernel: `' invalid for parameter `dmatest.run'",
                            "Booting kernel: `dma0chan0' invalid for parameter `dmatest.channel'");
        }

        @Test
        void theModuleCanBeLeftOut() {
            on(
                    "initcall_blacklist=dmatest_init",
                    (kernel, module) ->
                            assertThat(kernel.files().exists("/sys/module/dmatest")).isFalse());
        }
    }
}
