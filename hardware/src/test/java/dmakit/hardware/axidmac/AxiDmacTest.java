package dmakit.hardware.axidmac;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.datasheet.axidmac.AxiDmacDescriptor;
import dmakit.datasheet.axidmac.AxiDmacRegister;
import dmakit.datasheet.axidmac.AxiDmacRegister.Control;
import dmakit.datasheet.axidmac.AxiDmacRegister.Flags;
import dmakit.datasheet.axidmac.AxiDmacRegister.Interfaces;
import dmakit.datasheet.axidmac.AxiDmacRegister.IrqMask;
import dmakit.datasheet.axidmac.AxiDmacRegister.IrqPending;
import dmakit.datasheet.axidmac.AxiDmacRegister.TransferDone;
import dmakit.datasheet.axidmac.InterfaceType;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class AxiDmacTest {
    private static final int FROM = 0x10_0000;
    private static final int TO = 0x20_0000;
    private static final int CHAIN = 0x30_0000;
    private static final int NOWHERE = 0x7000_0000;
    private static final int LAST = Flags.TLAST.mask();
    private static final int REPORT = Flags.PARTIAL_REPORTING_EN.mask();
    private static final int AROUND = Flags.CYCLIC.mask();
    private static final int ENDS = AxiDmacDescriptor.Flags.LAST.mask();
    private static final int TELLS = AxiDmacDescriptor.Flags.EOT_IRQ.mask();

    private AxiDmacBench bench = AxiDmacBench.copier();

    @AfterEach
    void close() {
        bench.close();
    }

    private void with(AxiDmacBench other) {
        bench.close();
        bench = other;
    }

    private byte[] sent(int bytes) {
        byte[] into = new byte[bytes];
        bench.out.take(into, 0, bytes);
        return into;
    }

    @Nested
    class Registers {
        @Test
        void tellWhatTheCoreIs() {
            int interfaces = bench.read(AxiDmacRegister.INTERFACE_DESCRIPTION_1);

            assertThat(bench.read(AxiDmacRegister.IDENTIFICATION)).isEqualTo(0x444d_4143);
            assertThat(Interfaces.DMA_TYPE_SRC.get(interfaces)).isZero();
            assertThat(Interfaces.BYTES_PER_BEAT_DEST_LOG2.get(interfaces)).isEqualTo(3);
            assertThat(Interfaces.BYTES_PER_BURST_WIDTH.get(interfaces)).isEqualTo(7);
        }

        @Test
        void haveOnlyTheBitsThatTheCoreHas() {
            for (AxiDmacRegister register : AxiDmacRegister.values()) {
                bench.write(register, -1);
            }
            bench.disable();

            assertThat(bench.read(AxiDmacRegister.SCRATCH)).isEqualTo(-1);
            assertThat(bench.read(AxiDmacRegister.DEST_ADDRESS)).isEqualTo(-8);
            assertThat(bench.read(AxiDmacRegister.DEST_ADDRESS_HIGH)).isEqualTo(-1);
            assertThat(bench.read(AxiDmacRegister.X_LENGTH)).isEqualTo(0xff_ffff);
            assertThat(bench.read(AxiDmacRegister.SRC_STRIDE)).isEqualTo(0xff_fff8);
            assertThat(bench.read(AxiDmacRegister.FRAMELOCK_CONFIG)).isZero();
        }

        @Test
        void ofWhatWasLeftOutAreZero() {
            with(
                    new AxiDmacBench(
                            new Build(
                                    InterfaceType.AXI_MM,
                                    InterfaceType.FIFO,
                                    8,
                                    4,
                                    128,
                                    16,
                                    40,
                                    false,
                                    false,
                                    false,
                                    false)));
            for (AxiDmacRegister register : AxiDmacRegister.values()) {
                bench.write(register, -1);
            }

            assertThat(bench.read(AxiDmacRegister.DEST_ADDRESS)).isZero();
            assertThat(bench.read(AxiDmacRegister.SRC_ADDRESS_HIGH)).isEqualTo(0xff);
            assertThat(bench.read(AxiDmacRegister.Y_LENGTH)).isZero();
            assertThat(bench.read(AxiDmacRegister.SG_ADDRESS)).isZero();
            assertThat(Flags.CYCLIC.isSet(bench.read(AxiDmacRegister.FLAGS))).isFalse();
            assertThat(Control.HWDESC.isSet(bench.read(AxiDmacRegister.CONTROL))).isFalse();
        }

        @Test
        void ofLengthsCannotEndInsideAWordOfAStream() {
            bench.write(AxiDmacRegister.X_LENGTH, 0);
            assertThat(bench.read(AxiDmacRegister.X_LENGTH)).isZero();

            with(AxiDmacBench.sender());
            bench.write(AxiDmacRegister.X_LENGTH, 0);
            assertThat(bench.read(AxiDmacRegister.X_LENGTH)).isEqualTo(7);
        }

        @Test
        void cannotBeThoseOfACoreThatThereIsNot() {
            assertThatThrownBy(() ->
                            new Build(
                                    InterfaceType.AXI_MM,
                                    InterfaceType.AXI_MM,
                                    8,
                                    8,
                                    2 * Build.BURST_BYTES_MAX,
                                    24,
                                    64,
                                    true,
                                    true,
                                    true,
                                    true))
                    .hasMessageContaining("bursts of 8192 bytes");
        }
    }

    @Test
    void copiesAndInterrupts() {
        byte[] content = bench.fill(FROM, 1000, 1);
        bench.enable();
        bench.submit(FROM, TO, 1000, LAST);
        assertThat(bench.read(AxiDmacRegister.TRANSFER_SUBMIT)).isEqualTo(1);
        bench.pass(Timing.ps(Timing.QUEUE_CYCLES));
        assertThat(bench.read(AxiDmacRegister.TRANSFER_SUBMIT)).isZero();
        assertThat(bench.isPending(IrqPending.TRANSFER_QUEUED)).isTrue();
        assertThat(bench.isPending(IrqPending.TRANSFER_COMPLETED)).isFalse();
        bench.settle();

        assertThat(bench.peek(TO, 1000)).isEqualTo(content);
        assertThat(bench.peek(TO + 1000, 8)).containsOnly(0);
        assertThat(bench.irq.isAsserted()).isTrue();
        bench.acknowledge();
        assertThat(bench.irq.isAsserted()).isFalse();
        assertThat(bench.read(AxiDmacRegister.TRANSFER_DONE)).isEqualTo(1);
    }

    @Test
    void whatIsMaskedIsRecordedAndComesWhenTheMaskGoes() {
        bench.write(AxiDmacRegister.IRQ_MASK, -1);
        bench.enable();
        bench.submit(FROM, TO, 8, LAST);
        bench.settle();
        assertThat(bench.read(AxiDmacRegister.IRQ_SOURCE)).isEqualTo(3);
        assertThat(bench.irq.isAsserted()).isFalse();

        bench.write(AxiDmacRegister.IRQ_MASK, IrqMask.TRANSFER_QUEUED.mask());
        assertThat(bench.irq.isAsserted()).isTrue();
        assertThat(bench.read(AxiDmacRegister.IRQ_PENDING))
                .isEqualTo(IrqPending.TRANSFER_COMPLETED.mask());
    }

    @Test
    void takesACycleAWordAndNoneBetweenTransfersThatWait() {
        bench.enable();
        bench.submit(FROM, TO, 4096, LAST);
        bench.pass(Timing.ps(Timing.QUEUE_CYCLES));
        long queued = bench.now();
        bench.pass(1);
        bench.submit(FROM, TO, 4096, LAST);
        bench.settle();

        assertThat(bench.now() - queued)
                .isEqualTo(Timing.ps(Timing.BEGIN_CYCLES) + Timing.ps(2 * 4096 / 8));
    }

    @Test
    void theNarrowerSideGivesTheSpeed() {
        with(
                new AxiDmacBench(
                        new Build(
                                InterfaceType.AXI_MM,
                                InterfaceType.AXI_MM,
                                16,
                                4,
                                128,
                                24,
                                64,
                                true,
                                true,
                                true,
                                false)));
        bench.enable();
        bench.submit(FROM, TO, 4096, LAST);
        bench.settle();

        assertThat(bench.now())
                .isEqualTo(
                        Timing.ps(Timing.QUEUE_CYCLES + Timing.BEGIN_CYCLES) + Timing.ps(4096 / 4));
    }

    @Test
    void rowsAreAStrideApart() {
        byte[] content = bench.fill(FROM, 4 * 64, 2);
        bench.enable();
        bench.submit(FROM, TO, 24, 4, 64, 32, LAST);
        bench.settle();

        for (int row = 0; row < 4; row++) {
            assertThat(bench.peek(TO + 32L * row, 24))
                    .isEqualTo(Arrays.copyOfRange(content, 64 * row, 64 * row + 24));
            assertThat(bench.peek(TO + 32L * row + 24, 8)).containsOnly(0);
        }
    }

    @Nested
    class TheQueue {
        @Test
        void holdsOneTransferBehindTheOneUnderWayAndTheRegistersOneMore() {
            bench.enable();
            for (int i = 0; i < 3; i++) {
                assertThat(bench.read(AxiDmacRegister.TRANSFER_SUBMIT)).isZero();
                assertThat(bench.read(AxiDmacRegister.TRANSFER_ID)).isEqualTo(i);
                bench.submit(FROM, TO, 65_536, LAST);
                bench.pass(Timing.ps(50));
            }
            assertThat(bench.read(AxiDmacRegister.TRANSFER_SUBMIT)).isEqualTo(1);
            bench.write(AxiDmacRegister.TRANSFER_SUBMIT, 1);
            bench.settle();

            assertThat(bench.read(AxiDmacRegister.TRANSFER_DONE)).isEqualTo(7);
            assertThat(bench.read(AxiDmacRegister.ACTIVE_TRANSFER_ID)).isEqualTo(3);
            assertThat(bench.read(AxiDmacRegister.TRANSFER_ID)).isEqualTo(3);
        }

        @Test
        void givesNumbersOfTwoBits() {
            bench.enable();
            for (int i = 0; i < 5; i++) {
                bench.submit(FROM, TO, 8, LAST);
                bench.pass(Timing.ps(Timing.QUEUE_CYCLES));
                assertThat(bench.read(AxiDmacRegister.TRANSFER_DONE) & 1 << (i & 3)).isZero();
                bench.settle();
            }
            assertThat(bench.read(AxiDmacRegister.TRANSFER_DONE)).isEqualTo(15);
            assertThat(bench.read(AxiDmacRegister.TRANSFER_ID)).isEqualTo(1);
        }

        @Test
        void takesNothingWhileTheChannelIsDisabled() {
            bench.fill(FROM, 64, 3);
            bench.submit(FROM, TO, 64, LAST);
            bench.enable();
            bench.settle();

            assertThat(bench.peek(TO, 64)).containsOnly(0);
            assertThat(bench.read(AxiDmacRegister.IRQ_SOURCE)).isZero();
        }
    }

    @Nested
    class Stopping {
        @Test
        void disablingDropsWhatHasNotMoved() {
            byte[] content = bench.fill(FROM, 8192, 4);
            bench.enable();
            bench.submit(FROM, TO, 4096, LAST);
            bench.pass(Timing.ps(Timing.QUEUE_CYCLES + Timing.BEGIN_CYCLES + 100));
            bench.submit(FROM + 4096, TO + 4096, 4096, LAST);
            bench.disable();
            bench.settle();

            assertThat(bench.peek(TO, 768)).isEqualTo(Arrays.copyOf(content, 768));
            assertThat(bench.peek(TO + 768, 8192 - 768)).containsOnly(0);
            assertThat(bench.read(AxiDmacRegister.TRANSFER_DONE)).isZero();
            assertThat(bench.read(AxiDmacRegister.TRANSFER_ID)).isZero();
            assertThat(bench.read(AxiDmacRegister.TRANSFER_SUBMIT)).isZero();
            assertThat(bench.isPending(IrqPending.TRANSFER_COMPLETED)).isFalse();
        }

        @Test
        void aPauseHoldsAfterTheBurstUntilItEnds() {
            byte[] content = bench.fill(FROM, 4096, 5);
            bench.enable();
            bench.submit(FROM, TO, 4096, LAST);
            bench.pass(Timing.ps(Timing.QUEUE_CYCLES + Timing.BEGIN_CYCLES + 100));
            bench.write(AxiDmacRegister.CONTROL, Control.ENABLE.mask() | Control.PAUSE.mask());
            bench.settle();

            assertThat(bench.read(AxiDmacRegister.TRANSFER_PROGRESS)).isEqualTo(896);
            assertThat(bench.read(AxiDmacRegister.CURRENT_DEST_ADDRESS)).isEqualTo(TO + 896);
            assertThat(bench.peek(TO + 896, 128)).containsOnly(0);
            bench.enable();
            bench.settle();
            assertThat(bench.peek(TO, 4096)).isEqualTo(content);
            assertThat(bench.read(AxiDmacRegister.TRANSFER_PROGRESS)).isZero();
        }
    }

    @Nested
    class GoingAround {
        @Test
        void tellsNobodyAndLeavesTheRegistersTaken() {
            bench.enable();
            bench.submit(FROM, TO, 256, LAST | AROUND);
            bench.pass(Timing.ps(Timing.QUEUE_CYCLES + Timing.BEGIN_CYCLES + 10 * 32 + 1));

            assertThat(bench.read(AxiDmacRegister.IRQ_SOURCE)).isZero();
            assertThat(bench.read(AxiDmacRegister.TRANSFER_SUBMIT)).isEqualTo(1);
            bench.disable();
            bench.settle();
        }

        @Test
        void beginsAnewFromTheRegisters() {
            byte[] content = bench.fill(FROM, 512, 6);
            bench.enable();
            bench.submit(FROM, TO, 256, LAST | AROUND);
            bench.pass(Timing.ps(Timing.QUEUE_CYCLES + Timing.BEGIN_CYCLES));
            bench.write(AxiDmacRegister.SRC_ADDRESS, FROM + 256);
            bench.pass(Timing.ps(2 * 32 + 1));

            assertThat(bench.peek(TO, 256)).isEqualTo(Arrays.copyOfRange(content, 256, 512));
            bench.disable();
        }

        @Test
        void endsWithTheRoundWhenTheFlagGoesAndThenOnceMore() {
            bench.enable();
            bench.submit(FROM, TO, 256, LAST | AROUND);
            bench.pass(Timing.ps(Timing.QUEUE_CYCLES + Timing.BEGIN_CYCLES + 3 * 32 + 5));
            bench.write(AxiDmacRegister.FLAGS, LAST);
            assertThat(bench.read(AxiDmacRegister.TRANSFER_SUBMIT)).isZero();
            bench.acknowledge();
            bench.pass(Timing.ps(32));
            assertThat(bench.isPending(IrqPending.TRANSFER_COMPLETED)).isTrue();
            assertThat(bench.read(AxiDmacRegister.TRANSFER_DONE)).isEqualTo(1);
            bench.acknowledge();
            bench.settle();

            assertThat(bench.isPending(IrqPending.TRANSFER_COMPLETED)).isTrue();
            assertThat(bench.read(AxiDmacRegister.TRANSFER_DONE)).isEqualTo(3);
        }
    }

    @Nested
    class Chains {
        @Test
        void gatherAndTellWhereADescriptorSaysSo() {
            byte[] content = bench.fill(FROM, 3 * 4096, 7);
            for (int i = 0; i < 3; i++) {
                bench.descriptor(
                        CHAIN + 64L * i,
                        i == 2 ? ENDS | TELLS : 0,
                        100 + i,
                        FROM + 4096L * i,
                        TO + 100 * 8L * i,
                        CHAIN + 64L * (i + 1),
                        800);
            }
            bench.submitChain(CHAIN, LAST);
            bench.pass(Timing.ps(Timing.QUEUE_CYCLES + Timing.FETCH_CYCLES + 101));
            assertThat(bench.read(AxiDmacRegister.DESCRIPTOR_ID)).isEqualTo(100);
            assertThat(bench.isPending(IrqPending.TRANSFER_COMPLETED)).isFalse();
            bench.settle();

            for (int i = 0; i < 3; i++) {
                assertThat(bench.peek(TO + 800L * i, 800))
                        .isEqualTo(Arrays.copyOfRange(content, 4096 * i, 4096 * i + 800));
            }
            assertThat(bench.read(AxiDmacRegister.DESCRIPTOR_ID)).isEqualTo(102);
            assertThat(bench.isPending(IrqPending.TRANSFER_COMPLETED)).isTrue();
            assertThat(bench.read(AxiDmacRegister.TRANSFER_DONE)).isEqualTo(1);
        }

        @Test
        void goAroundUntilADescriptorSaysLast() {
            bench.descriptor(CHAIN, TELLS, 1, FROM, TO, CHAIN, 64);
            bench.submitChain(CHAIN, LAST);
            int rounds = 0;
            for (int i = 0; i < 2000; i++) {
                bench.pass(Timing.ps(1));
                rounds += bench.isPending(IrqPending.TRANSFER_COMPLETED) ? 1 : 0;
                bench.acknowledge();
            }
            assertThat(rounds).isGreaterThan(50);
            bench.descriptor(CHAIN, ENDS, 1, FROM, TO, CHAIN, 64);
            bench.settle();
        }

        @Test
        void thatCannotBeReadEndUntilTheChannelIsDisabled() {
            bench.submitChain(NOWHERE, LAST);
            bench.settle();
            assertThat(bench.isPending(IrqPending.TRANSFER_COMPLETED)).isFalse();

            bench.disable();
            byte[] content = bench.fill(FROM, 64, 8);
            bench.enable();
            bench.submit(FROM, TO, 64, LAST);
            bench.settle();
            assertThat(bench.peek(TO, 64)).isEqualTo(content);
        }
    }

    @Nested
    class ToAStream {
        @Test
        void theLastWordEndsThePacketWhereTheFlagSaysSo() {
            with(AxiDmacBench.sender());
            byte[] content = bench.fill(FROM, 512, 9);
            bench.enable();
            bench.submit(FROM, 0, 256, 0);
            bench.settle();
            assertThat(bench.out.endsPacket()).isFalse();
            bench.submit(FROM + 256, 0, 256, LAST);
            bench.settle();

            assertThat(bench.out.endsPacket()).isTrue();
            assertThat(sent(512)).isEqualTo(content);
        }

        @Test
        void aFullStreamIsWaitedFor() {
            with(AxiDmacBench.sender());
            byte[] content = bench.fill(FROM, 2 * AxiDmacBench.FIFO_BYTES, 10);
            bench.enable();
            bench.submit(FROM, 0, 2 * AxiDmacBench.FIFO_BYTES, LAST);
            bench.settle();
            assertThat(bench.isPending(IrqPending.TRANSFER_COMPLETED)).isFalse();

            byte[] first = sent(AxiDmacBench.FIFO_BYTES);
            bench.settle();
            byte[] second = sent(AxiDmacBench.FIFO_BYTES);
            assertThat(bench.isPending(IrqPending.TRANSFER_COMPLETED)).isTrue();
            assertThat(first).isEqualTo(Arrays.copyOf(content, first.length));
            assertThat(second)
                    .isEqualTo(Arrays.copyOfRange(content, first.length, 2 * first.length));
        }
    }

    @Nested
    class FromAStream {
        @Test
        void bytesAreWaitedFor() {
            with(AxiDmacBench.receiver());
            bench.enable();
            bench.submit(0, TO, 256, LAST);
            bench.settle();
            byte[] packet = AxiDmacBench.random(256, 11);
            bench.arrive(Arrays.copyOf(packet, 100), false);
            bench.settle();
            assertThat(bench.isPending(IrqPending.TRANSFER_COMPLETED)).isFalse();
            bench.arrive(Arrays.copyOfRange(packet, 100, 256), true);
            bench.settle();

            assertThat(bench.peek(TO, 256)).isEqualTo(packet);
            assertThat(bench.read(AxiDmacRegister.TRANSFER_DONE)).isEqualTo(1);
        }

        @Test
        void aPacketThatEndsEarlyEndsTheTransferAndIsReported() {
            with(AxiDmacBench.receiver());
            byte[] packet = AxiDmacBench.random(200, 12);
            bench.arrive(packet, true);
            bench.enable();
            bench.submit(0, TO, 4096, LAST | REPORT);
            bench.settle();

            int done = bench.read(AxiDmacRegister.TRANSFER_DONE);
            assertThat(TransferDone.TRANSFER_0_DONE.isSet(done)).isTrue();
            assertThat(TransferDone.PARTIAL_TRANSFER_DONE.isSet(done)).isTrue();
            assertThat(bench.read(AxiDmacRegister.PARTIAL_TRANSFER_LENGTH)).isEqualTo(200);
            assertThat(bench.read(AxiDmacRegister.PARTIAL_TRANSFER_ID)).isZero();
            assertThat(bench.read(AxiDmacRegister.TRANSFER_DONE)).isEqualTo(1);
            assertThat(bench.peek(TO, 200)).isEqualTo(packet);
        }

        @Test
        void whatWasToHoldTheRestOfThePacketIsPassedOver() {
            with(AxiDmacBench.receiver());
            byte[] packet = AxiDmacBench.random(200, 13);
            byte[] following = AxiDmacBench.random(128, 14);
            bench.arrive(packet, true);
            bench.arrive(following, true);
            bench.enable();
            bench.submit(0, TO, 256, REPORT);
            bench.pass(Timing.ps(Timing.QUEUE_CYCLES + 1));
            bench.submit(0, TO + 0x1000, 256, LAST | REPORT);
            bench.settle();
            assertThat(bench.read(AxiDmacRegister.TRANSFER_DONE) & 3).isEqualTo(3);
            bench.submit(0, TO + 0x2000, 128, LAST | REPORT);
            bench.settle();

            assertThat(bench.peek(TO + 0x1000, 256)).containsOnly(0);
            assertThat(bench.peek(TO + 0x2000, 128)).isEqualTo(following);
        }

        @Test
        void oneReportTooManyIsWaitedFor() {
            with(AxiDmacBench.receiver());
            bench.enable();
            for (int i = 0; i < PartialReports.COUNT_MAX + 1; i++) {
                bench.arrive(AxiDmacBench.random(64 + 8 * i, i), true);
                bench.submit(0, TO, 256, LAST | REPORT);
                bench.settle();
            }
            assertThat(bench.read(AxiDmacRegister.ACTIVE_TRANSFER_ID)).isZero();
            List<Integer> lengths = new ArrayList<>();
            while (TransferDone.PARTIAL_TRANSFER_DONE.isSet(
                    bench.read(AxiDmacRegister.TRANSFER_DONE))) {
                lengths.add(bench.read(AxiDmacRegister.PARTIAL_TRANSFER_LENGTH));
                bench.read(AxiDmacRegister.PARTIAL_TRANSFER_ID);
                bench.settle();
            }
            assertThat(lengths).containsExactly(64, 72, 80, 88, 96);
            assertThat(bench.read(AxiDmacRegister.ACTIVE_TRANSFER_ID)).isEqualTo(1);
        }

        @Test
        void theFifoInterfaceKnowsNoPackets() {
            with(new AxiDmacBench(AxiDmacBench.build(InterfaceType.FIFO, InterfaceType.AXI_MM)));
            byte[] content = AxiDmacBench.random(256, 15);
            bench.arrive(Arrays.copyOf(content, 64), true);
            bench.arrive(Arrays.copyOfRange(content, 64, 256), true);
            bench.enable();
            bench.submit(0, TO, 256, LAST | REPORT);
            bench.settle();

            assertThat(bench.peek(TO, 256)).isEqualTo(content);
            assertThat(bench.read(AxiDmacRegister.TRANSFER_DONE)).isEqualTo(1);
        }
    }

    @Nested
    class RefusedAccesses {
        @Test
        void readAsZerosAndAreToldByNobody() {
            bench.fill(TO, 256, 16);
            bench.enable();
            bench.submit(NOWHERE, TO, 256, LAST);
            bench.settle();

            assertThat(bench.peek(TO, 256)).containsOnly(0);
            assertThat(bench.read(AxiDmacRegister.TRANSFER_DONE)).isEqualTo(1);
        }

        @Test
        void areLostWhenTheyWrite() {
            bench.fill(FROM, 256, 17);
            bench.enable();
            bench.submit(FROM, AxiDmacBench.RAM_SIZE - 128, 256, LAST);
            bench.settle();

            assertThat(bench.peek(AxiDmacBench.RAM_SIZE - 128, 128))
                    .isEqualTo(bench.peek(FROM, 128));
            assertThat(bench.read(AxiDmacRegister.TRANSFER_DONE)).isEqualTo(1);
        }
    }

    @Test
    void aRunMovesWhatItsBurstsWouldAndEndsWhenTheyWould() {
        Rng rng = new Rng(18);
        for (int round = 0; round < 100; round++) {
            int from = FROM + 8 * rng.nextInt(32);
            int to = rng.oneIn(2) ? TO : from + 8 * rng.nextInt(40);
            int bytes = 1 + rng.nextInt(5000);
            int rows = 1 + rng.nextInt(3);
            int stride = 8 * rng.nextInt(1000);
            long stopAt = rng.nextLong(Timing.ps(2000));
            boolean pauses = rng.oneIn(2);
            List<Object> outcomes = new ArrayList<>();
            for (boolean bursts : new boolean[] {false, true}) {
                try (AxiDmacBench other = AxiDmacBench.copier()) {
                    if (bursts) {
                        other.core.moveBurstByBurst();
                    }
                    other.fill(FROM, 32_768, round);
                    other.enable();
                    other.submit(from, to, bytes, rows, stride, stride, LAST);
                    other.pass(stopAt);
                    other.write(
                            AxiDmacRegister.CONTROL,
                            pauses ? Control.ENABLE.mask() | Control.PAUSE.mask() : 0);
                    other.settle();
                    long stopped = other.now();
                    other.enable();
                    other.settle();
                    outcomes.add(
                            List.of(
                                    stopped,
                                    other.now(),
                                    Arrays.hashCode(other.peek(FROM, 65_536)),
                                    Arrays.hashCode(other.peek(TO, 65_536))));
                }
            }
            assertThat(outcomes.get(0)).as("round %d", round).isEqualTo(outcomes.get(1));
        }
    }
}
