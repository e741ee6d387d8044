package dmakit.devicetree;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A named value: bytes, and readers for the forms they usually have.
 *
 * <p>Cells are 32 bits, big-endian, and unsigned: an {@code int} holds the bits, {@link
 * Integer#toUnsignedLong} the number. A reader whose form does not fit the bytes throws {@link
 * DeviceTreeException} with the property's origin and path.
 */
public final class Property {

    private static final int CELL_BYTES = 4;

    private final Node owner;
    private final String name;
    private final byte[] value;
    private final Origin origin;

    Property(Node owner, String name, byte[] value, Origin origin) {
        this.owner = owner;
        this.name = name;
        this.value = value;
        this.origin = origin;
    }

    /** The name, for example {@code dma-ranges}. */
    public String name() {
        return name;
    }

    /** The node it belongs to. */
    public Node owner() {
        return owner;
    }

    /** Where it was written; with overlays, where its last value was. */
    public Origin origin() {
        return origin;
    }

    /** Length of the value in bytes. */
    public int sizeBytes() {
        return value.length;
    }

    /** Whether there is no value, as in {@code dma-coherent;}. */
    public boolean isEmpty() {
        return value.length == 0;
    }

    /** A copy of the value. */
    public byte[] bytes() {
        return value.clone();
    }

    /** Whether the length is a whole number of cells. */
    public boolean isCells() {
        return value.length % CELL_BYTES == 0;
    }

    /** Number of cells; throws when the length is not a multiple of 4. */
    public int cellCount() {
        if (!isCells()) {
            throw malformed("has %d bytes, wanted whole 4-byte cells".formatted(value.length));
        }
        return value.length / CELL_BYTES;
    }

    /**
     * Number of cells of a list that is searched often.
     *
     * @throws DeviceTreeException when there are more than {@link Limits#LIST_CELLS_MAX}, or the
     *     length is not a multiple of 4
     */
    public int listCellCount() {
        int count = cellCount();
        if (count > Limits.LIST_CELLS_MAX) {
            throw malformed(
                    "has %d cells, wanted at most %d".formatted(count, Limits.LIST_CELLS_MAX));
        }
        return count;
    }

    /**
     * One cell.
     *
     * @param index from 0
     */
    public int cell(int index) {
        int at = index * CELL_BYTES;
        if (index < 0 || at + CELL_BYTES > value.length) {
            throw malformed("has %d bytes, wanted a cell at %d".formatted(value.length, at));
        }
        return value[at] << 24
                | (value[at + 1] & 0xff) << 16
                | (value[at + 2] & 0xff) << 8
                | (value[at + 3] & 0xff);
    }

    /** All cells. */
    public int[] cells() {
        int[] cells = new int[cellCount()];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = cell(i);
        }
        return cells;
    }

    /**
     * Consecutive cells read as one big-endian number; of more than two the low 64 bits, of none 0.
     *
     * @param index of the first cell, from 0
     * @param count of cells
     */
    public long number(int index, int count) {
        long number = 0;
        for (int i = 0; i < count; i++) {
            number = number << 32 | Integer.toUnsignedLong(cell(index + i));
        }
        return number;
    }

    /** The value of exactly one cell. */
    public int u32() {
        requireBytes(4);
        return cell(0);
    }

    /** The value of exactly two cells. */
    public long u64() {
        requireBytes(8);
        return number(0, 2);
    }

    private void requireBytes(int wanted) {
        if (value.length != wanted) {
            throw malformed("has %d bytes, wanted %d".formatted(value.length, wanted));
        }
    }

    /** Whether the value is one or more strings, each ended by a NUL byte. */
    public boolean isStrings() {
        return value.length > 0 && value[value.length - 1] == 0;
    }

    /** The first string; throws when no NUL byte ends it. */
    public String string() {
        for (int end = 0; end < value.length; end++) {
            if (value[end] == 0) {
                return text(0, end);
            }
        }
        throw malformed("is no string: no NUL byte ends its %d bytes".formatted(value.length));
    }

    /** All strings in order; throws when the last one has no NUL byte; none for an empty value. */
    public List<String> strings() {
        if (isEmpty()) {
            return List.of();
        }
        if (!isStrings()) {
            throw malformed("is no string list: its last byte is not NUL");
        }
        List<String> strings = new ArrayList<>();
        int start = 0;
        for (int end = 0; end < value.length; end++) {
            if (value[end] == 0) {
                strings.add(text(start, end));
                start = end + 1;
            }
        }
        return List.copyOf(strings);
    }

    private String text(int start, int end) {
        return new String(value, start, end - start, StandardCharsets.UTF_8);
    }

    /** Whether both have the same name and bytes. */
    public boolean sameAs(Property other) {
        return name.equals(other.name) && Arrays.equals(value, other.value);
    }

    /** An exception that names this property and where it was written. */
    public DeviceTreeException malformed(String problem) {
        return new DeviceTreeException(
                origin, "property %s of %s %s".formatted(name, owner.path(), problem));
    }

    byte[] rawBytes() {
        return value;
    }

    /** Path of the node and name, as in {@code /soc:dma-ranges}. */
    @Override
    public String toString() {
        return owner.path() + ":" + name;
    }
}
