package dmakit.kernel.drivers.xdmac;

import dmakit.datasheet.xdmac.XdmacChannelRegister;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Addressing;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cbc;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cc;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cis;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cnda;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cndc;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cubc;
import dmakit.datasheet.xdmac.XdmacDescriptor.Ubc;
import dmakit.datasheet.xdmac.XdmacRegister;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.InterleavedTemplate;
import dmakit.kernel.dmaengine.InterleavedTemplate.Chunk;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.irq.Tasklet;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.kernel.sync.SpinLock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One channel: writes lists of descriptors, starts the controller on one at a time, and ends them
 * in its tasklet.
 */
final class AtXdmacChannel extends Channel {
    private static final String FILE = "drivers/dma/at_xdmac.c";

    /** Descriptors a channel has from the start: {@code init_nr_desc_per_channel}. */
    private static final int LLD_COUNT_MIN = 64;

    /** Descriptors one channel may have. */
    static final int LLD_COUNT_MAX = 1 << 16;

    /** Most data of one microblock. */
    static final int MICROBLOCK_MAX = Cubc.UBLEN.mask();

    /** Most microblocks of one block. */
    static final int BLOCK_MAX = Cbc.BLEN.mask() + 1;

    /** Greatest and, negative, least gap between two microblocks. */
    private static final int STRIDE_MAX = (1 << 23) - 1;

    private static final int BURST_MAX = 16;
    private static final int WIDTH_MAX = 8;
    private static final int LG2_WIDTH_MAX = 3;
    private static final int RESIDUE_RETRY_COUNT_MAX = 5;
    private static final int NEXT_MASK = Cnda.NDA.mask();

    /** No peripheral's number: two channels of the same one would disturb each other. */
    private static final int NO_PERID = 0x7f;

    private static final int MBSIZE_16 = 3;
    private static final int MEMORY =
            Cc.PERID.of(NO_PERID)
                    | Cc.SAM.of(Addressing.INCREMENTED.ordinal())
                    | Cc.MBSIZE.of(MBSIZE_16);
    private static final int UPDATES = Ubc.NDEN.mask() | Ubc.NSEN.mask();
    private static final int ERRORS = Cis.RBEIS.mask() | Cis.WBEIS.mask() | Cis.ROIS.mask();

    // Fields of a device tree's request; include/dt-bindings/dma/at91.h.
    private static final int MEM_IF_SHIFT = 13;
    private static final int PER_IF_SHIFT = 14;
    private static final int PERID_SHIFT = 24;
    private static final int PERID_MASK = 0x7f;

    private final AtXdmac controller;
    private final DmaEngine engine;
    private final int number;
    private final Registers registers;
    private final SpinLock lock;
    private final Tasklet tasklet;
    private final Deque<AtXdmacTransfer> transfers = new ArrayDeque<>();
    private final List<Lld> all = new ArrayList<>();
    private final Deque<Lld> free = new ArrayDeque<>();
    private final SlaveFifo readFifo;
    private final SlaveFifo writtenFifo;
    private SlaveConfig config = SlaveConfig.NONE;
    private int memoryInterface;
    private int peripheralInterface;
    private int perid;
    private boolean cyclic;
    private boolean paused;

    /** Causes that the tasklet has not looked at. */
    private int causes;

    AtXdmacChannel(AtXdmac controller, DmaEngine engine, int number) {
        super(controller.device());
        this.controller = controller;
        this.engine = engine;
        this.number = number;
        registers = controller.registers();
        lock = engine.newLock("at_xdmac");
        tasklet = engine.newTasklet("at_xdmac", this::runTasklet);
        readFifo = new SlaveFifo(controller.mapping(), controller.dev(), DmaDirection.TO_DEVICE);
        writtenFifo =
                new SlaveFifo(controller.mapping(), controller.dev(), DmaDirection.FROM_DEVICE);
    }

    /** Its bit in the registers that channels share. */
    int bit() {
        return 1 << number;
    }

    void clearPending() {
        int polls = 0;
        while (read(XdmacChannelRegister.CIS) != 0 && polls < AtXdmac.POLL_COUNT_MAX) {
            polls++;
        }
    }

    /** Takes the request line of its client. */
    void wire(int cell) {
        memoryInterface = cell >>> MEM_IF_SHIFT & 1;
        peripheralInterface = cell >>> PER_IF_SHIFT & 1;
        perid = cell >>> PERID_SHIFT & PERID_MASK;
    }

    @Linux(file = FILE, symbol = "at_xdmac_alloc_chan_resources")
    void allocate() {
        if (isEnabled()) {
            err("can't allocate channel resources (channel enabled)");
            throw new DmaException(Errno.EIO, "%s runs without a client", controller.dev());
        }
        while (all.size() < LLD_COUNT_MIN) {
            grow(Gfp.KERNEL);
        }
    }

    /** When its last client is gone; what still ran stops. */
    @Linux(file = FILE, symbol = "at_xdmac_free_chan_resources")
    void freeResources() {
        terminate();
        for (Lld lld : all) {
            controller.pool().free(lld.memory);
        }
        all.clear();
        free.clear();
        readFifo.unmap();
        writtenFifo.unmap();
        config = SlaveConfig.NONE;
        perid = 0;
    }

    /** The controller goes, with or without a client. */
    void abandon() {
        tasklet.kill();
        freeResources();
    }

    @Linux(file = FILE, symbol = "at_xdmac_device_config")
    void configure(SlaveConfig newConfig) {
        if (newConfig.sourceBurstWords() > BURST_MAX
                || newConfig.destinationBurstWords() > BURST_MAX
                || newConfig.sourceWidth().bytes() > WIDTH_MAX
                || newConfig.destinationWidth().bytes() > WIDTH_MAX) {
            err("invalid slave configuration");
            throw new DmaException(Errno.EINVAL, "%s", newConfig);
        }
        config = newConfig;
    }

    // Preparing.

    @Linux(file = FILE, symbol = "at_xdmac_prep_dma_memcpy")
    Descriptor memcpy(long destinationDma, long sourceDma, long size, int flags) {
        checkSize(size);
        checkReach(destinationDma, size);
        checkReach(sourceDma, size);
        int configuration = MEMORY | Cc.DAM.of(Addressing.INCREMENTED.ordinal());
        AtXdmacTransfer transfer = new AtXdmacTransfer(this);
        int width = lg2Width(sourceDma | destinationDma);
        for (long done = 0; done < size; ) {
            long source = sourceDma + done;
            long dest = destinationDma + done;
            long piece = Math.min(size - done, (long) MICROBLOCK_MAX << width);
            width = lg2Width(source | dest | piece);
            Lld lld = take(transfer);
            lld.fill(
                    (int) source,
                    (int) dest,
                    Ubc.NVIEW.of(2) | UPDATES | (int) (piece >> width),
                    Cc.DWIDTH.with(configuration, width));
            transfer.append(lld);
            done += piece;
        }
        return prepared(transfer, size, flags);
    }

    @Linux(file = FILE, symbol = "at_xdmac_prep_dma_memset")
    Descriptor memset(long destinationDma, int value, long size, int flags) {
        checkSize(size);
        AtXdmacTransfer transfer = new AtXdmacTransfer(this);
        transfer.append(fill(transfer, destinationDma, size, value));
        return prepared(transfer, size, flags);
    }

    /**
     * Fills scattered memory. Entries of one length at one distance become microblocks of one
     * descriptor.
     */
    @Linux(file = FILE, symbol = "at_xdmac_prep_dma_memset_sg")
    Descriptor memsetSg(Scatterlist sgl, int count, int value, int flags) {
        AtXdmacTransfer transfer = new AtXdmacTransfer(this);
        long size = 0;
        long end = 0;
        long length = 0;
        int left = count;
        for (Scatterlist run = sgl; run != null && left > 0; run = run.next()) {
            for (int i = 0; i < run.count() && left > 0; i++, left--) {
                long dma = run.dmaAddress(i);
                long bytes = run.dmaLength(i);
                if (bytes != length || !joins(transfer, dma, dma - end)) {
                    transfer.append(fill(transfer, dma, bytes, value));
                }
                end = dma + bytes;
                length = bytes;
                size += bytes;
            }
        }
        checkComplete(count, left);
        return prepared(transfer, size, flags);
    }

    /** Lets the last descriptor fill one microblock more, if the chip can step there. */
    private static boolean joins(AtXdmacTransfer transfer, long dma, long gap) {
        if (transfer.list.isEmpty() || Math.abs(gap) > STRIDE_MAX) {
            return false;
        }
        Lld last = transfer.list.getLast();
        boolean sameStep = last.microblocksAfter == 0 || last.destStride == (int) gap;
        boolean aligned = lg2Width(dma) >= Cc.DWIDTH.get(last.configuration);
        if (!sameStep || !aligned || last.microblocksAfter + 1 >= BLOCK_MAX) {
            return false;
        }
        last.repeat(1, (int) gap);
        return true;
    }

    /**
     * A descriptor that fills. Linux chooses the width by the address alone, and then leaves the
     * last bytes of an odd length as they were.
     */
    @Linux(file = FILE, symbol = "at_xdmac_memset_create_desc")
    private Lld fill(AtXdmacTransfer transfer, long dma, long bytes, int value) {
        checkReach(dma, bytes);
        int width = lg2Width(dma | bytes);
        if (bytes >= (long) MICROBLOCK_MAX << width) {
            recycle(transfer);
            err("at_xdmac_memset_create_desc: Transfer too large, aborting...");
            throw new DmaException(Errno.EINVAL, "a fill of %d bytes", bytes);
        }
        int pattern = (value & 0xff) * 0x0101_0101;
        Lld lld = take(transfer);
        lld.fill(
                0,
                (int) dma,
                Ubc.NVIEW.of(3) | UPDATES | (int) (bytes >> width),
                MEMORY
                        | Cc.DAM.of(Addressing.MICROBLOCK_STRIDE.ordinal())
                        | Cc.MEMSET.mask()
                        | Cc.DWIDTH.of(width),
                pattern,
                0,
                0);
        return lld;
    }

    /** One block of a microblock per frame, or one descriptor per chunk of a single frame. */
    @Linux(file = FILE, symbol = "at_xdmac_prep_interleaved")
    Descriptor interleaved(InterleavedTemplate template, int flags) {
        List<Chunk> chunks = template.chunks();
        int frames = template.frameCount();
        if (frames == 0
                || chunks.isEmpty()
                || template.direction() != TransferDirection.MEM_TO_MEM
                || (frames > 1 && chunks.size() > 1)
                || frames > BLOCK_MAX) {
            throw new DmaException(
                    Errno.EINVAL,
                    "%d frames of %d chunks, %s",
                    frames,
                    chunks.size(),
                    template.direction().symbol());
        }
        AtXdmacTransfer transfer = new AtXdmacTransfer(this);
        long source = template.sourceStart();
        long dest = template.destinationStart();
        for (Chunk chunk : chunks) {
            transfer.append(chunk(transfer, template, chunk, source, dest));
            source += template.sourceInc() ? chunk.size() + template.sourceGap(chunk) : 0;
            dest += template.destinationInc() ? chunk.size() + template.destinationGap(chunk) : 0;
        }
        if (frames > 1) {
            transfer.first().repeat(frames - 1, transfer.first().destStride);
        }
        return prepared(transfer, template.bytes(), flags);
    }

    @Linux(file = FILE, symbol = "at_xdmac_interleaved_queue_desc")
    private Lld chunk(
            AtXdmacTransfer transfer,
            InterleavedTemplate template,
            Chunk chunk,
            long source,
            long dest) {
        long sourceGap = template.sourceGap(chunk);
        long destGap = template.destinationGap(chunk);
        // The gaps count as well: the next microblock starts behind them.
        int width = lg2Width(source | dest | chunk.size() | sourceGap | destGap);
        if (chunk.size() <= 0
                || chunk.size() >= (long) MICROBLOCK_MAX << width
                || Math.abs(sourceGap) > STRIDE_MAX
                || Math.abs(destGap) > STRIDE_MAX) {
            recycle(transfer);
            throw new DmaException(
                    Errno.EINVAL,
                    "a chunk of %d bytes with gaps of %d and %d",
                    chunk.size(),
                    sourceGap,
                    destGap);
        }
        Lld lld = take(transfer);
        lld.fill(
                (int) source,
                (int) dest,
                Ubc.NVIEW.of(3) | UPDATES | (int) (chunk.size() >> width),
                Cc.PERID.of(NO_PERID)
                        | Cc.MBSIZE.of(MBSIZE_16)
                        | Cc.SAM.of(addressing(template.sourceInc(), sourceGap).ordinal())
                        | Cc.DAM.of(addressing(template.destinationInc(), destGap).ordinal())
                        | Cc.DWIDTH.of(width),
                0,
                (int) sourceGap,
                (int) destGap);
        return lld;
    }

    private static Addressing addressing(boolean advances, long gap) {
        if (!advances) {
            return Addressing.FIXED;
        }
        return gap == 0 ? Addressing.INCREMENTED : Addressing.MICROBLOCK_STRIDE;
    }

    @Linux(file = FILE, symbol = "at_xdmac_prep_slave_sg")
    Descriptor slaveSg(Scatterlist sgl, int count, TransferDirection direction, int flags) {
        int configuration = slaveConfiguration(direction);
        int fifo = fifo(direction);
        AtXdmacTransfer transfer = new AtXdmacTransfer(this);
        long size = 0;
        int left = count;
        for (Scatterlist run = sgl; run != null && left > 0; run = run.next()) {
            for (int i = 0; i < run.count() && left > 0; i++, left--) {
                long bytes = run.dmaLength(i);
                if (bytes == 0) {
                    recycle(transfer);
                    err("sg data length is zero");
                    throw new DmaException(Errno.EINVAL, "entry %d is empty", count - left);
                }
                checkReach(run.dmaAddress(i), bytes);
                int width = Cc.DWIDTH.get(configuration);
                int fitting = Long.numberOfTrailingZeros(bytes) >= width ? width : 0;
                slavePiece(
                        transfer,
                        direction,
                        fifo,
                        run.dmaAddress(i),
                        bytes,
                        Cc.DWIDTH.with(configuration, fitting),
                        2);
                size += bytes;
            }
        }
        checkComplete(count, left);
        return prepared(transfer, size, flags);
    }

    @Linux(file = FILE, symbol = "at_xdmac_prep_dma_cyclic")
    Descriptor cyclic(
            long dma, long size, long periodBytes, TransferDirection direction, int flags) {
        if (!direction.isSlave()) {
            err("invalid DMA direction");
            throw new DmaException(Errno.EINVAL, "%s is no slave's", direction.symbol());
        }
        if (cyclic) {
            err("channel currently used");
            throw new DmaException(Errno.EINVAL, "%s goes around a ring already", name());
        }
        if (periodBytes <= 0 || size < periodBytes) {
            throw new DmaException(
                    Errno.EINVAL, "a ring of %d bytes in periods of %d", size, periodBytes);
        }
        checkReach(dma, size);
        int configuration = slaveConfiguration(direction);
        int fifo = fifo(direction);
        AtXdmacTransfer transfer = new AtXdmacTransfer(this);
        for (long done = 0; done + periodBytes <= size; done += periodBytes) {
            slavePiece(transfer, direction, fifo, dma + done, periodBytes, configuration, 1);
        }
        transfer.list.getLast().chain(transfer.first());
        transfer.cyclic = true;
        cyclic = true;
        return prepared(transfer, size, flags);
    }

    private void slavePiece(
            AtXdmacTransfer transfer,
            TransferDirection direction,
            int fifo,
            long dma,
            long bytes,
            int configuration,
            int view) {
        long data = bytes >> Cc.DWIDTH.get(configuration);
        if (data > MICROBLOCK_MAX) {
            recycle(transfer);
            throw new DmaException(
                    Errno.EINVAL, "%d data at once, a microblock has %d", data, MICROBLOCK_MAX);
        }
        boolean fromDevice = direction == TransferDirection.DEV_TO_MEM;
        Lld lld = take(transfer);
        lld.fill(
                fromDevice ? fifo : (int) dma,
                fromDevice ? (int) dma : fifo,
                Ubc.NVIEW.of(view) | UPDATES | (int) data,
                configuration);
        transfer.append(lld);
    }

    @Linux(file = FILE, symbol = "at_xdmac_compute_chan_conf")
    private int slaveConfiguration(TransferDirection direction) {
        boolean fromDevice = direction == TransferDirection.DEV_TO_MEM;
        if (!fromDevice && direction != TransferDirection.MEM_TO_DEV) {
            err("invalid DMA direction");
            throw new DmaException(
                    Errno.EINVAL, "%s is neither to a device nor from one", direction.symbol());
        }
        int burst = fromDevice ? config.sourceBurstWords() : config.destinationBurstWords();
        if (burst == 0) {
            err("invalid src maxburst value");
            throw new DmaException(Errno.EINVAL, "a burst of 0 words");
        }
        BusWidth width = fromDevice ? config.sourceWidth() : config.destinationWidth();
        if (width == BusWidth.UNDEFINED) {
            err(fromDevice ? "invalid src addr width value" : "invalid dst addr width value");
            throw new DmaException(Errno.EINVAL, "a FIFO without width");
        }
        int value =
                Cc.PERID.of(perid)
                        | Cc.MBSIZE.of(MBSIZE_16)
                        | Cc.TYPE.mask()
                        | Cc.CSIZE.of(Integer.numberOfTrailingZeros(burst))
                        | Cc.DWIDTH.of(Integer.numberOfTrailingZeros(width.bytes()));
        if (registers.layout().hasInterfaces()) {
            value |= Cc.DIF.of(fromDevice ? memoryInterface : peripheralInterface);
            value |= Cc.SIF.of(fromDevice ? peripheralInterface : memoryInterface);
        }
        int advances = Addressing.INCREMENTED.ordinal();
        return fromDevice
                ? value | Cc.DAM.of(advances)
                : value | Cc.SAM.of(advances) | Cc.DSYNC.mask();
    }

    private int fifo(TransferDirection direction) {
        return direction == TransferDirection.DEV_TO_MEM
                ? readFifo.at(config.sourcePhys())
                : writtenFifo.at(config.destinationPhys());
    }

    /** The widest datum that an address or a length is a multiple of, as a shift. */
    @Linux(file = FILE, symbol = "at_xdmac_align_width")
    private static int lg2Width(long addressesAndLength) {
        return Math.min(Long.numberOfTrailingZeros(addressesAndLength), LG2_WIDTH_MAX);
    }

    private static void checkSize(long size) {
        if (size <= 0) {
            throw new DmaException(Errno.EINVAL, "a transfer of %d bytes", size);
        }
    }

    private static void checkComplete(int count, int left) {
        if (count <= 0 || left > 0) {
            throw new DmaException(
                    Errno.EINVAL, "a list of %d entries lacks %d, or is empty", count, left);
        }
    }

    private static void checkReach(long dma, long size) {
        if (Long.compareUnsigned(dma, 0xffff_ffffL) > 0
                || Long.compareUnsigned(dma + size - 1, 0xffff_ffffL) > 0) {
            throw new DmaException(
                    Errno.EINVAL, "dma:0x%x, %d bytes: the controller has 32 bits", dma, size);
        }
    }

    private AtXdmacTransfer prepared(AtXdmacTransfer transfer, long size, int flags) {
        transfer.size = size;
        transfer.prepared(flags);
        return transfer;
    }

    // Descriptors in memory.

    @Linux(file = FILE, symbol = "at_xdmac_get_desc")
    private Lld take(AtXdmacTransfer transfer) {
        if (free.isEmpty()) {
            try {
                grow(Gfp.NOWAIT);
            } catch (DmaException refusal) {
                recycle(transfer);
                err("can't get descriptor");
                throw refusal;
            }
        }
        return free.removeFirst();
    }

    @Linux(file = FILE, symbol = "at_xdmac_alloc_desc")
    private void grow(Gfp gfp) {
        if (all.size() == LLD_COUNT_MAX) {
            throw new DmaException(
                    Errno.ENOMEM, "a channel has at most %d descriptors", LLD_COUNT_MAX);
        }
        Lld lld = new Lld(controller.cpu(), controller.pool().alloc(gfp));
        all.add(lld);
        free.addLast(lld);
    }

    /** Gives the descriptors of a transfer back. */
    void recycle(AtXdmacTransfer transfer) {
        free.addAll(transfer.list);
        transfer.list.clear();
    }

    // Running.

    @Linux(file = FILE, symbol = "at_xdmac_tx_submit")
    int submitted(AtXdmacTransfer transfer) {
        boolean irqs = lock.lockIrqSave();
        int cookie = transfer.assign();
        transfers.addLast(transfer);
        lock.unlockIrqRestore(irqs);
        return cookie;
    }

    @Linux(file = FILE, symbol = "at_xdmac_issue_pending")
    void issue() {
        boolean irqs = lock.lockIrqSave();
        advance();
        lock.unlockIrqRestore(irqs);
    }

    /** Starts the next transfer if the channel has none. Lock held. */
    @Linux(file = FILE, symbol = "at_xdmac_advance_work")
    private void advance() {
        AtXdmacTransfer head = transfers.peekFirst();
        if (head != null && !head.active && !controller.isLeaving() && !isEnabled()) {
            start(head);
        }
    }

    @Linux(file = FILE, symbol = "at_xdmac_chan_is_enabled")
    private boolean isEnabled() {
        return (registers.read(XdmacRegister.GS) & bit()) != 0;
    }

    @Linux(file = FILE, symbol = "at_xdmac_start_xfer")
    private void start(AtXdmacTransfer transfer) {
        transfer.active = true;
        Lld first = transfer.first();
        int address = first.dma() & NEXT_MASK;
        if (registers.layout().hasInterfaces()) {
            address |= Cnda.NDAIF.of(memoryInterface);
        }
        write(XdmacChannelRegister.CNDA, address);
        // A ring has one configuration for all; other lists bring theirs. PROT is never loaded.
        write(XdmacChannelRegister.CC, first.configuration);
        write(
                XdmacChannelRegister.CNDC,
                Cndc.NDVIEW.of(Ubc.NVIEW.get(first.ubc))
                        | Cndc.NDDUP.mask()
                        | Cndc.NDSUP.mask()
                        | Cndc.NDE.mask());
        write(XdmacChannelRegister.CID, -1);
        int wanted = Cis.RBEIS.mask() | Cis.WBEIS.mask();
        if (Cc.TYPE.isSet(first.configuration)) {
            wanted |= Cis.ROIS.mask();
        }
        wanted |= transfer.cyclic ? Cis.BIS.mask() : Cis.LIS.mask();
        write(XdmacChannelRegister.CIE, wanted);
        registers.write(XdmacRegister.GIE, bit());
        registers.barrier();
        registers.write(XdmacRegister.GE, bit());
    }

    /** The controller interrupts for this channel. */
    void interrupted() {
        int mask = read(XdmacChannelRegister.CIM);
        note(read(XdmacChannelRegister.CIS) & mask);
        tasklet.schedule();
    }

    /** Causes are lost in the register once they are read. */
    private void note(int seen) {
        causes |= seen;
        if ((seen & (Cis.RBEIS.mask() | Cis.WBEIS.mask())) != 0) {
            registers.write(XdmacRegister.GD, bit());
        }
    }

    @Linux(file = FILE, symbol = "at_xdmac_tasklet")
    private void runTasklet() {
        boolean irqs = lock.lockIrqSave();
        int seen = causes;
        causes = 0;
        AtXdmacTransfer head = transfers.peekFirst();
        if (cyclic) {
            lock.unlockIrqRestore(irqs);
            if (head != null && seen != 0) {
                head.callBack();
            }
            return;
        }
        if ((seen & (Cis.LIS.mask() | ERRORS)) == 0) {
            lock.unlockIrqRestore(irqs);
            return;
        }
        if ((seen & ERRORS) != 0) {
            handleError(seen);
        }
        if (head == null || !head.active) {
            lock.unlockIrqRestore(irqs); // terminated meanwhile
            return;
        }
        head.complete();
        transfers.removeFirst();
        lock.unlockIrqRestore(irqs);
        head.callBack();
        engine.runDependencies(head);
        irqs = lock.lockIrqSave();
        recycle(head);
        advance();
        lock.unlockIrqRestore(irqs);
    }

    /** There is no way to report it: the transfer counts as complete. */
    @Linux(file = FILE, symbol = "at_xdmac_handle_error")
    private void handleError(int seen) {
        if (Cis.RBEIS.isSet(seen)) {
            err("read bus error!!!");
        }
        if (Cis.WBEIS.isSet(seen)) {
            err("write bus error!!!");
        }
        if (Cis.ROIS.isSet(seen)) {
            err("request overflow error!!!");
        }
        disable();
    }

    private void disable() {
        registers.write(XdmacRegister.GD, bit());
        controller.awaitDisabled(bit());
    }

    /** The residue is that of the transfer that runs, whatever cookie is asked for. */
    @Linux(file = FILE, symbol = "at_xdmac_tx_status")
    DmaStatus status(int cookie, @Nullable TxState state) {
        DmaStatus status = cookieStatus(cookie, state);
        if (status == DmaStatus.COMPLETE || state == null || controller.isLeaving()) {
            return status;
        }
        boolean irqs = lock.lockIrqSave();
        AtXdmacTransfer head = transfers.peekFirst();
        if (head != null && !head.active) {
            state.residue((int) head.size);
        } else if (head != null) {
            Optional<Integer> residue = residueOf(head);
            residue.ifPresent(state::residue);
            status = residue.isPresent() ? status : DmaStatus.ERROR;
        }
        lock.unlockIrqRestore(irqs);
        return status;
    }

    /**
     * Bytes that a running transfer has left, read until address and count belong together; nothing
     * when they never do.
     */
    private Optional<Integer> residueOf(AtXdmacTransfer transfer) {
        if (transfer.comesFromDevice()) {
            flush();
        }
        for (int retry = 0; retry < RESIDUE_RETRY_COUNT_MAX; retry++) {
            int before = read(XdmacChannelRegister.CNDA) & NEXT_MASK;
            int data = read(XdmacChannelRegister.CUBC) & Cubc.UBLEN.mask();
            int microblocks = read(XdmacChannelRegister.CBC) & Cbc.BLEN.mask();
            boolean loaded = Cc.INITD.isSet(read(XdmacChannelRegister.CC));
            int after = read(XdmacChannelRegister.CNDA) & NEXT_MASK;
            if (before == after && loaded) {
                if (transfer.comesFromDevice()) {
                    flush();
                }
                return Optional.of((int) transfer.residue(after, data, microblocks));
            }
        }
        return Optional.empty();
    }

    /** What has been read is in memory afterwards. Causes read on the way are kept. */
    private void flush() {
        registers.write(XdmacRegister.GSWF, bit());
        int mask = read(XdmacChannelRegister.CIM);
        for (int polls = 0; polls < AtXdmac.POLL_COUNT_MAX; polls++) {
            int seen = read(XdmacChannelRegister.CIS);
            if ((seen & mask) != 0) {
                note(seen & mask);
                tasklet.schedule();
            }
            if (Cis.FIS.isSet(seen)) {
                return;
            }
        }
    }

    @Linux(file = FILE, symbol = "at_xdmac_device_pause")
    void pauseTransfer() {
        if (paused || controller.isLeaving()) {
            return;
        }
        paused = true;
        boolean irqs = lock.lockIrqSave();
        registers.write(XdmacRegister.GRWS, bit());
        int onBus = Cc.WRIP.mask() | Cc.RDIP.mask();
        for (int polls = 0; polls < AtXdmac.POLL_COUNT_MAX; polls++) {
            if ((read(XdmacChannelRegister.CC) & onBus) == 0) {
                break;
            }
        }
        lock.unlockIrqRestore(irqs);
    }

    @Linux(file = FILE, symbol = "at_xdmac_device_resume")
    void resumeTransfer() {
        boolean irqs = lock.lockIrqSave();
        if (paused && !controller.isLeaving()) {
            registers.write(XdmacRegister.GRWR, bit());
            paused = false;
        }
        lock.unlockIrqRestore(irqs);
    }

    @Linux(file = FILE, symbol = "at_xdmac_device_terminate_all")
    void terminate() {
        boolean irqs = lock.lockIrqSave();
        if (!controller.isLeaving()) {
            disable();
        }
        while (!transfers.isEmpty()) {
            recycle(transfers.removeFirst());
        }
        causes = 0;
        paused = false;
        cyclic = false;
        lock.unlockIrqRestore(irqs);
    }

    /** Linux's driver does not wait, and may call back after a client has synchronized. */
    void finishCallbacks() {
        tasklet.kill();
    }

    private int read(XdmacChannelRegister register) {
        return registers.read(number, register);
    }

    private void write(XdmacChannelRegister register, int value) {
        registers.write(number, register, value);
    }

    private void err(String format, Object... values) {
        controller.log().err("dma " + name() + ": " + format, values);
    }
}
