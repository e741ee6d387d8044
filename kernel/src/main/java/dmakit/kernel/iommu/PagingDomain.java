package dmakit.kernel.iommu;

import dmakit.kernel.Linux;
import dmakit.kernel.mm.Gfp;

/**
 * Page tables in memory, in the format of one kind of IOMMU. The core has checked all arguments:
 * addresses and sizes are multiples of the page size, and lie in the aperture.
 *
 * <p>No method sleeps, and mapping and unmapping allocate no Java objects.
 */
@Linux(file = "include/linux/iommu.h", symbol = "iommu_domain_ops")
public interface PagingDomain {
    /** The sizes of pages it can map, as a bitmap: bit 12 for 4 KiB, bit 21 for 2 MiB. */
    @Linux(file = "include/linux/iommu.h", symbol = "pgsize_bitmap")
    long pageSizes();

    /** The last address a master can put out, inclusive. */
    long apertureLast();

    /** The last physical address it can map, inclusive. */
    long physLast();

    /**
     * Maps pages of one size.
     *
     * @param pageSize one of {@link #pageSizes}
     * @param prot of {@link IommuProt}
     * @return how many bytes were mapped; fewer than asked for when {@link #lastError} says why
     */
    @Linux(file = "include/linux/iommu.h", symbol = "map_pages")
    long mapPages(long iova, long phys, long pageSize, long count, int prot, Gfp gfp);

    /** Why {@link #mapPages} stopped: 0, or a number of an {@link dmakit.kernel.Errno}. */
    int lastError();

    /**
     * Unmaps pages of one size; the IOMMU may go on using them until {@link #sync}, or {@link
     * #flushAll} for domains that are lazy. What was mapped there may be of smaller pages.
     *
     * @param gather takes the range, and the tables that are empty now
     * @return how many bytes were mapped; fewer than asked for at a hole
     */
    @Linux(file = "include/linux/iommu.h", symbol = "unmap_pages")
    long unmapPages(long iova, long pageSize, long count, IotlbGather gather);

    /** Makes the IOMMU forget a range, and returns when it has. */
    @Linux(file = "include/linux/iommu.h", symbol = "iotlb_sync")
    void sync(IotlbGather gather);

    /**
     * Gives a table back that {@link #unmapPages} added to its {@link IotlbGather}: the IOMMU has
     * forgotten it.
     */
    default void freeTable(long phys) {}

    /** Makes the IOMMU see new pages, where it may have noted their absence. */
    @Linux(file = "include/linux/iommu.h", symbol = "iotlb_sync_map")
    default void syncMap(long iova, long size) {}

    /** Makes the IOMMU forget all of the domain, and returns when it has. */
    @Linux(file = "include/linux/iommu.h", symbol = "flush_iotlb_all")
    void flushAll();

    /** Where an address leads by the tables, with its offset in the page; 0 for nowhere. */
    @Linux(file = "include/linux/iommu.h", symbol = "iova_to_phys")
    long iovaToPhys(long iova);

    /** Gives the tables' memory back; no master is attached any more. */
    void free();
}
