package dmakit.kernel.asynctx;

import dmakit.kernel.Calls;
import dmakit.kernel.Linux;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.dmaengine.SumCheck;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.UnmapPools;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.sched.Sched;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Operations on pages that an engine does if it can, and the CPU otherwise.
 *
 * <p>All answer a descriptor, for the next operation to depend on, or null when all is done and the
 * callback has run. Descriptors are submitted, not started: {@link #issuePending} does that. The
 * last one of a chain has to be acknowledged, by {@link AsyncTxFlags#ACK} or {@link
 * Descriptor#ack}, or its provider keeps it for ever. Pages are named by their physical address;
 * offsets may exceed a page. From tasks and softirqs; where there is no engine in a step of a
 * chain, that step waits busily for those before.
 *
 * <p>Where Linux stops by {@code BUG_ON}, an {@link IllegalStateException} is thrown; where it
 * panics because an engine failed, a {@link dmakit.kernel.sched.KernelPanic}.
 */
public final class AsyncTx {
    private static final String XOR = "crypto/async_tx/async_xor.c";
    private static final String PQ = "crypto/async_tx/async_pq.c";
    private static final String RECOVERY = "crypto/async_tx/async_raid6_recov.c";

    /** In place of a page: none. */
    public static final long NO_PAGE = PageAllocator.NONE;

    /** Blocks of a stripe, P and Q among them. */
    @Linux(file = PQ, symbol = "MAX_DISKS")
    public static final int DISK_COUNT_MAX = 255;

    /** Blocks of a stripe that can be checked, at least. */
    public static final int CHECKED_DISK_COUNT_MIN = 4;

    private final Calls calls;
    private final DmaEngine engine;
    private final Chains chains;
    private final Copies copies;
    private final Parity parity;
    private final Syndromes syndromes;
    private final Recovery recovery;

    /** Creates the operations of one kernel; no memory is taken by that. */
    public AsyncTx(
            Sched sched,
            PageAllocator pages,
            DmaMapping mapping,
            UnmapPools pools,
            DmaEngine engine) {
        this.engine = engine;
        calls = sched.calls();
        chains = new Chains(sched, engine);
        Parts parts =
                new Parts(chains, mapping, pools, sched.machine().cpu(), pages, sched.contexts());
        copies = new Copies(parts);
        parity = new Parity(parts);
        syndromes = new Syndromes(parts, parity);
        recovery = new Recovery(parts, copies, parity, syndromes);
    }

    /**
     * Copies a part of a page.
     *
     * @param to page to copy to, from {@code toOffset} on
     * @param from page to copy from, from {@code fromOffset} on
     */
    @Linux(file = "crypto/async_tx/async_memcpy.c", symbol = "async_memcpy")
    public @Nullable Descriptor memcpy(
            long to, long from, long toOffset, long fromOffset, long bytes, AsyncSubmit submit) {
        return operation(
                "async_memcpy",
                bytes,
                () -> copies.copy(to, from, toOffset, fromOffset, bytes, submit));
    }

    /** Fills a part of a page with the low byte of a value; of kernels before 3.11. */
    @Linux(file = "crypto/async_tx/async_memset.c", symbol = "async_memset")
    public @Nullable Descriptor memset(
            long to, int value, long offset, long bytes, AsyncSubmit submit) {
        return operation(
                "async_memset", bytes, () -> copies.fill(to, value, offset, bytes, submit));
    }

    /**
     * As {@link #xorOffs}, with all parts at one offset.
     *
     * @param sources may be overwritten by the CPU's way where there is no scribble space
     */
    @Linux(file = XOR, symbol = "async_xor")
    public @Nullable Descriptor xor(
            long to, long[] sources, long offset, int count, long bytes, AsyncSubmit submit) {
        return operation(
                "async_xor",
                bytes,
                () -> parity.xor(to, offset, sources, null, count, bytes, submit));
    }

    /**
     * Stores the exclusive or of parts of pages. An engine overwrites the destination, the CPU adds
     * to it: {@link AsyncTxFlags#XOR_ZERO_DST} or {@link AsyncTxFlags#XOR_DROP_DST} makes them
     * agree.
     *
     * @param sources {@link #NO_PAGE} for one that is left out; may be overwritten by the CPU's way
     *     where there is no scribble space
     * @param offsets of the sources
     * @param count how many sources, at least 2
     */
    @Linux(file = XOR, symbol = "async_xor_offs")
    public @Nullable Descriptor xorOffs(
            long to,
            long toOffset,
            long[] sources,
            long[] offsets,
            int count,
            long bytes,
            AsyncSubmit submit) {
        return operation(
                "async_xor_offs",
                bytes,
                () -> parity.xor(to, toOffset, sources, offsets, count, bytes, submit));
    }

    /** As {@link #xorValOffs}, with all parts at one offset. */
    @Linux(file = XOR, symbol = "async_xor_val")
    public @Nullable Descriptor xorVal(
            long to,
            long[] sources,
            long offset,
            int count,
            long bytes,
            SumCheck result,
            AsyncSubmit submit) {
        return operation(
                "async_xor_val",
                bytes,
                () -> parity.check(to, offset, sources, null, count, bytes, result, submit));
    }

    /**
     * Checks whether the exclusive or of parts of pages is 0. The CPU's way stores it in {@code
     * to}, and calls the callback twice, before and after {@code result} is set: so does Linux.
     *
     * @param to the first of the sources
     * @param count how many sources, at least 2
     * @param result gets {@link SumCheck#P} when it is not 0, else 0, before the callback
     */
    @Linux(file = XOR, symbol = "async_xor_val_offs")
    public @Nullable Descriptor xorValOffs(
            long to,
            long toOffset,
            long[] sources,
            long[] offsets,
            int count,
            long bytes,
            SumCheck result,
            AsyncSubmit submit) {
        return operation(
                "async_xor_val_offs",
                bytes,
                () -> parity.check(to, toOffset, sources, offsets, count, bytes, result, submit));
    }

    /**
     * Computes P and Q of a stripe.
     *
     * @param blocks the data, {@link #NO_PAGE} for zeros, then P and Q, one of which may be {@link
     *     #NO_PAGE} (the CPU's way then needs {@code bytes} of a page at most, and puts a page of
     *     its own into the table)
     * @param offsets of the blocks
     * @param disks how many blocks, at most {@link #DISK_COUNT_MAX}
     */
    @Linux(file = PQ, symbol = "async_gen_syndrome")
    public @Nullable Descriptor genSyndrome(
            long[] blocks, long[] offsets, int disks, long bytes, AsyncSubmit submit) {
        return operation(
                "async_gen_syndrome",
                bytes,
                () -> syndromes.generate(blocks, offsets, disks, bytes, submit));
    }

    /**
     * Checks P and Q of a stripe.
     *
     * @param blocks as for {@link #genSyndrome}
     * @param disks how many blocks, at least {@link #CHECKED_DISK_COUNT_MIN}
     * @param result gets what does not fit before the callback
     * @param spare a page for the CPU's way, which needs scribble space, too
     */
    @Linux(file = PQ, symbol = "async_syndrome_val")
    public @Nullable Descriptor syndromeVal(
            long[] blocks,
            long[] offsets,
            int disks,
            long bytes,
            SumCheck result,
            long spare,
            long spareOffset,
            AsyncSubmit submit) {
        return operation(
                "async_syndrome_val",
                bytes,
                () ->
                        syndromes.check(
                                blocks, offsets, disks, bytes, result, spare, spareOffset, submit));
    }

    /**
     * Recovers two data blocks of a stripe, into their pages. An engine does it only where there is
     * scribble space, and then, as in Linux, without waiting for what the client depends on.
     *
     * @param blocks as for {@link #genSyndrome}, with P and Q; unchanged afterwards where there is
     *     scribble space
     */
    @Linux(file = RECOVERY, symbol = "async_raid6_2data_recov")
    public @Nullable Descriptor raid6TwoDataRecov(
            int disks,
            long bytes,
            int oneFailed,
            int otherFailed,
            long[] blocks,
            long[] offsets,
            AsyncSubmit submit) {
        return operation(
                "async_raid6_2data_recov",
                bytes,
                () ->
                        recovery.twoData(
                                disks, bytes, oneFailed, otherFailed, blocks, offsets, submit));
    }

    /**
     * Recovers a data block and P of a stripe, into their pages; otherwise as {@link
     * #raid6TwoDataRecov}.
     */
    @Linux(file = RECOVERY, symbol = "async_raid6_datap_recov")
    public @Nullable Descriptor raid6DataPRecov(
            int disks, long bytes, int failed, long[] blocks, long[] offsets, AsyncSubmit submit) {
        return operation(
                "async_raid6_datap_recov",
                bytes,
                () -> recovery.dataAndP(disks, bytes, failed, blocks, offsets, submit));
    }

    /** Calls back when what it depends on is done. */
    @Linux(file = "crypto/async_tx/async_tx.c", symbol = "async_trigger_callback")
    public @Nullable Descriptor triggerCallback(AsyncSubmit submit) {
        return operation("async_trigger_callback", 0, () -> trigger(submit));
    }

    private @Nullable Descriptor trigger(AsyncSubmit submit) {
        Descriptor depend = submit.dependTx();
        if (depend != null) {
            Channel channel = depend.channel();
            if (channel.device().capabilities().has(TransactionType.INTERRUPT)) {
                Descriptor desc = Chains.tryPrepare(() -> channel.prepInterrupt(0));
                if (desc != null) {
                    chains.submit(channel, desc, submit);
                    return desc;
                }
            }
        }
        chains.quiesce(submit);
        chains.callBack(submit);
        return null;
    }

    /**
     * Submits a descriptor that was prepared outside of these operations behind what it depends on.
     *
     * @throws IllegalStateException where Linux stops by BUG_ON: the dependency was acknowledged
     *     before or has a dependent, or the descriptor has a parent
     */
    @Linux(file = "crypto/async_tx/async_tx.c", symbol = "async_tx_submit")
    public void submit(Channel channel, Descriptor desc, AsyncSubmit submit) {
        operation(
                "async_tx_submit",
                0,
                () -> {
                    chains.submit(channel, desc, submit);
                    return desc;
                });
    }

    /**
     * Waits, busily, until a descriptor is done, and acknowledges it.
     *
     * @param desc null for what is done
     */
    @Linux(file = "crypto/async_tx/async_tx.c", symbol = "async_tx_quiesce")
    public void quiesce(@Nullable Descriptor desc) {
        operation(
                "async_tx_quiesce",
                0,
                () -> {
                    chains.quiesce(desc);
                    return null;
                });
    }

    /** Starts what is submitted to the channel of a descriptor; null is done. */
    @Linux(file = "include/linux/async_tx.h", symbol = "async_tx_issue_pending")
    public void issuePending(@Nullable Descriptor desc) {
        if (desc != null) {
            desc.channel().issuePending();
        }
    }

    /** Starts what is submitted to any public channel. */
    @Linux(file = "include/linux/async_tx.h", symbol = "async_tx_issue_pending_all")
    public void issuePendingAll() {
        engine.issuePendingAll();
    }

    /** What an operation calls is not the client's. */
    private @Nullable Descriptor operation(
            String symbol, long bytes, Supplier<@Nullable Descriptor> body) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(symbol, Long.toString(bytes));
        }
        try (var _ = calls.internally()) {
            return body.get();
        }
    }
}
