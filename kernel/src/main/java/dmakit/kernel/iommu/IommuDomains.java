package dmakit.kernel.iommu;

import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.log.Log;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sched.Contexts;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.Timers;
import dmakit.kernel.work.DelayedWork;
import dmakit.kernel.work.WorkQueue;
import dmakit.machine.cpu.Cpu;
import java.util.List;

/** Makes domains, and those of the mapping API fit for their masters. */
@Linux(file = "drivers/iommu/iommu.c", symbol = "iommu_setup_default_domain")
final class IommuDomains {
    /** Largest region that is mapped to itself, in bytes. */
    static final long DIRECT_SIZE_MAX = 1L << 30;

    private final Cpu cpu;
    private final Contexts contexts;
    private final Log log;
    private final Timers timers;
    private final WorkQueue queue;

    IommuDomains(Cpu cpu, Contexts contexts, Log log, Timers timers, WorkQueue queue) {
        this.cpu = cpu;
        this.contexts = contexts;
        this.log = log;
        this.timers = timers;
        this.queue = queue;
    }

    /** Makes a domain, for a first device. */
    IommuDomain make(Device device, IommuDriver driver, DomainType type) {
        return switch (type) {
            case IDENTITY, BLOCKED -> new IommuDomain(cpu, log, driver, type, null);
            case UNMANAGED -> new IommuDomain(cpu, log, driver, type, driver.allocPaging(device));
            case DMA, DMA_FQ -> {
                IommuDomain domain =
                        new IommuDomain(cpu, log, driver, type, driver.allocPaging(device));
                IovaSpace space = new IovaSpace(cpu, contexts, log, domain, iovasFor(domain));
                domain.space(space);
                if (type == DomainType.DMA_FQ) {
                    makeLazy(space);
                }
                yield domain;
            }
        };
    }

    private IovaDomain iovasFor(IommuDomain domain) {
        IovaDomain iovas = new IovaDomain(Long.numberOfTrailingZeros(domain.pageSizes()), 0);
        long delay = Jiffies.ofMillis(IovaDomain.DEPOT_DELAY_MS);
        DelayedWork[] trim = new DelayedWork[1];
        trim[0] =
                new DelayedWork(
                        queue,
                        timers,
                        "iova_depot_work_func",
                        () -> {
                            if (iovas.trimDepots()) {
                                trim[0].schedule(delay);
                            }
                        });
        iovas.onDepotGrown(() -> trim[0].schedule(delay));
        return iovas;
    }

    /** Makes a strict domain lazy. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_init_fq")
    void makeLazy(IovaSpace space) {
        space.queue(
                new FlushQueue(
                        cpu,
                        space.domain().requireTables(),
                        space.iovas(),
                        timers,
                        queue.jiffies()));
    }

    /** Makes a default domain fit for one more master. */
    void prepare(IommuDomain domain, IommuMaster master) {
        mapDirect(domain, master.reserved());
        IovaSpace space = domain.space();
        if (space != null) {
            keepOff(space, master);
        }
    }

    @Linux(file = "drivers/iommu/iommu.c", symbol = "iommu_create_device_direct_mappings")
    private void mapDirect(IommuDomain domain, List<ReservedRegion> regions) {
        PagingDomain tables = domain.tables();
        if (tables == null) {
            return;
        }
        long page = Long.lowestOneBit(tables.pageSizes());
        for (ReservedRegion region : regions) {
            if (region.isDirect() && isSmall(region)) {
                long end = (region.last() | (page - 1)) + 1;
                for (long at = region.start() & -page; at != end; at += page) {
                    if (tables.iovaToPhys(at) == 0) {
                        domain.tryMap(at, at, page, region.prot(), Gfp.KERNEL);
                    }
                }
            }
        }
    }

    private boolean isSmall(ReservedRegion region) {
        if (Long.compareUnsigned(region.size(), DIRECT_SIZE_MAX) <= 0) {
            return true;
        }
        log.err(
                "iommu: reserved region %s is not mapped: larger than 0x%x",
                region, DIRECT_SIZE_MAX);
        return false;
    }

    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iova_reserve_iommu_regions")
    private static void keepOff(IovaSpace space, IommuMaster master) {
        for (HostBridge.Span span : master.unusable()) {
            space.iovas().reserve(span.first(), span.last());
        }
        for (ReservedRegion region : master.reserved()) {
            if (region.kind() != ReservedRegion.Kind.SOFTWARE_MSI) {
                space.iovas().reserve(region.start(), region.last());
            }
        }
    }
}
