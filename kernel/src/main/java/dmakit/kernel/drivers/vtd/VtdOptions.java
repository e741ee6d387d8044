package dmakit.kernel.drivers.vtd;

import dmakit.devicetree.DeviceTree;
import dmakit.kernel.KernelParameters;
import dmakit.kernel.Linux;
import dmakit.kernel.log.Log;

/**
 * What {@code intel_iommu=} says, words separated by commas; of a word its beginning counts.
 *
 * @param present whether the board has a unit at all
 * @param enabled whether DMA is translated
 * @param strict whether translations go from the unit as soon as they are unmapped
 * @param largePages whether pages of 2 MiB and 1 GiB are used
 */
public record VtdOptions(boolean present, boolean enabled, boolean strict, boolean largePages) {
    private static final String PARAMETER = "intel_iommu";

    /**
     * Reads a command line, and says in the log what it found; without a unit on the board nobody
     * listens.
     *
     * @param log the kernel's
     */
    @Linux(file = "drivers/iommu/intel/iommu.c", symbol = "intel_iommu_setup")
    public static VtdOptions of(DeviceTree tree, KernelParameters parameters, Log log) {
        Log dmar = log.prefixed("DMAR: ");
        boolean present = !tree.compatibleWith(VtdDriver.COMPATIBLE).isEmpty();
        VtdOptions options = new VtdOptions(present, false, false, true);
        if (!present) {
            return options;
        }
        for (String value : parameters.values(PARAMETER)) {
            String rest = value;
            while (!rest.isEmpty()) {
                options = options.with(rest, dmar);
                int comma = rest.indexOf(',');
                rest = comma < 0 ? "" : rest.substring(comma).replaceFirst("^,+", "");
            }
        }
        return options;
    }

    /** As x86 has it: translations may stay in the unit for a while, unless somebody objects. */
    @Linux(file = "drivers/iommu/Kconfig", symbol = "IOMMU_DEFAULT_DMA_LAZY")
    public boolean isLazy() {
        return present && !strict;
    }

    /** What its first word makes of it; a word that is unknown is named with all behind it. */
    private VtdOptions with(String word, Log log) {
        if (word.startsWith("on")) {
            log.info("IOMMU enabled");
            return new VtdOptions(present, true, strict, largePages);
        } else if (word.startsWith("off")) {
            log.info("IOMMU disabled");
            return new VtdOptions(present, false, strict, largePages);
        } else if (word.startsWith("strict")) {
            log.warn("intel_iommu=strict deprecated; use iommu.strict=1 instead");
            return new VtdOptions(present, enabled, true, largePages);
        } else if (word.startsWith("sp_off")) {
            log.info("Disable supported super page");
            return new VtdOptions(present, enabled, strict, false);
        } else if (word.startsWith("igfx_off")) {
            log.info("Disable GFX device mapping");
        } else if (word.startsWith("forcedac")) {
            log.warn("intel_iommu=forcedac deprecated; use iommu.forcedac instead");
        } else if (word.startsWith("sm_on")) {
            log.info("Enable scalable mode if hardware supports");
        } else if (word.startsWith("sm_off")) {
            log.info("Scalable mode is disallowed");
        } else if (word.startsWith("tboot_noforce")) {
            log.info(
                    "Intel-IOMMU: not forcing on after tboot. This could expose security risk for"
                            + " tboot");
        } else {
            log.notice("Unknown option - '%s'", word);
        }
        return this;
    }
}
