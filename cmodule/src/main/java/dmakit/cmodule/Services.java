package dmakit.cmodule;

import dmakit.kernel.DmaException;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.CoherentBuffer;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.ChannelFilter;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.log.Level;
import dmakit.kernel.log.Log;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sync.Completion;
import dmakit.machine.Check;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Serves the calls of one module by the kernel's own functions. No rule is decided here: numbers
 * and addresses of C become objects, and exceptions become what C functions return.
 */
final class Services implements Server {
    /** Completions a module may use at a time; it names them by their addresses. */
    static final int COMPLETION_COUNT_MAX = 65_536;

    private static final Level[] LEVELS = Level.values();

    private final Sched sched;
    private final Log log;
    private final DmaMapping mapping;
    private final DmaEngine engine;
    private final CHost host;
    private final Lane lane;
    private final Map<Long, Completion> completions = new HashMap<>();
    private final List<Device> devices = new ArrayList<>();
    private final List<Channel> channels = new ArrayList<>();
    private final List<Slot> slots = new ArrayList<>();
    private final TxState state = new TxState();
    private @Nullable Slot firstFree;

    Services(Sched sched, DmaMapping mapping, DmaEngine engine, CHost host) {
        this.sched = sched;
        this.log = sched.log();
        this.mapping = mapping;
        this.engine = engine;
        this.host = host;
        lane = host.lane();
    }

    @Override
    public long serve(
            Service service, String text, long a, long b, long c, long d, long e, long f) {
        return switch (service) {
            case PRINTK -> printk(a, text);
            case INIT_COMPLETION -> initCompletion(a);
            case COMPLETE -> complete(a);
            case WAIT_FOR_COMPLETION -> waitFor(a);
            case WAIT_FOR_COMPLETION_TIMEOUT -> completion(a).waitForTimeout(b);
            case DMA_ALLOC_COHERENT -> allocCoherent(a, b, (int) c);
            case DMA_FREE_COHERENT -> freeCoherent(a, b, c, d);
            case REQUEST_CHANNEL -> requestChannel((int) a, b, c);
            case DESCRIBE_CHANNEL -> describe(channel(a));
            case RELEASE_CHANNEL -> release(channel(a));
            case PREP_DMA_MEMCPY -> prepMemcpy(channel(a), b, c, d, (int) e);
            case TX_SUBMIT -> slot(a).submit(b, c);
            case ISSUE_PENDING -> issuePending(channel(a));
            case TX_STATUS -> txStatus(channel(a), (int) b);
            case TERMINATE_ALL -> terminateAll(channel(a));
            case TERMINATE_SYNC -> terminateSync(channel(a));
        };
    }

    private long printk(long level, String text) {
        log.printk(LEVELS[(int) level], text);
        return 0;
    }

    // Completions.

    /** The completion at an address of C; one that was declared, not initialised, begins here. */
    private Completion completion(long address) {
        Completion known = completions.get(address);
        return known == null ? newCompletion(address) : known;
    }

    private Completion newCompletion(long address) {
        Check.argument(
                completions.size() < COMPLETION_COUNT_MAX,
                "a module uses more than %d completions",
                COMPLETION_COUNT_MAX);
        Completion made = new Completion(sched);
        completions.put(address, made);
        return made;
    }

    private long initCompletion(long address) {
        Completion known = completions.get(address);
        if (known == null) {
            newCompletion(address);
        } else {
            known.reinit();
        }
        return 0;
    }

    private long complete(long address) {
        completion(address).complete();
        return 0;
    }

    private long waitFor(long address) {
        completion(address).waitFor();
        return 0;
    }

    // Coherent memory.

    private long allocCoherent(long device, long size, int gfp) {
        try {
            CoherentBuffer buffer = mapping.allocCoherent(device(device), size, new Gfp(gfp));
            lane.arg(0, buffer.dma());
            return buffer.va();
        } catch (DmaException refused) {
            return 0;
        }
    }

    private long freeCoherent(long device, long size, long va, long dma) {
        mapping.freeCoherent(device(device), size, va, dma);
        return 0;
    }

    // Channels.

    private long requestChannel(int mask, long askFilter, long wish) {
        ChannelFilter filter =
                askFilter == 0
                        ? ChannelFilter.ANY
                        : channel -> host.run(askFilter, wish, numberOf(channel), 0, 0) != 0;
        return engine.requestChannel(new Capabilities(mask), filter).map(this::numberOf).orElse(0L);
    }

    private long describe(Channel channel) {
        Device device = channel.device().dev();
        lane.text(channel.name(), device.name());
        lane.arg(0, numberOf(device));
        lane.arg(1, channel.index());
        lane.arg(2, channel.device().capabilities().bits());
        lane.arg(3, channel.device().id());
        return 0;
    }

    private long release(Channel channel) {
        engine.release(channel);
        freeSlotsOf(channel);
        return 0;
    }

    private static long issuePending(Channel channel) {
        channel.issuePending();
        return 0;
    }

    private long txStatus(Channel channel, int cookie) {
        int status = channel.isTxComplete(cookie, state).ordinal();
        lane.arg(0, state.last());
        lane.arg(1, state.used());
        return status;
    }

    private static long terminateAll(Channel channel) {
        try {
            channel.terminateAll();
            return 0;
        } catch (DmaException refused) {
            return -refused.errno().number();
        }
    }

    private long terminateSync(Channel channel) {
        try {
            channel.terminateSync();
            freeSlotsOf(channel);
            return 0;
        } catch (DmaException refused) {
            return -refused.errno().number();
        }
    }

    // Descriptors.

    private long prepMemcpy(Channel channel, long dst, long src, long size, int flags) {
        Slot slot = takeSlot();
        if (slot == null) {
            log.err("a module holds more than %d descriptors", Abi.DESCRIPTOR_COUNT_MAX - 1);
            return 0;
        }
        try {
            slot.begin(channel, channel.prepMemcpy(dst, src, size, flags));
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
                host.run(function, value, 0, 0, 0);
            }
        }
    }

    private @Nullable Slot takeSlot() {
        Slot free = firstFree;
        if (free != null) {
            firstFree = free.nextFree;
            return free;
        }
        if (slots.size() + 1 == Abi.DESCRIPTOR_COUNT_MAX) {
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

    // Numbers of objects, from 1.

    private long numberOf(Device device) {
        return number(devices, device);
    }

    private long numberOf(Channel channel) {
        return number(channels, channel);
    }

    private static <T> long number(List<T> known, T object) {
        for (int i = 0; i < known.size(); i++) {
            if (known.get(i).equals(object)) {
                return i + 1L;
            }
        }
        known.add(object);
        return known.size();
    }

    private Device device(long number) {
        Check.argument(number != 0, "the DMA API was called without a device (NULL)");
        return devices.get((int) number - 1);
    }

    private Channel channel(long number) {
        return channels.get((int) number - 1);
    }
}
