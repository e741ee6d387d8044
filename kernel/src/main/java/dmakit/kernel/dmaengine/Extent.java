package dmakit.kernel.dmaengine;

import dmakit.kernel.scatterlist.Scatterlist;
import java.util.Arrays;

/** The bytes that a transfer moves, as its device addresses them. */
sealed interface Extent {
    /** Whether some byte of a range is among them. */
    boolean touches(long dma, long bytes);

    private static boolean overlap(long dma, long bytes, long start, long size) {
        return Long.compareUnsigned(dma, start + size) < 0
                && Long.compareUnsigned(start, dma + bytes) < 0;
    }

    /** Ranges, the first {@code count} of arrays that nobody changes any more. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    record Ranges(long[] starts, long[] sizes, int count) implements Extent {
        static Ranges ofOne(long dma, long size) {
            return new Ranges(new long[] {dma}, new long[] {size}, 1);
        }

        /** Of a copy; one that has no source, 0, fills. */
        static Ranges ofCopy(long destination, long source, long size) {
            return new Ranges(
                    new long[] {destination, source}, new long[] {size, source == 0 ? 0 : size}, 2);
        }

        static Ranges ofList(Scatterlist sgl, int count) {
            long[] starts = new long[count];
            long[] sizes = new long[count];
            return new Ranges(starts, sizes, sgl.dmaRanges(starts, sizes));
        }

        @Override
        public boolean touches(long dma, long bytes) {
            for (int i = 0; i < count; i++) {
                if (overlap(dma, bytes, starts[i], sizes[i])) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Operands of one size; one at 0 is none. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    record Operands(long[] starts, long size) implements Extent {
        /** Of sources and up to two results. */
        static Operands ofSums(long result, long second, long[] sources, long size) {
            long[] starts = Arrays.copyOf(sources, sources.length + 2);
            starts[sources.length] = result;
            starts[sources.length + 1] = second;
            return new Operands(starts, size);
        }

        @Override
        public boolean touches(long dma, long bytes) {
            for (long start : starts) {
                if (start != 0 && overlap(dma, bytes, start, size)) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Chunks with gaps, on both sides. */
    record Frames(InterleavedTemplate template) implements Extent {
        @Override
        public boolean touches(long dma, long bytes) {
            long source = template.sourceStart();
            long destination = template.destinationStart();
            for (InterleavedTemplate.Chunk chunk : template.chunks()) {
                if (touches(dma, bytes, source, chunk.size(), template.sourceStride())
                        || touches(
                                dma,
                                bytes,
                                destination,
                                chunk.size(),
                                template.destinationStride())) {
                    return true;
                }
                source += template.sourceInc() ? chunk.size() + template.sourceGap(chunk) : 0;
                destination +=
                        template.destinationInc()
                                ? chunk.size() + template.destinationGap(chunk)
                                : 0;
            }
            return false;
        }

        /** Whether it touches the chunk of some frame; the first one starts at {@code start}. */
        private boolean touches(long dma, long bytes, long start, long size, long stride) {
            if (template.frameCount() == 0) {
                return false;
            }
            long end = dma + bytes;
            // The first frame whose chunk ends behind the start of what is looked for.
            long frame = stride <= 0 || dma - start < size ? 0 : (dma - start - size) / stride + 1;
            return frame < template.frameCount()
                    && start + frame * stride < end
                    && overlap(dma, bytes, start + frame * stride, size);
        }
    }
}
