package dmakit.kernel.pci;

import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/** A window of a host bridge, and which parts of it functions have. */
final class PciWindow {
    private final long cpuStart;
    private final long pciStart;
    private final long size;
    private final boolean prefetchable;

    /** Start to end, exclusive; offsets in the window. */
    private final TreeMap<Long, Long> taken = new TreeMap<>();

    PciWindow(long cpuStart, long pciStart, long size, boolean prefetchable) {
        this.cpuStart = cpuStart;
        this.pciStart = pciStart;
        this.size = size;
        this.prefetchable = prefetchable;
    }

    long cpuStart() {
        return cpuStart;
    }

    long size() {
        return size;
    }

    long pciStart() {
        return pciStart;
    }

    boolean isPrefetchable() {
        return prefetchable;
    }

    /** Whether every address of the window has 32 bits. */
    boolean isBelow4G() {
        return pciStart + size - 1 <= 0xffff_ffffL;
    }

    long toPci(long cpu) {
        return cpu - cpuStart + pciStart;
    }

    /** Takes the first free place that is a multiple of its size on the PCI bus, never 0. */
    OptionalLong take(long bytes) {
        long at = alignUp(pciStart == 0 ? bytes : pciStart, bytes) - pciStart;
        while (at >= 0 && at + bytes <= size) {
            Map.Entry<Long, Long> before = taken.lowerEntry(at + bytes);
            if (before == null || before.getValue() <= at) {
                taken.put(at, at + bytes);
                return OptionalLong.of(cpuStart + at);
            }
            at = alignUp(pciStart + before.getValue(), bytes) - pciStart;
        }
        return OptionalLong.empty();
    }

    private static long alignUp(long value, long alignment) {
        return (value + alignment - 1) & -alignment;
    }

    @Override
    public String toString() {
        return String.format(
                "[mem 0x%08x-0x%08x%s]",
                cpuStart, cpuStart + size - 1, prefetchable ? " pref" : "");
    }
}
