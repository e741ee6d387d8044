package dmakit.kernel.drivers.vtd;

import dmakit.datasheet.vtd.ContextEntry;
import dmakit.datasheet.vtd.RootEntry;
import dmakit.datasheet.vtd.VtdRegister;
import dmakit.datasheet.vtd.VtdRegister.Gcmd;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.iommu.IommuDriver;
import dmakit.kernel.iommu.PagingDomain;
import dmakit.kernel.iommu.ReservedRegion;
import dmakit.kernel.log.Log;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.PageAllocator;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One remapping unit: root and context tables, domains, and whose accesses it translates. */
@Linux(file = "drivers/iommu/intel/iommu.h", symbol = "intel_iommu")
final class VtdUnit implements IommuDriver {
    private static final String FILE = "drivers/iommu/intel/iommu.c";

    /** {@code IOAPIC_RANGE_START} to {@code IOAPIC_RANGE_END}: writes there are interrupts. */
    private static final ReservedRegion MESSAGES =
            new ReservedRegion(0xfee0_0000L, 0x10_0000L, 0, ReservedRegion.Kind.MSI);

    /** {@code FLPT_DEFAULT_DID}: of functions whose accesses pass. */
    private static final int PASS_THROUGH_ID = 1;

    /** {@code IDA_START_DID}. */
    private static final int FIRST_ID = 2;

    /** Domain ids: 16 bits. */
    static final int DOMAIN_COUNT = 1 << 16;

    private static final int SOURCE_ID_MAX = 0xffff;
    private static final long WORD = 0xffff_ffffL;

    private final Device device;
    private final Cpu cpu;
    private final Log log;
    private final PageAllocator pages;
    private final Registers registers;
    private final QueuedInvalidation queue;
    private final int levels;
    private final long pageSizes;
    private final long physLast;
    private final long root;
    private final Map<Device, Integer> masters = new LinkedHashMap<>();
    private final BitSet domains = new BitSet();

    /**
     * Takes a unit over that translates nothing; {@link #translate} makes it begin.
     *
     * @param log whose messages begin with {@code DMAR: }
     * @param levels of the tables of its domains
     * @param pageSizes that they can map, as a bitmap
     * @param physBits bits of a physical address
     * @throws KernelException ENOMEM
     */
    @Linux(file = FILE, symbol = "init_dmars")
    VtdUnit(
            Device device,
            Cpu cpu,
            Log log,
            PageAllocator pages,
            Registers registers,
            QueuedInvalidation queue,
            int levels,
            long pageSizes,
            int physBits) {
        this.device = device;
        this.cpu = cpu;
        this.log = log;
        this.pages = pages;
        this.registers = registers;
        this.queue = queue;
        this.levels = levels;
        this.pageSizes = pageSizes;
        physLast = (1L << physBits) - 1;
        root = TablePages.allocate(cpu, pages, Gfp.ATOMIC);
        domains.set(0, FIRST_ID);
    }

    @Override
    public Device device() {
        return device;
    }

    Log log() {
        return log;
    }

    PageAllocator pages() {
        return pages;
    }

    QueuedInvalidation queue() {
        return queue;
    }

    long physLast() {
        return physLast;
    }

    // Begin and end.

    /** From now on what no context lets through is refused. */
    @Linux(file = FILE, symbol = "iommu_enable_translation")
    void translate() {
        registers.writeq(VtdRegister.RTADDR, root);
        registers.command(Gcmd.SRTP);
        queue.flushContexts();
        queue.flushIotlb();
        registers.enable(Gcmd.TE, true);
    }

    /** From now on everything passes. */
    @Linux(file = FILE, symbol = "disable_dmar_iommu")
    void close() {
        registers.enable(Gcmd.TE, false);
        queue.close();
        for (int bus = 0; bus < VtdRegister.TABLE_ENTRIES; bus++) {
            long entry = cpu.load64(rootEntry(bus));
            if (RootEntry.Ctp.P.isSet((int) entry)) {
                pages.give(entry & -AddressLayout.PAGE_BYTES, 0);
            }
        }
        pages.give(root, 0);
    }

    // Masters.

    @Override
    @Linux(file = FILE, symbol = "intel_iommu_probe_device")
    public void probe(Device master, int[] id) {
        if (id.length != 1 || id[0] < 0 || id[0] > SOURCE_ID_MAX) {
            throw new KernelException(Errno.EINVAL, "%s has no requester id", master.name());
        }
        masters.put(master, id[0]);
    }

    @Override
    @Linux(file = FILE, symbol = "intel_iommu_release_device")
    public void release(Device master) {
        Integer sourceId = masters.remove(master);
        if (sourceId != null) {
            clearContext(sourceId);
        }
    }

    private int sourceIdOf(Device master) {
        Integer sourceId = masters.get(master);
        if (sourceId == null) {
            throw new KernelException(Errno.ENODEV, "%s is no master here", master.name());
        }
        return sourceId;
    }

    @Override
    @Linux(file = FILE, symbol = "intel_iommu_get_resv_regions")
    public List<ReservedRegion> reservedRegions(Device master) {
        return List.of(MESSAGES);
    }

    // Domains.

    @Override
    @Linux(file = FILE, symbol = "paging_domain_alloc")
    public PagingDomain allocPaging(Device master) {
        int id = domains.nextClearBit(FIRST_ID);
        if (id >= DOMAIN_COUNT) {
            log.err("No free domain ids");
            throw new KernelException(Errno.ENOSPC, "no free domain ids");
        }
        SecondLevelTables tables = new SecondLevelTables(cpu, pages, levels);
        domains.set(id);
        return new VtdDomain(this, id, levels, pageSizes, tables);
    }

    /** How many domains there are. */
    int domainCount() {
        return domains.cardinality() - FIRST_ID;
    }

    void releaseDomain(int id) {
        domains.clear(id);
    }

    @Override
    @Linux(file = FILE, symbol = "intel_iommu_attach_device")
    public void attach(Device master, PagingDomain domain) {
        if (!(domain instanceof VtdDomain own) || own.unit() != this) {
            throw new KernelException(
                    Errno.EINVAL, "%s cannot use a domain of another IOMMU", master.name());
        }
        setContext(
                sourceIdOf(master), ContextEntry.TT_TRANSLATED, own.root(), own.levels(), own.id());
    }

    @Override
    @Linux(file = FILE, symbol = "domain_context_mapping_one")
    public void attachIdentity(Device master) {
        setContext(sourceIdOf(master), ContextEntry.TT_PASS_THROUGH, 0, levels, PASS_THROUGH_ID);
    }

    @Override
    @Linux(file = FILE, symbol = "device_block_translation")
    public void attachBlocked(Device master) {
        clearContext(sourceIdOf(master));
    }

    // The tables.

    private void setContext(int sourceId, int type, long table, int tableLevels, int domain) {
        long entry = contextEntry(sourceId);
        clearContext(sourceId);
        int low = ContextEntry.Slptptr.TT.of(type) | ContextEntry.Slptptr.P.of(1);
        int high =
                ContextEntry.Domain.DID.of(domain)
                        | ContextEntry.Domain.AW.of(tableLevels - ContextEntry.LEVELS_OF_AW_0);
        cpu.store64(entry + Long.BYTES, high & WORD);
        cpu.storeBarrier();
        cpu.store64(entry, table | (low & WORD));
    }

    @Linux(file = FILE, symbol = "domain_context_clear_one")
    private void clearContext(int sourceId) {
        long entry = contextEntry(sourceId);
        if (!ContextEntry.Slptptr.P.isSet((int) cpu.load64(entry))) {
            return;
        }
        int domain = ContextEntry.Domain.DID.get((int) cpu.load64(entry + Long.BYTES));
        cpu.store64(entry, 0);
        cpu.store64(entry + Long.BYTES, 0);
        queue.flushContext(domain, sourceId);
        queue.flushDomain(domain);
    }

    private long rootEntry(int bus) {
        return AddressLayout.LINEAR_BASE + root + (long) bus * RootEntry.SIZE;
    }

    /** Where the context entry of a function is; its table is made when there is none. */
    @Linux(file = FILE, symbol = "iommu_context_addr")
    private long contextEntry(int sourceId) {
        long rootEntry = rootEntry(sourceId >>> Byte.SIZE);
        long entry = cpu.load64(rootEntry);
        if (!RootEntry.Ctp.P.isSet((int) entry)) {
            long table = TablePages.allocate(cpu, pages, Gfp.ATOMIC);
            entry = table | RootEntry.Ctp.P.of(1);
            cpu.store64(rootEntry, entry);
        }
        return AddressLayout.LINEAR_BASE
                + (entry & -AddressLayout.PAGE_BYTES)
                + (sourceId & 0xff) * (long) ContextEntry.SIZE;
    }
}
