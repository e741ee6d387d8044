package dmakit.kernel.raid;

import dmakit.kernel.Linux;
import dmakit.machine.cpu.Cpu;

/** Exclusive or of blocks. */
public final class Xor {
    /** Sources that are added at a time. */
    @Linux(file = "include/linux/raid/xor.h", symbol = "MAX_XOR_BLOCKS")
    public static final int SOURCE_COUNT_MAX = 4;

    private final BlockMemory memory;

    /** Creates the arithmetic of one CPU. */
    public Xor(Cpu cpu) {
        memory = new BlockMemory(cpu);
    }

    /**
     * Adds blocks to another: {@code destination ^= sources}.
     *
     * @param count how many sources, 1 to {@link #SOURCE_COUNT_MAX}
     * @param bytes of each block
     * @param destination its virtual address
     * @param sources their virtual addresses
     * @param first where in {@code sources} they begin
     * @throws IllegalArgumentException when there are none, or more than that
     */
    @Linux(file = "crypto/xor.c", symbol = "xor_blocks")
    public void add(int count, long bytes, long destination, long[] sources, int first) {
        if (count < 1 || count > SOURCE_COUNT_MAX) {
            throw new IllegalArgumentException(
                    "xor_blocks of %d sources, wanted 1 to %d".formatted(count, SOURCE_COUNT_MAX));
        }
        byte[] sum = memory.take();
        byte[] piece = memory.take();
        for (long at = 0; at < bytes; at += BlockMemory.PIECE_BYTES) {
            int size = (int) Math.min(BlockMemory.PIECE_BYTES, bytes - at);
            memory.load(destination + at, sum, size);
            for (int i = 0; i < count; i++) {
                memory.load(sources[first + i] + at, piece, size);
                Words.add(sum, piece, Words.whole(size));
            }
            memory.spend(BlockMemory.ADD_LINE_PS, size * count);
            memory.store(destination + at, sum, size);
        }
        memory.giveBack(piece);
        memory.giveBack(sum);
    }
}
