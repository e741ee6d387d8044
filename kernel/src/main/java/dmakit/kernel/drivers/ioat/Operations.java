package dmakit.kernel.drivers.ioat;

import dmakit.datasheet.ioat.IoatDescriptor.Op;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.SumCheck;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What clients may ask of a channel, as the hardware has it. */
final class Operations {
    private static final String PREP = "drivers/dma/ioat/prep.c";
    private static final int SHORT_SOURCES = 8;

    private final IoatDma owner;
    private final IoatChannel channel;

    Operations(IoatDma owner, IoatChannel channel) {
        this.owner = owner;
        this.channel = channel;
    }

    @Linux(file = PREP, symbol = "ioat_dma_prep_memcpy_lock")
    Descriptor memcpy(long destinationDma, long sourceDma, long size, int flags) {
        return channel.prepared(
                new IoatTransfer(
                        channel,
                        Op.COPY,
                        destinationDma,
                        0,
                        new long[] {sourceDma},
                        new byte[0],
                        size),
                flags);
    }

    @Linux(file = PREP, symbol = "ioat_prep_interrupt_lock")
    Descriptor interrupt(int flags) {
        IoatTransfer transfer =
                new IoatTransfer(
                        channel, Op.COPY, 0, 0, new long[1], new byte[0], RingWriter.NULL_SIZE);
        transfer.isNull = true;
        return channel.prepared(transfer, flags);
    }

    /** Where the function has no exclusive or, P alone does. */
    @Linux(file = PREP, symbol = "ioat_prep_xor")
    @Linux(file = PREP, symbol = "ioat_prep_pqxor")
    Descriptor xor(long destinationDma, long[] sources, long size, int flags) {
        if (owner.hasXor()) {
            return sum(Op.XOR, destinationDma, sources, size, null, flags);
        }
        return syndrome(
                destinationDma,
                destinationDma,
                sources,
                new byte[sources.length],
                size,
                null,
                (flags & ~PrepFlags.CONTINUE) | PrepFlags.PQ_DISABLE_Q);
    }

    @Linux(file = PREP, symbol = "ioat_prep_xor_val")
    @Linux(file = PREP, symbol = "ioat_prep_pqxor_val")
    Descriptor xorVal(long[] sources, long size, SumCheck result, int flags) {
        if (sources.length < 2) {
            throw new DmaException(Errno.EINVAL, "a check of %d sources", sources.length);
        }
        result.set(0);
        long[] others = Arrays.copyOfRange(sources, 1, sources.length);
        int plain = flags & ~PrepFlags.CONTINUE;
        if (others.length == 1) {
            // One other: it is the one byte for byte. Q can say so, P takes two sources at least.
            IoatTransfer transfer =
                    (IoatTransfer)
                            syndrome(
                                    sources[0],
                                    sources[0],
                                    others,
                                    new byte[] {1},
                                    size,
                                    result,
                                    plain | PrepFlags.PQ_DISABLE_P);
            transfer.qIsP = true;
            return transfer;
        }
        if (owner.hasXor()) {
            return sum(Op.XOR_VAL, sources[0], others, size, result, plain);
        }
        return syndrome(
                sources[0],
                sources[0],
                others,
                new byte[others.length],
                size,
                result,
                plain | PrepFlags.PQ_DISABLE_Q);
    }

    @Linux(file = PREP, symbol = "ioat_prep_pq")
    Descriptor pq(long[] pq, long[] sources, byte[] coefficients, long size, int flags) {
        return syndrome(pq[0], pq[1], sources, coefficients, size, null, flags);
    }

    @Linux(file = PREP, symbol = "ioat_prep_pq_val")
    Descriptor pqVal(
            long[] pq, long[] sources, byte[] coefficients, long size, SumCheck result, int flags) {
        result.set(0);
        return syndrome(pq[0], pq[1], sources, coefficients, size, result, flags);
    }

    @Linux(file = PREP, symbol = "__ioat_prep_xor_lock")
    private Descriptor sum(
            Op op, long p, long[] sources, long size, @Nullable SumCheck result, int flags) {
        checkCount(sources.length, SHORT_SOURCES);
        IoatTransfer transfer =
                new IoatTransfer(channel, op, p, 0, sources.clone(), new byte[0], size);
        transfer.result = result;
        return channel.prepared(transfer, flags);
    }

    @Linux(file = PREP, symbol = "__ioat_prep_pq_lock")
    @Linux(file = PREP, symbol = "__ioat_prep_pq16_lock")
    private Descriptor syndrome(
            long p,
            long q,
            long[] sources,
            byte[] coefficients,
            long size,
            @Nullable SumCheck result,
            int flags) {
        boolean withoutP = (flags & PrepFlags.PQ_DISABLE_P) != 0;
        boolean withoutQ = (flags & PrepFlags.PQ_DISABLE_Q) != 0;
        boolean goesOn = (flags & PrepFlags.CONTINUE) != 0;
        if (withoutP && withoutQ) {
            throw new DmaException(Errno.EINVAL, "a syndrome without P and Q");
        }
        // A result that is not wanted still has an address.
        long pAt = withoutP ? q : p;
        long qAt = withoutQ ? p : q;
        Operands operands = new Operands(sources, coefficients);
        if (withoutP && sources.length == 1) {
            operands.add(sources[0], 0);
        }
        if (goesOn && withoutP) {
            operands.add(qAt, 1);
        } else if (goesOn) {
            // Q twice cancels out in P, once in Q.
            operands.add(pAt, 0);
            operands.add(qAt, 1);
            operands.add(qAt, 0);
        }
        checkCount(operands.count(), owner.sourcesMax());
        IoatTransfer transfer =
                new IoatTransfer(
                        channel,
                        opFor(operands.count(), result != null),
                        pAt,
                        qAt,
                        operands.sources(),
                        operands.coefficients(),
                        size);
        transfer.withoutP = withoutP;
        transfer.withoutQ = withoutQ;
        transfer.result = result;
        return channel.prepared(transfer, flags);
    }

    private static Op opFor(int count, boolean check) {
        if (count > SHORT_SOURCES) {
            return check ? Op.PQ_VAL_16S : Op.PQ_16S;
        }
        return check ? Op.PQ_VAL : Op.PQ;
    }

    private static void checkCount(int count, int most) {
        if (count < 2 || count > most) {
            throw new DmaException(Errno.EINVAL, "%d sources, wanted 2 to %d", count, most);
        }
    }
}
