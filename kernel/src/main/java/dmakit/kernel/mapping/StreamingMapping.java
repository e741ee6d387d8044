package dmakit.kernel.mapping;

import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaAddr;
import dmakit.kernel.dma.DmaDirection;

/**
 * Memory lent to a device, as a scope: the device holds the bytes until it is closed.
 *
 * <pre>{@code
 * try (StreamingMapping rx = mapping.map(device, va, size, FROM_DEVICE)) {
 *     start(rx.dma());
 *     try (var _ = rx.syncForCpu()) {
 *         look(va);
 *     }
 * }
 * }</pre>
 */
public final class StreamingMapping implements AutoCloseable {
    private enum Holder {
        DEVICE,
        CPU,
        GIVEN_BACK
    }

    private final DmaMapping mapping;
    private final Device device;
    private final long dma;
    private final long size;
    private final DmaDirection direction;
    private Holder holder = Holder.DEVICE;

    StreamingMapping(
            DmaMapping mapping, Device device, long dma, long size, DmaDirection direction) {
        this.mapping = mapping;
        this.device = device;
        this.dma = dma;
        this.size = size;
        this.direction = direction;
    }

    /** Where the device finds the bytes. */
    public DmaAddr dmaAddr() {
        return new DmaAddr(dma);
    }

    /** The same, for hot loops. */
    public long dma() {
        return dma;
    }

    /** Size in bytes. */
    public long size() {
        return size;
    }

    /** Which way the bytes go. */
    public DmaDirection direction() {
        return direction;
    }

    /**
     * Lets the CPU use all bytes until the scope is closed.
     *
     * @throws IllegalStateException unless the device holds them
     */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_sync_single_for_cpu")
    public CpuScope syncForCpu() {
        return syncForCpu(0, size);
    }

    /**
     * Lets the CPU use a part until the scope is closed.
     *
     * @param offset of its first byte
     * @param bytes of it
     * @throws IllegalStateException unless the device holds the mapping
     * @throws IllegalArgumentException when the part leaves the mapping
     */
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_sync_single_range_for_cpu")
    public CpuScope syncForCpu(long offset, long bytes) {
        if (offset < 0 || bytes < 0 || bytes > size - offset) {
            throw new IllegalArgumentException(
                    "0x%x bytes at 0x%x of a mapping of 0x%x".formatted(bytes, offset, size));
        }
        expect(Holder.DEVICE);
        mapping.syncSingleForCpu(device, dma + offset, bytes, direction);
        holder = Holder.CPU;
        return new CpuScope(offset, bytes);
    }

    /**
     * Takes the memory back; a second time does nothing.
     *
     * @throws IllegalStateException while the CPU holds it through {@link #syncForCpu}
     */
    @Override
    @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_unmap_single")
    public void close() {
        if (holder != Holder.GIVEN_BACK) {
            expect(Holder.DEVICE);
            holder = Holder.GIVEN_BACK;
            mapping.unmapSingle(device, dma, size, direction);
        }
    }

    private void expect(Holder wanted) {
        if (holder != wanted) {
            throw new IllegalStateException(
                    "dma:0x%x is held by %s, wanted %s".formatted(dma, holder, wanted));
        }
    }

    /** A while in which the CPU uses the bytes. */
    public final class CpuScope implements AutoCloseable {
        private final long offset;
        private final long bytes;

        private CpuScope(long offset, long bytes) {
            this.offset = offset;
            this.bytes = bytes;
        }

        /** Gives the bytes back to the device; a second time does nothing. */
        @Override
        @Linux(file = "include/linux/dma-mapping.h", symbol = "dma_sync_single_for_device")
        public void close() {
            if (holder == Holder.CPU) {
                holder = Holder.DEVICE;
                mapping.syncSingleForDevice(device, dma + offset, bytes, direction);
            }
        }
    }
}
