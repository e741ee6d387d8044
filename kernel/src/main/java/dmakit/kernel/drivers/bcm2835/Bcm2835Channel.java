package dmakit.kernel.drivers.bcm2835;

import static dmakit.datasheet.bcm2835.DmaChannelRegister.CONBLK_AD;
import static dmakit.datasheet.bcm2835.DmaChannelRegister.CS;
import static dmakit.datasheet.bcm2835.DmaChannelRegister.DEBUG;
import static dmakit.datasheet.bcm2835.DmaChannelRegister.DEST_AD;
import static dmakit.datasheet.bcm2835.DmaChannelRegister.SOURCE_AD;

import dmakit.datasheet.bcm2835.DmaChannelRegister.Cs;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Debug;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Ti;
import dmakit.datasheet.bcm2835.DmaControlBlock;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.dmaengine.TransferResult;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.dmaengine.VirtualChannel;
import dmakit.kernel.dmaengine.VirtualDescriptor;
import dmakit.kernel.irq.IrqFlags;
import dmakit.kernel.irq.IrqReturn;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.scatterlist.Scatterlist;
import org.jspecify.annotations.Nullable;

/**
 * One channel: writes chains of control blocks, starts the controller on one at a time and answers
 * its interrupts.
 */
final class Bcm2835Channel extends VirtualChannel {
    private static final String FILE = "drivers/dma/bcm2835-dma.c";

    /** Most bytes of a control block: 30 bits, less what keeps the next one aligned. */
    static final int LENGTH_MAX = 0x3fff_f000;

    /** Most bytes of a control block of a lite channel: 16 bits, likewise. */
    static final int LITE_LENGTH_MAX = 0xfffc;

    private static final int WORD_BYTES = 4;
    private static final int BURST_WORDS_MAX = 16;
    private static final int ABORT_POLL_COUNT_MAX = 10_000;

    /** Reads until address and block belong together; of tiny blocks they never may. */
    private static final int POSITION_READ_COUNT_MAX = 8;

    private static final int MEMCPY = Ti.SRC_INC.mask() | Ti.DEST_INC.mask();
    private static final int FROM_DEVICE =
            Ti.WAIT_RESP.mask() | Ti.SRC_DREQ.mask() | Ti.DEST_INC.mask();
    private static final int TO_DEVICE =
            Ti.WAIT_RESP.mask() | Ti.DEST_DREQ.mask() | Ti.SRC_INC.mask();
    private static final int INTERRUPT_AND_RUN = Cs.INT.mask() | Cs.ACTIVE.mask();
    private static final int ERRORS =
            Debug.READ_ERROR.mask()
                    | Debug.FIFO_ERROR.mask()
                    | Debug.READ_LAST_NOT_SET_ERROR.mask();

    private final Bcm2835Dma controller;
    private final int number;
    private final Registers registers;
    private final int irq;
    private final boolean irqShared;
    private final ControlBlocks controlBlocks;
    private final int lengthMax;
    private final SlaveFifo readFifo;
    private final SlaveFifo writtenFifo;
    private int dreq;
    private SlaveConfig config = SlaveConfig.NONE;
    private int fifoDma;
    private int slavePieceMax;
    private @Nullable Bcm2835Descriptor active;
    private @Nullable Bcm2835Descriptor free;
    private boolean paused;
    private boolean allocated;

    /** The active ring could not be read and stands still until it is terminated. */
    private boolean failed;

    /**
     * Finds the channel and brings it to rest.
     *
     * @param number in the chip, 0 to 14
     */
    Bcm2835Channel(
            Bcm2835Dma controller, int number, Registers registers, int irq, boolean irqShared) {
        super(controller.device());
        this.controller = controller;
        this.number = number;
        this.registers = registers;
        this.irq = irq;
        this.irqShared = irqShared;
        controlBlocks = new ControlBlocks(controller.mapping(), controller.dev());
        readFifo = new SlaveFifo(controller, DmaDirection.TO_DEVICE);
        writtenFifo = new SlaveFifo(controller, DmaDirection.FROM_DEVICE);
        boolean lite = Debug.LITE.isSet(registers.readl(DEBUG));
        lengthMax = lite ? LITE_LENGTH_MAX : LENGTH_MAX;
        registers.writel(CS, Cs.RESET.mask());
    }

    /** Chooses the request line that paces slave transfers. */
    void dreq(int line) {
        dreq = line;
    }

    /** For its first client: control blocks and the interrupt. */
    @Linux(file = FILE, symbol = "bcm2835_dma_alloc_chan_resources")
    void allocate() {
        controlBlocks.grow(Gfp.KERNEL);
        try {
            controller
                    .irqs()
                    .request(
                            irq,
                            (line, devId) -> handleInterrupt(),
                            irqShared ? IrqFlags.SHARED : 0,
                            "DMA IRQ",
                            this);
        } catch (RuntimeException refusal) {
            controlBlocks.close();
            throw refusal;
        }
        allocated = true;
    }

    /** When its last client is gone, or the controller; nothing is left to do after the other. */
    @Linux(file = FILE, symbol = "bcm2835_dma_free_chan_resources")
    void freeResources() {
        if (!allocated) {
            return;
        }
        allocated = false;
        terminateAllDescriptors();
        freeVirtualResources();
        controller.irqs().free(irq, this);
        controlBlocks.close();
        readFifo.unmap();
        writtenFifo.unmap();
        config = SlaveConfig.NONE;
        dreq = 0;
    }

    @Linux(file = FILE, symbol = "bcm2835_dma_slave_config")
    void configure(SlaveConfig newConfig) {
        config = newConfig;
    }

    // Preparing.

    @Linux(file = FILE, symbol = "bcm2835_dma_prep_dma_memcpy")
    Descriptor memcpy(long destinationDma, long sourceDma, long size, int flags) {
        if (destinationDma == 0 || sourceDma == 0 || size <= 0) {
            throw new DmaException(
                    Errno.EINVAL,
                    "memcpy dma:0x%x <- dma:0x%x, %d bytes: neither may be 0",
                    destinationDma,
                    sourceDma,
                    size);
        }
        checkReach(destinationDma, size);
        checkReach(sourceDma, size);
        Bcm2835Descriptor desc =
                newDescriptor(TransferDirection.MEM_TO_MEM, blocksFor(size, lengthMax), Gfp.KERNEL);
        long left = size;
        for (int i = 0; i < desc.blockCount; i++) {
            int length = (int) Math.min(left, lengthMax);
            int ti = left == length ? MEMCPY | Ti.INTEN.mask() | Ti.WAIT_RESP.mask() : MEMCPY;
            long done = size - left;
            fill(desc, i, ti, (int) (sourceDma + done), (int) (destinationDma + done), length);
            left -= length;
        }
        prepared(desc, flags);
        return desc;
    }

    @Linux(file = FILE, symbol = "bcm2835_dma_prep_slave_sg")
    Descriptor slaveSg(Scatterlist sgl, int count, TransferDirection direction, int flags) {
        int ti = slaveInfo("bcm2835_dma_prep_slave_sg", direction);
        int blockCount = 0;
        int left = count;
        for (Scatterlist run = sgl; run != null && left > 0; run = run.next()) {
            for (int i = 0; i < run.count() && left > 0; i++, left--) {
                checkReach(run.dmaAddress(i), run.dmaLength(i));
                blockCount = Math.addExact(blockCount, blocksFor(run.dmaLength(i), slavePieceMax));
            }
        }
        if (blockCount == 0 || left > 0) {
            throw new DmaException(
                    Errno.EINVAL, "a list of %d entries lacks %d, or is empty", count, left);
        }
        Bcm2835Descriptor desc = newDescriptor(direction, blockCount, Gfp.NOWAIT);
        int at = 0;
        left = count;
        for (Scatterlist run = sgl; run != null && left > 0; run = run.next()) {
            for (int i = 0; i < run.count() && left > 0; i++, left--) {
                at = fillSlave(desc, at, ti, run.dmaAddress(i), run.dmaLength(i), blockCount - 1);
            }
        }
        prepared(desc, flags);
        return desc;
    }

    @Linux(file = FILE, symbol = "bcm2835_dma_prep_dma_cyclic")
    Descriptor cyclic(
            long dma, long size, long periodBytes, TransferDirection direction, int flags) {
        int ti = slaveInfo("bcm2835_dma_prep_dma_cyclic", direction);
        if (size <= 0) {
            controller.err("bcm2835_dma_prep_dma_cyclic: bad buffer length (= 0)");
            throw new DmaException(Errno.EINVAL, "a ring of %d bytes", size);
        }
        boolean periods = (flags & PrepFlags.INTERRUPT) != 0;
        long period = periods ? periodBytes : size;
        if (period <= 0) {
            throw new DmaException(Errno.EINVAL, "a period of %d bytes", periodBytes);
        }
        if (size % period != 0) {
            controller.warnOfUnevenPeriods(size, period);
        }
        checkReach(dma, size);
        long blockCount =
                size / period * blocksFor(period, slavePieceMax)
                        + blocksFor(size % period, slavePieceMax);
        if (blockCount > ControlBlocks.COUNT_MAX) {
            throw new DmaException(
                    Errno.EINVAL,
                    "%d control blocks, limit is %d",
                    blockCount,
                    ControlBlocks.COUNT_MAX);
        }
        Bcm2835Descriptor desc = newDescriptor(direction, (int) blockCount, Gfp.NOWAIT);
        desc.cyclic = true;
        int at = 0;
        for (long done = 0; done < size; done += period) {
            long length = Math.min(period, size - done);
            int last = periods ? at + blocksFor(length, slavePieceMax) - 1 : -1;
            at = fillSlave(desc, at, ti, dma + done, length, last);
        }
        link(desc, desc.blockCount - 1, 0);
        prepared(desc, flags);
        return desc;
    }

    // Running.

    @Linux(file = FILE, symbol = "bcm2835_dma_issue_pending")
    void issue() {
        boolean irqs = lock().lockIrqSave();
        if (issueSubmitted() && active == null && !paused) {
            startNext();
        }
        lock().unlockIrqRestore(irqs);
    }

    @Linux(file = FILE, symbol = "bcm2835_dma_tx_status")
    DmaStatus status(int cookie, @Nullable TxState state) {
        DmaStatus status = cookieStatus(cookie, state);
        if (status == DmaStatus.COMPLETE) {
            return status;
        }
        boolean irqs = lock().lockIrqSave();
        Bcm2835Descriptor current = active;
        if (current != null && current.cookie() == cookie) {
            if (state != null) {
                state.residue((int) residueOf(current));
            }
            if (failed) {
                status = DmaStatus.ERROR;
            } else if (paused) {
                status = DmaStatus.PAUSED;
            }
        } else if (state != null && findIssued(cookie) instanceof Bcm2835Descriptor waiting) {
            state.residue((int) waiting.size);
        }
        lock().unlockIrqRestore(irqs);
        return status;
    }

    void pauseTransfer() {
        boolean irqs = lock().lockIrqSave();
        if (!paused) {
            paused = true;
            if (active != null) {
                registers.writel(CS, 0);
            }
        }
        lock().unlockIrqRestore(irqs);
    }

    void resumeTransfer() {
        boolean irqs = lock().lockIrqSave();
        if (paused) {
            paused = false;
            if (active != null) {
                registers.writel(CS, Cs.ACTIVE.mask());
            } else {
                startNext();
            }
        }
        lock().unlockIrqRestore(irqs);
    }

    @Linux(file = FILE, symbol = "bcm2835_dma_terminate_all")
    void terminateAllDescriptors() {
        boolean irqs = lock().lockIrqSave();
        Bcm2835Descriptor current = active;
        if (current != null) {
            terminateActive(current);
            active = null;
            abort();
        }
        paused = false;
        failed = false;
        lock().unlockIrqRestore(irqs);
        dropAll();
    }

    @Linux(file = FILE, symbol = "bcm2835_dma_synchronize")
    void synchronizeCallbacks() {
        synchronizeVirtual();
    }

    @Linux(file = FILE, symbol = "bcm2835_dma_desc_free")
    @Override
    protected void release(VirtualDescriptor released) {
        Bcm2835Descriptor desc = (Bcm2835Descriptor) released;
        // No time passes here, so no interrupt comes in between: no lock.
        controlBlocks.give(desc.blocks, desc.blockCount);
        desc.blockCount = 0;
        desc.nextFree = free;
        free = desc;
    }

    @Linux(file = FILE, symbol = "bcm2835_dma_callback")
    private IrqReturn handleInterrupt() {
        int cs = registers.readl(CS);
        if (!Cs.INT.isSet(cs) && !Cs.ERROR.isSet(cs)) {
            return irqShared ? IrqReturn.NONE : IrqReturn.HANDLED;
        }
        boolean irqs = lock().lockIrqSave();
        Bcm2835Descriptor current = active;
        if (Cs.ERROR.isSet(cs) && halted(current)) {
            registers.writel(CS, Cs.RESET.mask());
            goOnAfter(current);
        } else {
            // The channel stays active for the rest of the chain; at its end this changes nothing.
            registers.writel(CS, paused ? Cs.INT.mask() : INTERRUPT_AND_RUN);
            if (current != null && current.cyclic) {
                periodElapsed(current);
            } else if (current != null && registers.readl(CONBLK_AD) == 0) {
                complete(current);
            }
        }
        lock().unlockIrqRestore(irqs);
        return IrqReturn.HANDLED;
    }

    private void complete(Bcm2835Descriptor desc) {
        completeActive(desc);
        active = null;
        if (!paused) {
            startNext();
        }
    }

    /**
     * Reads and clears the error flags; whether one of them has stopped the channel. BCM2835 ARM
     * Peripherals, section 4.4: a refused read stops it where it is, the others are recorded and
     * the transfer goes on. What it cannot write is lost without a word.
     */
    private boolean halted(@Nullable Bcm2835Descriptor current) {
        int debug = registers.readl(DEBUG);
        boolean halted = Debug.READ_ERROR.isSet(debug);
        if (halted) {
            controller.err(
                    "channel %d: cannot read dma:0x%08x, control block dma:0x%08x, DEBUG 0x%08x",
                    number, registers.readl(SOURCE_AD), registers.readl(CONBLK_AD), debug);
        } else {
            controller.err("channel %d: what was read may be wrong, DEBUG 0x%08x", number, debug);
        }
        if (current != null) {
            int residue = halted ? (int) residueOf(current) : 0;
            current.endedWith(TransferResult.READ_FAILED, residue);
        }
        registers.writel(DEBUG, debug & ERRORS);
        return halted;
    }

    /** What is queued behind the transfer that has failed goes on. */
    private void goOnAfter(@Nullable Bcm2835Descriptor current) {
        if (current != null && current.cyclic) {
            failed = true;
            periodElapsed(current);
        } else if (current != null) {
            complete(current);
        }
    }

    @Linux(file = FILE, symbol = "bcm2835_dma_start_desc")
    private void startNext() {
        Bcm2835Descriptor next = (Bcm2835Descriptor) takeIssued();
        active = next;
        if (next != null) {
            registers.writel(CONBLK_AD, controlBlocks.dma(next.blocks[0]));
            registers.writel(CS, Cs.ACTIVE.mask());
        }
    }

    /** BCM2835 ARM Peripherals, section 4.2.1.2: pause, let writes land, reset. */
    @Linux(file = FILE, symbol = "bcm2835_dma_abort")
    private void abort() {
        if (registers.readl(CONBLK_AD) == 0) {
            registers.writel(CS, Cs.INT.mask());
            return;
        }
        registers.writel(CS, 0);
        int polls = 0;
        while (Cs.WAITING_FOR_OUTSTANDING_WRITES.isSet(registers.readl(CS))) {
            if (++polls == ABORT_POLL_COUNT_MAX) {
                controller.err("failed to complete outstanding writes");
                break;
            }
        }
        registers.writel(CS, Cs.RESET.mask());
    }

    @Linux(file = FILE, symbol = "bcm2835_dma_desc_size_pos")
    private long residueOf(Bcm2835Descriptor desc) {
        int block = registers.readl(CONBLK_AD);
        int address = 0;
        for (int reads = 0; reads < POSITION_READ_COUNT_MAX; reads++) {
            address = registers.readl(desc.isCountedBySource() ? SOURCE_AD : DEST_AD);
            int before = block;
            block = registers.readl(CONBLK_AD);
            if (block == before) {
                break;
            }
        }
        int position = positionOf(desc, block);
        return position < 0 ? 0 : desc.residueFrom(position, address);
    }

    private int positionOf(Bcm2835Descriptor desc, int blockDma) {
        for (int i = 0; i < desc.blockCount; i++) {
            if (controlBlocks.dma(desc.blocks[i]) == blockDma) {
                return i;
            }
        }
        return -1;
    }

    // Control blocks.

    private int slaveInfo(String function, TransferDirection direction) {
        boolean fromDevice = direction == TransferDirection.DEV_TO_MEM;
        if (!direction.isSlave()) {
            controller.err(function + ": bad direction?");
        }
        if (!fromDevice && direction != TransferDirection.MEM_TO_DEV) {
            throw new DmaException(
                    Errno.EINVAL, "%s is neither to a device nor from one", direction.symbol());
        }
        BusWidth width = fromDevice ? config.sourceWidth() : config.destinationWidth();
        if (width != BusWidth.BYTES_4) {
            throw new DmaException(Errno.EINVAL, "FIFO of %s, wanted 4 bytes", width.symbol());
        }
        fifoDma =
                (int)
                        (fromDevice
                                ? readFifo.at(config.sourcePhys())
                                : writtenFifo.at(config.destinationPhys()));
        int words = fromDevice ? config.sourceBurstWords() : config.destinationBurstWords();
        int burst = Math.clamp(words, 1, BURST_WORDS_MAX);
        // Whole bursts in each block: a FIFO that waits for a burst's worth would not give a rest.
        slavePieceMax = lengthMax - lengthMax % (burst * WORD_BYTES);
        return Ti.BURST_LENGTH.with(
                Ti.PERMAP.with(fromDevice ? FROM_DEVICE : TO_DEVICE, dreq), burst - 1);
    }

    private static int blocksFor(long size, int pieceMax) {
        if (size > 0 && size <= pieceMax) {
            return 1; // the usual case, without a division
        }
        long count = (size + pieceMax - 1) / pieceMax;
        if (count > ControlBlocks.COUNT_MAX) {
            throw new DmaException(
                    Errno.EINVAL,
                    "%d bytes need %d control blocks, limit is %d",
                    size,
                    count,
                    ControlBlocks.COUNT_MAX);
        }
        return (int) count;
    }

    private static void checkReach(long dma, long size) {
        if (Long.compareUnsigned(dma, 0xffff_ffffL) > 0
                || Long.compareUnsigned(dma + size - 1, 0xffff_ffffL) > 0) {
            throw new DmaException(
                    Errno.EINVAL, "dma:0x%x, %d bytes: the controller has 32 bits", dma, size);
        }
    }

    private Bcm2835Descriptor newDescriptor(TransferDirection direction, int blockCount, Gfp gfp) {
        Bcm2835Descriptor desc = free;
        if (desc != null) {
            free = desc.nextFree;
            desc.nextFree = null;
        }
        if (desc == null) {
            desc = new Bcm2835Descriptor(this);
        }
        desc.blockCount = 0;
        desc.reserve(blockCount);
        try {
            controlBlocks.take(blockCount, desc.blocks, gfp);
        } catch (DmaException refusal) {
            release(desc);
            throw refusal;
        }
        desc.blockCount = blockCount;
        desc.size = 0;
        desc.direction = direction;
        desc.cyclic = false;
        return desc;
    }

    /** Fills blocks for one piece of memory; answers the position behind them. */
    private int fillSlave(
            Bcm2835Descriptor desc, int first, int ti, long dma, long size, int interruptAt) {
        int at = first;
        for (long done = 0; done < size; at++) {
            int length = (int) Math.min(size - done, slavePieceMax);
            int info = at == interruptAt ? ti | Ti.INTEN.mask() : ti;
            int memory = (int) (dma + done);
            if (desc.isCountedBySource()) {
                fill(desc, at, info, memory, fifoDma, length);
            } else {
                fill(desc, at, info, fifoDma, memory, length);
            }
            done += length;
        }
        return at;
    }

    private void fill(
            Bcm2835Descriptor desc, int at, int ti, int source, int destination, int length) {
        desc.starts[at] = desc.isCountedBySource() ? source : destination;
        desc.lengths[at] = length;
        desc.size += Integer.toUnsignedLong(length);
        long va = controlBlocks.va(desc.blocks[at]);
        controller.store(va, DmaControlBlock.TI, ti, source);
        controller.store(va, DmaControlBlock.DEST_AD, destination, length);
        link(desc, at, at + 1 < desc.blockCount ? at + 1 : -1);
    }

    private void link(Bcm2835Descriptor desc, int from, int to) {
        controller.store(
                controlBlocks.va(desc.blocks[from]),
                DmaControlBlock.STRIDE,
                0,
                to < 0 ? 0 : controlBlocks.dma(desc.blocks[to]));
    }
}
