package dmakit.hardware;

/** The halves of a value of 64 bits that the CPU sees as two registers of 32. */
public final class Halves {
    private static final long LOW_MASK = 0xffff_ffffL;

    private Halves() {}

    /** Bits 31 to 0. */
    public static int low(long value) {
        return (int) value;
    }

    /** Bits 63 to 32. */
    public static int high(long value) {
        return (int) (value >>> Integer.SIZE);
    }

    /** Both halves together. */
    public static long join(int low, int high) {
        return (long) high << Integer.SIZE | Integer.toUnsignedLong(low);
    }

    /** A value with another low half. */
    public static long withLow(long value, int low) {
        return (value & ~LOW_MASK) | Integer.toUnsignedLong(low);
    }

    /** A value with another high half. */
    public static long withHigh(long value, int high) {
        return join((int) value, high);
    }
}
