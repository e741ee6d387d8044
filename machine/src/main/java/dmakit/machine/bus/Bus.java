package dmakit.machine.bus;

import dmakit.machine.Check;
import dmakit.machine.memory.CpuView;
import dmakit.machine.memory.DeviceView;
import dmakit.machine.memory.Ram;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The physical address map: which range of addresses reaches RAM and which a chip's registers. */
public final class Bus {
    /** Ranges of registers one machine may have. */
    public static final int RANGE_COUNT_MAX = 4096;

    /**
     * One range of registers.
     *
     * @param name as the device tree calls it
     * @param base first physical address
     * @param size in bytes
     * @param target what answers
     */
    public record Range(String name, long base, long size, Target target) {
        boolean contains(long phys) {
            return Long.compareUnsigned(phys - base, size) < 0;
        }
    }

    private final Ram ram;
    private final CpuView caches;
    private final List<Range> ranges = new ArrayList<>();
    private @Nullable Range lastUsed;

    /**
     * Creates a bus on which RAM answers, and nothing else yet.
     *
     * @param caches the CPU's caches, which a coherent master snoops
     */
    public Bus(Ram ram, CpuView caches) {
        this.ram = ram;
        this.caches = caches;
    }

    /**
     * Puts a chip's registers on the bus.
     *
     * @param base first physical address
     * @param size in bytes, at least 1
     * @throws IllegalArgumentException when the range overlaps RAM or another range
     */
    public void attach(String name, long base, long size, Target target) {
        Check.argument(size > 0, "%s has no size", name);
        Check.argument(ranges.size() < RANGE_COUNT_MAX, "more than %d ranges", RANGE_COUNT_MAX);
        for (Ram.Bank bank : ram.banks()) {
            Check.argument(
                    base >= bank.end() || base + size <= bank.base(),
                    "%s at phys:0x%x overlaps RAM at phys:0x%x",
                    name,
                    base,
                    bank.base());
        }
        for (Range other : ranges) {
            Check.argument(
                    base >= other.base() + other.size() || base + size <= other.base(),
                    "%s at phys:0x%x overlaps %s at phys:0x%x",
                    name,
                    base,
                    other.name(),
                    other.base());
        }
        ranges.add(new Range(name, base, size, target));
    }

    /** All ranges of registers, in the order of attachment. */
    public List<Range> ranges() {
        return Collections.unmodifiableList(ranges);
    }

    /** The RAM on this bus. */
    public Ram ram() {
        return ram;
    }

    /** The range that answers at a physical address, or null. */
    public @Nullable Range rangeAt(long phys) {
        Range last = lastUsed;
        if (last != null && last.contains(phys)) {
            return last;
        }
        for (Range range : ranges) {
            if (range.contains(phys)) {
                lastUsed = range;
                return range;
            }
        }
        return null;
    }

    /**
     * Gives a device its way onto the bus.
     *
     * @param name of the master, for traces
     * @param translation from the master's addresses to physical ones
     * @param coherent whether its accesses snoop the CPU's caches
     */
    public MasterPort master(String name, Translation translation, boolean coherent) {
        return new MasterPort(
                name, this, translation, new DeviceView(ram, caches, coherent), coherent);
    }
}
