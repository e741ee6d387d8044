package dmakit.kernel.device;

import dmakit.kernel.Linux;
import dmakit.machine.Check;
import java.util.List;

/** Which CPU physical addresses a device reaches, and where it sees them. Nothing changes here. */
@Linux(file = "include/linux/dma-direct.h", symbol = "bus_dma_region")
public final class DmaRangeMap {
    /** What a translation answers where no range fits: all ones. */
    public static final long UNREACHABLE = -1;

    /** Ranges one map may have. */
    public static final int RANGE_COUNT_MAX = 4096;

    private final List<Range> ranges;
    private final long[] cpuStarts;
    private final long[] dmaStarts;
    private final long[] sizes;

    /**
     * One window.
     *
     * @param cpuStart first CPU physical address
     * @param dmaStart the same place as the device sees it
     * @param size in bytes, at least 1
     */
    public record Range(long cpuStart, long dmaStart, long size) {}

    /**
     * Creates a map.
     *
     * @param ranges in order of precedence, at least one and at most {@link #RANGE_COUNT_MAX}
     */
    public DmaRangeMap(List<Range> ranges) {
        Check.argument(
                !ranges.isEmpty() && ranges.size() <= RANGE_COUNT_MAX,
                "a map of %d ranges",
                ranges.size());
        this.ranges = List.copyOf(ranges);
        cpuStarts = ranges.stream().mapToLong(Range::cpuStart).toArray();
        dmaStarts = ranges.stream().mapToLong(Range::dmaStart).toArray();
        sizes = ranges.stream().mapToLong(Range::size).toArray();
        for (long size : sizes) {
            Check.argument(size != 0, "a range of %d bytes", size);
        }
    }

    /** The ranges, in order of precedence. */
    public List<Range> ranges() {
        return ranges;
    }

    /** What the device has to use for a CPU physical address, or {@link #UNREACHABLE}. */
    @Linux(file = "include/linux/dma-direct.h", symbol = "translate_phys_to_dma")
    public long toDma(long phys) {
        for (int i = 0; i < sizes.length; i++) {
            long offset = phys - cpuStarts[i];
            if (Long.compareUnsigned(offset, sizes[i]) < 0) {
                return dmaStarts[i] + offset;
            }
        }
        return UNREACHABLE;
    }

    /** Whether the device has an address for every byte of a range of CPU physical addresses. */
    @Linux(file = "kernel/dma/direct.c", symbol = "check_ram_in_range_map")
    public boolean covers(long phys, long bytes) {
        for (long done = 0; done < bytes; ) {
            long reach = reachFrom(phys + done);
            if (reach == 0) {
                return false;
            }
            done += reach;
        }
        return true;
    }

    private long reachFrom(long phys) {
        for (int i = 0; i < sizes.length; i++) {
            long offset = phys - cpuStarts[i];
            if (Long.compareUnsigned(offset, sizes[i]) < 0) {
                return sizes[i] - offset;
            }
        }
        return 0;
    }

    /** The CPU physical address behind what the device uses, or {@link #UNREACHABLE}. */
    @Linux(file = "include/linux/dma-direct.h", symbol = "translate_dma_to_phys")
    public long toPhys(long dma) {
        for (int i = 0; i < sizes.length; i++) {
            long offset = dma - dmaStarts[i];
            if (Long.compareUnsigned(offset, sizes[i]) < 0) {
                return cpuStarts[i] + offset;
            }
        }
        return UNREACHABLE;
    }

    @Override
    public String toString() {
        return ranges.toString();
    }
}
