package dmakit.cmodule.service;

import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Handles;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.device.Device;
import dmakit.kernel.iommu.IommuDomain;
import dmakit.kernel.iommu.IommuFaultHandler;
import dmakit.kernel.iommu.IommuGroup;
import dmakit.kernel.iommu.Iommus;
import dmakit.kernel.iommu.IotlbGather;
import dmakit.kernel.iommu.PagingDomain;
import dmakit.kernel.mm.Gfp;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Domains of IOMMUs that drivers fill themselves. */
final class IommuServices implements ServiceGroup {
    private static final int DOMAIN_COUNT_MAX = 1 << 16;

    private final CSystem system;
    private final Handles<IommuDomain> domains =
            new Handles<>("domains of IOMMUs", DOMAIN_COUNT_MAX);

    private final Map<Collected, IotlbGather> gathers = new LinkedHashMap<>();

    /** A domain, and the address of a {@code struct iommu_iotlb_gather} that is used for it. */
    private record Collected(long domain, long gather) {}

    IommuServices(CSystem system) {
        this.system = system;
    }

    @Override
    public void register(Registry to) {
        to.add("iommu_present", this::present);
        to.add("iommu_domain_alloc", this::allocForBus);
        to.add("iommu_paging_domain_alloc", this::allocForDevice);
        to.add("iommu_domain_free", this::free);
        to.add("iommu_attach_device", this::attachDevice);
        to.add("iommu_detach_device", this::detachDevice);
        to.add("iommu_attach_group", this::attachGroup);
        to.add("iommu_detach_group", this::detachGroup);
        to.add("iommu_get_domain_for_dev", this::domainOf);
        to.add("iommu_map", this::map);
        to.add("iommu_map_sg", this::mapSg);
        to.add("iommu_unmap", call -> domain(call).unmap(call.arg(1), call.arg(2)));
        to.add("iommu_unmap_fast", this::unmapFast);
        to.add("iommu_iotlb_sync", this::syncIotlb);
        to.add("iommu_iova_to_phys", call -> domain(call).iovaToPhys(call.arg(1)));
        to.add("iommu_set_fault_handler", this::setFaultHandler);
        to.add("iommu_group_get", this::groupOf);
        to.add("iommu_group_device", this::deviceOfGroup);
    }

    private Iommus iommus() {
        return system.kernel().iommus();
    }

    private IommuDomain domain(Call call) {
        return domains.get(call.arg(0));
    }

    /** A domain's number; what it is goes beside it. */
    private long told(Call call, IommuDomain domain) {
        PagingDomain tables = domain.tables();
        call.out(0, typeCode(domain));
        call.out(1, domain.pageSizes());
        call.out(2, tables == null ? -1 : tables.apertureLast());
        return domains.number(domain);
    }

    /** {@code IOMMU_DOMAIN_*}. */
    private static int typeCode(IommuDomain domain) {
        return switch (domain.type()) {
            case BLOCKED -> 0;
            case UNMANAGED -> 1;
            case DMA -> 3;
            case IDENTITY -> 4;
            case DMA_FQ -> 11;
        };
    }

    private long present(Call call) {
        for (IommuGroup group : iommus().groups()) {
            for (Device device : group.devices()) {
                if (device.subsystem().equals(call.text())) {
                    return 1;
                }
            }
        }
        return 0;
    }

    private long allocForBus(Call call) {
        return iommus().allocDomain(call.text()).map(made -> told(call, made)).orElse(0L);
    }

    private long allocForDevice(Call call) {
        return told(call, iommus().allocDomain(system.device(call.arg(0))));
    }

    private long free(Call call) {
        IommuDomain domain = domain(call);
        gathers.keySet().removeIf(key -> key.domain() == call.arg(0));
        domain.free();
        domains.free(call.arg(0));
        return 0;
    }

    private long attachDevice(Call call) {
        iommus().attach(domain(call), system.device(call.arg(1)));
        return 0;
    }

    private long detachDevice(Call call) {
        iommus().detach(domain(call), system.device(call.arg(1)));
        return 0;
    }

    private long attachGroup(Call call) {
        iommus().attach(domain(call), group(call.arg(1)));
        return 0;
    }

    private long detachGroup(Call call) {
        iommus().detach(domain(call), group(call.arg(1)));
        return 0;
    }

    private long domainOf(Call call) {
        return iommus().domainOf(system.device(call.arg(0)))
                .map(found -> told(call, found))
                .orElse(0L);
    }

    private long map(Call call) {
        return domain(call)
                .tryMap(
                        call.arg(1),
                        call.arg(2),
                        call.arg(3),
                        call.intArg(4),
                        new Gfp(call.intArg(5)));
    }

    private long mapSg(Call call) {
        return domain(call)
                .tryMapSg(
                        call.arg(1),
                        DmaCalls.mappedList(call),
                        call.intArg(2),
                        call.intArg(3),
                        new Gfp(call.intArg(4)));
    }

    /** Domain, address, size, and where the module collects what the IOMMU has to forget. */
    private long unmapFast(Call call) {
        Collected key = new Collected(call.arg(0), call.arg(3));
        IotlbGather gather = gathers.computeIfAbsent(key, _ -> new IotlbGather());
        return domain(call).unmapFast(call.arg(1), call.arg(2), gather);
    }

    private long syncIotlb(Call call) {
        IotlbGather gather = gathers.remove(new Collected(call.arg(0), call.arg(1)));
        if (gather != null) {
            domain(call).syncIotlb(gather);
        }
        return 0;
    }

    /** A domain and a function of C, or 0 for none. */
    private long setFaultHandler(Call call) {
        long number = call.arg(0);
        long function = call.arg(1);
        IommuFaultHandler handler =
                (_, device, iova, flags) ->
                        (int)
                                system.host()
                                        .run(
                                                function,
                                                number,
                                                device == null
                                                        ? 0
                                                        : system.devices().number(device),
                                                iova,
                                                flags);
        domain(call).setFaultHandler(function == 0 ? null : handler);
        return 0;
    }

    private long groupOf(Call call) {
        return iommus().groupOf(system.device(call.arg(0)))
                .map(found -> (long) found.id())
                .orElse((long) -Errno.ENODEV.number());
    }

    /**
     * A group.
     *
     * @throws KernelException ENODEV when none has the number
     */
    private IommuGroup group(long id) {
        for (IommuGroup group : iommus().groups()) {
            if (group.id() == id) {
                return group;
            }
        }
        throw new KernelException(Errno.ENODEV, "there is no IOMMU group %d", id);
    }

    /** The number of a device by its place in a group; 0 behind the last one. */
    private long deviceOfGroup(Call call) {
        List<Device> devices = group(call.arg(0)).devices();
        int index = call.intArg(1);
        return index < devices.size() ? system.devices().number(devices.get(index)) : 0;
    }
}
