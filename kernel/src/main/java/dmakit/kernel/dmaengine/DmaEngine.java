package dmakit.kernel.dmaengine;

import dmakit.devicetree.Node;
import dmakit.kernel.Calls;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.irq.Softirqs;
import dmakit.kernel.irq.Tasklet;
import dmakit.kernel.log.Level;
import dmakit.kernel.log.Log;
import dmakit.kernel.sched.Contexts;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sync.SpinLock;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.Purpose;
import dmakit.machine.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
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

    /** Operations the public asks for; the others are no operations. */
    private static final List<TransactionType> PUBLIC_TYPES = publicTypes();

    private final Calls calls;
    private final Log log;
    private final Sched sched;
    private final Clock clock;
    private final Softirqs softirqs;
    private final OfDma ofDma;
    private final TransferRules rules;
    private final List<DmaDevice> devices = new ArrayList<>();
    private final Map<TransactionType, Channel> table = new EnumMap<>(TransactionType.class);
    private int publicClientCount;

    /** Creates the subsystem without providers. */
    public DmaEngine(Sched sched, Softirqs softirqs, OfDma ofDma) {
        this.sched = sched;
        calls = sched.calls();
        clock = sched.machine().clock();
        log = sched.log();
        this.softirqs = softirqs;
        this.ofDma = ofDma;
        rules = new TransferRules(calls.findings(), sched.machine().ram());
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
        device.id(lowestFreeId());
        int index = 0;
        for (Channel channel : device.channels()) {
            channel.registered("dma%dchan%d".formatted(device.id(), index), index);
            index++;
        }
        if (publicClientCount > 0 && !device.isPrivate()) {
            takeForPublic(device);
        }
        devices.add(device);
        if (device.isPrivate()) {
            device.addPrivate();
        }
        rebalance();
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

    /** Takes a provider out. Clients that still hold channels are named in the log. */
    @Linux(file = FILE, symbol = "dma_async_device_unregister")
    public void unregister(DmaDevice device) {
        calls.enter();
        if (!devices.remove(device)) {
            throw new IllegalStateException(device.dev().name() + " is not registered");
        }
        for (Channel channel : device.channels()) {
            if (channel.clientCount() > 0) {
                sched.contexts()
                        .warn(
                                "__dma_async_device_channel_unregister",
                                "__dma_async_device_channel_unregister called while %d clients"
                                        + " hold a reference",
                                channel.clientCount());
            }
            channel.unregistered();
        }
        device.makePrivate();
        device.id(DmaDevice.UNREGISTERED);
        rebalance();
    }

    // Exclusive clients.

    /**
     * Takes a channel for one client alone: the first free one, in the order of registration and
     * number, that can do what is wanted and that the filter accepts. A public provider of several
     * channels gives none while one of them has a client.
     *
     * @return nothing when there is none
     */
    @Linux(file = FILE, symbol = "__dma_request_channel")
    @Linux(file = "include/linux/dmaengine.h", symbol = "dma_request_channel")
    public Optional<Channel> requestChannel(Capabilities wanted, ChannelFilter filter) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("dma_request_channel", wanted.toString());
        }
        mightSleep("dma_request_channel");
        for (DmaDevice device : devices) {
            Channel channel = candidate(device, wanted, filter);
            if (channel != null && takePrivate(channel) == null) {
                rules.requested(channel);
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
     * Takes the channel that the device tree gives a device under a name.
     *
     * @throws DmaException EPROBE_DEFER when its provider is not registered yet or the device has
     *     no node; ENODEV when the tree gives it none of that name, or all are busy; what the
     *     provider says otherwise
     */
    @Linux(file = FILE, symbol = "dma_request_chan")
    public Channel requestChan(Device dev, String name) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("dma_request_chan", dev.name() + ", \"" + name + "\"");
        }
        mightSleep("dma_request_chan");
        Node node = dev.ofNode();
        if (node == null) {
            throw new DmaException(
                    Errno.EPROBE_DEFER, "%s has no node to find '%s' by", dev.name(), name);
        }
        Channel channel = ofDma.request(node, name);
        channel.slave(dev, name);
        rules.requested(channel);
        return channel;
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
        if (channel.clientCount() != 1) {
            sched.contexts()
                    .warn(
                            "dma_release_channel",
                            "chan reference count %d != 1",
                            channel.clientCount());
        }
        put(channel);
        channel.device().removePrivate();
        channel.slave(null, null);
    }

    /**
     * For {@link OfDma.Translate}: takes that very channel.
     *
     * @return nothing when it has a client
     * @throws DmaException what the provider says
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
     * @return nothing when all have clients, or it serves none
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
        publicClientCount++;
        for (DmaDevice device : devices) {
            if (!device.isPrivate()) {
                takeForPublic(device);
            }
        }
        if (publicClientCount == 1) {
            rebalance();
        }
    }

    /**
     * Gives back what {@link #get} took.
     *
     * @throws IllegalStateException when nobody holds it
     */
    @Linux(file = FILE, symbol = "dmaengine_put")
    public void put() {
        calls.enter();
        if (publicClientCount == 0) {
            throw new IllegalStateException("dmaengine_put without dmaengine_get");
        }
        publicClientCount--;
        for (DmaDevice device : devices) {
            if (!device.isPrivate()) {
                for (Channel channel : device.channels()) {
                    put(channel);
                }
            }
        }
    }

    /** The public channel for an operation; it is shared, and not taken by this. */
    @Linux(file = FILE, symbol = "dma_find_channel")
    public Optional<Channel> findChannel(TransactionType type) {
        calls.enter();
        return Optional.ofNullable(table.get(type));
    }

    /** Issues what is submitted to all public channels. */
    @Linux(file = FILE, symbol = "dma_issue_pending_all")
    public void issuePendingAll() {
        calls.enter();
        for (DmaDevice device : devices) {
            if (!device.isPrivate()) {
                for (Channel channel : device.channels()) {
                    if (channel.clientCount() > 0) {
                        channel.run(device.ops().issuePending);
                    }
                }
            }
        }
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
                        // Kept up by few providers, and by none of these.
                        case "memcpy_count", "bytes_transferred" -> "0\n";
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
            for (Channel channel : device.channels()) {
                if (channel.clientCount() > 0) {
                    Device slave = channel.slave();
                    text.append(
                            " %-13s| %s\n"
                                    .formatted(
                                            channel.name(),
                                            slave == null
                                                    ? "in-use"
                                                    : slave.name() + ":" + channel.slaveName()));
                }
            }
        }
        return text.toString();
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
            return pollUntil(clock.now() + SYNC_WAIT_PS, channel, cookie, state);
        } finally {
            cpu.end(before);
        }
    }

    private DmaStatus pollUntil(long deadline, Channel channel, int cookie, TxState state) {
        while (true) {
            DmaStatus status = channel.isTxComplete(cookie, state);
            if (clock.now() >= deadline) {
                log.devErr(channel.device().dev(), "dma_sync_wait: timeout!");
                rules.waitedInVain();
                return DmaStatus.ERROR;
            }
            if (status != DmaStatus.IN_PROGRESS) {
                return status;
            }
            sched.cpuRelax();
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

    private Optional<Channel> taken(Channel channel) {
        DmaException refusal = takePrivate(channel);
        if (refusal != null) {
            throw refusal;
        }
        return Optional.of(channel);
    }

    /** Takes a channel for one client; answers what the provider refused with, or null. */
    @Linux(file = FILE, symbol = "find_candidate")
    private static @Nullable DmaException takePrivate(Channel channel) {
        DmaDevice device = channel.device();
        device.addPrivate();
        try {
            take(channel);
            return null;
        } catch (DmaException refusal) {
            device.removePrivate();
            return refusal;
        }
    }

    @Linux(file = FILE, symbol = "dma_chan_get")
    private static void take(Channel channel) {
        ProviderOps.ChannelOp alloc = channel.device().ops().allocChannel;
        if (channel.clientCount() == 0 && alloc != null) {
            channel.run(alloc);
        }
        channel.clientCount(channel.clientCount() + 1);
    }

    /** A channel has at least as many references as there are public clients. */
    @Linux(file = FILE, symbol = "balance_ref_count")
    private void takeForPublic(DmaDevice device) {
        for (Channel channel : device.channels()) {
            try {
                take(channel);
            } catch (DmaException refusal) {
                log.dev(
                        Level.DEBUG,
                        device.dev(),
                        "%s: failed to get %s: (%d)",
                        "dmaengine_get",
                        channel.name(),
                        -refusal.errno().number());
                continue;
            }
            channel.clientCount(Math.max(channel.clientCount(), publicClientCount));
        }
    }

    @Linux(file = FILE, symbol = "dma_chan_put")
    private static void put(Channel channel) {
        if (channel.clientCount() == 0) {
            return;
        }
        channel.clientCount(channel.clientCount() - 1);
        ProviderOps ops = channel.device().ops();
        ProviderOps.ChannelOp free = ops.freeChannel;
        if (channel.clientCount() == 0 && free != null) {
            if (ops.synchronize != null) {
                channel.run(ops.synchronize);
            }
            channel.run(free);
        }
    }

    /** Gives each public operation the channel that serves the fewest others. */
    @Linux(file = FILE, symbol = "dma_channel_rebalance")
    private void rebalance() {
        table.clear();
        for (DmaDevice device : devices) {
            for (Channel channel : device.channels()) {
                channel.tableCount(0);
            }
        }
        if (publicClientCount == 0) {
            return;
        }
        for (TransactionType type : PUBLIC_TYPES) {
            Channel least = leastUsed(type);
            if (least != null) {
                least.tableCount(least.tableCount() + 1);
                table.put(type, least);
            }
        }
    }

    @Linux(file = FILE, symbol = "min_chan")
    private @Nullable Channel leastUsed(TransactionType type) {
        Channel least = null;
        for (DmaDevice device : devices) {
            if (!device.capabilities().has(type) || device.isPrivate()) {
                continue;
            }
            for (Channel channel : device.channels()) {
                if (channel.clientCount() > 0
                        && (least == null || channel.tableCount() < least.tableCount())) {
                    least = channel;
                }
            }
        }
        return least;
    }

    private static List<TransactionType> publicTypes() {
        List<TransactionType> types = new ArrayList<>(List.of(TransactionType.values()));
        types.removeAll(
                List.of(TransactionType.INTERRUPT, TransactionType.PRIVATE, TransactionType.SLAVE));
        return List.copyOf(types);
    }

    private static DmaException noSysfs(String channel, String attribute) {
        return new DmaException(Errno.ENOENT, "/sys/class/dma/%s/%s", channel, attribute);
    }
}
