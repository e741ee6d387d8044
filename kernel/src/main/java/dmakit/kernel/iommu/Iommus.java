package dmakit.kernel.iommu;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.KernelParameters;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.Devices;
import dmakit.kernel.device.DmaRangeMap;
import dmakit.kernel.dma.DmaOps;
import dmakit.kernel.log.Level;
import dmakit.kernel.log.Log;
import dmakit.kernel.sched.Contexts;
import dmakit.kernel.sync.Timers;
import dmakit.kernel.work.WorkQueue;
import dmakit.machine.cpu.Cpu;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The IOMMUs of a board, their masters in groups, and the domains both are about.
 *
 * <p>Order: the driver of an IOMMU registers it; then {@link #configure} finds it for each device
 * whose node names it, which puts the device into a group and attaches the group to its default
 * domain.
 */
@Linux(file = "drivers/iommu/iommu.c", symbol = "iommu_device_register")
public final class Iommus implements Devices.Observer {
    private static final String FILE = "drivers/iommu/iommu.c";

    private final Cpu cpu;
    private final Log log;
    private final DeviceTree tree;
    private final IommuFinder finder;
    private final IommuDomains domains;
    private final IommuSources sources;
    private final IommuWarnings warnings;
    private final IommuMemory memory;
    private final IommuPolicy policy;
    private final Map<Device, IommuMaster> masters = new LinkedHashMap<>();
    private final List<IommuGroup> groups = new ArrayList<>();
    private final List<Observer> observers = new ArrayList<>();

    /** Hears of groups. */
    public interface Observer {
        /** A group has a first or another device. */
        void joined(IommuGroup group, Device device);

        /** A device left; the group is gone when it was the last. */
        void left(IommuGroup group, Device device);
    }

    /**
     * Starts without IOMMUs, and says in the log what devices will get.
     *
     * @param parameters {@code iommu.passthrough}, {@code iommu.strict}, {@code iommu.forcedac}
     * @param lazy whether addresses are invalidated lazily unless the parameters say otherwise
     * @param timers for what waits
     * @param queue for work in the background
     * @param sources of memory
     */
    public Iommus(
            Cpu cpu,
            Contexts contexts,
            Log log,
            DeviceTree tree,
            KernelParameters parameters,
            boolean lazy,
            Timers timers,
            WorkQueue queue,
            IommuSources sources) {
        this.cpu = cpu;
        this.log = log;
        this.tree = tree;
        finder = new IommuFinder(tree, log);
        domains = new IommuDomains(cpu, contexts, log, timers, queue);
        this.sources = sources;
        warnings = new IommuWarnings(log);
        memory = new IommuMemory(cpu, sources);
        policy = new IommuPolicy(parameters, lazy);
        policy.report(log.prefixed("iommu: "));
    }

    /** Tells somebody of every change of groups from now on. */
    public void observe(Observer observer) {
        observers.add(observer);
    }

    // IOMMUs.

    /** An IOMMU is there; devices that wait for it are asked again when its probe has ended. */
    @Linux(file = FILE, symbol = "iommu_device_register")
    public void register(IommuDriver driver) {
        finder.add(driver);
    }

    /** An IOMMU goes; its masters leave first. */
    @Linux(file = FILE, symbol = "iommu_device_unregister")
    public void unregister(IommuDriver driver) {
        for (IommuMaster master : List.copyOf(masters.values())) {
            if (master.driver().equals(driver)) {
                remove(master);
            }
        }
        finder.remove(driver);
    }

    /** An IOMMU that its driver leaves switched off: devices do without. */
    public void leaveOff(Node iommu) {
        finder.leaveOff(iommu);
    }

    /** Every driver of an IOMMU that will come is there: devices do without the others. */
    @Linux(file = "drivers/base/dd.c", symbol = "driver_deferred_probe_check_state")
    public void settle() {
        finder.settle();
    }

    // Devices.

    /**
     * Puts a device behind its IOMMU, if it has one. Called before every probe.
     *
     * @param node that names the IOMMU: the device's own, or of the host bridge it is behind
     * @return how it reaches memory; null when it does so directly
     * @throws KernelException EPROBE_DEFER while its IOMMU has no driver yet, EBUSY when the group
     *     is attached to a driver's domain
     */
    @Linux(file = "drivers/iommu/of_iommu.c", symbol = "of_iommu_configure")
    public @Nullable DmaOps configure(Device device, Node node) {
        IommuMaster master = masters.get(device);
        if (master == null) {
            master = probe(device, node);
            if (master == null) {
                return null;
            }
        }
        use(master);
        return opsFor(master);
    }

    private @Nullable IommuMaster probe(Device device, Node node) {
        List<IommuFinder.Stream> streams = finder.streamsOf(device, node);
        IommuDriver driver = finder.driverOf(device, streams);
        if (driver == null) {
            return null;
        }
        try {
            for (IommuFinder.Stream stream : streams) {
                driver.probe(device, stream.cells());
            }
            return join(device, node, driver);
        } catch (KernelException e) {
            driver.release(device);
            if (e.errno() == Errno.EPROBE_DEFER) {
                throw e;
            }
            log.dev(Level.DEBUG, device, "Adding to IOMMU failed: %d", -e.errno().number());
            return null;
        }
    }

    @Linux(file = FILE, symbol = "iommu_probe_device")
    private IommuMaster join(Device device, Node node, IommuDriver driver) {
        List<ReservedRegion> reserved = new ArrayList<>(driver.reservedRegions(device));
        reserved.addAll(ReservedAddresses.of(tree, device));
        boolean isPci = IommuFinder.isPci(device);
        boolean untrusted = isPci && node.has("external-facing");
        Object key = driver.groupOf(device);
        IommuGroup known = groupOf(driver, key);
        IommuGroup group =
                known == null
                        ? new IommuGroup(
                                freeId(), driver, key, makeDefault(device, driver, untrusted))
                        : known;
        IommuMaster master =
                new IommuMaster(
                        device,
                        driver,
                        group,
                        untrusted,
                        isPci && !policy.isDacForced(),
                        reserved,
                        isPci ? HostBridge.unusable(tree, node) : List.of());
        try {
            domains.prepare(group.defaultDomain(), master);
            attach(master, group.domain());
        } catch (KernelException e) {
            if (known == null) {
                group.defaultDomain().free();
            }
            throw e;
        }
        if (known == null) {
            groups.add(group);
            group.domain().attached(1);
        }
        masters.put(device, master);
        group.add(master);
        log.devInfo(device, "Adding to iommu group %d", group.id());
        for (Observer observer : observers) {
            observer.joined(group, device);
        }
        return master;
    }

    private IommuDomain makeDefault(Device device, IommuDriver driver, boolean untrusted) {
        DomainType required = untrusted ? DomainType.DMA : driver.requiredType(device);
        return domains.make(device, driver, required == null ? policy.defaultType() : required);
    }

    private @Nullable IommuGroup groupOf(IommuDriver driver, Object key) {
        for (IommuGroup group : groups) {
            if (group.isOf(driver, key)) {
                return group;
            }
        }
        return null;
    }

    private int freeId() {
        int id = 0;
        while (isUsed(id)) {
            id++;
        }
        return id;
    }

    private boolean isUsed(int id) {
        return groups.stream().anyMatch(group -> group.id() == id);
    }

    /** A driver starts to use the mapping API for a device. */
    @Linux(file = FILE, symbol = "iommu_device_use_default_domain")
    private static void use(IommuMaster master) {
        IommuGroup group = master.group();
        if (group.domain() != group.defaultDomain()) {
            throw new KernelException(Errno.EBUSY, "%s is attached to a %s", group, group.domain());
        }
        master.used(true);
    }

    private @Nullable DmaOps opsFor(IommuMaster master) {
        IovaSpace space = master.group().defaultDomain().space();
        if (space == null) {
            return null;
        }
        if (!reaches(master.device().dma().rangeMap(), space.domain())) {
            log.warn("specified DMA range outside IOMMU capability");
            log.warn(
                    "Failed to set up IOMMU for device %s; retaining platform DMA ops",
                    master.device().name());
            return null;
        }
        IommuBounce bounce =
                new IommuBounce(
                        cpu,
                        master,
                        sources.mm().slab(),
                        sources.swiotlb().of(master.device()),
                        warnings,
                        space.granuleMask());
        return new IommuDmaOps(cpu, master, space, memory, bounce, warnings);
    }

    /**
     * Whether what a device's bus carries and what the IOMMU translates have an address in common.
     */
    private static boolean reaches(@Nullable DmaRangeMap map, IommuDomain domain) {
        if (map == null) {
            return true;
        }
        long last = domain.requireTables().apertureLast();
        return map.ranges().stream()
                .anyMatch(range -> Long.compareUnsigned(range.dmaStart(), last) <= 0);
    }

    /** A driver left a device; the device stays behind its IOMMU. */
    @Linux(file = FILE, symbol = "iommu_device_unuse_default_domain")
    public void unuse(Device device) {
        IommuMaster master = masters.get(device);
        if (master != null) {
            master.used(false);
        }
    }

    /** A device is gone. */
    @Override
    @Linux(file = FILE, symbol = "iommu_release_device")
    public void removed(Device device) {
        IommuMaster master = masters.get(device);
        if (master != null) {
            remove(master);
        }
    }

    private void remove(IommuMaster master) {
        IommuGroup group = master.group();
        Device device = master.device();
        master.driver().attachBlocked(device);
        master.driver().release(device);
        log.devInfo(device, "Removing from iommu group %d", group.id());
        leave(master);
        for (Observer observer : observers) {
            observer.left(group, device);
        }
    }

    /** Takes a master out of its group, and the group away when it was the last. */
    private void leave(IommuMaster master) {
        IommuGroup group = master.group();
        masters.remove(master.device());
        group.remove(master);
        if (group.masters().isEmpty()) {
            groups.remove(group);
            group.domain().attached(-1);
            group.defaultDomain().free();
        }
    }

    private static void attach(IommuMaster master, IommuDomain domain) {
        Device device = master.device();
        IommuDriver driver = master.driver();
        Runnable attachment =
                switch (domain.type()) {
                    case IDENTITY -> () -> driver.attachIdentity(device);
                    case BLOCKED -> () -> driver.attachBlocked(device);
                    case DMA, DMA_FQ, UNMANAGED ->
                            () -> driver.attach(device, domain.requireTables());
                };
        attachment.run();
    }

    // Domains of drivers.

    /**
     * Allocates page tables that a driver fills itself.
     *
     * @throws KernelException ENODEV when the device is behind no IOMMU, ENOMEM
     */
    @Linux(file = FILE, symbol = "iommu_paging_domain_alloc")
    public IommuDomain allocDomain(Device device) {
        IommuMaster master = masterOf(device);
        return domains.make(device, master.driver(), DomainType.UNMANAGED);
    }

    /** As above, for the first device of a bus that is behind an IOMMU; empty when none is. */
    @Linux(file = FILE, symbol = "iommu_domain_alloc")
    public Optional<IommuDomain> allocDomain(String bus) {
        for (Device device : masters.keySet()) {
            if (device.subsystem().equals(bus)) {
                try {
                    return Optional.of(allocDomain(device));
                } catch (KernelException e) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    /**
     * Lets a device's accesses go through a driver's domain instead of the mapping API's.
     *
     * @throws KernelException ENODEV when the device is behind no IOMMU, EINVAL when it shares its
     *     group or the domain is of another IOMMU, EBUSY when it goes through a driver's domain
     *     already
     */
    @Linux(file = FILE, symbol = "iommu_attach_device")
    public void attach(IommuDomain domain, Device device) {
        IommuGroup group = masterOf(device).group();
        if (group.masters().size() != 1) {
            throw new KernelException(
                    Errno.EINVAL, "%s has %d devices", group, group.masters().size());
        }
        attach(domain, group);
    }

    /**
     * As {@link #attach(IommuDomain, Device)}, for all devices of a group.
     *
     * @throws KernelException EBUSY or EINVAL
     */
    @Linux(file = FILE, symbol = "iommu_attach_group")
    public void attach(IommuDomain domain, IommuGroup group) {
        if (group.domain() != group.defaultDomain()) {
            throw new KernelException(Errno.EBUSY, "%s is attached to a %s", group, group.domain());
        }
        if (!domain.driver().equals(group.driver())) {
            throw new KernelException(Errno.EINVAL, "%s: a %s", group, domain);
        }
        switchTo(group, domain);
    }

    /** Attaches all masters, or none. */
    @Linux(file = FILE, symbol = "__iommu_group_set_domain")
    private static void switchTo(IommuGroup group, IommuDomain domain) {
        IommuDomain before = group.domain();
        try {
            group.masters().forEach(master -> attach(master, domain));
        } catch (KernelException e) {
            group.masters().forEach(master -> attach(master, before));
            throw e;
        }
        before.attached(-1);
        domain.attached(1);
        group.domain(domain);
        boolean own = domain.type() == DomainType.UNMANAGED;
        group.masters().forEach(master -> master.device().dma().ownTables(own));
    }

    /** Ends {@link #attach(IommuDomain, Device)}: the mapping API's domain is back. */
    @Linux(file = FILE, symbol = "iommu_detach_device")
    public void detach(IommuDomain domain, Device device) {
        IommuMaster master = masters.get(device);
        if (master == null) {
            return;
        }
        IommuGroup group = master.group();
        if (group.domain() != domain || group.masters().size() != 1) {
            log.warn("iommu: %s is not attached to that %s alone", device.name(), domain);
            return;
        }
        switchTo(group, group.defaultDomain());
    }

    /** Ends {@link #attach(IommuDomain, IommuGroup)}. */
    @Linux(file = FILE, symbol = "iommu_detach_group")
    public void detach(IommuDomain domain, IommuGroup group) {
        if (group.domain() == domain) {
            switchTo(group, group.defaultDomain());
        }
    }

    private IommuMaster masterOf(Device device) {
        IommuMaster master = masters.get(device);
        if (master == null) {
            throw new KernelException(Errno.ENODEV, "%s is behind no IOMMU", device.name());
        }
        return master;
    }

    // Faults.

    /**
     * The driver of an IOMMU says that its page tables refused an access.
     *
     * @param device the master, or null where the IOMMU does not know
     * @param flags of {@link IommuFaultHandler}
     * @return what the owner of the domain answered; {@code -ENOSYS} when it has no handler: the
     *     driver logs the access then
     */
    @Linux(file = FILE, symbol = "report_iommu_fault")
    public int reportFault(PagingDomain tables, @Nullable Device device, long iova, int flags) {
        for (IommuGroup group : groups) {
            if (tables.equals(group.domain().tables())) {
                return group.domain().reportFault(device, iova, flags);
            }
        }
        return -Errno.ENOSYS.number();
    }

    // Types of default domains.

    /**
     * Gives a group another default domain.
     *
     * @param wanted {@code identity}, {@code DMA}, {@code DMA-FQ} or {@code auto}
     * @throws KernelException EINVAL for any other word or a type the IOMMU's driver forbids, EPERM
     *     while a driver uses a device of the group, unless a strict domain becomes lazy
     */
    @Linux(file = FILE, symbol = "iommu_group_store_type")
    public void changeType(IommuGroup group, String wanted) {
        DomainType type =
                switch (wanted) {
                    case "identity" -> DomainType.IDENTITY;
                    case "DMA" -> DomainType.DMA;
                    case "DMA-FQ" -> DomainType.DMA_FQ;
                    case "auto" -> null;
                    default -> throw new KernelException(Errno.EINVAL, "no type \"%s\"", wanted);
                };
        IommuDomain before = group.defaultDomain();
        IovaSpace space = before.space();
        if (type == DomainType.DMA_FQ && before.type() == DomainType.DMA && space != null) {
            domains.makeLazy(space);
            before.type(DomainType.DMA_FQ);
            return;
        }
        if (group.isUsed() || group.domain() != before) {
            throw new KernelException(Errno.EPERM, "%s is in use", group);
        }
        IommuMaster first = group.masters().getFirst();
        DomainType required = requiredType(first);
        if (type != null && required != null && !isSame(type, required)) {
            throw new KernelException(Errno.EINVAL, "%s needs type %s", group, required.text());
        }
        if (type == null) {
            type = required == null ? policy.defaultType() : required;
        }
        if (type == before.type()) {
            return;
        }
        IommuDomain domain = domains.make(first.device(), first.driver(), type);
        try {
            group.masters().forEach(master -> domains.prepare(domain, master));
            switchTo(group, domain);
        } catch (KernelException e) {
            domain.free();
            throw e;
        }
        group.defaultDomain(domain);
        before.free();
    }

    private static boolean isSame(DomainType a, DomainType b) {
        return a == b || (a.isOfMappingApi() && b.isOfMappingApi());
    }

    private static @Nullable DomainType requiredType(IommuMaster master) {
        return master.isUntrusted()
                ? DomainType.DMA
                : master.driver().requiredType(master.device());
    }

    // Groups.

    /** All groups, in the order in which they came. */
    public List<IommuGroup> groups() {
        return List.copyOf(groups);
    }

    /** The group of a device. */
    @Linux(file = FILE, symbol = "iommu_group_get")
    public Optional<IommuGroup> groupOf(Device device) {
        return Optional.ofNullable(masters.get(device)).map(IommuMaster::group);
    }

    /** The domain a device's accesses go through now. */
    @Linux(file = FILE, symbol = "iommu_get_domain_for_dev")
    public Optional<IommuDomain> domainOf(Device device) {
        return groupOf(device).map(IommuGroup::domain);
    }
}
