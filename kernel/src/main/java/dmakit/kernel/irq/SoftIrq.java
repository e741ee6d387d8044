package dmakit.kernel.irq;

/** The softirqs of this kernel, in the order in which they are served. */
public enum SoftIrq {
    /** Tasklets of high priority. */
    HI(0),
    /** Expired timers. */
    TIMER(1),
    /** Tasklets. */
    TASKLET(6);

    /** Numbers there may be. */
    static final int NUMBER_COUNT = 10;

    private final int number;

    SoftIrq(int number) {
        this.number = number;
    }

    /** The number of {@code <name>_SOFTIRQ}. */
    public int number() {
        return number;
    }
}
