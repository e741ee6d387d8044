package dmakit.hardware.pci;

import dmakit.machine.irq.IrqLine;

/** A line that several functions pull: it is asserted while any of them does. */
final class IntxWire {
    private final IrqLine line;
    private int pullers;

    IntxWire(IrqLine line) {
        this.line = line;
    }

    /** One function began to pull, or ceased. */
    void change(boolean pulls) {
        pullers += pulls ? 1 : -1;
        line.set(pullers > 0);
    }
}
