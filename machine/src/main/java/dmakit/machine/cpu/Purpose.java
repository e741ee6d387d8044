package dmakit.machine.cpu;

/** What the CPU's time goes to: an account of {@link Cpu#busyPs} by cause. */
public enum Purpose {
    /** Code that nothing below names: drivers, the kernel's own, programs. */
    CODE,
    /** Words that code moves between memory and a device by loads and stores. */
    WORDS,
    /** Cleaning and invalidating lines of the caches. */
    CACHE,
    /** Copying to and from bounce buffers, and finding slots for them. */
    BOUNCE,
    /** Finding addresses for an IOMMU, and entering them into its page tables. */
    IOMMU_MAP,
    /** Taking addresses out of an IOMMU's page tables, and giving them back. */
    IOMMU_UNMAP,
    /** Telling an IOMMU to forget what it knows, and waiting until it has. */
    IOMMU_INVALIDATE,
    /** Interrupts, and what runs at their end. */
    INTERRUPT,
    /** From one task to another. */
    SWITCH,
    /** Asking again and again whether something has come to pass. */
    POLL;

    /** Whether what is done on its way is an account of its own. */
    boolean yields() {
        return this == CODE || this == INTERRUPT;
    }
}
