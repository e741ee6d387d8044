package dmakit.kernel.asynctx;

import dmakit.kernel.Linux;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.SumCheck;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.kernel.raid.Gf256;
import dmakit.kernel.raid.Raid6;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * P and Q of a stripe, and the check of them. The last two blocks of a stripe are P and Q; a data
 * block that is not there is one of zeros.
 */
final class Syndromes {
    private static final String FILE = "crypto/async_tx/async_pq.c";

    private final Parts parts;
    private final Parity parity;

    Syndromes(Parts parts, Parity parity) {
        this.parts = parts;
        this.parity = parity;
    }

    @Nullable Descriptor generate(
            long[] blocks, long[] offsets, int disks, long bytes, AsyncSubmit submit) {
        Channel channel = parts.chains.channelFor(submit, TransactionType.PQ);
        boolean noP = blocks[disks - 2] == AsyncTx.NO_PAGE;
        boolean noQ = blocks[disks - 1] == AsyncTx.NO_PAGE;
        if (disks > AsyncTx.DISK_COUNT_MAX || (noP && noQ)) {
            throw new IllegalStateException(
                    "async_gen_syndrome of %d disks, with P: %b, with Q: %b"
                            .formatted(disks, !noP, !noQ));
        }
        if (channel != null
                && !submit.has(AsyncTxFlags.PQ_XOR_DST)
                && fits(channel.device(), disks - 2)
                && isAligned(channel.device(), offsets, disks, bytes)) {
            Parts.Lent lent = parts.lent(channel, disks, bytes);
            byte[] coefficients = lendData(lent, blocks, offsets, disks);
            lent.both(blocks[disks - 2], offsets[disks - 2]);
            lent.both(blocks[disks - 1], offsets[disks - 1]);
            if (!lent.isRefused()) {
                int disabled =
                        (noP ? PrepFlags.PQ_DISABLE_P : 0) | (noQ ? PrepFlags.PQ_DISABLE_Q : 0);
                Descriptor desc =
                        generateOnEngine(channel, lent, coefficients, disabled, bytes, submit);
                lent.put();
                return desc;
            }
            lent.put();
        }
        parts.chains.quiesce(submit);
        if (noP || noQ) {
            int missing = noP ? disks - 2 : disks - 1;
            if (bytes > VirtualMemory.PAGE_BYTES) {
                throw new IllegalStateException(
                        "a syndrome of %d bytes without P or Q, wanted a page".formatted(bytes));
            }
            blocks[missing] = parts.scratchPage();
            offsets[missing] = 0;
        }
        generateOnCpu(blocks, offsets, disks, bytes, submit);
        return null;
    }

    /** Whether an engine takes all sources at once, or can go on from what it has. */
    private static boolean fits(DmaDevice device, int sourceCount) {
        return sourceCount <= device.maxPq(0) || device.maxPq(PrepFlags.CONTINUE) > 0;
    }

    /** Lends the data blocks that are there; answers their coefficients. */
    private static byte[] lendData(Parts.Lent lent, long[] blocks, long[] offsets, int disks) {
        byte[] coefficients = new byte[disks - 2];
        int count = 0;
        for (int i = 0; i < disks - 2; i++) {
            if (blocks[i] != AsyncTx.NO_PAGE) {
                lent.toDevice(blocks[i], offsets[i]);
                coefficients[count++] = (byte) Gf256.exp(i);
            }
        }
        return Arrays.copyOf(coefficients, count);
    }

    /** In as many descriptors as the engine's number of sources makes necessary. */
    @Linux(file = FILE, symbol = "do_async_gen_syndrome")
    private @Nullable Descriptor generateOnEngine(
            Channel channel,
            Parts.Lent lent,
            byte[] coefficients,
            int disabled,
            long bytes,
            AsyncSubmit submit) {
        int flags = submit.flags();
        Runnable callback = submit.callback();
        int sourceCount = coefficients.length;
        long[] pq = lent.addresses(sourceCount, 2);
        int prepFlags = disabled | (submit.has(AsyncTxFlags.FENCE) ? PrepFlags.FENCE : 0);
        Descriptor desc = null;
        for (int done = 0; done < sourceCount; ) {
            int taken = Math.min(sourceCount - done, channel.device().maxPq(prepFlags));
            boolean isLast = done + taken == sourceCount;
            submit.part(flags, callback, isLast);
            int partFlags = prepFlags | Parts.prepFlags(submit);
            long[] sources = lent.addresses(done, taken);
            byte[] part = Arrays.copyOfRange(coefficients, done, done + taken);
            desc =
                    parts.chains.prepare(
                            channel,
                            submit,
                            () -> channel.prepPq(pq, sources, part, bytes, partFlags));
            lent.keptBy(desc);
            parts.chains.submit(channel, desc, submit);
            submit.dependTx(desc);
            done += taken;
            prepFlags |= PrepFlags.CONTINUE;
        }
        return desc;
    }

    @Linux(file = FILE, symbol = "do_sync_gen_syndrome")
    private void generateOnCpu(
            long[] blocks, long[] offsets, int disks, long bytes, AsyncSubmit submit) {
        long[] scribble = submit.scribble();
        long[] stripe = scribble == null ? blocks : scribble;
        int first = -1;
        int last = disks - 3;
        for (int i = 0; i < disks; i++) {
            if (blocks[i] == AsyncTx.NO_PAGE) {
                stripe[i] = Raid6.ZEROS;
                continue;
            }
            stripe[i] = Parts.va(blocks[i], offsets[i]);
            if (i < disks - 2) {
                last = i;
                first = first < 0 ? i : first;
            }
        }
        if (!submit.has(AsyncTxFlags.PQ_XOR_DST)) {
            parts.raid6.genSyndrome(disks, bytes, stripe);
        } else if (first >= 0) {
            parts.raid6.xorSyndrome(disks, first, last, bytes, stripe);
        }
        parts.chains.callBack(submit);
    }

    @Nullable Descriptor check(
            long[] blocks,
            long[] offsets,
            int disks,
            long bytes,
            SumCheck result,
            long spare,
            long spareOffset,
            AsyncSubmit submit) {
        if (disks < AsyncTx.CHECKED_DISK_COUNT_MIN) {
            throw new IllegalStateException("async_syndrome_val of %d disks".formatted(disks));
        }
        Channel channel = parts.chains.channelFor(submit, TransactionType.PQ_VAL);
        if (channel != null
                && disks <= channel.device().maxPq(0)
                && isAligned(channel.device(), offsets, disks, bytes)) {
            Parts.Lent lent = parts.lent(channel, disks, bytes);
            byte[] coefficients = lendData(lent, blocks, offsets, disks);
            Descriptor desc =
                    checkOnEngine(
                            channel,
                            lent,
                            coefficients,
                            blocks,
                            offsets,
                            disks,
                            bytes,
                            result,
                            submit);
            lent.put();
            if (desc != null) {
                return desc;
            }
        }
        checkOnCpu(blocks, offsets, disks, bytes, result, spare, spareOffset, submit);
        return null;
    }

    /** Answers null when the device does not reach a block, or there is no data block. */
    private @Nullable Descriptor checkOnEngine(
            Channel channel,
            Parts.Lent lent,
            byte[] coefficients,
            long[] blocks,
            long[] offsets,
            int disks,
            long bytes,
            SumCheck result,
            AsyncSubmit submit) {
        int prepFlags = Parts.prepFlags(submit);
        long[] pq = new long[2];
        for (int i = 0; i < pq.length; i++) {
            int block = disks - 2 + i;
            if (blocks[block] == AsyncTx.NO_PAGE) {
                prepFlags |= i == 0 ? PrepFlags.PQ_DISABLE_P : PrepFlags.PQ_DISABLE_Q;
            } else {
                lent.toDevice(blocks[block], offsets[block]);
                pq[i] = lent.isRefused() ? 0 : lent.address(lent.count() - 1);
            }
        }
        if (lent.isRefused() || coefficients.length == 0) {
            return null;
        }
        int flags = prepFlags;
        long[] sources = lent.addresses(0, coefficients.length);
        Descriptor desc =
                parts.chains.prepare(
                        channel,
                        submit,
                        () -> channel.prepPqVal(pq, sources, coefficients, bytes, result, flags));
        lent.keptBy(desc);
        parts.chains.submit(channel, desc, submit);
        return desc;
    }

    /** Computes each of both into the spare block, where it is compared. */
    private void checkOnCpu(
            long[] blocks,
            long[] offsets,
            int disks,
            long bytes,
            SumCheck result,
            long spare,
            long spareOffset,
            AsyncSubmit submit) {
        long[] scribble = submit.scribble();
        if (spare == AsyncTx.NO_PAGE || scribble == null) {
            throw new IllegalStateException(
                    "async_syndrome_val on the CPU without spare block or scribble space");
        }
        int flags = submit.flags();
        Runnable callback = submit.callback();
        long p = blocks[disks - 2];
        long q = blocks[disks - 1];
        long offsetOfP = offsets[disks - 2];
        long offsetOfQ = offsets[disks - 1];
        parts.chains.quiesce(submit);
        long computed = Parts.va(spare, spareOffset);
        int wrong = 0;
        if (p != AsyncTx.NO_PAGE) {
            submit.init(AsyncTxFlags.XOR_ZERO_DST, null, null, scribble);
            parts.chains.quiesce(
                    parity.xor(spare, spareOffset, blocks, offsets, disks - 2, bytes, submit));
            wrong |= parts.isEqual(Parts.va(p, offsetOfP), computed, bytes) ? 0 : SumCheck.P;
        }
        if (q != AsyncTx.NO_PAGE) {
            blocks[disks - 2] = AsyncTx.NO_PAGE;
            blocks[disks - 1] = spare;
            offsets[disks - 1] = spareOffset;
            submit.init(0, null, null, scribble);
            parts.chains.quiesce(generate(blocks, offsets, disks, bytes, submit));
            wrong |= parts.isEqual(Parts.va(q, offsetOfQ), computed, bytes) ? 0 : SumCheck.Q;
        }
        result.set(wrong);
        blocks[disks - 2] = p;
        blocks[disks - 1] = q;
        offsets[disks - 2] = offsetOfP;
        offsets[disks - 1] = offsetOfQ;
        submit.flags(flags);
        submit.callback(callback);
        parts.chains.callBack(submit);
    }

    @Linux(file = "include/linux/dmaengine.h", symbol = "is_dma_pq_aligned_offs")
    private static boolean isAligned(DmaDevice device, long[] offsets, int disks, long bytes) {
        for (int i = 0; i < disks; i++) {
            if (!device.isPqAligned(offsets[i], 0, bytes)) {
                return false;
            }
        }
        return true;
    }
}
