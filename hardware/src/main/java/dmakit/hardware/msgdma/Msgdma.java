package dmakit.hardware.msgdma;

import dmakit.datasheet.Register;
import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.msgdma.MsgdmaCsr;
import dmakit.datasheet.msgdma.MsgdmaCsr.Control;
import dmakit.datasheet.msgdma.MsgdmaCsr.FillLevel;
import dmakit.datasheet.msgdma.MsgdmaCsr.SequenceNumber;
import dmakit.datasheet.msgdma.MsgdmaCsr.Status;
import dmakit.datasheet.msgdma.MsgdmaDescriptor;
import dmakit.datasheet.msgdma.MsgdmaResponse;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.WordRegisters;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Target;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;

/**
 * The Modular Scatter-Gather DMA core with a read and a write master of 32 bits, extended
 * descriptors and a response port. Embedded Peripherals IP User Guide, "Modular Scatter-Gather DMA
 * Core".
 *
 * <pre>{@code
 *      GO                begin                      all moved
 * --------> descriptors ------> Beginning --> Moving --------> responses
 *                                  ^             | parked
 *                                  +-------------+
 * }</pre>
 *
 * <p>STOP_DISPATCHER lets it rest wherever it is, after the burst on the bus; STOP_DESCRIPTORS
 * before the next descriptor; a full response FIFO likewise. RESET_DISPATCHER drops everything.
 *
 * <p><b>Time.</b> A word a cycle. Where both sides are RAM and ascend, one event moves a run of
 * bursts; the run ends when its bursts one after the other would.
 *
 * <p><b>Where the user guide is silent:</b>
 *
 * <ul>
 *   <li>A refused access ends the descriptor with error bit 0, which of memory has no meaning
 *       there; its bytes up to the burst have moved.
 *   <li>After STOPPED_ON_ERROR the dispatcher goes on when software clears the bit.
 *   <li>A descriptor that finds the FIFO full is lost; the bus of the guide would wait.
 *   <li>Low bits of addresses do not count; a last word that is not whole is written in part.
 * </ul>
 */
public final class Msgdma {
    /** Descriptors that may wait. */
    public static final int DESCRIPTORS_MAX = 128;

    /** Responses that may wait. */
    public static final int RESPONSES_MAX = 2 * DESCRIPTORS_MAX;

    private static final int WORDS = MsgdmaDescriptor.values().length;
    private static final int REFUSED = 1;

    private enum State {
        IDLE("Idle"),
        BEGINNING("Beginning"),
        MOVING("Moving"),
        RESETTING("Resetting");

        private final String label;

        State(String label) {
            this.label = label;
        }

        @Override
        public String toString() {
            return label;
        }
    }

    private final Clock clock;
    private final ChipTrace trace;
    private final IrqLine irq;
    private final Alarm alarm;
    private final Transfer transfer;
    private final int[] written = new int[WORDS];
    private final int[][] descriptors = new int[DESCRIPTORS_MAX][WORDS];
    private final long[] responses = new long[RESPONSES_MAX];
    private int firstDescriptor;
    private int descriptorCount;
    private int firstResponse;
    private int responseCount;

    private State state = State.IDLE;
    private int control;
    private boolean interrupting;
    private boolean stoppedOnError;
    private boolean burstByBurst;

    /** Bytes on the bus, since when, and whether the dispatcher rests between two bursts. */
    private int runBytes;

    private long runStartPs;
    private boolean resting;

    /** How much of the beginning was left when the dispatcher stopped. */
    private long beginLeftPs;

    private long begunPs;

    /**
     * Creates a core after reset.
     *
     * @param port its way to memory and peripherals; its name is the core's in traces
     */
    public Msgdma(Clock clock, Trace trace, MasterPort port, IrqLine irq) {
        this.clock = clock;
        this.irq = irq;
        String name = port.name();
        this.trace = new ChipTrace(clock, trace, name);
        transfer = new Transfer(port);
        alarm = new Alarm(name, this::step);
    }

    /** Moves every burst in an event of its own, for the proof that runs change nothing. */
    void moveBurstByBurst() {
        burstByBurst = true;
    }

    // What the bus sees.

    /** Control and status. */
    public Target csr() {
        return new Slave<>(MsgdmaCsr.MAP) {
            @Override
            int load(MsgdmaCsr register) {
                return switch (register) {
                    case STATUS -> status();
                    case CONTROL -> control;
                    case DESCRIPTOR_FILL_LEVEL ->
                            FillLevel.READ_FILL_LEVEL.of(descriptorCount)
                                    | FillLevel.WRITE_FILL_LEVEL.of(descriptorCount);
                    case RESPONSE_FILL_LEVEL -> responseCount;
                    case SEQUENCE_NUMBER ->
                            SequenceNumber.READ_SEQUENCE_NUMBER.of(transfer.sequence())
                                    | SequenceNumber.WRITE_SEQUENCE_NUMBER.of(transfer.sequence());
                };
            }

            @Override
            void store(MsgdmaCsr register, int value) {
                switch (register) {
                    case STATUS -> clear(value);
                    case CONTROL -> control(value);
                    case DESCRIPTOR_FILL_LEVEL, RESPONSE_FILL_LEVEL, SEQUENCE_NUMBER -> {
                        // Read-only.
                    }
                }
            }
        };
    }

    /** Where descriptors are written, their control word last. */
    public Target descriptors() {
        return new Slave<>(MsgdmaDescriptor.MAP) {
            @Override
            int load(MsgdmaDescriptor register) {
                return 0;
            }

            @Override
            void store(MsgdmaDescriptor register, int value) {
                written[register.ordinal()] = value;
                if (register == MsgdmaDescriptor.CONTROL
                        && MsgdmaDescriptor.Control.GO.isSet(value)) {
                    enqueue();
                }
            }
        };
    }

    /** Where responses are read. */
    public Target responses() {
        return new Slave<>(MsgdmaResponse.MAP) {
            @Override
            int load(MsgdmaResponse register) {
                long response = responseCount == 0 ? 0 : responses[firstResponse];
                return switch (register) {
                    case ACTUAL_BYTES_TRANSFERRED -> (int) response;
                    case STATUS -> {
                        takeResponse();
                        yield (int) (response >>> Integer.SIZE);
                    }
                };
            }

            @Override
            void store(MsgdmaResponse register, int value) {
                // Read-only.
            }
        };
    }

    /** One of the three blocks of registers. */
    private abstract class Slave<R extends Enum<R> & Register> extends WordRegisters {
        private final RegisterMap<R> map;

        Slave(RegisterMap<R> map) {
            this.map = map;
        }

        abstract int load(R register);

        abstract void store(R register, int value);

        @Override
        protected int readWord(int at) {
            R register = map.at(at);
            if (register == null) {
                return 0;
            }
            int value = load(register);
            trace.loaded(register, value);
            return value;
        }

        @Override
        protected void writeWord(int at, int value) {
            R register = map.at(at);
            if (register != null) {
                trace.stored(register, value);
                store(register, value);
            }
        }

        @Override
        public boolean tracesAccess(long offset) {
            return map.at(offset) != null;
        }
    }

    // Registers.

    private int status() {
        boolean busy = descriptorCount != 0 || isWorking();
        int value = Status.BUSY.with(0, busy);
        value = Status.DESCRIPTOR_BUFFER_EMPTY.with(value, descriptorCount == 0);
        value = Status.DESCRIPTOR_BUFFER_FULL.with(value, descriptorCount == DESCRIPTORS_MAX);
        value = Status.RESPONSE_BUFFER_EMPTY.with(value, responseCount == 0);
        value = Status.RESPONSE_BUFFER_FULL.with(value, responseCount == RESPONSES_MAX);
        value = Status.STOPPED.with(value, isStopped());
        value = Status.RESETTING.with(value, state == State.RESETTING);
        value = Status.STOPPED_ON_ERROR.with(value, stoppedOnError);
        return Status.IRQ.with(value, interrupting);
    }

    private boolean isWorking() {
        return state == State.BEGINNING || state == State.MOVING;
    }

    private boolean isStopped() {
        boolean rests = !isWorking() || resting;
        return rests
                && (Control.STOP_DISPATCHER.isSet(control)
                        || Control.STOP_DESCRIPTORS.isSet(control)
                        || stoppedOnError);
    }

    private void clear(int value) {
        if (Status.IRQ.isSet(value)) {
            interrupting = false;
            driveInterrupt();
        }
        if (Status.STOPPED_ON_ERROR.isSet(value) && stoppedOnError) {
            stoppedOnError = false;
            wakeIfIdle();
        }
    }

    private void control(int value) {
        if (Control.RESET_DISPATCHER.isSet(value)) {
            reset();
            return;
        }
        boolean stopped = Control.STOP_DISPATCHER.isSet(control);
        control = value & MsgdmaCsr.CONTROL.writableMask();
        boolean stops = Control.STOP_DISPATCHER.isSet(control);
        if (stops && !stopped) {
            stopSoon();
        } else if (!stops && resting) {
            goOn();
        }
        wakeIfIdle();
        driveInterrupt();
    }

    private void reset() {
        descriptorCount = 0;
        responseCount = 0;
        control = 0;
        interrupting = false;
        stoppedOnError = false;
        resting = false;
        enter(State.RESETTING);
        clock.setIn(alarm, Timing.RESET_PS);
        driveInterrupt();
    }

    private void enqueue() {
        if (state == State.RESETTING || descriptorCount == DESCRIPTORS_MAX) {
            return;
        }
        int at = (firstDescriptor + descriptorCount) % DESCRIPTORS_MAX;
        System.arraycopy(written, 0, descriptors[at], 0, WORDS);
        descriptorCount++;
        wakeIfIdle();
    }

    private void takeResponse() {
        if (responseCount != 0) {
            firstResponse = (firstResponse + 1) % RESPONSES_MAX;
            responseCount--;
            wakeIfIdle();
        }
    }

    private void driveInterrupt() {
        irq.set(interrupting && Control.GLOBAL_INTERRUPT_ENABLE.isSet(control));
    }

    // Working.

    private void wakeIfIdle() {
        if (state == State.IDLE && !alarm.isSet()) {
            clock.setIn(alarm, 0);
        }
    }

    /** What was going on has ended; one step ends one run, bounded by its most bytes. */
    private void step() {
        switch (state) {
            case IDLE -> next();
            case RESETTING -> {
                enter(State.IDLE);
                next();
            }
            case BEGINNING -> {
                enter(State.MOVING);
                run();
            }
            case MOVING -> {
                BusAnswer answer = transfer.move(runBytes);
                // A write may have reached these very registers, and reset.
                if (state == State.MOVING) {
                    endRun(answer);
                }
            }
        }
    }

    private void endRun(BusAnswer answer) {
        if (answer instanceof BusAnswer.Fault fault) {
            trace.refused(fault);
            end(REFUSED);
        } else {
            run();
        }
    }

    /** Begins the next descriptor if there is one and it may. */
    private void next() {
        boolean may =
                !Control.STOP_DISPATCHER.isSet(control)
                        && !Control.STOP_DESCRIPTORS.isSet(control)
                        && !stoppedOnError
                        && responseCount < RESPONSES_MAX;
        if (may && descriptorCount != 0) {
            transfer.take(descriptors[firstDescriptor]);
            firstDescriptor = (firstDescriptor + 1) % DESCRIPTORS_MAX;
            descriptorCount--;
            begin();
        }
    }

    private void begin() {
        begunPs = clock.now();
        enter(State.BEGINNING);
        clock.setIn(alarm, Timing.BEGIN_PS);
    }

    /** Puts the next bursts on the bus, rests, or ends. */
    private void run() {
        if (transfer.left == 0) {
            end(0);
        } else if (Control.STOP_DISPATCHER.isSet(control)) {
            resting = true;
        } else {
            runBytes = burstByBurst ? transfer.burstBytes() : transfer.runBytes();
            runStartPs = clock.now();
            clock.setIn(alarm, Transfer.durationPs(runBytes));
        }
    }

    /** Shortens a run to the burst that is on the bus now; stops at once where there is none. */
    private void stopSoon() {
        if (state == State.BEGINNING) {
            beginLeftPs = alarm.atPs() - clock.now();
            clock.cancel(alarm);
            resting = true;
        } else if (state == State.MOVING && runBytes > Transfer.BURST_BYTES) {
            long burstPs = Transfer.durationPs(Transfer.BURST_BYTES);
            int bursts = (int) ((clock.now() - runStartPs) / burstPs);
            int over = Math.min(bursts * Transfer.BURST_BYTES, runBytes);
            if (over != 0 && transfer.move(over) instanceof BusAnswer.Fault fault) {
                trace.refused(fault);
                clock.cancel(alarm);
                end(REFUSED);
                return;
            }
            runStartPs += bursts * burstPs;
            runBytes = transfer.burstBytes();
            clock.setAt(alarm, runStartPs + Transfer.durationPs(runBytes));
        }
    }

    private void goOn() {
        resting = false;
        if (state == State.BEGINNING) {
            clock.setIn(alarm, beginLeftPs);
        } else {
            run();
        }
    }

    private void end(int error) {
        int wanted = transfer.control();
        if (transfer.moved != 0) {
            trace.moved(
                    begunPs,
                    transfer.read - transfer.moved,
                    transfer.write - transfer.moved,
                    transfer.moved);
        }
        int at = (firstResponse + responseCount) % RESPONSES_MAX;
        responses[at] = (long) error << Integer.SIZE | (transfer.moved & 0xffff_ffffL);
        responseCount++;
        boolean tellsError = (MsgdmaDescriptor.Control.ERROR_IRQ_ENABLE.get(wanted) & error) != 0;
        if (tellsError || MsgdmaDescriptor.Control.TRANSFER_COMPLETE_IRQ_ENABLE.isSet(wanted)) {
            interrupting = true;
            driveInterrupt();
        }
        if (error != 0 && Control.STOP_ON_ERROR.isSet(control)) {
            stoppedOnError = true;
        }
        enter(State.IDLE);
        boolean again = transfer.isParked() && descriptorCount == 0 && !stoppedOnError;
        if (again && responseCount < RESPONSES_MAX && !Control.STOP_DESCRIPTORS.isSet(control)) {
            transfer.begin();
            begin();
        } else {
            next();
        }
    }

    private void enter(State next) {
        if (trace.isOn()) {
            trace.entered(state, next, "left=" + transfer.left);
        }
        state = next;
    }
}
