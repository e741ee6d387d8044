package dmakit.kernel.iommu;

import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.log.Log;
import java.util.EnumSet;
import java.util.Set;

/** What the mapping API says once about devices behind an IOMMU, whichever is the first. */
@Linux(file = "include/linux/dev_printk.h", symbol = "dev_warn_once")
final class IommuWarnings {
    /** What it says. */
    enum Once {
        /** A buffer must be bounced, and there are no bounce buffers. */
        NO_BOUNCE("DMA bounce buffers are inactive, unable to map unaligned transaction."),
        /** A device wants more bits of an address kept than a page of the IOMMU has. */
        ALIGNMENT("Unsupported alignment constraint");

        private final String text;

        Once(String text) {
            this.text = text;
        }
    }

    private final Log log;
    private final Set<Once> said = EnumSet.noneOf(Once.class);

    IommuWarnings(Log log) {
        this.log = log;
    }

    void warn(Once what, Device device) {
        if (said.add(what)) {
            log.devWarn(device, what.text);
        }
    }
}
