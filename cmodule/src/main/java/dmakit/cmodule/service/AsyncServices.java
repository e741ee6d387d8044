package dmakit.cmodule.service;

import dmakit.cmodule.CHost;
import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.asynctx.AsyncSubmit;
import dmakit.kernel.asynctx.AsyncTx;
import dmakit.kernel.asynctx.AsyncTxFlags;
import dmakit.kernel.check.FindingId;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.SumCheck;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Operations of async_tx, for C code. */
final class AsyncServices implements ServiceGroup {
    /** Descriptors that C code may know and not have acknowledged; number 0 means none. */
    static final int HANDLE_COUNT_MAX = 65_535;

    /** Numbers of acknowledged ones rest, so that C code may look at their structs a little. */
    private static final int RESTING_COUNT = 1024;

    private static final int BLOCK_COUNT_MAX = 256;
    private static final Operation[] OPERATIONS = Operation.values();

    /** {@code enum operation} of {@code kernel/asynctx.c}. */
    private enum Operation {
        MEMCPY,
        MEMSET,
        XOR,
        XOR_VAL,
        GEN_SYNDROME,
        SYNDROME_VAL,
        TWO_DATA_RECOV,
        DATA_P_RECOV,
        TRIGGER_CALLBACK
    }

    /** Members of {@code struct wire}, in its order; blocks and their offsets follow. */
    private enum Member {
        OPERATION,
        FLAGS,
        DEPEND,
        CALLBACK,
        CALLBACK_PARAM,
        HAS_SCRIBBLE,
        RESULT,
        BYTES,
        COUNT,
        PAGE,
        OFFSET,
        A,
        B,
        FINISHED;

        long in(ByteBuffer wire) {
            return wire.getLong(Long.BYTES * ordinal());
        }

        void set(ByteBuffer wire, long value) {
            wire.putLong(Long.BYTES * ordinal(), value);
        }
    }

    /** What a descriptor is to C code, from its submission to its acknowledgement. */
    private static final class Handle {
        final int number;
        @Nullable Descriptor descriptor;
        long submittedAt;

        Handle(int number) {
            this.number = number;
        }
    }

    private final CSystem system;
    private final CHost host;
    private final AsyncTx async;
    private final DmaEngine engine;
    private final EngineServices clients;
    private final List<Handle> handles = new ArrayList<>();
    private final Deque<Handle> resting = new ArrayDeque<>();

    AsyncServices(CSystem system, EngineServices clients) {
        this.system = system;
        this.clients = clients;
        host = system.host();
        async = system.kernel().asyncTx();
        engine = system.kernel().dmaEngine();
    }

    @Override
    public void register(Registry to) {
        to.add("async_tx_operation", this::operate);
        to.add("async_tx_ack", this::acknowledge);
        to.add("async_tx_wait", this::await);
        to.add("async_tx_quiesce", this::quiesce);
    }

    /** Whoever never acknowledges a descriptor takes it from its provider for ever. */
    @Override
    public void unloaded(CModule module) {
        for (Handle handle : handles) {
            Descriptor desc = handle.descriptor;
            if (desc != null && system.isOf(module, handle.submittedAt)) {
                Channel channel = desc.channel();
                system.findings()
                        .report(
                                FindingId.LEAK_MEMORY,
                                "the last descriptor of a chain on %s was never acknowledged: its"
                                        + " provider keeps it for ever",
                                channel.name())
                        .at(handle.submittedAt)
                        .device(channel.device().dev().name())
                        .channel(channel.name())
                        .add();
                desc.ack();
                release(handle);
            }
        }
    }

    // Operations.

    private long operate(Call call) {
        ByteBuffer wire = ByteBuffer.wrap(call.data()).order(ByteOrder.LITTLE_ENDIAN);
        int count = Math.clamp(Member.COUNT.in(wire), 0, BLOCK_COUNT_MAX);
        int blocksAt = Long.BYTES * Member.values().length;
        int offsetsAt = blocksAt + Long.BYTES * BLOCK_COUNT_MAX;
        long[] blocks = new long[count];
        long[] offsets = new long[count];
        for (int i = 0; i < count; i++) {
            blocks[i] = wire.getLong(blocksAt + Long.BYTES * i);
            offsets[i] = wire.getLong(offsetsAt + Long.BYTES * i);
        }
        Handle depend = depend(Member.DEPEND.in(wire));
        SumCheck sum = new SumCheck();
        AsyncSubmit submit =
                new AsyncSubmit()
                        .init(
                                (int) Member.FLAGS.in(wire),
                                depend == null ? null : depend.descriptor,
                                callback(wire, sum),
                                Member.HAS_SCRIBBLE.in(wire) == 0 ? null : new long[count]);
        Descriptor desc = run(wire, count, blocks, offsets, sum, submit);
        if (depend != null) {
            release(depend);
        }
        Member.FLAGS.set(wire, submit.flags());
        Member.DEPEND.set(wire, desc != null && desc.equals(submit.dependTx()) ? 1 : 0);
        for (int i = 0; i < count; i++) {
            wire.putLong(blocksAt + Long.BYTES * i, blocks[i]);
            wire.putLong(offsetsAt + Long.BYTES * i, offsets[i]);
        }
        if (desc == null) {
            return 0;
        }
        call.out(0, clients.channels().number(desc.channel()));
        call.out(1, desc.cookie());
        boolean acked = (submit.flags() & AsyncTxFlags.ACK) != 0;
        return handle(desc, acked, call.site()).number;
    }

    private @Nullable Descriptor run(
            ByteBuffer wire,
            int count,
            long[] blocks,
            long[] offsets,
            SumCheck sum,
            AsyncSubmit submit) {
        long page = Member.PAGE.in(wire);
        long offset = Member.OFFSET.in(wire);
        long bytes = Member.BYTES.in(wire);
        long a = Member.A.in(wire);
        long b = Member.B.in(wire);
        return switch (OPERATIONS[(int) Member.OPERATION.in(wire)]) {
            case MEMCPY -> async.memcpy(page, a, offset, b, bytes, submit);
            case MEMSET -> async.memset(page, (int) a, offset, bytes, submit);
            case XOR -> async.xorOffs(page, offset, blocks, offsets, count, bytes, submit);
            case XOR_VAL ->
                    async.xorValOffs(page, offset, blocks, offsets, count, bytes, sum, submit);
            case GEN_SYNDROME -> async.genSyndrome(blocks, offsets, count, bytes, submit);
            case SYNDROME_VAL ->
                    async.syndromeVal(blocks, offsets, count, bytes, sum, page, offset, submit);
            case TWO_DATA_RECOV ->
                    async.raid6TwoDataRecov(
                            count, bytes, (int) a, (int) b, blocks, offsets, submit);
            case DATA_P_RECOV ->
                    async.raid6DataPRecov(count, bytes, (int) a, blocks, offsets, submit);
            case TRIGGER_CALLBACK -> async.triggerCallback(submit);
        };
    }

    /** Calls C code when an operation is done; null when it wants to hear nothing. */
    private @Nullable Runnable callback(ByteBuffer wire, SumCheck sum) {
        long function = Member.CALLBACK.in(wire);
        long param = Member.CALLBACK_PARAM.in(wire);
        long result = Member.RESULT.in(wire);
        long finished = Member.FINISHED.in(wire);
        return function == 0 && result == 0
                ? null
                : () -> host.run(finished, result, sum.bits(), function, param);
    }

    // Descriptors.

    private @Nullable Handle depend(long number) {
        if (number == 0) {
            return null;
        }
        Handle handle = handles.get((int) number - 1);
        if (handle.descriptor == null) {
            throw new IllegalStateException(
                    "an operation depends on a descriptor that was acknowledged before");
        }
        return handle;
    }

    private Handle handle(Descriptor desc, boolean acked, long site) {
        Handle handle;
        if (resting.size() > RESTING_COUNT) {
            handle = resting.removeFirst();
        } else if (handles.size() < HANDLE_COUNT_MAX) {
            handle = new Handle(handles.size() + 1);
            handles.add(handle);
        } else {
            throw new KernelException(
                    Errno.ENOMEM, "more than %d descriptors of operations", HANDLE_COUNT_MAX);
        }
        handle.submittedAt = site;
        if (acked) {
            resting.addLast(handle);
        } else {
            handle.descriptor = desc;
        }
        return handle;
    }

    private void release(Handle handle) {
        handle.descriptor = null;
        resting.addLast(handle);
    }

    private long acknowledge(Call call) {
        Handle handle = handles.get(call.intArg(0) - 1);
        Descriptor desc = handle.descriptor;
        if (desc != null) {
            desc.ack();
            release(handle);
        }
        return 0;
    }

    /** One that was acknowledged may be another transfer by now, and is not waited for. */
    private long await(Call call) {
        Descriptor desc = handles.get(call.intArg(0) - 1).descriptor;
        DmaStatus status = engine.waitForAsyncTx(desc);
        call.out(0, desc == null ? 0 : desc.cookie());
        return status.ordinal();
    }

    private long quiesce(Call call) {
        Handle handle = depend(call.arg(0));
        if (handle != null) {
            async.quiesce(handle.descriptor);
            release(handle);
        }
        return 0;
    }
}
