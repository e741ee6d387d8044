package dmakit.kernel.drivers.ioat;

import dmakit.datasheet.ioat.IoatDescriptor.Op;
import dmakit.kernel.Linux;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.SumCheck;
import dmakit.kernel.dmaengine.TransferResult;
import dmakit.kernel.mapping.DmaPool;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One operation, from preparing to its callback. */
@Linux(file = "drivers/dma/ioat/dma.h", symbol = "struct ioat_ring_ent")
final class IoatTransfer extends Descriptor {
    private static final int BYTES_PER_SOURCE = Long.BYTES;

    private final IoatChannel channel;
    final Op op;
    final long size;

    /** What is written: the destination, or P; and Q. */
    final long p;

    final long q;
    final long[] sources;
    final byte[] coefficients;

    /** A copy that moves nothing. */
    boolean isNull;

    boolean withoutP;
    boolean withoutQ;

    /** Where a check says what it found, or null. */
    @Nullable SumCheck result;

    /** What the check calls Q is what the client calls P. */
    boolean qIsP;

    /** Its first place in the ring, the one whose end ends it, and the one behind its last. */
    int firstPlace;

    int lastPlace;
    int endPlace;

    private final List<CoherentBuffer> superExtended = new ArrayList<>();
    private final List<DmaPool> pools = new ArrayList<>();

    IoatTransfer(
            IoatChannel channel,
            Op op,
            long p,
            long q,
            long[] sources,
            byte[] coefficients,
            long size) {
        super(channel);
        this.channel = channel;
        this.op = op;
        this.p = p;
        this.q = q;
        this.sources = sources;
        this.coefficients = coefficients;
        this.size = size;
    }

    /** Whether each of its descriptors goes on in a second one. */
    boolean isExtended() {
        return switch (op) {
            case COPY, PQ_16S, PQ_VAL_16S -> false;
            case XOR, XOR_VAL -> sources.length > 5;
            case PQ, PQ_VAL -> sources.length > 3;
        };
    }

    /** Whether a null descriptor ends it: an exclusive or's own completion may come too early. */
    boolean endsWithNull() {
        return op == Op.XOR || op == Op.XOR_VAL;
    }

    /** Whether its descriptors have the status of a check in them afterwards. */
    boolean writesBack() {
        return result != null && (op == Op.PQ_VAL || op == Op.PQ_VAL_16S);
    }

    /** A super-extended descriptor of its own, of the pool that fits. */
    CoherentBuffer superExtended(DmaPool pool, CoherentBuffer buffer) {
        pools.add(pool);
        superExtended.add(buffer);
        return buffer;
    }

    @Linux(file = "drivers/dma/ioat/dma.c", symbol = "ioat_free_sed")
    void freeSuperExtended() {
        for (int i = 0; i < pools.size(); i++) {
            pools.get(i).free(superExtended.get(i));
        }
        pools.clear();
        superExtended.clear();
    }

    /** Notes what a check found. */
    void found(boolean pWrong, boolean qWrong) {
        SumCheck to = result;
        if (to != null) {
            boolean reportsP = qIsP ? qWrong : pWrong;
            boolean reportsQ = !qIsP && qWrong;
            to.set(to.bits() | (reportsP ? SumCheck.P : 0) | (reportsQ ? SumCheck.Q : 0));
        }
    }

    void prepared(int flags) {
        begin(flags);
    }

    /** Bytes of the coefficients in the first descriptor. */
    long coefficientWord(int from) {
        long word = 0;
        for (int i = BYTES_PER_SOURCE - 1; i >= 0; i--) {
            int at = from + i;
            word = word << Byte.SIZE | (at < coefficients.length ? coefficients[at] & 0xff : 0);
        }
        return word;
    }

    @Override
    protected int submitToProvider() {
        return channel.submitted(this);
    }

    @Override
    protected void freeByProvider() {
        channel.dropped(this);
    }

    int assign() {
        return assignCookie();
    }

    void complete(TransferResult how) {
        completeCookie();
        result(how, how == TransferResult.NOERROR ? 0 : (int) size);
        unmap();
    }

    void callBack() {
        invokeCallback();
    }
}
