package dmakit.datasheet.vtd;

/** Why the invalidation queue stands still; field IQEI. Intel VT-d, chapter 10. */
public enum QueueError {
    /** Not said. */
    NOT_SAID(0x0),
    /** The tail lies outside of the queue. */
    TAIL_OUTSIDE(0x1),
    /** A descriptor cannot be read. */
    DESCRIPTOR_UNREACHABLE(0x2),
    /** There is no descriptor of that type. */
    TYPE_UNKNOWN(0x3),
    /** A descriptor has bits set that are reserved. */
    DESCRIPTOR_RESERVED(0x4),
    /** Descriptors of a width the unit does not have. */
    WIDTH_UNKNOWN(0x5),
    /** The tail is no multiple of a descriptor. */
    TAIL_MISALIGNED(0x6);

    private final int code;

    QueueError(int code) {
        this.code = code;
    }

    /** As in {@link VtdRegister.Iqercd#IQEI}. */
    public int code() {
        return code;
    }
}
