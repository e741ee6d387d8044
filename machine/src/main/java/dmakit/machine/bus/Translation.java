package dmakit.machine.bus;

/**
 * From the addresses a master puts on its bus to physical ones: fixed windows now, an IOMMU where
 * there is one.
 */
public interface Translation {
    /** What {@link #toPhys} answers for an address that leads nowhere. */
    long NONE = -1;

    /**
     * Translates the first byte of an access.
     *
     * @param address in the master's address space
     * @param write whether the access is a store
     * @return the physical address, or {@link #NONE}
     */
    long toPhys(long address, boolean write);

    /**
     * How many bytes from {@code address} on translate contiguously, unsigned: at least 1 where
     * {@link #toPhys} finds the first, 0 where it does not.
     */
    long contiguousFrom(long address, boolean write);

    /**
     * An access was refused because {@link #toPhys} found nothing: an IOMMU keeps a record of it
     * and interrupts. Asking alone leaves no record.
     */
    default void refused(long address, boolean write) {}
}
