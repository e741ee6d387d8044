package dmakit.kernel.dmaengine;

import dmakit.devicetree.Node;
import dmakit.kernel.Calls;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.irq.Softirqs;
import dmakit.kernel.irq.Tasklet;
import dmakit.kernel.sched.Contexts;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sync.SpinLock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Brings clients and channels together.
 *
 * <p>A channel has one exclusive client, or any number of public ones. While a provider has
 * exclusive clients it is PRIVATE and the public does not get at it.
 */
public final class DmaEngine {
    private static final String FILE = "drivers/dma/dmaengine.c";

    /** Providers that may be registered at the same time. */
    public static final int PROVIDER_COUNT_MAX = 1024;

    private final Calls calls;
    private final Sched sched;
    private final Softirqs softirqs;
    private final OfDma ofDma;
    private final TransferRules rules;
    private final List<DmaDevice> devices = new ArrayList<>();
    private final List<EngineObserver> observers = new ArrayList<>();
    private final Providers providers;
    private final PublicChannels open;
    private final ExclusiveChannels exclusive;
    private final CompletionPoll polling;

    /** Creates the subsystem without providers. */
    public DmaEngine(Sched sched, Softirqs softirqs, OfDma ofDma) {
        this.sched = sched;
        calls = sched.calls();
        this.softirqs = softirqs;
        this.ofDma = ofDma;
        rules = new TransferRules(sched);
        open = new PublicChannels(devices, sched.log());
        providers = new Providers(sched, devices, open, observers);
        exclusive = new ExclusiveChannels(devices, ofDma, sched.contexts(), observers);
        polling = new CompletionPoll(sched, softirqs, rules);
    }

    /** What clients may do, and what they did where mistakes are looked for. */
    public TransferRules rules() {
        return rules;
    }

    /** Requests by device tree. */
    public OfDma ofDma() {
        return ofDma;
    }

    /** The registered providers in the order of registration. */
    public List<DmaDevice> devices() {
        return Collections.unmodifiableList(devices);
    }

    // Providers.

    /**
     * Registers a provider under the lowest free number.
     *
     * @throws DmaException EIO when it claims what it cannot do
     */
    @Linux(file = FILE, symbol = "dma_async_device_register")
    public void register(DmaDevice device) {
        calls.enter();
        providers.add(device);
    }

    /**
     * Registers a channel that came later than its provider, under the lowest free number.
     *
     * @param name its name; empty for the usual one
     * @throws DmaException ENOSPC when the provider has {@link DmaDevice#CHANNEL_COUNT_MAX}
     * @throws IllegalStateException when it is registered, or its provider is not
     */
    @Linux(file = FILE, symbol = "dma_async_device_channel_register")
    public void register(Channel channel, String name) {
        providers.checkNew(channel);
        calls.enter();
        providers.add(channel, name);
    }

    /** Takes a channel out before its provider. */
    @Linux(file = FILE, symbol = "dma_async_device_channel_unregister")
    public void unregister(Channel channel) {
        calls.enter();
        providers.remove(channel);
    }

    /** Registers a provider until its driver lets go of the device. */
    @Linux(file = FILE, symbol = "dmaenginem_async_device_register")
    public void devmRegister(DmaDevice device) {
        register(device);
        device.dev().devres().add("dmaenginem_async_device_register", () -> unregister(device));
    }

    /**
     * Takes a provider out. One that still has clients is warned of, unless it can outlive its
     * driver: what it does is terminated and freed, and clients find it gone.
     */
    @Linux(file = FILE, symbol = "dma_async_device_unregister")
    public void unregister(DmaDevice device) {
        calls.enter();
        providers.remove(device);
    }

    /** Tells somebody of every provider and channel from now on. */
    public void observe(EngineObserver observer) {
        observers.add(observer);
    }

    void used(Channel channel) {
        observers.forEach(observer -> observer.used(channel));
    }

    // Exclusive clients.

    /**
     * Takes a channel for one client alone: the first free one, in the order of registration and
     * number, that can do what is wanted and that the filter accepts. A public provider of several
     * channels gives none while one of them has a client.
     *
     * @return nothing when there is none
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dma_request_channel")
    public Optional<Channel> requestChannel(Capabilities wanted, ChannelFilter filter) {
        return requestChannel(null, wanted, filter);
    }

    /**
     * {@link #requestChannel(Capabilities, ChannelFilter)} of the providers that have a node.
     *
     * @param controller the node; null for any provider
     */
    @Linux(file = FILE, symbol = "__dma_request_channel")
    public Optional<Channel> requestChannel(
            @Nullable Node controller, Capabilities wanted, ChannelFilter filter) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("dma_request_channel", wanted.toString());
        }
        mightSleep("dma_request_channel");
        Optional<Channel> found = exclusive.request(controller, wanted, filter);
        found.ifPresent(rules::requested);
        return found;
    }

    /**
     * Takes a channel that can do what is wanted.
     *
     * @throws DmaException ENODEV when there is none; EPROBE_DEFER when there is no provider at all
     */
    @Linux(file = FILE, symbol = "dma_request_chan_by_mask")
    public Channel requestChanByMask(Capabilities wanted) {
        return requestChannel(wanted, ChannelFilter.ANY)
                .orElseThrow(() ->
                        new DmaException(
                                devices.isEmpty() ? Errno.EPROBE_DEFER : Errno.ENODEV,
                                "no channel can do %s",
                                wanted));
    }

    /**
     * Takes the channel that a device gets by a name: from the device tree, or else from what
     * providers {@linkplain DmaDevice#slaveMap say} of the device.
     *
     * @throws DmaException EPROBE_DEFER when its provider is not registered yet, or neither the
     *     tree nor a provider knows the device; ENODEV when the tree gives it none of that name, or
     *     all are busy; what the provider refuses with otherwise
     */
    @Linux(file = FILE, symbol = "dma_request_chan")
    public Channel requestChan(Device dev, String name) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("dma_request_chan", dev.name() + ", \"" + name + "\"");
        }
        mightSleep("dma_request_chan");
        Channel channel = exclusive.request(dev, name);
        rules.requested(channel);
        return channel;
    }

    /** As {@link #requestChan}, for drivers that do not care why there is none. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dma_request_slave_channel")
    public Optional<Channel> requestSlaveChannel(Device dev, String name) {
        try {
            return Optional.of(requestChan(dev, name));
        } catch (DmaException _) {
            return Optional.empty();
        }
    }

    /** As {@link #requestSlaveChannel}, or else {@link #requestChannel}. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dma_request_slave_channel_compat")
    public Optional<Channel> requestSlaveChannelCompat(
            Capabilities wanted, ChannelFilter filter, Device dev, String name) {
        return requestSlaveChannel(dev, name).or(() -> requestChannel(wanted, filter));
    }

    /**
     * {@link #requestChan}, released when the driver lets go of the device.
     *
     * @throws DmaException as there
     */
    @Linux(file = FILE, symbol = "devm_dma_request_chan")
    public Channel devmRequestChan(Device dev, String name) {
        Channel channel = requestChan(dev, name);
        dev.devres().add("devm_dma_request_chan", () -> release(channel));
        return channel;
    }

    /** Gives a channel back that was requested. */
    @Linux(file = FILE, symbol = "dma_release_channel")
    public void release(Channel channel) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("dma_release_channel", channel.name());
        }
        mightSleep("dma_release_channel");
        rules.used(channel, "dma_release_channel");
        rules.released(channel);
        exclusive.release(channel);
    }

    /**
     * For {@link OfDma.Translate}: takes that very channel.
     *
     * @return nothing when it has a client, or the provider refuses
     */
    @Linux(file = FILE, symbol = "dma_get_slave_channel")
    public Optional<Channel> getSlaveChannel(Channel channel) {
        return exclusive.take(channel);
    }

    /**
     * For {@link OfDma.Translate}: takes the first free channel of a provider that serves
     * peripherals.
     *
     * @return nothing when all have clients, it serves none, or refuses
     */
    @Linux(file = FILE, symbol = "dma_get_any_slave_channel")
    public Optional<Channel> getAnySlaveChannel(DmaDevice device) {
        return exclusive.takeAny(device);
    }

    /** As {@link #requestChannel}, for {@link OfDma}, which tells nobody of it. */
    Optional<Channel> requestOf(
            @Nullable Node controller, Capabilities wanted, ChannelFilter filter) {
        return exclusive.request(controller, wanted, filter);
    }

    // Public clients.

    /** Takes every channel of every public provider, now and to come. */
    @Linux(file = FILE, symbol = "dmaengine_get")
    public void get() {
        calls.enter();
        open.get();
    }

    /**
     * Gives back what {@link #get} took.
     *
     * @throws IllegalStateException when nobody holds it
     */
    @Linux(file = FILE, symbol = "dmaengine_put")
    public void put() {
        calls.enter();
        open.put();
    }

    /** The public channel for an operation; it is shared, and not taken by this. */
    @Linux(file = FILE, symbol = "dma_find_channel")
    public Optional<Channel> findChannel(TransactionType type) {
        calls.enter();
        return open.find(type);
    }

    /** Issues what is submitted to all public channels. */
    @Linux(file = FILE, symbol = "dma_issue_pending_all")
    public void issuePendingAll() {
        calls.enter();
        open.issuePending();
    }

    /**
     * Waits until what a descriptor depends on has submitted it, and then polls until it is not in
     * progress: each for 5 s at most.
     *
     * @return the status; COMPLETE for null, ERROR after 5 s
     */
    @Linux(file = FILE, symbol = "dma_wait_for_async_tx")
    public DmaStatus waitForAsyncTx(@Nullable Descriptor tx) {
        if (tx == null) {
            return DmaStatus.COMPLETE;
        }
        calls.enter();
        return polling.isSubmitted(tx) ? tx.channel().syncWait(tx.cookie()) : DmaStatus.ERROR;
    }

    // Dependencies, for providers.

    /**
     * Submits what depends on a descriptor, and issues it: for providers, when the descriptor is
     * complete and its callback has run, with no lock held. Dependents of one channel are submitted
     * together; where the chain goes on to another channel, the descriptor between the two calls
     * again.
     */
    @Linux(file = FILE, symbol = "dma_run_dependencies")
    public void runDependencies(Descriptor desc) {
        Descriptor dependent = desc.next();
        if (dependent == null) {
            return;
        }
        desc.clearNext();
        Channel channel = dependent.channel();
        try (var _ = calls.internally()) {
            for (Descriptor now = dependent; now != null; ) {
                now.clearParent();
                Descriptor after = now.next();
                boolean goesOn = after != null && after.channel().equals(channel);
                if (goesOn) {
                    now.clearNext();
                }
                now.submit();
                now = goesOn ? after : null;
            }
            channel.issuePending();
        }
    }

    // What the system shows.

    /** The names under {@code /sys/class/dma}, in the order of registration. */
    public List<String> channelNames() {
        return devices.stream()
                .flatMap(device -> device.channels().stream())
                .map(Channel::name)
                .toList();
    }

    /** The text of {@code /sys/kernel/debug/dmaengine/summary}. */
    @Linux(file = FILE, symbol = "dmaengine_summary_show")
    public String summary() {
        return EngineSummary.of(devices);
    }

    // For channels.

    Contexts contexts() {
        return sched.contexts();
    }

    Calls calls() {
        return calls;
    }

    /** For providers: a lock for what a channel shares with its interrupt. */
    public SpinLock newLock(String name) {
        return new SpinLock(sched, name);
    }

    /** For providers: where a channel runs its callbacks. */
    public Tasklet newTasklet(String name, Runnable action) {
        return new Tasklet(softirqs, name, action);
    }

    void mightSleep(String what) {
        sched.contexts().mightSleep(what);
    }

    DmaStatus poll(Channel channel, int cookie, TxState state) {
        return polling.status(channel, cookie, state);
    }
}
