package dmakit.datasheet.vtd;

import org.jspecify.annotations.Nullable;

/** Why a request was refused in legacy mode. Intel VT-d, chapter 7, "Fault Conditions". */
public enum FaultReason {
    /** The root entry of the bus is not present. */
    ROOT_NOT_PRESENT(0x1),
    /** The context entry of the function is not present. */
    CONTEXT_NOT_PRESENT(0x2),
    /** The context entry asks for what the unit does not have. */
    CONTEXT_INVALID(0x3),
    /** The address has more bits than the tables, or than the unit. */
    ADDRESS_BEYOND_WIDTH(0x4),
    /** A write, and no entry or one that does not allow it. */
    WRITE_NOT_ALLOWED(0x5),
    /** A read, and no entry or one that does not allow it. */
    READ_NOT_ALLOWED(0x6),
    /** A second-level table cannot be read. */
    TABLE_UNREACHABLE(0x7),
    /** The root table cannot be read. */
    ROOT_UNREACHABLE(0x8),
    /** The context table cannot be read. */
    CONTEXT_UNREACHABLE(0x9),
    /** A root entry has bits set that are reserved. */
    ROOT_RESERVED(0xa),
    /** A context entry has bits set that are reserved. */
    CONTEXT_RESERVED(0xb),
    /** A second-level entry has bits set that are reserved. */
    ENTRY_RESERVED(0xc),
    /** A translated request, and the context entry does not allow those. */
    TRANSLATED_BLOCKED(0xd);

    private final int code;

    FaultReason(int code) {
        this.code = code;
    }

    /** As in {@link FaultRecord.Reason#FR}. */
    public int code() {
        return code;
    }

    /** The reason of a code, or null where there is none. */
    public static @Nullable FaultReason of(int code) {
        for (FaultReason reason : values()) {
            if (reason.code == code) {
                return reason;
            }
        }
        return null;
    }
}
