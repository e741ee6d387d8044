package dmakit.kernel.dmaengine;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.device.Device;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A provider without hardware: a test says when a transfer is done. */
final class SoftwareProvider {
    final List<Channel> allocated = new ArrayList<>();
    final List<Channel> freed = new ArrayList<>();
    final List<Soft> channels = new ArrayList<>();
    @Nullable Errno refusal;
    private final DmaDevice device;

    SoftwareProvider(DmaEngine engine, Device dev, int count, TransactionType... types) {
        this(engine, dev, count, allOps(), types);
    }

    SoftwareProvider(
            DmaEngine engine, Device dev, int count, ProviderOps ops, TransactionType... types) {
        ops.allocChannel(
                        channel -> {
                            if (refusal != null) {
                                throw new DmaException(refusal, "no resources");
                            }
                            allocated.add(channel);
                        })
                .freeChannel(channel -> {
                    of(channel).freeVirtualResources();
                    freed.add(channel);
                });
        device =
                new DmaDevice(engine, dev, ops)
                        .capabilities(Capabilities.of(types))
                        .directions(EnumSet.of(TransferDirection.MEM_TO_DEV))
                        .widths(EnumSet.of(BusWidth.BYTES_4), EnumSet.of(BusWidth.BYTES_1))
                        .residueGranularity(ResidueGranularity.BURST)
                        .burstWords(1, 8)
                        .descriptorReuse(true);
        for (int i = 0; i < count; i++) {
            channels.add(new Soft(device));
        }
    }

    /** Status and issuing alone. */
    static ProviderOps fewestOps() {
        return new ProviderOps(
                (chan, cookie, state) -> of(chan).status(cookie, state), chan -> of(chan).issue());
    }

    /** What can copy, and not be stopped. */
    static ProviderOps copyingOps() {
        return fewestOps().memcpy((chan, dst, src, size, flags) -> of(chan).prep(size, flags));
    }

    static ProviderOps allOps() {
        return fewestOps()
                .memcpy((chan, dst, src, size, flags) -> of(chan).prep(size, flags))
                .memset((chan, dst, value, size, flags) -> of(chan).prep(size, flags))
                .interrupt((chan, flags) -> of(chan).prep(0, flags))
                .slaveSg((chan, sgl, n, dir, flags) -> of(chan).prep(sgl.dmaLength(0), flags))
                .cyclic((chan, dma, size, period, dir, flags) -> of(chan).prepRing(size, flags))
                .xor((chan, dst, srcs, size, flags) -> of(chan).prep(size, flags))
                .xorVal((chan, srcs, size, result, flags) -> of(chan).prep(size, flags))
                .pq((chan, pq, srcs, coefs, size, flags) -> of(chan).prep(size, flags))
                .pqVal((chan, pq, srcs, coefs, size, result, flags) -> of(chan).prep(size, flags))
                .memsetSg((chan, sgl, n, value, flags) -> of(chan).prep(sgl.dmaLength(0), flags))
                .interleaved((chan, template, flags) -> of(chan).prep(template.bytes(), flags))
                .peripheralVec((chan, dmas, sizes, dir, flags) -> of(chan).prep(sizes[0], flags))
                .immData((chan, dst, data, flags) -> of(chan).prep(8, flags))
                .config((chan, config) -> of(chan).config = config)
                .pause(chan -> of(chan).paused = true)
                .resume(chan -> of(chan).paused = false)
                .terminateAll(chan -> of(chan).terminate())
                .synchronize(chan -> of(chan).synchronizeVirtual());
    }

    DmaDevice device() {
        return device;
    }

    Soft channel(int index) {
        return channels.get(index);
    }

    static Soft of(Channel channel) {
        return (Soft) channel;
    }

    static final class SoftDescriptor extends VirtualDescriptor {
        private long size;
        private boolean ring;

        SoftDescriptor(VirtualChannel channel) {
            super(channel);
        }

        @Override
        protected @Nullable MetadataOps metadataOps() {
            return of(channel()).metadataOps;
        }
    }

    static final class Soft extends VirtualChannel {
        final List<SoftDescriptor> released = new ArrayList<>();
        SlaveConfig config = SlaveConfig.NONE;
        int moved;
        boolean paused;
        @Nullable MetadataOps metadataOps;
        private final List<SoftDescriptor> pool = new ArrayList<>();
        private @Nullable SoftDescriptor active;

        Soft(DmaDevice device) {
            super(device);
        }

        SoftDescriptor prep(long size, int flags) {
            SoftDescriptor desc = pool.isEmpty() ? new SoftDescriptor(this) : pool.removeLast();
            desc.size = size;
            desc.ring = false;
            prepared(desc, flags);
            return desc;
        }

        SoftDescriptor prepRing(long size, int flags) {
            SoftDescriptor desc = prep(size, flags);
            desc.ring = true;
            return desc;
        }

        void issue() {
            boolean irqs = lock().lockIrqSave();
            if (issueSubmitted() && active == null) {
                active = (SoftDescriptor) takeIssued();
            }
            lock().unlockIrqRestore(irqs);
        }

        DmaStatus status(int cookie, @Nullable TxState state) {
            DmaStatus status = cookieStatus(cookie, state);
            if (status == DmaStatus.COMPLETE || state == null) {
                return status;
            }
            SoftDescriptor now = active;
            if (now != null && now.cookie() == cookie) {
                state.residue((int) now.size - moved);
                return paused ? DmaStatus.PAUSED : status;
            }
            VirtualDescriptor waiting = findIssued(cookie);
            state.residue(waiting == null ? 0 : (int) ((SoftDescriptor) waiting).size);
            return status;
        }

        boolean isIdle() {
            return active == null;
        }

        /** The hardware is done with the active descriptor, or with a period of it. */
        void finish() {
            finish(TransferResult.NOERROR, 0);
        }

        void finish(TransferResult result, int residue) {
            boolean irqs = lock().lockIrqSave();
            SoftDescriptor done = active;
            if (done == null) {
                throw new IllegalStateException("nothing is active");
            }
            done.endedWith(result, residue);
            if (done.ring) {
                periodElapsed(done);
            } else {
                completeActive(done);
                active = (SoftDescriptor) takeIssued();
                moved = 0;
            }
            lock().unlockIrqRestore(irqs);
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

        @Override
        protected void release(VirtualDescriptor desc) {
            released.add((SoftDescriptor) desc);
            pool.add((SoftDescriptor) desc);
        }
    }
}
