package dmakit.kernel.iommu;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.log.Log;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.machine.Check;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.Purpose;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What an IOMMU does with the accesses of the masters that are attached: lets them through, refuses
 * them, or translates them by page tables.
 *
 * <p>Functions named {@code try} answer as those of C do and allocate no Java object, the others
 * throw. None sleeps; page tables change with interrupts disabled.
 */
@Linux(file = "include/linux/iommu.h", symbol = "iommu_domain")
public final class IommuDomain {
    private static final String FILE = "drivers/iommu/iommu.c";

    private final Cpu cpu;
    private final Log log;
    private final IommuDriver driver;
    private final @Nullable PagingDomain tables;
    private final IotlbGather gather = new IotlbGather();
    private DomainType type;
    private @Nullable IommuFaultHandler faultHandler;
    private @Nullable IovaSpace space;
    private int attachedGroups;

    IommuDomain(
            Cpu cpu, Log log, IommuDriver driver, DomainType type, @Nullable PagingDomain tables) {
        this.cpu = cpu;
        this.log = log;
        this.driver = driver;
        this.type = type;
        this.tables = tables;
    }

    /** What it does with accesses. */
    public DomainType type() {
        return type;
    }

    void type(DomainType now) {
        type = now;
    }

    /** The IOMMU it is of. */
    IommuDriver driver() {
        return driver;
    }

    /** Its page tables; null where it translates nothing. */
    public @Nullable PagingDomain tables() {
        return tables;
    }

    /** Its page tables, where it is known to have some. */
    PagingDomain requireTables() {
        PagingDomain present = tables;
        if (present == null) {
            throw new IllegalStateException("a domain of type " + type + " has no page tables");
        }
        return present;
    }

    /** What the mapping API keeps with it; null for domains of drivers. */
    @Nullable IovaSpace space() {
        return space;
    }

    void space(IovaSpace kept) {
        space = kept;
    }

    boolean isAttached() {
        return attachedGroups > 0;
    }

    void attached(int change) {
        attachedGroups += change;
    }

    /** The sizes of pages it can map, as a bitmap; 0 where it translates nothing. */
    public long pageSizes() {
        return tables == null ? 0 : tables.pageSizes();
    }

    // Mapping.

    /**
     * Lets masters find physical memory at an address.
     *
     * @param size in bytes
     * @param prot of {@link IommuProt}
     * @param gfp for page tables
     * @throws KernelException as {@link #tryMap} answers
     */
    @Linux(file = FILE, symbol = "iommu_map")
    public void map(long iova, long phys, long size, int prot, Gfp gfp) {
        int error = tryMap(iova, phys, size, prot, gfp);
        if (error != 0) {
            throw new KernelException(
                    Errno.ofNumber(-error),
                    "iova 0x%x to phys:0x%x, 0x%x bytes, prot 0x%x",
                    iova,
                    phys,
                    size,
                    prot);
        }
    }

    /**
     * As {@link #map}.
     *
     * @return 0; {@code -EINVAL} without page tables, where something is no multiple of the
     *     smallest page, or for nothing to read or write; {@code -ERANGE} beyond the aperture,
     *     {@code -EEXIST} where something is mapped, {@code -ENOMEM}. Then nothing is mapped of it.
     */
    public int tryMap(long iova, long phys, long size, int prot, Gfp gfp) {
        Purpose before = cpu.begin(Purpose.IOMMU_MAP);
        int error = tryMapUnseen(iova, phys, size, prot, gfp);
        if (error == 0 && size != 0) {
            requireTables().syncMap(iova, size);
        }
        cpu.end(before);
        return error;
    }

    /** As {@link #tryMap}; the IOMMU need not see it before {@link PagingDomain#syncMap}. */
    @Linux(file = FILE, symbol = "iommu_map_nosync")
    int tryMapUnseen(long iova, long phys, long size, int prot, Gfp gfp) {
        PagingDomain pages = tables;
        if (pages == null || (prot & (IommuProt.READ | IommuProt.WRITE)) == 0) {
            return -Errno.EINVAL.number();
        }
        long smallest = Long.lowestOneBit(pages.pageSizes());
        if (((iova | phys | size) & (smallest - 1)) != 0) {
            unaligned(iova, phys, size, smallest);
            return -Errno.EINVAL.number();
        }
        if (size == 0) {
            return 0;
        }
        if (isBeyond(iova, size, pages.apertureLast()) || isBeyond(phys, size, pages.physLast())) {
            log.warn("iommu: iova 0x%x pa 0x%x size 0x%x: out of range", iova, phys, size);
            return -Errno.ERANGE.number();
        }
        boolean interrupts = cpu.disableInterrupts();
        int error = mapPages(pages, iova, phys, size, prot, gfp);
        cpu.restoreInterrupts(interrupts);
        return error;
    }

    private static boolean isBeyond(long start, long size, long last) {
        long end = start + (size - 1);
        return Long.compareUnsigned(end, last) > 0 || Long.compareUnsigned(end, start) < 0;
    }

    private void unaligned(long iova, long phys, long size, long smallest) {
        log.err(
                "iommu: unaligned: iova 0x%x pa 0x%016x size 0x%x min_pagesz 0x%x",
                iova, phys, size, smallest);
    }

    private int mapPages(PagingDomain pages, long iova, long phys, long size, int prot, Gfp gfp) {
        long done = 0;
        while (done != size) {
            long left = size - done;
            long page = pageSize(pages.pageSizes(), iova + done | phys + done, left);
            long count = pageCount(pages.pageSizes(), page, iova + done, phys + done, left);
            long mapped = pages.mapPages(iova + done, phys + done, page, count, prot, gfp);
            done += mapped;
            if (mapped != page * count) {
                int error = pages.lastError();
                unmapAndSync(pages, iova, done);
                return -error;
            }
        }
        return 0;
    }

    /** The largest page that fits and divides the addresses. */
    @Linux(file = FILE, symbol = "iommu_pgsize")
    static long pageSize(long sizes, long addresses, long size) {
        long fitting = sizes & ((Long.highestOneBit(size) << 1) - 1);
        if (addresses != 0) {
            fitting &= (Long.lowestOneBit(addresses) << 1) - 1;
        }
        return Long.highestOneBit(fitting);
    }

    /** How many such pages until larger ones can be used. */
    private static long pageCount(long sizes, long page, long iova, long phys, long size) {
        long larger = Long.lowestOneBit(sizes & -(page << 1));
        long bytes = size;
        if (larger != 0 && ((iova ^ phys) & (larger - 1)) == 0) {
            long toLarger = larger - ((iova | phys) & (larger - 1));
            if (Long.compareUnsigned(toLarger + larger, size) <= 0) {
                bytes = toLarger;
            }
        }
        return bytes >>> Long.numberOfTrailingZeros(page);
    }

    /**
     * Lets masters find the segments of a list one behind the other; those that are neighbours in
     * memory share larger pages.
     *
     * @param nents how many entries of the list
     * @return bytes mapped
     * @throws KernelException as {@link #map}; then nothing is mapped of it
     */
    @Linux(file = FILE, symbol = "iommu_map_sg")
    public long mapSg(long iova, Scatterlist sg, int nents, int prot, Gfp gfp) {
        long mapped = tryMapSg(iova, sg, nents, prot, gfp);
        if (mapped < 0) {
            throw new KernelException(
                    Errno.ofNumber((int) -mapped), "iova 0x%x, a list of %d", iova, nents);
        }
        return mapped;
    }

    /** As {@link #mapSg}; bytes mapped, or a negative error number. */
    public long tryMapSg(long iova, Scatterlist sg, int nents, int prot, Gfp gfp) {
        return tryMapSg(iova, sg, nents, 0, prot, gfp);
    }

    /**
     * As {@link #tryMapSg(long, Scatterlist, int, int, Gfp)}.
     *
     * @param granuleMask of the granules that each entry is widened to, whose bytes its view of the
     *     device holds; 0 for entries as they are
     */
    long tryMapSg(long iova, Scatterlist sg, int nents, long granuleMask, int prot, Gfp gfp) {
        long mapped = 0;
        long start = 0;
        long length = 0;
        int left = nents;
        for (Scatterlist run = sg; run != null && left > 0; run = run.next()) {
            int count = Math.min(left, run.count());
            for (int i = 0; i < count; i++) {
                long phys = run.phys(i) & ~granuleMask;
                if (length != 0 && phys != start + length) {
                    int error = tryMap(iova + mapped, start, length, prot, gfp);
                    if (error != 0) {
                        unmap(iova, mapped);
                        return error;
                    }
                    mapped += length;
                    length = 0;
                }
                if (length == 0) {
                    start = phys;
                }
                length += granuleMask == 0 ? run.length(i) : run.dmaLength(i);
            }
            left -= count;
        }
        if (length != 0) {
            int error = tryMap(iova + mapped, start, length, prot, gfp);
            if (error != 0) {
                unmap(iova, mapped);
                return error;
            }
        }
        return mapped + length;
    }

    /**
     * Takes pages away; masters do not reach them any more when this returns.
     *
     * @return how many bytes were mapped: fewer than asked for up to a hole, 0 for what is no
     *     multiple of the smallest page
     */
    @Linux(file = FILE, symbol = "iommu_unmap")
    public long unmap(long iova, long size) {
        PagingDomain pages = tables;
        if (pages == null || !canUnmap(pages, iova, size)) {
            return 0;
        }
        boolean interrupts = cpu.disableInterrupts();
        long unmapped = unmapAndSync(pages, iova, size);
        cpu.restoreInterrupts(interrupts);
        return unmapped;
    }

    /**
     * As {@link #unmap}, but the IOMMU may go on translating what it remembers until {@link
     * #syncIotlb}: one invalidation serves for many unmaps.
     *
     * @param collected empty, or of earlier unmaps of this domain
     */
    @Linux(file = FILE, symbol = "iommu_unmap_fast")
    public long unmapFast(long iova, long size, IotlbGather collected) {
        PagingDomain pages = tables;
        if (pages == null || !canUnmap(pages, iova, size)) {
            return 0;
        }
        boolean interrupts = cpu.disableInterrupts();
        long unmapped = unmapPages(cpu, pages, iova, size, collected);
        cpu.restoreInterrupts(interrupts);
        return unmapped;
    }

    /** Makes the IOMMU forget what {@link #unmapFast} collected, which is empty then. */
    @Linux(file = "include/linux/iommu.h", symbol = "iommu_iotlb_sync")
    public void syncIotlb(IotlbGather collected) {
        PagingDomain pages = tables;
        if (pages != null) {
            boolean interrupts = cpu.disableInterrupts();
            sync(cpu, pages, collected);
            cpu.restoreInterrupts(interrupts);
        }
        collected.clear();
    }

    private boolean canUnmap(PagingDomain pages, long iova, long size) {
        if (size == 0) {
            return false;
        }
        long smallest = Long.lowestOneBit(pages.pageSizes());
        if (((iova | size) & (smallest - 1)) != 0) {
            unaligned(iova, 0, size, smallest);
            return false;
        }
        return !isBeyond(iova, size, pages.apertureLast());
    }

    private long unmapAndSync(PagingDomain pages, long iova, long size) {
        gather.clear();
        long unmapped = unmapPages(cpu, pages, iova, size, gather);
        sync(cpu, pages, gather);
        return unmapped;
    }

    /** As {@link #unmapFast}; the caller has checked its arguments and disabled interrupts. */
    @Linux(file = FILE, symbol = "__iommu_unmap")
    static long unmapPages(Cpu cpu, PagingDomain pages, long iova, long size, IotlbGather gather) {
        Purpose before = cpu.begin(Purpose.IOMMU_UNMAP);
        long sizes = pages.pageSizes();
        long done = 0;
        while (done != size) {
            long at = iova + done;
            long page = pageSize(sizes, at, size - done);
            long unmapped =
                    pages.unmapPages(at, page, pageCount(sizes, page, at, at, size - done), gather);
            if (unmapped == 0) {
                break;
            }
            done += unmapped;
        }
        cpu.end(before);
        return done;
    }

    static void sync(Cpu cpu, PagingDomain pages, IotlbGather gather) {
        if (!gather.isEmpty()) {
            Purpose before = cpu.begin(Purpose.IOMMU_INVALIDATE);
            pages.sync(gather);
            cpu.end(before);
        }
        for (int i = 0; i < gather.tableCount(); i++) {
            pages.freeTable(gather.table(i));
        }
    }

    /** Where an address of a master leads, with its offset in the page; 0 for nowhere. */
    @Linux(file = FILE, symbol = "iommu_iova_to_phys")
    public long iovaToPhys(long iova) {
        return switch (type) {
            case IDENTITY -> iova;
            case BLOCKED -> 0;
            case DMA, DMA_FQ, UNMANAGED -> requireTables().iovaToPhys(iova);
        };
    }

    // Faults.

    /**
     * Says who hears of refused accesses.
     *
     * @param handler null for nobody
     * @throws IllegalArgumentException for a domain of the mapping API
     */
    @Linux(file = FILE, symbol = "iommu_set_fault_handler")
    public void setFaultHandler(@Nullable IommuFaultHandler handler) {
        if (space != null) {
            throw new IllegalArgumentException("the domain is the mapping API's");
        }
        faultHandler = handler;
    }

    /**
     * The driver of the IOMMU says that an access was refused.
     *
     * @param device the master, or null where the IOMMU does not know
     * @param flags of {@link IommuFaultHandler}
     * @return what the handler answered; {@code -ENOSYS} without one: the driver logs it then
     */
    @Linux(file = FILE, symbol = "report_iommu_fault")
    public int reportFault(@Nullable Device device, long iova, int flags) {
        IommuFaultHandler handler = faultHandler;
        return handler == null ? -Errno.ENOSYS.number() : handler.handle(this, device, iova, flags);
    }

    /**
     * Frees a domain of a driver.
     *
     * @throws IllegalArgumentException while a group is attached
     */
    @Linux(file = FILE, symbol = "iommu_domain_free")
    public void free() {
        Check.argument(attachedGroups == 0, "%d groups are attached to the domain", attachedGroups);
        if (space != null) {
            space.close();
        }
        if (tables != null) {
            tables.free();
        }
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s domain of %s", type.text(), driver.device().name());
    }
}
