package dmakit.kernel.iommu;

/**
 * Contiguous memory for a device.
 *
 * @param va where the CPU finds it
 * @param phys where it is
 */
public record IommuBlock(long va, long phys) {}
