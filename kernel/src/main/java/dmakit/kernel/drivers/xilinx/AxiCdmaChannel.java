package dmakit.kernel.drivers.xilinx;

import dmakit.datasheet.Register;
import dmakit.datasheet.xilinx.CdmaDescriptor;
import dmakit.datasheet.xilinx.CdmaRegister;
import dmakit.datasheet.xilinx.CdmaRegister.Cdmacr;
import dmakit.datasheet.xilinx.CdmaRegister.Cdmasr;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.MetadataOps;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.mapping.DmaPool;
import dmakit.kernel.mm.Gfp;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The channel of an AXI CDMA: from memory to memory. */
final class AxiCdmaChannel extends XilinxChannel {
    /** Hardware descriptors a channel may have. */
    static final int SEGMENT_COUNT_MAX = 1 << 16;

    /** Linux keeps words of its own behind each. */
    private static final int SEGMENT_BYTES = 128;

    private final List<CoherentBuffer> segments = new ArrayList<>();
    private final Deque<Integer> free = new ArrayDeque<>();
    private @Nullable DmaPool pool;

    AxiCdmaChannel(XilinxDma controller, Registers registers, int irq) {
        super(controller, registers, TransferDirection.MEM_TO_DEV, irq);
    }

    @Override
    @Linux(file = FILE, symbol = "xilinx_dma_alloc_chan_resources")
    void allocate() {
        if (pool != null) {
            return;
        }
        try {
            pool =
                    controller
                            .mapping()
                            .poolCreate(
                                    "xilinx_cdma_desc_pool",
                                    controller.dev(),
                                    SEGMENT_BYTES,
                                    CdmaDescriptor.ALIGNMENT,
                                    0);
        } catch (DmaException refusal) {
            controller.err("unable to allocate channel %d descriptor pool", 0);
            throw refusal;
        }
        if (scatterGather) {
            set(Cdmacr.SG_MODE.mask());
        }
    }

    @Override
    void freeMemory() {
        DmaPool from = pool;
        if (from != null) {
            segments.forEach(from::free);
            segments.clear();
            free.clear();
            from.destroy();
            pool = null;
        }
    }

    // Preparing.

    @Linux(file = FILE, symbol = "xilinx_cdma_prep_memcpy")
    Descriptor memcpy(long destinationDma, long sourceDma, long size, int flags) {
        if (size <= 0 || size > controller.bufferBytesMax()) {
            throw new DmaException(
                    Errno.EINVAL, "%d bytes, most are %d", size, controller.bufferBytesMax());
        }
        XilinxDescriptor desc = new XilinxDescriptor(this);
        int segment = take();
        desc.add(segment);
        storeAddress(segment, CdmaDescriptor.NXTDESC_PNTR, dma(segment));
        storeAddress(segment, CdmaDescriptor.SA, sourceDma);
        storeAddress(segment, CdmaDescriptor.DA, destinationDma);
        store(segment, CdmaDescriptor.CONTROL, (int) size);
        store(segment, CdmaDescriptor.STATUS, 0);
        desc.prepare(flags);
        return desc;
    }

    private int take() {
        Integer known = free.pollLast();
        if (known != null) {
            return known;
        }
        DmaPool from = pool;
        if (from == null || segments.size() == SEGMENT_COUNT_MAX) {
            throw new DmaException(
                    Errno.ENOMEM, "%s has %d hardware descriptors", name(), segments.size());
        }
        segments.add(from.zalloc(Gfp.ATOMIC));
        return segments.size() - 1;
    }

    @Override
    void release(XilinxDescriptor desc) {
        for (int i = 0; i < desc.count(); i++) {
            free.addLast(desc.segment(i));
        }
        desc.clear();
    }

    // Running.

    @Override
    @Linux(file = FILE, symbol = "xilinx_cdma_start_transfer")
    void start() {
        int control = registers.readl(CdmaRegister.CDMACR);
        XilinxDescriptor head = pending.peekFirst();
        XilinxDescriptor tail = pending.peekLast();
        if (failed || !idle || head == null || tail == null) {
            return;
        }
        if (pendingCount <= COALESCE_MAX) {
            registers.writel(CdmaRegister.CDMACR, Cdmacr.IRQ_THRESHOLD.with(control, pendingCount));
        }
        if (scatterGather) {
            clear(Cdmacr.SG_MODE.mask());
            set(Cdmacr.SG_MODE.mask());
            registers.writeAddress(
                    CdmaRegister.CURDESC_PNTR, dma(head.first()), controller.isWide());
            registers.writeAddress(
                    CdmaRegister.TAILDESC_PNTR, dma(tail.last()), controller.isWide());
            active.addAll(pending);
            pending.clear();
        } else {
            int segment = head.first();
            registers.writeAddress(
                    CdmaRegister.SA, load64(segment, CdmaDescriptor.SA), controller.isWide());
            registers.writeAddress(
                    CdmaRegister.DA, load64(segment, CdmaDescriptor.DA), controller.isWide());
            registers.writel(CdmaRegister.BTT, load(segment, CdmaDescriptor.CONTROL));
            active.addLast(pending.removeFirst());
        }
        pendingCount = 0;
        idle = false;
    }

    @Override
    @Linux(file = FILE, symbol = "xilinx_cdma_stop_transfer")
    boolean stop() {
        return poll(CdmaRegister.CDMASR, Cdmasr.IDLE.mask(), true);
    }

    @Override
    void stopped() {
        if (scatterGather) {
            clear(Cdmacr.SG_MODE.mask());
        }
    }

    @Override
    void link(XilinxDescriptor tail, XilinxDescriptor desc) {
        storeAddress(tail.last(), CdmaDescriptor.NXTDESC_PNTR, dma(desc.first()));
    }

    /** Linux takes all that is active for done; a delay interrupt would come too early for it. */
    @Override
    boolean isComplete(XilinxDescriptor desc) {
        return !scatterGather
                || CdmaDescriptor.Status.CMPLT.isSet(load(desc.last(), CdmaDescriptor.STATUS));
    }

    /** PG034: the status has no count of bytes, so that Linux's difference is all or, done, 0. */
    @Override
    @Linux(file = FILE, symbol = "xilinx_dma_get_residue")
    int residueOf(XilinxDescriptor desc) {
        return isComplete(desc)
                ? 0
                : load(desc.first(), CdmaDescriptor.CONTROL) & controller.bufferBytesMax();
    }

    @Override
    @Nullable MetadataOps metadataOps() {
        return null;
    }

    // Hardware descriptors.

    private long va(int segment) {
        return segments.get(segment).va();
    }

    private long dma(int segment) {
        return segments.get(segment).dma();
    }

    private void storeAddress(int segment, Register low, long address) {
        controller.cpu().store64(va(segment) + low.offset(), address);
    }

    private void store(int segment, Register word, int value) {
        controller.cpu().store32(va(segment) + word.offset(), value);
    }

    private int load(int segment, Register word) {
        return controller.cpu().load32(va(segment) + word.offset());
    }

    private long load64(int segment, Register low) {
        return controller.cpu().load64(va(segment) + low.offset());
    }
}
