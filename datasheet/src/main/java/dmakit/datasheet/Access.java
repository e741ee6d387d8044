package dmakit.datasheet;

/** What software can do with a field, in the manuals' usual letters. */
public enum Access {
    /** Read-only: hardware sets it, stores do not reach it. */
    RO,
    /** Read and write. */
    RW,
    /** Write-only: reads as zero. */
    WO,
    /** Write one to clear: storing ones clears those bits, zeros leave them. */
    W1C,
    /** Write one, self-clearing: storing a one starts something; reads as zero. */
    W1SC,
    /** Read to clear: a load answers the value and clears it. */
    RC;

    /** Whether a store can reach the field at all. */
    public boolean isWritable() {
        return this != RO && this != RC;
    }
}
