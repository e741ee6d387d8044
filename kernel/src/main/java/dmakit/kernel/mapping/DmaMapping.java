package dmakit.kernel.mapping;

import dmakit.kernel.Calls;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DmaParameters;
import dmakit.kernel.device.DmaRangeMap;
import dmakit.kernel.direct.DirectDma;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dma.DmaAddr;
import dmakit.kernel.dma.DmaAttrs;
import dmakit.kernel.dma.DmaBinding;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dma.DmaOps;
import dmakit.kernel.dma.OpenMappings.Kind;
import dmakit.kernel.log.Log;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.kernel.mm.Vma;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.scatterlist.SgTable;
import dmakit.machine.Machine;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.memory.Ram;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

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
    private enum Once {
        VMALLOC,
        NO_MASK,
        NO_COHERENT_MASK
    }

    private final Machine machine;
    private final Cpu cpu;
    private final Calls calls;
    private final Log log;
    private final VirtualMemory virtual;
    private final DirectDma direct;
    private final boolean strict;
    private final MappingRules rules;
    private final DeviceRules deviceRules;
    private final Set<Once> warned = EnumSet.noneOf(Once.class);

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
        this.machine = machine;
        cpu = machine.cpu();
        this.calls = calls;
        this.log = log;
        this.virtual = virtual;
        this.direct = direct;
        this.strict = strict;
        Findings findings = calls.findings();
        rules = new MappingRules(calls, machine.ram(), machine.caches());
        deviceRules = new DeviceRules(findings, rules);
        machine.bus().watch(deviceRules);
    }

    // Findings.

    /** Says who knows what devices were asked to do. */
    public void deviceWork(DeviceWork work) {
        rules.work(work);
    }

    /**
     * Reports what is still lent of what was lent at sites of a module that is unloaded, and
     * forgets it.
     */
    public void checkLeft(LongPredicate sites) {
        rules.checkLeft(sites);
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
        enter("dma_map_single_attrs", device, va, size, DmaDirection.NONE);
        warnOnce(Once.VMALLOC, device, "rejecting DMA map of vmalloc memory");
        rules.rejected(id, device, va, size);
        return DmaAddr.MAPPING_ERROR;
    }

    /** Reports a direction that is none, which stops Linux. */
    public void noDirection(Device device, String function, int direction) {
        rules.noDirection(device, function, direction);
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
        enter("dma_alloc_coherent", device, size, gfp);
        return alloc(device, size, gfp, gfp.has(Gfp.NOWARN) ? DmaAttrs.NO_WARN : DmaAttrs.NONE);
    }

    /**
     * As {@link #allocCoherent}, with attributes.
     *
     * @throws DmaException also EINVAL for a compound page
     */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_alloc_attrs")
    public CoherentBuffer allocAttrs(Device device, long size, Gfp gfp, int attrs) {
        enter("dma_alloc_attrs", device, size, gfp);
        return alloc(device, size, gfp, attrs);
    }

    /** As {@link #allocCoherent}, where the CPU's stores may be gathered. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_alloc_wc")
    public CoherentBuffer allocWc(Device device, long size, Gfp gfp) {
        enter("dma_alloc_wc", device, size, gfp);
        return alloc(device, size, gfp, DmaAttrs.WRITE_COMBINE);
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
        enterAt("dma_free_coherent", device, va, size);
        free(device, size, va, dma, DmaAttrs.NONE);
    }

    /** Frees what {@link #allocAttrs} gave, with the same attributes. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_free_attrs")
    public void freeAttrs(Device device, long size, long va, long dma, int attrs) {
        enterAt("dma_free_attrs", device, va, size);
        free(device, size, va, dma, attrs);
    }

    /** Frees what {@link #allocWc} gave. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_free_wc")
    public void freeWc(Device device, long size, long va, long dma) {
        enterAt("dma_free_wc", device, va, size);
        free(device, size, va, dma, DmaAttrs.WRITE_COMBINE);
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

    /** As {@link #mmapCoherent}, with the attributes of the allocation. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_mmap_attrs")
    public void mmapAttrs(Device device, Vma vma, long va, long dma, long size, int attrs) {
        enterAt("dma_mmap_attrs", device, va, size);
        boolean outer = calls.internal(true);
        try {
            ops(device).mmap(vma, va, dma, size, attrs);
        } finally {
            calls.internal(outer);
        }
    }

    /** Whether coherent memory can be mapped into processes. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_can_mmap")
    public boolean canMmap(Device device) {
        calls.enter();
        return ops(device).canMmap();
    }

    /** The pages of coherent memory as a table that is not mapped. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_get_sgtable_attrs")
    public SgTable getSgTable(Device device, long va, long dma, long size) {
        enterAt("dma_get_sgtable_attrs", device, va, size);
        return ops(device).sgTable(va, dma, size, DmaAttrs.NONE);
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
        return mapped(device, tryMapSingle(device, va, size, direction, DmaAttrs.NONE), size);
    }

    /** As {@link #mapSingle(Device, long, long, DmaDirection)}, with attributes. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_map_single_attrs")
    public long mapSingle(Device device, long va, long size, DmaDirection direction, int attrs) {
        return mapped(device, tryMapSingle(device, va, size, direction, attrs), size);
    }

    /** As {@link #mapSingle}, or {@link DmaAddr#MAPPING_ERROR}. */
    public long tryMapSingle(Device device, long va, long size, DmaDirection direction, int attrs) {
        enter("dma_map_single_attrs", device, va, size, direction);
        if (AddressLayout.isVmalloc(va)) {
            warnOnce(Once.VMALLOC, device, "rejecting DMA map of vmalloc memory");
            rules.rejected(FindingId.MAP_VMALLOC, device, va, size);
            return DmaAddr.MAPPING_ERROR;
        }
        return map(device, virtual.virtToPhys(va), size, direction, attrs);
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
        return mapped(
                device, tryMapPage(device, page, offset, size, direction, DmaAttrs.NONE), size);
    }

    /** As {@link #mapPage}, with attributes; or {@link DmaAddr#MAPPING_ERROR}. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_map_page_attrs")
    public long tryMapPage(
            Device device, long page, long offset, long size, DmaDirection direction, int attrs) {
        enter("dma_map_page_attrs", device, page + offset, size, direction);
        return map(device, page + offset, size, direction, attrs);
    }

    /** Takes back what {@link #mapSingle} lent, with the same size and direction. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_unmap_single")
    public void unmapSingle(Device device, long dma, long size, DmaDirection direction) {
        unmapSingle(device, dma, size, direction, DmaAttrs.NONE);
    }

    /** As {@link #unmapSingle(Device, long, long, DmaDirection)}, with attributes. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_unmap_single_attrs")
    public void unmapSingle(Device device, long dma, long size, DmaDirection direction, int attrs) {
        enter("dma_unmap_single_attrs", device, dma, size, direction);
        unmap(device, dma, size, direction, attrs);
    }

    /** Takes back what {@link #mapPage} lent, with the same size and direction. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_unmap_page")
    public void unmapPage(Device device, long dma, long size, DmaDirection direction) {
        unmapPage(device, dma, size, direction, DmaAttrs.NONE);
    }

    /** As {@link #unmapPage(Device, long, long, DmaDirection)}, with attributes. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_unmap_page_attrs")
    public void unmapPage(Device device, long dma, long size, DmaDirection direction, int attrs) {
        enter("dma_unmap_page_attrs", device, dma, size, direction);
        unmap(device, dma, size, direction, attrs);
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
        return mapped(device, tryMapResource(device, phys, size, direction, attrs), size);
    }

    /** As {@link #mapResource}, or {@link DmaAddr#MAPPING_ERROR}. */
    public long tryMapResource(
            Device device, long phys, long size, DmaDirection direction, int attrs) {
        enter("dma_map_resource", device, phys, size, direction);
        DmaBinding binding = binding(device);
        checkDirection(direction);
        if (hasNoMask(device)) {
            return DmaAddr.MAPPING_ERROR;
        }
        long dma = binding.ops().mapResource(phys, size, direction, attrs);
        if (dma != DmaAddr.MAPPING_ERROR) {
            binding.open().add(dma, size, Kind.RESOURCE, direction);
            if (rules.areOn()) {
                rules.lent(device, Kind.RESOURCE, dma, phys, 0, size, direction, attrs);
            }
        }
        return dma;
    }

    /** Takes back what {@link #mapResource} lent. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_unmap_resource")
    public void unmapResource(
            Device device, long dma, long size, DmaDirection direction, int attrs) {
        enter("dma_unmap_resource", device, dma, size, direction);
        DmaBinding binding = binding(device);
        checkDirection(direction);
        close(device, binding, dma, size, Kind.RESOURCE, direction, attrs);
        binding.ops().unmapResource(dma, size, direction, attrs);
    }

    /** Whether a {@code try} function failed, by the address it answered. 0 is no failure. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_mapping_error")
    public boolean mappingError(Device device, long dma) {
        if (rules.areOn()) {
            rules.errorTested(device, dma);
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
        return mappedList(device, enterMapSg(device, sg, nents, direction, attrs), nents);
    }

    /** As {@link #mapSg}, or 0. */
    public int tryMapSg(
            Device device, Scatterlist sg, int nents, DmaDirection direction, int attrs) {
        return Math.max(0, enterMapSg(device, sg, nents, direction, attrs));
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
        enterList("dma_unmap_sg_attrs", device, nents, direction);
        DmaBinding binding = binding(device);
        checkDirection(direction);
        Lending list = close(device, binding, sg.dmaAddress(0), nents, Kind.LIST, direction, attrs);
        if (!rules.areOn() || (list != null && list.entries().size() >= nents)) {
            binding.ops().unmapSg(sg, nents, direction, attrs);
        }
        endLease(list);
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
                mappedList(
                        device, enterMapSg(device, table.sgl(), nents, direction, attrs), nents));
    }

    /** As {@link #mapSgTable}; 0, or a negative error number. */
    public int tryMapSgTable(Device device, SgTable table, DmaDirection direction, int attrs) {
        int result = enterMapSg(device, table.sgl(), table.origNents(), direction, attrs);
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

    // Sync.

    /** Lets the CPU use a mapping, or a part of one, for a while. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_sync_single_for_cpu")
    public void syncSingleForCpu(Device device, long dma, long size, DmaDirection direction) {
        enter("dma_sync_single_for_cpu", device, dma, size, direction);
        checkDirection(direction);
        if (mayBeSynced(device, dma, size, direction)) {
            ops(device).syncForCpu(dma, size, direction);
            rules.handedTo(device, dma, size, true);
        }
    }

    /** Lets the device use it again. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_sync_single_for_device")
    public void syncSingleForDevice(Device device, long dma, long size, DmaDirection direction) {
        enter("dma_sync_single_for_device", device, dma, size, direction);
        checkDirection(direction);
        if (mayBeSynced(device, dma, size, direction)) {
            ops(device).syncForDevice(dma, size, direction);
            rules.handedTo(device, dma, size, false);
        }
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
        enterList("dma_sync_sg_for_cpu", device, nents, direction);
        checkDirection(direction);
        if (mayBeSynced(device, sg, nents, direction)) {
            ops(device).syncSgForCpu(sg, nents, direction);
            rules.listHandedTo(device, sg, nents, true);
        }
    }

    /** As {@link #syncSingleForDevice}, a whole list; {@code nents} is what it was mapped with. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_sync_sg_for_device")
    public void syncSgForDevice(Device device, Scatterlist sg, int nents, DmaDirection direction) {
        enterList("dma_sync_sg_for_device", device, nents, direction);
        checkDirection(direction);
        if (mayBeSynced(device, sg, nents, direction)) {
            ops(device).syncSgForDevice(sg, nents, direction);
            rules.listHandedTo(device, sg, nents, false);
        }
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
        calls.enter();
        return ops(device).needsSync(dma);
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
        enterMask("dma_set_mask", device, mask);
        if (device.dma().dmaMask() == 0) {
            rules.maskRefused(device, mask);
            throw new DmaException(Errno.EIO, "%s does no DMA", device);
        }
        checkSupported(device, mask);
        device.dma().dmaMask(mask);
        rules.maskSet(device);
    }

    /**
     * The same for coherent memory.
     *
     * @throws DmaException EIO when the platform needs a wider mask
     */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_set_coherent_mask")
    public void setCoherentMask(Device device, long mask) {
        enterMask("dma_set_coherent_mask", device, mask);
        checkSupported(device, mask);
        device.dma().coherentDmaMask(mask);
        rules.maskSet(device);
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
        calls.enter();
        return ops(device).supports(mask);
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
        long mask = device.dma().dmaMask();
        return mask == 0 ? DmaParameters.MASK_32 : mask;
    }

    /** The mask that reaches all of RAM. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_get_required_mask")
    public long getRequiredMask(Device device) {
        calls.enter();
        return ops(device).requiredMask();
    }

    /** Largest size of one mapping, in bytes; {@link Long#MAX_VALUE} for no limit. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_max_mapping_size")
    public long maxMappingSize(Device device) {
        calls.enter();
        return ops(device).maxMappingSize();
    }

    /** The boundary mask at which neighbours in a list merge; 0 when they never do. */
    @Linux(file = "kernel/dma/mapping.c", symbol = "dma_get_merge_boundary")
    public long getMergeBoundary(Device device) {
        calls.enter();
        return ops(device).mergeBoundary();
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
     * Says whether a device holds something its driver never gave back; a line in the log if so.
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
            rules.checkGivenBack(device, _ -> true);
        }
        log.devErr(
                device,
                "device driver has pending DMA allocations while released from device [count=%d]",
                binding.open().count());
        misuse("%s still holds %s", device, binding.open().list());
    }

    // Inside.

    private DmaOps ops(Device device) {
        return binding(device).ops();
    }

    /** The way to memory of a device: chosen here, once, unless its configuration did. */
    private DmaBinding binding(Device device) {
        DmaBinding binding = device.dma().binding();
        if (binding == null) {
            binding = new DmaBinding(direct.opsFor(device));
            device.dma().binding(binding);
            deviceRules.know(device);
        }
        return binding;
    }

    private CoherentBuffer alloc(Device device, long size, Gfp gfp, int attrs) {
        if (device.dma().coherentDmaMask() == 0) {
            warnOnce(Once.NO_COHERENT_MASK, device, "coherent DMA mask is 0");
        }
        if (gfp.isBlocking()) {
            calls.mightSleep("dma_alloc_attrs");
        }
        if (gfp.has(Gfp.COMP)) {
            throw new DmaException(Errno.EINVAL, "%s: a compound page for a device", device);
        }
        if (size <= 0) {
            throw new DmaException(
                    Errno.ENOMEM, "%s: %s bytes", device, Long.toUnsignedString(size));
        }
        DmaBinding binding = binding(device);
        CoherentBuffer buffer = binding.ops().alloc(size, gfp.withoutZone(), attrs);
        binding.open().add(buffer.dma(), size, Kind.COHERENT, DmaDirection.BIDIRECTIONAL);
        if (rules.areOn()) {
            rules.checkMask(device);
            rules.lent(
                    device,
                    Kind.COHERENT,
                    buffer.dma(),
                    physOf(device, buffer.dma()),
                    (attrs & DmaAttrs.NO_KERNEL_MAPPING) == 0 ? buffer.va() : 0,
                    size,
                    DmaDirection.BIDIRECTIONAL,
                    attrs);
        }
        return buffer;
    }

    private void free(Device device, long size, long va, long dma, int attrs) {
        if (!cpu.interruptsEnabled()) {
            log.devWarn(device, "coherent memory freed with interrupts disabled");
            misuse("%s: dma_free_coherent with interrupts disabled", device);
        }
        if (va == 0 && (attrs & DmaAttrs.NO_KERNEL_MAPPING) == 0) {
            return;
        }
        DmaBinding binding = binding(device);
        if (!rules.areOn()) {
            close(device, binding, dma, size, Kind.COHERENT, DmaDirection.BIDIRECTIONAL, attrs);
            binding.ops().free(size, va, dma, attrs);
            return;
        }
        Lending freed = rules.freed(device, size, va, dma, attrs);
        if (freed == null || freed.kind() != Kind.COHERENT) {
            refuse(device, binding, dma, size, Kind.COHERENT, DmaDirection.BIDIRECTIONAL);
            return;
        }
        // What was meant is freed, and not what was said: the rest of the run stays meaningful.
        DmaBinding owner = binding(freed.device());
        owner.open().remove(freed.dma(), freed.size(), Kind.COHERENT, DmaDirection.BIDIRECTIONAL);
        if (freed.size() != size || freed.dma() != dma || owner != binding) {
            refuse(device, binding, dma, size, Kind.COHERENT, DmaDirection.BIDIRECTIONAL);
        }
        owner.ops()
                .free(freed.size(), freed.va() == 0 ? va : freed.va(), freed.dma(), freed.attrs());
    }

    private long physOf(Device device, long dma) {
        return ops(device).toPhys(dma);
    }

    private long map(Device device, long phys, long size, DmaDirection direction, int attrs) {
        checkDirection(direction);
        if (hasNoMask(device)) {
            return DmaAddr.MAPPING_ERROR;
        }
        virtual.checkRam(phys, size);
        DmaBinding binding = binding(device);
        long dma = binding.ops().map(phys, size, direction, attrs);
        if (dma != DmaAddr.MAPPING_ERROR) {
            binding.open().add(dma, size, Kind.SINGLE, direction);
        }
        if (rules.areOn()) {
            rules.checkMask(device);
            if (dma == DmaAddr.MAPPING_ERROR) {
                rules.refused(device, 0);
            } else {
                rules.lent(device, Kind.SINGLE, dma, phys, 0, size, direction, attrs);
            }
        }
        return dma;
    }

    private void unmap(Device device, long dma, long size, DmaDirection direction, int attrs) {
        checkDirection(direction);
        DmaBinding binding = binding(device);
        Lending lending = close(device, binding, dma, size, Kind.SINGLE, direction, attrs);
        // Caches are maintained at whatever address it was; where there is no RAM is none.
        if (!rules.areOn() || isRam(device, dma, size)) {
            binding.ops().unmap(dma, size, direction, attrs);
        }
        endLease(lending);
    }

    private int enterMapSg(
            Device device, Scatterlist sg, int nents, DmaDirection direction, int attrs) {
        enterList("dma_map_sg_attrs", device, nents, direction);
        checkDirection(direction);
        if (nents < 1) {
            throw new IllegalArgumentException("a list of %d entries".formatted(nents));
        }
        checkCount(sg, nents);
        if (hasNoMask(device)) {
            return -Errno.EIO.number();
        }
        DmaBinding binding = binding(device);
        int mapped = binding.ops().mapSg(sg, nents, direction, attrs);
        if (mapped > 0) {
            binding.open().add(sg.dmaAddress(0), nents, Kind.LIST, direction);
        }
        if (rules.areOn()) {
            rules.checkMask(device);
            if (mapped > 0) {
                rules.lentList(device, sg, nents, direction, attrs);
            } else {
                rules.refused(device, nents);
            }
        }
        return mapped;
    }

    private static void checkCount(Scatterlist sg, int nents) {
        int entries = sg.entries();
        if (entries < nents) {
            throw new IllegalArgumentException(
                    "%d entries of a list of %d".formatted(nents, entries));
        }
    }

    /** A refusal that is thrown cannot be overlooked. */
    private long mapped(Device device, long dma, long size) {
        if (rules.areOn()) {
            rules.errorTested(device, dma);
        }
        if (dma == DmaAddr.MAPPING_ERROR) {
            throw new DmaException(
                    Errno.ENOMEM,
                    "%s cannot map 0x%x bytes: mask 0x%x, bus limit 0x%x, windows %s",
                    device,
                    size,
                    device.dma().dmaMask(),
                    device.dma().busDmaLimit(),
                    String.valueOf(device.dma().rangeMap()));
        }
        return dma;
    }

    private static int mappedList(Device device, int result, int nents) {
        if (result < 0) {
            for (Errno errno : Errno.values()) {
                if (errno.number() == -result) {
                    throw new DmaException(errno, "%s cannot map %d entries", device, nents);
                }
            }
        }
        return result;
    }

    /** Notes that something is given back; answers what, where mistakes are looked for. */
    private @Nullable Lending close(
            Device device,
            DmaBinding binding,
            long dma,
            long size,
            Kind kind,
            DmaDirection direction,
            int attrs) {
        if (!rules.areOn()) {
            if (!binding.open().remove(dma, size, kind, direction)) {
                refuse(device, binding, dma, size, kind, direction);
            }
            return null;
        }
        Lending lending = rules.takenBack(device, dma, size, kind, direction, attrs);
        if (lending == null) {
            refuse(device, binding, dma, size, kind, direction);
            return null;
        }
        long held = lending.kind() == Kind.LIST ? lending.entries().size() : lending.size();
        binding.open().remove(lending.dma(), held, lending.kind(), lending.direction());
        if (lending.kind() != kind || held != size || lending.direction() != direction) {
            refuse(device, binding, dma, size, kind, direction);
        }
        return lending;
    }

    private static void endLease(@Nullable Lending lending) {
        if (lending != null) {
            lending.endLease();
        }
    }

    private boolean isRam(Device device, long dma, long size) {
        long phys = physOf(device, dma);
        return phys != DmaRangeMap.UNREACHABLE && machine.ram().offsetOf(phys, size) != Ram.NOT_RAM;
    }

    private boolean mayBeSynced(Device device, long dma, long size, DmaDirection direction) {
        if (!rules.areOn()) {
            return true;
        }
        rules.synced(device, dma, size, direction);
        return isRam(device, dma, size);
    }

    private boolean mayBeSynced(Device device, Scatterlist sg, int nents, DmaDirection direction) {
        if (!rules.areOn()) {
            return true;
        }
        rules.syncedList(device, sg, nents, direction);
        return nents <= sg.entries();
    }

    private void refuse(
            Device device,
            DmaBinding binding,
            long dma,
            long size,
            Kind kind,
            DmaDirection direction) {
        misuse(
                "%s gives back dma:0x%x, 0x%x %s, %s; it holds %s",
                device,
                dma,
                size,
                kind == Kind.LIST ? "entries" : "bytes",
                direction,
                binding.open().list());
    }

    private void misuse(String format, Object... values) {
        if (strict && !rules.areOn()) {
            throw new OwnershipViolation(format, values);
        }
    }

    private static void checkDirection(DmaDirection direction) {
        if (!direction.isValid()) {
            throw new IllegalArgumentException("no mapping has direction " + direction);
        }
    }

    private boolean hasNoMask(Device device) {
        if (device.dma().dmaMask() != 0) {
            return false;
        }
        warnOnce(Once.NO_MASK, device, "DMA mask not set");
        return true;
    }

    private void checkSupported(Device device, long mask) {
        if (!ops(device).supports(mask)) {
            rules.maskRefused(device, mask);
            throw new DmaException(
                    Errno.EIO, "%s: a mask of 0x%x is less than the platform needs", device, mask);
        }
    }

    private void warnOnce(Once site, Device device, String line) {
        if (warned.add(site)) {
            log.devWarn(device, line);
        }
    }

    private void enter(
            String function, Device device, long address, long size, DmaDirection direction) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(
                    function,
                    "%s, 0x%x, %d, %s".formatted(device.name(), address, size, direction));
        }
    }

    private void enterAt(String function, Device device, long va, long size) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(function, "%s, 0x%x, %d".formatted(device.name(), va, size));
        }
    }

    private void enter(String function, Device device, long size, Gfp gfp) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(function, "%s, %d, 0x%x".formatted(device.name(), size, gfp.bits()));
        }
    }

    private void enterList(String function, Device device, int nents, DmaDirection direction) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(function, "%s, %d entries, %s".formatted(device.name(), nents, direction));
        }
    }

    private void enterMask(String function, Device device, long mask) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(function, "%s, 0x%x".formatted(device.name(), mask));
        }
    }
}
