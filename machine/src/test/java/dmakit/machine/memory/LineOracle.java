package dmakit.machine.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A second, slow account of what the line model may do: for every line, all states that an
 * operation may leave behind, given what the cache may do by its own choice before and after it.
 */
final class LineOracle {
    /** What a cache may do by its own choice. */
    enum Freedom {
        NONE,
        EVICTS,
        ANYTHING
    }

    /** One line as it may be; the bytes in the cache mean nothing while it is INVALID. */
    record Line(byte state, byte[] cpu, byte[] dram) {
        boolean isSameAs(Line other) {
            return state == other.state
                    && (state == Ram.INVALID || Arrays.equals(cpu, other.cpu))
                    && Arrays.equals(dram, other.dram);
        }

        Line filled() {
            return state == Ram.INVALID ? new Line(Ram.CLEAN, dram, dram) : this;
        }

        Line cleaned() {
            return state == Ram.DIRTY ? new Line(Ram.CLEAN, cpu, cpu) : this;
        }

        Line dropped() {
            return new Line(Ram.INVALID, dram, dram);
        }

        Line stored(int at, byte[] bytes) {
            Line line = filled();
            return new Line(Ram.DIRTY, overlaid(line.cpu, at, bytes), line.dram);
        }

        Line written(int at, byte[] bytes) {
            return new Line(state, cpu, overlaid(dram, at, bytes));
        }

        private static byte[] overlaid(byte[] under, int at, byte[] bytes) {
            byte[] result = under.clone();
            System.arraycopy(bytes, 0, result, at, bytes.length);
            return result;
        }
    }

    /** What one operation does to one line. */
    interface Effect {
        Line on(Line line);
    }

    private static final int LINE = Ram.LINE_BYTES;

    private final Ram ram;
    private final Freedom freedom;
    private final List<List<Line>> lines = new ArrayList<>();

    LineOracle(Ram ram, Freedom freedom) {
        this.ram = ram;
        this.freedom = freedom;
        for (int i = 0; i < ram.size() / LINE; i++) {
            lines.add(List.of(actual(i)));
        }
    }

    /** The states line {@code index} may be in at this point of an operation. */
    List<Line> possible(int index) {
        return lines.get(index);
    }

    /** Lets an effect happen to one line, whatever the cache did before. */
    void apply(int index, Effect effect) {
        List<Line> after = new ArrayList<>();
        for (Line before : closure(lines.get(index))) {
            add(after, effect.on(before));
        }
        lines.set(index, after);
    }

    /** Compares every line with what it may be, and goes on from what it is. */
    void compare(String when) {
        for (int i = 0; i < lines.size(); i++) {
            Line actual = actual(i);
            List<Line> possible = lines.get(i);
            if (possible.size() == 1 && possible.getFirst().isSameAs(actual)) {
                continue;
            }
            if (closure(possible).stream().noneMatch(actual::isSameAs)) {
                throw new AssertionError(
                        when + ": line " + i + " is " + text(actual) + ", may be " + texts(i));
            }
            lines.set(i, List.of(actual));
        }
    }

    private List<Line> closure(List<Line> start) {
        if (freedom == Freedom.NONE) {
            return start;
        }
        List<Line> all = new ArrayList<>(start);
        for (int i = 0; i < all.size(); i++) {
            Line line = all.get(i);
            add(all, line.cleaned().dropped());
            if (freedom == Freedom.ANYTHING) {
                add(all, line.cleaned());
                add(all, line.filled());
            }
        }
        return all;
    }

    private static void add(List<Line> lines, Line line) {
        if (lines.stream().noneMatch(line::isSameAs)) {
            lines.add(line);
        }
    }

    private Line actual(int index) {
        return new Line(
                ram.lines.get(JAVA_BYTE, index), bytes(ram.cpu, index), bytes(ram.dram, index));
    }

    private static byte[] bytes(MemorySegment segment, int index) {
        byte[] bytes = new byte[LINE];
        MemorySegment.copy(segment, JAVA_BYTE, (long) index * LINE, bytes, 0, LINE);
        return bytes;
    }

    private String texts(int index) {
        return closure(lines.get(index)).stream().map(LineOracle::text).toList().toString();
    }

    private static String text(Line line) {
        return line.state
                + " cpu="
                + Arrays.toString(line.cpu)
                + " dram="
                + Arrays.toString(line.dram);
    }
}
