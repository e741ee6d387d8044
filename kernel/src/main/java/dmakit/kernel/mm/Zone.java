package dmakit.kernel.mm;

import dmakit.kernel.Linux;
import org.jspecify.annotations.Nullable;

/** Parts of memory by who can address them, lowest first. */
@Linux(file = "include/linux/mmzone.h", symbol = "zone_type")
public enum Zone {
    /** Every device that masters a bus can address it. */
    DMA("DMA"),
    /** Devices with 32 address bits can address it. */
    DMA32("DMA32"),
    /** The rest. */
    NORMAL("Normal");

    private final String label;

    Zone(String label) {
        this.label = label;
    }

    /** The zone tried after this one; null after the last. */
    @Nullable Zone fallback() {
        return switch (this) {
            case NORMAL -> DMA32;
            case DMA32 -> DMA;
            case DMA -> null;
        };
    }

    /** The name the kernel log uses. */
    public String label() {
        return label;
    }
}
