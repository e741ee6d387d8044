package dmakit.kernel.dmaengine;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.PhandleArgs;
import dmakit.devicetree.PhandleList;
import dmakit.devicetree.Property;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.log.Log;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Finds the channel that a device's {@code dmas} and {@code dma-names} ask for. */
public final class OfDma {
    private static final String FILE = "drivers/dma/of-dma.c";

    private final DeviceTree tree;
    private final Log log;
    private final List<Controller> controllers = new ArrayList<>();
    private int lastIndex;

    /** Turns the cells of a request into a channel. */
    @FunctionalInterface
    @Linux(file = "include/linux/of_dma.h", symbol = "of_dma_xlate")
    public interface Translate {
        /**
         * The channel for a request, taken for its client.
         *
         * @return nothing when none is free
         * @throws DmaException on anything else; the client gets it as it is
         */
        Optional<Channel> channelFor(PhandleArgs request);
    }

    private record Controller(Node node, Translate translate) {}

    /** Creates a registry without controllers. */
    public OfDma(DeviceTree tree, Log log) {
        this.tree = tree;
        this.log = log;
    }

    /** Lets a provider answer for a node. */
    @Linux(file = FILE, symbol = "of_dma_controller_register")
    public void register(Node node, Translate translate) {
        controllers.add(new Controller(node, translate));
    }

    /** Lets a router answer for a node. */
    @Linux(file = FILE, symbol = "of_dma_router_register")
    public void register(Node node, DmaRouter router, DmaRouter.Allocate allocate) {
        register(node, request -> routed(router, allocate, request));
    }

    @Linux(file = FILE, symbol = "of_dma_router_xlate")
    private Optional<Channel> routed(
            DmaRouter router, DmaRouter.Allocate allocate, PhandleArgs request) {
        DmaRouter.Route route;
        try {
            route = allocate.route(request);
        } catch (DmaException _) {
            return Optional.empty();
        }
        Optional<Channel> found = Optional.empty();
        try {
            Controller target = controllerOf(route.target().node());
            if (target == null) {
                throw new DmaException(
                        Errno.EPROBE_DEFER,
                        "%s routes to %s, which has no provider yet",
                        request.node().path(),
                        route.target().node().path());
            }
            found = target.translate().channelFor(route.target());
        } finally {
            if (found.isEmpty()) {
                router.free().route(route.data());
            }
        }
        found.ifPresent(channel -> routeTo(channel, router, route.data()));
        return found;
    }

    private static void routeTo(Channel channel, DmaRouter router, Object data) {
        channel.routedBy(router, data);
        ProviderOps.ChannelOp config = channel.device().ops().routerConfig;
        if (config == null) {
            return;
        }
        try {
            channel.run(config);
        } catch (DmaException refusal) {
            channel.device().engine().release(channel);
            throw refusal;
        }
    }

    /**
     * A translation for providers that tell channels by one cell: the first free one that what the
     * cell stands for accepts.
     */
    @Linux(file = FILE, symbol = "of_dma_simple_xlate")
    public static Translate simple(
            DmaEngine engine, Capabilities wanted, IntFunction<ChannelFilter> byCell) {
        return request ->
                request.args().size() == 1
                        ? engine.requestOf(request.node(), wanted, byCell.apply(request.arg(0)))
                        : Optional.empty();
    }

    /** A translation for providers whose one cell is the number of the channel. */
    @Linux(file = FILE, symbol = "of_dma_xlate_by_chan_id")
    public static Translate byChannelId(DmaEngine engine, DmaDevice provider) {
        return request -> {
            List<Channel> channels = provider.channels();
            return request.args().size() == 1
                            && request.arg(0) >= 0
                            && request.arg(0) < channels.size()
                    ? engine.getSlaveChannel(channels.get(request.arg(0)))
                    : Optional.empty();
        };
    }

    /**
     * Whether a node leaves a channel to the kernel: its {@code dma-channel-mask} has a bit for
     * each, the lowest of the first cell for channel 0; without it all are the kernel's.
     */
    public static boolean isUsable(Node controller, int channel) {
        Property mask = controller.property("dma-channel-mask").orElse(null);
        if (mask == null) {
            return true;
        }
        int cell = channel / Integer.SIZE;
        return mask.isCells()
                && cell < mask.cellCount()
                && (mask.cell(cell) & 1 << channel % Integer.SIZE) != 0;
    }

    /**
     * Registers the provider of a device's node until the driver lets go of the device.
     *
     * @throws IllegalArgumentException when the device has no node
     */
    public void devmRegister(Device dev, Translate translate) {
        Node node = dev.ofNode();
        if (node == null) {
            throw new IllegalArgumentException(dev.name() + " has no node");
        }
        register(node, translate);
        dev.devres().add("of_dma_controller", () -> free(node));
    }

    /** Forgets the provider or router of a node; channels it gave stay given. */
    @Linux(file = FILE, symbol = "of_dma_controller_free")
    public void free(Node node) {
        controllers.removeIf(controller -> controller.node() == node);
    }

    /**
     * The channel that a node asks for by name. Several entries of the same name are tried in turn,
     * each request starting one further.
     *
     * @throws DmaException ENODEV when the node asks for none of that name, or all are busy;
     *     EPROBE_DEFER when a provider is not registered yet; what the provider says otherwise
     */
    @Linux(file = FILE, symbol = "of_dma_request_slave_channel")
    public Channel request(Node node, String name) {
        Property dmas = node.property("dmas").orElse(null);
        if (dmas == null) {
            throw new DmaException(Errno.ENODEV, "%s has no dmas", node.path());
        }
        List<String> names = namesOf(node);
        if (names.isEmpty()) {
            log.err(
                    "of_dma_request_slave_channel: dma-names property of node '%s' missing or"
                            + " empty",
                    node.path());
            throw new DmaException(Errno.ENODEV, "%s has no dma-names", node.path());
        }
        List<PhandleList.Entry> requests = PhandleList.parse(tree, dmas, "#dma-cells");
        Errno failure = Errno.ENODEV;
        int start = ++lastIndex & Integer.MAX_VALUE;
        for (int i = 0; i < names.size(); i++) {
            int index = (int) (((long) start + i) % names.size());
            if (!names.get(index).equals(name)
                    || index >= requests.size()
                    || !(requests.get(index) instanceof PhandleList.Found found)) {
                continue;
            }
            Controller controller = controllerOf(found.value().node());
            if (controller == null) {
                failure = Errno.EPROBE_DEFER;
                continue;
            }
            Optional<Channel> channel = controller.translate().channelFor(found.value());
            if (channel.isPresent()) {
                return channel.get();
            }
        }
        throw new DmaException(failure, "no channel for '%s' of %s", name, node.path());
    }

    private static List<String> namesOf(Node node) {
        return node.property("dma-names")
                .filter(Property::isStrings)
                .map(Property::strings)
                .orElse(List.of());
    }

    private @Nullable Controller controllerOf(Node node) {
        for (Controller controller : controllers) {
            if (controller.node() == node) {
                return controller;
            }
        }
        return null;
    }
}
