package dmakit.board;

import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.sched.Jiffies;
import dmakit.kernel.sync.Completion;
import java.util.Arrays;

/**
 * A driver that copies a page by DMA, as it should be written or with one of the mistakes that
 * authors make. It knows no chip and no board.
 */
final class CopyingDriver {
    /** Bytes copied at a time. */
    static final int BYTES = 4096;

    /** Filled into the destination by the CPU before the device writes there. */
    static final byte OLD = 0x11;

    /** The first message. */
    static final byte FIRST = 0x22;

    /** The second message. */
    static final byte SECOND = 0x33;

    private static final int TIMEOUT_MS = 3000;

    /** What the author got wrong. */
    enum Mistake {
        /** Nothing. */
        NONE,
        /** The CPU reads what the device wrote before {@code dma_unmap_single}. */
        READS_BEFORE_UNMAP,
        /** The CPU reads a mapping that stays without {@code dma_sync_single_for_cpu}. */
        NO_SYNC_FOR_CPU,
        /** The device is started again without {@code dma_sync_single_for_device}. */
        NO_SYNC_FOR_DEVICE,
        /** The CPU fills the source after {@code dma_map_single}. */
        WRITES_AFTER_MAP
    }

    private final Kernel kernel;
    private final DmaMapping dma;
    private final Mistake mistake;
    private final Channel channel;
    private final Device device;
    private final Completion done;
    private final long source;
    private final long destination;

    /** Takes a channel and two pages that the CPU has not touched yet. */
    CopyingDriver(Kernel kernel, Mistake mistake) {
        this.kernel = kernel;
        this.mistake = mistake;
        dma = kernel.dma();
        channel = kernel.dmaEngine().requestChanByMask(Capabilities.of(TransactionType.MEMCPY));
        device = channel.device().dev();
        done = new Completion(kernel.sched());
        source = kernel.mm().pages().getFreePages(Gfp.KERNEL, PageAllocator.orderFor(BYTES));
        destination = kernel.mm().pages().getFreePages(Gfp.KERNEL, PageAllocator.orderFor(BYTES));
    }

    /** One message, mapped for one transfer; answers what the CPU finds in the destination. */
    byte[] copyOnce() {
        fill(destination, OLD);
        return copyToUntouchedMemory();
    }

    /** The same when the CPU has had nothing to do with the destination's memory before. */
    byte[] copyToUntouchedMemory() {
        if (mistake != Mistake.WRITES_AFTER_MAP) {
            fill(source, FIRST);
        }
        long from = dma.mapSingle(device, source, BYTES, DmaDirection.TO_DEVICE);
        if (mistake == Mistake.WRITES_AFTER_MAP) {
            fill(source, FIRST);
        }
        long to = dma.mapSingle(device, destination, BYTES, DmaDirection.FROM_DEVICE);
        transfer(to, from);
        byte[] early = mistake == Mistake.READS_BEFORE_UNMAP ? read() : new byte[0];
        dma.unmapSingle(device, to, BYTES, DmaDirection.FROM_DEVICE);
        dma.unmapSingle(device, from, BYTES, DmaDirection.TO_DEVICE);
        return mistake == Mistake.READS_BEFORE_UNMAP ? early : read();
    }

    /**
     * Two messages through mappings that stay; answers what the CPU finds in the destination after
     * the second.
     */
    byte[] copyTwice() {
        fill(destination, OLD);
        fill(source, FIRST);
        long from = dma.mapSingle(device, source, BYTES, DmaDirection.TO_DEVICE);
        long to = dma.mapSingle(device, destination, BYTES, DmaDirection.FROM_DEVICE);
        transfer(to, from);
        receive(to);
        dma.syncSingleForCpu(device, from, BYTES, DmaDirection.TO_DEVICE);
        fill(source, SECOND);
        if (mistake != Mistake.NO_SYNC_FOR_DEVICE) {
            dma.syncSingleForDevice(device, from, BYTES, DmaDirection.TO_DEVICE);
        }
        transfer(to, from);
        byte[] received = receive(to);
        dma.unmapSingle(device, to, BYTES, DmaDirection.FROM_DEVICE);
        dma.unmapSingle(device, from, BYTES, DmaDirection.TO_DEVICE);
        return received;
    }

    /** Gives everything back. */
    void remove() {
        kernel.mm().pages().freePagesAt(destination, PageAllocator.orderFor(BYTES));
        kernel.mm().pages().freePagesAt(source, PageAllocator.orderFor(BYTES));
        kernel.dmaEngine().release(channel);
    }

    private byte[] receive(long to) {
        if (mistake != Mistake.NO_SYNC_FOR_CPU) {
            dma.syncSingleForCpu(device, to, BYTES, DmaDirection.FROM_DEVICE);
        }
        byte[] received = read();
        if (mistake != Mistake.NO_SYNC_FOR_CPU) {
            dma.syncSingleForDevice(device, to, BYTES, DmaDirection.FROM_DEVICE);
        }
        return received;
    }

    private void transfer(long to, long from) {
        done.reinit();
        channel.prepMemcpy(to, from, BYTES, PrepFlags.ACK | PrepFlags.INTERRUPT)
                .callback(done::complete)
                .submit();
        channel.issuePending();
        if (done.waitForTimeout(Jiffies.ofMillis(TIMEOUT_MS)) == 0) {
            throw new AssertionError("no completion in " + TIMEOUT_MS + " ms");
        }
    }

    private void fill(long va, byte value) {
        kernel.machine().cpu().fill(va, BYTES, value);
    }

    private byte[] read() {
        byte[] bytes = new byte[BYTES];
        kernel.machine().cpu().load(destination, bytes, 0, BYTES);
        return bytes;
    }

    /** A page full of one value. */
    static byte[] pageOf(byte value) {
        byte[] page = new byte[BYTES];
        Arrays.fill(page, value);
        return page;
    }
}
