package dmakit.cmodule.service;

import dmakit.cmodule.CHost;
import dmakit.cmodule.CModule;
import dmakit.cmodule.Call;
import dmakit.cmodule.Handles;
import dmakit.cmodule.Registry;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.DmaRouter;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.InterleavedTemplate;
import dmakit.kernel.dmaengine.MetadataOps;
import dmakit.kernel.dmaengine.ProviderOps;
import dmakit.kernel.dmaengine.ResidueGranularity;
import dmakit.kernel.dmaengine.SlaveCaps;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.SumCheck;
import dmakit.kernel.dmaengine.TransferResult;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.scatterlist.Scatterlist;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongUnaryOperator;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Providers in C, as clients in Java see them: each operation runs a function over there. */
final class RemoteOps {
    private static final int DESCRIPTOR_COUNT_MAX = 65_536;
    private static final int OPERAND_WORDS_MAX = 1 << 18;
    private static final int TEMPLATE_WORDS = 5;
    private static final int CHUNK_WORDS = 4;
    private static final long ERRNO_MAX = 4095;
    private static final DmaStatus[] STATUSES = DmaStatus.values();
    private static final TransferResult[] RESULTS = TransferResult.values();

    /** The functions of {@code kernel/dmaprovider.c} that serve clients in Java, in its order. */
    private enum Served {
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
        SUMMARY
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

    /** What {@code serve_metadata} does. */
    private enum Metadata {
        ATTACH,
        POINTER,
        LENGTH
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
        INTERLEAVED,
        MEMSET_SG,
        VEC,
        IMM_DATA,
        CAPS,
        RELEASE,
        SUMMARY;

        boolean in(long mask) {
            return (mask & 1L << ordinal()) != 0;
        }
    }

    private final CHost host;
    private final Function<DmaDevice, @Nullable CModule> owners;
    private final Consumer<DmaDevice> released;
    private final Handles<Transfer> transfers =
            new Handles<>("transfers of clients in Java", DESCRIPTOR_COUNT_MAX);
    private final Handles<long[]> operands = new Handles<>("operands", DESCRIPTOR_COUNT_MAX);
    private final ToLongFunction<@Nullable DmaRouter> routers;
    private final Map<Channel, CModule> held = new LinkedHashMap<>();
    private final long[] functions = new long[Served.values().length];
    private final long[] status = new long[4];
    private final long[] caps = new long[5];
    private final long[] metadata = new long[2];

    private String summary = "";

    /** Where a check over there tells what it found, and who wants to know. */
    private record Sum(long address, SumCheck wanted) {}

    /**
     * Knows no function yet.
     *
     * @param owners finds the module of a provider
     * @param routers finds the struct of a router, 0 for one that is not in C
     * @param released told of a provider that outlived its driver until now
     */
    RemoteOps(
            CHost host,
            Function<DmaDevice, @Nullable CModule> owners,
            ToLongFunction<@Nullable DmaRouter> routers,
            Consumer<DmaDevice> released) {
        this.host = host;
        this.owners = owners;
        this.routers = routers;
        this.released = released;
    }

    void register(Registry to) {
        to.add("dma_java_callback", this::callback);
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

    /** Takes the addresses of the functions over there, in their order. */
    void functions(LongBuffer from) {
        from.get(functions);
    }

    Channel channel(DmaDevice device, long struct) {
        return new RemoteChannel(device, struct);
    }

    private long run(Served function, long... args) {
        if (host.isEnded()) {
            return 0; // a client outlived its provider: there is nothing left to do
        }
        long[] all = new long[8];
        System.arraycopy(args, 0, all, 0, args.length);
        long address = functions[function.ordinal()];
        return switch (function) {
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
                    host.runHalf(
                            address, all[0], all[1], all[2], all[3], all[4], all[5], all[6],
                            all[7]);
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
                    SUMMARY ->
                    host.run(
                            address, all[0], all[1], all[2], all[3], all[4], all[5], all[6],
                            all[7]);
        };
    }

    /** The words of a ticket, which a function over there asks for. */
    private long operands(Call call) {
        ByteBuffer data = ByteBuffer.wrap(call.data()).order(ByteOrder.LITTLE_ENDIAN);
        LongBuffer words = data.asLongBuffer();
        words.put(operands.get(call.arg(0)), 0, words.remaining());
        return 0;
    }

    /** Prepares something whose operands go as words, for a ticket. */
    private Descriptor prepared(
            Channel channel, int flags, long[] words, @Nullable Sum sum, LongUnaryOperator prep) {
        if (words.length > OPERAND_WORDS_MAX) {
            throw new DmaException(
                    Errno.ENOMEM, "%s: %d words of operands", channel.name(), words.length);
        }
        long ticket = operands.number(words);
        try {
            return prepared(channel, flags, prep.applyAsLong(ticket), false, sum);
        } finally {
            operands.free(ticket);
        }
    }

    private Descriptor prepared(Channel channel, int flags, long address) {
        return prepared(channel, flags, address, false, null);
    }

    private Descriptor prepared(
            Channel channel, int flags, long address, boolean cyclic, @Nullable Sum sum) {
        if (address == 0) {
            if (sum != null) {
                run(Served.SUM, sum.address());
            }
            throw new DmaException(Errno.ENOMEM, "%s prepares nothing", channel.name());
        }
        return new Transfer(channel, address, flags, cyclic, sum);
    }

    // Operations.

    /**
     * The operations of a provider.
     *
     * @param has its functions, one bit each
     * @param struct the address of its struct
     */
    ProviderOps ops(long has, long struct) {
        ProviderOps ops =
                new ProviderOps(this::statusOf, channel -> control(channel, Control.ISSUE));
        addCopies(ops, has);
        addSums(ops, has);
        addSlaves(ops, has);
        addControls(ops, has);
        ops.routerConfig(this::routed);
        if (Has.CAPS.in(has)) {
            ops.caps((channel, _) -> capsOf(channel));
        }
        if (Has.RELEASE.in(has)) {
            ops.release(device -> {
                run(Served.RELEASE, struct);
                released.accept(device);
            });
        }
        if (Has.SUMMARY.in(has)) {
            ops.summary(_ -> {
                summary = "";
                run(Served.SUMMARY, struct);
                return summary;
            });
        }
        return ops;
    }

    private void addCopies(ProviderOps ops, long has) {
        if (Has.MEMCPY.in(has)) {
            ops.memcpy((channel, to, from, size, flags) ->
                    prepared(
                            channel,
                            flags,
                            run(Served.MEMCPY, address(channel), to, from, size, flags)));
        }
        if (Has.MEMSET.in(has)) {
            ops.memset((channel, to, value, size, flags) ->
                    prepared(
                            channel,
                            flags,
                            run(Served.MEMSET, address(channel), to, value, size, flags)));
        }
        if (Has.INTERRUPT.in(has)) {
            ops.interrupt((channel, flags) ->
                    prepared(channel, flags, run(Served.INTERRUPT, address(channel), flags)));
        }
        if (Has.IMM_DATA.in(has)) {
            ops.immData((channel, to, data, flags) ->
                    prepared(
                            channel,
                            flags,
                            run(Served.IMM_DATA, address(channel), to, data, flags)));
        }
        if (Has.MEMSET_SG.in(has)) {
            ops.memsetSg((channel, sgl, count, value, flags) ->
                    prepared(
                            channel,
                            flags,
                            words(sgl, count),
                            null,
                            ticket ->
                                    run(
                                            Served.MEMSET_SG,
                                            address(channel),
                                            value,
                                            flags,
                                            ticket,
                                            count)));
        }
        if (Has.INTERLEAVED.in(has)) {
            ops.interleaved((channel, template, flags) ->
                    prepared(
                            channel,
                            flags,
                            words(template),
                            null,
                            ticket ->
                                    run(
                                            Served.INTERLEAVED,
                                            address(channel),
                                            flags,
                                            ticket,
                                            template.chunks().size())));
        }
    }

    private void addSums(ProviderOps ops, long has) {
        if (Has.XOR.in(has)) {
            ops.xor((channel, to, sources, size, flags) ->
                    prepared(
                            channel,
                            flags,
                            sources.clone(),
                            null,
                            ticket ->
                                    run(
                                            Served.XOR,
                                            address(channel),
                                            to,
                                            size,
                                            flags,
                                            ticket,
                                            sources.length)));
        }
        if (Has.XOR_VAL.in(has)) {
            ops.xorVal((channel, sources, size, result, flags) -> {
                Sum sum = sum(result);
                return prepared(
                        channel,
                        flags,
                        sources.clone(),
                        sum,
                        ticket ->
                                run(
                                        Served.XOR_VAL,
                                        address(channel),
                                        sum.address(),
                                        size,
                                        flags,
                                        ticket,
                                        sources.length));
            });
        }
        if (Has.PQ.in(has)) {
            ops.pq((channel, pq, sources, coefficients, size, flags) ->
                    prepared(
                            channel,
                            flags,
                            words(pq, sources, coefficients),
                            null,
                            ticket ->
                                    run(
                                            Served.PQ,
                                            address(channel),
                                            size,
                                            flags,
                                            ticket,
                                            sources.length)));
        }
        if (Has.PQ_VAL.in(has)) {
            ops.pqVal((channel, pq, sources, coefficients, size, result, flags) -> {
                Sum sum = sum(result);
                return prepared(
                        channel,
                        flags,
                        words(pq, sources, coefficients),
                        sum,
                        ticket ->
                                run(
                                        Served.PQ_VAL,
                                        address(channel),
                                        sum.address(),
                                        size,
                                        flags,
                                        ticket,
                                        sources.length));
            });
        }
    }

    private Sum sum(SumCheck wanted) {
        return new Sum(run(Served.SUM, 0), wanted);
    }

    private void addSlaves(ProviderOps ops, long has) {
        if (Has.SLAVE_SG.in(has)) {
            ops.slaveSg((channel, sgl, count, direction, flags) ->
                    prepared(
                            channel,
                            flags,
                            words(sgl, count),
                            null,
                            ticket ->
                                    run(
                                            Served.SLAVE_SG,
                                            address(channel),
                                            direction.ordinal(),
                                            flags,
                                            ticket,
                                            count)));
        }
        if (Has.VEC.in(has)) {
            ops.peripheralVec((channel, dmas, sizes, direction, flags) ->
                    prepared(
                            channel,
                            flags,
                            words(dmas, sizes),
                            null,
                            ticket ->
                                    run(
                                            Served.VEC,
                                            address(channel),
                                            direction.ordinal(),
                                            flags,
                                            ticket,
                                            dmas.length)));
        }
        if (Has.CYCLIC.in(has)) {
            ops.cyclic((channel, dma, size, period, direction, flags) ->
                    prepared(
                            channel,
                            flags,
                            run(
                                    Served.CYCLIC,
                                    address(channel),
                                    dma,
                                    size,
                                    period,
                                    direction.ordinal(),
                                    flags),
                            true,
                            null));
        }
        if (Has.CONFIG.in(has)) {
            ops.config(this::configure);
        }
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
                dropTransfersOf(channel);
            });
        }
        if (Has.SYNCHRONIZE.in(has)) {
            ops.synchronize(channel -> control(channel, Control.SYNCHRONIZE));
        }
        ops.allocChannel(channel -> allocate(channel, Has.ALLOCATE.in(has)));
        ops.freeChannel(channel -> free(channel, Has.FREE.in(has)));
    }

    /** While a channel has clients, the module of its provider stays. */
    @Linux(file = "drivers/dma/dmaengine.c", symbol = "dma_chan_to_owner")
    private void allocate(Channel channel, boolean hasFunction) {
        CModule owner = owners.apply(channel.device());
        if (owner != null && !owner.use()) {
            throw new DmaException(Errno.ENODEV, "the module of %s leaves", channel.name());
        }
        try {
            if (hasFunction) {
                control(channel, Control.ALLOCATE);
            }
        } catch (DmaException refused) {
            if (owner != null) {
                owner.putAway();
            }
            throw refused;
        }
        if (owner != null) {
            held.put(channel, owner);
        }
    }

    private void free(Channel channel, boolean hasFunction) {
        if (hasFunction) {
            control(channel, Control.FREE);
        }
        dropTransfersOf(channel);
        CModule owner = held.remove(channel);
        if (owner != null) {
            owner.putAway();
        }
    }

    // Operands as words.

    private static long[] words(Scatterlist sgl, int count) {
        long[] dmas = new long[count];
        long[] sizes = new long[count];
        sgl.dmaRanges(dmas, sizes);
        return words(dmas, sizes);
    }

    private static long[] words(long[] dmas, long[] sizes) {
        long[] words = new long[2 * dmas.length];
        for (int i = 0; i < dmas.length; i++) {
            words[2 * i] = dmas[i];
            words[2 * i + 1] = sizes[i];
        }
        return words;
    }

    /** P, Q, the sources, and as many coefficients. */
    private static long[] words(long[] pq, long[] sources, byte[] coefficients) {
        long[] words = new long[2 + 2 * sources.length];
        words[0] = pq[0];
        words[1] = pq[1];
        for (int i = 0; i < sources.length; i++) {
            words[2 + i] = sources[i];
            words[2 + sources.length + i] = Byte.toUnsignedLong(coefficients[i]);
        }
        return words;
    }

    private static long[] words(InterleavedTemplate template) {
        long[] words = new long[TEMPLATE_WORDS + CHUNK_WORDS * template.chunks().size()];
        words[0] = template.sourceStart();
        words[1] = template.destinationStart();
        words[2] = template.direction().ordinal();
        words[3] =
                bit(template.sourceInc(), 0)
                        | bit(template.destinationInc(), 1)
                        | bit(template.sourceSgl(), 2)
                        | bit(template.destinationSgl(), 3);
        words[4] = template.frameCount();
        int at = TEMPLATE_WORDS;
        for (InterleavedTemplate.Chunk chunk : template.chunks()) {
            words[at++] = chunk.size();
            words[at++] = chunk.icg();
            words[at++] = chunk.destinationIcg();
            words[at++] = chunk.sourceIcg();
        }
        return words;
    }

    private static long bit(boolean value, int at) {
        return value ? 1L << at : 0;
    }

    // Channels.

    private static long address(Channel channel) {
        return ((RemoteChannel) channel).address;
    }

    private void control(Channel channel, Control what) {
        int result = (int) run(Served.CONTROL, address(channel), what.ordinal());
        if (result < 0) {
            throw error(result, channel.name() + " refuses");
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

    private void configure(Channel channel, SlaveConfig config) {
        long[] words = {
            config.sourcePhys(),
            config.destinationPhys(),
            config.sourceWidth().bytes(),
            config.destinationWidth().bytes(),
            config.sourceBurstWords(),
            config.destinationBurstWords(),
            config.direction().ordinal(),
            config.sourcePortWindowWords(),
            config.destinationPortWindowWords(),
            config.deviceFlowControl() ? 1 : 0,
            config.peripheralConfig(),
            config.peripheralConfigBytes()
        };
        long ticket = operands.number(words);
        int result;
        try {
            result = (int) run(Served.CONFIG, address(channel), ticket);
        } finally {
            operands.free(ticket);
        }
        if (result < 0) {
            throw error(result, channel.name() + " refuses");
        }
    }

    private SlaveCaps capsOf(Channel channel) {
        int result = (int) run(Served.CAPS, address(channel));
        if (result < 0) {
            throw error(result, channel.name() + " serves no peripherals");
        }
        ResidueGranularity[] granularities = ResidueGranularity.values();
        return new SlaveCaps(
                ProviderServices.widths(caps[0]),
                ProviderServices.widths(caps[0] >>> 32),
                ProviderServices.directions(caps[1]),
                (int) caps[2],
                (int) (caps[2] >>> 32),
                (int) caps[3],
                (caps[4] >>> 9 & 1) != 0,
                (caps[4] >>> 10 & 1) != 0,
                (caps[4] >>> 11 & 1) != 0,
                granularities[Math.min((int) caps[4] & 0xff, granularities.length - 1)],
                (caps[4] >>> 8 & 1) != 0);
    }

    /** A router chose the channel: its struct hears of it, whatever language the router is in. */
    private void routed(Channel channel) {
        long struct = routers.applyAsLong(channel.router());
        long data = struct != 0 && channel.routeData() instanceof Long number ? number : 0;
        int result = (int) run(Served.ROUTED, address(channel), struct, data);
        if (result < 0) {
            throw error(result, channel.name() + " refuses its route");
        }
    }

    private DmaStatus statusOf(Channel channel, int cookie, @Nullable TxState state) {
        int code = (int) run(Served.STATUS, address(channel), cookie);
        if (state != null) {
            state.set((int) status[0], (int) status[1]);
            state.residue((int) status[2]);
            state.inFlightBytes((int) status[3]);
        }
        DmaStatus found = STATUSES[Math.floorMod(code, STATUSES.length)];
        if (found == DmaStatus.COMPLETE) {
            for (Transfer transfer : ((RemoteChannel) channel).running) {
                if (transfer.given == cookie) {
                    transfer.tellSum();
                }
            }
        }
        return found;
    }

    private long callback(Call call) {
        Transfer transfer = transfers.find(call.arg(0));
        if (transfer != null) {
            transfer.ended(RESULTS[Math.floorMod(call.intArg(1), RESULTS.length)], call.intArg(2));
        }
        return 0;
    }

    private void dropTransfersOf(Channel channel) {
        RemoteChannel remote = (RemoteChannel) channel;
        for (Transfer transfer : List.copyOf(remote.running)) {
            transfer.dropped();
            transfer.tellSum();
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

        /** A chain of a client in Java is unknown over there. */
        void runDependencies(Descriptor done) {
            engine().runDependencies(done);
        }

        @Override
        protected boolean hasCompleted(int cookie) {
            return host.isEnded() // nothing runs any more
                    || (int) run(Served.CONTROL, address, Control.COMPLETED.ordinal(), cookie) != 0;
        }
    }

    /** A descriptor of a module, which a client in Java has. */
    private final class Transfer extends Descriptor {
        private final long address;
        private final boolean cyclic;
        private @Nullable Sum sum;
        private int given;

        Transfer(Channel channel, long address, int flags, boolean cyclic, @Nullable Sum sum) {
            super(channel);
            this.address = address;
            this.cyclic = cyclic;
            this.sum = sum;
            begin(flags);
        }

        @Override
        protected int submitToProvider() {
            int number = transfers.number(this);
            ((RemoteChannel) channel()).running.add(this);
            given = (int) run(Served.SUBMIT, address, number);
            if (given > 0) {
                cookieIs(given);
            }
            return given;
        }

        @Override
        protected void acknowledged() {
            run(Served.ACK, address);
        }

        @Override
        protected void freeByProvider() {
            run(Served.DESC_FREE, address);
        }

        @Override
        protected MetadataOps metadataOps() {
            return RemoteOps.this.metadataOps;
        }

        /** What the check found is known now. */
        void tellSum() {
            Sum told = sum;
            if (told != null) {
                sum = null;
                told.wanted().set((int) run(Served.SUM, told.address()));
            }
        }

        void dropped() {
            unmap();
        }

        void ended(TransferResult result, int residue) {
            tellSum();
            if (!cyclic) {
                ((RemoteChannel) channel()).running.remove(this);
                transfers.free(transfers.number(this));
            }
            if (!cyclic) {
                cookieIs(0);
            }
            result(result, residue);
            invokeCallback();
            ((RemoteChannel) channel()).runDependencies(this);
        }
    }

    private final MetadataOps metadataOps =
            new MetadataOps() {
                @Override
                public void attach(Descriptor desc, long va, long length) {
                    ask(desc, RemoteOps.Metadata.ATTACH, va, length);
                }

                @Override
                public MetadataOps.Metadata pointer(Descriptor desc) {
                    long va = ask(desc, RemoteOps.Metadata.POINTER, 0, 0);
                    return new MetadataOps.Metadata(va, metadata[0], metadata[1]);
                }

                @Override
                public void length(Descriptor desc, long payloadBytes) {
                    ask(desc, RemoteOps.Metadata.LENGTH, 0, payloadBytes);
                }

                private long ask(Descriptor desc, RemoteOps.Metadata what, long va, long length) {
                    long address = ((Transfer) desc).address;
                    long answer = run(Served.METADATA, address, what.ordinal(), va, length);
                    if (answer < 0 && answer >= -ERRNO_MAX) {
                        throw error(answer, desc.channel().name() + " refuses metadata");
                    }
                    return answer;
                }
            };
}
