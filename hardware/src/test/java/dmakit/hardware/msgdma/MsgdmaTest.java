package dmakit.hardware.msgdma;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.datasheet.msgdma.MsgdmaCsr;
import dmakit.datasheet.msgdma.MsgdmaCsr.Control;
import dmakit.datasheet.msgdma.MsgdmaCsr.FillLevel;
import dmakit.datasheet.msgdma.MsgdmaCsr.SequenceNumber;
import dmakit.datasheet.msgdma.MsgdmaCsr.Status;
import dmakit.datasheet.msgdma.MsgdmaDescriptor;
import dmakit.machine.bus.Target;
import dmakit.machine.random.Rng;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class MsgdmaTest {
    private static final int FROM = 0x10_0000;
    private static final int TO = 0x20_0000;
    private static final int NOWHERE = 0x7000_0000;
    private static final int ANY_ERROR = MsgdmaDescriptor.Control.ERROR_IRQ_ENABLE.mask();

    private final MsgdmaBench bench = new MsgdmaBench();

    @AfterEach
    void close() {
        bench.close();
    }

    /** A device that remembers what is stored, and answers loads with 1, 2, 3 and so on. */
    private static final class Recorder implements Target {
        final List<String> accesses = new ArrayList<>();
        private int next = 1;

        @Override
        public long read(long offset, int bytes) {
            accesses.add("r" + bytes + "@" + offset);
            return next++;
        }

        @Override
        public void write(long offset, int bytes, long value) {
            accesses.add("w" + bytes + "@" + offset + "=" + Long.toHexString(value));
        }
    }

    private Recorder device() {
        Recorder device = new Recorder();
        bench.machine.bus().attach("device", MsgdmaBench.DEVICE, 0x1000, device);
        return device;
    }

    @Test
    void isIdleAfterReset() {
        assertThat(bench.read(MsgdmaCsr.STATUS)).isEqualTo(MsgdmaCsr.STATUS.reset());
        assertThat(bench.read(MsgdmaCsr.CONTROL)).isZero();
    }

    @Test
    void copiesAndInterruptsWhereThatIsEnabled() {
        byte[] content = bench.fill(FROM, 1000, 1);
        bench.copy(FROM, TO, 1000);
        assertThat(bench.is(Status.BUSY)).isTrue();
        bench.settle();

        assertThat(bench.peek(TO, 1000)).isEqualTo(content);
        assertThat(bench.peek(TO + 1000, 8)).containsOnly(0);
        assertThat(bench.is(Status.BUSY)).isFalse();
        assertThat(bench.is(Status.IRQ)).isTrue();
        assertThat(bench.irq.isAsserted()).isFalse();
        bench.write(MsgdmaCsr.CONTROL, Control.GLOBAL_INTERRUPT_ENABLE.mask());
        assertThat(bench.irq.isAsserted()).isTrue();
        bench.write(MsgdmaCsr.STATUS, Status.IRQ.mask());
        assertThat(bench.irq.isAsserted()).isFalse();
    }

    @Test
    void takesACycleAWord() {
        bench.copy(FROM, TO, 4096);
        long before = bench.now();
        bench.settle();

        assertThat(bench.now() - before).isEqualTo(Timing.BEGIN_PS + 1024 * Timing.CYCLE_PS);
    }

    @Test
    void aDescriptorOfNothingEnds() {
        bench.copy(FROM, TO, 0);
        bench.settle();

        assertThat(bench.responseCount()).isEqualTo(1);
        assertThat(bench.takeBytes()).isZero();
    }

    @Test
    void aDescriptorThatIsNotLetGoDoesNothing() {
        bench.write(MsgdmaDescriptor.LENGTH, 64);
        bench.write(MsgdmaDescriptor.CONTROL, 0);
        bench.settle();

        assertThat(bench.responseCount()).isZero();
    }

    @Nested
    class Strides {
        @Test
        void ofZeroStayAtARegister() {
            Recorder device = device();
            bench.poke(FROM, new byte[] {1, 0, 0, 0, 2, 0, 0, 0});
            bench.start(FROM, MsgdmaBench.DEVICE + 8, 8, 1, 0);
            bench.settle();
            assertThat(device.accesses).containsExactly("w4@8=1", "w4@8=2");

            bench.start(MsgdmaBench.DEVICE + 4, TO, 8, 1 << 16, 0);
            bench.settle();
            assertThat(bench.peek(TO, 8)).containsExactly(1, 0, 0, 0, 2, 0, 0, 0);
        }

        @Test
        void ofMoreThanOneSkip() {
            byte[] content = bench.fill(FROM, 32, 2);
            bench.start(FROM, TO, 16, 1 << 16 | 2, 0);
            bench.settle();

            for (int i = 0; i < 4; i++) {
                assertThat(bench.peek(TO + 4L * i, 4))
                        .isEqualTo(Arrays.copyOfRange(content, 8 * i, 8 * i + 4));
            }
        }
    }

    @Nested
    class Fifos {
        @Test
        void descriptorsEndInOrder() {
            byte[] content = bench.fill(FROM, 300, 3);
            for (int i = 0; i < 3; i++) {
                bench.copy(FROM + 100L * i, TO + 100L * i, 100);
            }
            assertThat(FillLevel.READ_FILL_LEVEL.get(bench.read(MsgdmaCsr.DESCRIPTOR_FILL_LEVEL)))
                    .isEqualTo(3);
            bench.settle();

            assertThat(bench.peek(TO, 300)).isEqualTo(content);
            assertThat(bench.responseCount()).isEqualTo(3);
            assertThat(bench.takeBytes()).isEqualTo(100);
            assertThat(bench.responseCount()).isEqualTo(2);
        }

        @Test
        void theSequenceNumberIsThatOfTheDescriptorUnderWay() {
            bench.write(MsgdmaDescriptor.LENGTH, 4096);
            bench.write(MsgdmaDescriptor.BURST_AND_SEQUENCE, 0x1234);
            bench.write(MsgdmaDescriptor.CONTROL, MsgdmaDescriptor.Control.GO.mask());
            bench.pass(Timing.CYCLE_PS);

            assertThat(
                            SequenceNumber.READ_SEQUENCE_NUMBER.get(
                                    bench.read(MsgdmaCsr.SEQUENCE_NUMBER)))
                    .isEqualTo(0x1234);
        }

        @Test
        void oneDescriptorTooManyIsLost() {
            bench.write(MsgdmaCsr.CONTROL, Control.STOP_DESCRIPTORS.mask());
            for (int i = 0; i < Msgdma.DESCRIPTORS_MAX + 1; i++) {
                bench.copy(FROM, TO, 4);
            }
            assertThat(bench.is(Status.DESCRIPTOR_BUFFER_FULL)).isTrue();
            bench.write(MsgdmaCsr.CONTROL, 0);
            bench.settle();

            assertThat(bench.responseCount()).isEqualTo(Msgdma.DESCRIPTORS_MAX);
        }

        @Test
        void responsesThatNobodyReadsStopTheDispatcher() {
            for (int i = 0; i < Msgdma.RESPONSES_MAX + 1; i++) {
                bench.copy(FROM, TO, 4);
                bench.settle();
            }
            assertThat(bench.is(Status.RESPONSE_BUFFER_FULL)).isTrue();
            assertThat(bench.is(Status.BUSY)).isTrue();

            bench.takeStatus();
            bench.settle();
            assertThat(bench.is(Status.BUSY)).isFalse();
        }
    }

    @Nested
    class Stopping {
        @Test
        void theDispatcherRestsAfterTheBurstAndGoesOn() {
            byte[] content = bench.fill(FROM, 4096, 4);
            bench.copy(FROM, TO, 4096);
            bench.pass(Timing.BEGIN_PS + 100 * Timing.CYCLE_PS);
            bench.write(MsgdmaCsr.CONTROL, Control.STOP_DISPATCHER.mask());
            assertThat(bench.is(Status.STOPPED)).isFalse();
            bench.settle();

            assertThat(bench.is(Status.STOPPED)).isTrue();
            assertThat(bench.is(Status.BUSY)).isTrue();
            assertThat(bench.peek(TO, 448)).isEqualTo(Arrays.copyOf(content, 448));
            assertThat(bench.peek(TO + 448, 64)).containsOnly(0);
            bench.write(MsgdmaCsr.CONTROL, 0);
            bench.settle();
            assertThat(bench.peek(TO, 4096)).isEqualTo(content);
        }

        @Test
        void descriptorsMayBeHeldBack() {
            bench.copy(FROM, TO, 64);
            bench.pass(Timing.CYCLE_PS);
            bench.write(MsgdmaCsr.CONTROL, Control.STOP_DESCRIPTORS.mask());
            bench.copy(FROM, TO, 64);
            bench.settle();
            assertThat(bench.responseCount()).isEqualTo(1);
            assertThat(bench.is(Status.STOPPED)).isTrue();

            bench.write(MsgdmaCsr.CONTROL, 0);
            bench.settle();
            assertThat(bench.responseCount()).isEqualTo(2);
        }

        @Test
        void aResetDropsEverything() {
            bench.fill(FROM, 4096, 5);
            bench.copy(FROM, TO, 4096);
            bench.copy(FROM, TO, 4096);
            bench.pass(Timing.BEGIN_PS + Timing.CYCLE_PS);
            bench.write(MsgdmaCsr.CONTROL, Control.RESET_DISPATCHER.mask());
            assertThat(bench.is(Status.RESETTING)).isTrue();
            bench.settle();

            assertThat(bench.read(MsgdmaCsr.STATUS)).isEqualTo(MsgdmaCsr.STATUS.reset());
            assertThat(bench.peek(TO + 64, 64)).containsOnly(0);
        }

        @Test
        void parkedDescriptorsBeginAgainUntilAnotherComes() {
            bench.fill(FROM, 64, 6);
            bench.start(
                    FROM,
                    TO,
                    64,
                    MsgdmaBench.COPY,
                    MsgdmaDescriptor.Control.PARK_READS.mask()
                            | MsgdmaDescriptor.Control.PARK_WRITES.mask());
            bench.pass(10 * (Timing.BEGIN_PS + 16 * Timing.CYCLE_PS));
            assertThat(bench.responseCount()).isEqualTo(10);

            bench.copy(FROM, TO, 4);
            bench.settle();
            assertThat(bench.responseCount()).isEqualTo(12);
            assertThat(bench.is(Status.BUSY)).isFalse();
        }
    }

    @Nested
    class Errors {
        @Test
        void areInTheResponseWithWhatHasMoved() {
            bench.start(MsgdmaBench.RAM_SIZE - 128, TO, 256, MsgdmaBench.COPY, 0);
            bench.settle();
            assertThat(bench.takeBytes()).isEqualTo(128);

            bench.start(FROM, NOWHERE, 64, MsgdmaBench.COPY, 0);
            bench.settle();
            assertThat(bench.takeStatus()).isEqualTo(1);
            assertThat(bench.is(Status.IRQ)).isFalse();
        }

        @Test
        void interruptWhereThatIsEnabled() {
            bench.start(FROM, NOWHERE, 64, MsgdmaBench.COPY, ANY_ERROR);
            bench.settle();

            assertThat(bench.is(Status.IRQ)).isTrue();
        }

        @Test
        void stopTheDispatcherIfTold() {
            bench.write(MsgdmaCsr.CONTROL, Control.STOP_ON_ERROR.mask());
            bench.start(FROM, NOWHERE, 64, MsgdmaBench.COPY, 0);
            bench.copy(FROM, TO, 64);
            bench.settle();
            assertThat(bench.is(Status.STOPPED_ON_ERROR)).isTrue();
            assertThat(bench.is(Status.STOPPED)).isTrue();
            assertThat(bench.responseCount()).isEqualTo(1);

            bench.write(MsgdmaCsr.STATUS, Status.STOPPED_ON_ERROR.mask());
            bench.settle();
            assertThat(bench.responseCount()).isEqualTo(2);
        }
    }

    @Test
    void aRunMovesWhatItsBurstsWouldAndEndsWhenTheyWould() {
        Rng rng = new Rng(9);
        for (int round = 0; round < 100; round++) {
            int from = FROM + 4 * rng.nextInt(64);
            int to = rng.oneIn(2) ? TO : from + 4 * rng.nextInt(40);
            int length = 1 + rng.nextInt(5000);
            long stopAt = rng.nextLong(2000 * Timing.CYCLE_PS);
            List<Object> outcomes = new ArrayList<>();
            for (boolean bursts : new boolean[] {false, true}) {
                try (MsgdmaBench other = new MsgdmaBench()) {
                    if (bursts) {
                        other.core.moveBurstByBurst();
                    }
                    other.fill(FROM, 8192, round);
                    other.copy(from, to, length);
                    other.pass(stopAt);
                    other.write(MsgdmaCsr.CONTROL, Control.STOP_DISPATCHER.mask());
                    other.settle();
                    long stopped = other.now();
                    other.write(MsgdmaCsr.CONTROL, 0);
                    other.settle();
                    outcomes.add(
                            List.of(
                                    stopped,
                                    other.now(),
                                    Arrays.hashCode(other.peek(FROM, 16_384)),
                                    Arrays.hashCode(other.peek(TO, 8192))));
                }
            }
            assertThat(outcomes.get(0)).as("round %d", round).isEqualTo(outcomes.get(1));
        }
    }
}
