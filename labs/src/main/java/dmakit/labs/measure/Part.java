package dmakit.labs.measure;

import dmakit.machine.cpu.Purpose;

/**
 * One part of a time.
 *
 * @param name what it went to
 * @param ps how much of it, in picoseconds
 */
public record Part(String name, long ps) {
    /** The part in which the CPU had nothing to do. */
    public static final String WAITING = "waiting";

    /** What readers call a purpose. */
    public static String nameOf(Purpose purpose) {
        return switch (purpose) {
            case CODE -> "code";
            case WORDS -> "loads and stores";
            case CACHE -> "cache maintenance";
            case BOUNCE -> "bounce copies";
            case IOMMU_MAP -> "IOMMU map";
            case IOMMU_UNMAP -> "IOMMU unmap";
            case IOMMU_INVALIDATE -> "IOMMU invalidation";
            case INTERRUPT -> "interrupts";
            case SWITCH -> "task switches";
            case POLL -> "polling";
        };
    }
}
