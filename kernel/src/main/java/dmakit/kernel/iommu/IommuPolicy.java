package dmakit.kernel.iommu;

import dmakit.kernel.KernelParameters;
import dmakit.kernel.Linux;
import dmakit.kernel.log.Log;
import java.util.Optional;

/** What the command line says about default domains. */
@Linux(file = "drivers/iommu/iommu.c", symbol = "iommu_subsys_init")
final class IommuPolicy {
    private static final String BY_COMMAND_LINE = " (set via kernel command line)";

    private final Optional<Boolean> passthrough;
    private final Optional<Boolean> strict;
    private final boolean lazyByDefault;
    private final boolean dacForced;

    IommuPolicy(KernelParameters parameters, boolean lazyByDefault) {
        this.lazyByDefault = lazyByDefault;
        passthrough = parameters.flag("iommu.passthrough");
        strict = parameters.flag("iommu.strict");
        dacForced = parameters.flag("iommu.forcedac").orElse(false);
    }

    void report(Log log) {
        log.info(
                "Default domain type: %s%s",
                isPassthrough() ? "Passthrough" : "Translated",
                passthrough.isPresent() ? BY_COMMAND_LINE : "");
        if (!isPassthrough()) {
            log.info(
                    "DMA domain TLB invalidation policy: %s mode%s",
                    isLazy() ? "lazy" : "strict", strict.isPresent() ? BY_COMMAND_LINE : "");
        }
        if (dacForced) {
            log.prefixed("").info("Forcing DAC for PCI devices");
        }
    }

    private boolean isPassthrough() {
        return passthrough.orElse(false);
    }

    private boolean isLazy() {
        return strict.map(now -> !now).orElse(lazyByDefault);
    }

    /** The type of default domain where nothing speaks for another. */
    DomainType defaultType() {
        if (isPassthrough()) {
            return DomainType.IDENTITY;
        }
        return isLazy() ? DomainType.DMA_FQ : DomainType.DMA;
    }

    /** Whether PCI functions get addresses beyond 4 GiB at once. */
    @Linux(file = "drivers/iommu/dma-iommu.c", symbol = "iommu_dma_forcedac")
    boolean isDacForced() {
        return dacForced;
    }
}
