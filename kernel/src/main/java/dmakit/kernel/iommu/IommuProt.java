package dmakit.kernel.iommu;

import dmakit.kernel.Linux;

/** What masters may do with a mapping: bits that are or'ed, with Linux's values. */
@Linux(file = "include/linux/iommu.h", symbol = "IOMMU_READ")
public final class IommuProt {
    /** Read it. */
    public static final int READ = 1;

    /** Write it. */
    public static final int WRITE = 1 << 1;

    /** Its accesses snoop the CPU's caches. */
    public static final int CACHE = 1 << 2;

    /** No fetch of instructions. */
    public static final int NOEXEC = 1 << 3;

    /** Registers, not memory. */
    public static final int MMIO = 1 << 4;

    /** Privileged accesses only. */
    public static final int PRIV = 1 << 5;

    private IommuProt() {}
}
