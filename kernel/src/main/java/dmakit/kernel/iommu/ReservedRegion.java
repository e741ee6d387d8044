package dmakit.kernel.iommu;

import dmakit.kernel.Linux;
import java.util.Comparator;
import java.util.Locale;

/**
 * Addresses of masters that the mapping API does not give away.
 *
 * @param start first address
 * @param size in bytes, at least 1
 * @param prot of a direct mapping, of {@link IommuProt}
 */
@Linux(file = "include/linux/iommu.h", symbol = "iommu_resv_region")
public record ReservedRegion(long start, long size, int prot, Kind kind) {
    /** In the order of {@code reserved_regions}. */
    static final Comparator<ReservedRegion> BY_ADDRESS =
            Comparator.comparing(ReservedRegion::start, Long::compareUnsigned)
                    .thenComparing(ReservedRegion::kind)
                    .thenComparing(ReservedRegion::last, Long::compareUnsigned);

    /** Why it is reserved. */
    public enum Kind {
        /** Mapped to the same physical address, always. */
        DIRECT("direct"),
        /** The same, but others may take it over. */
        DIRECT_RELAXABLE("direct-relaxable"),
        /** Never mapped. */
        RESERVED("reserved"),
        /** Writes there are interrupts. */
        MSI("msi"),
        /** Where the kernel may map registers that take interrupts; the mapping API need not. */
        SOFTWARE_MSI("msi");

        private final String text;

        Kind(String text) {
            this.text = text;
        }
    }

    /** Whether its addresses are mapped to the same physical ones. */
    boolean isDirect() {
        return kind == Kind.DIRECT || kind == Kind.DIRECT_RELAXABLE;
    }

    /** Its last address, inclusive. */
    public long last() {
        return start + (size - 1);
    }

    /** As in {@code reserved_regions} of a group. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "0x%016x 0x%016x %s", start, last(), kind.text);
    }
}
