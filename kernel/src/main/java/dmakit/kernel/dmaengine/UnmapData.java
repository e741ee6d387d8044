package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import org.jspecify.annotations.Nullable;

/**
 * What a transfer's buffers are unmapped by, once nobody needs them any more: addresses of one
 * common length, counted by who refers to them. The last {@link #put} unmaps.
 *
 * <p>Addresses are added in the order of their directions: to the device, from it, both.
 */
@Linux(file = "include/linux/dmaengine.h", symbol = "struct dmaengine_unmap_data")
public final class UnmapData {
    private final UnmapPools pools;
    private final long[] addresses;
    private @Nullable Device dev;
    private long length;
    private int toCount;
    private int fromCount;
    private int bidiCount;
    private int references;

    UnmapData(UnmapPools pools, int capacity) {
        this.pools = pools;
        addresses = new long[capacity];
    }

    UnmapData begin(Device newDev) {
        dev = newDev;
        length = 0;
        toCount = 0;
        fromCount = 0;
        bidiCount = 0;
        references = 1;
        return this;
    }

    /** Sets the length of every buffer, in bytes. */
    public UnmapData length(long bytes) {
        length = bytes;
        return this;
    }

    /**
     * Adds a buffer that the device reads.
     *
     * @throws IllegalStateException when there is no room, or one of another direction is there
     */
    public UnmapData addTo(long dma) {
        if (fromCount + bidiCount > 0) {
            throw new IllegalStateException("to-device addresses come first");
        }
        add(dma);
        toCount++;
        return this;
    }

    /**
     * Adds a buffer that the device writes.
     *
     * @throws IllegalStateException when there is no room, or one of both directions is there
     */
    public UnmapData addFrom(long dma) {
        if (bidiCount > 0) {
            throw new IllegalStateException("from-device addresses come before those of both");
        }
        add(dma);
        fromCount++;
        return this;
    }

    /**
     * Adds a buffer that the device reads and writes; 0 is a place that stays empty.
     *
     * @throws IllegalStateException when there is no room
     */
    public UnmapData addBidi(long dma) {
        add(dma);
        bidiCount++;
        return this;
    }

    private void add(long dma) {
        int count = count();
        if (count == addresses.length) {
            throw new IllegalStateException("room for %d addresses".formatted(addresses.length));
        }
        addresses[count] = dma;
    }

    /** How many addresses it holds. */
    public int count() {
        return toCount + fromCount + bidiCount;
    }

    /** How many it has room for: 2, 16, 128 or 256. */
    public int capacity() {
        return addresses.length;
    }

    /**
     * An address, in the order of the directions.
     *
     * @throws IndexOutOfBoundsException when {@code index} is not below {@link #count}
     */
    public long address(int index) {
        if (index < 0 || index >= count()) {
            throw new IndexOutOfBoundsException("address %d of %d".formatted(index, count()));
        }
        return addresses[index];
    }

    /** Refers to it once more. */
    public void get() {
        references++;
    }

    /**
     * Refers to it once less; unmaps all, in order, when that was the last.
     *
     * @throws IllegalStateException when nobody refers to it
     */
    @Linux(file = "drivers/dma/dmaengine.c", symbol = "dmaengine_unmap_put")
    public void put() {
        if (references == 0) {
            throw new IllegalStateException("dmaengine_unmap_put of what is unmapped");
        }
        references--;
        Device of = dev;
        if (references == 0 && of != null) {
            dev = null;
            unmapAll(of);
            pools.back(this);
        }
    }

    @Linux(file = "drivers/dma/dmaengine.c", symbol = "dmaengine_unmap")
    private void unmapAll(Device of) {
        int from = toCount;
        int bidi = toCount + fromCount;
        for (int i = 0; i < count(); i++) {
            if (i < from) {
                pools.unmap(of, addresses[i], length, DmaDirection.TO_DEVICE);
            } else if (i < bidi) {
                pools.unmap(of, addresses[i], length, DmaDirection.FROM_DEVICE);
            } else if (addresses[i] != 0) {
                pools.unmap(of, addresses[i], length, DmaDirection.BIDIRECTIONAL);
            }
        }
    }
}
