package dmakit.kernel.raid;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Arithmetic on pieces of blocks, eight elements in a word at a time. The loops are plain enough
 * for the JIT to make vectors of them. Pieces have whole words; what is behind a block's end is
 * computed too, and never stored.
 */
final class Words {
    private static final VarHandle WORD =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long TOP_BITS = 0x8080_8080_8080_8080L;
    private static final long OTHER_BITS = 0xfefe_fefe_fefe_fefeL;
    private static final long REDUCTION = (Gf256.POLYNOMIAL & 0xff) * 0x0101_0101_0101_0101L;

    private Words() {}

    /** {@code bytes} rounded up to whole words. */
    static int whole(int bytes) {
        return (bytes + Long.BYTES - 1) & -Long.BYTES;
    }

    /** Adds a piece to a sum. */
    static void add(byte[] sum, byte[] piece, int bytes) {
        for (int i = 0; i < bytes; i += Long.BYTES) {
            WORD.set(sum, i, (long) WORD.get(sum, i) ^ (long) WORD.get(piece, i));
        }
    }

    /** One more block of a syndrome, the highest first: {@code P += D, Q = Q * 2 + D}. */
    static void addToSyndrome(byte[] p, byte[] q, byte[] piece, int bytes) {
        for (int i = 0; i < bytes; i += Long.BYTES) {
            long word = (long) WORD.get(piece, i);
            WORD.set(p, i, (long) WORD.get(p, i) ^ word);
            WORD.set(q, i, doubled((long) WORD.get(q, i)) ^ word);
        }
    }

    /** Multiplies every element with 2. */
    static void twice(byte[] piece, int bytes) {
        for (int i = 0; i < bytes; i += Long.BYTES) {
            WORD.set(piece, i, doubled((long) WORD.get(piece, i)));
        }
    }

    /**
     * Adds a multiple of a piece to a sum; the piece is used up.
     *
     * @param coefficient an element, 0 to 255
     */
    static void addMultiple(byte[] sum, byte[] piece, int coefficient, int bytes) {
        for (int rest = coefficient; rest != 0; ) {
            if ((rest & 1) != 0) {
                add(sum, piece, bytes);
            }
            rest >>>= 1;
            if (rest != 0) {
                twice(piece, bytes);
            }
        }
    }

    /** Where the top bit is set the product is reduced: by as many ones as the byte has bits. */
    private static long doubled(long word) {
        long top = word & TOP_BITS;
        long mask = (top << 1) - (top >>> 7);
        return ((word << 1) & OTHER_BITS) ^ (mask & REDUCTION);
    }
}
