package dmakit.board.xilinx;

import static dmakit.board.xilinx.AxiDmaRig.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.board.Board;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.Completion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AxiDmaTest {
    private static final int FLAGS = PrepFlags.INTERRUPT | PrepFlags.ACK;
    private static final String DRIVER = "xilinx-vdma a0020000.dma: ";

    private static long jiffies() {
        return Jiffies.ofMillis(AxiDmaRig.WAIT_MS);
    }

    /** One packet round through the stream. */
    private static void loop(AxiDmaRig rig, Channel tx, Channel rx, int bytes) {
        byte[] sent = bytes(bytes, bytes);
        long from = rig.buffer(sent);
        long to = rig.buffer(bytes);
        long source = rig.map(tx, from, bytes, DmaDirection.TO_DEVICE);
        long target = rig.map(rx, to, bytes, DmaDirection.FROM_DEVICE);
        Completion received = rig.completion();
        rx.prepSlaveSingle(target, bytes, TransferDirection.DEV_TO_MEM, FLAGS)
                .callback(received::complete)
                .submit();
        rx.issuePending();
        Completion gone = rig.completion();
        tx.prepSlaveSingle(source, bytes, TransferDirection.MEM_TO_DEV, FLAGS)
                .callback(gone::complete)
                .submit();
        tx.issuePending();
        assertThat(gone.waitForTimeout(jiffies())).isNotZero();
        assertThat(received.waitForTimeout(jiffies())).isNotZero();
        rig.unmap(tx, source, bytes, DmaDirection.TO_DEVICE);
        rig.unmap(rx, target, bytes, DmaDirection.FROM_DEVICE);
        assertThat(rig.load(to, bytes)).isEqualTo(sent);
        rig.free(from);
        rig.free(to);
    }

    @Test
    void theDriverSaysWhatItFound() {
        try (AxiDmaRig rig = new AxiDmaRig("zynqmp", "")) {
            assertThat(rig.log()).contains(DRIVER + "Xilinx AXI DMA Engine Driver Probed!!");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "zynqmp, ''",
        "zynqmp, swiotlb=force",
        "zynqmp-smmu, iommu.strict=1",
        "zynqmp-smmu, iommu.strict=0",
        "zynqmp-smmu, iommu.passthrough=1"
    })
    void packetsOfAllSizesGoRound(String board, String commandLine) {
        try (AxiDmaRig rig = new AxiDmaRig(board, commandLine)) {
            rig.run(() -> {
                Channel tx = rig.tx();
                Channel rx = rig.rx();
                for (int bytes : new int[] {1, 2, 63, 64, 65, 127, 1514, 4096, 40_000}) {
                    loop(rig, tx, rx, bytes);
                }
                for (int i = 0; i < 300; i++) {
                    loop(rig, tx, rx, 64); // more often than there are hardware descriptors
                }
                rig.release(tx);
                rig.release(rx);
            });
            assertThat(rig.kernel.findings().all()).isEmpty();
        }
    }

    @Test
    void aListGoesOutAsOnePacketAndIsScatteredAgain() {
        try (AxiDmaRig rig = new AxiDmaRig("zynqmp", "")) {
            rig.run(() -> {
                Channel tx = rig.tx();
                Channel rx = rig.rx();
                int[] lengths = {54, 1000, 4096, 3};
                int total = 5153;
                byte[] sent = bytes(total, 3);
                Scatterlist list = new Scatterlist(lengths.length);
                int at = 0;
                List<Long> pieces = new ArrayList<>();
                for (int i = 0; i < lengths.length; i++) {
                    pieces.add(rig.buffer(Arrays.copyOfRange(sent, at, at + lengths[i])));
                    list.setBuffer(i, pieces.get(i), lengths[i]);
                    at += lengths[i];
                }
                list.markEnd(lengths.length - 1);
                int mapped =
                        rig.kernel
                                .dma()
                                .mapSg(
                                        tx.device().dev(),
                                        list,
                                        lengths.length,
                                        DmaDirection.TO_DEVICE);
                long to = rig.buffer(8192);
                long target = rig.map(rx, to, 8192, DmaDirection.FROM_DEVICE);
                int[] residue = {-1};
                Completion received = rig.completion();
                rx.prepSlaveSingle(target, 8192, TransferDirection.DEV_TO_MEM, FLAGS)
                        .callbackResult((result, left) -> {
                            residue[0] = left;
                            received.complete();
                        })
                        .submit();
                rx.issuePending();
                tx.prepSlaveSg(list, mapped, TransferDirection.MEM_TO_DEV, FLAGS).submit();
                tx.issuePending();
                assertThat(received.waitForTimeout(jiffies())).isNotZero();
                assertThat(residue[0]).isEqualTo(8192 - total);
                tx.terminateSync();
                rig.unmap(rx, target, 8192, DmaDirection.FROM_DEVICE);
                rig.kernel
                        .dma()
                        .unmapSg(tx.device().dev(), list, lengths.length, DmaDirection.TO_DEVICE);
                assertThat(rig.load(to, total)).isEqualTo(sent);
                rig.release(tx);
                rig.release(rx);
                pieces.forEach(rig::free);
                rig.free(to);
            });
        }
    }

    /** What is prepared and not submitted would leave a hole in the ring of Linux's driver. */
    @Test
    void descriptorsMayBeSubmittedInAnyOrder() {
        try (AxiDmaRig rig = new AxiDmaRig("zynqmp", "")) {
            rig.run(() -> {
                Channel tx = rig.tx();
                Channel rx = rig.rx();
                long to = rig.buffer(256);
                long target = rig.map(rx, to, 256, DmaDirection.FROM_DEVICE);
                long first = rig.buffer(bytes(64, 1));
                long second = rig.buffer(bytes(64, 2));
                long firstDma = rig.map(tx, first, 64, DmaDirection.TO_DEVICE);
                long secondDma = rig.map(tx, second, 64, DmaDirection.TO_DEVICE);
                for (int round = 0; round < 3; round++) {
                    Completion received = rig.completion();
                    for (int i = 0; i < 2; i++) {
                        rx.prepSlaveSingle(
                                        target + 128L * i, 128, TransferDirection.DEV_TO_MEM, FLAGS)
                                .callback(received::complete)
                                .submit();
                    }
                    rx.issuePending();
                    var early =
                            tx.prepSlaveSingle(firstDma, 64, TransferDirection.MEM_TO_DEV, FLAGS);
                    var late =
                            tx.prepSlaveSingle(secondDma, 64, TransferDirection.MEM_TO_DEV, FLAGS);
                    late.submit();
                    tx.issuePending();
                    early.submit();
                    tx.issuePending();
                    assertThat(received.waitForTimeout(jiffies())).isNotZero();
                    assertThat(received.waitForTimeout(jiffies())).isNotZero();
                }
                rig.unmap(rx, target, 256, DmaDirection.FROM_DEVICE);
                rig.unmap(tx, firstDma, 64, DmaDirection.TO_DEVICE);
                rig.unmap(tx, secondDma, 64, DmaDirection.TO_DEVICE);
                assertThat(rig.load(to, 64)).isEqualTo(bytes(64, 2));
                assertThat(rig.load(to + 128, 64)).isEqualTo(bytes(64, 1));
                tx.terminateSync();
                rx.terminateSync();
                rig.release(tx);
                rig.release(rx);
            });
            assertThat(rig.kernel.findings().all()).isEmpty();
        }
    }

    @Test
    void moreThanAChannelHasDescriptorsForIsRefused() {
        try (AxiDmaRig rig = new AxiDmaRig("zynqmp", "")) {
            rig.run(() -> {
                Channel rx = rig.rx();
                long to = rig.buffer(4096);
                long target = rig.map(rx, to, 4096, DmaDirection.FROM_DEVICE);
                for (int i = 0; i < 255; i++) {
                    rx.prepSlaveSingle(target, 16, TransferDirection.DEV_TO_MEM, FLAGS).submit();
                }
                assertThatThrownBy(() ->
                                rx.prepSlaveSingle(target, 16, TransferDirection.DEV_TO_MEM, FLAGS))
                        .isInstanceOfSatisfying(
                                DmaException.class,
                                refusal -> assertThat(refusal.errno()).isEqualTo(Errno.ENOMEM));
                rx.terminateSync();
                rx.prepSlaveSingle(target, 16, TransferDirection.DEV_TO_MEM, FLAGS).submit();
                rx.terminateSync();
                rig.unmap(rx, target, 4096, DmaDirection.FROM_DEVICE);
                rig.release(rx);
            });
        }
    }

    @Nested
    class ARing {
        /** Receives packets of a period into a ring; the periods seen, in order. */
        @Test
        void callsBackForEveryPeriodThatIsReceived() {
            try (AxiDmaRig rig = new AxiDmaRig("zynqmp", "")) {
                rig.run(() -> {
                    Channel tx = rig.tx();
                    Channel rx = rig.rx();
                    int period = 256;
                    int periods = 4;
                    long ring = rig.buffer(period * periods);
                    long target =
                            rig.map(rx, ring, (long) period * periods, DmaDirection.FROM_DEVICE);
                    int[] passed = {0};
                    Completion one = rig.completion();
                    int cookie =
                            rx.prepCyclic(
                                            target,
                                            (long) period * periods,
                                            period,
                                            TransferDirection.DEV_TO_MEM,
                                            FLAGS)
                                    .callback(() -> {
                                        passed[0]++;
                                        one.complete();
                                    })
                                    .submit();
                    rx.issuePending();
                    long from = rig.buffer(period);
                    long source = rig.map(tx, from, period, DmaDirection.TO_DEVICE);
                    for (int i = 0; i < 10; i++) {
                        tx.prepSlaveSingle(source, period, TransferDirection.MEM_TO_DEV, FLAGS)
                                .submit();
                        tx.issuePending();
                        assertThat(one.waitForTimeout(jiffies())).as("period %d", i).isNotZero();
                    }
                    assertThat(passed[0]).isEqualTo(10);
                    TxState state = new TxState();
                    assertThat(rx.txStatus(cookie, state)).isEqualTo(DmaStatus.IN_PROGRESS);
                    assertThat(state.residue()).isEqualTo(period * 2); // 10 of 4: 2 into the ring
                    assertThatThrownBy(() ->
                                    rx.prepSlaveSingle(
                                                    target, 16, TransferDirection.DEV_TO_MEM, FLAGS)
                                            .submit())
                            .isInstanceOf(DmaException.class);
                    rx.terminateSync();
                    tx.terminateSync();
                    rig.unmap(rx, target, (long) period * periods, DmaDirection.FROM_DEVICE);
                    rig.unmap(tx, source, period, DmaDirection.TO_DEVICE);
                    loop(rig, tx, rx, 1000); // the links are those of plain transfers again
                    rig.release(tx);
                    rig.release(rx);
                });
            }
        }
    }

    @Nested
    class AnError {
        @Test
        void isToldAsLinuxTellsItAndTheNextSubmissionResets() {
            try (AxiDmaRig rig = new AxiDmaRig("zynqmp", "")) {
                rig.run(() -> {
                    Channel tx = rig.tx();
                    Channel rx = rig.rx();
                    boolean[] called = {false};
                    tx.prepSlaveSingle(0xf_0000_0000L, 64, TransferDirection.MEM_TO_DEV, FLAGS)
                            .callback(() -> called[0] = true)
                            .submit();
                    tx.issuePending();
                    rig.kernel.sched().msleep(1);
                    assertThat(called[0]).isFalse();
                    assertThat(rig.log())
                            .anyMatch(line ->
                                    line.matches(
                                            DRIVER
                                                    + "Channel .* has errors 40, cdr [0-9a-f]+ tdr"
                                                    + " [0-9a-f]+"));
                    tx.terminateSync();
                    loop(rig, tx, rx, 100);
                    rig.release(tx);
                    rig.release(rx);
                });
            }
        }

        @Test
        void ofAnIommuIsASlaveError() {
            try (AxiDmaRig rig = new AxiDmaRig("zynqmp-smmu", "")) {
                rig.run(() -> {
                    Channel tx = rig.tx();
                    tx.prepSlaveSingle(0x1234_0000L, 64, TransferDirection.MEM_TO_DEV, FLAGS)
                            .submit();
                    tx.issuePending();
                    rig.kernel.sched().msleep(1);
                    assertThat(rig.log()).anyMatch(line -> line.contains("has errors 20, cdr"));
                    assertThat(rig.log())
                            .anyMatch(line -> line.contains("Unhandled context fault"));
                    tx.terminateSync();
                    rig.release(tx);
                });
            }
        }
    }

    @Nested
    class Stopping {
        @ParameterizedTest
        @CsvSource({"0", "1", "5", "20", "50", "100", "1000"})
        void atAnyMomentLeavesNothingRunning(int us) {
            try (AxiDmaRig rig = new AxiDmaRig("zynqmp", "")) {
                rig.run(() -> {
                    Channel tx = rig.tx();
                    Channel rx = rig.rx();
                    long from = rig.buffer(bytes(40_000, 1));
                    long to = rig.buffer(40_000);
                    long source = rig.map(tx, from, 40_000, DmaDirection.TO_DEVICE);
                    long target = rig.map(rx, to, 40_000, DmaDirection.FROM_DEVICE);
                    int[] calls = {0};
                    rx.prepSlaveSingle(target, 40_000, TransferDirection.DEV_TO_MEM, FLAGS)
                            .callback(() -> calls[0]++)
                            .submit();
                    tx.prepSlaveSingle(source, 40_000, TransferDirection.MEM_TO_DEV, FLAGS)
                            .callback(() -> calls[0]++)
                            .submit();
                    rx.issuePending();
                    tx.issuePending();
                    rig.kernel.machine().cpu().spend(us * 1_000_000L);
                    tx.terminateSync();
                    rx.terminateSync();
                    int before = calls[0];
                    rig.unmap(tx, source, 40_000, DmaDirection.TO_DEVICE);
                    rig.unmap(rx, target, 40_000, DmaDirection.FROM_DEVICE);
                    rig.kernel.sched().msleep(2);
                    assertThat(calls[0]).isEqualTo(before);
                    loop(rig, tx, rx, 500);
                    rig.release(tx);
                    rig.release(rx);
                });
                assertThat(rig.kernel.findings().all()).isEmpty();
            }
        }

        @Test
        void byReleaseLeavesNothingRunning() {
            try (AxiDmaRig rig = new AxiDmaRig("zynqmp", "")) {
                rig.run(() -> {
                    Channel rx = rig.rx();
                    long to = rig.buffer(4096);
                    long target = rig.map(rx, to, 4096, DmaDirection.FROM_DEVICE);
                    rx.prepSlaveSingle(target, 4096, TransferDirection.DEV_TO_MEM, FLAGS).submit();
                    rx.issuePending();
                    rig.release(rx);
                    Channel again = rig.rx();
                    rig.unmap(again, target, 4096, DmaDirection.FROM_DEVICE);
                    Channel tx = rig.tx();
                    loop(rig, tx, again, 300);
                    rig.release(tx);
                    rig.release(again);
                });
                assertThat(rig.kernel.findings().all())
                        .extracting(finding -> finding.id().name())
                        .containsExactly("TERMINATE_MISSING");
            }
        }

        @Test
        void byTheGoingOfTheDriverLeavesNothingBehind() {
            try (AxiDmaRig rig = new AxiDmaRig("zynqmp", "")) {
                rig.run(() -> {
                    Channel rx = rig.rx();
                    long to = rig.buffer(4096);
                    long target = rig.map(rx, to, 4096, DmaDirection.FROM_DEVICE);
                    rx.prepSlaveSingle(target, 4096, TransferDirection.DEV_TO_MEM, FLAGS).submit();
                    rx.issuePending();
                    rig.kernel.platform().unbind(rig.device(AxiDmaRig.CONTROLLER));
                    assertThat(rig.device(AxiDmaRig.CONTROLLER).device().devres().names())
                            .isEmpty();
                });
            }
        }
    }

    @Test
    void aConfigurationChangesNothing() {
        try (AxiDmaRig rig = new AxiDmaRig("zynqmp", "")) {
            rig.run(() -> {
                Channel tx = rig.tx();
                tx.slaveConfig(SlaveConfig.NONE);
                assertThat(tx.slaveCaps().canPause()).isFalse();
                assertThat(tx.slaveCaps().directions())
                        .containsExactly(
                                TransferDirection.MEM_TO_DEV, TransferDirection.DEV_TO_MEM);
                rig.release(tx);
            });
        }
    }

    @Test
    void aCoreWithoutScatterGatherTakesOnePieceAtATime() {
        Board simple =
                Board.of("zynqmp")
                        .withOverlay(
                                "/dts-v1/; /plugin/; &axi_dma { xlnx,include-sg = <0>; };",
                                "simple.dtso");
        try (AxiDmaRig rig = new AxiDmaRig(simple, "")) {
            rig.run(() -> {
                Channel tx = rig.tx();
                Channel rx = rig.rx();
                for (int bytes : new int[] {1, 64, 1514, 40_000}) {
                    loop(rig, tx, rx, bytes);
                }
                Scatterlist two = new Scatterlist(2);
                two.setDma(0, 0x1000, 64);
                two.setDma(1, 0x2000, 64);
                assertThatThrownBy(
                                () -> tx.prepSlaveSg(two, 2, TransferDirection.MEM_TO_DEV, FLAGS))
                        .hasMessageContaining("gathers none");
                rig.release(tx);
                rig.release(rx);
            });
            assertThat(rig.kernel.findings().all()).isEmpty();
        }
    }

    @Test
    void withoutItsClockTheDriverDoesNotProbe() {
        Board clockless =
                Board.of("zynqmp")
                        .withOverlay(
                                "/dts-v1/; /plugin/; &axi_dma { clock-names = \"clk\"; };",
                                "clockless.dtso");
        try (AxiDmaRig rig = new AxiDmaRig(clockless, "")) {
            assertThat(rig.log()).contains(DRIVER + "error -ENOENT: failed to get axi_aclk");
        }
    }
}
