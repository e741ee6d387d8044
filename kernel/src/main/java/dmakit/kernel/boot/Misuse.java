package dmakit.kernel.boot;

/** What becomes of mistakes that drivers make, from the first that the kernel itself has on. */
public enum Misuse {
    /**
     * Misuse of the mapping API is thrown, as {@link dmakit.kernel.mapping.OwnershipViolation},
     * until findings are {@linkplain dmakit.kernel.check.Findings#enable enabled}.
     */
    THROWN,

    /** It is obeyed as Linux obeys it, until findings are enabled. */
    OBEYED,

    /**
     * All mistakes are findings. What is enabled later does not know what was mapped before; this
     * knows all of it.
     */
    FOUND
}
