package dmakit.cmodule.service;

import dmakit.cmodule.CHost;
import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Handles;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.devicetree.Node;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.ChannelFilter;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.dmaengine.DmaRouter;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.EngineObserver;
import dmakit.kernel.dmaengine.MetadataMode;
import dmakit.kernel.dmaengine.ProviderOps;
import dmakit.kernel.dmaengine.SlaveCaps;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.log.Log;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Channels, for clients in C. */
final class EngineServices implements ServiceGroup {
    private static final int CHANNEL_COUNT_MAX = 65_535;
    private static final int PROVIDER_COUNT_MAX = 1024;
    private static final int CONFIG_WORDS = 12;
    private static final int HAS_PQ_CONTINUE = 1 << 15;
    private static final TransactionType[] TYPES = TransactionType.values();

    private final CSystem system;
    private final CHost host;
    private final Log log;
    private final DmaEngine engine;
    private final Findings findings;
    private final Handles<Channel> channels = new Handles<>("channels", CHANNEL_COUNT_MAX);
    private final Handles<DmaDevice> providers = new Handles<>("providers", PROVIDER_COUNT_MAX);
    private final Map<DmaRouter, Long> routers = new LinkedHashMap<>();
    private final Descriptors descriptors;
    private final TxState state = new TxState();
    private long noteUsage;

    EngineServices(CSystem system) {
        this.system = system;
        host = system.host();
        log = system.kernel().log();
        engine = system.kernel().dmaEngine();
        findings = system.findings();
        descriptors = new Descriptors(host, engine, findings, log);
    }

    /** Has C told who holds the channels it knows: their structs say so to whoever looks. */
    private long usageGoesTo(Call call) {
        noteUsage = call.arg(0);
        engine.observe(
                new EngineObserver() {
                    @Override
                    public void used(Channel channel) {
                        tellUsage(channel);
                    }
                });
        return 0;
    }

    /** The class device of a channel that is registered; 0 without. */
    private long channelDevice(Call call) {
        String name = channel(call).name();
        return system.kernel().devices().all().stream()
                .filter(device -> device.subsystem().equals("dma") && device.name().equals(name))
                .findFirst()
                .map(system.devices()::number)
                .orElse(0);
    }

    private void tellUsage(Channel channel) {
        boolean canRun =
                !system.hasEnded() && system.kernel().machine().scheduler().current() != null;
        if (canRun && channels.knows(channel)) {
            DmaDevice device = channel.device();
            host.run(
                    noteUsage,
                    channels.number(channel),
                    channel.clientCount(),
                    device.capabilities().bits(),
                    device.privateCount());
        }
    }

    /** What C code has prepared. */
    Descriptors descriptors() {
        return descriptors;
    }

    /** The numbers by which C code knows channels. */
    Handles<Channel> channels() {
        return channels;
    }

    @Override
    public void register(Registry to) {
        to.add("dma_request_channel", this::requestChannel);
        to.add("dma_request_chan", this::requestChan);
        to.add("of_dma_request", this::ofRequest);
        to.add("dma_release_channel", this::release);
        to.add("dma_get_slave_channel", this::getSlaveChannel);
        to.add("dma_get_any_slave_channel", this::getAnySlaveChannel);
        to.add("dma_find_channel", this::findChannel);
        to.add("dma_has_providers", _ -> engine.devices().isEmpty() ? 0 : 1);
        to.add("dma_usage_goes_to", this::usageGoesTo);
        to.add("dma_channel_device", this::channelDevice);
        to.add("dma_provider_of", call -> providers.number(channel(call).device()));
        to.add("dma_provider", this::describe);
        to.add("dma_provider_channel", this::describeChannel);
        to.add("dma_provider_limits", this::describeLimits);
        to.add("dma_slave_caps", this::slaveCaps);
        to.add("dmaengine_get", this::get);
        to.add("dmaengine_put", this::put);
        to.add("dma_issue_pending_all", this::issuePendingAll);
        to.add("dma_slave_config", this::slaveConfig);
        to.add("dma_issue_pending", this::issuePending);
        to.add("dma_tx_status", this::txStatus);
        to.add("dma_control", this::control);
        to.add("dma_capability_ored", this::capabilityOred);
        to.add("dma_op_missing", this::opMissing);
        to.add("dma_bad_channel", this::badChannel);
        to.add("dma_null_descriptor", this::nullDescriptor);
        to.add("dma_late_callback", this::lateCallback);
        to.add("dma_terminate_refused", this::terminateRefused);
    }

    @Override
    public void unloaded(CModule module) {
        for (Channel channel : engine.rules().checkLeft(site -> system.isOf(module, site))) {
            try {
                channel.terminateSync();
            } catch (DmaException refused) {
                log.warn(
                        "%s cannot be terminated: %s",
                        channel.name(), String.valueOf(refused.getMessage()));
            }
            descriptors.endAllOf(channel);
            engine.release(channel);
        }
    }

    private Channel channel(Call call) {
        return channels.get(call.arg(0));
    }

    // Getting channels.

    /** Capabilities as C gives them; a bit that stands for nothing is one that nobody has. */
    private static @Nullable Capabilities capabilities(long bits) {
        return bits >>> TYPES.length == 0 ? new Capabilities((int) bits) : null;
    }

    private long requestChannel(Call call) {
        Capabilities wanted = capabilities(call.arg(0));
        if (wanted == null) {
            return 0;
        }
        Node controller =
                call.text().isEmpty()
                        ? null
                        : system.kernel().deviceTree().node(call.text()).orElse(null);
        long askFilter = call.arg(1);
        long wish = call.arg(2);
        ChannelFilter filter =
                askFilter == 0
                        ? ChannelFilter.ANY
                        : channel ->
                                (byte) host.run(askFilter, wish, channels.number(channel)) != 0;
        return engine.requestChannel(controller, wanted, filter).map(channels::number).orElse(0);
    }

    private long requestChan(Call call) {
        if (call.arg(0) == 0) {
            throw new DmaException(Errno.EPROBE_DEFER, "no device");
        }
        Channel channel = engine.requestChan(system.device(call.arg(0)), call.text());
        call.out(0, structOf(channel.router()));
        call.out(1, channel.routeData() instanceof Long data ? data : 0);
        return channels.number(channel);
    }

    private long ofRequest(Call call) {
        Node node = system.kernel().deviceTree().node(call.text(0)).orElse(null);
        if (node == null) {
            throw new DmaException(Errno.ENODEV, "no node %s", call.text(0));
        }
        return channels.number(engine.ofDma().request(node, call.text(1)));
    }

    private long release(Call call) {
        Channel channel = channel(call);
        engine.release(channel);
        descriptors.endAllOf(channel);
        return 0;
    }

    private long getSlaveChannel(Call call) {
        return engine.getSlaveChannel(channel(call)).map(channels::number).orElse(0);
    }

    private long getAnySlaveChannel(Call call) {
        return engine.getAnySlaveChannel(providers.get(call.arg(0)))
                .map(channels::number)
                .orElse(0);
    }

    private long findChannel(Call call) {
        int type = call.intArg(0);
        return type < 0 || type >= TYPES.length
                ? 0
                : engine.findChannel(TYPES[type]).map(channels::number).orElse(0);
    }

    private long get(Call call) {
        engine.get();
        return 0;
    }

    private long put(Call call) {
        engine.put();
        return 0;
    }

    private long issuePendingAll(Call call) {
        engine.issuePendingAll();
        return 0;
    }

    /** The number of a provider, whose struct is a module's. */
    long numberOf(DmaDevice provider) {
        return providers.number(provider);
    }

    DmaDevice provider(long number) {
        return providers.get(number);
    }

    /** Knows the struct of a router in C. */
    void isRouter(DmaRouter router, long struct) {
        routers.put(router, struct);
    }

    /** The struct of a router; 0 for one that is not in C, and for none. */
    long structOf(@Nullable DmaRouter router) {
        return router == null ? 0 : routers.getOrDefault(router, 0L);
    }

    void forget(Channel channel) {
        descriptors.endAllOf(channel);
        channels.free(channels.number(channel));
    }

    void forget(DmaDevice provider) {
        provider.channels().forEach(this::forget);
        providers.free(providers.number(provider));
    }

    private long describe(Call call) {
        DmaDevice provider = providers.get(call.arg(0));
        SlaveCaps caps = provider.described();
        int ops = 0;
        for (ProviderOps.Op op : ProviderOps.Op.values()) {
            ops |= provider.offers(op) ? 1 << op.ordinal() : 0;
        }
        call.out(0, provider.channels().size());
        call.out(1, provider.capabilities().bits());
        call.out(2, system.devices().number(provider.dev()));
        call.out(3, provider.id());
        call.out(4, widths(caps.sourceWidths()) | widths(caps.destinationWidths()) << 32);
        call.out(5, directions(caps) | (long) caps.burstWordsMax() << 32);
        call.out(
                6,
                caps.residueGranularity().ordinal()
                        | (caps.descriptorReuse() ? 1L << 8 : 0)
                        | (long) provider.lg2CopyAlign() << 16
                        | (long) provider.lg2FillAlign() << 24
                        | (long) caps.burstWordsMin() << 32);
        call.out(7, ops);
        return 0;
    }

    private long describeLimits(Call call) {
        DmaDevice provider = providers.get(call.arg(0));
        int continues = provider.hasPqContinue() ? HAS_PQ_CONTINUE : 0;
        int modes = 0;
        for (MetadataMode mode : MetadataMode.values()) {
            modes |= provider.supports(mode) ? mode.code() : 0;
        }
        call.out(0, provider.maxXor());
        call.out(1, provider.maxPq() | continues);
        call.out(2, provider.lg2XorAlign());
        call.out(3, provider.lg2PqAlign());
        call.out(4, provider.described().sgBurstCountMax());
        call.out(5, modes);
        call.out(6, provider.hasOwnCaps() ? 1 : 0);
        call.out(7, provider.privateCount());
        return 0;
    }

    /** {@code BIT(bytes)} of each, as far as 32 bits go. */
    private static long widths(Set<BusWidth> widths) {
        long mask = 0;
        for (BusWidth width : widths) {
            mask |= width.bytes() < 32 ? 1L << width.bytes() : 0;
        }
        return mask;
    }

    private long describeChannel(Call call) {
        Channel channel = providers.get(call.arg(0)).channels().get(call.intArg(1));
        call.answer(channel.name());
        call.out(0, channel.clientCount());
        return channels.number(channel);
    }

    // Peripherals.

    private long slaveConfig(Call call) {
        ByteBuffer wire = ByteBuffer.wrap(call.data()).order(ByteOrder.LITTLE_ENDIAN);
        long[] at = new long[CONFIG_WORDS];
        wire.asLongBuffer().get(at);
        channel(call)
                .slaveConfig(
                        new SlaveConfig(
                                at[0],
                                at[1],
                                width((int) at[2]),
                                width((int) at[3]),
                                (int) at[4],
                                (int) at[5],
                                PrepServices.direction((int) at[6]),
                                (int) at[7],
                                (int) at[8],
                                at[9] != 0,
                                at[10],
                                at[11]));
        return 0;
    }

    /** A width that there is none of is none at all. */
    static BusWidth width(int bytes) {
        for (BusWidth width : BusWidth.values()) {
            if (width.bytes() == bytes) {
                return width;
            }
        }
        return BusWidth.UNDEFINED;
    }

    /** What {@code dma_get_slave_caps} says of a channel of a provider in Java. */
    private long slaveCaps(Call call) {
        SlaveCaps caps = channel(call).slaveCaps();
        call.out(0, widths(caps.sourceWidths()) | widths(caps.destinationWidths()) << 32);
        call.out(1, directions(caps));
        call.out(2, caps.burstWordsMin() | (long) caps.burstWordsMax() << 32);
        call.out(3, caps.sgBurstCountMax());
        call.out(
                4,
                caps.residueGranularity().ordinal()
                        | bit(caps.descriptorReuse(), 8)
                        | bit(caps.canPause(), 9)
                        | bit(caps.canResume(), 10)
                        | bit(caps.canTerminate(), 11));
        return 0;
    }

    private static long bit(boolean value, int at) {
        return value ? 1L << at : 0;
    }

    private static long directions(SlaveCaps caps) {
        long mask = 0;
        for (TransferDirection direction : caps.directions()) {
            mask |= 1L << direction.ordinal();
        }
        return mask;
    }

    // Running.

    private long issuePending(Call call) {
        channel(call).issuePending();
        return 0;
    }

    private long txStatus(Call call) {
        Channel channel = channel(call);
        int status = channel.isTxComplete(call.intArg(1), state).ordinal();
        call.out(0, state.last());
        call.out(1, state.used());
        call.out(2, Integer.toUnsignedLong(state.residue()));
        call.out(3, Integer.toUnsignedLong(state.inFlightBytes()));
        if (status == DmaStatus.COMPLETE.ordinal()) {
            descriptors.tellSum(channel, call.intArg(1), call);
        }
        return status;
    }

    /** {@code enum control} of {@code kernel/dmaengine.c}. */
    private long control(Call call) {
        Channel channel = channel(call);
        switch (call.intArg(1)) {
            case 0 -> channel.pause();
            case 1 -> channel.resume();
            case 2 -> {
                channel.terminateAll();
                descriptors.endAllOf(channel);
            }
            default -> channel.synchronize();
        }
        return 0;
    }

    // What C code does wrong before the kernel hears of it.

    private long capabilityOred(Call call) {
        int type = call.intArg(0);
        findings.report(
                        FindingId.CAPABILITY_MISSING,
                        "dma_cap_set(%s) sets one capability, number %d (%s), and not each of them",
                        call.text(),
                        type,
                        type < TYPES.length ? TYPES[type].symbol() : "none")
                .add();
        return 0;
    }

    private long opMissing(Call call) {
        Channel channel = channel(call);
        findings.report(
                        FindingId.CAPABILITY_MISSING,
                        "%s offers no %s; it has %s",
                        channel.name(),
                        call.text(),
                        channel.device().capabilities())
                .device(channel.device().dev().name())
                .channel(channel.name())
                .add();
        return 0;
    }

    private long terminateRefused(Call call) {
        engine.rules().terminateRefused(channel(call));
        return 0;
    }

    private long badChannel(Call call) {
        findings.report(
                        FindingId.CHANNEL_ERROR_UNCHECKED,
                        "%s is called with %s for the channel",
                        call.text(),
                        call.arg(0) == 0 ? "NULL" : "ERR_PTR(" + call.arg(0) + ")")
                .add();
        return 0;
    }

    private long nullDescriptor(Call call) {
        findings.report(
                        FindingId.PREP_NULL_UNCHECKED,
                        "dmaengine_submit is called with NULL: the prep before failed")
                .add();
        return 0;
    }

    private long lateCallback(Call call) {
        Channel channel = channel(call);
        findings.report(
                        FindingId.DESCRIPTOR_REUSE,
                        "the callback of a descriptor was changed after it was submitted, when it"
                                + " belonged to the provider")
                .at(descriptors.submittedAt(call.arg(1)))
                .device(channel.device().dev().name())
                .channel(channel.name())
                .add();
        return 0;
    }
}
