package dmakit.kernel.mm;

import dmakit.kernel.Linux;

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

    /** The name the kernel log uses. */
    public String label() {
        return label;
    }
}
