package dmakit.kernel.dma;

import dmakit.kernel.Linux;
import dmakit.machine.Check;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A range of I/O addresses that a driver fills piece by piece: its state between the calls. Empty
 * until {@code iovaTryAlloc} says true.
 */
@Linux(file = "include/linux/dma-mapping.h", symbol = "dma_iova_state")
public final class DmaIova {
    /** Pieces one range may be filled with at the same time. */
    public static final int PIECE_COUNT_MAX = 1 << 20;

    private final TreeMap<Long, Long> pieces = new TreeMap<>();
    private long dma;
    private long size;

    /** An empty one. */
    public DmaIova() {}

    /** Whether it has addresses. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_use_iova")
    public boolean isUsed() {
        return size != 0;
    }

    /** Where the device finds the first byte. */
    public long dma() {
        return dma;
    }

    /** Bytes it was asked for with. */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_iova_size")
    public long size() {
        return size;
    }

    /** Gives it addresses; for back ends. */
    public void set(long firstDma, long bytes) {
        dma = firstDma;
        size = bytes;
    }

    /** Notes memory behind a part of the addresses; for the mapping API. */
    public void link(long offset, long bytes) {
        Check.argument(pieces.size() < PIECE_COUNT_MAX, "more than %d pieces", PIECE_COUNT_MAX);
        pieces.put(offset, bytes);
    }

    /**
     * Forgets one piece that starts in a part; for the mapping API.
     *
     * @return its offset and size, or null when there is none
     */
    public Map.@Nullable Entry<Long, Long> unlink(long offset, long bytes) {
        Map.Entry<Long, Long> piece = pieces.ceilingEntry(offset);
        if (piece == null || piece.getKey() - offset >= bytes) {
            return null;
        }
        pieces.remove(piece.getKey());
        return piece;
    }

    /** Takes them away; for back ends. */
    public void clear() {
        dma = 0;
        size = 0;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "iova:0x%x, 0x%x bytes", dma, size);
    }
}
