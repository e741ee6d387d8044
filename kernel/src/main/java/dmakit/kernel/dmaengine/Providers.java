package dmakit.kernel.dmaengine;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.sched.Sched;
import java.util.List;

/** Gives registered providers and their channels their numbers, and tells observers of them. */
final class Providers {
    private static final String FILE = "drivers/dma/dmaengine.c";

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

    private final Sched sched;
    private final List<DmaDevice> devices;
    private final PublicChannels open;
    private final List<EngineObserver> observers;
    private boolean warnedOfClients;

    /**
     * Registers into a list.
     *
     * @param devices the registered ones, in order; this alone changes it
     * @param observers who hears, now and to come
     */
    Providers(
            Sched sched,
            List<DmaDevice> devices,
            PublicChannels open,
            List<EngineObserver> observers) {
        this.sched = sched;
        this.devices = devices;
        this.open = open;
        this.observers = observers;
    }

    /** Registers a provider under the lowest free number. */
    void add(DmaDevice device) {
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

    /** Whether a channel may come now: its provider is there, and it is not. */
    void checkNew(Channel channel) {
        DmaDevice device = channel.device();
        if (!devices.contains(device) || device.channels().contains(channel)) {
            throw new IllegalStateException(
                    "a channel of %s cannot be registered now".formatted(device.dev().name()));
        }
    }

    /** Registers a channel of a provider that is registered, under the lowest free number. */
    void add(Channel channel, String name) {
        DmaDevice device = channel.device();
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

    void remove(Channel channel) {
        leave(channel);
        channel.device().remove(channel);
        open.rebalance();
    }

    void remove(DmaDevice device) {
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

    private void enter(Channel channel, String name, int index) {
        channel.registered(
                name.isEmpty() ? "dma%dchan%d".formatted(channel.device().id(), index) : name,
                index);
        observers.forEach(observer -> observer.added(channel));
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

    private void checkCapabilities(DmaDevice device) {
        for (TransactionType type : CHECKED_TYPES) {
            if (device.capabilities().has(type) && !device.ops().serves(type)) {
                sched.log()
                        .devErr(
                                device.dev(),
                                "Device claims capability %s, but op is not defined",
                                type.symbol());
                throw new DmaException(
                        Errno.EIO, "%s has no op for %s", device.dev().name(), type.symbol());
            }
        }
    }

    private int lowestFreeId() {
        if (devices.size() == DmaEngine.PROVIDER_COUNT_MAX) {
            throw new DmaException(
                    Errno.ENOSPC, "more than %d providers", DmaEngine.PROVIDER_COUNT_MAX);
        }
        boolean[] used = new boolean[DmaEngine.PROVIDER_COUNT_MAX];
        for (DmaDevice device : devices) {
            used[device.id()] = true;
        }
        int id = 0;
        while (used[id]) {
            id++;
        }
        return id;
    }
}
