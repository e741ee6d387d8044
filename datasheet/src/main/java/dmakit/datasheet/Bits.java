package dmakit.datasheet;

/**
 * Where a field lies in its 32-bit register, and what software can do with it.
 *
 * @param msb number of the highest bit, 0 to 31
 * @param lsb number of the lowest bit, 0 to {@code msb}
 * @param access what software can do with it
 * @param modelled whether the chip's model gives the field its effect; one that does not is
 *     declared all the same, and touching it is traced
 */
public record Bits(int msb, int lsb, Access access, boolean modelled) {
    /** The value of {@code modelled} for a field that is known and has no effect. */
    public static final boolean NOT_MODELLED = false;

    /** Bits in a register. */
    public static final int REGISTER_BITS = 32;

    /** Checks the range. */
    public Bits {
        if (lsb < 0 || msb < lsb || msb >= REGISTER_BITS) {
            throw new IllegalArgumentException(
                    "bits " + msb + ":" + lsb + " are not a range within 31:0");
        }
    }

    /** A field that the model gives its effect. */
    public Bits(int msb, int lsb, Access access) {
        this(msb, lsb, access, true);
    }

    /** How many bits, 1 to 32. */
    public int width() {
        return msb - lsb + 1;
    }

    /** Ones where the field lies. */
    public int mask() {
        return (-1 >>> (REGISTER_BITS - width())) << lsb;
    }
}
