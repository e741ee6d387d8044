package dmakit.kernel.irq;

import dmakit.kernel.Linux;

/** What a handler found. */
@Linux(file = "include/linux/irqreturn.h", symbol = "irqreturn_t")
public enum IrqReturn {
    /** The interrupt was not from this device. */
    NONE,
    /** It was, and it is done. */
    HANDLED,
    /** It was, and the handler's thread has to go on. */
    WAKE_THREAD
}
