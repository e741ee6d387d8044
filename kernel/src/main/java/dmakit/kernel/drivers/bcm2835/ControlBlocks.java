package dmakit.kernel.drivers.bcm2835;

import dmakit.datasheet.bcm2835.DmaControlBlock;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.Gfp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The control blocks of one channel, in coherent memory, numbered from 0. Blocks that are given
 * back are given out again, the latest first; memory goes back with {@link #close} alone.
 */
final class ControlBlocks {
    /** Control blocks one channel may have. */
    static final int COUNT_MAX = 1 << 16;

    private static final int CHUNK_BYTES = 4096;
    private static final int LG2_CHUNK_BLOCKS = 7;
    private static final int CHUNK_BLOCKS = CHUNK_BYTES / DmaControlBlock.SIZE;

    private final DmaMapping mapping;
    private final Device dev;
    private final List<CoherentBuffer> chunks = new ArrayList<>();
    private int[] free = new int[CHUNK_BLOCKS];
    private int freeCount;

    ControlBlocks(DmaMapping mapping, Device dev) {
        this.mapping = mapping;
        this.dev = dev;
    }

    /**
     * Takes so many blocks, all or none.
     *
     * @param into gets their numbers
     * @throws DmaException ENOMEM when memory or {@link #COUNT_MAX} does not allow it
     */
    void take(int count, int[] into, Gfp gfp) {
        while (freeCount < count) {
            grow(gfp);
        }
        for (int i = 0; i < count; i++) {
            into[i] = free[--freeCount];
        }
    }

    /** Gives blocks back. */
    void give(int[] blocks, int count) {
        for (int i = count - 1; i >= 0; i--) {
            free[freeCount++] = blocks[i];
        }
    }

    /** Where the CPU finds a block. */
    long va(int block) {
        return chunks.get(block >> LG2_CHUNK_BLOCKS).va() + inChunk(block);
    }

    /** Where the controller finds a block. */
    int dma(int block) {
        return (int) (chunks.get(block >> LG2_CHUNK_BLOCKS).dma() + inChunk(block));
    }

    /** Gives all memory back. */
    void close() {
        for (CoherentBuffer chunk : chunks) {
            mapping.freeCoherent(dev, chunk);
        }
        chunks.clear();
        freeCount = 0;
    }

    /** Takes memory for another {@link #CHUNK_BLOCKS} blocks. */
    void grow(Gfp gfp) {
        int known = chunks.size() * CHUNK_BLOCKS;
        if (known + CHUNK_BLOCKS > COUNT_MAX) {
            throw new DmaException(
                    Errno.ENOMEM, "a channel has at most %d control blocks", COUNT_MAX);
        }
        chunks.add(mapping.allocCoherent(dev, CHUNK_BYTES, gfp));
        if (free.length < known + CHUNK_BLOCKS) {
            free = Arrays.copyOf(free, (known + CHUNK_BLOCKS) * 2);
        }
        for (int block = known + CHUNK_BLOCKS - 1; block >= known; block--) {
            free[freeCount++] = block;
        }
    }

    private static int inChunk(int block) {
        return (block & (CHUNK_BLOCKS - 1)) * DmaControlBlock.SIZE;
    }
}
