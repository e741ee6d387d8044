package dmakit.kernel.asynctx;

import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.TransactionType;
import org.jspecify.annotations.Nullable;

/** Copies and fills. */
final class Copies {
    private final Parts parts;

    Copies(Parts parts) {
        this.parts = parts;
    }

    @Nullable Descriptor copy(
            long to, long from, long toOffset, long fromOffset, long bytes, AsyncSubmit submit) {
        Channel channel = parts.chains.channelFor(submit, TransactionType.MEMCPY);
        if (channel != null && channel.device().isCopyAligned(fromOffset, toOffset, bytes)) {
            Parts.Lent lent = parts.lent(channel, 2, bytes);
            lent.toDevice(from, fromOffset);
            lent.fromDevice(to, toOffset);
            Descriptor desc =
                    lent.isRefused()
                            ? null
                            : Chains.tryPrepare(() ->
                                    channel.prepMemcpy(
                                            lent.address(1),
                                            lent.address(0),
                                            bytes,
                                            Parts.prepFlags(submit)));
            if (desc != null) {
                lent.keptBy(desc);
                parts.chains.submit(channel, desc, submit);
            }
            lent.put();
            if (desc != null) {
                return desc;
            }
        }
        parts.chains.quiesce(submit);
        parts.copy(from, fromOffset, to, toOffset, bytes);
        parts.chains.callBack(submit);
        return null;
    }

    @Nullable Descriptor fill(long to, int value, long offset, long bytes, AsyncSubmit submit) {
        Channel channel = parts.chains.channelFor(submit, TransactionType.MEMSET);
        if (channel != null && channel.device().isFillAligned(offset, 0, bytes)) {
            Parts.Lent lent = parts.lent(channel, 1, bytes);
            lent.fromDevice(to, offset);
            Descriptor desc =
                    lent.isRefused()
                            ? null
                            : Chains.tryPrepare(() ->
                                    channel.prepMemset(
                                            lent.address(0),
                                            value,
                                            bytes,
                                            Parts.prepFlags(submit)));
            if (desc != null) {
                lent.keptBy(desc);
                parts.chains.submit(channel, desc, submit);
            }
            lent.put();
            if (desc != null) {
                return desc;
            }
        }
        parts.chains.quiesce(submit);
        parts.fill(to, offset, bytes, value);
        parts.chains.callBack(submit);
        return null;
    }
}
