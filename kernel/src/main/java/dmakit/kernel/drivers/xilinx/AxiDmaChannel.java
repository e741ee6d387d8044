package dmakit.kernel.drivers.xilinx;

import dmakit.datasheet.Register;
import dmakit.datasheet.xilinx.AxiDmaDescriptor;
import dmakit.datasheet.xilinx.AxiDmaDescriptor.Control;
import dmakit.datasheet.xilinx.AxiDmaDescriptor.Status;
import dmakit.datasheet.xilinx.AxiDmaRegister;
import dmakit.datasheet.xilinx.AxiDmaRegister.Dmacr;
import dmakit.datasheet.xilinx.AxiDmaRegister.Dmasr;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.MetadataMode;
import dmakit.kernel.dmaengine.MetadataOps;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.scatterlist.Scatterlist;
import org.jspecify.annotations.Nullable;

/** A channel of an AXI DMA: between memory and a stream. */
final class AxiDmaChannel extends XilinxChannel {
    private final int irqDelay;
    private final AppWords appWords = new AppWords();
    private @Nullable SegmentRing ring;

    /** What TAILDESC points to for a ring, which has no end: a descriptor of no chain. */
    private @Nullable CoherentBuffer noTail;

    /** Which descriptor the hardware goes on with when it gets another TAILDESC. */
    private long resumesAt;

    AxiDmaChannel(
            XilinxDma controller,
            Registers registers,
            TransferDirection direction,
            int irq,
            int irqDelay) {
        super(controller, registers, direction, irq);
        this.irqDelay = irqDelay;
    }

    @Override
    @Linux(file = FILE, symbol = "xilinx_dma_alloc_chan_resources")
    void allocate() {
        try {
            ring = new SegmentRing(controller.cpu(), controller.mapping(), controller.dev());
        } catch (DmaException refusal) {
            controller.err("unable to allocate channel %d descriptors", number());
            throw refusal;
        }
        try {
            noTail =
                    controller
                            .mapping()
                            .allocCoherent(controller.dev(), SegmentRing.STRIDE, Gfp.KERNEL);
        } catch (DmaException refusal) {
            controller.err("unable to allocate desc segment for cyclic DMA");
            freeMemory();
            throw refusal;
        }
        enableInterrupts();
    }

    @Override
    void freeMemory() {
        if (ring != null) {
            ring.close();
            ring = null;
        }
        if (noTail != null) {
            controller.mapping().freeCoherent(controller.dev(), noTail);
            noTail = null;
        }
    }

    private int number() {
        return direction == TransferDirection.MEM_TO_DEV ? 0 : 1;
    }

    private SegmentRing ring() {
        if (ring == null) {
            throw new DmaException(Errno.ENODEV, "%s is not allocated", name());
        }
        return ring;
    }

    private boolean sends() {
        return direction == TransferDirection.MEM_TO_DEV;
    }

    @Override
    @Linux(file = FILE, symbol = "xilinx_dma_metadata_ops")
    @Nullable MetadataOps metadataOps() {
        return controller.device().supports(MetadataMode.ENGINE) ? appWords : null;
    }

    /** The words of the first hardware descriptor: a packet's, where the packet has but one. */
    @Linux(file = FILE, symbol = "xilinx_dma_get_metadata_ptr")
    private final class AppWords implements MetadataOps {
        private static final int BYTES = AxiDmaDescriptor.APP_COUNT * Register.BYTES;

        @Override
        public Metadata pointer(Descriptor desc) {
            long va = ring().va(((XilinxDescriptor) desc).first());
            return new Metadata(va + AxiDmaDescriptor.APP0.offset(), BYTES, BYTES);
        }
    }

    // Preparing.

    @Linux(file = FILE, symbol = "xilinx_dma_prep_slave_sg")
    Descriptor slaveSg(Scatterlist sgl, int count, TransferDirection asked, int flags) {
        checkSlave(asked);
        XilinxDescriptor desc = new XilinxDescriptor(this);
        try {
            int left = count;
            for (Scatterlist run = sgl; run != null && left > 0; run = run.next()) {
                for (int i = 0; i < run.count() && left > 0; i++, left--) {
                    add(desc, run.dmaAddress(i), run.dmaLength(i));
                }
            }
            if (desc.count() == 0 || left > 0) {
                throw new DmaException(
                        Errno.EINVAL, "a list of %d entries lacks %d, or is empty", count, left);
            }
        } catch (DmaException refusal) {
            release(desc);
            throw refusal;
        }
        if (!scatterGather && desc.count() > 1) {
            int pieces = desc.count();
            release(desc);
            throw new DmaException(Errno.EINVAL, "%d pieces, and %s gathers none", pieces, name());
        }
        markPacket(desc);
        desc.prepare(flags);
        return desc;
    }

    @Linux(file = FILE, symbol = "xilinx_dma_prep_dma_cyclic")
    Descriptor cyclic(long dma, long size, long period, TransferDirection asked, int flags) {
        checkSlave(asked);
        if (!scatterGather || period <= 0 || size / period == 0) {
            throw new DmaException(
                    Errno.EINVAL, "a ring of %d bytes in periods of %d", size, period);
        }
        XilinxDescriptor desc = new XilinxDescriptor(this);
        try {
            for (long i = 0; i < size / period; i++) {
                add(desc, dma + i * period, period);
            }
        } catch (DmaException refusal) {
            release(desc);
            throw refusal;
        }
        for (int i = 0; i < desc.count(); i++) {
            int behind = desc.segment((i + 1) % desc.count());
            ring().link(desc.segment(i), ring().dma(behind));
        }
        markPacket(desc);
        desc.cyclic = true;
        set(Dmacr.CYCLIC_BD_ENABLE.mask());
        desc.prepare(flags);
        return desc;
    }

    private static void checkSlave(TransferDirection asked) {
        if (asked != TransferDirection.MEM_TO_DEV && asked != TransferDirection.DEV_TO_MEM) {
            throw new DmaException(
                    Errno.EINVAL, "%s is neither to a device nor from one", asked.symbol());
        }
    }

    /** Adds hardware descriptors for a piece of memory. */
    private void add(XilinxDescriptor desc, long dma, long size) {
        for (long done = 0; done < size; ) {
            int segment = ring().take();
            if (segment == SegmentRing.NONE) {
                throw new DmaException(
                        Errno.ENOMEM,
                        "%s has %d hardware descriptors, all in use",
                        name(),
                        SegmentRing.COUNT);
            }
            desc.add(segment);
            int bytes = controller.copySize(size, done);
            ring().storeAddress(segment, AxiDmaDescriptor.BUFFER_ADDRESS, dma + done);
            ring().store(segment, AxiDmaDescriptor.CONTROL, bytes);
            done += bytes;
        }
    }

    private void markPacket(XilinxDescriptor desc) {
        if (sends()) {
            mark(desc.first(), Control.TXSOF);
            mark(desc.last(), Control.TXEOF);
        }
    }

    private void mark(int segment, Control flag) {
        int info = ring().load(segment, AxiDmaDescriptor.CONTROL);
        ring().store(segment, AxiDmaDescriptor.CONTROL, flag.with(info, 1));
    }

    @Override
    void release(XilinxDescriptor desc) {
        SegmentRing from = ring;
        if (from != null) {
            for (int i = 0; i < desc.count(); i++) {
                from.give(desc.segment(i));
            }
        }
        desc.clear();
    }

    // Running.

    @Override
    @Linux(file = FILE, symbol = "xilinx_dma_start_transfer")
    void start() {
        XilinxDescriptor head = pending.peekFirst();
        XilinxDescriptor tail = pending.peekLast();
        if (failed || !idle || head == null || tail == null) {
            return;
        }
        int control = registers.readl(AxiDmaRegister.DMACR);
        if (Dmacr.RS.isSet(control) && scatterGather && resumesAt != ring().dma(head.first())) {
            // Linux trusts that the ring is never out of order. What was prepared and then not
            // submitted, or in another order, breaks it.
            if (!active.isEmpty()) {
                return;
            }
            stop();
            control = registers.readl(AxiDmaRegister.DMACR);
        }
        if (pendingCount <= COALESCE_MAX) {
            control = Dmacr.IRQ_THRESHOLD.with(control, pendingCount);
            registers.writel(AxiDmaRegister.DMACR, control);
        }
        if (scatterGather) {
            registers.writeAddress(
                    AxiDmaRegister.CURDESC, ring().dma(head.first()), controller.isWide());
        }
        // Linux leaves the interrupts of a channel off once the other one was reset, until the
        // channel
        // is requested again.
        control = Dmacr.IRQ_DELAY.with(control, irqDelay) | ALL_IRQS;
        registers.writel(AxiDmaRegister.DMACR, control);
        set(Dmacr.RS.mask());
        if (!poll(AxiDmaRegister.DMASR, Dmasr.HALTED.mask(), false)) {
            cannotStart();
            return;
        }
        if (scatterGather) {
            resumesAt = ring().nextDma(tail.last());
            CoherentBuffer ringsTail = noTail;
            registers.writeAddress(
                    AxiDmaRegister.TAILDESC,
                    cyclic && ringsTail != null ? ringsTail.dma() : ring().dma(tail.last()),
                    controller.isWide());
            active.addAll(pending);
            pending.clear();
        } else {
            startSimple(head);
            active.addLast(pending.removeFirst());
        }
        pendingCount = 0;
        idle = false;
    }

    /**
     * One piece at a time. Linux moves all that is pending to the active list and starts the first
     * piece of the first alone.
     */
    private void startSimple(XilinxDescriptor desc) {
        long address =
                controller
                        .cpu()
                        .load64(ring().va(desc.first()) + AxiDmaDescriptor.BUFFER_ADDRESS.offset());
        registers.writeAddress(AxiDmaRegister.ADDRESS, address, controller.isWide());
        registers.writel(
                AxiDmaRegister.LENGTH,
                ring().load(desc.first(), AxiDmaDescriptor.CONTROL) & controller.bufferBytesMax());
    }

    @Override
    @Linux(file = FILE, symbol = "xilinx_dma_stop_transfer")
    boolean stop() {
        clear(Dmacr.RS.mask());
        return poll(AxiDmaRegister.DMASR, Dmasr.HALTED.mask(), true);
    }

    @Override
    void stopped() {
        // The reset has done it all.
    }

    @Override
    void link(XilinxDescriptor tail, XilinxDescriptor desc) {
        ring().link(tail.last(), ring().dma(desc.first()));
    }

    @Override
    boolean isComplete(XilinxDescriptor desc) {
        return !scatterGather
                || Status.CMPLT.isSet(ring().load(desc.last(), AxiDmaDescriptor.STATUS));
    }

    @Override
    @Linux(file = FILE, symbol = "xilinx_dma_get_residue")
    int residueOf(XilinxDescriptor desc) {
        if (desc.cyclic) {
            return residueOfRing(desc);
        }
        int residue = 0;
        for (int i = 0; i < desc.count(); i++) {
            residue += residueOfSegment(desc.segment(i));
        }
        return residue;
    }

    private int residueOfSegment(int segment) {
        int length = ring().load(segment, AxiDmaDescriptor.CONTROL);
        int done = ring().load(segment, AxiDmaDescriptor.STATUS);
        return (length - done) & controller.bufferBytesMax();
    }

    /**
     * From the descriptor at hand to the ring's end. Statuses do not tell, since the hardware
     * leaves those of the last round; Linux answers 0.
     */
    private int residueOfRing(XilinxDescriptor desc) {
        int at = ring().at(controller.readAddress(registers, AxiDmaRegister.CURDESC));
        int residue = 0;
        for (int i = desc.count() - 1; i >= 0; i--) {
            residue +=
                    ring().load(desc.segment(i), AxiDmaDescriptor.CONTROL)
                            & controller.bufferBytesMax();
            if (desc.segment(i) == at) {
                break;
            }
        }
        return residue;
    }
}
