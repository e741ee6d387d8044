package dmakit.kernel.drivers.bcm2835;

import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.dmaengine.VirtualDescriptor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A chain of control blocks, and what the driver must remember of each: coherent memory is slow to
 * read.
 */
final class Bcm2835Descriptor extends VirtualDescriptor {
    private static final int BLOCK_COUNT_FIRST = 4;

    /** Numbers of the control blocks. */
    int[] blocks = new int[BLOCK_COUNT_FIRST];

    /** Where the side begins that moves, as the controller sees it; by position in the chain. */
    int[] starts = new int[BLOCK_COUNT_FIRST];

    /** Bytes of each block. */
    int[] lengths = new int[BLOCK_COUNT_FIRST];

    int blockCount;
    long size;
    TransferDirection direction = TransferDirection.NONE;
    boolean cyclic;

    /** Links the descriptors that wait to be used again. */
    @Nullable Bcm2835Descriptor nextFree;

    Bcm2835Descriptor(Bcm2835Channel channel) {
        super(channel);
    }

    void reserve(int count) {
        if (blocks.length < count) {
            int length = Math.max(count, blocks.length * 2);
            blocks = Arrays.copyOf(blocks, length);
            starts = Arrays.copyOf(starts, length);
            lengths = Arrays.copyOf(lengths, length);
        }
    }

    /** Whether the source address tells how far the transfer is; otherwise the destination. */
    boolean isCountedBySource() {
        return direction == TransferDirection.MEM_TO_DEV;
    }

    /**
     * Bytes from a position to the end.
     *
     * @param position in the chain
     * @param address where that block is, as read from the controller; one outside of the block
     *     means that the block has not begun
     */
    long residueFrom(int position, int address) {
        long residue = 0;
        for (int i = position; i < blockCount; i++) {
            residue += Integer.toUnsignedLong(lengths[i]);
        }
        long done = Integer.toUnsignedLong(address) - Integer.toUnsignedLong(starts[position]);
        boolean inside = done > 0 && done <= Integer.toUnsignedLong(lengths[position]);
        return inside ? residue - done : residue;
    }
}
