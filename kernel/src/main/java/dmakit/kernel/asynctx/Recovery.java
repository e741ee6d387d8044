package dmakit.kernel.asynctx;

import dmakit.kernel.Linux;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.raid.Gf256;
import dmakit.kernel.raid.Raid6;
import org.jspecify.annotations.Nullable;

/**
 * Recovery of two lost blocks of a stripe, composed of syndromes, exclusive ors and products, so
 * that an engine does all of it in one chain.
 *
 * <p>As in Linux the chain begins anew: what the client's own descriptor does is not waited for
 * where an engine is there, only on the CPU.
 */
final class Recovery {
    private static final String FILE = "crypto/async_tx/async_raid6_recov.c";

    private final Parts parts;
    private final Copies copies;
    private final Parity parity;
    private final Syndromes syndromes;

    Recovery(Parts parts, Copies copies, Parity parity, Syndromes syndromes) {
        this.parts = parts;
        this.copies = copies;
        this.parity = parity;
        this.syndromes = syndromes;
    }

    /** A block of the stripe: its page and where it begins in it. */
    private record Block(long page, long offset) {
        static Block of(long[] blocks, long[] offsets, int index) {
            return new Block(blocks[index], offsets[index]);
        }
    }

    @Nullable Descriptor twoData(
            int disks,
            long bytes,
            int oneFailed,
            int otherFailed,
            long[] blocks,
            long[] offsets,
            AsyncSubmit submit) {
        if (oneFailed == otherFailed) {
            throw new IllegalStateException(
                    "async_raid6_2data_recov of block %d twice".formatted(oneFailed));
        }
        int a = Math.min(oneFailed, otherFailed);
        int b = Math.max(oneFailed, otherFailed);
        if (isForCpu(submit)) {
            long[] stripe = stripeForCpu(disks, blocks, offsets, submit);
            parts.raid6.recoverTwoData(disks, bytes, a, b, stripe);
            parts.chains.callBack(submit);
            return null;
        }
        int flags = submit.flags();
        Runnable callback = submit.callback();
        long[] scribble = submit.scribble();
        Block p = Block.of(blocks, offsets, disks - 2);
        Block q = Block.of(blocks, offsets, disks - 1);
        Block lostA = Block.of(blocks, offsets, a);
        Block lostB = Block.of(blocks, offsets, b);
        int there = countOf(blocks, disks);
        if (there < 2) {
            throw new IllegalStateException(
                    "async_raid6_2data_recov with %d data blocks".formatted(there));
        }
        Descriptor last = null;
        Block sumP = p;
        Block sumQ = q;
        if (there > 2) {
            // P and Q of what is left go where the lost blocks were, and to those P and Q.
            last =
                    there == 3
                            ? singleBlock(disks, bytes, a, b, blocks, offsets, submit)
                            : syndromeWithout(disks, bytes, a, b, blocks, offsets, submit);
            sumP = lostA;
            sumQ = lostB;
            last = addTo(lostA, p, bytes, last, submit);
            last = addTo(lostB, q, bytes, last, submit);
        }
        byte[] coefficients = {
            (byte) Gf256.inverseOfExpPlusOne(b - a),
            (byte) Gf256.inverse(Gf256.exp(a) ^ Gf256.exp(b))
        };
        submit.init(AsyncTxFlags.FENCE, last, null, scribble);
        last = sumOfProducts(lostB, new Block[] {sumP, sumQ}, coefficients, bytes, submit);
        int destination = there == 2 ? AsyncTxFlags.XOR_ZERO_DST : AsyncTxFlags.XOR_DROP_DST;
        submit.init(flags | destination, last, callback, scribble);
        return xor(lostA, sumP, lostB, bytes, submit);
    }

    @Nullable Descriptor dataAndP(
            int disks, long bytes, int failed, long[] blocks, long[] offsets, AsyncSubmit submit) {
        if (isForCpu(submit)) {
            long[] stripe = stripeForCpu(disks, blocks, offsets, submit);
            parts.raid6.recoverDataAndP(disks, bytes, failed, stripe);
            parts.chains.callBack(submit);
            return null;
        }
        int flags = submit.flags();
        Runnable callback = submit.callback();
        long[] scribble = submit.scribble();
        Block p = Block.of(blocks, offsets, disks - 2);
        Block q = Block.of(blocks, offsets, disks - 1);
        Block lost = Block.of(blocks, offsets, failed);
        int good = -1;
        int goodCount = 0;
        for (int i = 0; i < disks - 2; i++) {
            if (i != failed && blocks[i] != AsyncTx.NO_PAGE) {
                good = i;
                goodCount++;
            }
        }
        if (goodCount == 0) {
            throw new IllegalStateException("async_raid6_datap_recov without a good block");
        }
        Descriptor last;
        if (goodCount == 1) {
            last = copyAndMultiply(p, lost, Block.of(blocks, offsets, good), good, bytes, submit);
        } else {
            // P of what is left goes to P, and Q of it where the lost block was.
            blocks[failed] = AsyncTx.NO_PAGE;
            put(lost, blocks, offsets, disks - 1);
            submit.init(AsyncTxFlags.FENCE, null, null, scribble);
            last = syndromes.generate(blocks, offsets, disks, bytes, submit);
            put(lost, blocks, offsets, failed);
            put(q, blocks, offsets, disks - 1);
        }
        last = addTo(lost, q, bytes, last, submit);
        submit.init(AsyncTxFlags.FENCE, last, null, scribble);
        byte[] inverse = {(byte) Gf256.inverse(Gf256.exp(failed))};
        last = sumOfProducts(lost, new Block[] {lost}, inverse, bytes, submit);
        submit.init(flags | AsyncTxFlags.XOR_DROP_DST, last, callback, scribble);
        return xor(p, p, lost, bytes, submit);
    }

    /** Whether there is no engine, or no space to keep the client's table in. */
    private boolean isForCpu(AsyncSubmit submit) {
        return submit.scribble() == null || !parts.chains.hasChannel(TransactionType.PQ);
    }

    private long[] stripeForCpu(int disks, long[] blocks, long[] offsets, AsyncSubmit submit) {
        long[] scribble = submit.scribble();
        long[] stripe = scribble == null ? blocks : scribble;
        parts.chains.quiesce(submit);
        for (int i = 0; i < disks; i++) {
            stripe[i] =
                    blocks[i] == AsyncTx.NO_PAGE ? Raid6.ZEROS : Parts.va(blocks[i], offsets[i]);
        }
        return stripe;
    }

    private static int countOf(long[] blocks, int disks) {
        int count = 0;
        for (int i = 0; i < disks - 2; i++) {
            if (blocks[i] != AsyncTx.NO_PAGE) {
                count++;
            }
        }
        return count;
    }

    /** The syndrome of the one data block that is left: not every engine knows such. */
    private @Nullable Descriptor singleBlock(
            int disks,
            long bytes,
            int a,
            int b,
            long[] blocks,
            long[] offsets,
            AsyncSubmit submit) {
        int good = 0;
        while (good == a || good == b || blocks[good] == AsyncTx.NO_PAGE) {
            good++;
            if (good == disks - 2) {
                throw new IllegalStateException("async_raid6_2data_recov without a good block");
            }
        }
        return copyAndMultiply(
                Block.of(blocks, offsets, a),
                Block.of(blocks, offsets, b),
                Block.of(blocks, offsets, good),
                good,
                bytes,
                submit);
    }

    private @Nullable Descriptor copyAndMultiply(
            Block p, Block q, Block good, int goodIndex, long bytes, AsyncSubmit submit) {
        long[] scribble = submit.scribble();
        submit.init(AsyncTxFlags.FENCE, null, null, scribble);
        Descriptor last = copies.copy(p.page, good.page, p.offset, good.offset, bytes, submit);
        submit.init(AsyncTxFlags.FENCE, last, null, scribble);
        byte[] coefficient = {(byte) Gf256.exp(goodIndex)};
        return sumOfProducts(q, new Block[] {good}, coefficient, bytes, submit);
    }

    private @Nullable Descriptor syndromeWithout(
            int disks,
            long bytes,
            int a,
            int b,
            long[] blocks,
            long[] offsets,
            AsyncSubmit submit) {
        Block p = Block.of(blocks, offsets, disks - 2);
        Block q = Block.of(blocks, offsets, disks - 1);
        Block lostA = Block.of(blocks, offsets, a);
        Block lostB = Block.of(blocks, offsets, b);
        blocks[a] = AsyncTx.NO_PAGE;
        blocks[b] = AsyncTx.NO_PAGE;
        put(lostA, blocks, offsets, disks - 2);
        put(lostB, blocks, offsets, disks - 1);
        submit.init(AsyncTxFlags.FENCE, null, null, submit.scribble());
        Descriptor last = syndromes.generate(blocks, offsets, disks, bytes, submit);
        put(lostA, blocks, offsets, a);
        put(lostB, blocks, offsets, b);
        put(p, blocks, offsets, disks - 2);
        put(q, blocks, offsets, disks - 1);
        return last;
    }

    private static void put(Block block, long[] blocks, long[] offsets, int index) {
        blocks[index] = block.page;
        offsets[index] = block.offset;
    }

    private @Nullable Descriptor addTo(
            Block to, Block added, long bytes, @Nullable Descriptor after, AsyncSubmit submit) {
        submit.init(AsyncTxFlags.FENCE | AsyncTxFlags.XOR_DROP_DST, after, null, submit.scribble());
        return xor(to, to, added, bytes, submit);
    }

    private @Nullable Descriptor xor(
            Block to, Block one, Block other, long bytes, AsyncSubmit submit) {
        return parity.xor(
                to.page,
                to.offset,
                new long[] {one.page, other.page},
                new long[] {one.offset, other.offset},
                2,
                bytes,
                submit);
    }

    /** Has an engine compute Q alone, with any coefficients. */
    @Linux(file = FILE, symbol = "async_sum_product")
    @Linux(file = FILE, symbol = "async_mult")
    private @Nullable Descriptor sumOfProducts(
            Block to, Block[] sources, byte[] coefficients, long bytes, AsyncSubmit submit) {
        Channel channel = parts.chains.channelFor(submit, TransactionType.PQ);
        if (channel != null) {
            Parts.Lent lent = parts.lent(channel, sources.length + 1, bytes);
            for (Block source : sources) {
                lent.toDevice(source.page, source.offset);
            }
            lent.both(to.page, to.offset);
            int flags = Parts.prepFlags(submit) | PrepFlags.PQ_DISABLE_P;
            Descriptor desc =
                    lent.isRefused()
                            ? null
                            : Chains.tryPrepare(() ->
                                    channel.prepPq(
                                            new long[] {0, lent.address(sources.length)},
                                            lent.addresses(0, sources.length),
                                            coefficients,
                                            bytes,
                                            flags));
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
        long[] addresses = new long[sources.length];
        for (int i = 0; i < sources.length; i++) {
            addresses[i] = Parts.va(sources[i].page, sources[i].offset);
        }
        parts.raid6.sumOfProducts(Parts.va(to.page, to.offset), addresses, coefficients, bytes);
        return null;
    }
}
