package dmakit.kernel.dmaengine;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One channel of a provider, and the door for the client that holds it.
 *
 * <p>Prepare, {@linkplain Descriptor#submit submit}, {@linkplain #issuePending issue}; then wait
 * for the callback. A provider that cannot prepare throws; C code gets NULL.
 */
@Linux(file = "include/linux/dmaengine.h", symbol = "struct dma_chan")
public abstract non-sealed class Channel extends ChannelPreps {
    private final DmaEngine engine;
    private final TxState pollState = new TxState();
    private String name = "";
    private int index = -1;
    private int clientCount;
    private int tableCount;
    private int cookie = Cookies.MIN;
    private int completedCookie = Cookies.MIN;
    private SlaveConfig lastConfig = SlaveConfig.NONE;
    private @Nullable Device slave;
    private @Nullable String slaveName;
    private @Nullable DmaRouter router;
    private @Nullable Object routeData;
    private long copyCount;
    private long copiedBytes;

    /** Creates the next channel of a provider. */
    protected Channel(DmaDevice device) {
        super(device);
        engine = device.engine();
        device.add(this);
    }

    // What it is.

    /**
     * {@code dmaNchanM}; empty before the provider is registered, and still that when it has left.
     */
    @Override
    @Linux(file = "include/linux/dmaengine.h", symbol = "dma_chan_name")
    public final String name() {
        return name;
    }

    /** Number of the channel in its provider; -1 before that is registered. */
    public final int index() {
        return index;
    }

    /** The provider. */
    public final DmaDevice device() {
        return device;
    }

    /** How many clients hold the channel. */
    public final int clientCount() {
        return clientCount;
    }

    /** The device that requested the channel by name, or null. */
    public final @Nullable Device slave() {
        return slave;
    }

    /** The name it was requested by, for example {@code rx}, or null. */
    public final @Nullable String slaveName() {
        return slaveName;
    }

    /** The router that leads the peripheral's requests to it, or null. */
    public final @Nullable DmaRouter router() {
        return router;
    }

    /** By which the router knows the route, or null: for {@code device_router_config}. */
    public final @Nullable Object routeData() {
        return routeData;
    }

    /** Copies that its provider counted; few do. */
    public final long copyCount() {
        return copyCount;
    }

    /** Bytes of the copies that its provider counted. */
    public final long copiedBytes() {
        return copiedBytes;
    }

    // Preparing: see also what it inherits.

    /**
     * Tells the channel how its peripheral wants to be served, from the next prepared descriptor
     * on.
     *
     * @throws DmaException ENOSYS when the provider cannot be told
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_slave_config")
    public final void slaveConfig(SlaveConfig config) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("dmaengine_slave_config", name + ", " + config);
        }
        ProviderOps.Config op = device.ops().config;
        if (op == null) {
            throw lacks("device_config");
        }
        rules.used(this, "dmaengine_slave_config");
        rules.configured(this);
        lastConfig = config;
        try (var _ = calls.internally()) {
            op.configure(this, config);
        }
    }

    /**
     * What the channel offers to the driver of a peripheral.
     *
     * @throws DmaException ENXIO when it serves none
     */
    @Linux(file = "drivers/dma/dmaengine.c", symbol = "dma_get_slave_caps")
    public final SlaveCaps slaveCaps() {
        SlaveCaps caps = device.slaveCaps();
        ProviderOps.ChannelCaps op = device.ops().caps;
        return op == null ? caps : op.of(this, caps);
    }

    // Running.

    /** Starts everything submitted, in order; harmless when nothing was. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dma_async_issue_pending")
    public final void issuePending() {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("dma_async_issue_pending", name);
        }
        rules.used(this, "dma_async_issue_pending");
        rules.issued(this);
        run(device.ops().issuePending);
    }

    /**
     * Where a cookie stands.
     *
     * @param state filled with cookies and residue; null when the status is enough
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_tx_status")
    public final DmaStatus txStatus(int ofCookie, @Nullable TxState state) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("dmaengine_tx_status", name + ", " + ofCookie);
        }
        return status(ofCookie, state);
    }

    /**
     * Where a cookie stands, and the pair by which {@link Cookies#isComplete} tells it of others
     * without asking the hardware.
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dma_async_is_tx_complete")
    public final DmaStatus isTxComplete(int ofCookie, TxState lastAndUsed) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("dma_async_is_tx_complete", name + ", " + ofCookie);
        }
        return status(ofCookie, lastAndUsed);
    }

    /**
     * Issues and polls until a cookie is not in progress, for 5 s at most. A paused channel ends
     * the wait.
     *
     * @return the status; ERROR after 5 s
     */
    @Linux(file = "drivers/dma/dmaengine.c", symbol = "dma_sync_wait")
    public final DmaStatus syncWait(int ofCookie) {
        if (calls.isTraced()) {
            calls.report("dma_sync_wait", name + ", " + ofCookie);
        }
        try (var _ = calls.internally()) {
            issuePending();
            return engine.poll(this, ofCookie, pollState);
        }
    }

    /**
     * Lets the channel stand still. Bytes in flight may still land.
     *
     * @throws DmaException ENOSYS when the provider cannot
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_pause")
    public final void pause() {
        control("dmaengine_pause", device.ops().pause, Errno.ENOSYS);
    }

    /**
     * Lets a paused channel go on.
     *
     * @throws DmaException ENOSYS when the provider cannot
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_resume")
    public final void resume() {
        control("dmaengine_resume", device.ops().resume, Errno.ENOSYS);
    }

    /**
     * Drops all descriptors of the channel, without a word to their callbacks. One callback may
     * still run afterwards; {@link #synchronize} waits for it. Callable from everywhere.
     *
     * @throws DmaException EINVAL when the provider cannot
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_terminate_async")
    public final void terminateAsync() {
        terminate("dmaengine_terminate_async", Errno.EINVAL);
    }

    /**
     * Waits until no dropped transfer and no callback of one runs any more. Sleeps; not to be
     * called from a callback.
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_synchronize")
    public final void synchronize() {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("dmaengine_synchronize", name);
        }
        if (!rules.mayWait(this, "dmaengine_synchronize")) {
            return; // in Linux it waits for itself, for ever
        }
        engine.mightSleep("dmaengine_synchronize");
        ProviderOps.ChannelOp op = device.ops().synchronize;
        if (op != null) {
            run(op);
        }
    }

    /**
     * {@link #terminateAsync} and {@link #synchronize}.
     *
     * @throws DmaException EINVAL when the provider cannot
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_terminate_sync")
    public final void terminateSync() {
        terminateAsync();
        synchronize();
    }

    /**
     * Drops all descriptors; the old name of {@link #terminateAsync}.
     *
     * @throws DmaException ENOSYS when the provider cannot
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_terminate_all")
    public final void terminateAll() {
        terminate("dmaengine_terminate_all", Errno.ENOSYS);
    }

    // For providers.

    /** The cookies' side of a status: complete or in progress; residue 0. */
    @Linux(file = "drivers/dma/dmaengine.h", symbol = "dma_cookie_status")
    protected final DmaStatus cookieStatus(int ofCookie, @Nullable TxState state) {
        if (state != null) {
            state.set(completedCookie, cookie);
        }
        return Cookies.isComplete(ofCookie, completedCookie, cookie);
    }

    /** Whether a cookie that was given out is complete, as far as is known without asking. */
    protected boolean hasCompleted(int ofCookie) {
        return Cookies.isComplete(ofCookie, completedCookie, cookie) == DmaStatus.COMPLETE;
    }

    /**
     * What its client left undone in ways that this kernel does not see: C code has its own for
     * providers in C. Asked where mistakes are looked for, by a task.
     */
    protected Set<Unfinished> unfinishedElsewhere() {
        return EnumSet.noneOf(Unfinished.class);
    }

    /** Whether anybody can still say what became of its transfers. */
    protected boolean isKnown() {
        return !device.isGone();
    }

    /** Counts a copy, for who looks in {@code /sys/class/dma}. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "struct dma_chan_percpu")
    protected final void countCopy(long bytes) {
        copyCount++;
        copiedBytes += bytes;
    }

    /** The subsystem. */
    protected final DmaEngine engine() {
        return engine;
    }

    // For the core.

    final void registered(String newName, int newIndex) {
        name = newName;
        index = newIndex;
        clientCount = 0;
    }

    final void unregistered() {
        index = -1;
    }

    /**
     * Takes a reference; the first one allocates.
     *
     * @throws DmaException what the provider refuses with
     */
    @Linux(file = "drivers/dma/dmaengine.c", symbol = "dma_chan_get")
    final void take() {
        if (clientCount == 0) {
            ProviderOps.ChannelOp alloc = device.ops().allocChannel;
            if (alloc != null) {
                run(alloc);
            }
            device.refer();
        }
        clientCount++;
        engine.used(this);
    }

    /** Gives a reference back; the last one frees. */
    @Linux(file = "drivers/dma/dmaengine.c", symbol = "dma_chan_put")
    final void put() {
        if (clientCount == 0) {
            return;
        }
        clientCount--;
        engine.used(this);
        if (clientCount == 0) {
            free();
        }
        DmaRouter by = router;
        Object data = routeData;
        if (by != null && data != null) {
            router = null;
            routeData = null;
            by.free().route(data);
        }
        if (clientCount == 0) {
            device.letGo();
        }
    }

    /** Has the provider free what it allocated for clients. */
    private void free() {
        ProviderOps.ChannelOp freeChannel = device.ops().freeChannel;
        if (freeChannel != null) {
            ProviderOps.ChannelOp wait = device.ops().synchronize;
            if (wait != null) {
                run(wait);
            }
            run(freeChannel);
        }
    }

    /** The provider leaves although it is in use: nothing goes on, and nothing stays allocated. */
    final void abandon() {
        ProviderOps.ChannelOp terminate = device.ops().terminateAll;
        if (terminate != null) {
            run(terminate);
        }
        free();
        rules.terminated(this);
    }

    /** Where a cookie stands when nothing moves any more: it came to an end, or never will. */
    final DmaStatus goneStatus(int ofCookie, @Nullable TxState state) {
        DmaStatus status = cookieStatus(ofCookie, state);
        return status == DmaStatus.COMPLETE ? status : DmaStatus.ERROR;
    }

    final void routedBy(DmaRouter by, Object data) {
        router = by;
        routeData = data;
    }

    final void clientCount(int count) {
        clientCount = count;
        engine.used(this);
    }

    final SlaveConfig lastConfig() {
        return lastConfig;
    }

    final DmaStatus statusOf(int ofCookie, TxState state) {
        return status(ofCookie, state);
    }

    final int tableCount() {
        return tableCount;
    }

    final void tableCount(int count) {
        tableCount = count;
    }

    final void slave(@Nullable Device newSlave, @Nullable String newName) {
        slave = newSlave;
        slaveName = newName;
    }

    final int nextCookie() {
        cookie = Cookies.after(cookie);
        return cookie;
    }

    final void completeCookie(int done) {
        completedCookie = done;
    }

    /** Moves both cookies, so that a test meets the wrap. */
    final void cookiesAt(int both) {
        cookie = both;
        completedCookie = both;
    }

    private void terminate(String symbol, Errno missing) {
        ProviderOps.ChannelOp op = device.ops().terminateAll;
        if (op == null) {
            rules.terminateRefused(this);
        }
        control(symbol, op, missing);
        rules.terminated(this);
    }

    private void control(String symbol, ProviderOps.@Nullable ChannelOp op, Errno missing) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(symbol, name);
        }
        if (op == null) {
            throw new DmaException(missing, "%s: %s offers no %s", symbol, name, symbol);
        }
        rules.used(this, symbol);
        run(op);
    }

    /** What the provider calls then is not the client's. */
    final void run(ProviderOps.ChannelOp op) {
        try (var _ = calls.internally()) {
            op.on(this);
        }
    }

    private DmaStatus status(int ofCookie, @Nullable TxState state) {
        try (var _ = calls.internally()) {
            return device.ops().txStatus.of(this, ofCookie, state);
        }
    }
}
