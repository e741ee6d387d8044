package dmakit.hardware.apic;

import dmakit.machine.bus.Target;
import dmakit.machine.irq.IrqLine;
import java.util.function.IntFunction;

/**
 * The part of a local APIC that devices see: a store of a vector into its window raises that
 * interrupt, once. Intel SDM volume 3, section 11.11, message signalled interrupts.
 *
 * <p>Destination and delivery mode are not modelled: there is one CPU. Registers of the CPU's own
 * side read as zero.
 */
public final class LocalApic implements Target {
    /** Where the window usually lies. */
    public static final long BASE = 0xfee0_0000L;

    /** Bytes of the window. */
    public static final long SIZE = 0x10_0000;

    /** The first vector a device may use; those below are the CPU's exceptions. */
    public static final int FIRST_VECTOR = 0x20;

    private static final int VECTOR_MASK = 0xff;

    private final IntFunction<IrqLine> lineOf;

    /**
     * Creates a window.
     *
     * @param lineOf the line of a vector, {@link #FIRST_VECTOR} to 255
     */
    public LocalApic(IntFunction<IrqLine> lineOf) {
        this.lineOf = lineOf;
    }

    @Override
    public long read(long offset, int bytes) {
        return 0;
    }

    /** A vector below {@link #FIRST_VECTOR} is illegal and has no effect. */
    @Override
    public void write(long offset, int bytes, long value) {
        int vector = (int) value & VECTOR_MASK;
        if (vector >= FIRST_VECTOR) {
            lineOf.apply(vector).pulse();
        }
    }

    @Override
    public String registerName(long offset) {
        return "MESSAGE";
    }
}
