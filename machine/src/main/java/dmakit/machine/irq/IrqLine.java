package dmakit.machine.irq;

/**
 * One interrupt line from a chip to the {@link InterruptController}. A chip {@linkplain #set
 * drives} its level, or {@linkplain #pulse sends an edge}, which the controller holds until the CPU
 * takes it; one line is used in one way.
 */
public final class IrqLine {
    private final InterruptController controller;
    private final int number;
    private boolean asserted;
    private boolean masked;
    private boolean held;

    IrqLine(InterruptController controller, int number) {
        this.controller = controller;
        this.number = number;
    }

    /** The line's number in its controller. */
    public int number() {
        return number;
    }

    /** Drives the line; a level it has already changes nothing. */
    public void set(boolean level) {
        if (level != asserted) {
            asserted = level;
            controller.levelChanged(number, level);
            if (!masked) {
                controller.waits(number, level);
            }
        }
    }

    /** Asserts the line until the CPU takes it; an edge that finds it asserted is one with it. */
    public void pulse() {
        held = true;
        set(true);
    }

    /** The CPU takes the line: an edge is over, a level stays. */
    public void take() {
        if (held) {
            held = false;
            set(false);
        }
    }

    /** Whether the chip asserts the line, or an edge waits. */
    public boolean isAsserted() {
        return asserted;
    }

    /** Whether the CPU does not want to hear of the line. */
    public boolean isMasked() {
        return masked;
    }

    /** Keeps the CPU from hearing of the line. */
    public void mask() {
        if (!masked) {
            masked = true;
            if (asserted) {
                controller.waits(number, false);
            }
        }
    }

    /** Lets the CPU hear of the line again, after the usual delay if it is asserted. */
    public void unmask() {
        if (masked) {
            masked = false;
            if (asserted) {
                controller.waits(number, true);
            }
        }
    }
}
