package dmakit.kernel.drivers.ioat;

import dmakit.datasheet.ioat.IoatDescriptor.Control;
import dmakit.kernel.Linux;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.mapping.DmaPool;
import dmakit.kernel.mm.Gfp;

/** Writes operations into a ring; {@code IoatDescriptor} says what goes where. */
final class RingWriter {
    /** A null descriptor's size; 0 would be an error. */
    static final int NULL_SIZE = 1;

    private static final String PREP = "drivers/dma/ioat/prep.c";
    private static final int IS_NULL = Control.SRC_CNT.of(1);

    // Words of a descriptor; of its second one from 8 on.
    private static final int FIRST_SOURCE = 1;
    private static final int DESTINATION = 2;
    private static final int SED = 5;
    private static final int COEFFICIENTS = 6;
    private static final int Q = 7;
    private static final int WORDS = 8;
    private static final int[] XOR_WORDS = {1, 4, 5, 6, 7, 8, 9, 10};
    private static final int[] PQ_WORDS = {1, 4, 5, 8, 9, 10, 12, 13};
    private static final int SHORT_SOURCES = 8;

    private final IoatDma owner;
    private final int lg2PieceBytes;

    RingWriter(IoatDma owner, int lg2PieceBytes) {
        this.owner = owner;
        this.lg2PieceBytes = lg2PieceBytes;
    }

    /**
     * Writes an operation from a place on, and notes in it which places it has.
     *
     * @return the place behind it
     */
    int fill(Ring to, int first, IoatTransfer transfer) {
        int place = first;
        transfer.firstPlace = place;
        long pieceMax = 1L << lg2PieceBytes;
        for (long done = 0; done < transfer.size; done += pieceMax) {
            long bytes = Math.min(transfer.size - done, pieceMax);
            boolean last = done + bytes == transfer.size && !transfer.endsWithNull();
            transfer.lastPlace = place;
            fillPiece(to, place, transfer, done);
            long control = Integer.toUnsignedLong(controlOf(transfer, last));
            to.store(place, 0, control << Integer.SIZE | bytes);
            place += transfer.isExtended() ? 2 : 1;
        }
        if (transfer.endsWithNull()) {
            transfer.lastPlace = place;
            fillNull(to, place, (transfer.flags() & PrepFlags.INTERRUPT) != 0);
            place++;
        }
        transfer.endPlace = place;
        return place;
    }

    private void fillPiece(Ring to, int place, IoatTransfer transfer, long done) {
        to.store(place, DESTINATION, transfer.p + done);
        switch (transfer.op) {
            case COPY -> to.store(place, FIRST_SOURCE, transfer.sources[0] + done);
            case XOR, XOR_VAL -> storeSources(to, place, transfer, XOR_WORDS, done);
            case PQ, PQ_VAL -> {
                storeSources(to, place, transfer, PQ_WORDS, done);
                to.store(place, COEFFICIENTS, transfer.coefficientWord(0));
                to.store(place, Q, transfer.q + done);
            }
            case PQ_16S, PQ_VAL_16S -> {
                storeMany(to, place, transfer, done);
                to.store(place, COEFFICIENTS, transfer.coefficientWord(0));
                to.store(place, Q, transfer.q + done);
            }
        }
    }

    @Linux(file = PREP, symbol = "xor_set_src")
    @Linux(file = PREP, symbol = "pq_set_src")
    private static void storeSources(
            Ring to, int place, IoatTransfer transfer, int[] words, long done) {
        for (int i = 0; i < transfer.sources.length; i++) {
            int word = words[i];
            to.store(place + word / WORDS, word % WORDS, transfer.sources[i] + done);
        }
    }

    /** The first two sources have their places, the others are in memory of their own. */
    @Linux(file = PREP, symbol = "pq16_set_src")
    private void storeMany(Ring to, int place, IoatTransfer transfer, long done) {
        DmaPool pool = owner.sedPool(transfer.sources.length);
        CoherentBuffer sed = transfer.superExtended(pool, pool.alloc(Gfp.ATOMIC));
        to.store(place, PQ_WORDS[0], transfer.sources[0] + done);
        to.store(place, PQ_WORDS[1], transfer.sources[1] + done);
        to.store(place, SED, sed.dma());
        owner.cpu().store64(sed.va(), transfer.coefficientWord(SHORT_SOURCES));
        for (int i = 2; i < transfer.sources.length; i++) {
            long at = sed.va() + (i - 1L) * Long.BYTES;
            owner.cpu().store64(at, transfer.sources[i] + done);
        }
    }

    private int controlOf(IoatTransfer transfer, boolean last) {
        boolean interrupts = (transfer.flags() & PrepFlags.INTERRUPT) != 0 || transfer.isNull;
        int sources = transfer.sources.length;
        int control = Control.OP.of(transfer.op.code());
        control |=
                switch (transfer.op) {
                    case COPY -> transfer.isNull ? IS_NULL : 0;
                    case XOR, XOR_VAL, PQ, PQ_VAL -> Control.SRC_CNT.of(sources - 2);
                    case PQ_16S, PQ_VAL_16S -> Control.SRC_CNT.of(sources - SHORT_SOURCES - 1);
                };
        control = Control.P_DISABLE.with(control, transfer.withoutP);
        control = Control.Q_DISABLE.with(control, transfer.withoutQ);
        control = Control.WB_EN.with(control, transfer.writesBack() && owner.writesBack());
        control = Control.FENCE.with(control, last && (transfer.flags() & PrepFlags.FENCE) != 0);
        control = Control.INT_EN.with(control, last && interrupts);
        return Control.COMPL_WRITE.with(control, last);
    }

    /** Writes a descriptor that moves nothing, and completes. */
    static void fillNull(Ring to, int place, boolean interrupts) {
        int control = IS_NULL | Control.COMPL_WRITE.mask() | Control.INT_EN.of(interrupts ? 1 : 0);
        to.store(place, FIRST_SOURCE, 0);
        to.store(place, DESTINATION, 0);
        to.store(place, 0, Integer.toUnsignedLong(control) << Integer.SIZE | NULL_SIZE);
    }
}
