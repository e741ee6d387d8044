package dmakit.hardware;

import dmakit.datasheet.Register;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import dmakit.machine.trace.TraceEvent;

/**
 * What a chip, or one channel of it, reports of itself, under its name and at the time it happens.
 * Costs one test of a field while nobody listens; callers whose words cost something to put
 * together ask {@link #isOn()} first.
 */
public final class ChipTrace {
    private final Clock clock;
    private final Trace trace;
    private final String name;

    /**
     * Creates the reports of one chip or channel.
     *
     * @param name of the chip or channel in them
     */
    public ChipTrace(Clock clock, Trace trace, String name) {
        this.clock = clock;
        this.trace = trace;
        this.name = name;
    }

    /** Whether anybody listens. */
    public boolean isOn() {
        return trace.isOn();
    }

    /** The CPU loaded a register of 32 bits. */
    public void loaded(Register register, int value) {
        accessed("", register, register.offset(), Register.BYTES, word(value), false);
    }

    /**
     * The CPU loaded a register of 32 bits that the chip has several of.
     *
     * @param prefix which of them, before the register's name
     * @param offset of this one in the block, in bytes
     */
    public void loaded(String prefix, Register register, int offset, int value) {
        accessed(prefix, register, offset, Register.BYTES, word(value), false);
    }

    /** The CPU stored to a register of 32 bits. */
    public void stored(Register register, int value) {
        accessed("", register, register.offset(), Register.BYTES, word(value), true);
    }

    /**
     * The CPU stored to a register of 32 bits that the chip has several of.
     *
     * @param prefix which of them, before the register's name
     * @param offset of this one in the block, in bytes
     */
    public void stored(String prefix, Register register, int offset, int value) {
        accessed(prefix, register, offset, Register.BYTES, word(value), true);
    }

    /**
     * The CPU loaded a register, or stored to it. A store that touches what the model leaves
     * without effect says so.
     *
     * @param prefix before the register's name, for one of several
     * @param offset in the block, in bytes
     * @param bytes of the access, 1 to 8
     * @param value unsigned
     */
    public void accessed(
            String prefix, Register register, int offset, int bytes, long value, boolean write) {
        if (!trace.isOn()) {
            return;
        }
        String label = prefix + register.name();
        int untouched = (int) value & register.notModelledMask();
        if (write && untouched != 0) {
            label += " (not modelled: 0x" + Integer.toHexString(untouched) + ")";
        }
        accessed(label, offset, bytes, value, write);
    }

    /**
     * The CPU loaded a register, or stored to it, which the chip has a name for.
     *
     * @param bytes of the access, 1 to 8
     * @param value unsigned
     */
    public void accessed(String label, long offset, int bytes, long value, boolean write) {
        if (trace.isOn()) {
            trace.emit(
                    new TraceEvent.RegisterAccess(
                            clock.now(), name, label, offset, bytes, value, write));
        }
    }

    /** It went from one state to another; staying where it was is no event. */
    public void entered(Enum<?> from, Enum<?> to, String detail) {
        if (trace.isOn() && from != to) {
            changed(from.toString(), to.toString(), detail);
        }
    }

    /** Something of it changed that has no state of its own. */
    public void changed(String from, String to, String detail) {
        if (trace.isOn()) {
            trace.emit(new TraceEvent.StateChange(clock.now(), name, from, to, detail));
        }
    }

    /** It fetched a descriptor or the like. */
    public void fetched(long address, String content) {
        if (trace.isOn()) {
            trace.emit(new TraceEvent.Fetch(clock.now(), name, address, content));
        }
    }

    /**
     * It moved bytes, up to now.
     *
     * @param startPs since when
     */
    public void moved(long startPs, long from, long to, long bytes) {
        if (trace.isOn()) {
            trace.emit(new TraceEvent.Transfer(startPs, clock.now(), name, from, to, bytes));
        }
    }

    /** The bus refused it, for a cause of the bus. */
    public void refused(BusAnswer.Fault fault) {
        refused(fault.address(), fault.cause().name(), fault.write());
    }

    /** It was refused. */
    public void refused(long address, String cause, boolean write) {
        if (trace.isOn()) {
            trace.emit(new TraceEvent.BusError(clock.now(), name, address, cause, write));
        }
    }

    private static long word(int value) {
        return Integer.toUnsignedLong(value);
    }
}
