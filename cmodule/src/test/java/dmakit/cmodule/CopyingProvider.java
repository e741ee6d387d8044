package dmakit.cmodule;

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
import dmakit.kernel.irq.IrqReturn;
import dmakit.kernel.irq.Irqs;
import dmakit.machine.Machine;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.time.Alarm;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A chip that copies memory a microsecond after it was asked to, and its driver, in one. */
final class CopyingProvider {
    private static final long DURATION_PS = 1_000_000;

    private final Machine machine;
    private final IrqLine line;
    private final Copier channel;

    /** Makes the chip copy for ever, so that nothing ever completes. */
    boolean stuck;

    CopyingProvider(DmaEngine engine, Device dev, Irqs irqs, Machine machine, int lineNumber) {
        this.machine = machine;
        line = machine.interrupts().line(lineNumber);
        var ops =
                new ProviderOps(
                                (chan, cookie, state) -> of(chan).status(cookie, state),
                                chan -> of(chan).issue())
                        .memcpy((chan, dst, src, size, flags) ->
                                of(chan).prep(dst, src, size, flags))
                        .terminateAll(chan -> of(chan).terminate())
                        .synchronize(chan -> of(chan).synchronizeAll())
                        .freeChannel(chan -> of(chan).free());
        var device =
                new DmaDevice(engine, dev, ops)
                        .capabilities(Capabilities.of(TransactionType.MEMCPY));
        channel = new Copier(device);
        irqs.request(
                lineNumber,
                (irq, devId) -> {
                    line.set(false);
                    channel.finish();
                    return IrqReturn.HANDLED;
                },
                "copier",
                this);
        engine.register(device);
    }

    private static Copier of(Channel channel) {
        return (Copier) channel;
    }

    private static final class Copy extends VirtualDescriptor {
        private long dst;
        private long src;
        private long size;

        Copy(VirtualChannel channel) {
            super(channel);
        }
    }

    private final class Copier extends VirtualChannel {
        private final List<Copy> pool = new ArrayList<>();
        private final Alarm alarm = new Alarm("copier", this::copied);
        private @Nullable Copy active;

        Copier(DmaDevice device) {
            super(device);
        }

        Copy prep(long dst, long src, long size, int flags) {
            Copy copy = pool.isEmpty() ? new Copy(this) : pool.removeLast();
            copy.dst = dst;
            copy.src = src;
            copy.size = size;
            prepared(copy, flags);
            return copy;
        }

        void issue() {
            boolean irqs = lock().lockIrqSave();
            if (issueSubmitted() && active == null) {
                next();
            }
            lock().unlockIrqRestore(irqs);
        }

        private void next() {
            active = (Copy) takeIssued();
            if (active != null && !stuck) {
                machine.clock().setIn(alarm, DURATION_PS);
            }
        }

        private void copied() {
            Copy copy = active;
            if (copy != null) {
                MemorySegment dram = machine.ram().dramShare().segment();
                MemorySegment.copy(dram, copy.src, dram, copy.dst, copy.size);
                line.set(true);
            }
        }

        void finish() {
            boolean irqs = lock().lockIrqSave();
            Copy done = active;
            if (done != null) {
                completeActive(done);
                next();
            }
            lock().unlockIrqRestore(irqs);
        }

        DmaStatus status(int cookie, @Nullable TxState state) {
            return cookieStatus(cookie, state);
        }

        void terminate() {
            boolean irqs = lock().lockIrqSave();
            machine.clock().cancel(alarm);
            Copy copy = active;
            if (copy != null) {
                terminateActive(copy);
                active = null;
            }
            lock().unlockIrqRestore(irqs);
            dropAll();
        }

        void synchronizeAll() {
            synchronizeVirtual();
        }

        void free() {
            freeVirtualResources();
        }

        @Override
        protected void release(VirtualDescriptor desc) {
            pool.add((Copy) desc);
        }
    }
}
