package dmakit.kernel.iommu;

import dmakit.kernel.Linux;

/** What is between the masters of a group and memory; names are those of {@code type} in sysfs. */
@Linux(file = "include/linux/iommu.h", symbol = "IOMMU_DOMAIN_DMA")
public enum DomainType {
    /** Nothing: addresses are physical ones. */
    IDENTITY("identity"),
    /** Page tables of the mapping API; what is unmapped is out of reach at once. */
    DMA("DMA"),
    /** The same, but translations may stay cached for a while. */
    DMA_FQ("DMA-FQ"),
    /** Nothing gets through. */
    BLOCKED("blocked"),
    /** Page tables of whoever allocated the domain. */
    UNMANAGED("unmanaged");

    private final String text;

    DomainType(String text) {
        this.text = text;
    }

    /** As sysfs shows it. */
    public String text() {
        return text;
    }

    /** Whether the mapping API fills its page tables. */
    public boolean isOfMappingApi() {
        return this == DMA || this == DMA_FQ;
    }
}
