package dmakit.cmodule;

/** What C code asks of the kernel across the lane. A service's number is its place here. */
enum Service {
    PRINTK(true),
    INIT_COMPLETION,
    COMPLETE,
    WAIT_FOR_COMPLETION,
    WAIT_FOR_COMPLETION_TIMEOUT,
    DMA_ALLOC_COHERENT,
    DMA_FREE_COHERENT,
    REQUEST_CHANNEL,
    DESCRIBE_CHANNEL,
    RELEASE_CHANNEL,
    PREP_DMA_MEMCPY,
    TX_SUBMIT,
    ISSUE_PENDING,
    TX_STATUS,
    TERMINATE_ALL,
    TERMINATE_SYNC;

    private static final Service[] ALL = values();

    private final boolean text;

    Service() {
        this(false);
    }

    Service(boolean text) {
        this.text = text;
    }

    static Service ofNumber(int number) {
        return ALL[number];
    }

    /** Whether a text comes with the call. */
    boolean hasText() {
        return text;
    }
}
