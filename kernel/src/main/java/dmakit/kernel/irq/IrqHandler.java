package dmakit.kernel.irq;

import dmakit.kernel.Linux;
import org.jspecify.annotations.Nullable;

/** Handles an interrupt. */
@FunctionalInterface
@Linux(file = "include/linux/interrupt.h", symbol = "irq_handler_t")
public interface IrqHandler {
    /**
     * Handles it.
     *
     * @param irq the line's number
     * @param devId what was given with the request
     */
    IrqReturn handle(int irq, @Nullable Object devId);
}
