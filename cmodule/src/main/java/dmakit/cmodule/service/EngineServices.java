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
import dmakit.kernel.KernelException;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.ChannelFilter;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.ProviderOps;
import dmakit.kernel.dmaengine.ResultCallback;
import dmakit.kernel.dmaengine.SlaveCaps;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.dmaengine.TransferResult;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.log.Log;
import dmakit.kernel.scatterlist.Scatterlist;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Channels and their transfers, for clients in C. */
final class EngineServices implements ServiceGroup {
    /** Descriptors that C code may hold at a time; number 0 means none. */
    static final int DESCRIPTOR_COUNT_MAX = 65_536;

    private static final int CHANNEL_COUNT_MAX = 65_535;
    private static final int PROVIDER_COUNT_MAX = 1024;
    private static final int SEGMENT_BYTES = 16;
    private static final TransferDirection[] DIRECTIONS = TransferDirection.values();
    private static final TransactionType[] TYPES = TransactionType.values();

    private final CSystem system;
    private final CHost host;
    private final Log log;
    private final DmaEngine engine;
    private final Findings findings;
    private final Handles<Channel> channels = new Handles<>("channels", CHANNEL_COUNT_MAX);
    private final Handles<DmaDevice> providers = new Handles<>("providers", PROVIDER_COUNT_MAX);
    private final List<Slot> slots = new ArrayList<>();
    private final TxState state = new TxState();
    private @Nullable Slot firstFree;

    EngineServices(CSystem system) {
        this.system = system;
        host = system.host();
        log = system.kernel().log();
        engine = system.kernel().dmaEngine();
        findings = system.findings();
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
        to.add("dma_provider_of", call -> providers.number(channel(call).device()));
        to.add("dma_provider", this::describe);
        to.add("dma_provider_channel", this::describeChannel);
        to.add("dmaengine_get", this::get);
        to.add("dmaengine_put", this::put);
        to.add("dma_issue_pending_all", this::issuePendingAll);
        to.add("dma_prep_memcpy", this::prepMemcpy);
        to.add("dma_prep_memset", this::prepMemset);
        to.add("dma_prep_interrupt", this::prepInterrupt);
        to.add("dma_prep_slave_sg", this::prepSlaveSg);
        to.add("dma_prep_cyclic", this::prepCyclic);
        to.add("dma_slave_config", this::slaveConfig);
        to.add("dma_submit", this::submit);
        to.add("dma_desc_free", this::freeDescriptor);
        to.add("dma_issue_pending", this::issuePending);
        to.add("dma_tx_status", this::txStatus);
        to.add("dma_control", this::control);
        to.add("dma_capability_ored", this::capabilityOred);
        to.add("dma_op_missing", this::opMissing);
        to.add("dma_bad_channel", this::badChannel);
        to.add("dma_null_descriptor", this::nullDescriptor);
        to.add("dma_late_callback", this::lateCallback);
        to.add("dma_wait_timed_out", this::waitTimedOut);
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
            freeSlotsOf(channel);
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
        long askFilter = call.arg(1);
        long wish = call.arg(2);
        ChannelFilter filter =
                askFilter == 0
                        ? ChannelFilter.ANY
                        : channel ->
                                (byte) host.run(askFilter, wish, channels.number(channel)) != 0;
        return engine.requestChannel(wanted, filter).map(channels::number).orElse(0);
    }

    private long requestChan(Call call) {
        if (call.arg(0) == 0) {
            throw new DmaException(Errno.EPROBE_DEFER, "no device");
        }
        return channels.number(engine.requestChan(system.device(call.arg(0)), call.text()));
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
        freeSlotsOf(channel);
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

    void forget(DmaDevice provider) {
        for (Channel channel : provider.channels()) {
            freeSlotsOf(channel);
            channels.free(channels.number(channel));
        }
        providers.free(providers.number(provider));
    }

    private long describe(Call call) {
        DmaDevice provider = providers.get(call.arg(0));
        SlaveCaps caps = provider.described();
        int ops = 0;
        for (ProviderOps.Op op : ProviderOps.Op.values()) {
            ops |= provider.offers(op) ? 1 << op.ordinal() : 0;
        }
        long directions = 0;
        for (TransferDirection direction : caps.directions()) {
            directions |= 1L << direction.ordinal();
        }
        call.out(0, provider.channels().size());
        call.out(1, provider.capabilities().bits());
        call.out(2, system.devices().number(provider.dev()));
        call.out(3, provider.id());
        call.out(4, widths(caps.sourceWidths()) | widths(caps.destinationWidths()) << 32);
        call.out(5, directions | (long) caps.burstWordsMax() << 32);
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
        return channels.number(channel);
    }

    // Preparing.

    private long prepMemcpy(Call call) {
        Channel channel = channel(call);
        return prepared(
                channel,
                false,
                () -> channel.prepMemcpy(call.arg(1), call.arg(2), call.arg(3), call.intArg(4)));
    }

    private long prepMemset(Call call) {
        Channel channel = channel(call);
        return prepared(
                channel,
                false,
                () -> channel.prepMemset(call.arg(1), call.intArg(2), call.arg(3), call.intArg(4)));
    }

    private long prepInterrupt(Call call) {
        Channel channel = channel(call);
        return prepared(channel, false, () -> channel.prepInterrupt(call.intArg(1)));
    }

    private long prepSlaveSg(Call call) {
        Channel channel = channel(call);
        int count = call.intArg(1);
        if (count == 0) {
            findings.report(
                            FindingId.MAP_ERROR_UNCHECKED,
                            "a list of 0 entries is prepared: dma_map_sg failed, or there was none")
                    .device(channel.device().dev().name())
                    .channel(channel.name())
                    .add();
            return 0;
        }
        ByteBuffer wire = ByteBuffer.wrap(call.data()).order(ByteOrder.LITTLE_ENDIAN);
        Scatterlist sg = new Scatterlist(count);
        for (int i = 0; i < count; i++) {
            sg.setDma(i, wire.getLong(i * SEGMENT_BYTES), wire.getLong(i * SEGMENT_BYTES + 8));
        }
        TransferDirection direction = direction(call.intArg(2));
        return prepared(
                channel, false, () -> channel.prepSlaveSg(sg, count, direction, call.intArg(3)));
    }

    private long prepCyclic(Call call) {
        Channel channel = channel(call);
        TransferDirection direction = direction(call.intArg(4));
        return prepared(
                channel,
                true,
                () ->
                        channel.prepCyclic(
                                call.arg(1), call.arg(2), call.arg(3), direction, call.intArg(5)));
    }

    private static TransferDirection direction(int code) {
        return code >= 0 && code < DIRECTIONS.length ? DIRECTIONS[code] : TransferDirection.NONE;
    }

    private long slaveConfig(Call call) {
        channel(call)
                .slaveConfig(
                        new SlaveConfig(
                                call.arg(1),
                                call.arg(2),
                                width(call.intArg(3)),
                                width(call.intArg(4)),
                                call.intArg(5),
                                call.intArg(6)));
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

    private long prepared(Channel channel, boolean cyclic, Supplier<Descriptor> prep) {
        Slot slot = takeSlot();
        if (slot == null) {
            log.err("a module holds more than %d descriptors", DESCRIPTOR_COUNT_MAX - 1);
            return 0;
        }
        try {
            slot.begin(channel, prep.get(), cyclic);
            return slot.number;
        } catch (KernelException refused) {
            free(slot);
            return 0;
        }
    }

    // Running.

    private long submit(Call call) {
        return slot(call.arg(0)).submit(call.arg(1), call.intArg(2));
    }

    private long freeDescriptor(Call call) {
        Slot slot = slot(call.arg(0));
        if (slot.channel != null) {
            slot.giveBack();
            free(slot);
        }
        return 0;
    }

    private long issuePending(Call call) {
        channel(call).issuePending();
        return 0;
    }

    private long txStatus(Call call) {
        int status = channel(call).isTxComplete(call.intArg(1), state).ordinal();
        call.out(0, state.last());
        call.out(1, state.used());
        call.out(2, Integer.toUnsignedLong(state.residue()));
        call.out(3, Integer.toUnsignedLong(state.inFlightBytes()));
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
                freeSlotsOf(channel);
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
        Slot slot = slot(call.arg(1));
        findings.report(
                        FindingId.DESCRIPTOR_REUSE,
                        "the callback of a descriptor was changed after it was submitted, when it"
                                + " belonged to the provider")
                .at(slot.submittedAt)
                .device(channel.device().dev().name())
                .channel(channel.name())
                .add();
        return 0;
    }

    private long waitTimedOut(Call call) {
        engine.rules().waitedInVain();
        return 0;
    }

    // Descriptors.

    /**
     * What C knows of one descriptor: a number. It is free again when its callback has begun, or
     * when none can come any more.
     */
    private final class Slot implements ResultCallback {
        final int number;
        @Nullable Slot nextFree;
        private @Nullable Channel channel;
        private @Nullable Descriptor descriptor;
        private long transferEnded;
        private long submittedAt;
        private boolean cyclic;
        private boolean submitted;

        Slot(int number) {
            this.number = number;
        }

        void begin(Channel newChannel, Descriptor newDescriptor, boolean isCyclic) {
            channel = newChannel;
            descriptor = newDescriptor.callbackResult(this);
            cyclic = isCyclic;
            submitted = false;
        }

        long submit(long transferEndedFunction, int flags) {
            Descriptor desc = descriptor;
            Channel of = channel;
            if (desc == null || of == null) {
                findings.report(
                                FindingId.DESCRIPTOR_REUSE,
                                "a descriptor is submitted whose transfer has ended")
                        .add();
                return -Errno.EINVAL.number();
            }
            if (submitted && !desc.isReused()) {
                engine.rules().resubmitted(of);
                return -Errno.EINVAL.number();
            }
            if ((flags & PrepFlags.REUSE) != 0 && !desc.isReused()) {
                desc.setReuse();
            } else if ((flags & PrepFlags.REUSE) == 0) {
                desc.clearReuse();
            }
            submitted = true;
            submittedAt = findings.here();
            transferEnded = transferEndedFunction;
            desc.callbackResult(this);
            return desc.submit();
        }

        boolean isKept() {
            Descriptor desc = descriptor;
            return desc != null && desc.isReused();
        }

        void giveBack() {
            Descriptor desc = descriptor;
            if (desc != null) {
                desc.free();
            }
        }

        boolean isOf(Channel wanted) {
            return wanted.equals(channel);
        }

        void end() {
            channel = null;
            descriptor = null;
        }

        /** Completion, or a period, in a tasklet. */
        @Override
        public void done(TransferResult result, int residue) {
            long function = transferEnded;
            if (!cyclic && !isKept()) {
                // What C code knows of it is read before anything can prepare the next one.
                free(this);
            }
            host.run(
                    function,
                    number,
                    result.ordinal(),
                    Integer.toUnsignedLong(residue),
                    cyclic ? 1 : 0);
        }
    }

    private @Nullable Slot takeSlot() {
        Slot free = firstFree;
        if (free != null) {
            firstFree = free.nextFree;
            free.nextFree = null;
            return free;
        }
        if (slots.size() + 1 == DESCRIPTOR_COUNT_MAX) {
            return null;
        }
        Slot made = new Slot(slots.size() + 1);
        slots.add(made);
        return made;
    }

    private void free(Slot slot) {
        slot.end();
        slot.nextFree = firstFree;
        firstFree = slot;
    }

    private void freeSlotsOf(Channel channel) {
        for (Slot slot : slots) {
            if (slot.isOf(channel)) {
                free(slot);
            }
        }
    }

    private Slot slot(long number) {
        return slots.get((int) number - 1);
    }
}
