package dmakit.kernel.iommu;

import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One IOMMU, as its driver offers it to the core. The driver registers it when it has probed the
 * hardware.
 *
 * <p>Order of calls for a master: {@link #probe}, {@link #groupOf}, then attachments, {@link
 * #release}.
 */
@Linux(file = "include/linux/iommu.h", symbol = "iommu_ops")
public interface IommuDriver {
    /** The IOMMU's own device. */
    Device device();

    /**
     * Takes a master over. Called once for each of its ids.
     *
     * @param id the cells behind the IOMMU's phandle in {@code iommus}, or what {@code iommu-map}
     *     makes of a requester id
     * @throws dmakit.kernel.KernelException EINVAL when the IOMMU has no such id
     */
    @Linux(file = "include/linux/iommu.h", symbol = "of_xlate")
    void probe(Device master, int[] id);

    /**
     * A master leaves; it is attached to nothing. Also called when it could not join: for what
     * {@link #probe} took for it, which may be nothing.
     */
    @Linux(file = "include/linux/iommu.h", symbol = "release_device")
    void release(Device master);

    /** Masters with equal keys cannot be told apart and share a group. */
    @Linux(file = "include/linux/iommu.h", symbol = "device_group")
    default Object groupOf(Device master) {
        return master;
    }

    /** The type of default domain a master needs; null when any will do. */
    @Linux(file = "include/linux/iommu.h", symbol = "def_domain_type")
    default @Nullable DomainType requiredType(Device master) {
        return null;
    }

    /**
     * Makes empty page tables for a master.
     *
     * @throws dmakit.kernel.KernelException ENOMEM
     */
    @Linux(file = "include/linux/iommu.h", symbol = "domain_alloc_paging")
    PagingDomain allocPaging(Device master);

    /**
     * Translates a master's accesses by a domain from now on, whatever did before.
     *
     * @throws dmakit.kernel.KernelException EINVAL when the domain is of another IOMMU, ENOSPC when
     *     it has no context left
     */
    @Linux(file = "include/linux/iommu.h", symbol = "attach_dev")
    void attach(Device master, PagingDomain domain);

    /** Lets a master's accesses through as they are from now on. */
    @Linux(file = "include/linux/iommu.h", symbol = "identity_domain")
    void attachIdentity(Device master);

    /** Lets nothing of a master through from now on. */
    @Linux(file = "include/linux/iommu.h", symbol = "blocked_domain")
    void attachBlocked(Device master);

    /** Addresses of a master the mapping API must keep off, by the hardware's own nature. */
    @Linux(file = "include/linux/iommu.h", symbol = "get_resv_regions")
    default List<ReservedRegion> reservedRegions(Device master) {
        return List.of();
    }
}
