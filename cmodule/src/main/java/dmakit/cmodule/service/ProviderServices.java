package dmakit.cmodule.service;

import dmakit.cmodule.CHost;
import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.devicetree.Node;
import dmakit.devicetree.PhandleArgs;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.device.Device;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.dmaengine.DmaRouter;
import dmakit.kernel.dmaengine.DmaSlaveMap;
import dmakit.kernel.dmaengine.MetadataMode;
import dmakit.kernel.dmaengine.ResidueGranularity;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TransferDirection;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Providers and routers whose drivers are in C: how they come and go. */
final class ProviderServices implements ServiceGroup {
    private static final int HAS_PQ_CONTINUE = 1 << 15;
    private static final int SHIFT_MAX = 8;

    private final CSystem system;
    private final CHost host;
    private final DmaEngine engine;
    private final EngineServices clients;
    private final RemoteOps remote;
    private final Map<DmaDevice, Long> registeredAt = new LinkedHashMap<>();
    private final Map<DmaDevice, List<DmaSlaveMap>> maps = new LinkedHashMap<>();
    private DmaRouter.@Nullable Route latestRoute;

    ProviderServices(CSystem system, EngineServices clients) {
        this.system = system;
        this.clients = clients;
        host = system.host();
        engine = system.kernel().dmaEngine();
        remote = new RemoteOps(host, this::moduleOf, clients::structOf, clients::forget);
    }

    @Override
    public void register(Registry to) {
        remote.register(to);
        to.add("dma_device_new", this::create);
        to.add("dma_device_channel", this::addChannel);
        to.add("dma_device_map", this::addMap);
        to.add("dma_device_register", this::register);
        to.add("dma_device_unregister", this::unregister);
        to.add("dma_channel_register", this::registerChannel);
        to.add("dma_channel_unregister", this::unregisterChannel);
        to.add("of_dma_register", this::ofRegister);
        to.add("of_dma_router", this::ofRouter);
        to.add("dma_route_is", this::routeIs);
        to.add("of_dma_free", this::ofFree);
    }

    @Override
    public void unloaded(CModule module) {
        for (Map.Entry<DmaDevice, Long> entry : List.copyOf(registeredAt.entrySet())) {
            if (system.isOf(module, entry.getValue())) {
                system.findings()
                        .report(
                                FindingId.LEAK_DEVICE,
                                "dma%d is still registered when its module is unloaded",
                                entry.getKey().id())
                        .at(entry.getValue())
                        .device(entry.getKey().dev().name())
                        .add();
                forget(entry.getKey());
            }
        }
    }

    /** The module that registered a provider; null for one that is not registered. */
    private @Nullable CModule moduleOf(DmaDevice device) {
        Long site = registeredAt.get(device);
        for (CModule module : system.modules()) {
            if (site != null && system.isOf(module, site)) {
                return module;
            }
        }
        return null;
    }

    // Registering.

    /** A provider as {@code dma_async_device_register} of {@code kernel/dmaprovider.c} tells it. */
    private long create(Call call) {
        LongBuffer wire =
                ByteBuffer.wrap(call.data()).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
        remote.functions(wire);
        Device dev = system.device(wire.get());
        int known = (1 << TransactionType.values().length) - 1;
        var capabilities = new Capabilities((int) wire.get() & known);
        long widths = wire.get();
        long directions = wire.get();
        long details = wire.get();
        long limits = wire.get();
        long modes = wire.get();
        long has = wire.get();
        long struct = wire.get();
        int maxPq = (int) (limits >>> 16) & 0xffff;
        var device =
                new DmaDevice(engine, dev, remote.ops(has, struct))
                        .capabilities(capabilities)
                        .widths(widths(widths), widths(widths >>> 32))
                        .directions(directions(directions))
                        .burstWords((int) (details >>> 32), (int) (directions >>> 32))
                        .residueGranularity(granularity((int) details & 0xff))
                        .descriptorReuse((details >>> 8 & 0xff) != 0)
                        .lg2CopyAlign(shift(details >>> 16))
                        .lg2FillAlign(shift(details >>> 20))
                        .lg2XorAlign(shift(details >>> 24))
                        .lg2PqAlign(shift(details >>> 28))
                        .maxXor((int) limits & 0xffff)
                        .maxPq(maxPq & ~HAS_PQ_CONTINUE, (maxPq & HAS_PQ_CONTINUE) != 0)
                        .sgBurstCountMax((int) (limits >>> 32))
                        .metadataModes(modes((int) modes));
        return clients.numberOf(device);
    }

    private static int shift(long nibble) {
        return Math.min(SHIFT_MAX, (int) nibble & 0xf);
    }

    private static MetadataMode[] modes(int mask) {
        return EnumSet.allOf(MetadataMode.class).stream()
                .filter(mode -> (mask & mode.code()) != 0)
                .toArray(MetadataMode[]::new);
    }

    private static ResidueGranularity granularity(int code) {
        ResidueGranularity[] all = ResidueGranularity.values();
        return all[Math.min(code, all.length - 1)];
    }

    static Set<BusWidth> widths(long mask) {
        Set<BusWidth> widths = EnumSet.noneOf(BusWidth.class);
        for (BusWidth width : BusWidth.values()) {
            if (width.bytes() < 32 && (mask & 1L << width.bytes()) != 0) {
                widths.add(width);
            }
        }
        return widths;
    }

    static Set<TransferDirection> directions(long mask) {
        Set<TransferDirection> directions = EnumSet.noneOf(TransferDirection.class);
        for (TransferDirection direction : TransferDirection.values()) {
            if ((mask & 1L << direction.ordinal()) != 0) {
                directions.add(direction);
            }
        }
        return directions;
    }

    private long addChannel(Call call) {
        return clients.channels()
                .number(remote.channel(clients.provider(call.arg(0)), call.arg(1), call.arg(2)));
    }

    /** An entry of {@code struct dma_filter}: whom the provider gives which channel. */
    private long addMap(Call call) {
        long ask = call.arg(1);
        long filter = call.arg(2);
        long param = call.arg(3);
        maps.computeIfAbsent(clients.provider(call.arg(0)), _ -> new ArrayList<>())
                .add(
                        new DmaSlaveMap(
                                call.text(0),
                                call.text(1),
                                channel ->
                                        (byte)
                                                        host.run(
                                                                ask,
                                                                filter,
                                                                param,
                                                                clients.channels().number(channel))
                                                != 0));
        return 0;
    }

    private long register(Call call) {
        DmaDevice device = clients.provider(call.arg(0));
        List<DmaSlaveMap> map = maps.remove(device);
        if (map != null) {
            device.slaveMap(map);
        }
        engine.register(device);
        registeredAt.put(device, call.site());
        return device.id();
    }

    private long unregister(Call call) {
        forget(clients.provider(call.arg(0)));
        return 0;
    }

    private void forget(DmaDevice device) {
        boolean stays = device.outlivesItsDriver();
        if (registeredAt.containsKey(device)) {
            engine.unregister(device);
            registeredAt.remove(device);
        }
        if (!stays) {
            clients.forget(device);
        }
    }

    private long registerChannel(Call call) {
        Channel channel = clients.channels().get(call.arg(0));
        engine.register(channel, call.text());
        return channel.index();
    }

    private long unregisterChannel(Call call) {
        Channel channel = clients.channels().get(call.arg(0));
        engine.unregister(channel);
        clients.forget(channel);
        return 0;
    }

    // Requests by device tree.

    private Node node(String path) {
        return system.kernel()
                .deviceTree()
                .node(path)
                .orElseThrow(() -> new DmaException(Errno.ENODEV, "no node %s", path));
    }

    private long ofRegister(Call call) {
        long controller = call.arg(0);
        long translate = call.arg(1);
        engine.ofDma()
                .register(node(call.text()), request -> translated(controller, translate, request));
        return 0;
    }

    /** Runs a function with a request; its cells go two in a word. */
    private long ask(long function, long controller, PhandleArgs request) {
        long[] words = new long[3];
        for (int i = 0; i < Math.min(6, request.args().size()); i++) {
            words[i / 2] |= Integer.toUnsignedLong(request.arg(i)) << (i % 2 * 32);
        }
        return host.run(
                function, controller, request.args().size(), words[0], words[1], words[2], 0, 0, 0);
    }

    private Optional<Channel> translated(long controller, long translate, PhandleArgs request) {
        long answer = ask(translate, controller, request);
        if (answer < 0) {
            throw RemoteCalls.error(answer, request.node().path() + " translates to an error");
        }
        return answer == 0 ? Optional.empty() : Optional.of(clients.channels().get(answer));
    }

    private long ofFree(Call call) {
        engine.ofDma().free(node(call.text()));
        return 0;
    }

    // Routers.

    private long ofRouter(Call call) {
        long controller = call.arg(0);
        long allocate = call.arg(1);
        long struct = call.arg(2);
        long free = call.arg(3);
        if (call.arg(4) == 0) {
            throw new DmaException(Errno.EINVAL, "a router without a device");
        }
        var router =
                new DmaRouter(
                        system.device(call.arg(4)), data -> host.run(free, struct, (Long) data));
        clients.isRouter(router, struct);
        engine.ofDma()
                .register(
                        node(call.text()), router, request -> route(controller, allocate, request));
        return 0;
    }

    private DmaRouter.Route route(long controller, long allocate, PhandleArgs request) {
        latestRoute = null;
        long data = ask(allocate, controller, request);
        DmaRouter.Route target = latestRoute;
        if (target == null) {
            throw new DmaException(Errno.ENODEV, "%s routes nowhere", request.node().path());
        }
        return new DmaRouter.Route(target.target(), data);
    }

    /** What a router in C asks a controller for. */
    private long routeIs(Call call) {
        ByteBuffer cells = ByteBuffer.wrap(call.data()).order(ByteOrder.LITTLE_ENDIAN);
        List<Integer> args = new ArrayList<>();
        for (int i = 0; i < Math.min(call.intArg(0), call.data().length / Integer.BYTES); i++) {
            args.add(cells.getInt(i * Integer.BYTES));
        }
        latestRoute = new DmaRouter.Route(new PhandleArgs(0, node(call.text()), args), call.arg(0));
        return 0;
    }
}
