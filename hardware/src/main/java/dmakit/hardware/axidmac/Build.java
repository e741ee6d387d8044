package dmakit.hardware.axidmac;

import dmakit.datasheet.axidmac.InterfaceType;
import dmakit.machine.Check;

/**
 * How a core was generated. AXI DMAC, "Configuration Parameters".
 *
 * @param source what it reads
 * @param destination what it writes
 * @param sourceBytes of a word that is read, a power of two, 2 to {@link #WORD_BYTES_MAX}
 * @param destinationBytes of a word that is written, likewise
 * @param burstBytes at most, a power of two, at least two words and at most {@link
 *     #BURST_BYTES_MAX}
 * @param lengthBits of lengths and strides, 8 to 32
 * @param addressBits of memory, 32 to 64
 * @param cyclic whether transfers may begin again by themselves
 * @param rectangles whether transfers have rows
 * @param scatterGather whether it reads descriptors for itself
 * @param coherent whether it says of itself that it snoops
 */
public record Build(
        InterfaceType source,
        InterfaceType destination,
        int sourceBytes,
        int destinationBytes,
        int burstBytes,
        int lengthBits,
        int addressBits,
        boolean cyclic,
        boolean rectangles,
        boolean scatterGather,
        boolean coherent) {
    /** Bytes of the widest word. */
    public static final int WORD_BYTES_MAX = 128;

    /** Bytes of the longest burst. */
    public static final int BURST_BYTES_MAX = 4096;

    /**
     * Checks what can be checked.
     *
     * @throws IllegalArgumentException when there is no such core
     */
    public Build {
        checkWord("source", sourceBytes);
        checkWord("destination", destinationBytes);
        Check.argument(
                isPowerOfTwo(burstBytes)
                        && burstBytes >= 2 * Math.max(sourceBytes, destinationBytes)
                        && burstBytes <= BURST_BYTES_MAX,
                "bursts of %d bytes, wanted a power of two from two words to %d",
                burstBytes,
                BURST_BYTES_MAX);
        Check.argument(
                lengthBits >= 8 && lengthBits <= Integer.SIZE,
                "lengths of %d bits, wanted 8 to 32",
                lengthBits);
        Check.argument(
                addressBits >= Integer.SIZE && addressBits <= Long.SIZE,
                "addresses of %d bits, wanted 32 to 64",
                addressBits);
    }

    private static void checkWord(String side, int bytes) {
        Check.argument(
                isPowerOfTwo(bytes) && bytes >= 2 && bytes <= WORD_BYTES_MAX,
                "a word of the %s of %d bytes, wanted a power of two from 2 to %d",
                side,
                bytes,
                WORD_BYTES_MAX);
    }

    private static boolean isPowerOfTwo(int value) {
        return Integer.bitCount(value) == 1;
    }

    /** Ones where a length has bits. */
    int lengthMask() {
        return -1 >>> (Integer.SIZE - lengthBits);
    }

    /**
     * Ones in the bits of a length that cannot be changed: it ends with a word of every side that
     * is no memory. "Transfer Length Alignment".
     */
    int lengthAlignMask() {
        int source = this.source.isMemory() ? 1 : sourceBytes;
        int destination = this.destination.isMemory() ? 1 : destinationBytes;
        return Math.max(source, destination) - 1;
    }

    /** An address as far as the core has bits for it, of a whole word. */
    long address(long value, int wordBytes) {
        long mask = -1L >>> (Long.SIZE - addressBits);
        return value & mask & -wordBytes;
    }

    /** Words that so many bytes take on the narrower side. */
    int cycles(int bytes) {
        int word = Math.min(sourceBytes, destinationBytes);
        return (bytes + word - 1) / word;
    }
}
