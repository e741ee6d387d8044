package dmakit.kernel.dmatest;

import dmakit.kernel.Linux;
import dmakit.kernel.log.Log;
import dmakit.machine.cpu.Cpu;
import java.util.Arrays;

/**
 * The bytes of buffers before and after a transfer.
 *
 * <p>Bit 7 says that a byte is of the source; bit 6 that it is to be copied, bit 5 that it is to be
 * overwritten; the others count its position, inverted. What a transfer fills with one value has
 * one count everywhere.
 *
 * <p>As the loops of C, which store and compare byte by byte, this takes an access per byte beside
 * the lines' way to memory; only the host sees them go by in one piece.
 */
final class Patterns {
    /** Mismatches of one zone that are told one by one. */
    @Linux(file = Dmatest.FILE, symbol = "MAX_ERROR_COUNT")
    static final int MISMATCH_COUNT_MAX = 32;

    private static final int SOURCE = 0x80;
    private static final int DESTINATION = 0x00;
    private static final int COPY = 0x40;
    private static final int OVERWRITE = 0x20;
    private static final int COUNT_MASK = 0x1f;
    private static final int FILL_INDEX = 0x01;
    private static final int BYTE_MASK = 0xff;

    /** Bytes after which the counts come again. */
    private static final int PERIOD = COUNT_MASK + 1;

    private final Cpu cpu;
    private final Log log;
    private final String thread;
    private final boolean fill;
    private final int size;
    private final byte[] sourceOutside;
    private final byte[] sourceInside;
    private final byte[] destinationOutside;
    private final byte[] destinationInside;
    private final byte[] bytes;

    /**
     * Creates the patterns of one thread.
     *
     * @param thread its name, for messages
     * @param fill whether transfers fill with one value
     * @param size of each buffer in bytes
     */
    Patterns(Cpu cpu, Log log, String thread, boolean fill, int size) {
        this.cpu = cpu;
        this.log = log;
        this.thread = thread;
        this.fill = fill;
        this.size = size;
        sourceOutside = pattern(SOURCE);
        sourceInside = pattern(SOURCE | COPY);
        destinationOutside = pattern(DESTINATION);
        destinationInside = pattern(DESTINATION | OVERWRITE);
        bytes = new byte[size];
    }

    /** Long enough for a buffer that begins at any count. */
    private byte[] pattern(int bits) {
        byte[] pattern = new byte[size + PERIOD];
        for (int i = 0; i < pattern.length; i++) {
            pattern[i] = (byte) (bits | count(i));
        }
        return pattern;
    }

    @Linux(file = Dmatest.FILE, symbol = "gen_inv_idx")
    private int count(int index) {
        return ~(fill ? FILL_INDEX : index) & COUNT_MASK;
    }

    // Before the transfer.

    /** Fills source buffers, of which {@code length} bytes from {@code start} on are copied. */
    @Linux(file = Dmatest.FILE, symbol = "dmatest_init_srcs")
    void initSources(long[] buffers, int start, int length) {
        init(buffers, start, length, sourceOutside, sourceInside);
    }

    /** Fills destination buffers, of which a part is overwritten. */
    @Linux(file = Dmatest.FILE, symbol = "dmatest_init_dsts")
    void initDestinations(long[] buffers, int start, int length) {
        init(buffers, start, length, destinationOutside, destinationInside);
    }

    private void init(long[] buffers, int start, int length, byte[] outside, byte[] inside) {
        int end = start + length;
        System.arraycopy(outside, 0, bytes, 0, start);
        System.arraycopy(inside, start, bytes, start, length);
        System.arraycopy(outside, end, bytes, end, size - end);
        for (long buffer : buffers) {
            spendOn(size);
            cpu.store(buffer, bytes, 0, size);
        }
    }

    // After it.

    /** Compares source buffers with what they were; answers how many bytes differ. */
    int verifySources(long[] buffers, int start, int length) {
        int end = start + length;
        return verify(buffers, 0, start, sourceOutside, 0, SOURCE, true)
                + verify(buffers, start, end, sourceInside, start, SOURCE | COPY, true)
                + verify(buffers, end, size, sourceOutside, end, SOURCE, true);
    }

    /**
     * Compares destination buffers with what they have to be.
     *
     * @param from where in the source the bytes were that are at {@code start} now
     * @return how many bytes differ
     */
    int verifyDestinations(long[] buffers, int start, int length, int from) {
        int end = start + length;
        return verify(buffers, 0, start, destinationOutside, 0, DESTINATION, false)
                + verify(buffers, start, end, sourceInside, from, SOURCE | COPY, false)
                + verify(buffers, end, size, destinationOutside, end, DESTINATION, false);
    }

    /** Compares one zone of all buffers, whose first byte has the count of {@code counter}. */
    @Linux(file = Dmatest.FILE, symbol = "dmatest_verify")
    private int verify(
            long[] buffers,
            int start,
            int end,
            byte[] expected,
            int counter,
            int bits,
            boolean source) {
        int length = end - start;
        int first = counter % PERIOD;
        int mismatches = 0;
        for (long buffer : buffers) {
            if (length > 0) {
                spendOn(length);
                cpu.load(buffer + start, bytes, 0, length);
                int at = Arrays.mismatch(bytes, 0, length, expected, first, first + length);
                for (int i = at; i >= 0 && i < length; i++) {
                    if (bytes[i] != expected[first + i]) {
                        if (mismatches < MISMATCH_COUNT_MAX) {
                            tell(bytes[i], expected[first + i], bits, start + i, source);
                        }
                        mismatches++;
                    }
                }
            }
        }
        if (mismatches > MISMATCH_COUNT_MAX) {
            log.warn("%s: %d errors suppressed", thread, mismatches - MISMATCH_COUNT_MAX);
        }
        return mismatches;
    }

    @Linux(file = Dmatest.FILE, symbol = "dmatest_mismatch")
    private void tell(int actual, int expected, int bits, int index, boolean source) {
        int difference = actual ^ bits;
        String what;
        if (source) {
            what = "srcbuf[0x%x] overwritten!";
        } else if ((bits & COPY) != 0 && (difference & (COPY | OVERWRITE)) != 0) {
            what = "dstbuf[0x%x] not copied!";
        } else if ((difference & SOURCE) != 0) {
            what = "dstbuf[0x%x] was copied!";
        } else {
            what = "dstbuf[0x%x] mismatch!";
        }
        log.warn(
                "%s: " + what + " Expected %02x, got %02x",
                thread,
                index,
                expected & BYTE_MASK,
                actual & BYTE_MASK);
    }

    private void spendOn(int bytes) {
        cpu.spend((long) bytes * cpu.cost().access());
    }
}
