package dmakit.kernel.mapping;

import dmakit.kernel.Calls;
import dmakit.kernel.DmaException;
import dmakit.kernel.Linux;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.device.Device;
import dmakit.kernel.direct.DirectDma;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaAddr;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaBinding;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.DmaIova;
import dmakit.kernel.dma.DmaOps;
import dmakit.kernel.dma.DmaPages;
import dmakit.kernel.log.Log;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.kernel.mm.Vma;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.scatterlist.SgTable;
import dmakit.machine.Machine;
import dmakit.machine.memory.Ram;
import java.util.function.LongPredicate;

/**
 * The functions by which a driver lends memory to its device.
 *
 * <p>A refusal is a {@link DmaException}; functions whose names begin with {@code try} answer as
 * those of C do. Streaming functions may be called anywhere and never sleep. Addresses: {@code va}
 * is the CPU's, {@code phys} physical, {@code dma} the device's.
 *
 * <p>Misuse, such as unmapping with another size, is a finding where mistakes are looked for, and
 * then obeyed as Linux obeys it; in strict mode it is thrown as {@link OwnershipViolation} instead.
 */
@Linux(file = "kernel/dma/mapping.c", symbol = "dma_map_ops")
public final class DmaMapping {
    private final MappingCore core;
    private final MappingRules rules;
    private final Coherent coherent;
    private final Streaming streaming;
    private final Lists lists;
    private final SharedPages shared;
    private final Linking linking;
    private final Limits limits;
    private final DmaPools pools;

    /**
     * Creates the API of one kernel.
     *
     * @param strict whether misuse is thrown
     */
    public DmaMapping(
            Machine machine,
            Calls calls,
            Log log,
            VirtualMemory virtual,
            DirectDma direct,
            boolean strict) {
        core = new MappingCore(machine, calls, log, virtual, direct, strict);
        rules = core.rules();
        coherent = new Coherent(core);
        streaming = new Streaming(core);
        lists = new Lists(core);
        shared = new SharedPages(core);
        linking = new Linking(core);
        limits = new Limits(core);
        pools = new DmaPools(core, coherent);
    }

    /** Says how a device reaches memory, before it maps anything. */
    void bind(Device device, DmaOps ops) {
        core.bind(device, ops);
    }

    /** Says that nothing translates for a device. */
    void bindDirectly(Device device) {
        core.bindDirectly(device);
    }

    /**
     * Forgets what a driver that left knew of a device's way to memory.
     *
     * @return whether the device holds nothing
     */
    boolean unbind(Device device) {
        return core.unbind(device);
    }

    // Findings.

    /** What the debugging of the API says and keeps, as the kernel's own does. */
    public DmaDebug debug() {
        return rules.debug();
    }

    /** Says who knows what devices were asked to do. */
    public void deviceWork(DeviceWork work) {
        rules.work(work);
    }

    /**
     * Reports what is still lent of what was lent at sites of a module that is unloaded, and
     * forgets it.
     */
    public void checkLeft(LongPredicate sites) {
        rules.leaks().checkLeft(sites);
    }

    /** Whether a device that is lent memory at a site still has some. */
    public boolean holdsOf(LongPredicate sites) {
        return rules.ledger().live().stream().anyMatch(lending -> sites.test(lending.site()));
    }

    /**
     * Refuses memory that has no physical address, as {@code dma_map_single} does.
     *
     * @param id why: one of {@link FindingId#MAP_STACK}, {@link FindingId#MAP_TEXT}, {@link
     *     FindingId#MAP_USER}, {@link FindingId#MAP_VMALLOC} and {@link FindingId#MAP_FREED}
     * @return {@link DmaAddr#MAPPING_ERROR}
     */
    public long reject(FindingId id, Device device, long va, long size) {
        core.enter("dma_map_single_attrs", device, va, size, DmaDirection.NONE);
        return streaming.reject(id, device, va, size);
    }

    /** Reports a direction that is none, which stops Linux. */
    public void noDirection(Device device, String function, int direction) {
        rules.lending().noDirection(device, function, direction);
    }

    /**
     * Says that a controller which works for many devices, as that of an ISA bus does, works from
     * now on for the one that memory is mapped for.
     *
     * @param portName of the controller's way to memory
     * @param dma where the transfer begins
     * @return the device's name; the port's where nothing is mapped there
     */
    public String thirdParty(String portName, long dma) {
        Device device = core.worksFor(portName, dma);
        return device == null ? portName : device.name();
    }

    // Coherent memory.

    /**
     * Allocates memory that CPU and device see alike: zeroed, whole pages, aligned to the next
     * power of two.
     *
     * @param size in bytes
     * @throws DmaException ENOMEM when there is none that the device reaches
     */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_alloc_coherent")
    public CoherentBuffer allocCoherent(Device device, long size, Gfp gfp) {
        core.enter("dma_alloc_coherent", device, size, gfp);
        return coherent.alloc(
                device, size, gfp, gfp.has(Gfp.NOWARN) ? DmaAttrs.NO_WARN : DmaAttrs.NONE);
    }

    /**
     * As {@link #allocCoherent}, with attributes.
     *
     * @throws DmaException also EINVAL for a compound page
     */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_alloc_attrs")
    public CoherentBuffer allocAttrs(Device device, long size, Gfp gfp, int attrs) {
        core.enter("dma_alloc_attrs", device, size, gfp);
        return coherent.alloc(device, size, gfp, attrs);
    }

    /** As {@link #allocCoherent}, where the CPU's stores may be gathered. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_alloc_wc")
    public CoherentBuffer allocWc(Device device, long size, Gfp gfp) {
        core.enter("dma_alloc_wc", device, size, gfp);
        return coherent.alloc(device, size, gfp, DmaAttrs.WRITE_COMBINE);
    }

    /** Frees what {@link #allocCoherent} gave. */
    public void freeCoherent(Device device, CoherentBuffer buffer) {
        freeCoherent(device, buffer.size(), buffer.va(), buffer.dma());
    }

    /**
     * Frees what {@link #allocCoherent} gave, not with interrupts disabled.
     *
     * @param size it was asked for with
     * @param va 0 is ignored
     * @throws IllegalArgumentException when the memory is not of that size, or not allocated
     */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_free_coherent")
    public void freeCoherent(Device device, long size, long va, long dma) {
        core.enterAt("dma_free_coherent", device, va, size);
        coherent.free(device, size, va, dma, DmaAttrs.NONE);
    }

    /** Frees what {@link #allocAttrs} gave, with the same attributes. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_free_attrs")
    public void freeAttrs(Device device, long size, long va, long dma, int attrs) {
        core.enterAt("dma_free_attrs", device, va, size);
        coherent.free(device, size, va, dma, attrs);
    }

    /** Frees what {@link #allocWc} gave. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_free_wc")
    public void freeWc(Device device, long size, long va, long dma) {
        core.enterAt("dma_free_wc", device, va, size);
        coherent.free(device, size, va, dma, DmaAttrs.WRITE_COMBINE);
    }

    /**
     * Maps coherent memory into a process.
     *
     * @param size of the allocation, not of the area
     * @throws DmaException ENXIO when the area leaves the allocation
     */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_mmap_coherent")
    public void mmapCoherent(Device device, Vma vma, long va, long dma, long size) {
        mmapAttrs(device, vma, va, dma, size, DmaAttrs.NONE);
    }

    /** As {@link #mmapCoherent}, for {@link #allocWc}. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_mmap_wc")
    public void mmapWc(Device device, Vma vma, long va, long dma, long size) {
        mmapAttrs(device, vma, va, dma, size, DmaAttrs.WRITE_COMBINE);
    }

    /** As {@link #mmapCoherent}, with the attributes of the allocation. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_mmap_attrs")
    public void mmapAttrs(Device device, Vma vma, long va, long dma, long size, int attrs) {
        core.enterAt("dma_mmap_attrs", device, va, size);
        coherent.mmap(device, vma, va, dma, size, attrs);
    }

    /** Whether coherent memory can be mapped into processes. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_can_mmap")
    public boolean canMmap(Device device) {
        core.calls().enter();
        return core.ops(device).canMmap();
    }

    /**
     * The pages of coherent memory as a table that is not mapped.
     *
     * @throws DmaException ENXIO when they have none
     */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_get_sgtable")
    public SgTable getSgTable(Device device, long va, long dma, long size) {
        return getSgTable(device, va, dma, size, DmaAttrs.NONE);
    }

    /** As {@link #getSgTable(Device, long, long, long)}, with the attributes of the allocation. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_get_sgtable_attrs")
    public SgTable getSgTable(Device device, long va, long dma, long size, int attrs) {
        core.enterAt("dma_get_sgtable_attrs", device, va, size);
        return core.ops(device).sgTable(va, dma, size, attrs);
    }

    /** As {@link #allocCoherent}; freed when the driver leaves the device, the latest first. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dmam_alloc_coherent")
    public CoherentBuffer dmamAllocCoherent(Device device, long size, Gfp gfp) {
        core.enter("dmam_alloc_coherent", device, size, gfp);
        return coherent.allocManaged(
                device, size, gfp, gfp.has(Gfp.NOWARN) ? DmaAttrs.NO_WARN : DmaAttrs.NONE);
    }

    /** As {@link #allocAttrs}; freed when the driver leaves the device, the latest first. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dmam_alloc_attrs")
    public CoherentBuffer dmamAllocAttrs(Device device, long size, Gfp gfp, int attrs) {
        core.enter("dmam_alloc_attrs", device, size, gfp);
        return coherent.allocManaged(device, size, gfp, attrs);
    }

    /**
     * Frees what {@link #dmamAllocCoherent} gave before the driver leaves.
     *
     * @param size it was asked for with; the log warns of another one, and it is obeyed
     */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dmam_free_coherent")
    public void dmamFreeCoherent(Device device, long size, long va, long dma) {
        core.enterAt("dmam_free_coherent", device, va, size);
        coherent.freeManaged(device, size, va, dma);
    }

    /**
     * Of old kernels: lets the other side use a part of what was allocated with {@link
     * DmaAttrs#NON_CONSISTENT}.
     */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_cache_sync")
    public void cacheSync(Device device, long va, long size, DmaDirection direction) {
        core.enter("dma_cache_sync", device, va, size, direction);
        coherent.cacheSync(device, va, size, direction);
    }

    // Pools of small blocks.

    /** The pools there are. */
    public DmaPools pools() {
        return pools;
    }

    /**
     * Makes a pool of blocks of coherent memory; may sleep.
     *
     * @param name for files and messages
     * @param size of a block in bytes; it has at least 16, and whole multiples of {@code align}
     * @param align a power of two, or 0 for none
     * @param boundary a power of two that no block crosses a multiple of within its chunk, at least
     *     the size; 0 for none
     * @throws DmaException EINVAL when they are none of that
     */
    @Linux(file = "mm/dmapool.c", symbol = "dma_pool_create")
    public DmaPool poolCreate(String name, Device device, long size, long align, long boundary) {
        core.enterAt("dma_pool_create", device, 0, size);
        return pools.create(name, device, size, align, boundary);
    }

    /** As {@link #poolCreate}; destroyed when the driver leaves the device. */
    @Linux(file = "mm/dmapool.c", symbol = "dmam_pool_create")
    public DmaPool dmamPoolCreate(
            String name, Device device, long size, long align, long boundary) {
        core.enterAt("dmam_pool_create", device, 0, size);
        return pools.createManaged(name, device, size, align, boundary);
    }

    /** Destroys what {@link #dmamPoolCreate} made before the driver leaves. */
    @Linux(file = "mm/dmapool.c", symbol = "dmam_pool_destroy")
    public void dmamPoolDestroy(DmaPool pool) {
        core.calls().enter();
        pools.destroyManaged(pool);
    }

    // Pages that are synced.

    /**
     * Allocates pages that stay with the device but are in the CPU's caches, zeroed: syncs say who
     * uses them. They begin with the CPU.
     *
     * @param size in bytes
     * @param gfp without zones
     * @throws DmaException ENOMEM when there are none that the device reaches, or {@code gfp} names
     *     a zone or a compound page
     */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_alloc_pages")
    public DmaPages allocPages(Device device, long size, DmaDirection direction, Gfp gfp) {
        core.enter("dma_alloc_pages", device, size, gfp);
        return shared.alloc(device, size, direction, gfp);
    }

    /** Frees what {@link #allocPages} gave, with the same size and direction. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_free_pages")
    public void freePages(Device device, long size, long page, long dma, DmaDirection direction) {
        core.enter("dma_free_pages", device, dma, size, direction);
        shared.free(device, new DmaPages(page, dma, size), direction);
    }

    /** As {@link #allocPages}, for who uses the CPU's address: {@link DmaPages#va}. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_alloc_noncoherent")
    public DmaPages allocNoncoherent(Device device, long size, DmaDirection direction, Gfp gfp) {
        return allocPages(device, size, direction, gfp);
    }

    /**
     * Frees what {@link #allocNoncoherent} gave.
     *
     * @param va in the linear map
     */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_free_noncoherent")
    public void freeNoncoherent(
            Device device, long size, long va, long dma, DmaDirection direction) {
        freePages(device, size, core.virtual().virtToPage(va), dma, direction);
    }

    /**
     * Maps pages of {@link #allocPages} into a process, cached.
     *
     * @param size of the allocation, not of the area
     * @throws DmaException ENXIO when the area leaves the allocation
     */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_mmap_pages")
    public void mmapPages(Device device, Vma vma, long size, long page) {
        core.enterAt("dma_mmap_pages", device, page, size);
        shared.mmap(vma, new DmaPages(page, 0, size));
    }

    /**
     * Allocates pages that are one segment for the device, and need not be contiguous for the CPU.
     *
     * @param attrs {@link DmaAttrs#ALLOC_SINGLE_PAGES} or none
     * @return a table with one entry for the device; synced as a mapped one
     * @throws DmaException ENOMEM as {@link #allocPages}
     */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_alloc_noncontiguous")
    public SgTable allocNoncontiguous(
            Device device, long size, DmaDirection direction, Gfp gfp, int attrs) {
        core.enter("dma_alloc_noncontiguous", device, size, gfp);
        return shared.allocNoncontiguous(device, size, direction, gfp, attrs);
    }

    /** Frees what {@link #allocNoncontiguous} gave, with the same size and direction. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_free_noncontiguous")
    public void freeNoncontiguous(Device device, long size, SgTable table, DmaDirection direction) {
        core.enter("dma_free_noncontiguous", device, table.sgl().dmaAddress(0), size, direction);
        shared.freeNoncontiguous(device, size, table, direction);
    }

    /**
     * Shows the CPU the pages of {@link #allocNoncontiguous} one behind the other; may sleep.
     *
     * @throws DmaException ENOMEM
     */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_vmap_noncontiguous")
    public long vmapNoncontiguous(Device device, long size, SgTable table) {
        core.enterAt("dma_vmap_noncontiguous", device, 0, size);
        return shared.vmapNoncontiguous(device, size, table);
    }

    /** Ends {@link #vmapNoncontiguous}. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_vunmap_noncontiguous")
    public void vunmapNoncontiguous(Device device, long va) {
        core.enterAt("dma_vunmap_noncontiguous", device, va, 0);
        shared.vunmapNoncontiguous(device, va);
    }

    /**
     * Maps pages of {@link #allocNoncontiguous} into a process, cached.
     *
     * @throws DmaException ENXIO when the area leaves the allocation
     */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_mmap_noncontiguous")
    public void mmapNoncontiguous(Device device, Vma vma, long size, SgTable table) {
        core.enterAt("dma_mmap_noncontiguous", device, 0, size);
        shared.mmapNoncontiguous(vma, size, table);
    }

    // Streaming: one range.

    /**
     * Lends memory to the device, as a scope.
     *
     * @param va in the linear map
     * @throws DmaException ENOMEM when the device does not reach it
     */
    public StreamingMapping map(Device device, long va, long size, DmaDirection direction) {
        long dma = mapSingle(device, va, size, direction);
        return new StreamingMapping(this, device, dma, size, direction);
    }

    /**
     * Lends memory to the device.
     *
     * @param va in the linear map
     * @return where the device finds it
     * @throws DmaException ENOMEM when the device does not reach it, or {@code va} is of {@code
     *     vmalloc}
     */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_map_single")
    public long mapSingle(Device device, long va, long size, DmaDirection direction) {
        return streaming.mapped(
                device, tryMapSingle(device, va, size, direction, DmaAttrs.NONE), size);
    }

    /** As {@link #mapSingle(Device, long, long, DmaDirection)}, with attributes. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_map_single_attrs")
    public long mapSingle(Device device, long va, long size, DmaDirection direction, int attrs) {
        return streaming.mapped(device, tryMapSingle(device, va, size, direction, attrs), size);
    }

    /** As {@link #mapSingle}, or {@link DmaAddr#MAPPING_ERROR}. */
    public long tryMapSingle(Device device, long va, long size, DmaDirection direction, int attrs) {
        core.enter("dma_map_single_attrs", device, va, size, direction);
        return streaming.mapSingle(device, va, size, direction, attrs);
    }

    /**
     * Lends a part of pages to the device.
     *
     * @param page physical address of the first page
     * @param offset of the first byte; may exceed a page
     * @throws DmaException ENOMEM when the device does not reach it
     */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_map_page")
    public long mapPage(Device device, long page, long offset, long size, DmaDirection direction) {
        return streaming.mapped(
                device, tryMapPage(device, page, offset, size, direction, DmaAttrs.NONE), size);
    }

    /** As {@link #mapPage}, with attributes; or {@link DmaAddr#MAPPING_ERROR}. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_map_page_attrs")
    public long tryMapPage(
            Device device, long page, long offset, long size, DmaDirection direction, int attrs) {
        core.enter("dma_map_page_attrs", device, page + offset, size, direction);
        return streaming.mapPage(device, page + offset, size, direction, attrs);
    }

    /**
     * Lends physical memory to the device: RAM, or registers with {@link DmaAttrs#MMIO}. The base
     * of all functions that map one range.
     *
     * @throws DmaException ENOMEM when the device does not reach it
     */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_map_phys")
    public long mapPhys(Device device, long phys, long size, DmaDirection direction, int attrs) {
        return streaming.mapped(device, tryMapPhys(device, phys, size, direction, attrs), size);
    }

    /** As {@link #mapPhys}, or {@link DmaAddr#MAPPING_ERROR}. */
    public long tryMapPhys(Device device, long phys, long size, DmaDirection direction, int attrs) {
        core.enter("dma_map_phys", device, phys, size, direction);
        return streaming.mapPhys(device, phys, size, direction, attrs);
    }

    /** Takes back what {@link #mapPhys} lent, with the same size, direction and attributes. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_unmap_phys")
    public void unmapPhys(Device device, long dma, long size, DmaDirection direction, int attrs) {
        core.enter("dma_unmap_phys", device, dma, size, direction);
        streaming.unmapPhys(device, dma, size, direction, attrs);
    }

    /** Takes back what {@link #mapSingle} lent, with the same size and direction. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_unmap_single")
    public void unmapSingle(Device device, long dma, long size, DmaDirection direction) {
        unmapSingle(device, dma, size, direction, DmaAttrs.NONE);
    }

    /** As {@link #unmapSingle(Device, long, long, DmaDirection)}, with attributes. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_unmap_single_attrs")
    public void unmapSingle(Device device, long dma, long size, DmaDirection direction, int attrs) {
        core.enter("dma_unmap_single_attrs", device, dma, size, direction);
        streaming.unmap(device, dma, size, direction, attrs);
    }

    /** Takes back what {@link #mapPage} lent, with the same size and direction. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_unmap_page")
    public void unmapPage(Device device, long dma, long size, DmaDirection direction) {
        unmapPage(device, dma, size, direction, DmaAttrs.NONE);
    }

    /** As {@link #unmapPage(Device, long, long, DmaDirection)}, with attributes. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_unmap_page_attrs")
    public void unmapPage(Device device, long dma, long size, DmaDirection direction, int attrs) {
        core.enter("dma_unmap_page_attrs", device, dma, size, direction);
        streaming.unmap(device, dma, size, direction, attrs);
    }

    /**
     * Lends registers of another device.
     *
     * @param phys their physical address, not RAM
     * @throws DmaException ENOMEM when the device does not reach them
     */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_map_resource")
    public long mapResource(
            Device device, long phys, long size, DmaDirection direction, int attrs) {
        return streaming.mapped(device, tryMapResource(device, phys, size, direction, attrs), size);
    }

    /** As {@link #mapResource}, or {@link DmaAddr#MAPPING_ERROR}. */
    public long tryMapResource(
            Device device, long phys, long size, DmaDirection direction, int attrs) {
        core.enter("dma_map_resource", device, phys, size, direction);
        return streaming.mapResource(device, phys, size, direction, attrs);
    }

    /** Takes back what {@link #mapResource} lent. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_unmap_resource")
    public void unmapResource(
            Device device, long dma, long size, DmaDirection direction, int attrs) {
        core.enter("dma_unmap_resource", device, dma, size, direction);
        streaming.unmapResource(device, dma, size, direction, attrs);
    }

    /** Whether a {@code try} function failed, by the address it answered. 0 is no failure. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_mapping_error")
    public boolean mappingError(Device device, long dma) {
        if (rules.areOn()) {
            rules.returning().errorTested(device, dma);
        }
        return dma == DmaAddr.MAPPING_ERROR;
    }

    // Streaming: lists.

    /**
     * Lends a list and sets the device's view of its entries.
     *
     * @return how many entries the device sees, at least 1
     * @throws DmaException EIO when the device does not reach all of it; then nothing is lent
     */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_map_sg")
    public int mapSg(Device device, Scatterlist sg, int nents, DmaDirection direction) {
        return mapSg(device, sg, nents, direction, DmaAttrs.NONE);
    }

    /** As {@link #mapSg(Device, Scatterlist, int, DmaDirection)}, with attributes. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_map_sg_attrs")
    public int mapSg(Device device, Scatterlist sg, int nents, DmaDirection direction, int attrs) {
        return Lists.mapped(device, lists.map(device, sg, nents, direction, attrs), nents);
    }

    /** As {@link #mapSg}, or 0. */
    public int tryMapSg(
            Device device, Scatterlist sg, int nents, DmaDirection direction, int attrs) {
        return Math.max(0, tryMapSgEntries(device, sg, nents, direction, attrs));
    }

    /** As {@link #mapSg}, or the negative error number that {@code dma_map_sgtable} answers. */
    public int tryMapSgEntries(
            Device device, Scatterlist sg, int nents, DmaDirection direction, int attrs) {
        return lists.map(device, sg, nents, direction, attrs);
    }

    /** Takes a list back; {@code nents} is what {@link #mapSg} was given, not what it answered. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_unmap_sg")
    public void unmapSg(Device device, Scatterlist sg, int nents, DmaDirection direction) {
        unmapSg(device, sg, nents, direction, DmaAttrs.NONE);
    }

    /** As {@link #unmapSg(Device, Scatterlist, int, DmaDirection)}, with attributes. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_unmap_sg_attrs")
    public void unmapSg(
            Device device, Scatterlist sg, int nents, DmaDirection direction, int attrs) {
        core.enterList("dma_unmap_sg_attrs", device, nents, direction);
        lists.unmap(device, sg, nents, direction, attrs);
    }

    /**
     * Lends a table and sets its {@link SgTable#nents}.
     *
     * @throws DmaException EIO, ENOMEM (a later try may help), EREMOTEIO or EINVAL
     */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_map_sgtable")
    public void mapSgTable(Device device, SgTable table, DmaDirection direction, int attrs) {
        int nents = table.origNents();
        table.setNents(
                Lists.mapped(
                        device, lists.map(device, table.sgl(), nents, direction, attrs), nents));
    }

    /** As {@link #mapSgTable}; 0, or a negative error number. */
    public int tryMapSgTable(Device device, SgTable table, DmaDirection direction, int attrs) {
        int result = lists.map(device, table.sgl(), table.origNents(), direction, attrs);
        if (result < 0) {
            return result;
        }
        table.setNents(result);
        return 0;
    }

    /** Takes a table back. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_unmap_sgtable")
    public void unmapSgTable(Device device, SgTable table, DmaDirection direction, int attrs) {
        unmapSg(device, table.sgl(), table.origNents(), direction, attrs);
    }

    // Streaming: addresses first, then memory.

    /**
     * Reserves addresses for memory that is linked piece by piece.
     *
     * @param state of the caller; empty afterwards when the answer is no
     * @param phys of the first byte that will be linked
     * @param size of all of it, in bytes
     * @return false when the device sees memory without translation, or no addresses are free: then
     *     memory is mapped as ever
     */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "dma_iova_try_alloc")
    public boolean iovaTryAlloc(Device device, DmaIova state, long phys, long size) {
        core.enterAt("dma_iova_try_alloc", device, phys, size);
        return linking.tryAlloc(device, state, phys, size);
    }

    /** Gives addresses back behind which nothing was linked. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "dma_iova_free")
    public void iovaFree(Device device, DmaIova state) {
        core.enterAt("dma_iova_free", device, state.dma(), state.size());
        linking.free(device, state);
    }

    /**
     * Puts memory behind a part of the addresses. Every piece but the first begins, and every piece
     * but the last ends, on {@link #getMergeBoundary}. The device may use it after {@link
     * #iovaSync}.
     *
     * @param offset from the first address
     * @throws DmaException EIO for a piece that begins elsewhere, ENOMEM
     * @throws IllegalStateException when the state has no addresses
     */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "dma_iova_link")
    public void iovaLink(
            Device device,
            DmaIova state,
            long phys,
            long offset,
            long size,
            DmaDirection direction,
            int attrs) {
        Lists.mapped(device, tryIovaLink(device, state, phys, offset, size, direction, attrs), 1);
    }

    /** As {@link #iovaLink}; 0, or a negative error number. */
    public int tryIovaLink(
            Device device,
            DmaIova state,
            long phys,
            long offset,
            long size,
            DmaDirection direction,
            int attrs) {
        core.enter("dma_iova_link", device, phys, size, direction);
        return linking.link(device, state, phys, offset, size, direction, attrs);
    }

    /**
     * Lets the device use what was linked in a part of the addresses.
     *
     * @return 0, or a negative error number
     */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "dma_iova_sync")
    public int iovaSync(Device device, DmaIova state, long offset, long size) {
        core.enterAt("dma_iova_sync", device, state.dma() + offset, size);
        return linking.sync(device, state, offset, size);
    }

    /** Takes memory away from a part of the addresses, which stay reserved. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "dma_iova_unlink")
    public void iovaUnlink(
            Device device,
            DmaIova state,
            long offset,
            long size,
            DmaDirection direction,
            int attrs) {
        core.enter("dma_iova_unlink", device, state.dma() + offset, size, direction);
        linking.unlink(device, state, offset, size, direction, attrs);
    }

    /**
     * Takes all memory away and gives the addresses back.
     *
     * @param mapped bytes from the first address on that are linked
     */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "dma_iova_destroy")
    public void iovaDestroy(
            Device device, DmaIova state, long mapped, DmaDirection direction, int attrs) {
        core.enter("dma_iova_destroy", device, state.dma(), mapped, direction);
        linking.destroy(device, state, mapped, direction, attrs);
    }

    // Sync.

    /** Lets the CPU use a mapping, or a part of one, for a while. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_sync_single_for_cpu")
    public void syncSingleForCpu(Device device, long dma, long size, DmaDirection direction) {
        core.enter("dma_sync_single_for_cpu", device, dma, size, direction);
        streaming.syncForCpu(device, dma, size, direction);
    }

    /** Lets the device use it again. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_sync_single_for_device")
    public void syncSingleForDevice(Device device, long dma, long size, DmaDirection direction) {
        core.enter("dma_sync_single_for_device", device, dma, size, direction);
        streaming.syncForDevice(device, dma, size, direction);
    }

    /** As {@link #syncSingleForCpu}, from an offset on. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_sync_single_range_for_cpu")
    public void syncSingleRangeForCpu(
            Device device, long dma, long offset, long size, DmaDirection direction) {
        syncSingleForCpu(device, dma + offset, size, direction);
    }

    /** As {@link #syncSingleForDevice}, from an offset on. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_sync_single_range_for_device")
    public void syncSingleRangeForDevice(
            Device device, long dma, long offset, long size, DmaDirection direction) {
        syncSingleForDevice(device, dma + offset, size, direction);
    }

    /** As {@link #syncSingleForCpu}, a whole list; {@code nents} is what it was mapped with. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_sync_sg_for_cpu")
    public void syncSgForCpu(Device device, Scatterlist sg, int nents, DmaDirection direction) {
        core.enterList("dma_sync_sg_for_cpu", device, nents, direction);
        lists.syncForCpu(device, sg, nents, direction);
    }

    /** As {@link #syncSingleForDevice}, a whole list; {@code nents} is what it was mapped with. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_sync_sg_for_device")
    public void syncSgForDevice(Device device, Scatterlist sg, int nents, DmaDirection direction) {
        core.enterList("dma_sync_sg_for_device", device, nents, direction);
        lists.syncForDevice(device, sg, nents, direction);
    }

    /** As {@link #syncSgForCpu}, a table. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_sync_sgtable_for_cpu")
    public void syncSgTableForCpu(Device device, SgTable table, DmaDirection direction) {
        syncSgForCpu(device, table.sgl(), table.origNents(), direction);
    }

    /** As {@link #syncSgForDevice}, a table. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_sync_sgtable_for_device")
    public void syncSgTableForDevice(Device device, SgTable table, DmaDirection direction) {
        syncSgForDevice(device, table.sgl(), table.origNents(), direction);
    }

    /** Whether syncing a mapping would do anything. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_need_sync")
    public boolean needSync(Device device, long dma) {
        core.calls().enter();
        return limits.needsSync(device, dma);
    }

    // Masks and limits.

    /** {@code DMA_BIT_MASK(n)}: the lowest {@code bits} of 64. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "DMA_BIT_MASK")
    public static long bitMask(int bits) {
        if (bits < 1 || bits > 64) {
            throw new IllegalArgumentException("a mask of " + bits + " bits");
        }
        return -1L >>> (64 - bits);
    }

    /**
     * Says which addresses the device can put on its bus in mappings.
     *
     * @throws DmaException EIO when it does no DMA, or the platform needs a wider mask
     */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_set_mask")
    public void setMask(Device device, long mask) {
        core.enterMask("dma_set_mask", device, mask);
        limits.setMask(device, mask);
    }

    /**
     * The same for coherent memory.
     *
     * @throws DmaException EIO when the platform needs a wider mask
     */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_set_coherent_mask")
    public void setCoherentMask(Device device, long mask) {
        core.enterMask("dma_set_coherent_mask", device, mask);
        limits.setCoherentMask(device, mask);
    }

    /**
     * Sets both masks.
     *
     * @throws DmaException as {@link #setMask}; then neither is set
     */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_set_mask_and_coherent")
    public void setMaskAndCoherent(Device device, long mask) {
        setMask(device, mask);
        setCoherentMask(device, mask);
    }

    /** Whether a mask is wide enough for the platform. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_supported")
    public boolean isSupported(Device device, long mask) {
        core.calls().enter();
        return core.ops(device).supports(mask);
    }

    /** Sets both masks of a device that had none. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_coerce_mask_and_coherent")
    public void coerceMaskAndCoherent(Device device, long mask) {
        device.dma().dmaMask(device.dma().coherentDmaMask());
        setMaskAndCoherent(device, mask);
    }

    /** The mask for mappings; 32 bits where none is set. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_get_mask")
    public long getMask(Device device) {
        return Limits.mask(device);
    }

    /** The mask that reaches all of RAM. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_get_required_mask")
    public long getRequiredMask(Device device) {
        core.calls().enter();
        return core.ops(device).requiredMask();
    }

    /** Largest size of one mapping, in bytes; {@link Long#MAX_VALUE} for no limit. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_max_mapping_size")
    public long maxMappingSize(Device device) {
        core.calls().enter();
        return core.ops(device).maxMappingSize();
    }

    /** Largest size of one mapping that is made without detours, in bytes. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_opt_mapping_size")
    public long optMappingSize(Device device) {
        core.calls().enter();
        return limits.optMappingSize(device);
    }

    /** Whether there is RAM that the device cannot reach by itself. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_addressing_limited")
    public boolean isAddressingLimited(Device device) {
        core.calls().enter();
        return limits.isAddressingLimited(device);
    }

    /** The line size by which buffers are aligned so that they share none, in bytes. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_get_cache_alignment")
    public static int getCacheAlignment() {
        return Ram.LINE_BYTES;
    }

    /** The boundary mask at which neighbours in a list merge; 0 when they never do. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_get_merge_boundary")
    public long getMergeBoundary(Device device) {
        core.calls().enter();
        return core.ops(device).mergeBoundary();
    }

    /** The longest segment the device takes, in bytes. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_get_max_seg_size")
    public long getMaxSegSize(Device device) {
        return Integer.toUnsignedLong(device.dma().maxSegmentSize());
    }

    /** Sets the longest segment, in bytes, below 4 GiB; 0 for the default. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_set_max_seg_size")
    public void setMaxSegSize(Device device, long bytes) {
        if (bytes < 0 || bytes > Scatterlist.LENGTH_MAX) {
            throw new IllegalArgumentException("segments of %d bytes".formatted(bytes));
        }
        device.dma().maxSegmentSize((int) bytes);
    }

    /** A segment never crosses a multiple of this mask plus one. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_get_seg_boundary")
    public long getSegBoundary(Device device) {
        return device.dma().segmentBoundaryMask();
    }

    /** Sets the boundary that segments never cross. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_set_seg_boundary")
    public void setSegBoundary(Device device, long mask) {
        device.dma().segmentBoundaryMask(mask);
    }

    /** Low bits of an address that a bounce buffer keeps. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_get_min_align_mask")
    public int getMinAlignMask(Device device) {
        return device.dma().minAlignMask();
    }

    /** Sets the low bits that a bounce buffer keeps. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_set_min_align_mask")
    public void setMinAlignMask(Device device, int mask) {
        device.dma().minAlignMask(mask);
    }

    // A device's end.

    /**
     * Tells the debugging of the API that a driver has left a device, before {@link
     * #checkGivenBack} forgets what it left behind.
     */
    @Linux(file = "kernel/dma/debug.c", symbol = "dma_debug_device_change")
    public void driverLeft(Device device) {
        rules.debugRules().released(device);
    }

    /**
     * Says whether a device holds something its driver never gave back.
     *
     * @throws OwnershipViolation in strict mode, naming each mapping
     */
    @Linux(file = "kernel/dma/debug.c", symbol = "dma_debug_device_change")
    public void checkGivenBack(Device device) {
        DmaBinding binding = device.dma().binding();
        if (binding == null || binding.open().count() == 0) {
            return;
        }
        if (rules.areOn()) {
            rules.leaks().checkGivenBack(device, _ -> true);
        }
        core.misuse("%s still holds %s", device, binding.open().list());
    }
}
