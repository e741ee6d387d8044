package dmakit.kernel.dmaengine;

import dmakit.kernel.Calls;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.sched.Contexts;
import dmakit.machine.Check;
import org.jspecify.annotations.Nullable;

/**
 * One prepared transfer.
 *
 * <p>A client prepares it, sets its callback, {@linkplain #submit submits} it at once and then
 * forgets it: from there on it belongs to the provider, which gives the same object out again for
 * another transfer. Only a descriptor with {@link #setReuse} stays the client's.
 */
@Linux(file = "include/linux/dmaengine.h", symbol = "struct dma_async_tx_descriptor")
public abstract class Descriptor {
    private static final String DMAENGINE_H = "include/linux/dmaengine.h";

    private final Channel channel;
    private int cookie;
    private int flags;
    private @Nullable Runnable callback;
    private @Nullable ResultCallback resultCallback;
    private TransferResult result = TransferResult.NOERROR;
    private int residue;
    private @Nullable Descriptor parent;
    private @Nullable Descriptor dependent;
    private MetadataMode metadataMode = MetadataMode.NONE;
    private @Nullable UnmapData unmap;

    /** Creates a descriptor of a channel, to be {@linkplain #begin begun} for every transfer. */
    protected Descriptor(Channel channel) {
        this.channel = channel;
    }

    // For clients.

    /** The channel it was prepared for. */
    public final Channel channel() {
        return channel;
    }

    /**
     * The cookie it got when it was submitted; 0 before and after, and -EBUSY while it waits for
     * its {@link #parent}.
     */
    public final int cookie() {
        return cookie;
    }

    /** The {@link PrepFlags} it has. */
    public final int flags() {
        return flags;
    }

    /**
     * Sets what completion calls, in a tasklet, before submission; a result callback wins over it.
     *
     * @return this
     */
    public final Descriptor callback(@Nullable Runnable newCallback) {
        callback = newCallback;
        return this;
    }

    /**
     * Sets what completion calls, in a tasklet, before submission.
     *
     * @return this
     */
    public final Descriptor callbackResult(@Nullable ResultCallback newCallback) {
        resultCallback = newCallback;
        return this;
    }

    /**
     * Queues the descriptor. Nothing moves before {@link Channel#issuePending}.
     *
     * @return its cookie, at least {@link Cookies#MIN}; -ENODEV when the provider left in between
     * @throws IllegalStateException when it is not a prepared descriptor any more
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_submit")
    public final int submit() {
        Calls calls = channel.engine().calls();
        calls.enter();
        if (calls.isTraced()) {
            calls.report("dmaengine_submit", channel.name());
        }
        TransferRules rules = channel.engine().rules();
        if (channel.device().isGone()) {
            int refused = -Errno.ENODEV.number();
            rules.submitted(this, refused);
            return refused;
        }
        rules.submitting(this);
        try (var _ = calls.internally()) {
            int given = submitToProvider();
            rules.submitted(this, given);
            return given;
        }
    }

    /** Declares that nobody depends on the descriptor any more. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "async_tx_ack")
    public final void ack() {
        flags |= PrepFlags.ACK;
        acknowledged();
    }

    /** Whether nobody depends on the descriptor. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "async_tx_test_ack")
    public final boolean isAcked() {
        return (flags & PrepFlags.ACK) != 0;
    }

    /**
     * Keeps the descriptor prepared after its completion, to be submitted again.
     *
     * @throws DmaException EPERM when the provider does not offer it, ENXIO when it serves no
     *     peripherals
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_desc_set_reuse")
    public final void setReuse() {
        if (!channel.slaveCaps().descriptorReuse()) {
            throw new DmaException(Errno.EPERM, "%s does not reuse descriptors", channel.name());
        }
        flags |= PrepFlags.REUSE;
    }

    /** Lets the provider take the descriptor back after its next completion. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_desc_clear_reuse")
    public final void clearReuse() {
        flags &= ~PrepFlags.REUSE;
    }

    /** Whether the descriptor stays prepared after completion. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_desc_test_reuse")
    public final boolean isReused() {
        return (flags & PrepFlags.REUSE) != 0;
    }

    /**
     * Gives a reused descriptor back.
     *
     * @throws DmaException EPERM when it is not one that is reused
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_desc_free")
    public final void free() {
        if (!isReused()) {
            throw new DmaException(
                    Errno.EPERM, "a descriptor of %s is the provider's to free", channel.name());
        }
        Calls calls = channel.engine().calls();
        try (var _ = calls.internally()) {
            freeByProvider();
        }
    }

    /**
     * Lets a buffer accompany the descriptor, before it is submitted. Of a transfer from a
     * peripheral it is filled when that completes.
     *
     * @param va kernel virtual address of the buffer
     * @param length in bytes
     * @throws DmaException EINVAL when the provider's memory is used already, ENOTSUPP when the
     *     provider does not take buffers; what it says otherwise
     */
    @Linux(file = "drivers/dma/dmaengine.c", symbol = "dmaengine_desc_attach_metadata")
    public final void attachMetadata(long va, long length) {
        called("dmaengine_desc_attach_metadata");
        metadataOps(MetadataMode.CLIENT).attach(this, va, length);
    }

    /**
     * The provider's memory for metadata: to be filled in before submission, or read in the
     * callback and not after it.
     *
     * @throws DmaException EINVAL when a buffer is attached already, ENOTSUPP when the provider has
     *     none; what it says otherwise
     */
    @Linux(file = "drivers/dma/dmaengine.c", symbol = "dmaengine_desc_get_metadata_ptr")
    public final MetadataOps.Metadata metadata() {
        called("dmaengine_desc_get_metadata_ptr");
        return metadataOps(MetadataMode.ENGINE).pointer(this);
    }

    /**
     * Tells how many bytes of the provider's memory are filled in, before submission.
     *
     * @throws DmaException as {@link #metadata}
     */
    @Linux(file = "drivers/dma/dmaengine.c", symbol = "dmaengine_desc_set_metadata_len")
    public final void metadataLength(long payloadBytes) {
        called("dmaengine_desc_set_metadata_len");
        metadataOps(MetadataMode.ENGINE).length(this, payloadBytes);
    }

    /** Has what the transfer mapped unmapped when it is done; refers to it. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dma_set_unmap")
    public final void setUnmap(UnmapData data) {
        data.get();
        unmap = data;
    }

    // Dependencies. Linux locks both ends; here no time passes, so nothing comes in between.

    /** The descriptor whose completion submits this one, or null for one that waits for none. */
    @Linux(file = DMAENGINE_H, symbol = "txd_parent")
    public final @Nullable Descriptor parent() {
        return parent;
    }

    /** The descriptor that waits for this one, or null. */
    @Linux(file = DMAENGINE_H, symbol = "txd_next")
    public final @Nullable Descriptor next() {
        return dependent;
    }

    /**
     * Has a prepared descriptor submitted by {@link DmaEngine#runDependencies} of this one, and not
     * before. Its cookie is -EBUSY until then.
     *
     * @throws IllegalStateException when either end has a partner: dependencies are one to one
     */
    @Linux(file = DMAENGINE_H, symbol = "txd_chain")
    public final void chain(Descriptor after) {
        if (dependent != null || after.parent != null) {
            throw new IllegalStateException(
                    "a descriptor of %s depends on one of %s, but %s"
                            .formatted(
                                    after.channel.name(),
                                    channel.name(),
                                    dependent != null
                                            ? "that has a dependent already"
                                            : "it has a parent already"));
        }
        dependent = after;
        after.parent = this;
        after.cookie = -Errno.EBUSY.number();
    }

    /** Lets go of the parent: the descriptor may be submitted. */
    @Linux(file = DMAENGINE_H, symbol = "txd_clear_parent")
    public final void clearParent() {
        parent = null;
    }

    /** Lets go of the dependent, which somebody submits now. */
    @Linux(file = DMAENGINE_H, symbol = "txd_clear_next")
    public final void clearNext() {
        dependent = null;
    }

    /** Is dropped: what it waited for does not submit it, and what waits for it waits on. */
    final void leaveChain() {
        Descriptor from = parent;
        if (from != null && equals(from.dependent)) {
            from.dependent = null;
        }
        parent = null;
        dependent = null;
    }

    // For providers.

    /** Lets go of what the client gave to be unmapped, if it gave something. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dma_descriptor_unmap")
    protected final void unmap() {
        UnmapData data = unmap;
        if (data != null) {
            unmap = null;
            data.put();
        }
    }

    /** What the provider does with metadata; null where it has none. */
    protected @Nullable MetadataOps metadataOps() {
        return null;
    }

    @Linux(file = "drivers/dma/dmaengine.c", symbol = "desc_check_and_set_metadata_mode")
    private MetadataOps metadataOps(MetadataMode wanted) {
        if (metadataMode != MetadataMode.NONE && metadataMode != wanted) {
            throw new DmaException(
                    Errno.EINVAL, "metadata of mode %s, wanted %s", metadataMode, wanted);
        }
        MetadataOps ops = metadataOps();
        if (!channel.device().supports(wanted) || ops == null) {
            throw new DmaException(
                    Errno.ENOTSUPP, "%s has no metadata of mode %s", channel.name(), wanted);
        }
        metadataMode = wanted;
        return ops;
    }

    private void called(String symbol) {
        Calls calls = channel.engine().calls();
        calls.enter();
        if (calls.isTraced()) {
            calls.report(symbol, channel.name());
        }
    }

    /** Begins another transfer: no cookie, no callback, no error, no dependencies. */
    protected final void begin(int newFlags) {
        cookie = 0;
        leaveChain();
        flags = newFlags;
        callback = null;
        resultCallback = null;
        metadataMode = MetadataMode.NONE;
        unmap = null;
        result(TransferResult.NOERROR, 0);
    }

    /**
     * Queues the descriptor and gives it a cookie.
     *
     * @return the cookie
     */
    protected abstract int submitToProvider();

    /** Takes back a descriptor that its client does not reuse any more. */
    protected abstract void freeByProvider();

    /** Was acknowledged, maybe again: for a provider whose own state is elsewhere. */
    protected void acknowledged() {}

    /** Takes over the cookie that a provider elsewhere has given; 0 for complete. */
    protected final void cookieIs(int newCookie) {
        cookie = newCookie;
    }

    /** Gives the descriptor the channel's next cookie. The provider holds its lock. */
    @Linux(file = "drivers/dma/dmaengine.h", symbol = "dma_cookie_assign")
    protected final int assignCookie() {
        cookie = channel.nextCookie();
        return cookie;
    }

    /** Completes the descriptor's cookie and all before it. The provider holds its lock. */
    @Linux(file = "drivers/dma/dmaengine.h", symbol = "dma_cookie_complete")
    protected final void completeCookie() {
        Check.invariant(cookie >= Cookies.MIN, "a descriptor without a cookie completes");
        channel.completeCookie(cookie);
        cookie = 0;
    }

    /** Records how the transfer ended, for a result callback. */
    protected final void result(TransferResult newResult, int newResidue) {
        result = newResult;
        residue = newResidue;
    }

    /** Whether there is anything to call. */
    final boolean hasCallback() {
        return callback != null || resultCallback != null;
    }

    /**
     * Lets go of what is to be unmapped, and calls the callback, if there is one; what it calls are
     * calls of the client.
     */
    @Linux(file = "drivers/dma/dmaengine.h", symbol = "dmaengine_desc_get_callback_invoke")
    protected final void invokeCallback() {
        unmap();
        ResultCallback withResult = resultCallback;
        Runnable plain = callback;
        Calls calls = channel.engine().calls();
        TransferRules rules = channel.engine().rules();
        Channel before = rules.callback(channel);
        Contexts contexts = channel.engine().contexts();
        boolean outerCallback = contexts.callback(true);
        try (var _ = calls.asDriver()) {
            if (withResult != null) {
                withResult.done(result, residue);
            } else if (plain != null) {
                plain.run();
            }
        } finally {
            contexts.callback(outerCallback);
            rules.callback(before);
        }
    }
}
