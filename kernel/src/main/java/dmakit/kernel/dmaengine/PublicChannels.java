package dmakit.kernel.dmaengine;

import dmakit.kernel.DmaException;
import dmakit.kernel.Linux;
import dmakit.kernel.log.Level;
import dmakit.kernel.log.Log;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Channels that anybody may use, and which of them serves which operation. */
final class PublicChannels {
    private static final String FILE = "drivers/dma/dmaengine.c";

    /** Operations the public asks for; the others are no operations. */
    private static final List<TransactionType> TYPES = types();

    private final List<DmaDevice> devices;
    private final Log log;
    private final Map<TransactionType, Channel> table = new EnumMap<>(TransactionType.class);
    private int clientCount;

    /** Knows no client; {@code devices} are the registered providers, now and to come. */
    PublicChannels(List<DmaDevice> devices, Log log) {
        this.devices = devices;
        this.log = log;
    }

    int clientCount() {
        return clientCount;
    }

    @Linux(file = FILE, symbol = "dmaengine_get")
    void get() {
        clientCount++;
        for (DmaDevice device : devices) {
            if (!device.isPrivate()) {
                take(device);
            }
        }
        if (clientCount == 1) {
            rebalance();
        }
    }

    @Linux(file = FILE, symbol = "dmaengine_put")
    void put() {
        if (clientCount == 0) {
            throw new IllegalStateException("dmaengine_put without dmaengine_get");
        }
        clientCount--;
        for (DmaDevice device : devices) {
            if (!device.isPrivate()) {
                device.channels().forEach(Channel::put);
            }
        }
    }

    Optional<Channel> find(TransactionType type) {
        return Optional.ofNullable(table.get(type));
    }

    void issuePending() {
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

    /** A provider comes: on behalf of those who wait. */
    void add(DmaDevice device) {
        if (clientCount > 0 && !device.isPrivate()) {
            take(device);
        }
    }

    /** A channel has at least as many references as there are public clients. */
    @Linux(file = FILE, symbol = "balance_ref_count")
    private void take(DmaDevice device) {
        for (Channel channel : device.channels()) {
            try {
                channel.take();
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
            channel.clientCount(Math.max(channel.clientCount(), clientCount));
        }
    }

    /** Gives each operation the channel that serves the fewest others. */
    @Linux(file = FILE, symbol = "dma_channel_rebalance")
    void rebalance() {
        table.clear();
        for (DmaDevice device : devices) {
            for (Channel channel : device.channels()) {
                channel.tableCount(0);
            }
        }
        if (clientCount == 0) {
            return;
        }
        for (TransactionType type : TYPES) {
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

    private static List<TransactionType> types() {
        List<TransactionType> types = new ArrayList<>(List.of(TransactionType.values()));
        types.removeAll(
                List.of(TransactionType.INTERRUPT, TransactionType.PRIVATE, TransactionType.SLAVE));
        return List.copyOf(types);
    }
}
