package dmakit.kernel.dmatest;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.TestTrees;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.OfMatch;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.device.PlatformDriver;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.module.BuiltInModule;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.memory.Ram;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class DmatestFailuresTest {
    private static final int SIZE = 256;
    private static final int LENGTH = 64;

    private final Machine machine =
            new Machine(
                    new Machine.Config(
                            List.of(new Ram.Bank(0, 64 << 20)),
                            true,
                            new Machine.Cache.None(),
                            CostTable.CORTEX_A53,
                            1));
    private final List<String> console = new ArrayList<>();
    private final Kernel kernel =
            Kernel.boot(machine, TestTrees.soc(), TestTrees.LINES, console::add, "cma=0");
    private final Driver driver = new Driver();

    @AfterEach
    void close() {
        machine.close();
    }

    private static final class Driver implements PlatformDriver {
        private final List<Device> devices = new ArrayList<>();

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

    /** Runs one test and answers what dmatest says, without time and prefix. */
    private List<String> test(Consumer<FaultyProvider> broken, String... parameters) {
        return test(TransactionType.MEMCPY, broken, parameters);
    }

    private List<String> test(
            TransactionType type, Consumer<FaultyProvider> broken, String... parameters) {
        kernel.run("insmod", () -> kernel.platform().register(driver));
        FaultyProvider provider =
                new FaultyProvider(
                        kernel.dmaEngine(), driver.devices.getFirst(), machine.cpu(), type);
        kernel.dmaEngine().register(provider.device());
        broken.accept(provider);
        BuiltInModule module = kernel.dmatest().module();
        kernel.run(
                "sh",
                () -> {
                    module.set("iterations", "1");
                    module.set("test_buf_size", Integer.toString(SIZE));
                    module.set("transfer_size", Integer.toString(LENGTH));
                    for (String parameter : parameters) {
                        String[] parts = parameter.split("=");
                        module.set(parts[0], parts[1]);
                    }
                    module.set("run", "1");
                    module.get("wait");
                    module.get("run");
                });
        return console.stream()
                .filter(line -> line.contains("] dmatest: "))
                .map(line -> line.substring(line.indexOf("dmatest: ") + "dmatest: ".length()))
                .skip(3)
                .toList();
    }

    @Test
    void aProviderWithoutFaultPasses() {
        assertThat(test(provider -> {})).singleElement().asString().contains(" 0 failures ");
    }

    @Nested
    class AByteThatIsWrong {
        @Test
        void inTheSourceIsOverwritten() {
            List<String> log =
                    test(provider -> provider.spoils(bytes -> bytes.source(3, 0)), "norandom=1");
            assertThat(log.subList(0, 2))
                    .containsExactly(
                            "dma0chan0-copy0: srcbuf[0x3] overwritten! Expected dc, got 00",
                            "dma0chan0-copy0: result #1: 'data error' with src_off=0x0"
                                    + " dst_off=0x0 len=0x40 (1)");
            assertThat(log.get(2)).contains("summary 1 tests, 1 failures").endsWith("(0)");
        }

        @Test
        void withItsOldPatternIsNotCopied() {
            List<String> log =
                    test(
                            provider -> provider.spoils(bytes -> bytes.destination(1, 0x3e)),
                            "norandom=1");
            assertThat(log)
                    .contains("dma0chan0-copy0: dstbuf[0x1] not copied! Expected de, got 3e");
        }

        @Test
        void outsideOfTheTransferIsOneOfTheSource() {
            List<String> log =
                    test(
                            provider -> provider.spoils(bytes -> bytes.destination(LENGTH, 0x9f)),
                            "norandom=1");
            assertThat(log)
                    .contains("dma0chan0-copy0: dstbuf[0x40] was copied! Expected 1f, got 9f");
        }

        @Test
        void isAMismatchOtherwise() {
            List<String> log =
                    test(
                            provider -> provider.spoils(bytes -> bytes.destination(2, 0xc0)),
                            "norandom=1");
            assertThat(log).contains("dma0chan0-copy0: dstbuf[0x2] mismatch! Expected dd, got c0");
        }

        @Test
        void isToldThirtyTwoTimesForEachZone() {
            List<String> log =
                    test(
                            provider ->
                                    provider.spoils(bytes -> {
                                        for (int i = 0; i < 40; i++) {
                                            bytes.destination(i, 0);
                                        }
                                        bytes.destination(LENGTH, 0x80);
                                    }),
                            "norandom=1");
            assertThat(log).filteredOn(line -> line.contains("not copied!")).hasSize(32);
            assertThat(log)
                    .contains("dma0chan0-copy0: 8 errors suppressed")
                    .anyMatch(line -> line.contains("dstbuf[0x40] was copied!"))
                    .anyMatch(line -> line.contains("'data error'") && line.endsWith("(41)"));
        }

        @Test
        void isNotLookedForWithNoverify() {
            List<String> log =
                    test(
                            provider -> provider.spoils(bytes -> bytes.destination(2, 0xc0)),
                            "noverify=1");
            assertThat(log).singleElement().asString().contains(" 0 failures ");
        }

        @Test
        void isFoundInTheSecondDestinationOfSyndromes() {
            List<String> log =
                    test(
                            TransactionType.PQ,
                            provider -> provider.spoils(bytes -> bytes.destination(5, 0)),
                            "norandom=1");
            assertThat(log).contains("dma0chan0-pq0: dstbuf[0x5] not copied! Expected da, got 00");
        }
    }

    @Test
    void everyOperationIsTested() {
        assertThat(test(TransactionType.XOR, provider -> {}).getFirst())
                .startsWith("dma0chan0-xor0: summary 1 tests, 0 failures");
    }

    @Test
    void syndromesAreTested() {
        assertThat(test(TransactionType.PQ, provider -> {}, "pq_sources=6").getFirst())
                .startsWith("dma0chan0-pq0: summary 1 tests, 0 failures");
    }

    @Test
    void fillsHaveOneCountEverywhere() {
        List<String> log =
                test(
                        TransactionType.MEMSET,
                        provider -> provider.spoils(bytes -> bytes.destination(LENGTH, 0xde)),
                        "dmatest=1",
                        "norandom=1");
        assertThat(log.getFirst())
                .isEqualTo("dma0chan0-set0: dstbuf[0x40] was copied! Expected 1e, got de");
    }

    @Test
    void anEvenNumberOfSourcesIsMadeOddAndNoMoreThanTheProviderTakes() {
        assertThat(test(TransactionType.XOR, provider -> {}, "xor_sources=1000").getFirst())
                .startsWith("dma0chan0-xor0: summary 1 tests, 0 failures");
    }

    @Test
    void aProviderThatDoesNotSayHowManySourcesItTakesIsNotTested() {
        List<String> log = test(TransactionType.XOR, provider -> provider.device().maxXor(0));
        assertThat(log)
                .containsExactly(
                        "too many buffers (0 of 255 supported)",
                        "dma0chan0-xor0: summary 0 tests, 0 failures 0.00 iops 0 KB/s (-12)");
    }

    @Test
    void moreBuffersThanAByteCountsAreRefused() {
        List<String> log =
                test(
                        TransactionType.XOR,
                        provider -> provider.device().maxXor(1000),
                        "xor_sources=255");
        assertThat(log.getFirst()).isEqualTo("too many buffers (256 of 255 supported)");
    }

    @Test
    void aTransferThatNeverEndsTimesOut() {
        List<String> log = test(FaultyProvider::hangs, "timeout=20", "norandom=1");
        assertThat(log.getFirst())
                .isEqualTo(
                        "dma0chan0-copy0: result #1: 'test timed out' with src_off=0x0"
                                + " dst_off=0x0 len=0x40 (0)");
        assertThat(log.get(1)).contains("summary 1 tests, 1 failures").endsWith("(0)");
    }

    @Test
    void aStatusThatIsNotCompleteIsAFailure() {
        assertThat(test(provider -> provider.says(DmaStatus.ERROR)).getFirst())
                .contains("'completion error status'")
                .endsWith("(0)");
    }

    @Test
    void aStatusInProgressIsCalledBusy() {
        assertThat(test(provider -> provider.says(DmaStatus.IN_PROGRESS)).getFirst())
                .contains("'completion busy status'");
    }

    @Test
    void whatCannotBePreparedIsAFailureAfterATenthOfASecond() {
        long before = machine.clock().now();
        List<String> log = test(FaultyProvider::refuses, "iterations=3");
        assertThat(log.subList(0, 3)).allMatch(line -> line.contains("'prep error'"));
        assertThat(log.getLast()).contains("summary 3 tests, 3 failures");
        assertThat(machine.clock().now() - before).isGreaterThan(300_000_000_000L);
    }

    @Test
    void whatCannotBeMappedIsAFailure() {
        List<String> log = test(provider -> provider.device().dev().dma().dmaMask(0xffff));
        assertThat(log.getFirst()).contains("'src mapping error'").endsWith("(-12)");
    }
}
