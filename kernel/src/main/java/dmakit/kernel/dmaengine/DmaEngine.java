package dmakit.kernel.dmaengine;

import dmakit.devicetree.Node;
import dmakit.kernel.Calls;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.irq.Softirqs;
import dmakit.kernel.irq.Tasklet;
import dmakit.kernel.log.Log;
import dmakit.kernel.sched.Contexts;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sync.SpinLock;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.Purpose;
import dmakit.machine.time.Clock;
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

    private static final long SYNC_WAIT_PS = 5_000_000_000_000L;

    /** So long each round of a wait is short and its end exact; then rounds become longer. */
    private static final long CLOSE_POLL_PS = 100_000_000_000L;

    /** Capabilities that stand for an operation, in the order in which they are checked. */
    private static final List<TransactionType> CHECKED_TYPES =
            List.of(
                    TransactionType.MEMCPY,
                    TransactionType.XOR,
                    TransactionType.XOR_VAL,
                    TransactionType.PQ,
                    TransactionType.PQ_VAL,
                    TransactionType.MEMSET,
                    TransactionType.INTERRUPT,
                    TransactionType.CYCLIC,
                    TransactionType.INTERLEAVE);

    private final Calls calls;
    private final Log log;
    private final Sched sched;
    private final Clock clock;
    private final Softirqs softirqs;
    private final OfDma ofDma;
    private final TransferRules rules;
    private final List<DmaDevice> devices = new ArrayList<>();
    private final PublicChannels open;
    private final List<EngineObserver> observers = new ArrayList<>();
    private boolean warnedOfReferences;
    private boolean warnedOfClients;

    /** Creates the subsystem without providers. */
    public DmaEngine(Sched sched, Softirqs softirqs, OfDma ofDma) {
        this.sched = sched;
        calls = sched.calls();
        clock = sched.machine().clock();
        log = sched.log();
        this.softirqs = softirqs;
        this.ofDma = ofDma;
        rules = new TransferRules(calls.findings(), sched.machine().ram());
        open = new PublicChannels(devices, log);
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
        checkCapabilities(device);
        if (devices.contains(device)) {
            throw new IllegalStateException("dma%d is registered already".formatted(device.id()));
        }
        device.noteAsyncTx();
        device.registered(lowestFreeId());
        int index = 0;
        for (Channel channel : device.channels()) {
            enter(channel, "", index);
            index++;
        }
        open.add(device);
        devices.add(device);
        if (device.isPrivate()) {
            device.addPrivate();
        }
        open.rebalance();
        observers.forEach(observer -> observer.registered(device));
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
        DmaDevice device = channel.device();
        if (!devices.contains(device) || device.channels().contains(channel)) {
            throw new IllegalStateException(
                    "a channel of %s cannot be registered now".formatted(device.dev().name()));
        }
        calls.enter();
        int index = 0;
        while (hasIndex(device, index)) {
            index++;
        }
        device.addNow(channel);
        enter(channel, name, index);
        open.rebalance();
    }

    private static boolean hasIndex(DmaDevice device, int index) {
        return device.channels().stream().anyMatch(channel -> channel.index() == index);
    }

    /** Takes a channel out before its provider. */
    @Linux(file = FILE, symbol = "dma_async_device_channel_unregister")
    public void unregister(Channel channel) {
        calls.enter();
        leave(channel);
        channel.device().remove(channel);
        open.rebalance();
    }

    private void enter(Channel channel, String name, int index) {
        channel.registered(
                name.isEmpty() ? "dma%dchan%d".formatted(channel.device().id(), index) : name,
                index);
        observers.forEach(observer -> observer.added(channel));
    }

    private void checkCapabilities(DmaDevice device) {
        for (TransactionType type : CHECKED_TYPES) {
            if (device.capabilities().has(type) && !device.ops().serves(type)) {
                log.devErr(
                        device.dev(),
                        "Device claims capability %s, but op is not defined",
                        type.symbol());
                throw new DmaException(
                        Errno.EIO, "%s has no op for %s", device.dev().name(), type.symbol());
            }
        }
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
        if (!devices.contains(device)) {
            throw new IllegalStateException(device.dev().name() + " is not registered");
        }
        observers.forEach(observer -> observer.leaving(device));
        for (Channel channel : device.channels()) {
            leave(channel);
        }
        devices.remove(device);
        device.makePrivate();
        open.rebalance();
        device.unregistered();
    }

    @Linux(file = FILE, symbol = "__dma_async_device_channel_unregister")
    private void leave(Channel channel) {
        if (channel.clientCount() > 0 && !channel.device().outlivesItsDriver()) {
            if (!warnedOfClients) {
                warnedOfClients = true;
                sched.contexts()
                        .warn(
                                "__dma_async_device_channel_unregister",
                                "__dma_async_device_channel_unregister called while %d clients"
                                        + " hold a reference",
                                channel.clientCount());
            }
            channel.abandon();
        }
        observers.forEach(observer -> observer.removed(channel));
        channel.unregistered();
    }

    /** Tells somebody of every provider and channel from now on. */
    public void observe(EngineObserver observer) {
        observers.add(observer);
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
        Optional<Channel> found = requestOf(controller, wanted, filter);
        found.ifPresent(rules::requested);
        return found;
    }

    /** As {@link #requestChannel}, of the providers of one node where there is one. */
    Optional<Channel> requestOf(
            @Nullable Node controller, Capabilities wanted, ChannelFilter filter) {
        for (DmaDevice device : devices) {
            Node node = device.dev().ofNode();
            if (controller != null && node != null && !controller.equals(node)) {
                continue;
            }
            Channel channel = candidate(device, wanted, filter);
            if (channel != null && takePrivate(channel) == null) {
                return Optional.of(channel);
            }
        }
        return Optional.empty();
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
        Channel channel = byTreeOrMap(dev, name);
        channel.slave(dev, name);
        observers.forEach(observer -> observer.linked(channel, dev, name));
        rules.requested(channel);
        return channel;
    }

    private Channel byTreeOrMap(Device dev, String name) {
        Node node = dev.ofNode();
        if (node == null) {
            return byMap(dev, name)
                    .orElseThrow(() ->
                            new DmaException(
                                    Errno.EPROBE_DEFER,
                                    "%s has no node to find '%s' by",
                                    dev.name(),
                                    name));
        }
        try {
            return ofDma.request(node, name);
        } catch (DmaException none) {
            if (none.errno() == Errno.EPROBE_DEFER) {
                throw none;
            }
            return byMap(dev, name).orElseThrow(() -> none);
        }
    }

    /**
     * What a provider has for a device.
     *
     * @return nothing when no provider knows it
     */
    private Optional<Channel> byMap(Device dev, String name) {
        DmaException last = null;
        for (DmaDevice device : devices) {
            DmaSlaveMap entry = device.mapFor(dev, name);
            if (entry == null) {
                continue;
            }
            Channel channel =
                    candidate(device, Capabilities.of(TransactionType.SLAVE), entry.filter());
            if (channel == null) {
                last =
                        new DmaException(
                                Errno.EPROBE_DEFER, "no free channel for %s:%s", dev.name(), name);
                continue;
            }
            last = takePrivate(channel);
            if (last == null) {
                return Optional.of(channel);
            }
        }
        if (last != null) {
            throw last;
        }
        return Optional.empty();
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
        if (channel.clientCount() != 1 && !warnedOfReferences) {
            warnedOfReferences = true;
            sched.contexts()
                    .warn(
                            "dma_release_channel",
                            "chan reference count %d != 1",
                            channel.clientCount());
        }
        channel.put();
        channel.device().removePrivate();
        Device client = channel.slave();
        String name = channel.slaveName();
        if (client != null && name != null) {
            observers.forEach(observer -> observer.unlinked(channel, client, name));
        }
        channel.slave(null, null);
    }

    /**
     * For {@link OfDma.Translate}: takes that very channel.
     *
     * @return nothing when it has a client, or the provider refuses
     */
    @Linux(file = FILE, symbol = "dma_get_slave_channel")
    public Optional<Channel> getSlaveChannel(Channel channel) {
        if (channel.clientCount() > 0) {
            return Optional.empty();
        }
        return taken(channel);
    }

    /**
     * For {@link OfDma.Translate}: takes the first free channel of a provider that serves
     * peripherals.
     *
     * @return nothing when all have clients, it serves none, or refuses
     */
    @Linux(file = FILE, symbol = "dma_get_any_slave_channel")
    public Optional<Channel> getAnySlaveChannel(DmaDevice device) {
        Channel channel =
                candidate(device, Capabilities.of(TransactionType.SLAVE), ChannelFilter.ANY);
        return channel == null ? Optional.empty() : taken(channel);
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
        Channel channel = tx.channel();
        long deadline = clock.now() + SYNC_WAIT_PS;
        Cpu cpu = sched.machine().cpu();
        Purpose before = cpu.begin(Purpose.POLL);
        try {
            while (tx.cookie() == -Errno.EBUSY.number()) {
                if (clock.now() >= deadline) {
                    log.devErr(
                            channel.device().dev(),
                            "dma_wait_for_async_tx timeout waiting for descriptor submission");
                    return DmaStatus.ERROR;
                }
                sched.cpuRelax();
                softirqs.serveWhilePolling();
            }
        } finally {
            cpu.end(before);
        }
        return channel.syncWait(tx.cookie());
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
        boolean outer = calls.internal(true);
        try {
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
        } finally {
            calls.internal(outer);
        }
    }

    // What the system shows.

    /** The names under {@code /sys/class/dma}, in the order of registration. */
    public List<String> channelNames() {
        List<String> names = new ArrayList<>();
        for (DmaDevice device : devices) {
            for (Channel channel : device.channels()) {
                names.add(channel.name());
            }
        }
        return names;
    }

    /**
     * A file of {@code /sys/class/dma/<channel>}: {@code in_use}, {@code memcpy_count} or {@code
     * bytes_transferred}.
     *
     * @return its text with the line end
     * @throws DmaException ENOENT when there is no such file
     */
    @Linux(file = FILE, symbol = "in_use_show")
    @Linux(file = FILE, symbol = "memcpy_count_show")
    @Linux(file = FILE, symbol = "bytes_transferred_show")
    public String readSysfs(String channelName, String attribute) {
        for (DmaDevice device : devices) {
            for (Channel channel : device.channels()) {
                if (channel.name().equals(channelName)) {
                    return switch (attribute) {
                        case "in_use" -> channel.clientCount() + "\n";
                        case "memcpy_count" -> channel.copyCount() + "\n";
                        case "bytes_transferred" -> channel.copiedBytes() + "\n";
                        default -> throw noSysfs(channelName, attribute);
                    };
                }
            }
        }
        throw noSysfs(channelName, attribute);
    }

    /** The text of {@code /sys/kernel/debug/dmaengine/summary}. */
    @Linux(file = FILE, symbol = "dmaengine_summary_show")
    public String summary() {
        StringBuilder text = new StringBuilder();
        for (DmaDevice device : devices) {
            if (!text.isEmpty()) {
                text.append('\n');
            }
            text.append(
                    "dma%d (%s): number of channels: %d\n"
                            .formatted(device.id(), device.dev().name(), device.channels().size()));
            ProviderOps.Summary own = device.ops().summary;
            text.append(own == null ? summary(device) : own.of(device));
        }
        return text.toString();
    }

    @Linux(file = FILE, symbol = "dmaengine_dbg_summary_show")
    private static String summary(DmaDevice device) {
        StringBuilder text = new StringBuilder();
        for (Channel channel : device.channels()) {
            if (channel.clientCount() > 0) {
                text.append(summary(channel));
            }
        }
        return text.toString();
    }

    private static String summary(Channel channel) {
        Device slave = channel.slave();
        DmaRouter router = channel.router();
        return " %-13s| %s%s\n"
                .formatted(
                        channel.name(),
                        slave == null ? "in-use" : slave.name() + ":" + channel.slaveName(),
                        router == null ? "" : " (via router: " + router.dev().name() + ")");
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
        Cpu cpu = sched.machine().cpu();
        Purpose before = cpu.begin(Purpose.POLL);
        try {
            return pollFrom(clock.now(), channel, cookie, state);
        } finally {
            cpu.end(before);
        }
    }

    private DmaStatus pollFrom(long start, Channel channel, int cookie, TxState state) {
        while (true) {
            DmaStatus status = channel.isTxComplete(cookie, state);
            if (clock.now() - start >= SYNC_WAIT_PS) {
                log.devErr(channel.device().dev(), "dma_sync_wait: timeout!");
                rules.waitedInVain();
                return DmaStatus.ERROR;
            }
            if (status != DmaStatus.IN_PROGRESS) {
                return status;
            }
            if (clock.now() - start < CLOSE_POLL_PS) {
                sched.cpuRelax();
            } else {
                sched.spinRound();
            }
            softirqs.serveWhilePolling();
        }
    }

    private int lowestFreeId() {
        if (devices.size() == PROVIDER_COUNT_MAX) {
            throw new DmaException(Errno.ENOSPC, "more than %d providers", PROVIDER_COUNT_MAX);
        }
        boolean[] used = new boolean[PROVIDER_COUNT_MAX];
        for (DmaDevice device : devices) {
            used[device.id()] = true;
        }
        int id = 0;
        while (used[id]) {
            id++;
        }
        return id;
    }

    @Linux(file = FILE, symbol = "private_candidate")
    private static @Nullable Channel candidate(
            DmaDevice device, Capabilities wanted, ChannelFilter filter) {
        if (!device.capabilities().hasAll(wanted)) {
            return null;
        }
        List<Channel> channels = device.channels();
        if (channels.size() > 1 && !device.isPrivate()) {
            for (Channel channel : channels) {
                if (channel.clientCount() > 0) {
                    return null;
                }
            }
        }
        for (Channel channel : channels) {
            if (channel.clientCount() == 0 && filter.accepts(channel)) {
                return channel;
            }
        }
        return null;
    }

    private static Optional<Channel> taken(Channel channel) {
        return takePrivate(channel) == null ? Optional.of(channel) : Optional.empty();
    }

    /** Takes a channel for one client; answers what the provider refused with, or null. */
    @Linux(file = FILE, symbol = "find_candidate")
    private static @Nullable DmaException takePrivate(Channel channel) {
        DmaDevice device = channel.device();
        device.addPrivate();
        try {
            channel.take();
            return null;
        } catch (DmaException refusal) {
            device.removePrivate();
            return refusal;
        }
    }

    private static DmaException noSysfs(String channel, String attribute) {
        return new DmaException(Errno.ENOENT, "/sys/class/dma/%s/%s", channel, attribute);
    }
}
