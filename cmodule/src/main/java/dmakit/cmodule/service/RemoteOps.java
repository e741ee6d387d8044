package dmakit.cmodule.service;

import dmakit.cmodule.CHost;
import dmakit.cmodule.CModule;
import dmakit.cmodule.Call;
import dmakit.cmodule.Handles;
import dmakit.cmodule.Registry;
import dmakit.cmodule.service.RemoteCalls.Control;
import dmakit.cmodule.service.RemoteCalls.Served;
import dmakit.cmodule.service.RemoteDescriptor.Sum;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.DmaRouter;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.ProviderOps;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.SumCheck;
import dmakit.kernel.dmaengine.TransferResult;
import dmakit.kernel.dmaengine.TxState;
import java.nio.LongBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Providers in C, as clients in Java see them: each operation runs a function over there. */
final class RemoteOps {
    private static final int DESCRIPTOR_COUNT_MAX = 65_536;
    private static final TransferResult[] RESULTS = TransferResult.values();

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

    private final RemoteCalls calls;
    private final Function<DmaDevice, @Nullable CModule> owners;
    private final Consumer<DmaDevice> released;
    private final Handles<RemoteDescriptor> submitted =
            new Handles<>("transfers of clients in Java", DESCRIPTOR_COUNT_MAX);
    private final ToLongFunction<@Nullable DmaRouter> routers;
    private final Map<Channel, CModule> held = new LinkedHashMap<>();

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
        calls = new RemoteCalls(host);
        this.owners = owners;
        this.routers = routers;
        this.released = released;
    }

    void register(Registry to) {
        to.add("dma_java_callback", this::callback);
        calls.register(to);
    }

    /** Takes the addresses of the functions over there, in their order. */
    void functions(LongBuffer from) {
        calls.functions(from);
    }

    Channel channel(DmaDevice device, long struct, long cookies) {
        return new RemoteChannel(device, struct, cookies, calls, submitted);
    }

    private long callback(Call call) {
        RemoteDescriptor desc = submitted.find(call.arg(0));
        if (desc != null) {
            desc.ended(RESULTS[Math.floorMod(call.intArg(1), RESULTS.length)], call.intArg(2));
        }
        return 0;
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
                new ProviderOps(this::statusOf, channel -> calls.control(channel, Control.ISSUE));
        addCopies(ops, has);
        addSums(ops, has);
        addSlaves(ops, has);
        addControls(ops, has);
        ops.routerConfig(this::routed);
        if (Has.CAPS.in(has)) {
            ops.caps((channel, _) -> calls.caps(channel));
        }
        if (Has.RELEASE.in(has)) {
            ops.release(device -> {
                calls.run(Served.RELEASE, struct);
                released.accept(device);
            });
        }
        if (Has.SUMMARY.in(has)) {
            ops.summary(_ -> calls.summary(struct));
        }
        return ops;
    }

    private void addCopies(ProviderOps ops, long has) {
        if (Has.MEMCPY.in(has)) {
            ops.memcpy((channel, to, from, size, flags) ->
                    prepared(Served.MEMCPY, channel, flags, to, from, size));
        }
        if (Has.MEMSET.in(has)) {
            ops.memset((channel, to, value, size, flags) ->
                    prepared(Served.MEMSET, channel, flags, to, value, size));
        }
        if (Has.INTERRUPT.in(has)) {
            ops.interrupt((channel, flags) -> prepared(Served.INTERRUPT, channel, flags));
        }
        if (Has.IMM_DATA.in(has)) {
            ops.immData((channel, to, data, flags) ->
                    prepared(Served.IMM_DATA, channel, flags, to, data));
        }
        if (Has.MEMSET_SG.in(has)) {
            ops.memsetSg((channel, sgl, count, value, flags) -> {
                long[] words = OperandWords.of(sgl, count);
                return prepared(Served.MEMSET_SG, channel, words, count, flags, value);
            });
        }
        if (Has.INTERLEAVED.in(has)) {
            ops.interleaved((channel, template, flags) -> {
                long[] words = OperandWords.of(template);
                int chunks = template.chunks().size();
                return prepared(Served.INTERLEAVED, channel, words, chunks, flags);
            });
        }
    }

    private void addSums(ProviderOps ops, long has) {
        if (Has.XOR.in(has)) {
            ops.xor((channel, to, sources, size, flags) -> {
                long[] words = sources.clone();
                return prepared(Served.XOR, channel, words, words.length, flags, to, size);
            });
        }
        if (Has.XOR_VAL.in(has)) {
            ops.xorVal((channel, sources, size, result, flags) -> {
                long[] words = sources.clone();
                return check(Served.XOR_VAL, channel, words, words.length, flags, size, result);
            });
        }
        if (Has.PQ.in(has)) {
            ops.pq((channel, pq, sources, coefficients, size, flags) -> {
                long[] words = OperandWords.of(pq, sources, coefficients);
                return prepared(Served.PQ, channel, words, sources.length, flags, size);
            });
        }
        if (Has.PQ_VAL.in(has)) {
            ops.pqVal((channel, pq, sources, coefficients, size, result, flags) -> {
                long[] words = OperandWords.of(pq, sources, coefficients);
                return check(Served.PQ_VAL, channel, words, sources.length, flags, size, result);
            });
        }
    }

    private void addSlaves(ProviderOps ops, long has) {
        if (Has.SLAVE_SG.in(has)) {
            ops.slaveSg((channel, sgl, count, direction, flags) -> {
                long[] words = OperandWords.of(sgl, count);
                int way = direction.ordinal();
                return prepared(Served.SLAVE_SG, channel, words, count, flags, way);
            });
        }
        if (Has.VEC.in(has)) {
            ops.peripheralVec((channel, dmas, sizes, direction, flags) -> {
                long[] words = OperandWords.of(dmas, sizes);
                int way = direction.ordinal();
                return prepared(Served.VEC, channel, words, dmas.length, flags, way);
            });
        }
        if (Has.CYCLIC.in(has)) {
            ops.cyclic((channel, dma, size, period, direction, flags) -> {
                long struct = RemoteChannel.address(channel);
                int way = direction.ordinal();
                long desc = calls.run(Served.CYCLIC, struct, dma, size, period, way, flags);
                return descriptor(channel, desc, flags, true, null);
            });
        }
        if (Has.CONFIG.in(has)) {
            ops.config(this::configure);
        }
    }

    /** What the function prepares of the channel, its own arguments and the flags. */
    private Descriptor prepared(Served function, Channel channel, int flags, long... own) {
        long[] args = new long[own.length + 2];
        args[0] = RemoteChannel.address(channel);
        System.arraycopy(own, 0, args, 1, own.length);
        args[own.length + 1] = flags;
        return descriptor(channel, calls.run(function, args), flags, false, null);
    }

    /** What the function prepares of operands that go as words. */
    private Descriptor prepared(
            Served function, Channel channel, long[] words, int count, int flags, long... own) {
        long desc = calls.prepare(function, channel, words, count, flags, own);
        return descriptor(channel, desc, flags, false, null);
    }

    /** As {@link #prepared}, of something that tells what it found. */
    private Descriptor check(
            Served function,
            Channel channel,
            long[] words,
            int count,
            int flags,
            long size,
            SumCheck wanted) {
        Sum sum = new Sum(calls.run(Served.SUM, 0), wanted);
        long desc = calls.prepare(function, channel, words, count, flags, sum.address(), size);
        return descriptor(channel, desc, flags, false, sum);
    }

    private Descriptor descriptor(
            Channel channel, long address, int flags, boolean cyclic, @Nullable Sum sum) {
        if (address == 0) {
            if (sum != null) {
                calls.run(Served.SUM, sum.address());
            }
            throw new DmaException(Errno.ENOMEM, "%s prepares nothing", channel.name());
        }
        return new RemoteDescriptor((RemoteChannel) channel, calls, address, flags, cyclic, sum);
    }

    private void addControls(ProviderOps ops, long has) {
        if (Has.PAUSE.in(has)) {
            ops.pause(channel -> calls.control(channel, Control.PAUSE));
        }
        if (Has.RESUME.in(has)) {
            ops.resume(channel -> calls.control(channel, Control.RESUME));
        }
        if (Has.TERMINATE.in(has)) {
            ops.terminateAll(channel -> {
                calls.control(channel, Control.TERMINATE);
                ((RemoteChannel) channel).dropAll();
            });
        }
        if (Has.SYNCHRONIZE.in(has)) {
            ops.synchronize(channel -> calls.control(channel, Control.SYNCHRONIZE));
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
                calls.control(channel, Control.ALLOCATE);
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
            calls.control(channel, Control.FREE);
        }
        ((RemoteChannel) channel).dropAll();
        CModule owner = held.remove(channel);
        if (owner != null) {
            owner.putAway();
        }
    }

    private void configure(Channel channel, SlaveConfig config) {
        int result = calls.configure(channel, OperandWords.of(config));
        RemoteCalls.check(result, channel, "refuses");
    }

    /** A router chose the channel: its struct hears of it, whatever language the router is in. */
    private void routed(Channel channel) {
        long struct = routers.applyAsLong(channel.router());
        long data = struct != 0 && channel.routeData() instanceof Long number ? number : 0;
        long address = RemoteChannel.address(channel);
        int result = (int) calls.run(Served.ROUTED, address, struct, data);
        RemoteCalls.check(result, channel, "refuses its route");
    }

    private DmaStatus statusOf(Channel channel, int cookie, @Nullable TxState state) {
        DmaStatus found = calls.status(channel, cookie, state);
        if (found == DmaStatus.COMPLETE) {
            ((RemoteChannel) channel).seenComplete(cookie);
        }
        return found;
    }
}
