package dmakit.cmodule.service;

import dmakit.cmodule.CHost;
import dmakit.cmodule.Call;
import dmakit.cmodule.Handles;
import dmakit.cmodule.Registry;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.MetadataOps;
import dmakit.kernel.dmaengine.ResidueGranularity;
import dmakit.kernel.dmaengine.SlaveCaps;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.dmaengine.TxState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The functions of {@code kernel/dmaprovider.c} that serve clients in Java, and what they answer
 * beyond one number.
 */
final class RemoteCalls {
    private static final int OPERANDS_COUNT_MAX = 65_536;
    private static final int OPERAND_WORDS_MAX = 1 << 18;
    private static final int ARGUMENT_COUNT = 8;
    private static final DmaStatus[] STATUSES = DmaStatus.values();
    private static final ResidueGranularity[] GRANULARITIES = ResidueGranularity.values();

    /** The functions, in the order of the table over there. */
    enum Served {
        MEMCPY,
        MEMSET,
        INTERRUPT,
        CYCLIC,
        SLAVE_SG,
        SUBMIT,
        DESC_FREE,
        CONFIG,
        CONTROL,
        STATUS,
        MEMSET_SG,
        VEC,
        IMM_DATA,
        XOR,
        XOR_VAL,
        PQ,
        PQ_VAL,
        SUM,
        INTERLEAVED,
        CAPS,
        METADATA,
        ROUTED,
        RELEASE,
        ACK,
        SUMMARY,
        LEFT;

        /** Whether it gives back every lock it takes: from preparing to submitting one may stay. */
        private boolean isBalanced() {
            return switch (this) {
                case MEMCPY,
                        MEMSET,
                        INTERRUPT,
                        CYCLIC,
                        SLAVE_SG,
                        MEMSET_SG,
                        VEC,
                        IMM_DATA,
                        XOR,
                        XOR_VAL,
                        PQ,
                        PQ_VAL,
                        INTERLEAVED,
                        SUBMIT ->
                        false;
                case DESC_FREE,
                        CONFIG,
                        CONTROL,
                        STATUS,
                        SUM,
                        CAPS,
                        METADATA,
                        ROUTED,
                        RELEASE,
                        ACK,
                        SUMMARY,
                        LEFT ->
                        true;
            };
        }
    }

    /** What {@code serve_control} does. */
    enum Control {
        PAUSE,
        RESUME,
        TERMINATE,
        SYNCHRONIZE,
        ISSUE,
        ALLOCATE,
        FREE
    }

    private final CHost host;
    private final Handles<long[]> operands = new Handles<>("operands", OPERANDS_COUNT_MAX);
    private final long[] functions = new long[Served.values().length];
    private final long[] status = new long[4];
    private final long[] caps = new long[5];
    private final long[] metadata = new long[2];
    private String summary = "";

    /** Knows no function yet. */
    RemoteCalls(CHost host) {
        this.host = host;
    }

    void register(Registry to) {
        to.add("dma_operands", this::operands);
        to.add("dma_status_is", call -> take(call, status));
        to.add("dma_caps_are", call -> take(call, caps));
        to.add(
                "dma_summary_is",
                call -> {
                    summary = call.text();
                    return 0;
                });
        to.add("dma_metadata_is", call -> take(call, metadata));
    }

    private static long take(Call call, long[] into) {
        for (int i = 0; i < into.length; i++) {
            into[i] = call.arg(i);
        }
        return 0;
    }

    /** The words of a ticket, which a function over there asks for. */
    private long operands(Call call) {
        ByteBuffer data = ByteBuffer.wrap(call.data()).order(ByteOrder.LITTLE_ENDIAN);
        LongBuffer words = data.asLongBuffer();
        words.put(operands.get(call.arg(0)), 0, words.remaining());
        return 0;
    }

    /** Takes the addresses of the functions, in their order. */
    void functions(LongBuffer from) {
        from.get(functions);
    }

    /** Whether the process of the modules is over: then nothing runs, and all answers are 0. */
    boolean areOver() {
        return host.isEnded();
    }

    /** Runs a function with up to 8 arguments. */
    long run(Served function, long... args) {
        if (areOver()) {
            return 0; // a client outlived its provider: there is nothing left to do
        }
        long[] all = new long[ARGUMENT_COUNT];
        System.arraycopy(args, 0, all, 0, args.length);
        long address = functions[function.ordinal()];
        return function.isBalanced()
                ? host.run(address, all[0], all[1], all[2], all[3], all[4], all[5], all[6], all[7])
                : host.runHalf(
                        address, all[0], all[1], all[2], all[3], all[4], all[5], all[6], all[7]);
    }

    /**
     * Has a descriptor prepared whose operands go as words: the function gets the channel, its own
     * arguments, the flags, a ticket for the words, and how many operands they are.
     *
     * @return its address; 0 for none
     * @throws DmaException ENOMEM when there are too many words
     */
    long prepare(
            Served function, Channel channel, long[] words, int count, int flags, long... own) {
        if (words.length > OPERAND_WORDS_MAX) {
            throw new DmaException(
                    Errno.ENOMEM, "%s: %d words of operands", channel.name(), words.length);
        }
        long ticket = operands.number(words);
        try {
            long[] args = new long[own.length + 4];
            args[0] = RemoteChannel.address(channel);
            System.arraycopy(own, 0, args, 1, own.length);
            args[own.length + 1] = flags;
            args[own.length + 2] = ticket;
            args[own.length + 3] = count;
            return run(function, args);
        } finally {
            operands.free(ticket);
        }
    }

    /** What 8 bytes are that C code keeps; runs none of it. */
    long peek(long address) {
        return host.peek(address);
    }

    /** Takes the configuration of a channel; a negative error number when that is refused. */
    int configure(Channel channel, long[] words) {
        long ticket = operands.number(words);
        try {
            return (int) run(Served.CONFIG, RemoteChannel.address(channel), ticket);
        } finally {
            operands.free(ticket);
        }
    }

    /**
     * Controls a channel.
     *
     * @throws DmaException what the provider says
     */
    void control(Channel channel, Control what) {
        int result = (int) run(Served.CONTROL, RemoteChannel.address(channel), what.ordinal());
        check(result, channel, "refuses");
    }

    /** Where a cookie stands. */
    DmaStatus status(Channel channel, int cookie, @Nullable TxState state) {
        int code = (int) run(Served.STATUS, RemoteChannel.address(channel), cookie);
        if (state != null) {
            state.set((int) status[0], (int) status[1]);
            state.residue((int) status[2]);
            state.inFlightBytes((int) status[3]);
        }
        return STATUSES[Math.floorMod(code, STATUSES.length)];
    }

    /**
     * What a channel can do.
     *
     * @throws DmaException what the provider says
     */
    SlaveCaps caps(Channel channel) {
        int result = (int) run(Served.CAPS, RemoteChannel.address(channel));
        check(result, channel, "serves no peripherals");
        Set<BusWidth> sourceWidths = ProviderServices.widths(caps[0]);
        Set<BusWidth> destinationWidths = ProviderServices.widths(caps[0] >>> 32);
        Set<TransferDirection> directions = ProviderServices.directions(caps[1]);
        return new SlaveCaps(
                sourceWidths,
                destinationWidths,
                directions,
                (int) caps[2],
                (int) (caps[2] >>> 32),
                (int) caps[3],
                (caps[4] >>> 9 & 1) != 0,
                (caps[4] >>> 10 & 1) != 0,
                (caps[4] >>> 11 & 1) != 0,
                GRANULARITIES[Math.min((int) caps[4] & 0xff, GRANULARITIES.length - 1)],
                (caps[4] >>> 8 & 1) != 0);
    }

    /** The lines a provider has for the summary. */
    String summary(long struct) {
        summary = "";
        run(Served.SUMMARY, struct);
        return summary;
    }

    /** What the last function told of a descriptor's metadata. */
    MetadataOps.Metadata metadataAt(long va) {
        return new MetadataOps.Metadata(va, metadata[0], metadata[1]);
    }

    /** Throws what a negative error number means. */
    static void check(long result, Channel channel, String what) {
        if (result < 0) {
            throw error(result, channel.name() + " " + what);
        }
    }

    /** What a negative error number means. */
    static DmaException error(long result, String what) {
        for (Errno errno : Errno.values()) {
            if (errno.number() == -result) {
                return new DmaException(errno, "%s", what);
            }
        }
        return new DmaException(Errno.EIO, "%s with %d", what, result);
    }
}
