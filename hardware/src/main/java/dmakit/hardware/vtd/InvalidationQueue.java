package dmakit.hardware.vtd;

import dmakit.datasheet.Field;
import dmakit.datasheet.Register;
import dmakit.datasheet.vtd.ContextInvalidation;
import dmakit.datasheet.vtd.InvalidationWait;
import dmakit.datasheet.vtd.IotlbInvalidation;
import dmakit.datasheet.vtd.QueueError;
import dmakit.datasheet.vtd.VtdRegister;
import dmakit.datasheet.vtd.VtdRegister.Ics;
import dmakit.datasheet.vtd.VtdRegister.Iqa;
import dmakit.datasheet.vtd.VtdRegister.Iqh;
import dmakit.datasheet.vtd.VtdRegister.Iqt;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.Halves;
import dmakit.machine.memory.Ram;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * The queue of commands in memory. Software moves the tail, the unit follows with the head.
 *
 * <pre>{@code
 *        tail moves            DESCRIPTOR_PS for each
 * Idle -------------> Working --------------------------> Idle, head is tail
 *                        |   a bad descriptor
 *                        +--------------------> Stopped, until FSTS.IQE is cleared
 * }</pre>
 */
final class InvalidationQueue {
    /** For one descriptor, in picoseconds. */
    static final long DESCRIPTOR_PS = 40_000;

    /** Descriptors of one step. */
    static final int STEP_MAX = 16;

    private static final int LG2_PAGE = 12;
    private static final int TYPE_MASK = IotlbInvalidation.Command.TYPE.mask();
    private static final int TYPE_HIGH = 0xe00;

    private static final int CONTEXT_BITS = bits(ContextInvalidation.COMMAND);
    private static final int IOTLB_BITS = bits(IotlbInvalidation.COMMAND);
    private static final int WAIT_BITS = bits(InvalidationWait.COMMAND);

    private final Clock clock;
    private final ChipTrace trace;
    private final TableMemory memory;
    private final Vtd unit;
    private final FaultLog faults;
    private final EventMessage completion;
    private final Alarm work;
    private boolean enabled;
    private long address;
    private int head;
    private int tail;
    private int planned;
    private boolean waitDone;

    InvalidationQueue(
            Clock clock,
            ChipTrace trace,
            String name,
            TableMemory memory,
            Vtd unit,
            FaultLog faults,
            EventMessage completion) {
        this.clock = clock;
        this.trace = trace;
        this.memory = memory;
        this.unit = unit;
        this.faults = faults;
        this.completion = completion;
        work = new Alarm(name + " queue", this::step);
    }

    private static int bits(Register command) {
        int mask = 0;
        for (Field field : command.fields()) {
            mask |= field.mask();
        }
        return mask;
    }

    // The registers.

    boolean isEnabled() {
        return enabled;
    }

    /** Starts at the first descriptor, or stops. */
    void enable(boolean on) {
        if (on != enabled) {
            enabled = on;
            head = 0;
            clock.cancel(work);
            goOn();
        }
    }

    long address() {
        return address;
    }

    void address(long value) {
        address = value;
    }

    int head() {
        return head & Iqh.QH.mask();
    }

    int tail() {
        return tail;
    }

    void tail(int value) {
        tail = value & Iqt.QT.mask();
        goOn();
    }

    int completionStatus() {
        return Ics.IWC.with(0, waitDone);
    }

    void clearCompletion(int value) {
        if (Ics.IWC.isSet(value)) {
            waitDone = false;
            completion.withdraw();
        }
    }

    // The work.

    private int size() {
        return 1 << (LG2_PAGE + Iqa.QS.get((int) address));
    }

    /** Goes on if there is something to do and nothing in the way. */
    void goOn() {
        if (!enabled || work.isSet() || faults.queueStands() || head == tail) {
            return;
        }
        if (tail >= size()) {
            faults.queueStops(QueueError.TAIL_OUTSIDE);
            return;
        }
        int ahead = ((tail - head) & (size() - 1)) / VtdRegister.DESCRIPTOR_BYTES;
        planned = Math.min(ahead, STEP_MAX);
        clock.setIn(work, planned * DESCRIPTOR_PS);
    }

    private void step() {
        for (int i = 0; i < planned && head != tail; i++) {
            QueueError error = next();
            if (error != null) {
                faults.queueStops(error);
                return;
            }
            head = (head + VtdRegister.DESCRIPTOR_BYTES) & (size() - 1);
        }
        goOn();
    }

    private @Nullable QueueError next() {
        if (Iqa.DW.isSet((int) address)) {
            return QueueError.WIDTH_UNKNOWN;
        }
        long phys = (address & -(1L << LG2_PAGE)) + head;
        long at = memory.offsetOf(phys, VtdRegister.DESCRIPTOR_BYTES);
        if (at == Ram.NOT_RAM) {
            return QueueError.DESCRIPTOR_UNREACHABLE;
        }
        long low = memory.load64(at);
        long high = memory.load64(at + Long.BYTES);
        if (trace.isOn()) {
            trace.fetched(phys, String.format("%016x %016x", low, high));
        }
        return switch ((int) low & (TYPE_MASK | TYPE_HIGH)) {
            case ContextInvalidation.TYPE -> context(Halves.low(low), Halves.high(low), high);
            case IotlbInvalidation.TYPE -> iotlb(Halves.low(low), Halves.high(low), high);
            case InvalidationWait.TYPE -> await(Halves.low(low), Halves.high(low), high);
            default -> QueueError.TYPE_UNKNOWN;
        };
    }

    private @Nullable QueueError context(int command, int source, long high) {
        if ((command & ~CONTEXT_BITS) != 0 || high != 0) {
            return QueueError.DESCRIPTOR_RESERVED;
        }
        boolean known =
                unit.invalidateContexts(
                        ContextInvalidation.Command.G.get(command),
                        ContextInvalidation.Command.DID.get(command),
                        ContextInvalidation.Source.SID.get(source),
                        ContextInvalidation.Source.FM.get(source));
        return known ? null : QueueError.DESCRIPTOR_RESERVED;
    }

    private @Nullable QueueError iotlb(int command, int reserved, long high) {
        if ((command & ~IOTLB_BITS) != 0 || reserved != 0) {
            return QueueError.DESCRIPTOR_RESERVED;
        }
        boolean known =
                unit.invalidateIotlb(
                        IotlbInvalidation.Command.G.get(command),
                        IotlbInvalidation.Command.DID.get(command),
                        high & -(1L << LG2_PAGE),
                        IotlbInvalidation.Address.AM.get((int) high));
        return known ? null : QueueError.DESCRIPTOR_RESERVED;
    }

    private @Nullable QueueError await(int command, int status, long high) {
        int reserved = (int) high & ~InvalidationWait.Address.ADDR.mask();
        if ((command & ~WAIT_BITS) != 0 || reserved != 0) {
            return QueueError.DESCRIPTOR_RESERVED;
        }
        // A status address without memory behind it gets nothing, as any write there.
        if (InvalidationWait.Command.SW.isSet(command)) {
            memory.store32(high, status);
        }
        if (InvalidationWait.Command.IF.isSet(command) && !waitDone) {
            waitDone = true;
            completion.raise();
        }
        return null;
    }
}
