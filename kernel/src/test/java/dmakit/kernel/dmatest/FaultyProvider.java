package dmakit.kernel.dmatest;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.device.Device;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.ProviderOps;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.dmaengine.VirtualChannel;
import dmakit.kernel.dmaengine.VirtualDescriptor;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A provider of one channel whose CPU moves the bytes at once, and then spoils some. */
final class FaultyProvider {
    /** What is put on a buffer's physical address to get its address on the bus. */
    private static final long BUS_BASE = 0xc000_0000L;

    private final Cpu cpu;
    private final DmaDevice device;
    private Consumer<Spoiler> fault = _ -> {};
    private boolean refuses;
    private boolean hangs;
    private @Nullable DmaStatus status;

    /** The bytes of a transfer, for who spoils some. */
    final class Spoiler {
        private final long destination;
        private final long source;

        Spoiler(long destination, long source) {
            this.destination = destination;
            this.source = source;
        }

        /** Puts a byte at an offset from the destination's first byte. */
        void destination(int at, int value) {
            cpu.store8(va(destination) + at, (byte) value);
        }

        /** Puts a byte at an offset from the source's first byte. */
        void source(int at, int value) {
            cpu.store8(va(source) + at, (byte) value);
        }
    }

    FaultyProvider(DmaEngine engine, Device dev, Cpu cpu, TransactionType... types) {
        this.cpu = cpu;
        ProviderOps ops =
                new ProviderOps(
                                (chan, cookie, state) -> of(chan).status(cookie, state),
                                chan -> of(chan).issue())
                        .memcpy((chan, dst, src, size, flags) -> {
                            long[] sources = {src};
                            return of(chan).prep(flags, () -> xor(sources, size, dst), dst, src);
                        })
                        .memset((chan, dst, value, size, flags) ->
                                of(chan).prep(flags, () -> fill(dst, value, size), dst, dst))
                        .xor((chan, dst, srcs, size, flags) ->
                                of(chan).prep(flags, () -> xor(srcs, size, dst), dst, srcs[0]))
                        .pq((chan, pq, srcs, coefs, size, flags) ->
                                of(chan).prep(flags, () -> xor(srcs, size, pq), pq[1], srcs[0]))
                        .terminateAll(chan -> of(chan).terminate())
                        .synchronize(chan -> of(chan).waitForCallbacks())
                        .freeChannel(chan -> of(chan).freeAll());
        device =
                new DmaDevice(engine, dev, ops)
                        .capabilities(Capabilities.of(types))
                        .maxXor(8)
                        .maxPq(8, false);
        new Copier(device);
    }

    DmaDevice device() {
        return device;
    }

    /** Spoils what every transfer has moved. */
    void spoils(Consumer<Spoiler> newFault) {
        fault = newFault;
    }

    /** Refuses to prepare. */
    void refuses() {
        refuses = true;
    }

    /** Never comes to an end. */
    void hangs() {
        hangs = true;
    }

    /** Says this of every cookie. */
    void says(DmaStatus of) {
        status = of;
    }

    private static long va(long dma) {
        return AddressLayout.LINEAR_BASE + dma - BUS_BASE;
    }

    private void fill(long dst, int value, long size) {
        cpu.fill(va(dst), size, (byte) value);
    }

    /** What coefficients of 1 make of both syndromes, too. */
    private void xor(long[] sources, long size, long... destinations) {
        byte[] sum = new byte[(int) size];
        for (long source : sources) {
            byte[] bytes = new byte[sum.length];
            cpu.load(va(source), bytes, 0, bytes.length);
            for (int i = 0; i < sum.length; i++) {
                sum[i] ^= bytes[i];
            }
        }
        for (long destination : destinations) {
            cpu.store(va(destination), sum, 0, sum.length);
        }
    }

    private static Copier of(Channel channel) {
        return (Copier) channel;
    }

    private static final class Copy extends VirtualDescriptor {
        private final Runnable move;

        Copy(Copier channel, Runnable move) {
            super(channel);
            this.move = move;
        }
    }

    private final class Copier extends VirtualChannel {
        private @Nullable Copy active;

        Copier(DmaDevice device) {
            super(device);
        }

        Copy prep(int flags, Runnable move, long dst, long src) {
            if (refuses) {
                throw new DmaException(Errno.ENOMEM, "no descriptor");
            }
            Copy copy =
                    new Copy(
                            this,
                            () -> {
                                move.run();
                                fault.accept(new Spoiler(dst, src));
                            });
            prepared(copy, flags);
            return copy;
        }

        void issue() {
            boolean irqs = lock().lockIrqSave();
            if (issueSubmitted() && active == null) {
                active = (Copy) takeIssued();
            }
            while (active != null && !hangs) {
                active.move.run();
                completeActive(active);
                active = (Copy) takeIssued();
            }
            lock().unlockIrqRestore(irqs);
        }

        DmaStatus status(int cookie, @Nullable TxState state) {
            DmaStatus told = status;
            DmaStatus known = cookieStatus(cookie, state);
            return told == null ? known : told;
        }

        void terminate() {
            boolean irqs = lock().lockIrqSave();
            if (active != null) {
                terminateActive(active);
                active = null;
            }
            lock().unlockIrqRestore(irqs);
            dropAll();
        }

        void waitForCallbacks() {
            synchronizeVirtual();
        }

        void freeAll() {
            freeVirtualResources();
        }

        @Override
        protected void release(VirtualDescriptor desc) {}
    }
}
