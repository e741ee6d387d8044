package dmakit.datasheet;

/**
 * One field of a register, as its manual names and numbers it. Implemented by enums, one per
 * register, with the fields in the manual's order.
 *
 * <p>All values are 32 bits; nothing here allocates.
 */
public interface Field {
    /** The manual's name; enums have it already. */
    String name();

    /** Where the field lies. */
    Bits bits();

    /** Ones where the field lies. */
    default int mask() {
        return bits().mask();
    }

    /** Whether any bit of the field is set in a register's value. */
    default boolean isSet(int value) {
        return (value & mask()) != 0;
    }

    /** The field's value in a register's value, unsigned; a field of 32 bits as it is. */
    default int get(int value) {
        return (value & mask()) >>> bits().lsb();
    }

    /** The field's value in a register's value, as two's complement. */
    default int getSigned(int value) {
        Bits bits = bits();
        return value
                << (Bits.REGISTER_BITS - 1 - bits.msb())
                >> (Bits.REGISTER_BITS - bits.width());
    }

    /**
     * A register's value with this field replaced.
     *
     * @throws IllegalArgumentException when {@code fieldValue} has bits the field has not
     */
    default int with(int value, int fieldValue) {
        Bits bits = bits();
        int mask = bits.mask();
        int placed = fieldValue << bits.lsb();
        if ((placed & mask) >>> bits.lsb() != fieldValue) {
            throw new IllegalArgumentException(
                    String.format(
                            "0x%x does not fit into %s, which has %d bits",
                            fieldValue, name(), bits.width()));
        }
        return (value & ~mask) | placed;
    }

    /** A register's value with this field set, when {@code set}, and otherwise clear. */
    default int with(int value, boolean set) {
        return set ? value | mask() : value & ~mask();
    }

    /** A register's value in which this field alone is not zero. */
    default int of(int fieldValue) {
        return with(0, fieldValue);
    }
}
