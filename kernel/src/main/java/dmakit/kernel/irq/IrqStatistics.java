package dmakit.kernel.irq;

/**
 * What happened on one line so far.
 *
 * @param irq the line's number
 * @param names of the handlers, separated by ", "; empty when nobody asked for the line
 * @param count interrupts taken
 * @param unhandledCount of these, those no handler took for its own
 * @param handlerPs time in handlers, in picoseconds
 * @param lastEntryPs when the CPU last left what it did for this line, in picoseconds; 0 when never
 * @param lastHandlerPs when the first handler then began
 * @param lastExitPs when the last handler then was done
 */
public record IrqStatistics(
        int irq,
        String names,
        long count,
        long unhandledCount,
        long handlerPs,
        long lastEntryPs,
        long lastHandlerPs,
        long lastExitPs) {}
