package dmakit.hardware.ioat;

/**
 * The field of 256 elements that Q is computed in: bytes are polynomials over GF(2), modulo x^8 +
 * x^4 + x^3 + x^2 + 1.
 */
final class Field256 {
    private static final int MODULUS = 0x11d;
    private static final int SIZE = 256;

    private final byte[][] products = new byte[SIZE][];

    /** The product of two elements, by the definition. */
    static int product(int a, int b) {
        int sum = 0;
        int shifted = a;
        for (int rest = b; rest != 0; rest >>>= 1) {
            if ((rest & 1) != 0) {
                sum ^= shifted;
            }
            shifted <<= 1;
            if (shifted >= SIZE) {
                shifted ^= MODULUS;
            }
        }
        return sum;
    }

    /** Adds a multiple of a row of elements to another row. */
    void addMultiple(byte[] sum, int coefficient, byte[] row, int bytes) {
        byte[] multiples = multiplesOf(coefficient);
        for (int i = 0; i < bytes; i++) {
            sum[i] ^= multiples[row[i] & 0xff];
        }
    }

    private byte[] multiplesOf(int coefficient) {
        byte[] known = products[coefficient];
        if (known == null) {
            known = new byte[SIZE];
            for (int i = 0; i < SIZE; i++) {
                known[i] = (byte) product(coefficient, i);
            }
            products[coefficient] = known;
        }
        return known;
    }
}
