package dmakit.board.smmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.datasheet.fifo.LoopbackFifoRegister;
import dmakit.datasheet.fifo.LoopbackFifoRegister.Ctrl;
import dmakit.datasheet.smmu.GlobalRegister;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.PlatformDevice;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.Completion;
import dmakit.machine.Machine;
import dmakit.machine.bus.Target;
import dmakit.machine.cpu.AddressLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The board {@code rpi3-smmu}: its DMA controller sits behind an MMU-500. */
class SmmuBoardTest {
    private static final int FLAGS = PrepFlags.INTERRUPT | PrepFlags.ACK;
    private static final int BYTES = 4096;
    private static final String SMMU = "arm-smmu 50000000.iommu: ";

    private static final String FIFO =
            """
            /dts-v1/;
            /plugin/;
            &soc {
                fifo: fifo@7e300000 {
                    compatible = "dmakit,loopback-fifo";
                    reg = <0x7e300000 0x100>;
                    dmas = <&dma 6>, <&dma 7>;
                    dma-names = "tx", "rx";
                };
            };
            """;

    private static Simulation boot(Board board) {
        return Simulation.boot(
                board, Simulation.Options.seeded(1).withCache(new Machine.Cache.Adversary()));
    }

    private static Board board() {
        return Board.of("rpi3-smmu");
    }

    private static List<String> lines(Kernel kernel) {
        return kernel.log().buffer().records().stream().map(record -> record.text()).toList();
    }

    private static Channel memcpyChannel(Kernel kernel) {
        return kernel.dmaEngine().requestChanByMask(Capabilities.of(TransactionType.MEMCPY));
    }

    private static long page(Kernel kernel, byte value) {
        long va = kernel.mm().pages().getFreePages(Gfp.KERNEL, 0);
        kernel.machine().cpu().fill(va, BYTES, value);
        return va;
    }

    private static byte[] load(Kernel kernel, long va) {
        byte[] bytes = new byte[BYTES];
        kernel.machine().cpu().load(va, bytes, 0, BYTES);
        return bytes;
    }

    private static byte[] pageOf(int value) {
        byte[] bytes = new byte[BYTES];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    /** Copies, and waits at most so long. */
    private static boolean copy(Kernel kernel, Channel channel, long to, long from) {
        Completion done = new Completion(kernel.sched());
        channel.prepMemcpy(to, from, BYTES, FLAGS).callback(done::complete).submit();
        channel.issuePending();
        return done.waitForTimeout(Jiffies.ofMillis(20)) != 0;
    }

    @Nested
    class AtBoot {
        @Test
        void theDriverSaysWhatItFound() {
            try (Simulation simulation = boot(board())) {
                assertThat(lines(simulation.kernel()))
                        .containsSubsequence(
                                "iommu: Default domain type: Translated",
                                SMMU + "probing hardware configuration...",
                                SMMU + "SMMUv2 with:",
                                SMMU + "\tstage 1 translation",
                                SMMU + "\tstream matching with 128 register groups",
                                SMMU + "\t16 context banks (0 stage-2 only)",
                                SMMU + "\tSupported page sizes: 0x40201000",
                                SMMU + "\tStage-1: 48-bit VA -> 48-bit IPA",
                                "bcm2835-dma 3f007000.dma-controller: Adding to iommu group 0");
            }
        }

        @Test
        void aDisabledSmmuLeavesItsMastersUntranslated() {
            Board without =
                    board().withOverlay(
                                    "/dts-v1/; /plugin/; &smmu { status = \"disabled\"; };",
                                    "off.dtso");
            try (Simulation simulation = boot(without)) {
                Kernel kernel = simulation.kernel();
                kernel.run(
                        "copy",
                        () -> {
                            Channel channel = memcpyChannel(kernel);
                            Device dev = channel.device().dev();
                            long from = page(kernel, (byte) 1);
                            long to = page(kernel, (byte) 2);
                            long source =
                                    kernel.dma()
                                            .mapSingle(dev, from, BYTES, DmaDirection.TO_DEVICE);
                            long target =
                                    kernel.dma()
                                            .mapSingle(dev, to, BYTES, DmaDirection.FROM_DEVICE);
                            assertThat(source)
                                    .isEqualTo(0xc000_0000L + from - AddressLayout.LINEAR_BASE);
                            assertThat(copy(kernel, channel, target, source)).isTrue();
                            kernel.dma().unmapSingle(dev, target, BYTES, DmaDirection.FROM_DEVICE);
                            kernel.dma().unmapSingle(dev, source, BYTES, DmaDirection.TO_DEVICE);
                            assertThat(load(kernel, to)).isEqualTo(pageOf(1));
                        });
                assertThat(lines(kernel)).noneMatch(line -> line.contains("arm-smmu"));
                assertThat(lines(kernel)).noneMatch(line -> line.contains("iommu group"));
            }
        }

        @Test
        void aMaskForAllStreamsIsTheTrees() {
            Board masked =
                    board().withOverlay(
                                    "/dts-v1/; /plugin/; &smmu { stream-match-mask = <0xf>; };",
                                    "mask.dtso");
            try (Simulation simulation = boot(masked)) {
                Target smmu = simulation.machine().bus().rangeAt(0x5000_0000L).target();
                assertThat(smmu.read(GlobalRegister.SMR.offset(), 4)).isEqualTo(0x800f_0010L);
            }
        }

        @Test
        void passthroughLetsMastersUseTheBusAsItIs() {
            Simulation.Options options =
                    new Simulation.Options(1, Optional.empty(), "iommu.passthrough=1");
            try (Simulation simulation = Simulation.boot(board(), options)) {
                Kernel kernel = simulation.kernel();
                kernel.run(
                        "copy",
                        () -> {
                            Channel channel = memcpyChannel(kernel);
                            Device dev = channel.device().dev();
                            long from = page(kernel, (byte) 1);
                            long source =
                                    kernel.dma()
                                            .mapSingle(dev, from, BYTES, DmaDirection.TO_DEVICE);
                            assertThat(source)
                                    .isEqualTo(0xc000_0000L + from - AddressLayout.LINEAR_BASE);
                            assertThat(copy(kernel, channel, source, source)).isTrue();
                            kernel.dma().unmapSingle(dev, source, BYTES, DmaDirection.TO_DEVICE);
                        });
            }
        }

        @Test
        void tooFewContextInterruptsAreRefused() {
            Board board =
                    board().withOverlay(
                                    "/dts-v1/; /plugin/; &smmu { #global-interrupts = <17>; };",
                                    "few.dtso");
            assertThatThrownBy(() -> boot(board)).hasMessageContaining("17 interrupts");
        }
    }

    @Nested
    class ATransfer {
        @Test
        void goesToWhereTheTablesLead() {
            try (Simulation simulation = boot(board())) {
                Kernel kernel = simulation.kernel();
                kernel.run(
                        "copy",
                        () -> {
                            Channel channel = memcpyChannel(kernel);
                            Device dev = channel.device().dev();
                            long from = page(kernel, (byte) 1);
                            long to = page(kernel, (byte) 2);
                            long source =
                                    kernel.dma()
                                            .mapSingle(dev, from, BYTES, DmaDirection.TO_DEVICE);
                            long target =
                                    kernel.dma()
                                            .mapSingle(dev, to, BYTES, DmaDirection.FROM_DEVICE);
                            assertThat(copy(kernel, channel, target, source)).isTrue();
                            kernel.dma().unmapSingle(dev, target, BYTES, DmaDirection.FROM_DEVICE);
                            kernel.dma().unmapSingle(dev, source, BYTES, DmaDirection.TO_DEVICE);
                            assertThat(load(kernel, to)).isEqualTo(pageOf(1));
                        });
                assertThat(lines(kernel)).noneMatch(line -> line.contains("context fault"));
            }
        }

        @Test
        void toAPageThatIsUnmappedIsStoppedAndReported() {
            try (Simulation simulation = boot(board())) {
                Kernel kernel = simulation.kernel();
                kernel.run(
                        "copy",
                        () -> {
                            Channel channel = memcpyChannel(kernel);
                            Device dev = channel.device().dev();
                            long from = page(kernel, (byte) 1);
                            long to = page(kernel, (byte) 2);
                            long source =
                                    kernel.dma()
                                            .mapSingle(dev, from, BYTES, DmaDirection.TO_DEVICE);
                            long target =
                                    kernel.dma()
                                            .mapSingle(dev, to, BYTES, DmaDirection.FROM_DEVICE);
                            assertThat(copy(kernel, channel, target, source)).isTrue();
                            kernel.dma().unmapSingle(dev, target, BYTES, DmaDirection.FROM_DEVICE);
                            kernel.machine().cpu().fill(to, BYTES, (byte) 3);
                            kernel.machine().cpu().clean(to - AddressLayout.LINEAR_BASE, BYTES);
                            copy(kernel, channel, target, source);
                            assertThat(load(kernel, to)).isEqualTo(pageOf(3));
                            String line =
                                    "%sUnhandled context fault: fsr=0x%s402, iova=0x%08x,"
                                            + " fsynr=0x13, cbfrsynra=0x10, cb=0";
                            assertThat(lines(kernel))
                                    .containsAnyOf(
                                            line.formatted(SMMU, "", target),
                                            line.formatted(SMMU, "80000", target));
                            kernel.dma().unmapSingle(dev, source, BYTES, DmaDirection.TO_DEVICE);
                        });
            }
        }

        @Test
        void fromAnUnmappedPageEndsInAnError() {
            try (Simulation simulation = boot(board())) {
                Kernel kernel = simulation.kernel();
                kernel.run(
                        "copy",
                        () -> {
                            Channel channel = memcpyChannel(kernel);
                            Device dev = channel.device().dev();
                            long to = page(kernel, (byte) 2);
                            long target =
                                    kernel.dma()
                                            .mapSingle(dev, to, BYTES, DmaDirection.FROM_DEVICE);
                            copy(kernel, channel, target, 0x1234_5000L);
                            kernel.dma().unmapSingle(dev, target, BYTES, DmaDirection.FROM_DEVICE);
                            assertThat(load(kernel, to)).isEqualTo(pageOf(2));
                            assertThat(lines(kernel))
                                    .anyMatch(line -> line.contains("iova=0x12345000, fsynr=0x1,"));
                        });
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0x3f30_0000L, 0x7e30_0000L})
    void aFifoIsMappedBeforeAChannelUsesIt(long fifo) {
        try (Simulation simulation = boot(board().withOverlay(FIFO, "fifo.dtso"))) {
            Kernel kernel = simulation.kernel();
            kernel.run(
                    "loop",
                    () -> {
                        Device client =
                                kernel.platform()
                                        .device("3f300000.fifo")
                                        .map(PlatformDevice::device)
                                        .orElseThrow();
                        Channel tx = kernel.dmaEngine().requestChan(client, "tx");
                        Channel rx = kernel.dmaEngine().requestChan(client, "rx");
                        long data = fifo + LoopbackFifoRegister.DATA.offset();
                        tx.slaveConfig(SlaveConfig.toDevice(data, BusWidth.BYTES_4, 8));
                        rx.slaveConfig(SlaveConfig.fromDevice(data, BusWidth.BYTES_4, 8));
                        Device dev = tx.device().dev();
                        long out = page(kernel, (byte) 5);
                        long in = page(kernel, (byte) 6);
                        long outDma =
                                kernel.dma().mapSingle(dev, out, BYTES, DmaDirection.TO_DEVICE);
                        long inDma =
                                kernel.dma().mapSingle(dev, in, BYTES, DmaDirection.FROM_DEVICE);
                        Completion done = new Completion(kernel.sched());
                        rx.prepSlaveSingle(inDma, BYTES, TransferDirection.DEV_TO_MEM, FLAGS)
                                .callback(done::complete)
                                .submit();
                        tx.prepSlaveSingle(outDma, BYTES, TransferDirection.MEM_TO_DEV, FLAGS)
                                .submit();
                        rx.issuePending();
                        tx.issuePending();
                        store(kernel, LoopbackFifoRegister.RATE, 40_000_000);
                        store(kernel, LoopbackFifoRegister.WATERMARK, 8 << 16 | 56);
                        store(
                                kernel,
                                LoopbackFifoRegister.CTRL,
                                Ctrl.ENABLE.mask()
                                        | Ctrl.TX_REQ_EN.mask()
                                        | Ctrl.RX_REQ_EN.mask()
                                        | Ctrl.LOOP.mask());
                        assertThat(done.waitForTimeout(Jiffies.ofMillis(1000))).isNotZero();
                        kernel.dma().unmapSingle(dev, inDma, BYTES, DmaDirection.FROM_DEVICE);
                        kernel.dma().unmapSingle(dev, outDma, BYTES, DmaDirection.TO_DEVICE);
                        assertThat(load(kernel, in)).isEqualTo(pageOf(5));
                        kernel.dmaEngine().release(tx);
                        kernel.dmaEngine().release(rx);
                        // Strict mode throws when the controller's device still holds anything.
                        kernel.dma().checkGivenBack(dev);
                    });
            assertThat(lines(kernel)).noneMatch(line -> line.contains("context fault"));
        }
    }

    private static void store(Kernel kernel, LoopbackFifoRegister register, int value) {
        kernel.machine()
                .bus()
                .rangeAt(0x3f30_0000L)
                .target()
                .write(register.offset(), 4, value & 0xffff_ffffL);
    }
}
