package dmakit.kernel.dma;

import dmakit.kernel.Linux;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.kernel.mm.Vma;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.scatterlist.SgTable;
import dmakit.machine.cpu.AddressLayout;
import org.jspecify.annotations.Nullable;

/**
 * How one device reaches memory. Each device has its own object; which kind is decided when the
 * device is configured.
 *
 * <p>Arguments were checked by the caller: directions are valid, entries exist. No method of
 * streaming mappings sleeps, allocates Java objects or throws for lack of something: it answers.
 */
@Linux(file = "include/linux/dma-map-ops.h", symbol = "dma_map_ops")
public interface DmaOps {
    /**
     * Allocates memory that CPU and device see alike, zeroed.
     *
     * @param size in bytes, at least 1
     * @throws dmakit.kernel.DmaException ENOMEM when there is none that the device reaches
     */
    CoherentBuffer alloc(long size, Gfp gfp, int attrs);

    /** Frees it. The arguments are those of the allocation and what it answered. */
    void free(long size, long va, long dma, int attrs);

    /**
     * Allocates pages that the CPU sees through its caches, zeroed. Caches are not cared for.
     *
     * @param size in bytes, at least 1; whole pages are lent
     * @throws dmakit.kernel.DmaException ENOMEM when there are none that the device reaches
     */
    DmaPages allocPages(long size, DmaDirection direction, Gfp gfp);

    /** Frees them. */
    void freePages(DmaPages pages, DmaDirection direction);

    /**
     * Allocates pages that are one segment for the device, and need be none for the CPU.
     *
     * @return a table whose device side has one entry
     * @throws dmakit.kernel.DmaException ENOMEM when there are none that the device reaches
     */
    @Linux(file = "kernel/dma/mapping.c", symbol = "alloc_single_sgt")
    default SgTable allocNoncontiguous(long size, DmaDirection direction, Gfp gfp, int attrs) {
        DmaPages pages = allocPages(size, direction, gfp);
        SgTable table = SgTable.allocate(1);
        table.sgl().setPage(0, pages.page(), VirtualMemory.pageAlign(size), 0);
        table.sgl().setDma(0, pages.dma(), VirtualMemory.pageAlign(size));
        return table;
    }

    /** Frees them; {@code size} is what was asked for. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "free_single_sgt")
    default void freeNoncontiguous(long size, SgTable table, DmaDirection direction) {
        Scatterlist sgl = table.sgl();
        freePages(new DmaPages(sgl.phys(0), sgl.dmaAddress(0), size), direction);
    }

    /**
     * Shows the CPU pages of {@link #allocNoncontiguous} one behind the other, cached.
     *
     * @throws dmakit.kernel.DmaException ENOMEM
     */
    default long vmapNoncontiguous(long size, SgTable table) {
        return AddressLayout.LINEAR_BASE + table.sgl().phys(0);
    }

    /** Ends that. */
    default void vunmapNoncontiguous(long va) {
        // Pages of the linear map stay.
    }

    /** Mapping in two steps; null where nothing is translated. */
    default @Nullable IovaOps iova() {
        return null;
    }

    /**
     * Lends memory to the device.
     *
     * @param phys RAM
     * @return where the device finds it, or {@link DmaAddr#MAPPING_ERROR}
     */
    long map(long phys, long size, DmaDirection direction, int attrs);

    /** Takes it back. */
    void unmap(long dma, long size, DmaDirection direction, int attrs);

    /**
     * Lends a list and sets the device's view of its entries.
     *
     * @return how many entries the device sees, at least 1; or a negative error number, and nothing
     *     is mapped
     */
    int mapSg(Scatterlist sg, int nents, DmaDirection direction, int attrs);

    /** Takes it back; {@code nents} is what {@link #mapSg} was given. */
    void unmapSg(Scatterlist sg, int nents, DmaDirection direction, int attrs);

    /**
     * Lends registers of another device.
     *
     * @return as {@link #map}
     */
    long mapResource(long phys, long size, DmaDirection direction, int attrs);

    /** Takes them back. */
    void unmapResource(long dma, long size, DmaDirection direction, int attrs);

    /** Lets the CPU use a part of a mapping for a while. */
    void syncForCpu(long dma, long size, DmaDirection direction);

    /** Lets the device use it again. */
    void syncForDevice(long dma, long size, DmaDirection direction);

    /** As {@link #syncForCpu}, a whole list. */
    void syncSgForCpu(Scatterlist sg, int nents, DmaDirection direction);

    /** As {@link #syncForDevice}, a whole list. */
    void syncSgForDevice(Scatterlist sg, int nents, DmaDirection direction);

    /** Whether syncing a mapping would do anything. */
    boolean needsSync(long dma);

    /**
     * The physical address at which an access of the device to an address ends: of a bounced
     * mapping, that of the bounce buffer.
     *
     * @return -1 when it ends nowhere
     */
    long toPhys(long dma);

    /** Whether an IOMMU stands between the device and memory. */
    default boolean translates() {
        return false;
    }

    /** Whether an IOMMU's device would be lent a copy of memory, and not the memory itself. */
    default boolean copies(long phys, long size, DmaDirection direction) {
        return false;
    }

    /** Whether a mask is wide enough for the platform. */
    boolean supports(long mask);

    /** The mask that reaches all of RAM. */
    long requiredMask();

    /** Largest size of one mapping, in bytes. */
    long maxMappingSize();

    /** Largest size of one mapping that is made without detours, in bytes. */
    default long optMappingSize() {
        return Long.MAX_VALUE;
    }

    /** Whether the device has an address for all of RAM, masks aside. */
    default boolean coversRam() {
        return true;
    }

    /** Mask of the boundary at which neighbours in a list merge; 0 when they never do. */
    long mergeBoundary();

    /** Whether coherent memory can be mapped into processes. */
    boolean canMmap();

    /**
     * Maps coherent memory into a process.
     *
     * @param size of the allocation in bytes
     * @throws dmakit.kernel.DmaException ENXIO when the area leaves the allocation
     */
    void mmap(Vma vma, long va, long dma, long size, int attrs);

    /** The pages of coherent memory as a table that is not mapped. */
    SgTable sgTable(long va, long dma, long size, int attrs);
}
