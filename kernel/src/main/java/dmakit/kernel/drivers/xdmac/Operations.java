package dmakit.kernel.drivers.xdmac;

import dmakit.datasheet.xdmac.XdmacChannelRegister.Addressing;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cbc;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cc;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cubc;
import dmakit.datasheet.xdmac.XdmacDescriptor.Ubc;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.dma.DmaDirection;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.InterleavedTemplate;
import dmakit.kernel.dmaengine.InterleavedTemplate.Chunk;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.scatterlist.Scatterlist;
import java.util.List;

/** What clients may ask of a channel, as lists of descriptors. */
final class Operations {
    private static final String FILE = "drivers/dma/at_xdmac.c";

    /** Most data of one microblock. */
    static final int MICROBLOCK_MAX = Cubc.UBLEN.mask();

    /** Most microblocks of one block. */
    static final int BLOCK_MAX = Cbc.BLEN.mask() + 1;

    /** Greatest and, negative, least gap between two microblocks. */
    private static final int STRIDE_MAX = (1 << 23) - 1;

    private static final int BURST_MAX = 16;
    private static final int WIDTH_MAX = 8;
    private static final int LG2_WIDTH_MAX = 3;

    /** No peripheral's number: two channels of the same one would disturb each other. */
    private static final int NO_PERID = 0x7f;

    private static final int MBSIZE_16 = 3;
    private static final int MEMORY =
            Cc.PERID.of(NO_PERID)
                    | Cc.SAM.of(Addressing.INCREMENTED.ordinal())
                    | Cc.MBSIZE.of(MBSIZE_16);
    private static final int UPDATES = Ubc.NDEN.mask() | Ubc.NSEN.mask();

    // Fields of a device tree's request; include/dt-bindings/dma/at91.h.
    private static final int MEM_IF_SHIFT = 13;
    private static final int PER_IF_SHIFT = 14;
    private static final int PERID_SHIFT = 24;
    private static final int PERID_MASK = 0x7f;

    private final AtXdmac controller;
    private final AtXdmacChannel channel;
    private final SlaveFifo readFifo;
    private final SlaveFifo writtenFifo;
    private SlaveConfig config = SlaveConfig.NONE;
    private int memoryInterface;
    private int peripheralInterface;
    private int perid;

    Operations(AtXdmac controller, AtXdmacChannel channel) {
        this.controller = controller;
        this.channel = channel;
        readFifo = new SlaveFifo(controller.mapping(), controller.dev(), DmaDirection.TO_DEVICE);
        writtenFifo =
                new SlaveFifo(controller.mapping(), controller.dev(), DmaDirection.FROM_DEVICE);
    }

    /** The last client is gone. */
    void forgetClient() {
        readFifo.unmap();
        writtenFifo.unmap();
        config = SlaveConfig.NONE;
        perid = 0;
    }

    int memoryInterface() {
        return memoryInterface;
    }

    /** Takes the request line of its client. */
    void wire(int cell) {
        memoryInterface = cell >>> MEM_IF_SHIFT & 1;
        peripheralInterface = cell >>> PER_IF_SHIFT & 1;
        perid = cell >>> PERID_SHIFT & PERID_MASK;
    }

    @Linux(file = FILE, symbol = "at_xdmac_device_config")
    void configure(SlaveConfig newConfig) {
        if (newConfig.sourceBurstWords() > BURST_MAX
                || newConfig.destinationBurstWords() > BURST_MAX
                || newConfig.sourceWidth().bytes() > WIDTH_MAX
                || newConfig.destinationWidth().bytes() > WIDTH_MAX) {
            channel.err("invalid slave configuration");
            throw new DmaException(Errno.EINVAL, "%s", newConfig);
        }
        config = newConfig;
    }

    @Linux(file = FILE, symbol = "at_xdmac_prep_dma_memcpy")
    Descriptor memcpy(long destinationDma, long sourceDma, long size, int flags) {
        checkSize(size);
        checkReach(destinationDma, size);
        checkReach(sourceDma, size);
        int configuration = MEMORY | Cc.DAM.of(Addressing.INCREMENTED.ordinal());
        AtXdmacTransfer transfer = new AtXdmacTransfer(channel);
        int width = lg2Width(sourceDma | destinationDma);
        for (long done = 0; done < size; ) {
            long source = sourceDma + done;
            long dest = destinationDma + done;
            long piece = Math.min(size - done, (long) MICROBLOCK_MAX << width);
            width = lg2Width(source | dest | piece);
            Lld lld = channel.take(transfer);
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
        AtXdmacTransfer transfer = new AtXdmacTransfer(channel);
        transfer.append(fill(transfer, destinationDma, size, value));
        return prepared(transfer, size, flags);
    }

    /**
     * Fills scattered memory. Entries of one length at one distance become microblocks of one
     * descriptor.
     */
    @Linux(file = FILE, symbol = "at_xdmac_prep_dma_memset_sg")
    Descriptor memsetSg(Scatterlist sgl, int count, int value, int flags) {
        AtXdmacTransfer transfer = new AtXdmacTransfer(channel);
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
            channel.recycle(transfer);
            channel.err("at_xdmac_memset_create_desc: Transfer too large, aborting...");
            throw new DmaException(Errno.EINVAL, "a fill of %d bytes", bytes);
        }
        int pattern = (value & 0xff) * 0x0101_0101;
        Lld lld = channel.take(transfer);
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
        AtXdmacTransfer transfer = new AtXdmacTransfer(channel);
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
            channel.recycle(transfer);
            throw new DmaException(
                    Errno.EINVAL,
                    "a chunk of %d bytes with gaps of %d and %d",
                    chunk.size(),
                    sourceGap,
                    destGap);
        }
        Lld lld = channel.take(transfer);
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
        AtXdmacTransfer transfer = new AtXdmacTransfer(channel);
        long size = 0;
        int left = count;
        for (Scatterlist run = sgl; run != null && left > 0; run = run.next()) {
            for (int i = 0; i < run.count() && left > 0; i++, left--) {
                long bytes = run.dmaLength(i);
                if (bytes == 0) {
                    channel.recycle(transfer);
                    channel.err("sg data length is zero");
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
            channel.err("invalid DMA direction");
            throw new DmaException(Errno.EINVAL, "%s is no slave's", direction.symbol());
        }
        if (channel.isCyclic()) {
            channel.err("channel currently used");
            throw new DmaException(Errno.EINVAL, "%s goes around a ring already", channel.name());
        }
        if (periodBytes <= 0 || size < periodBytes) {
            throw new DmaException(
                    Errno.EINVAL, "a ring of %d bytes in periods of %d", size, periodBytes);
        }
        checkReach(dma, size);
        int configuration = slaveConfiguration(direction);
        int fifo = fifo(direction);
        AtXdmacTransfer transfer = new AtXdmacTransfer(channel);
        for (long done = 0; done + periodBytes <= size; done += periodBytes) {
            slavePiece(transfer, direction, fifo, dma + done, periodBytes, configuration, 1);
        }
        transfer.list.getLast().chain(transfer.first());
        transfer.cyclic = true;
        channel.beginCyclic();
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
            channel.recycle(transfer);
            throw new DmaException(
                    Errno.EINVAL, "%d data at once, a microblock has %d", data, MICROBLOCK_MAX);
        }
        boolean fromDevice = direction == TransferDirection.DEV_TO_MEM;
        Lld lld = channel.take(transfer);
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
            channel.err("invalid DMA direction");
            throw new DmaException(
                    Errno.EINVAL, "%s is neither to a device nor from one", direction.symbol());
        }
        int burst = fromDevice ? config.sourceBurstWords() : config.destinationBurstWords();
        if (burst == 0) {
            channel.err("invalid src maxburst value");
            throw new DmaException(Errno.EINVAL, "a burst of 0 words");
        }
        BusWidth width = fromDevice ? config.sourceWidth() : config.destinationWidth();
        if (width == BusWidth.UNDEFINED) {
            channel.err(
                    fromDevice ? "invalid src addr width value" : "invalid dst addr width value");
            throw new DmaException(Errno.EINVAL, "a FIFO without width");
        }
        int value =
                Cc.PERID.of(perid)
                        | Cc.MBSIZE.of(MBSIZE_16)
                        | Cc.TYPE.mask()
                        | Cc.CSIZE.of(Integer.numberOfTrailingZeros(burst))
                        | Cc.DWIDTH.of(Integer.numberOfTrailingZeros(width.bytes()));
        if (controller.registers().layout().hasInterfaces()) {
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
}
