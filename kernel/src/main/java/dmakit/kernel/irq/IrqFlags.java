package dmakit.kernel.irq;

import dmakit.kernel.Linux;

/** Flags of a request, with Linux's values. */
public final class IrqFlags {
    private static final String FILE = "include/linux/interrupt.h";

    /** The line is level triggered, active high: the only kind the machine has. */
    @Linux(file = FILE, symbol = "IRQF_TRIGGER_HIGH")
    public static final int TRIGGER_HIGH = 0x4;

    /** The device shares its line with others that say so, too. */
    @Linux(file = FILE, symbol = "IRQF_SHARED")
    public static final int SHARED = 0x80;

    /** The line stays masked until the handler's thread is done. */
    @Linux(file = FILE, symbol = "IRQF_ONESHOT")
    public static final int ONESHOT = 0x2000;

    /** The line stays disabled until {@link Irqs#enable}. */
    @Linux(file = FILE, symbol = "IRQF_NO_AUTOEN")
    public static final int NO_AUTOEN = 0x8_0000;

    private IrqFlags() {}
}
