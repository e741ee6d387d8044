package dmakit.cmodule.service;

import dmakit.cmodule.Call;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.InterleavedTemplate;
import dmakit.kernel.dmaengine.MetadataOps;
import dmakit.kernel.dmaengine.SumCheck;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.scatterlist.Scatterlist;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Transfers that clients in C have providers in Java prepare, and what they do with them. */
final class PrepServices implements ServiceGroup {
    private static final int SEGMENT_BYTES = 16;
    private static final int CHUNK_BYTES = 32;
    private static final int SOURCE_COUNT_MAX = 256;
    private static final TransferDirection[] DIRECTIONS = TransferDirection.values();

    private final EngineServices engine;
    private final Descriptors descriptors;
    private final Findings findings;

    PrepServices(EngineServices engine, Findings findings) {
        this.engine = engine;
        this.findings = findings;
        descriptors = engine.descriptors();
    }

    @Override
    public void register(Registry to) {
        to.add("dma_prep_memcpy", this::prepMemcpy);
        to.add("dma_prep_memset", this::prepMemset);
        to.add("dma_prep_memset_sg", this::prepMemsetSg);
        to.add("dma_prep_interrupt", this::prepInterrupt);
        to.add("dma_prep_slave_sg", this::prepSlaveSg);
        to.add("dma_prep_vec", this::prepVec);
        to.add("dma_prep_cyclic", this::prepCyclic);
        to.add("dma_prep_interleaved", this::prepInterleaved);
        to.add("dma_prep_imm_data", this::prepImmData);
        to.add("dma_prep_sum", this::prepSum);
        to.add("dma_submit", this::submit);
        to.add("dma_desc_free", call -> descriptors.giveBack(call.arg(0)));
        to.add("dma_desc_attach", this::attach);
        to.add("dma_desc_metadata", this::metadata);
        to.add("dma_desc_metadata_len", this::metadataLength);
    }

    private Channel channel(Call call) {
        return engine.channels().get(call.arg(0));
    }

    private long prepared(Channel channel, boolean cyclic, Supplier<Descriptor> prep) {
        return descriptors.prepared(channel, cyclic, null, prep);
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
            return nothingMapped(channel);
        }
        Scatterlist sg = list(call, count);
        TransferDirection direction = direction(call.intArg(2));
        return prepared(
                channel, false, () -> channel.prepSlaveSg(sg, count, direction, call.intArg(3)));
    }

    private long nothingMapped(Channel channel) {
        findings.report(
                        FindingId.MAP_ERROR_UNCHECKED,
                        "a list of 0 entries is prepared: dma_map_sg failed, or there was none")
                .device(channel.device().dev().name())
                .channel(channel.name())
                .add();
        return 0;
    }

    private static Scatterlist list(Call call, int count) {
        ByteBuffer wire = wire(call);
        Scatterlist sg = new Scatterlist(count);
        for (int i = 0; i < count; i++) {
            sg.setDma(i, wire.getLong(i * SEGMENT_BYTES), wire.getLong(i * SEGMENT_BYTES + 8));
        }
        return sg;
    }

    private static ByteBuffer wire(Call call) {
        return ByteBuffer.wrap(call.data()).order(ByteOrder.LITTLE_ENDIAN);
    }

    private long prepMemsetSg(Call call) {
        Channel channel = channel(call);
        int count = call.intArg(1);
        if (count == 0) {
            return nothingMapped(channel);
        }
        Scatterlist sg = list(call, count);
        return prepared(
                channel,
                false,
                () -> channel.prepMemsetSg(sg, count, call.intArg(2), call.intArg(3)));
    }

    private long prepVec(Call call) {
        Channel channel = channel(call);
        int count = call.intArg(1);
        ByteBuffer wire = wire(call);
        long[] dmas = new long[count];
        long[] sizes = new long[count];
        for (int i = 0; i < count; i++) {
            dmas[i] = wire.getLong(i * SEGMENT_BYTES);
            sizes[i] = wire.getLong(i * SEGMENT_BYTES + 8);
        }
        TransferDirection direction = direction(call.intArg(2));
        return prepared(
                channel,
                false,
                () -> channel.prepPeripheralVec(dmas, sizes, direction, call.intArg(3)));
    }

    private long prepImmData(Call call) {
        Channel channel = channel(call);
        return prepared(
                channel,
                false,
                () -> channel.prepImmData(call.arg(1), call.arg(2), call.intArg(3)));
    }

    private long prepInterleaved(Call call) {
        Channel channel = channel(call);
        ByteBuffer wire = wire(call);
        int count = call.data().length / CHUNK_BYTES;
        if (count > InterleavedTemplate.CHUNK_COUNT_MAX
                || call.arg(5) < 0
                || call.arg(5) > Integer.MAX_VALUE) {
            return 0;
        }
        List<InterleavedTemplate.Chunk> chunks = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int at = i * CHUNK_BYTES;
            chunks.add(
                    new InterleavedTemplate.Chunk(
                            wire.getLong(at),
                            wire.getLong(at + 8),
                            wire.getLong(at + 16),
                            wire.getLong(at + 24)));
        }
        long sides = call.arg(4);
        var template =
                new InterleavedTemplate(
                        call.arg(1),
                        call.arg(2),
                        direction(call.intArg(3)),
                        (sides & 1) != 0,
                        (sides & 2) != 0,
                        (sides & 4) != 0,
                        (sides & 8) != 0,
                        (int) call.arg(5),
                        chunks);
        return prepared(channel, false, () -> channel.prepInterleaved(template, call.intArg(6)));
    }

    /** A sum, or a check of one; see {@code struct wire_sum} of {@code kernel/dmajava.c}. */
    private long prepSum(Call call) {
        Channel channel = channel(call);
        int count = call.intArg(1);
        long size = call.arg(2);
        int flags = call.intArg(3);
        ByteBuffer wire = wire(call);
        long[] results = {wire.getLong(), wire.getLong()};
        long[] sources = new long[count];
        wire.asLongBuffer().get(sources);
        byte[] coefficients = new byte[count];
        wire.position((2 + SOURCE_COUNT_MAX) * Long.BYTES).get(coefficients);
        boolean syndrome = call.isArg(4);
        if (!call.isArg(5)) {
            return prepared(
                    channel,
                    false,
                    () ->
                            syndrome
                                    ? channel.prepPq(results, sources, coefficients, size, flags)
                                    : channel.prepXor(results[0], sources, size, flags));
        }
        SumCheck sum = new SumCheck();
        return descriptors.prepared(
                channel,
                false,
                sum,
                () ->
                        syndrome
                                ? channel.prepPqVal(
                                        results, sources, coefficients, size, sum, flags)
                                : channel.prepXorVal(sources, size, sum, flags));
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

    static TransferDirection direction(int code) {
        return code >= 0 && code < DIRECTIONS.length ? DIRECTIONS[code] : TransferDirection.NONE;
    }

    // Descriptors.

    private long submit(Call call) {
        return descriptors.submit(call.arg(0), call.arg(1), call.intArg(2));
    }

    private long attach(Call call) {
        descriptors.get(call.arg(0)).attachMetadata(call.arg(1), call.arg(2));
        return 0;
    }

    private long metadata(Call call) {
        MetadataOps.Metadata found = descriptors.get(call.arg(0)).metadata();
        call.out(0, found.payloadBytes());
        call.out(1, found.maxBytes());
        return found.va();
    }

    private long metadataLength(Call call) {
        descriptors.get(call.arg(0)).metadataLength(call.arg(1));
        return 0;
    }
}
