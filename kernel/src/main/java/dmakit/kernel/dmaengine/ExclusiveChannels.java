package dmakit.kernel.dmaengine;

import dmakit.devicetree.Node;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.sched.Contexts;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Channels that one client has alone: by capabilities, by the device tree, or by a map. */
final class ExclusiveChannels {
    private static final String FILE = "drivers/dma/dmaengine.c";

    private final List<DmaDevice> devices;
    private final OfDma ofDma;
    private final Contexts contexts;
    private final List<EngineObserver> observers;
    private boolean warnedOfReferences;

    /** All are free; {@code devices} and {@code observers} are those of now and to come. */
    ExclusiveChannels(
            List<DmaDevice> devices,
            OfDma ofDma,
            Contexts contexts,
            List<EngineObserver> observers) {
        this.devices = devices;
        this.ofDma = ofDma;
        this.contexts = contexts;
        this.observers = observers;
    }

    /** The first that a filter accepts; of one controller, or of any for null. */
    Optional<Channel> request(
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

    /** The one that a device gets by a name. */
    Channel request(Device dev, String name) {
        Channel channel = byTreeOrMap(dev, name);
        channel.slave(dev, name);
        observers.forEach(observer -> observer.linked(channel, dev, name));
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

    /** That very channel, if it is free and its provider agrees. */
    Optional<Channel> take(Channel channel) {
        return channel.clientCount() == 0 && takePrivate(channel) == null
                ? Optional.of(channel)
                : Optional.empty();
    }

    /** The first free one of a provider that serves peripherals. */
    Optional<Channel> takeAny(DmaDevice device) {
        Channel channel =
                candidate(device, Capabilities.of(TransactionType.SLAVE), ChannelFilter.ANY);
        return channel == null ? Optional.empty() : take(channel);
    }

    void release(Channel channel) {
        if (channel.clientCount() != 1 && !warnedOfReferences) {
            warnedOfReferences = true;
            contexts.warn(
                    "dma_release_channel", "chan reference count %d != 1", channel.clientCount());
        }
        channel.put();
        channel.device().removePrivate();
        observers.forEach(observer -> observer.used(channel));
        Device client = channel.slave();
        String name = channel.slaveName();
        if (client != null && name != null) {
            observers.forEach(observer -> observer.unlinked(channel, client, name));
        }
        channel.slave(null, null);
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
}
