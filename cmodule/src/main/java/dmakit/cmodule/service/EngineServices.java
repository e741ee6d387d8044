package dmakit.cmodule.service;

import dmakit.cmodule.CHost;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Handles;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.DmaException;
import dmakit.kernel.device.Device;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.ChannelFilter;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.log.Log;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Channels and their transfers. */
final class EngineServices implements ServiceGroup {
    /** Descriptors that C code may hold at a time; number 0 means none. */
    static final int DESCRIPTOR_COUNT_MAX = 65_536;

    private static final int CHANNEL_COUNT_MAX = 65_536;

    private final CSystem system;
    private final CHost host;
    private final Log log;
    private final DmaEngine engine;
    private final Handles<Channel> channels = new Handles<>("channels", CHANNEL_COUNT_MAX);
    private final List<Slot> slots = new ArrayList<>();
    private final TxState state = new TxState();
    private @Nullable Slot firstFree;

    EngineServices(CSystem system) {
        this.system = system;
        host = system.host();
        log = system.kernel().log();
        engine = system.kernel().dmaEngine();
    }

    @Override
    public void register(Registry to) {
        to.add("request_channel", this::requestChannel);
        to.add("describe_channel", this::describe);
        to.add("release_channel", this::release);
        to.add("prep_dma_memcpy", this::prepMemcpy);
        to.add("tx_submit", call -> slot(call.arg(0)).submit(call.arg(1), call.arg(2)));
        to.add("issue_pending", this::issuePending);
        to.add("tx_status", this::txStatus);
        to.add("terminate_all", this::terminateAll);
        to.add("terminate_sync", this::terminateSync);
    }

    private Channel channel(Call call) {
        return channels.get(call.arg(0));
    }

    private long requestChannel(Call call) {
        long askFilter = call.arg(1);
        long wish = call.arg(2);
        ChannelFilter filter =
                askFilter == 0
                        ? ChannelFilter.ANY
                        : channel -> (int) host.run(askFilter, wish, channels.number(channel)) != 0;
        return engine.requestChannel(new Capabilities(call.intArg(0)), filter)
                .map(channels::number)
                .orElse(0);
    }

    private long describe(Call call) {
        Channel channel = channel(call);
        Device device = channel.device().dev();
        call.answer(channel.name() + " " + device.name());
        call.out(0, system.devices().number(device));
        call.out(1, channel.index());
        call.out(2, channel.device().capabilities().bits());
        call.out(3, channel.device().id());
        return 0;
    }

    private long release(Call call) {
        Channel channel = channel(call);
        engine.release(channel);
        freeSlotsOf(channel);
        channels.free(call.arg(0));
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
        return status;
    }

    private long terminateAll(Call call) {
        channel(call).terminateAll();
        return 0;
    }

    private long terminateSync(Call call) {
        Channel channel = channel(call);
        channel.terminateSync();
        freeSlotsOf(channel);
        return 0;
    }

    // Descriptors.

    private long prepMemcpy(Call call) {
        Channel channel = channel(call);
        Slot slot = takeSlot();
        if (slot == null) {
            log.err("a module holds more than %d descriptors", DESCRIPTOR_COUNT_MAX - 1);
            return 0;
        }
        try {
            slot.begin(
                    channel,
                    channel.prepMemcpy(call.arg(1), call.arg(2), call.arg(3), call.intArg(4)));
            return slot.number;
        } catch (DmaException refused) {
            free(slot);
            return 0;
        }
    }

    /**
     * What C knows of one descriptor: a number. It is free again when the callback has begun, or
     * when none can come any more.
     */
    private final class Slot implements Runnable {
        final int number;
        @Nullable Slot nextFree;
        private @Nullable Channel channel;
        private @Nullable Descriptor descriptor;
        private long callback;
        private long parameter;

        Slot(int number) {
            this.number = number;
        }

        void begin(Channel newChannel, Descriptor newDescriptor) {
            channel = newChannel;
            descriptor = newDescriptor.callback(this);
        }

        long submit(long newCallback, long newParameter) {
            Descriptor submitted = descriptor;
            if (submitted == null) {
                throw new IllegalStateException(
                        "descriptor %d of a module is not prepared".formatted(number));
            }
            descriptor = null;
            callback = newCallback;
            parameter = newParameter;
            return submitted.submit();
        }

        boolean isOf(Channel wanted) {
            return wanted.equals(channel);
        }

        void end() {
            channel = null;
            descriptor = null;
        }

        /** Completion, in a tasklet. */
        @Override
        public void run() {
            long function = callback;
            long value = parameter;
            free(this);
            if (function != 0) {
                host.run(function, value);
            }
        }
    }

    private @Nullable Slot takeSlot() {
        Slot free = firstFree;
        if (free != null) {
            firstFree = free.nextFree;
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
