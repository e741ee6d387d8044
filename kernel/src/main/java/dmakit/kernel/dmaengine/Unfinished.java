package dmakit.kernel.dmaengine;

/** What a client can leave undone with a descriptor. */
public enum Unfinished {
    /** It was prepared and not submitted. */
    NOT_SUBMITTED,
    /** It was submitted and not issued. */
    NOT_ISSUED,
    /** It was issued, and has not ended. */
    RUNNING
}
