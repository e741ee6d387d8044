package dmakit.cmodule.service;

import dmakit.cmodule.CHost;
import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Handles;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.devicetree.Node;
import dmakit.devicetree.PhandleArgs;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.ProviderOps;
import dmakit.kernel.dmaengine.ResidueGranularity;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.dmaengine.TransferResult;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.scatterlist.Scatterlist;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Providers whose drivers are in C: clients in Java reach their functions through here. */
final class ProviderServices implements ServiceGroup {
    private static final int DESCRIPTOR_COUNT_MAX = 65_536;
    private static final DmaStatus[] STATUSES = DmaStatus.values();
    private static final TransferResult[] RESULTS = TransferResult.values();

    /** The functions of {@code kernel/dmaprovider.c} that serve clients in Java, in its order. */
    private enum Function {
        MEMCPY,
        MEMSET,
        INTERRUPT,
        CYCLIC,
        LIST_BEGIN,
        LIST_ADD,
        SLAVE_SG,
        SUBMIT,
        DESC_FREE,
        CONFIG,
        CONTROL,
        STATUS
    }

    /** What {@code serve_control} does. */
    private enum Control {
        PAUSE,
        RESUME,
        TERMINATE,
        SYNCHRONIZE,
        ISSUE,
        ALLOCATE,
        FREE,
        COMPLETED
    }

    /** Functions a provider in C may have, by the bits of {@code ops_of}. */
    private enum Has {
        MEMCPY,
        MEMSET,
        INTERRUPT,
        SLAVE_SG,
        CYCLIC,
        CONFIG,
        PAUSE,
        RESUME,
        TERMINATE,
        SYNCHRONIZE,
        ALLOCATE,
        FREE,
        XOR,
        XOR_VAL,
        PQ,
        PQ_VAL,
        INTERLEAVED;

        boolean in(long mask) {
            return (mask & 1L << ordinal()) != 0;
        }
    }

    private final CSystem system;
    private final CHost host;
    private final DmaEngine engine;
    private final EngineServices clients;
    private final Handles<Transfer> transfers =
            new Handles<>("transfers of clients in Java", DESCRIPTOR_COUNT_MAX);
    private final Map<DmaDevice, Long> registeredAt = new LinkedHashMap<>();
    private final long[] functions = new long[Function.values().length];
    private final long[] status = new long[4];

    ProviderServices(CSystem system, EngineServices clients) {
        this.system = system;
        this.clients = clients;
        host = system.host();
        engine = system.kernel().dmaEngine();
    }

    @Override
    public void register(Registry to) {
        to.add("dma_device_new", this::create);
        to.add("dma_device_channel", this::addChannel);
        to.add("dma_device_register", this::register);
        to.add("dma_device_unregister", this::unregister);
        to.add("dma_java_callback", this::callback);
        to.add("dma_status_is", this::statusIs);
        to.add("of_dma_register", this::ofRegister);
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

    private long run(Function function, long a, long b, long c, long d, long e, long f, long g) {
        return host.run(functions[function.ordinal()], a, b, c, d, e, f, g, 0);
    }

    // Registering.

    private long create(Call call) {
        ByteBuffer table = ByteBuffer.wrap(call.data()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < functions.length; i++) {
            functions[i] = table.getLong(8 * i);
        }
        long has = call.arg(5);
        long details = call.arg(4);
        int known = (1 << TransactionType.values().length) - 1;
        var device =
                new DmaDevice(engine, system.device(call.arg(0)), ops(has))
                        .capabilities(new Capabilities((int) call.arg(1) & known))
                        .widths(widths(call.arg(2)), widths(call.arg(2) >>> 32))
                        .directions(directions(call.arg(3)))
                        .burstWords((int) (details >>> 32), (int) (call.arg(3) >>> 32))
                        .residueGranularity(granularity((int) details & 0xff))
                        .descriptorReuse((details >>> 8 & 0xff) != 0)
                        .lg2CopyAlign((int) (details >>> 16 & 0xf))
                        .lg2FillAlign((int) (details >>> 24 & 0xf));
        return clients.numberOf(device);
    }

    private static ResidueGranularity granularity(int code) {
        ResidueGranularity[] all = ResidueGranularity.values();
        return all[Math.min(code, all.length - 1)];
    }

    private static Set<BusWidth> widths(long mask) {
        Set<BusWidth> widths = EnumSet.noneOf(BusWidth.class);
        for (BusWidth width : BusWidth.values()) {
            if (width.bytes() < 32 && (mask & 1L << width.bytes()) != 0) {
                widths.add(width);
            }
        }
        return widths;
    }

    private static Set<TransferDirection> directions(long mask) {
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
                .number(new RemoteChannel(clients.provider(call.arg(0)), call.arg(1)));
    }

    private long register(Call call) {
        DmaDevice device = clients.provider(call.arg(0));
        engine.register(device);
        registeredAt.put(device, call.site());
        return device.id();
    }

    private long unregister(Call call) {
        forget(clients.provider(call.arg(0)));
        return 0;
    }

    private void forget(DmaDevice device) {
        if (registeredAt.remove(device) != null) {
            engine.unregister(device);
        }
        clients.forget(device);
    }

    // What clients in Java ask for.

    private ProviderOps ops(long has) {
        ProviderOps ops =
                new ProviderOps(this::statusOf, channel -> control(channel, Control.ISSUE));
        if (Has.MEMCPY.in(has)) {
            ops.memcpy((channel, destination, source, size, flags) ->
                    prepared(
                            channel,
                            flags,
                            run(
                                    Function.MEMCPY,
                                    address(channel),
                                    destination,
                                    source,
                                    size,
                                    flags,
                                    0,
                                    0)));
        }
        if (Has.MEMSET.in(has)) {
            ops.memset((channel, destination, value, size, flags) ->
                    prepared(
                            channel,
                            flags,
                            run(
                                    Function.MEMSET,
                                    address(channel),
                                    destination,
                                    value,
                                    size,
                                    flags,
                                    0,
                                    0)));
        }
        if (Has.INTERRUPT.in(has)) {
            ops.interrupt((channel, flags) ->
                    prepared(
                            channel,
                            flags,
                            run(Function.INTERRUPT, address(channel), flags, 0, 0, 0, 0, 0)));
        }
        if (Has.SLAVE_SG.in(has)) {
            ops.slaveSg(this::slaveSg);
        }
        if (Has.CYCLIC.in(has)) {
            ops.cyclic((channel, dma, size, period, direction, flags) ->
                    prepared(
                            channel,
                            flags,
                            run(
                                    Function.CYCLIC,
                                    address(channel),
                                    dma,
                                    size,
                                    period,
                                    direction.ordinal(),
                                    flags,
                                    0),
                            true));
        }
        if (Has.CONFIG.in(has)) {
            ops.config(this::configure);
        }
        addControls(ops, has);
        Capabilities others = Capabilities.NONE;
        others = Has.XOR.in(has) ? others.with(TransactionType.XOR) : others;
        others = Has.XOR_VAL.in(has) ? others.with(TransactionType.XOR_VAL) : others;
        others = Has.PQ.in(has) ? others.with(TransactionType.PQ) : others;
        others = Has.PQ_VAL.in(has) ? others.with(TransactionType.PQ_VAL) : others;
        others = Has.INTERLEAVED.in(has) ? others.with(TransactionType.INTERLEAVE) : others;
        return ops.alsoServes(others);
    }

    private void addControls(ProviderOps ops, long has) {
        if (Has.PAUSE.in(has)) {
            ops.pause(channel -> control(channel, Control.PAUSE));
        }
        if (Has.RESUME.in(has)) {
            ops.resume(channel -> control(channel, Control.RESUME));
        }
        if (Has.TERMINATE.in(has)) {
            ops.terminateAll(channel -> {
                control(channel, Control.TERMINATE);
                freeTransfersOf(channel);
            });
        }
        if (Has.SYNCHRONIZE.in(has)) {
            ops.synchronize(channel -> control(channel, Control.SYNCHRONIZE));
        }
        if (Has.ALLOCATE.in(has)) {
            ops.allocChannel(channel -> control(channel, Control.ALLOCATE));
        }
        if (Has.FREE.in(has)) {
            ops.freeChannel(channel -> {
                control(channel, Control.FREE);
                freeTransfersOf(channel);
            });
        }
    }

    private static long address(Channel channel) {
        return ((RemoteChannel) channel).address;
    }

    private void control(Channel channel, Control what) {
        int result = (int) run(Function.CONTROL, address(channel), what.ordinal(), 0, 0, 0, 0, 0);
        if (result < 0) {
            throw refused(-result, channel);
        }
    }

    private static DmaException refused(int number, Channel channel) {
        for (Errno errno : Errno.values()) {
            if (errno.number() == number) {
                return new DmaException(errno, "%s refuses", channel.name());
            }
        }
        return new DmaException(Errno.EIO, "%s refuses with %d", channel.name(), -number);
    }

    private void configure(Channel channel, SlaveConfig config) {
        int result =
                (int)
                        run(
                                Function.CONFIG,
                                address(channel),
                                config.sourcePhys(),
                                config.destinationPhys(),
                                config.sourceWidth().bytes(),
                                config.destinationWidth().bytes(),
                                config.sourceBurstWords(),
                                config.destinationBurstWords());
        if (result < 0) {
            throw refused(-result, channel);
        }
    }

    private Descriptor slaveSg(
            Channel channel, Scatterlist sgl, int count, TransferDirection direction, int flags) {
        run(Function.LIST_BEGIN, count, 0, 0, 0, 0, 0, 0);
        int left = count;
        for (Scatterlist piece = sgl; piece != null && left > 0; piece = piece.next()) {
            for (int i = 0; i < piece.count() && left > 0; i++, left--) {
                run(Function.LIST_ADD, piece.dmaAddress(i), piece.dmaLength(i), 0, 0, 0, 0, 0);
            }
        }
        return prepared(
                channel,
                flags,
                run(Function.SLAVE_SG, address(channel), direction.ordinal(), flags, 0, 0, 0, 0));
    }

    private Descriptor prepared(Channel channel, int flags, long address) {
        return prepared(channel, flags, address, false);
    }

    private Descriptor prepared(Channel channel, int flags, long address, boolean cyclic) {
        if (address == 0) {
            throw new DmaException(Errno.ENOMEM, "%s prepares nothing", channel.name());
        }
        return new Transfer(channel, address, flags, cyclic);
    }

    private DmaStatus statusOf(Channel channel, int cookie, @Nullable TxState state) {
        int code = (int) run(Function.STATUS, address(channel), cookie, 0, 0, 0, 0, 0);
        if (state != null) {
            state.set((int) status[0], (int) status[1]);
            state.residue((int) status[2]);
            state.inFlightBytes((int) status[3]);
        }
        return STATUSES[Math.floorMod(code, STATUSES.length)];
    }

    private long statusIs(Call call) {
        for (int i = 0; i < status.length; i++) {
            status[i] = call.arg(i);
        }
        return 0;
    }

    private long callback(Call call) {
        Transfer transfer = transfers.find(call.arg(0));
        if (transfer != null) {
            transfer.ended(RESULTS[Math.floorMod(call.intArg(1), RESULTS.length)], call.intArg(2));
        }
        return 0;
    }

    private void freeTransfersOf(Channel channel) {
        RemoteChannel remote = (RemoteChannel) channel;
        for (Transfer transfer : remote.running) {
            transfers.free(transfers.number(transfer));
        }
        remote.running.clear();
    }

    /** A channel whose struct is a module's. */
    private final class RemoteChannel extends Channel {
        private final long address;
        private final List<Transfer> running = new ArrayList<>();

        RemoteChannel(DmaDevice device, long address) {
            super(device);
            this.address = address;
        }

        @Override
        protected boolean hasCompleted(int cookie) {
            return (int)
                            run(
                                    Function.CONTROL,
                                    address,
                                    Control.COMPLETED.ordinal(),
                                    cookie,
                                    0,
                                    0,
                                    0,
                                    0)
                    != 0;
        }
    }

    /** A descriptor of a module, which a client in Java has. */
    private final class Transfer extends Descriptor {
        private final long address;
        private final boolean cyclic;

        Transfer(Channel channel, long address, int flags, boolean cyclic) {
            super(channel);
            this.address = address;
            this.cyclic = cyclic;
            begin(flags);
        }

        @Override
        protected int submitToProvider() {
            int number = transfers.number(this);
            ((RemoteChannel) channel()).running.add(this);
            return (int) run(Function.SUBMIT, address, number, flags(), 0, 0, 0, 0);
        }

        @Override
        protected void freeByProvider() {
            run(Function.DESC_FREE, address, 0, 0, 0, 0, 0, 0);
        }

        void ended(TransferResult result, int residue) {
            if (!cyclic) {
                ((RemoteChannel) channel()).running.remove(this);
                transfers.free(transfers.number(this));
            }
            result(result, residue);
            invokeCallback();
        }
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

    private Optional<Channel> translated(long controller, long translate, PhandleArgs request) {
        long[] words = new long[3];
        for (int i = 0; i < Math.min(6, request.args().size()); i++) {
            words[i / 2] |= Integer.toUnsignedLong(request.arg(i)) << (i % 2 * 32);
        }
        long answer =
                host.run(
                        translate,
                        controller,
                        request.args().size(),
                        words[0],
                        words[1],
                        words[2],
                        0,
                        0,
                        0);
        if (answer < 0) {
            throw new DmaException(
                    Errno.ENODEV, "%s translates to error %d", request.node().path(), answer);
        }
        return answer == 0 ? Optional.empty() : Optional.of(clients.channels().get(answer));
    }

    private long ofFree(Call call) {
        engine.ofDma().free(node(call.text()));
        return 0;
    }
}
