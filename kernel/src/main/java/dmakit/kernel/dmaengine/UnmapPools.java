package dmakit.kernel.dmaengine;

import dmakit.kernel.Calls;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.mapping.DmaMapping;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Where {@link UnmapData} comes from, and goes back to: one pool per size. */
@Linux(file = "drivers/dma/dmaengine.c", symbol = "unmap_pool")
public final class UnmapPools {
    /** Addresses that one unmap data holds at most. */
    public static final int ADDRESS_COUNT_MAX = 256;

    private static final int[] CAPACITIES = {2, 16, 128, ADDRESS_COUNT_MAX};

    private final DmaMapping mapping;
    private final Calls calls;
    private final List<Deque<UnmapData>> pools = new ArrayList<>();

    /** Creates empty pools. */
    public UnmapPools(DmaMapping mapping, Calls calls) {
        this.mapping = mapping;
        this.calls = calls;
        for (int i = 0; i < CAPACITIES.length; i++) {
            pools.add(new ArrayDeque<>());
        }
    }

    /**
     * Room for addresses that are mapped for a device. Who asks refers to it.
     *
     * @param count how many, at most {@link #ADDRESS_COUNT_MAX}
     * @throws IllegalArgumentException when more
     */
    @Linux(file = "drivers/dma/dmaengine.c", symbol = "dmaengine_get_unmap_data")
    public UnmapData get(Device dev, int count) {
        int pool = poolFor(count);
        UnmapData data = pools.get(pool).pollLast();
        return (data == null ? new UnmapData(this, CAPACITIES[pool]) : data).begin(dev);
    }

    @Linux(file = "drivers/dma/dmaengine.c", symbol = "__get_unmap_pool")
    private static int poolFor(int count) {
        for (int i = 0; i < CAPACITIES.length; i++) {
            if (count >= 0 && count <= CAPACITIES[i]) {
                return i;
            }
        }
        throw new IllegalArgumentException(
                "%d addresses, wanted 0..%d".formatted(count, ADDRESS_COUNT_MAX));
    }

    void back(UnmapData data) {
        pools.get(poolFor(data.capacity())).addLast(data);
    }

    /** Unmaps for whoever lets go of it last. */
    void unmap(Device dev, long dma, long size, DmaDirection direction) {
        calls.enter();
        try (var _ = calls.internally()) {
            mapping.unmapPage(dev, dma, size, direction);
        }
    }
}
