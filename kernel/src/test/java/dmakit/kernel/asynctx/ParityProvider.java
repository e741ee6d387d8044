package dmakit.kernel.asynctx;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.dma.DmaBinding;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.ProviderOps;
import dmakit.kernel.dmaengine.SumCheck;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.irq.IrqReturn;
import dmakit.kernel.irq.Tasklet;
import dmakit.kernel.raid.FieldOracle;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.DeviceView;
import dmakit.machine.time.Alarm;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An engine for parity and syndromes, made of the oracle and a clock. It reads and writes what is
 * in RAM, past the caches, through what was mapped for its device.
 */
final class ParityProvider {
    static final int DESCRIPTORS = 24;
    static final long OPERATION_PS = 3_000_000;
    private static final byte[][] PRODUCTS = products();

    final DmaDevice device;
    final Device dev;
    final List<Engine> engines = new ArrayList<>();
    final List<String> done = new ArrayList<>();
    int refusals;
    private final Kernel kernel;
    private final DeviceView memory;
    private final IrqLine line;

    ParityProvider(Kernel kernel, String name, int irq, int channels, TransactionType... types) {
        this.kernel = kernel;
        memory = new DeviceView(kernel.machine().ram(), kernel.machine().caches(), false);
        line = kernel.machine().interrupts().line(irq);
        kernel.irqs().request(irq, (_, _) -> interrupt(), name, this);
        dev = new Device(name, "platform", null, null);
        ProviderOps ops =
                new ProviderOps(
                                (chan, cookie, state) -> of(chan).status(cookie, state),
                                chan -> of(chan).issue())
                        .memcpy((chan, to, from, size, flags) ->
                                of(chan).prep("memcpy", flags, () -> copy(to, from, size)))
                        .memset((chan, to, value, size, flags) ->
                                of(chan).prep("memset", flags, () -> fill(to, value, size)))
                        .interrupt((chan, flags) -> of(chan).prep("interrupt", flags, () -> {}))
                        .xor((chan, to, sources, size, flags) -> {
                            long[] from = sources.clone();
                            return of(chan).prep(
                                            "xor " + from.length, flags, () -> xor(to, from, size));
                        })
                        .xorVal((chan, sources, size, result, flags) -> {
                            long[] from = sources.clone();
                            return of(chan).prep(
                                            "xor_val", flags, () -> xorVal(from, size, result));
                        })
                        .pq((chan, pq, sources, coefficients, size, flags) -> {
                            long[] to = pq.clone();
                            long[] from = sources.clone();
                            byte[] with = coefficients.clone();
                            return of(chan).prep(
                                            "pq " + from.length,
                                            flags,
                                            () -> pq(to, from, with, size, flags));
                        })
                        .pqVal((chan, pq, sources, coefficients, size, result, flags) -> {
                            long[] to = pq.clone();
                            long[] from = sources.clone();
                            byte[] with = coefficients.clone();
                            return of(chan).prep(
                                            "pq_val",
                                            flags,
                                            () -> pqVal(to, from, with, size, result, flags));
                        });
        device =
                new DmaDevice(kernel.dmaEngine(), dev, ops)
                        .capabilities(Capabilities.of(types))
                        .maxXor(5)
                        .maxPq(8, false);
        for (int i = 0; i < channels; i++) {
            engines.add(new Engine(device, i));
        }
    }

    ParityProvider registered() {
        kernel.dmaEngine().register(device);
        return this;
    }

    /** Descriptors that ended and nobody acknowledged. */
    int unacknowledged() {
        return engines.stream().mapToInt(engine -> engine.reap().ended.size()).sum();
    }

    int openMappings() {
        DmaBinding binding = dev.dma().binding();
        return binding == null ? 0 : binding.open().count();
    }

    private static Engine of(Channel channel) {
        return (Engine) channel;
    }

    private IrqReturn interrupt() {
        line.set(false);
        engines.forEach(engine -> engine.tasklet.schedule());
        return IrqReturn.HANDLED;
    }

    private final class Operation extends Descriptor {
        private final Engine engine;
        private String name = "";
        private Runnable action = () -> {};

        Operation(Engine engine) {
            super(engine);
            this.engine = engine;
        }

        Operation begun(String newName, int flags, Runnable newAction) {
            begin(flags);
            name = newName;
            action = newAction;
            return this;
        }

        @Override
        protected int submitToProvider() {
            engine.submitted.add(this);
            return assignCookie();
        }

        @Override
        protected void freeByProvider() {
            throw new IllegalStateException("not one that is reused");
        }

        void complete() {
            completeCookie();
        }

        void callBack() {
            invokeCallback();
        }
    }

    final class Engine extends Channel {
        private final String name;
        private final Deque<Operation> submitted = new ArrayDeque<>();
        private final Deque<Operation> issued = new ArrayDeque<>();
        private final Deque<Operation> moved = new ArrayDeque<>();
        private final List<Operation> ended = new ArrayList<>();
        private final List<Operation> free = new ArrayList<>();
        private final Tasklet tasklet = new Tasklet(kernel.softirqs(), "parity", this::finishMoved);
        private final Alarm alarm = new Alarm("parity", this::operated);

        Engine(DmaDevice device, int number) {
            super(device);
            name = dev.name() + "." + number;
            for (int i = 0; i < DESCRIPTORS; i++) {
                free.add(new Operation(this));
            }
        }

        Engine reap() {
            for (int i = ended.size() - 1; i >= 0; i--) {
                if (ended.get(i).isAcked()) {
                    free.add(ended.remove(i));
                }
            }
            return this;
        }

        Descriptor prep(String what, int flags, Runnable action) {
            reap();
            if (refusals > 0 || free.isEmpty()) {
                refusals = Math.max(0, refusals - 1);
                throw new DmaException(Errno.ENOMEM, "no descriptor");
            }
            return free.removeLast().begun(what, flags, action);
        }

        DmaStatus status(int cookie, @Nullable TxState state) {
            return cookieStatus(cookie, state);
        }

        void issue() {
            boolean isIdle = issued.isEmpty();
            issued.addAll(submitted);
            submitted.clear();
            if (isIdle && !issued.isEmpty()) {
                kernel.machine().clock().setIn(alarm, OPERATION_PS);
            }
        }

        private void operated() {
            Operation operation = issued.removeFirst();
            operation.action.run();
            done.add(name + " " + operation.name);
            moved.add(operation);
            line.set(true);
            if (!issued.isEmpty()) {
                kernel.machine().clock().setIn(alarm, OPERATION_PS);
            }
        }

        private void finishMoved() {
            while (!moved.isEmpty()) {
                Operation operation = moved.removeFirst();
                operation.complete();
                operation.callBack();
                kernel.dmaEngine().runDependencies(operation);
                ended.add(operation);
            }
        }
    }

    // What the engine does, byte by byte.

    private byte[] load(long dma, long size) {
        byte[] bytes = new byte[(int) size];
        memory.load(kernel.machine().ram().offsetOf(dma), bytes, 0, bytes.length);
        return bytes;
    }

    private void store(long dma, byte[] bytes) {
        memory.store(kernel.machine().ram().offsetOf(dma), bytes, 0, bytes.length);
    }

    private void copy(long to, long from, long size) {
        store(to, load(from, size));
    }

    private void fill(long to, int value, long size) {
        memory.fill(kernel.machine().ram().offsetOf(to), size, (byte) value);
    }

    private byte[] sum(long[] sources, long size) {
        byte[] sum = new byte[(int) size];
        for (long source : sources) {
            addMultiple(sum, load(source, size), 1);
        }
        return sum;
    }

    private void xor(long to, long[] sources, long size) {
        store(to, sum(sources, size));
    }

    private void xorVal(long[] sources, long size, SumCheck result) {
        result.set(isZero(sum(sources, size)) ? 0 : SumCheck.P);
    }

    private void pq(long[] pq, long[] sources, byte[] coefficients, long size, int flags) {
        boolean continues = (flags & PrepFlags.CONTINUE) != 0;
        byte[] q = new byte[(int) size];
        for (int i = 0; i < sources.length; i++) {
            addMultiple(q, load(sources[i], size), coefficients[i]);
        }
        if ((flags & PrepFlags.PQ_DISABLE_P) == 0) {
            byte[] p = sum(sources, size);
            if (continues) {
                addMultiple(p, load(pq[0], size), 1);
            }
            store(pq[0], p);
        }
        if ((flags & PrepFlags.PQ_DISABLE_Q) == 0) {
            if (continues) {
                addMultiple(q, load(pq[1], size), 1);
            }
            store(pq[1], q);
        }
    }

    private void pqVal(
            long[] pq, long[] sources, byte[] coefficients, long size, SumCheck result, int flags) {
        int wrong = 0;
        if ((flags & PrepFlags.PQ_DISABLE_P) == 0) {
            byte[] p = sum(sources, size);
            addMultiple(p, load(pq[0], size), 1);
            wrong |= isZero(p) ? 0 : SumCheck.P;
        }
        if ((flags & PrepFlags.PQ_DISABLE_Q) == 0) {
            byte[] q = load(pq[1], size);
            for (int i = 0; i < sources.length; i++) {
                addMultiple(q, load(sources[i], size), coefficients[i]);
            }
            wrong |= isZero(q) ? 0 : SumCheck.Q;
        }
        result.set(wrong);
    }

    private static boolean isZero(byte[] bytes) {
        int all = 0;
        for (byte value : bytes) {
            all |= value;
        }
        return all == 0;
    }

    private static void addMultiple(byte[] sum, byte[] bytes, int coefficient) {
        byte[] products = PRODUCTS[coefficient & 0xff];
        for (int i = 0; i < sum.length; i++) {
            sum[i] ^= products[bytes[i] & 0xff];
        }
    }

    private static byte[][] products() {
        byte[][] products = new byte[256][256];
        for (int a = 0; a < 256; a++) {
            for (int b = 0; b < 256; b++) {
                products[a][b] = (byte) FieldOracle.product(a, b);
            }
        }
        return products;
    }
}
