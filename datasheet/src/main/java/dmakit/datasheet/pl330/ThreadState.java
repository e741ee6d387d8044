package dmakit.datasheet.pl330;

/** Where a thread is, as DSR and CSR show it. DMA-330 TRM, tables 3-3 and 3-13. */
public enum ThreadState {
    STOPPED(0),
    EXECUTING(1),
    CACHE_MISS(2),
    UPDATING_PC(3),
    WAITING_FOR_EVENT(4),
    AT_BARRIER(5),
    QUEUE_BUSY(6),
    WAITING_FOR_PERIPHERAL(7),
    KILLING(8),
    COMPLETING(9),
    FAULTING_COMPLETING(14),
    FAULTING(15);

    private final int value;

    ThreadState(int value) {
        this.value = value;
    }

    /** What the registers show. */
    public int value() {
        return value;
    }
}
