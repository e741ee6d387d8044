package dmakit.kernel.asynctx;

import dmakit.kernel.Linux;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.SumCheck;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.raid.Xor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Exclusive or, and the check that it is 0. */
final class Parity {
    private static final String FILE = "crypto/async_tx/async_xor.c";

    private final Parts parts;

    Parity(Parts parts) {
        this.parts = parts;
    }

    @Nullable Descriptor xor(
            long to,
            long toOffset,
            long[] sources,
            long @Nullable [] offsets,
            int count,
            long bytes,
            AsyncSubmit submit) {
        if (count <= 1) {
            throw new IllegalStateException("async_xor of %d sources".formatted(count));
        }
        Channel channel = parts.chains.channelFor(submit, TransactionType.XOR);
        if (channel != null
                && channel.device().maxXor() > 1
                && isAligned(channel.device(), toOffset, offsets, count, bytes)) {
            Parts.Lent lent = parts.lent(channel, count + 1, bytes);
            for (int i = 0; i < count; i++) {
                if (sources[i] != AsyncTx.NO_PAGE) {
                    lent.toDevice(sources[i], offsetOf(offsets, i, toOffset));
                }
            }
            lent.both(to, toOffset);
            if (!lent.isRefused()) {
                Descriptor desc = xorOnEngine(channel, lent, bytes, submit);
                lent.put();
                return desc;
            }
            lent.put();
        }
        if (channel != null) {
            parts.warnNoSpace("async_xor_offs");
        }
        // The destination is an implied source, assumed to be the first.
        int first = submit.has(AsyncTxFlags.XOR_DROP_DST) ? 1 : 0;
        parts.chains.quiesce(submit);
        xorOnCpu(to, toOffset, sources, offsets, first, count, bytes, submit);
        return null;
    }

    /**
     * In as many descriptors as the engine's number of sources makes necessary: what one has summed
     * up is the first source of the next.
     */
    @Linux(file = FILE, symbol = "do_async_xor")
    private @Nullable Descriptor xorOnEngine(
            Channel channel, Parts.Lent lent, long bytes, AsyncSubmit submit) {
        int flags = submit.flags();
        Runnable callback = submit.callback();
        int sourceCount = lent.count() - 1;
        long to = lent.address(sourceCount);
        Descriptor desc = null;
        for (int done = 0; done < sourceCount; ) {
            int carried = done == 0 ? 0 : 1;
            int taken = Math.min(sourceCount - done, channel.device().maxXor() - carried);
            boolean isLast = done + taken == sourceCount;
            submit.part(flags, callback, isLast);
            long[] sources = new long[carried + taken];
            System.arraycopy(lent.addresses(done, taken), 0, sources, carried, taken);
            if (carried > 0) {
                sources[0] = to;
            }
            int prepFlags = Parts.prepFlags(submit);
            desc =
                    parts.chains.prepare(
                            channel, submit, () -> channel.prepXor(to, sources, bytes, prepFlags));
            lent.keptBy(desc);
            parts.chains.submit(channel, desc, submit);
            submit.dependTx(desc);
            done += taken;
        }
        return desc;
    }

    @Linux(file = FILE, symbol = "do_sync_xor_offs")
    private void xorOnCpu(
            long to,
            long toOffset,
            long[] sources,
            long @Nullable [] offsets,
            int first,
            int count,
            long bytes,
            AsyncSubmit submit) {
        long[] scribble = submit.scribble();
        long[] addresses = scribble == null ? sources : scribble;
        int begin = scribble == null ? first : 0;
        int sourceCount = 0;
        for (int i = first; i < count; i++) {
            if (sources[i] != AsyncTx.NO_PAGE) {
                addresses[begin + sourceCount++] =
                        Parts.va(sources[i], offsetOf(offsets, i, toOffset));
            }
        }
        if (submit.has(AsyncTxFlags.XOR_ZERO_DST)) {
            parts.fill(to, toOffset, bytes, 0);
        }
        for (int done = 0; done < sourceCount; done += Xor.SOURCE_COUNT_MAX) {
            parts.xor.add(
                    Math.min(sourceCount - done, Xor.SOURCE_COUNT_MAX),
                    bytes,
                    Parts.va(to, toOffset),
                    addresses,
                    begin + done);
        }
        parts.chains.callBack(submit);
    }

    @Nullable Descriptor check(
            long to,
            long toOffset,
            long[] sources,
            long @Nullable [] offsets,
            int count,
            long bytes,
            SumCheck result,
            AsyncSubmit submit) {
        if (count <= 1) {
            throw new IllegalStateException("async_xor_val of %d sources".formatted(count));
        }
        Channel channel = parts.chains.channelFor(submit, TransactionType.XOR_VAL);
        boolean fits = channel != null && count <= channel.device().maxXor();
        if (channel != null
                && fits
                && isAligned(channel.device(), toOffset, offsets, count, bytes)) {
            Parts.Lent lent = parts.lent(channel, count, bytes);
            for (int i = 0; i < count; i++) {
                lent.toDevice(sources[i], offsetOf(offsets, i, toOffset));
            }
            if (!lent.isRefused()) {
                int prepFlags = Parts.prepFlags(submit);
                long[] addresses = lent.addresses(0, count);
                Descriptor desc =
                        parts.chains.prepare(
                                channel,
                                submit,
                                () -> channel.prepXorVal(addresses, bytes, result, prepFlags));
                lent.keptBy(desc);
                parts.chains.submit(channel, desc, submit);
                lent.put();
                return desc;
            }
            lent.put();
        }
        if (fits) {
            parts.warnNoSpace("async_xor_val_offs");
        }
        int flags = submit.flags();
        submit.flags((flags & ~AsyncTxFlags.ACK) | AsyncTxFlags.XOR_DROP_DST);
        parts.chains.quiesce(xor(to, toOffset, sources, offsets, count, bytes, submit));
        result.set(parts.isZero(Parts.va(to, toOffset), bytes) ? 0 : SumCheck.P);
        // As in Linux, whose exclusive or above has called it already.
        parts.chains.callBack(submit);
        submit.flags(flags);
        return null;
    }

    @Linux(file = FILE, symbol = "dma_xor_aligned_offsets")
    private static boolean isAligned(
            DmaDevice device, long toOffset, long @Nullable [] offsets, int count, long bytes) {
        return device.isXorAligned(toOffset, 0, bytes)
                && (offsets == null
                        || Arrays.stream(offsets, 0, count)
                                .allMatch(offset -> device.isXorAligned(offset, 0, bytes)));
    }

    private static long offsetOf(long @Nullable [] offsets, int index, long common) {
        return offsets == null ? common : offsets[index];
    }
}
