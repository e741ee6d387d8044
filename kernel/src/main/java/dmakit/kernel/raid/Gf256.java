package dmakit.kernel.raid;

import dmakit.kernel.Linux;

/**
 * The field of 256 elements RAID-6 counts in: polynomials over bits modulo x^8 + x^4 + x^3 + x^2 +
 * 1, with the generator x. Sums are exclusive or. Elements are ints from 0 to 255.
 */
@Linux(file = "lib/raid6/mktables.c", symbol = "gfmul")
public final class Gf256 {
    /** The polynomial's bits. */
    public static final int POLYNOMIAL = 0x11d;

    /** The generator. */
    public static final int GENERATOR = 2;

    /** Elements but for 0: the powers of the generator repeat after so many. */
    public static final int ORDER = 255;

    /** Powers twice over, so that the sum of two logarithms needs no reduction. */
    private static final byte[] POWERS = powers();

    private static final short[] LOGARITHMS = logarithms();

    private Gf256() {}

    /**
     * A power of the generator: the coefficient of a data block in Q.
     *
     * @param exponent the number of the block, from 0
     */
    @Linux(file = "lib/raid6/mktables.c", symbol = "raid6_gfexp")
    public static int exp(int exponent) {
        return POWERS[Math.floorMod(exponent, ORDER)] & 0xff;
    }

    /** The product of two elements. */
    @Linux(file = "lib/raid6/mktables.c", symbol = "raid6_gfmul")
    public static int multiply(int a, int b) {
        return a == 0 || b == 0 ? 0 : POWERS[LOGARITHMS[a] + LOGARITHMS[b]] & 0xff;
    }

    /**
     * What an element is to be multiplied with for 1; 0 for 0, which has no inverse.
     *
     * @param element from 0 to 255
     */
    @Linux(file = "lib/raid6/mktables.c", symbol = "raid6_gfinv")
    public static int inverse(int element) {
        return element == 0 ? 0 : POWERS[ORDER - LOGARITHMS[element]] & 0xff;
    }

    /**
     * The inverse of a power of the generator plus 1: what two lost blocks so many apart are
     * recovered with.
     */
    @Linux(file = "lib/raid6/mktables.c", symbol = "raid6_gfexi")
    public static int inverseOfExpPlusOne(int exponent) {
        return inverse(exp(exponent) ^ 1);
    }

    private static byte[] powers() {
        byte[] powers = new byte[2 * ORDER];
        int power = 1;
        for (int i = 0; i < ORDER; i++) {
            powers[i] = (byte) power;
            powers[i + ORDER] = (byte) power;
            power <<= 1;
            if (power > 0xff) {
                power ^= POLYNOMIAL;
            }
        }
        return powers;
    }

    private static short[] logarithms() {
        short[] logarithms = new short[256];
        for (int i = 0; i < ORDER; i++) {
            logarithms[POWERS[i] & 0xff] = (short) i;
        }
        return logarithms;
    }
}
