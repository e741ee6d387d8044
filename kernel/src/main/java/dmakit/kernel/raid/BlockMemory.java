package dmakit.kernel.raid;

import dmakit.machine.cpu.Cpu;
import java.util.ArrayList;
import java.util.List;

/**
 * Blocks, piece by piece, between memory and the CPU's registers.
 *
 * <p>Loading and storing takes the time of a copy. Arithmetic takes time of its own: with it a
 * Cortex-A53 at 1.2 GHz has about the speeds the kernel's log states on such a board, 1.3 GB/s of
 * data for both syndromes and 1.8 GB/s for exclusive or.
 */
final class BlockMemory {
    /** Bytes of a piece: what is worked on stays in a first-level cache. */
    static final int PIECE_BYTES = 4096;

    /** Adding a line of 64 bytes, in ps; chosen: four vector instructions. */
    static final int ADD_LINE_PS = 3_300;

    /** A line of data into both syndromes, in ps; chosen: gen() then runs at 1.3 GB/s. */
    static final int SYNDROME_LINE_PS = 32_000;

    /** Multiplying a line byte by byte from a table, in ps: 64 times a load, a load, a store. */
    static final int MULTIPLY_LINE_PS = 64 * 3_300;

    private static final int LINE_BYTES = 64;

    private final Cpu cpu;
    private final List<byte[]> pieces = new ArrayList<>();

    BlockMemory(Cpu cpu) {
        this.cpu = cpu;
    }

    /**
     * A piece of nobody's. Time passes between loads and stores, and what an interrupt then runs
     * may want pieces, too: so they are taken, and given {@linkplain #giveBack back}.
     */
    byte[] take() {
        return pieces.isEmpty() ? new byte[PIECE_BYTES] : pieces.removeLast();
    }

    /** Takes a piece back. */
    void giveBack(byte[] piece) {
        pieces.add(piece);
    }

    /** Loads a part of a block. */
    void load(long va, byte[] into, int bytes) {
        cpu.load(va, into, 0, bytes);
    }

    /** Stores a part of a block. */
    void store(long va, byte[] from, int bytes) {
        cpu.store(va, from, 0, bytes);
    }

    /** Lets arithmetic on so many bytes take its time. */
    void spend(int linePs, int bytes) {
        cpu.spend((long) linePs * ((bytes + LINE_BYTES - 1) / LINE_BYTES));
    }
}
