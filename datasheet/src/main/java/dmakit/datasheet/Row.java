package dmakit.datasheet;

import java.util.List;

/** What a register map says of one register, in its row of the table. */
public final class Row {
    private final int offset;
    private final int reset;
    private final List<Field> fields;
    private final int writableMask;
    private final int notModelledMask;

    /**
     * Creates the row of a register.
     *
     * @param offset from the start of the block, in bytes
     * @param reset its value after a reset
     * @param fields the highest first
     */
    public Row(int offset, int reset, Field... fields) {
        this.offset = offset;
        this.reset = reset;
        this.fields = List.of(fields);
        int writable = 0;
        int notModelled = 0;
        for (Field field : fields) {
            Bits bits = field.bits();
            writable |= bits.access().isWritable() ? bits.mask() : 0;
            notModelled |= bits.modelled() ? 0 : bits.mask();
        }
        writableMask = writable;
        notModelledMask = notModelled;
    }

    /**
     * The row of a word in memory. It has no value after a reset: zero stands for it, and reserved
     * bits are to be zero.
     *
     * @param offset from the start of what it belongs to, in bytes
     * @param fields the highest first
     */
    public static Row inMemory(int offset, Field... fields) {
        return new Row(offset, 0, fields);
    }

    int offset() {
        return offset;
    }

    int reset() {
        return reset;
    }

    List<Field> fields() {
        return fields;
    }

    int writableMask() {
        return writableMask;
    }

    int notModelledMask() {
        return notModelledMask;
    }
}
