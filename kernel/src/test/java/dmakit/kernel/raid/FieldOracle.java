package dmakit.kernel.raid;

/**
 * RAID-6 by the book and slowly: products bit by bit, recovery by solving linear equations. It
 * shares nothing with what it judges.
 */
public final class FieldOracle {
    private FieldOracle() {}

    /** A product: long multiplication of polynomials, then long division by 0x11d. */
    public static int product(int a, int b) {
        int product = 0;
        for (int bit = 0; bit < 8; bit++) {
            if ((b >> bit & 1) != 0) {
                product ^= a << bit;
            }
        }
        for (int bit = 15; bit >= 8; bit--) {
            if ((product >> bit & 1) != 0) {
                product ^= 0x11d << (bit - 8);
            }
        }
        return product;
    }

    /** A power of 2, by so many products. */
    public static int power(int exponent) {
        int power = 1;
        for (int i = 0; i < exponent; i++) {
            power = product(power, 2);
        }
        return power;
    }

    /** P of a stripe of data blocks; null is a block of zeros. */
    public static byte[] p(byte[][] data, int bytes) {
        byte[] p = new byte[bytes];
        for (byte[] block : data) {
            for (int i = 0; block != null && i < bytes; i++) {
                p[i] ^= block[i];
            }
        }
        return p;
    }

    /** Q of a stripe of data blocks; null is a block of zeros. */
    public static byte[] q(byte[][] data, int bytes) {
        byte[] q = new byte[bytes];
        for (int disk = 0; disk < data.length; disk++) {
            int coefficient = power(disk);
            for (int i = 0; data[disk] != null && i < bytes; i++) {
                q[i] ^= (byte) product(data[disk][i] & 0xff, coefficient);
            }
        }
        return q;
    }

    /**
     * The blocks of a stripe that are lost, byte by byte the solution of two equations with two
     * unknowns: the sum of all blocks but Q is zero, and so is that of Q and all data blocks with
     * their coefficients.
     *
     * @param stripe data, P and Q; what is in the lost ones does not matter
     * @param one number of the first lost block
     * @param other number of the second one
     * @return the two of them
     */
    public static byte[][] recovered(byte[][] stripe, int one, int other, int bytes) {
        byte[][] found = new byte[2][bytes];
        int disks = stripe.length;
        for (int i = 0; i < bytes; i++) {
            int sumP = 0;
            int sumQ = 0;
            for (int disk = 0; disk < disks; disk++) {
                if (disk != one && disk != other && stripe[disk] != null) {
                    int value = stripe[disk][i] & 0xff;
                    sumP ^= product(value, inP(disk, disks));
                    sumQ ^= product(value, inQ(disk, disks));
                }
            }
            int[] solution =
                    solve(
                            inP(one, disks),
                            inP(other, disks),
                            sumP,
                            inQ(one, disks),
                            inQ(other, disks),
                            sumQ);
            found[0][i] = (byte) solution[0];
            found[1][i] = (byte) solution[1];
        }
        return found;
    }

    private static int inP(int disk, int disks) {
        return disk == disks - 1 ? 0 : 1;
    }

    private static int inQ(int disk, int disks) {
        return disk == disks - 1 ? 1 : disk == disks - 2 ? 0 : power(disk);
    }

    /** {@code a x + b y = e, c x + d y = f}, by Cramer's rule. */
    private static int[] solve(int a, int b, int e, int c, int d, int f) {
        int determinant = product(a, d) ^ product(b, c);
        int inverse = 1;
        while (product(determinant, inverse) != 1) {
            inverse++;
        }
        return new int[] {
            product(inverse, product(e, d) ^ product(b, f)),
            product(inverse, product(a, f) ^ product(e, c))
        };
    }
}
