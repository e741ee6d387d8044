package dmakit.datasheet;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The registers of one block, checked: offsets ascend and are aligned, fields descend and do not
 * overlap, reset values set no reserved bit.
 *
 * @param <R> the enum that lists them
 */
public final class RegisterMap<R extends Enum<R> & Register> {
    /** Largest block, in bytes. */
    public static final int SIZE_MAX = 1 << 16;

    private final String name;
    private final int unit;
    private final int lg2Unit;
    private final int size;
    private final List<R> registers;
    private final @Nullable Register[] byWord;

    /**
     * Builds and checks a map.
     *
     * @param name of the block, for messages
     * @param size of the block in bytes, a multiple of 4, at most {@link #SIZE_MAX}
     * @param registers all of them, as {@code values()} answers
     * @throws IllegalArgumentException when the table cannot be right: an offset that is
     *     misaligned, outside the block, taken or out of order; a field that overlaps its neighbour
     *     or is out of order; a reset value with reserved bits; the message names the culprit
     */
    public RegisterMap(String name, int size, R[] registers) {
        this(name, Register.BYTES, size, registers);
    }

    /**
     * Builds and checks a map of registers that are not 32 bits apart, as of chips with ports.
     *
     * @param unit bytes from one register to the next: 1, 2 or 4
     * @param size of the block in bytes, a multiple of the unit, at most {@link #SIZE_MAX}
     * @throws IllegalArgumentException as the other
     */
    public RegisterMap(String name, int unit, int size, R[] registers) {
        this.name = name;
        this.unit = unit;
        this.size = size;
        this.registers = List.of(registers);
        check(unit == 1 || unit == 2 || unit == Register.BYTES, "unit", unit);
        lg2Unit = Integer.numberOfTrailingZeros(unit);
        check(size > 0 && size <= SIZE_MAX && size % unit == 0, "size", size);
        byWord = new Register[size / unit];
        int end = 0;
        for (R register : this.registers) {
            int offset = register.offset();
            String which = register.name() + " at";
            check(offset % unit == 0, which + " a misaligned offset", offset);
            check(offset >= end, which + " an offset taken or out of order", offset);
            check(offset <= size - unit, which + " an offset beyond the end", offset);
            end = offset + unit;
            byWord[offset / unit] = register;
            checkFields(register);
        }
    }

    private void checkFields(R register) {
        int below = unit * Byte.SIZE;
        int known = 0;
        for (Field field : register.fields()) {
            String which = register.name() + "." + field.name();
            check(field.bits().msb() < below, which + " overlaps or is out of order", below);
            below = field.bits().lsb();
            known |= field.mask();
        }
        check(
                (register.reset() & ~known) == 0,
                register.name() + " resets reserved bits",
                register.reset());
    }

    private void check(boolean holds, String what, int value) {
        if (!holds) {
            throw new IllegalArgumentException(
                    name + ": " + what + " 0x" + Integer.toHexString(value));
        }
    }

    /** The block's name. */
    public String name() {
        return name;
    }

    /** Bytes in the block. */
    public int size() {
        return size;
    }

    /** All registers, in address order. */
    public List<R> registers() {
        return registers;
    }

    /**
     * The register that holds a byte, or null where there is none.
     *
     * @param offset from the start of the block, in bytes; any value
     */
    @SuppressWarnings("unchecked") // the constructor put nothing but R there
    public @Nullable R at(long offset) {
        if (offset < 0 || offset >= size) {
            return null;
        }
        return (R) byWord[(int) offset >> lg2Unit];
    }

    /**
     * A value as its fields, for a reader: {@code CS=INT|END|PRIORITY:8}. Reserved bits that are
     * set come last, in hexadecimal; a register of one whole field shows its value.
     */
    public static String describe(Register register, int value) {
        StringBuilder text = new StringBuilder(register.name()).append('=');
        int left = value;
        boolean first = true;
        for (Field field : register.fields()) {
            if (field.bits().width() == Bits.REGISTER_BITS) {
                return text.append(hex(value)).toString();
            }
            if (!field.isSet(value)) {
                continue;
            }
            text.append(first ? "" : "|").append(field.name());
            if (field.bits().width() > 1) {
                text.append(':').append(field.get(value));
            }
            left &= ~field.mask();
            first = false;
        }
        if (left != 0) {
            text.append(first ? "" : "|").append(hex(left));
        } else if (first) {
            text.append('0');
        }
        return text.toString();
    }

    private static String hex(int value) {
        return "0x" + Integer.toHexString(value);
    }
}
