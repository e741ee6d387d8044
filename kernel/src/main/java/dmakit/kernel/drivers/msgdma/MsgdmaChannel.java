package dmakit.kernel.drivers.msgdma;

import dmakit.datasheet.msgdma.MsgdmaCsr;
import dmakit.datasheet.msgdma.MsgdmaCsr.Control;
import dmakit.datasheet.msgdma.MsgdmaCsr.Status;
import dmakit.datasheet.msgdma.MsgdmaDescriptor;
import dmakit.datasheet.msgdma.MsgdmaDescriptor.Stride;
import dmakit.datasheet.msgdma.MsgdmaResponse;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.drivers.msgdma.Request.Piece;
import dmakit.kernel.irq.IrqReturn;
import dmakit.kernel.irq.Tasklet;
import dmakit.kernel.log.Log;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.sync.SpinLock;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The one channel of a core.
 *
 * <p>Linux's driver writes one transfer of several that are issued together, and takes the first
 * response of a list for the end of the list; here all are written, and each ends with its last
 * response. Nor has that driver a way to terminate.
 */
@Linux(file = "drivers/dma/altera-msgdma.c", symbol = "struct msgdma_device")
final class MsgdmaChannel extends Channel {
    private static final String FILE = "drivers/dma/altera-msgdma.c";

    /** Descriptors of the core that transfers may take, prepared ones with them. */
    static final int DESCRIPTORS_MAX = 1024;

    /** Bytes of one descriptor. */
    private static final long LENGTH_MAX = 0xffff_fffcL;

    /** Descriptors that are in the core at a time, and how many of them between interrupts. */
    private static final int IN_CORE_MAX = 64;

    private static final int INTERRUPT_EVERY = 32;
    private static final int RESET_POLL_COUNT_MAX = 10_000;
    private static final int STEPS = Stride.READ_STRIDE.of(1) | Stride.WRITE_STRIDE.of(1);
    private static final int ERRORS = MsgdmaDescriptor.Control.ERROR_IRQ_ENABLE.mask();
    private static final int RUN =
            Control.STOP_ON_ERROR.mask()
                    | Control.STOP_ON_EARLY_TERMINATION.mask()
                    | Control.GLOBAL_INTERRUPT_ENABLE.mask();

    private final Log log;
    private final Registers registers;
    private final SpinLock lock;
    private final Tasklet tasklet;
    private final SlavePort read;
    private final SlavePort written;
    private final ArrayDeque<Request> pending = new ArrayDeque<>();
    private final ArrayDeque<Request> active = new ArrayDeque<>();
    private final ArrayDeque<Request> done = new ArrayDeque<>();
    private SlaveConfig config = SlaveConfig.NONE;
    private @Nullable Request free;
    private int taken;
    private int inCore;
    private boolean allocated;

    MsgdmaChannel(DmaDevice device, Log log, DmaMapping mapping, Registers registers) {
        super(device);
        this.log = log;
        this.registers = registers;
        lock = engine().newLock("msgdma");
        tasklet = engine().newTasklet("msgdma", this::collect);
        read = new SlavePort(mapping, device.dev(), DmaDirection.TO_DEVICE);
        written = new SlavePort(mapping, device.dev(), DmaDirection.FROM_DEVICE);
    }

    /** Brings the core to rest, and lets it interrupt. */
    @Linux(file = FILE, symbol = "msgdma_reset")
    void reset() {
        registers.iowrite32(MsgdmaCsr.STATUS, MsgdmaCsr.STATUS.writableMask());
        registers.iowrite32(MsgdmaCsr.CONTROL, Control.RESET_DISPATCHER.mask());
        int polls = 0;
        while (Status.RESETTING.isSet(registers.ioread32(MsgdmaCsr.STATUS))) {
            if (++polls == RESET_POLL_COUNT_MAX) {
                log.devErr(device().dev(), "DMA channel did not reset");
                break;
            }
        }
        registers.iowrite32(MsgdmaCsr.STATUS, MsgdmaCsr.STATUS.writableMask());
        registers.iowrite32(MsgdmaCsr.CONTROL, RUN);
    }

    @Linux(file = FILE, symbol = "msgdma_alloc_chan_resources")
    void allocate() {
        allocated = true;
    }

    /** When its client is gone, or the core; nothing is left to do after the other. */
    @Linux(file = FILE, symbol = "msgdma_free_chan_resources")
    void freeResources() {
        if (!allocated) {
            return;
        }
        allocated = false;
        terminate();
        tasklet.kill();
        read.unmap();
        written.unmap();
        config = SlaveConfig.NONE;
        taken = 0;
    }

    @Linux(file = FILE, symbol = "msgdma_dma_config")
    void configure(SlaveConfig newConfig) {
        config = newConfig;
    }

    // Preparing.

    @Linux(file = FILE, symbol = "msgdma_prep_memcpy")
    Descriptor memcpy(long destination, long source, long size, int flags) {
        if (size <= 0) {
            throw new DmaException(Errno.EINVAL, "a copy of %d bytes", size);
        }
        Request request = newRequest(flags, piecesOf(size));
        add(request, source, destination, size, STEPS);
        return request;
    }

    @Linux(file = FILE, symbol = "msgdma_prep_slave_sg")
    Descriptor slaveSg(Scatterlist sgl, int count, TransferDirection direction, int flags) {
        boolean toDevice = direction == TransferDirection.MEM_TO_DEV;
        if (!toDevice && direction != TransferDirection.DEV_TO_MEM) {
            throw new DmaException(
                    Errno.EINVAL, "%s is neither to a device nor from one", direction.symbol());
        }
        long pieces = 0;
        int left = count;
        for (Scatterlist run = sgl; run != null && left > 0; run = run.next()) {
            for (int i = 0; i < run.count() && left > 0; i++, left--) {
                pieces += piecesOf(run.dmaLength(i));
            }
        }
        if (left > 0 || pieces == 0) {
            throw new DmaException(
                    Errno.EINVAL, "a list of %d entries lacks %d, or is empty", count, left);
        }
        long fifo = toDevice ? written.at(config.destinationPhys()) : read.at(config.sourcePhys());
        int stride = toDevice ? Stride.READ_STRIDE.of(1) : Stride.WRITE_STRIDE.of(1);
        Request request = newRequest(flags, pieces);
        left = count;
        for (Scatterlist run = sgl; run != null && left > 0; run = run.next()) {
            for (int i = 0; i < run.count() && left > 0; i++, left--) {
                long memory = run.dmaAddress(i);
                add(
                        request,
                        toDevice ? memory : fifo,
                        toDevice ? fifo : memory,
                        run.dmaLength(i),
                        stride);
            }
        }
        return request;
    }

    private static long piecesOf(long size) {
        return (size + LENGTH_MAX - 1) / LENGTH_MAX;
    }

    private static void add(Request request, long source, long destination, long size, int stride) {
        boolean fromFifo = !Stride.READ_STRIDE.isSet(stride);
        boolean toFifo = !Stride.WRITE_STRIDE.isSet(stride);
        for (long at = 0; at < size; at += LENGTH_MAX) {
            request.add(
                    new Piece(
                            fromFifo ? source : source + at,
                            toFifo ? destination : destination + at,
                            (int) Math.min(size - at, LENGTH_MAX),
                            stride));
        }
    }

    @Linux(file = FILE, symbol = "msgdma_get_descriptor")
    private Request newRequest(int flags, long pieces) {
        if (taken + pieces > DESCRIPTORS_MAX) {
            throw new DmaException(
                    Errno.ENOMEM, "%d descriptors, %d are free", pieces, DESCRIPTORS_MAX - taken);
        }
        taken += (int) pieces;
        Request request = free;
        if (request == null) {
            request = new Request(this);
        } else {
            free = request.nextFree;
            request.nextFree = null;
        }
        request.prepare(flags);
        return request;
    }

    @Linux(file = FILE, symbol = "msgdma_free_descriptor")
    private void give(Request request) {
        taken -= request.pieces.size();
        request.pieces.clear();
        request.nextFree = free;
        free = request;
    }

    // Running.

    @Linux(file = FILE, symbol = "msgdma_tx_submit")
    int submit(Request request) {
        boolean irqs = lock.lockIrqSave();
        int cookie = request.assign();
        pending.addLast(request);
        lock.unlockIrqRestore(irqs);
        return cookie;
    }

    @Linux(file = FILE, symbol = "msgdma_issue_pending")
    void issue() {
        boolean irqs = lock.lockIrqSave();
        active.addAll(pending);
        pending.clear();
        feed();
        lock.unlockIrqRestore(irqs);
    }

    /** Writes descriptors into the core as long as it takes them. */
    @Linux(file = FILE, symbol = "msgdma_copy_desc_to_fifo")
    private void feed() {
        for (Request request : active) {
            while (request.written < request.pieces.size()) {
                if (inCore == IN_CORE_MAX) {
                    return;
                }
                boolean last = request.written == request.pieces.size() - 1;
                boolean tells = last || inCore % INTERRUPT_EVERY == INTERRUPT_EVERY - 1;
                copyOne(request.pieces.get(request.written), tells);
                request.written++;
                inCore++;
            }
        }
    }

    @Linux(file = FILE, symbol = "msgdma_copy_one")
    private void copyOne(Piece piece, boolean interrupts) {
        registers.iowrite32(MsgdmaDescriptor.READ_ADDRESS, (int) piece.source());
        registers.iowrite32(MsgdmaDescriptor.WRITE_ADDRESS, (int) piece.destination());
        registers.iowrite32(MsgdmaDescriptor.LENGTH, piece.length());
        registers.iowrite32(MsgdmaDescriptor.BURST_AND_SEQUENCE, 0);
        registers.iowrite32(MsgdmaDescriptor.STRIDE, piece.stride());
        registers.iowrite32(
                MsgdmaDescriptor.READ_ADDRESS_HIGH, (int) (piece.source() >>> Integer.SIZE));
        registers.iowrite32(
                MsgdmaDescriptor.WRITE_ADDRESS_HIGH, (int) (piece.destination() >>> Integer.SIZE));
        int control =
                ERRORS
                        | MsgdmaDescriptor.Control.GO.mask()
                        | MsgdmaDescriptor.Control.END_ON_LENGTH.mask();
        registers.iowrite32(
                MsgdmaDescriptor.CONTROL,
                MsgdmaDescriptor.Control.TRANSFER_COMPLETE_IRQ_ENABLE.with(control, interrupts));
    }

    /** All or nothing: the residue is not counted. */
    @Linux(file = FILE, symbol = "msgdma_tx_status")
    DmaStatus status(int cookie, @Nullable TxState state) {
        return cookieStatus(cookie, state);
    }

    @Linux(file = FILE, symbol = "msgdma_irq_handler")
    IrqReturn handleInterrupt() {
        registers.iowrite32(MsgdmaCsr.STATUS, Status.IRQ.mask());
        tasklet.schedule();
        return IrqReturn.HANDLED;
    }

    /** Takes the core's responses, keeps it busy, and calls back. */
    @Linux(file = FILE, symbol = "msgdma_tasklet")
    private void collect() {
        boolean irqs = lock.lockIrqSave();
        int count = registers.ioread32(MsgdmaCsr.RESPONSE_FILL_LEVEL);
        for (int i = 0; i < count; i++) {
            int bytes = registers.ioread32(MsgdmaResponse.ACTUAL_BYTES_TRANSFERRED);
            int status = registers.ioread32(MsgdmaResponse.STATUS);
            respond(bytes, MsgdmaResponse.Status.ERROR.isSet(status));
        }
        if (Status.STOPPED_ON_ERROR.isSet(registers.ioread32(MsgdmaCsr.STATUS))) {
            registers.iowrite32(MsgdmaCsr.STATUS, Status.STOPPED_ON_ERROR.mask());
        }
        feed();
        for (Request request = done.poll(); request != null; request = done.poll()) {
            lock.unlockIrqRestore(irqs);
            request.callBack();
            irqs = lock.lockIrqSave();
            give(request);
        }
        lock.unlockIrqRestore(irqs);
    }

    @Linux(file = FILE, symbol = "msgdma_complete_descriptor")
    private void respond(int bytes, boolean failed) {
        Request request = active.peek();
        if (request == null) {
            return;
        }
        inCore--;
        request.ended++;
        request.moved += Integer.toUnsignedLong(bytes);
        request.failed |= failed;
        if (request.ended == request.pieces.size()) {
            active.removeFirst();
            request.complete();
            done.addLast(request);
        }
    }

    /** Resets the core and drops everything. */
    void terminate() {
        boolean irqs = lock.lockIrqSave();
        if (!active.isEmpty()) {
            reset();
        }
        inCore = 0;
        drop(pending);
        drop(active);
        drop(done);
        lock.unlockIrqRestore(irqs);
    }

    private void drop(ArrayDeque<Request> list) {
        while (!list.isEmpty()) {
            Request request = list.removeFirst();
            request.drop();
            give(request);
        }
    }

    void synchronizeCallbacks() {
        tasklet.kill();
    }
}
