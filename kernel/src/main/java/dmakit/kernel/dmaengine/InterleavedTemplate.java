package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;
import java.util.List;

/**
 * A transfer in frames of chunks with gaps between them, for example a rectangle of a picture.
 *
 * <p>All chunks of the frame move in order, and that {@code frameCount} times. On a side that
 * increments, the address goes on by the size of each chunk and the gap after it; the gap after the
 * last chunk of a frame comes before the next frame. On another side it stays.
 *
 * @param sourceStart where the first chunk is read, as the provider's device sees it
 * @param destinationStart where it is written
 * @param direction between what it moves
 * @param sourceInc whether the address that is read goes on
 * @param destinationInc whether the address that is written goes on
 * @param sourceSgl whether {@link Chunk#icg} is a gap of the source
 * @param destinationSgl whether {@link Chunk#icg} is a gap of the destination
 * @param frameCount how often the chunks move
 * @param chunks the frame, at most {@link #CHUNK_COUNT_MAX}
 */
@Linux(file = "include/linux/dmaengine.h", symbol = "struct dma_interleaved_template")
public record InterleavedTemplate(
        long sourceStart,
        long destinationStart,
        TransferDirection direction,
        boolean sourceInc,
        boolean destinationInc,
        boolean sourceSgl,
        boolean destinationSgl,
        int frameCount,
        List<Chunk> chunks) {

    /** Chunks that one frame may have. */
    public static final int CHUNK_COUNT_MAX = 4096;

    /**
     * Bytes that move, and the gap to the next.
     *
     * @param size in bytes
     * @param icg gap in bytes on each side that is scattered and has no gap of its own
     * @param destinationIcg gap in bytes where it is written; 0 for {@code icg}
     * @param sourceIcg gap in bytes where it is read; 0 for {@code icg}
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "struct data_chunk")
    public record Chunk(long size, long icg, long destinationIcg, long sourceIcg) {
        /** A chunk with the same gap on both sides, where they are scattered. */
        public Chunk(long size, long icg) {
            this(size, icg, 0, 0);
        }
    }

    /** Visits what moves, one chunk at a time. */
    @FunctionalInterface
    public interface Walk {
        /** Moves {@code size} bytes from one address to the other. */
        void chunk(long source, long destination, long size);
    }

    /**
     * Copies the chunks.
     *
     * @throws IllegalArgumentException when they are more than {@link #CHUNK_COUNT_MAX}, or {@code
     *     frameCount} is negative
     */
    public InterleavedTemplate {
        chunks = List.copyOf(chunks);
        if (chunks.size() > CHUNK_COUNT_MAX) {
            throw new IllegalArgumentException(
                    "%d chunks, wanted at most %d".formatted(chunks.size(), CHUNK_COUNT_MAX));
        }
        if (frameCount < 0) {
            throw new IllegalArgumentException("%d frames".formatted(frameCount));
        }
    }

    /** A rectangle in memory: {@code rows} times {@code rowBytes}, with gaps between them. */
    public static InterleavedTemplate rectangle(
            long source,
            long destination,
            int rows,
            long rowBytes,
            long sourceGap,
            long destinationGap) {
        return new InterleavedTemplate(
                source,
                destination,
                TransferDirection.MEM_TO_MEM,
                true,
                true,
                true,
                true,
                rows,
                List.of(new Chunk(rowBytes, 0, destinationGap, sourceGap)));
    }

    /** Bytes between a chunk and the next on the side that is read; 0 where it stays. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_get_src_icg")
    public long sourceGap(Chunk chunk) {
        return gap(sourceInc, sourceSgl, chunk.icg(), chunk.sourceIcg());
    }

    /** Bytes between a chunk and the next on the side that is written; 0 where it stays. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_get_dst_icg")
    public long destinationGap(Chunk chunk) {
        return gap(destinationInc, destinationSgl, chunk.icg(), chunk.destinationIcg());
    }

    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_get_icg")
    private static long gap(boolean inc, boolean sgl, long icg, long own) {
        if (!inc) {
            return 0;
        }
        if (own != 0) {
            return own;
        }
        return sgl ? icg : 0;
    }

    /** Bytes that one frame moves. */
    public long frameBytes() {
        long bytes = 0;
        for (Chunk chunk : chunks) {
            bytes += chunk.size();
        }
        return bytes;
    }

    /** Bytes that all frames move. */
    public long bytes() {
        return frameBytes() * frameCount;
    }

    /** From the start of a frame to that of the next on the side that is read; 0 where it stays. */
    public long sourceStride() {
        long stride = 0;
        for (Chunk chunk : chunks) {
            stride += sourceInc ? chunk.size() + sourceGap(chunk) : 0;
        }
        return stride;
    }

    /** From the start of a frame to that of the next on the side that is written. */
    public long destinationStride() {
        long stride = 0;
        for (Chunk chunk : chunks) {
            stride += destinationInc ? chunk.size() + destinationGap(chunk) : 0;
        }
        return stride;
    }

    /** Visits every chunk of every frame, in the order in which they move. */
    public void forEach(Walk walk) {
        long source = sourceStart;
        long destination = destinationStart;
        for (int frame = 0; frame < frameCount; frame++) {
            for (Chunk chunk : chunks) {
                walk.chunk(source, destination, chunk.size());
                source += sourceInc ? chunk.size() + sourceGap(chunk) : 0;
                destination += destinationInc ? chunk.size() + destinationGap(chunk) : 0;
            }
        }
    }
}
