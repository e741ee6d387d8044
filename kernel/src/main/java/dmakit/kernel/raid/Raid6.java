package dmakit.kernel.raid;

import dmakit.kernel.Linux;
import dmakit.machine.cpu.Cpu;
import java.util.Arrays;

/**
 * The two syndromes of RAID-6 and what is lost without them. A stripe is a table of addresses: data
 * blocks first, then P, the exclusive or of the data, then Q, its sum with coefficients that are
 * powers of the generator of {@link Gf256}.
 */
public final class Raid6 {
    /** Blocks of a stripe, P and Q among them: as many as Q has different coefficients for. */
    @Linux(file = "include/linux/raid/pq.h", symbol = "RAID6_MAX_DISKS")
    public static final int DISK_COUNT_MAX = 257;

    /** In place of a data block's address: a block of zeros. */
    @Linux(file = "include/linux/raid/pq.h", symbol = "raid6_empty_zero_page")
    public static final long ZEROS = -1;

    private static final int DISK_COUNT_MIN = 3;

    private final BlockMemory memory;

    /** Creates the arithmetic of one CPU. */
    public Raid6(Cpu cpu) {
        memory = new BlockMemory(cpu);
    }

    /**
     * Computes P and Q.
     *
     * @param disks blocks of the stripe, P and Q among them
     * @param bytes of each block
     * @param stripe virtual addresses; data blocks may be {@link #ZEROS}
     * @throws IllegalArgumentException when it has no data block or too many
     */
    @Linux(file = "include/linux/raid/pq.h", symbol = "raid6_calls.gen_syndrome")
    public void genSyndrome(int disks, long bytes, long[] stripe) {
        checkCount(disks);
        byte[] p = memory.take();
        byte[] q = memory.take();
        byte[] data = memory.take();
        for (long at = 0; at < bytes; at += BlockMemory.PIECE_BYTES) {
            int size = (int) Math.min(BlockMemory.PIECE_BYTES, bytes - at);
            clear(p, q);
            addData(stripe, disks - 3, 0, at, size, p, q, data);
            memory.store(stripe[disks - 2] + at, p, size);
            memory.store(stripe[disks - 1] + at, q, size);
        }
        giveBack(p, q, data);
    }

    /**
     * Adds some data blocks to a P and Q that are there: with the difference of old and new data a
     * part of a stripe is written without the rest.
     *
     * @param start the first of these data blocks
     * @param stop the last one
     * @throws IllegalArgumentException when they are not data blocks, in this order
     */
    @Linux(file = "include/linux/raid/pq.h", symbol = "raid6_calls.xor_syndrome")
    public void xorSyndrome(int disks, int start, int stop, long bytes, long[] stripe) {
        checkCount(disks);
        if (start < 0 || stop < start || stop > disks - 3) {
            throw new IllegalArgumentException(
                    "data blocks %d to %d of %d disks".formatted(start, stop, disks));
        }
        byte[] p = memory.take();
        byte[] q = memory.take();
        byte[] data = memory.take();
        for (long at = 0; at < bytes; at += BlockMemory.PIECE_BYTES) {
            int size = (int) Math.min(BlockMemory.PIECE_BYTES, bytes - at);
            clear(p, q);
            addData(stripe, stop, start, at, size, p, q, data);
            for (int i = 0; i < start; i++) {
                Words.twice(q, Words.whole(size));
            }
            memory.spend(BlockMemory.SYNDROME_LINE_PS, size * start);
            addTo(stripe[disks - 2] + at, p, data, size);
            addTo(stripe[disks - 1] + at, q, data, size);
        }
        giveBack(p, q, data);
    }

    /**
     * Recovers two data blocks from all others, P and Q.
     *
     * @param a the first of the two
     * @param b the second one, behind it
     * @param stripe as it is again afterwards; where the lost blocks are, the recovered ones go
     * @throws IllegalArgumentException when they are not two data blocks, in this order
     */
    @Linux(file = "lib/raid6/recov.c", symbol = "raid6_2data_recov")
    public void recoverTwoData(int disks, long bytes, int a, int b, long[] stripe) {
        if (a < 0 || b <= a || b > disks - 3) {
            throw new IllegalArgumentException(
                    "data blocks %d and %d of %d disks".formatted(a, b, disks));
        }
        // P and Q of what is left go where the lost blocks were.
        long[] left = stripe.clone();
        left[a] = ZEROS;
        left[b] = ZEROS;
        left[disks - 2] = stripe[a];
        left[disks - 1] = stripe[b];
        genSyndrome(disks, bytes, left);

        int ofP = Gf256.inverseOfExpPlusOne(b - a);
        int ofQ = Gf256.inverse(Gf256.exp(a) ^ Gf256.exp(b));
        byte[] lostP = memory.take();
        byte[] lostQ = memory.take();
        byte[] block = memory.take();
        for (long at = 0; at < bytes; at += BlockMemory.PIECE_BYTES) {
            int size = (int) Math.min(BlockMemory.PIECE_BYTES, bytes - at);
            int whole = Words.whole(size);
            loadSum(stripe[disks - 2] + at, stripe[a] + at, lostP, block, size);
            loadSum(stripe[disks - 1] + at, stripe[b] + at, lostQ, block, size);
            byte[] recovered = memory.take();
            Arrays.fill(recovered, (byte) 0);
            System.arraycopy(lostP, 0, block, 0, whole);
            Words.addMultiple(recovered, block, ofP, whole);
            Words.addMultiple(recovered, lostQ, ofQ, whole);
            Words.add(lostP, recovered, whole);
            memory.spend(2 * BlockMemory.MULTIPLY_LINE_PS, size);
            memory.store(stripe[b] + at, recovered, size);
            memory.store(stripe[a] + at, lostP, size);
            memory.giveBack(recovered);
        }
        giveBack(lostP, lostQ, block);
    }

    /**
     * Recovers a data block and P from all other data blocks and Q.
     *
     * @param a the data block
     * @param stripe as it is again afterwards; where the lost blocks are, the recovered ones go
     * @throws IllegalArgumentException when it is no data block
     */
    @Linux(file = "lib/raid6/recov.c", symbol = "raid6_datap_recov")
    public void recoverDataAndP(int disks, long bytes, int a, long[] stripe) {
        if (a < 0 || a > disks - 3) {
            throw new IllegalArgumentException("data block %d of %d disks".formatted(a, disks));
        }
        long[] left = stripe.clone();
        left[a] = ZEROS;
        left[disks - 1] = stripe[a];
        genSyndrome(disks, bytes, left);

        int ofQ = Gf256.inverse(Gf256.exp(a));
        byte[] lostQ = memory.take();
        byte[] recovered = memory.take();
        byte[] block = memory.take();
        for (long at = 0; at < bytes; at += BlockMemory.PIECE_BYTES) {
            int size = (int) Math.min(BlockMemory.PIECE_BYTES, bytes - at);
            loadSum(stripe[disks - 1] + at, stripe[a] + at, lostQ, block, size);
            Arrays.fill(recovered, (byte) 0);
            Words.addMultiple(recovered, lostQ, ofQ, Words.whole(size));
            memory.spend(BlockMemory.MULTIPLY_LINE_PS, size);
            memory.store(stripe[a] + at, recovered, size);
            addTo(stripe[disks - 2] + at, recovered, block, size);
        }
        giveBack(lostQ, recovered, block);
    }

    /**
     * Multiplies blocks with coefficients and adds them up: {@code destination = sum of
     * coefficients * sources}. The destination may be one of the sources.
     *
     * @param coefficients elements of {@link Gf256}, one for each source
     */
    public void sumOfProducts(long destination, long[] sources, byte[] coefficients, long bytes) {
        byte[] sum = memory.take();
        byte[] block = memory.take();
        for (long at = 0; at < bytes; at += BlockMemory.PIECE_BYTES) {
            int size = (int) Math.min(BlockMemory.PIECE_BYTES, bytes - at);
            Arrays.fill(sum, (byte) 0);
            for (int i = 0; i < sources.length; i++) {
                memory.load(sources[i] + at, block, size);
                Words.addMultiple(sum, block, coefficients[i] & 0xff, Words.whole(size));
                memory.spend(BlockMemory.MULTIPLY_LINE_PS, size);
            }
            memory.store(destination + at, sum, size);
        }
        memory.giveBack(block);
        memory.giveBack(sum);
    }

    /** Adds data blocks to both sums, the last one first. */
    private void addData(
            long[] stripe,
            int last,
            int first,
            long at,
            int size,
            byte[] p,
            byte[] q,
            byte[] data) {
        for (int i = last; i >= first; i--) {
            if (stripe[i] == ZEROS) {
                Arrays.fill(data, (byte) 0);
            } else {
                memory.load(stripe[i] + at, data, size);
            }
            Words.addToSyndrome(p, q, data, Words.whole(size));
        }
        memory.spend(BlockMemory.SYNDROME_LINE_PS, size * (last - first + 1));
    }

    /** Adds a sum to a part of a block in memory. */
    private void addTo(long va, byte[] sum, byte[] block, int size) {
        memory.load(va, block, size);
        Words.add(block, sum, Words.whole(size));
        memory.spend(BlockMemory.ADD_LINE_PS, size);
        memory.store(va, block, size);
    }

    /** Loads the sum of parts of two blocks. */
    private void loadSum(long one, long other, byte[] sum, byte[] block, int size) {
        memory.load(one, sum, size);
        memory.load(other, block, size);
        Words.add(sum, block, Words.whole(size));
        memory.spend(BlockMemory.ADD_LINE_PS, size);
    }

    private static void clear(byte[] p, byte[] q) {
        Arrays.fill(p, (byte) 0);
        Arrays.fill(q, (byte) 0);
    }

    private void giveBack(byte[] first, byte[] second, byte[] third) {
        memory.giveBack(third);
        memory.giveBack(second);
        memory.giveBack(first);
    }

    private static void checkCount(int disks) {
        if (disks < DISK_COUNT_MIN || disks > DISK_COUNT_MAX) {
            throw new IllegalArgumentException(
                    "a stripe of %d disks, wanted %d to %d"
                            .formatted(disks, DISK_COUNT_MIN, DISK_COUNT_MAX));
        }
    }
}
