package dmakit.kernel.drivers.axidmac;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.dmaengine.InterleavedTemplate;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.scatterlist.Scatterlist;
import java.util.ArrayList;
import java.util.List;

/** Cuts what clients want to move into what one core moves as one, or refuses it. */
final class Pieces {
    private static final String FILE = "drivers/dma/dma-axi-dmac.c";

    /** Pieces one transfer may have. */
    static final int COUNT_MAX = 1 << 16;

    /** What Linux's driver looks for in the flags of interleaved transfers, bit by bit. */
    static final int CYCLIC_TAKEN_FOR_A_FLAG = TransactionType.CYCLIC.ordinal();

    private final Core core;

    Pieces(Core core) {
        this.core = core;
    }

    /** Of a list. */
    List<Piece> list(Scatterlist sgl, int count, TransferDirection direction) {
        checkDirection(direction);
        List<Piece> pieces = new ArrayList<>();
        int left = count;
        for (Scatterlist run = sgl; run != null && left > 0; run = run.next()) {
            for (int i = 0; i < run.count() && left > 0; i++, left--) {
                cut(pieces, run.dmaAddress(i), run.dmaLength(i));
            }
        }
        if (left > 0 || pieces.isEmpty()) {
            throw new DmaException(
                    Errno.EINVAL, "a list of %d entries lacks %d, or is empty", count, left);
        }
        return pieces;
    }

    /** Of pieces of memory. */
    List<Piece> vector(long[] dmas, long[] sizes, TransferDirection direction) {
        checkDirection(direction);
        List<Piece> pieces = new ArrayList<>();
        for (int i = 0; i < dmas.length; i++) {
            cut(pieces, dmas[i], sizes[i]);
        }
        return pieces;
    }

    /** Of the periods of a ring. */
    List<Piece> ring(long dma, long size, long periodBytes, TransferDirection direction) {
        checkDirection(direction);
        checkLength(size);
        if (periodBytes <= 0 || size % periodBytes != 0) {
            throw new DmaException(
                    Errno.EINVAL, "a ring of %d bytes, periods of %d", size, periodBytes);
        }
        List<Piece> pieces = new ArrayList<>();
        checkAddress(dma);
        for (long done = 0; done < size; done += periodBytes) {
            split(pieces, dma + done, periodBytes);
        }
        return pieces;
    }

    /** Of rows, which the core moves as one. */
    Piece rows(InterleavedTemplate template) {
        if (template.chunks().size() != 1) {
            throw new DmaException(
                    Errno.EINVAL, "frames of %d chunks, wanted one", template.chunks().size());
        }
        if (template.direction() != core.direction()) {
            throw refused(template.direction());
        }
        InterleavedTemplate.Chunk chunk = template.chunks().getFirst();
        checkSide(core.source().isMemory(), template.sourceInc(), template.sourceStart());
        checkSide(
                core.destination().isMemory(),
                template.destinationInc(),
                template.destinationStart());
        long sourceStride = chunk.size() + template.sourceGap(chunk);
        long destinationStride = chunk.size() + template.destinationGap(chunk);
        checkLength(chunk.size());
        int rows = template.frameCount();
        Piece piece = new Piece();
        if (core.source().isMemory()) {
            piece.source = template.sourceStart();
            piece.sourceStride = (int) sourceStride;
        }
        if (core.destination().isMemory()) {
            piece.destination = template.destinationStart();
            piece.destinationStride = (int) destinationStride;
        }
        boolean fits =
                core.rectangles()
                        ? Math.max(sourceStride, destinationStride) <= core.lengthMax()
                        : sourceStride == chunk.size()
                                && destinationStride == chunk.size()
                                && core.lengthMax() / chunk.size() >= rows;
        if (!fits || rows == 0) {
            throw new DmaException(
                    Errno.EINVAL,
                    "%d rows of %d bytes, %d and %d apart: the core has %s, of %d bytes at most",
                    rows,
                    chunk.size(),
                    sourceStride,
                    destinationStride,
                    core.rectangles() ? "rows" : "one row",
                    core.lengthMax());
        }
        piece.rowBytes = core.rectangles() ? chunk.size() : chunk.size() * rows;
        piece.rows = core.rectangles() ? rows : 1;
        return piece;
    }

    private void cut(List<Piece> pieces, long dma, long size) {
        checkAddress(dma);
        checkLength(size);
        split(pieces, dma, size);
    }

    /** Cuts memory into pieces of one size, as few as the core can do it with. */
    @Linux(file = FILE, symbol = "axi_dmac_fill_linear_sg")
    private void split(List<Piece> pieces, long dma, long size) {
        long count = (size + core.lengthMax() - 1) / core.lengthMax();
        long length = ((size + count - 1) / count - 1 | core.lengthAlignMask()) + 1;
        if (pieces.size() + count > COUNT_MAX) {
            throw new DmaException(
                    Errno.ENOMEM, "more than %d pieces of %d bytes", COUNT_MAX, length);
        }
        for (long done = 0; done < size; done += length) {
            Piece piece = new Piece();
            if (core.destination().isMemory()) {
                piece.destination = dma + done;
            } else {
                piece.source = dma + done;
            }
            piece.rowBytes = Math.min(length, size - done);
            pieces.add(piece);
        }
    }

    /** One end has to be a stream: lists and rings have the addresses of one. */
    private void checkDirection(TransferDirection direction) {
        if (direction != core.direction() || !direction.isSlave()) {
            throw refused(direction);
        }
    }

    private DmaException refused(TransferDirection direction) {
        return new DmaException(
                Errno.EINVAL, "%s of a core for %s", direction.symbol(), core.direction().symbol());
    }

    private void checkSide(boolean isMemory, boolean goesOn, long dma) {
        if (isMemory && !goesOn) {
            throw new DmaException(Errno.EINVAL, "dma:0x%x would stay where it is", dma);
        }
        if (isMemory) {
            checkAddress(dma);
        }
    }

    @Linux(file = FILE, symbol = "axi_dmac_check_addr")
    private void checkAddress(long dma) {
        if ((dma & core.addressAlignMask()) != 0) {
            throw new DmaException(
                    Errno.EINVAL,
                    "dma:0x%x, wanted a multiple of %d",
                    dma,
                    core.addressAlignMask() + 1);
        }
    }

    @Linux(file = FILE, symbol = "axi_dmac_check_len")
    private void checkLength(long size) {
        if (size <= 0 || (size & core.lengthAlignMask()) != 0) {
            throw new DmaException(
                    Errno.EINVAL,
                    "%d bytes, wanted a multiple of %d",
                    size,
                    core.lengthAlignMask() + 1);
        }
    }
}
