package dmakit.machine.bus;

import dmakit.machine.Check;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The address space of I/O ports, which a PC's CPU reaches by instructions of its own. Intel SDM
 * volume 1, chapter 20.
 *
 * <p>An access that is wider than what answers, or not aligned, or for several chips, becomes
 * accesses of one byte each, as on an ISA bus. Where nobody answers loads give ones and stores are
 * lost.
 */
public final class Ports {
    /** Ports there are. */
    public static final int COUNT = 1 << 16;

    /** Ranges one machine may have. */
    public static final int RANGE_COUNT_MAX = 1024;

    /**
     * A range of ports.
     *
     * @param name as the device tree calls it
     * @param first number of the first port
     * @param count of ports
     * @param width bytes of the widest access it takes: 1, 2 or 4
     * @param target what answers
     */
    public record Range(String name, int first, int count, int width, Target target) {
        private boolean contains(int port) {
            return port >= first && port - first < count;
        }
    }

    private final List<Range> ranges = new ArrayList<>();
    private @Nullable Range lastUsed;

    /**
     * Puts registers at ports.
     *
     * @param first number of the first port
     * @param count of ports, at least 1
     * @param width bytes of the widest access the chip takes: 1, 2 or 4
     * @throws IllegalArgumentException when the range overlaps another or leaves the space
     */
    public void attach(String name, int first, int count, int width, Target target) {
        Check.argument(
                first >= 0 && count > 0 && count <= COUNT - first,
                "%s: no ports 0x%x of count %d",
                name,
                first,
                count);
        Check.argument(
                width == 1 || width == 2 || width == Integer.BYTES, "%s: width %d", name, width);
        Check.argument(ranges.size() < RANGE_COUNT_MAX, "more than %d ranges", RANGE_COUNT_MAX);
        for (Range other : ranges) {
            Check.argument(
                    first + count <= other.first() || other.first() + other.count() <= first,
                    "%s at port 0x%x overlaps %s at port 0x%x",
                    name,
                    first,
                    other.name(),
                    other.first());
        }
        ranges.add(new Range(name, first, count, width, target));
    }

    /** All ranges, in the order of attachment. */
    public List<Range> ranges() {
        return Collections.unmodifiableList(ranges);
    }

    /** What answers at a port, or null. */
    public @Nullable Range at(int port) {
        Range last = lastUsed;
        if (last != null && last.contains(port)) {
            return last;
        }
        for (int i = 0; i < ranges.size(); i++) {
            if (ranges.get(i).contains(port)) {
                lastUsed = ranges.get(i);
                return lastUsed;
            }
        }
        return null;
    }

    /** Whether an access reaches its chip in one piece. */
    private static boolean isWhole(@Nullable Range range, int port, int bytes) {
        return range != null
                && bytes <= range.width()
                && (port - range.first()) % bytes == 0
                && range.contains(port + bytes - 1);
    }

    /**
     * Loads from a port.
     *
     * @param port 0 to {@link #COUNT} - 1; behind the last follows the first
     * @param bytes 1, 2 or 4
     * @return zero-extended
     */
    public long read(int port, int bytes) {
        Range range = at(port & (COUNT - 1));
        if (isWhole(range, port, bytes) && range != null) {
            return range.target().read(port - range.first(), bytes)
                    & (-1L >>> (Long.SIZE - Byte.SIZE * bytes));
        }
        if (bytes == 1) {
            return 0xff;
        }
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= read((port + i) & (COUNT - 1), 1) << (Byte.SIZE * i);
        }
        return value;
    }

    /** Stores to a port; parameters as of {@link #read}. */
    public void write(int port, int bytes, long value) {
        Range range = at(port & (COUNT - 1));
        if (isWhole(range, port, bytes) && range != null) {
            range.target()
                    .write(
                            port - range.first(),
                            bytes,
                            value & (-1L >>> (Long.SIZE - Byte.SIZE * bytes)));
            return;
        }
        for (int i = 0; bytes > 1 && i < bytes; i++) {
            write((port + i) & (COUNT - 1), 1, value >>> (Byte.SIZE * i));
        }
    }
}
