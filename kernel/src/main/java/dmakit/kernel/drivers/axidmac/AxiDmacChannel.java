package dmakit.kernel.drivers.axidmac;

import dmakit.datasheet.axidmac.AxiDmacDescriptor;
import dmakit.datasheet.axidmac.AxiDmacRegister;
import dmakit.datasheet.axidmac.AxiDmacRegister.Control;
import dmakit.datasheet.axidmac.AxiDmacRegister.Flags;
import dmakit.datasheet.axidmac.AxiDmacRegister.IrqPending;
import dmakit.datasheet.axidmac.AxiDmacRegister.TransferDone;
import dmakit.datasheet.axidmac.AxiDmacRegister.TransferId;
import dmakit.kernel.Linux;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.InterleavedTemplate;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.dmaengine.TransferResult;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.dmaengine.VirtualChannel;
import dmakit.kernel.dmaengine.VirtualDescriptor;
import dmakit.kernel.irq.IrqReturn;
import dmakit.kernel.log.Log;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mapping.DmaPool;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.machine.cpu.Cpu;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one channel of a core. Several transfers may be in the core, each in pieces that the core
 * numbers.
 *
 * <p>Linux's driver starts one transfer of several that are issued together where the core reads
 * descriptors for itself, and no other until that has ended and something is issued again; here the
 * next one starts then.
 */
final class AxiDmacChannel extends VirtualChannel {
    private static final String FILE = "drivers/dma/dma-axi-dmac.c";

    private static final int TELLS = AxiDmacDescriptor.Flags.EOT_IRQ.mask();
    private static final int ENDS_CHAIN = AxiDmacDescriptor.Flags.LAST.mask() | TELLS;

    /** Bytes between descriptors in memory: the structure is longer than what the core reads. */
    private static final int DESCRIPTOR_BYTES = 64;

    private final Cpu cpu;
    private final Log log;
    private final DmaMapping mapping;
    private final Registers registers;
    private final Core core;
    private final Pieces planner;

    /** Transfers of which the core has pieces, or will have as soon as there is room. */
    private final ArrayDeque<AxiDmacTransfer> active = new ArrayDeque<>();

    /** The one of them whose pieces are to follow. */
    private @Nullable AxiDmacTransfer next;

    private @Nullable DmaPool pool;

    /** The core's count of ends when they were looked at last. */
    private int endsSeen;

    AxiDmacChannel(
            DmaDevice device,
            Cpu cpu,
            Log log,
            DmaMapping mapping,
            Registers registers,
            Core core) {
        super(device);
        this.cpu = cpu;
        this.log = log;
        this.mapping = mapping;
        this.registers = registers;
        this.core = core;
        planner = new Pieces(core);
    }

    /** For its first client. */
    @Linux(file = FILE, symbol = "axi_dmac_alloc_chan_resources")
    void allocate() {
        if (core.scatterGather()) {
            pool =
                    mapping.poolCreate(
                            device().dev().name(),
                            device().dev(),
                            DESCRIPTOR_BYTES,
                            AxiDmacDescriptor.ALIGNMENT,
                            0);
        }
    }

    /** When its last client is gone; what still ran stops. */
    @Linux(file = FILE, symbol = "axi_dmac_free_chan_resources")
    void freeResources() {
        terminate();
        freeVirtualResources();
        DmaPool unused = pool;
        if (unused != null) {
            pool = null;
            unused.destroy();
        }
    }

    /** The core goes, with or without a client. */
    void abandon() {
        killTasklet();
        freeResources();
    }

    // Preparing.

    @Linux(file = FILE, symbol = "axi_dmac_prep_slave_sg")
    Descriptor slaveSg(Scatterlist sgl, int count, TransferDirection direction, int flags) {
        return prepared(planner.list(sgl, count, direction), false, flags);
    }

    /** Prepares pieces of memory one after the other, again and again with REPEAT. */
    @Linux(file = FILE, symbol = "axi_dmac_prep_peripheral_dma_vec")
    Descriptor peripheralVec(long[] dmas, long[] sizes, TransferDirection direction, int flags) {
        boolean repeats = (flags & PrepFlags.REPEAT) != 0;
        return prepared(planner.vector(dmas, sizes, direction), repeats, flags);
    }

    @Linux(file = FILE, symbol = "axi_dmac_prep_dma_cyclic")
    Descriptor cyclic(
            long dma, long size, long periodBytes, TransferDirection direction, int flags) {
        return prepared(planner.ring(dma, size, periodBytes, direction), true, flags);
    }

    /**
     * Prepares rows. As in Linux, the number of a capability is taken for a flag, so that what a
     * client hears of, acknowledges or orders goes around: only flags without these bits move the
     * rows once.
     */
    @Linux(file = FILE, symbol = "axi_dmac_prep_interleaved")
    Descriptor interleaved(InterleavedTemplate template, int flags) {
        boolean repeats = (flags & Pieces.CYCLIC_TAKEN_FOR_A_FLAG) != 0;
        return prepared(List.of(planner.rows(template)), repeats, flags);
    }

    private Descriptor prepared(List<Piece> pieces, boolean repeats, int flags) {
        AxiDmacTransfer transfer = new AxiDmacTransfer(this, pieces, repeats);
        if (core.scatterGather()) {
            writeChain(transfer);
        }
        prepared(transfer, flags);
        return transfer;
    }

    @Linux(file = FILE, symbol = "axi_dmac_alloc_desc")
    private void writeChain(AxiDmacTransfer transfer) {
        DmaPool from = pool;
        if (from == null) {
            throw new IllegalStateException(name() + " has no client");
        }
        List<CoherentBuffer> chain = new ArrayList<>(transfer.pieces.size());
        try {
            for (Piece piece : transfer.pieces) {
                CoherentBuffer memory = from.zalloc(Gfp.NOWAIT);
                piece.memory = memory;
                chain.add(memory);
            }
        } catch (RuntimeException refusal) {
            release(transfer);
            throw refusal;
        }
        for (int i = 0; i < chain.size() - 1; i++) {
            transfer.pieces.get(i).write(cpu, chain.get(i), 0, chain.get(i + 1).dma());
        }
        // Of a ring too, only the last one tells, whatever a period is.
        transfer.last()
                .write(
                        cpu,
                        chain.getLast(),
                        transfer.cyclic ? TELLS : ENDS_CHAIN,
                        transfer.cyclic ? chain.getFirst().dma() : 0);
    }

    @Override
    @Linux(file = FILE, symbol = "axi_dmac_desc_free")
    protected void release(VirtualDescriptor released) {
        DmaPool to = pool;
        for (Piece piece : ((AxiDmacTransfer) released).pieces) {
            CoherentBuffer memory = piece.memory;
            if (memory != null && to != null) {
                piece.memory = null;
                to.free(memory);
            }
        }
    }

    // Running.

    @Linux(file = FILE, symbol = "axi_dmac_issue_pending")
    void issue() {
        registers.writel(
                AxiDmacRegister.CONTROL,
                Control.HWDESC.with(Control.ENABLE.mask(), core.scatterGather()));
        boolean irqs = lock().lockIrqSave();
        if (issueSubmitted()) {
            start();
        }
        lock().unlockIrqRestore(irqs);
    }

    /** All or nothing: the residue is not counted. */
    DmaStatus status(int cookie, @Nullable TxState state) {
        return cookieStatus(cookie, state);
    }

    /** Gives the core the next piece, or the next chain, if there is one and it has room. */
    @Linux(file = FILE, symbol = "axi_dmac_start_transfer")
    private void start() {
        AxiDmacTransfer transfer = nextTransfer();
        if (transfer == null || registers.readl(AxiDmacRegister.TRANSFER_SUBMIT) != 0) {
            return; // the core interrupts when there is room
        }
        Piece piece = transfer.pieces.get(transfer.submitted);
        if (piece.isInCore()) {
            piece.waitsForItself = true;
            return;
        }
        int flags = Flags.PARTIAL_REPORTING_EN.with(0, core.reportsPartial());
        if (core.scatterGather()) {
            next = null;
        } else if (++transfer.submitted == transfer.pieces.size() || transfer.endedEarly) {
            flags |= Flags.TLAST.mask();
            transfer.submitted = 0;
            if (!transfer.cyclic) {
                next = null;
            }
        }
        piece.partialBytes = 0;
        piece.id = registers.readl(AxiDmacRegister.TRANSFER_ID);
        boolean silent = core.cyclic() && transfer.cyclic && !transfer.isHeardOf();
        CoherentBuffer memory = piece.memory;
        if (memory != null) {
            if (silent) {
                writeFlags(transfer, 0);
            }
            registers.writel(
                    AxiDmacRegister.SG_ADDRESS, AxiDmacRegister.SG_ADDRESS_HIGH, memory.dma());
        } else {
            writePlace(piece);
            if (silent && transfer.pieces.size() == 1) {
                next = null;
                flags |= Flags.CYCLIC.mask();
            }
        }
        registers.writel(AxiDmacRegister.FLAGS, flags);
        registers.writel(AxiDmacRegister.TRANSFER_SUBMIT, 1);
    }

    private void writePlace(Piece piece) {
        if (core.destination().isMemory()) {
            registers.writel(
                    AxiDmacRegister.DEST_ADDRESS,
                    AxiDmacRegister.DEST_ADDRESS_HIGH,
                    piece.destination);
            registers.writel(AxiDmacRegister.DEST_STRIDE, piece.destinationStride);
        }
        if (core.source().isMemory()) {
            registers.writel(
                    AxiDmacRegister.SRC_ADDRESS, AxiDmacRegister.SRC_ADDRESS_HIGH, piece.source);
            registers.writel(AxiDmacRegister.SRC_STRIDE, piece.sourceStride);
        }
        registers.writel(AxiDmacRegister.X_LENGTH, (int) (piece.rowBytes - 1));
        registers.writel(AxiDmacRegister.Y_LENGTH, (int) (piece.rows - 1));
    }

    private void writeFlags(AxiDmacTransfer transfer, int flags) {
        CoherentBuffer memory = transfer.last().memory;
        if (memory != null) {
            Piece.writeFlags(cpu, memory, flags);
        }
    }

    /**
     * The transfer whose pieces are to follow; null when there is none, or when it has to wait for
     * one that goes around for the last time.
     */
    @Linux(file = FILE, symbol = "axi_dmac_get_next_desc")
    private @Nullable AxiDmacTransfer nextTransfer() {
        AxiDmacTransfer running = active.peekFirst();
        if (running != null && running.endsAround) {
            return null;
        }
        if (next != null) {
            return next;
        }
        AxiDmacTransfer issued = (AxiDmacTransfer) takeIssued();
        if (issued == null) {
            return null;
        }
        if (running == null || !running.cyclic) {
            active.addLast(issued);
            next = issued;
            return issued;
        }
        if (mayReplace(issued)) {
            active.addLast(issued);
            next = issued;
            endAround(running);
        }
        return null;
    }

    /** Has the core tell when the transfer has gone around this time. */
    private void endAround(AxiDmacTransfer running) {
        running.endsAround = true;
        if (core.scatterGather()) {
            writeFlags(running, ENDS_CHAIN);
        } else {
            int flags = registers.readl(AxiDmacRegister.FLAGS);
            registers.writel(AxiDmacRegister.FLAGS, Flags.CYCLIC.with(flags, false));
        }
    }

    /** What does not replace the one before it never starts, and is dropped. */
    private boolean mayReplace(AxiDmacTransfer issued) {
        if ((issued.flags() & PrepFlags.LOAD_EOT) != 0) {
            return true;
        }
        log.devWarn(device().dev(), "Discarding non EOT transfer after cyclic");
        terminateActive(issued);
        return false;
    }

    @Linux(file = FILE, symbol = "axi_dmac_interrupt_handler")
    IrqReturn handleInterrupt() {
        int pending = registers.readl(AxiDmacRegister.IRQ_PENDING);
        if (pending == 0) {
            return IrqReturn.NONE;
        }
        registers.writel(AxiDmacRegister.IRQ_PENDING, pending);
        boolean irqs = lock().lockIrqSave();
        boolean starts = IrqPending.TRANSFER_QUEUED.isSet(pending);
        if (IrqPending.TRANSFER_COMPLETED.isSet(pending)) {
            starts |= transfersDone(registers.readl(AxiDmacRegister.TRANSFER_DONE));
        }
        if (starts) {
            start();
        }
        lock().unlockIrqRestore(irqs);
        return IrqReturn.HANDLED;
    }

    /**
     * Completes what the core has done.
     *
     * @return whether something may start now
     */
    @Linux(file = FILE, symbol = "axi_dmac_transfer_done")
    private boolean transfersDone(int done) {
        AxiDmacTransfer running = active.peekFirst();
        if (running == null) {
            return false;
        }
        if (core.reportsPartial() && TransferDone.PARTIAL_TRANSFER_DONE.isSet(done)) {
            readReports();
        }
        if (core.scatterGather()) {
            return chainDone(running);
        }
        boolean starts = false;
        while (running != null) {
            Piece piece = running.pieces.get(running.completed);
            if (!piece.isInCore() || (done & 1 << piece.id) == 0) {
                break;
            }
            piece.id = Piece.NOT_IN_CORE;
            starts |= piece.waitsForItself;
            piece.waitsForItself = false;
            if (piece.partialBytes != 0) {
                running.endedWith(TransferResult.NOERROR, running.residueFrom(running.completed));
            }
            running.completed++;
            if (running.cyclic) {
                periodElapsed(running);
            }
            if (running.completed == running.pieces.size() || piece.partialBytes != 0) {
                if (running.cyclic) {
                    starts |= aroundDone(running);
                } else {
                    active.removeFirst();
                    completeActive(running);
                }
                running = active.peekFirst();
            }
        }
        return starts;
    }

    /**
     * Chains have no numbers of their own: the core counts ends, and a ring has many. Linux's
     * driver takes two ends of one interrupt for one.
     */
    private boolean chainDone(AxiDmacTransfer first) {
        int now = registers.readl(AxiDmacRegister.ACTIVE_TRANSFER_ID);
        int ends = now - endsSeen & TransferId.TRANSFER_ID.mask();
        endsSeen = now;
        if (first.cyclic) {
            periodElapsed(first);
            return aroundDone(first);
        }
        AxiDmacTransfer running = first;
        for (int i = 0; i < ends && running != null && !running.cyclic; i++) {
            active.removeFirst();
            completeActive(running);
            running = active.peekFirst();
        }
        return true;
    }

    /**
     * A transfer that repeats has gone around: ends it if another is to take its place.
     *
     * @return whether that may start now
     */
    @Linux(file = FILE, symbol = "axi_dmac_handle_cyclic_eot")
    private boolean aroundDone(AxiDmacTransfer running) {
        running.completed = 0;
        if (running.endsAround) {
            active.removeFirst();
            completeActive(running);
            if (core.endsAroundLate()) {
                registers.writel(AxiDmacRegister.CONTROL, 0);
                registers.writel(AxiDmacRegister.CONTROL, Control.ENABLE.mask());
            }
            return true;
        }
        AxiDmacTransfer issued = (AxiDmacTransfer) takeIssued();
        if (issued == null || !mayReplace(issued)) {
            return false;
        }
        active.removeFirst();
        completeActive(running);
        active.addLast(issued);
        next = issued;
        return true;
    }

    /** Reads which packets ended early, and where. */
    @Linux(file = FILE, symbol = "axi_dmac_dequeue_partial_xfers")
    private void readReports() {
        int done;
        do {
            int bytes = registers.readl(AxiDmacRegister.PARTIAL_TRANSFER_LENGTH);
            int id = registers.readl(AxiDmacRegister.PARTIAL_TRANSFER_ID);
            if (!noteReport(id, bytes)) {
                log.devWarn(
                        device().dev(),
                        "Not found partial segment id=%s, len=%s",
                        Integer.toUnsignedString(id),
                        Integer.toUnsignedString(bytes));
            }
            done = registers.readl(AxiDmacRegister.TRANSFER_DONE);
        } while (TransferDone.PARTIAL_TRANSFER_DONE.isSet(done));
    }

    private boolean noteReport(int id, int bytes) {
        for (AxiDmacTransfer transfer : active) {
            for (Piece piece : transfer.pieces) {
                if (piece.id == id) {
                    transfer.endedEarly = true;
                    piece.partialBytes = bytes;
                    return true;
                }
            }
        }
        return false;
    }

    // Stopping.

    @Linux(file = FILE, symbol = "axi_dmac_terminate_all")
    void terminate() {
        boolean irqs = lock().lockIrqSave();
        registers.writel(AxiDmacRegister.CONTROL, 0);
        next = null;
        endsSeen = 0;
        while (!active.isEmpty()) {
            terminateActive(active.removeFirst());
        }
        lock().unlockIrqRestore(irqs);
        dropAll();
    }

    @Linux(file = FILE, symbol = "axi_dmac_synchronize")
    void finishCallbacks() {
        synchronizeVirtual();
    }
}
