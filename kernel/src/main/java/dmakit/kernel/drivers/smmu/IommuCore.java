package dmakit.kernel.drivers.smmu;

import dmakit.kernel.iommu.IommuDriver;
import dmakit.kernel.iommu.PagingDomain;

/** What the driver needs of whoever makes use of IOMMUs. */
public interface IommuCore {
    /** An SMMU serves from now on. */
    void register(IommuDriver smmu);

    /** An SMMU goes; its masters leave it first. */
    void unregister(IommuDriver smmu);

    /**
     * Tables refused an access. In interrupt context.
     *
     * @return {@code -ENOSYS} to have it logged
     */
    int refused(PagingDomain domain, long iova, boolean write);
}
