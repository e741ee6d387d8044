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
        /** Last address of the range. */
        public long last() {
            return base + size - 1;
        }

        /** Whether the range answers at all addresses of an access. */
        public boolean contains(long phys, int bytes) {
            long at = phys - base;
            return Long.compareUnsigned(at, size) < 0
                    && Long.compareUnsigned(bytes, size - at) <= 0;
        }

        boolean contains(long phys) {
            return Long.compareUnsigned(phys - base, size) < 0;
        }

        boolean overlaps(long first, long last) {
            return Long.compareUnsigned(first, last()) <= 0
                    && Long.compareUnsigned(base, last) <= 0;
        }
    }

    private final Ram ram;
    private final CpuView caches;
    private final List<Range> ranges = new ArrayList<>();
    private final List<Range> ascending = new ArrayList<>();
    private final List<MasterPort> masters = new ArrayList<>();
    private final Ports ports = new Ports();
    private @Nullable Range lastUsed;
    private @Nullable AccessWatch watch;
    private long heldPs;

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
     * @throws IllegalArgumentException when the range overlaps RAM or another range, goes past the
     *     last address, or is one more than {@link #RANGE_COUNT_MAX}
     */
    public void attach(String name, long base, long size, Target target) {
        Check.argument(size > 0, "%s has no size", name);
        Check.argument(ranges.size() < RANGE_COUNT_MAX, "more than %d ranges", RANGE_COUNT_MAX);
        Range range = new Range(name, base, size, target);
        Check.argument(
                Long.compareUnsigned(range.last(), base) >= 0,
                "%s at phys:0x%x of 0x%x bytes goes past the last address",
                name,
                base,
                size);
        for (Ram.Bank bank : ram.banks()) {
            Check.argument(
                    !range.overlaps(bank.base(), bank.last()),
                    "%s at phys:0x%x overlaps RAM at phys:0x%x",
                    name,
                    base,
                    bank.base());
        }
        for (Range other : ranges) {
            Check.argument(
                    !range.overlaps(other.base(), other.last()),
                    "%s at phys:0x%x overlaps %s at phys:0x%x",
                    name,
                    base,
                    other.name(),
                    other.base());
        }
        ranges.add(range);
        ascending.add(indexAfter(base), range);
    }

    /**
     * Lets somebody hear of what devices access, or nobody. A {@linkplain MasterPort#copy copy}
     * that is refused is not told of: its master tries again word by word.
     */
    public void watch(@Nullable AccessWatch watcher) {
        watch = watcher;
    }

    @Nullable AccessWatch watch() {
        return watch;
    }

    void held(long ps) {
        heldPs += ps;
    }

    /** How long devices have held the bus since power-on, in picoseconds, as they say. */
    public long heldPs() {
        return heldPs;
    }

    /** All ranges of registers, in the order of attachment. */
    public List<Range> ranges() {
        return Collections.unmodifiableList(ranges);
    }

    /** The I/O ports beside it; none where no chip has any. */
    public Ports ports() {
        return ports;
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
        int index = indexAfter(phys);
        if (index > 0 && ascending.get(index - 1).contains(phys)) {
            lastUsed = ascending.get(index - 1);
            return lastUsed;
        }
        return null;
    }

    /** How many ranges start at or below an address. */
    private int indexAfter(long phys) {
        int low = 0;
        int high = ascending.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Long.compareUnsigned(ascending.get(middle).base(), phys) <= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /**
     * Gives a device its way onto the bus.
     *
     * @param name of the master, for traces
     * @param translation from the master's addresses to physical ones
     * @param coherent whether its accesses snoop the CPU's caches
     */
    public MasterPort master(String name, Translation translation, boolean coherent) {
        DeviceView view = new DeviceView(ram, caches, coherent, name);
        MasterPort port = new MasterPort(name, this, translation, view, coherent);
        masters.add(port);
        return port;
    }

    /** The ways that devices have onto the bus, in the order they were given. */
    public List<MasterPort> masters() {
        return Collections.unmodifiableList(masters);
    }
}
