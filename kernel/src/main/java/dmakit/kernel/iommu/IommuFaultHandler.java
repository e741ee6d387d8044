package dmakit.kernel.iommu;

import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import org.jspecify.annotations.Nullable;

/** What the owner of a domain does about an access that its page tables refuse. */
@FunctionalInterface
@Linux(file = "include/linux/iommu.h", symbol = "iommu_fault_handler_t")
public interface IommuFaultHandler {
    /** The flag of a refused read. */
    @Linux(file = "include/linux/iommu.h", symbol = "IOMMU_FAULT_READ")
    int READ = 0;

    /** The flag of a refused write. */
    @Linux(file = "include/linux/iommu.h", symbol = "IOMMU_FAULT_WRITE")
    int WRITE = 1;

    /**
     * An access was refused. Called in interrupt context.
     *
     * @param device the master, where the IOMMU knows it
     * @param flags {@link #READ} or {@link #WRITE}
     * @return 0 when that was expected; {@code -ENOSYS} to have the IOMMU's driver log it, any
     *     other error to have it terminated in silence
     */
    int handle(IommuDomain domain, @Nullable Device device, long iova, int flags);
}
