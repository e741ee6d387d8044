package dmakit.kernel.drivers.ioat;

import java.util.Arrays;

/** The sources of a syndrome and their coefficients, to which continuing adds more. */
final class Operands {
    /** What continuing adds at most. */
    private static final int MORE = 4;

    private final long[] sources;
    private final byte[] coefficients;
    private int count;

    Operands(long[] sources, byte[] coefficients) {
        count = sources.length;
        this.sources = Arrays.copyOf(sources, count + MORE);
        this.coefficients = Arrays.copyOf(coefficients, count + MORE);
    }

    void add(long source, int coefficient) {
        sources[count] = source;
        coefficients[count++] = (byte) coefficient;
    }

    int count() {
        return count;
    }

    long[] sources() {
        return Arrays.copyOf(sources, count);
    }

    byte[] coefficients() {
        return Arrays.copyOf(coefficients, count);
    }
}
