package dmakit.kernel.iommu;

import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import java.util.List;

/** A device whose accesses go through an IOMMU. */
@Linux(file = "include/linux/iommu.h", symbol = "dev_iommu")
final class IommuMaster {
    private final Device device;
    private final IommuDriver driver;
    private final IommuGroup group;
    private final boolean untrusted;
    private final List<ReservedRegion> reserved;
    private final List<HostBridge.Span> unusable;
    private boolean below4GFirst;
    private boolean used;

    /**
     * Creates a master.
     *
     * @param untrusted whether it may only reach what is meant for it, to the byte
     * @param below4GFirst whether addresses of 32 bits are tried first
     * @param reserved what the mapping API must keep off for it
     * @param unusable addresses that do not arrive at the IOMMU
     */
    IommuMaster(
            Device device,
            IommuDriver driver,
            IommuGroup group,
            boolean untrusted,
            boolean below4GFirst,
            List<ReservedRegion> reserved,
            List<HostBridge.Span> unusable) {
        this.device = device;
        this.driver = driver;
        this.group = group;
        this.untrusted = untrusted;
        this.below4GFirst = below4GFirst;
        this.reserved = List.copyOf(reserved);
        this.unusable = List.copyOf(unusable);
    }

    Device device() {
        return device;
    }

    IommuDriver driver() {
        return driver;
    }

    IommuGroup group() {
        return group;
    }

    boolean isUntrusted() {
        return untrusted;
    }

    List<ReservedRegion> reserved() {
        return reserved;
    }

    List<HostBridge.Span> unusable() {
        return unusable;
    }

    /** Whether a driver uses the mapping API for it. */
    boolean isUsed() {
        return used;
    }

    void used(boolean now) {
        used = now;
    }

    /** Whether addresses of 32 bits are tried first: some PCI functions lie about what they can. */
    @Linux(file = "include/linux/iommu.h", symbol = "pci_32bit_workaround")
    boolean triesBelow4GFirst() {
        return below4GFirst;
    }

    /** There were no more of 32 bits. */
    void goBeyond4G() {
        below4GFirst = false;
    }
}
