package dmakit.kernel.mm;

import dmakit.kernel.Linux;
import dmakit.machine.memory.Ram;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Which physical addresses belong to which zone. A zone may be empty.
 *
 * @param dmaLimit last address that every device reaches ({@code zone_dma_limit}); it may lie
 *     behind the end of RAM
 * @param start first address of RAM
 * @param dmaEnd end of {@link Zone#DMA}, exclusive
 * @param dma32End end of {@link Zone#DMA32}, exclusive, not below {@code dmaEnd}
 * @param end end of RAM, exclusive
 */
public record ZoneLayout(long dmaLimit, long start, long dmaEnd, long dma32End, long end) {
    private static final long LAST_OF_24_BITS = 0xff_ffffL;
    private static final long LAST_OF_32_BITS = 0xffff_ffffL;

    /**
     * The zones of an arm64 machine.
     *
     * @param ram what there is
     * @param reachOfAllDevices the highest CPU address that every bus master reaches, by the {@code
     *     dma-ranges} of the device tree; -1 when nothing restricts them
     */
    @Linux(file = "arch/arm64/mm/init.c", symbol = "zone_sizes_init")
    public static ZoneLayout arm64(Ram ram, long reachOfAllDevices) {
        long start = ram.banks().getFirst().base();
        long last = ram.banks().getLast().end() - 1;
        // Masters with 32 bits rely on a DMA zone where RAM lies low.
        long limit =
                start < LAST_OF_32_BITS
                        ? min(reachOfAllDevices, LAST_OF_32_BITS)
                        : reachOfAllDevices;
        long dmaEnd = clamp(pageDown(min(limit, last) + 1), start);
        long dma32End = clamp(pageDown(min(LAST_OF_32_BITS, last) + 1), dmaEnd);
        return new ZoneLayout(limit, start, dmaEnd, dma32End, last + 1);
    }

    /**
     * The zones of an x86 machine: what ISA masters reach with 24 bits, what others reach with 32.
     *
     * @param ram what there is
     */
    @Linux(file = "arch/x86/mm/init.c", symbol = "zone_sizes_init")
    public static ZoneLayout x86(Ram ram) {
        return arm64(ram, LAST_OF_24_BITS);
    }

    /** First address of a zone. */
    public long startOf(Zone zone) {
        return switch (zone) {
            case DMA -> start;
            case DMA32 -> dmaEnd;
            case NORMAL -> dma32End;
        };
    }

    /** End of a zone, exclusive; its start when it is empty. */
    public long endOf(Zone zone) {
        return switch (zone) {
            case DMA -> dmaEnd;
            case DMA32 -> dma32End;
            case NORMAL -> end;
        };
    }

    /** The zone of an address of RAM. */
    public Zone zoneOf(long phys) {
        if (phys < dmaEnd) {
            return Zone.DMA;
        }
        return phys < dma32End ? Zone.DMA32 : Zone.NORMAL;
    }

    /** What the kernel prints at boot, line by line. */
    public List<String> describe() {
        List<String> lines = new ArrayList<>();
        lines.add("Zone ranges:");
        for (Zone zone : Zone.values()) {
            long first = startOf(zone);
            long last = endOf(zone) - 1;
            lines.add(
                    last < first
                            ? String.format(Locale.ROOT, "  %-8s empty", zone.label())
                            : String.format(
                                    Locale.ROOT,
                                    "  %-8s [mem 0x%016x-0x%016x]",
                                    zone.label(),
                                    first,
                                    last));
        }
        return List.copyOf(lines);
    }

    private static long pageDown(long phys) {
        return phys & -VirtualMemory.PAGE_BYTES;
    }

    private static long clamp(long value, long least) {
        return Math.max(value, least);
    }

    private static long min(long a, long b) {
        return Long.compareUnsigned(a, b) < 0 ? a : b;
    }
}
