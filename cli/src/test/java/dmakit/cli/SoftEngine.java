package dmakit.cli;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.device.Device;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.Descriptor;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.DmaStatus;
import dmakit.kernel.dmaengine.MetadataMode;
import dmakit.kernel.dmaengine.MetadataOps;
import dmakit.kernel.dmaengine.PrepFlags;
import dmakit.kernel.dmaengine.ProviderOps;
import dmakit.kernel.dmaengine.SlaveCaps;
import dmakit.kernel.dmaengine.SlaveConfig;
import dmakit.kernel.dmaengine.SumCheck;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.dmaengine.TxState;
import dmakit.kernel.dmaengine.VirtualChannel;
import dmakit.kernel.dmaengine.VirtualDescriptor;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.scatterlist.Scatterlist;
import dmakit.machine.cpu.Cpu;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/**
 * A provider whose controller is the CPU: every operation there is, on physical addresses; the same
 * as {@code dma_soft.c}.
 */
final class SoftEngine {
    private static final int OPERAND_COUNT_MAX = 16;
    private static final int OWN_METADATA_BYTES = 16;
    private static final byte FROM_PERIPHERAL = 0x77;

    private final Kernel kernel;
    private final Cpu cpu;
    private final DmaDevice device;

    SoftEngine(Kernel kernel, Device dev) {
        this.kernel = kernel;
        cpu = kernel.machine().cpu();
        var ops =
                new ProviderOps(
                                (chan, cookie, state) -> of(chan).status(cookie, state),
                                chan -> of(chan).issue())
                        .memcpy((chan, to, from, size, flags) ->
                                of(chan).prep(flags, () -> copy(to, from, size)))
                        .memset((chan, to, value, size, flags) ->
                                of(chan).prep(flags, () -> fill(to, size, value)))
                        .interrupt((chan, flags) -> of(chan).prep(flags, () -> {}))
                        .immData((chan, to, data, flags) ->
                                of(chan).prep(flags, () -> cpu.store64(va(to), data)))
                        .memsetSg((chan, sgl, count, value, flags) ->
                                of(chan).prep(flags, pieces(sgl, count, value)))
                        .slaveSg((chan, sgl, count, direction, flags) ->
                                of(chan).prep(flags, pieces(sgl, count, FROM_PERIPHERAL)))
                        .peripheralVec(this::vec)
                        .xor((chan, to, sources, size, flags) -> {
                            long[] from = sources.clone();
                            return of(chan).prep(flags, () -> xor(to, from, size));
                        })
                        .xorVal((chan, sources, size, result, flags) -> {
                            long[] from = sources.clone();
                            return of(chan).prep(flags, () -> xorVal(from, size, result));
                        })
                        .pq((chan, pq, sources, scf, size, flags) -> {
                            var sums = new Syndromes(pq.clone(), sources.clone(), scf.clone());
                            return of(chan).prep(flags, () -> sums.store(size, flags));
                        })
                        .pqVal((chan, pq, sources, scf, size, result, flags) -> {
                            var sums = new Syndromes(pq.clone(), sources.clone(), scf.clone());
                            return of(chan).prep(flags, () -> sums.check(size, flags, result));
                        })
                        .interleaved((chan, template, flags) ->
                                of(chan).prep(
                                                flags,
                                                () ->
                                                        template.forEach((from, to, size) ->
                                                                copy(to, from, size))))
                        .config((chan, config) -> of(chan).configure(config))
                        .caps((chan, caps) -> of(chan).capsOf(caps))
                        .terminateAll(chan -> of(chan).terminate())
                        .synchronize(chan -> of(chan).waitForCallbacks())
                        .freeChannel(chan -> of(chan).free());
        device =
                new DmaDevice(kernel.dmaEngine(), dev, ops)
                        .capabilities(
                                Capabilities.of(
                                        TransactionType.MEMCPY,
                                        TransactionType.MEMSET,
                                        TransactionType.XOR,
                                        TransactionType.XOR_VAL,
                                        TransactionType.PQ,
                                        TransactionType.PQ_VAL,
                                        TransactionType.MEMSET_SG,
                                        TransactionType.INTERRUPT,
                                        TransactionType.INTERLEAVE,
                                        TransactionType.SLAVE,
                                        TransactionType.PRIVATE))
                        .directions(EnumSet.of(TransferDirection.DEV_TO_MEM))
                        .widths(
                                EnumSet.of(BusWidth.BYTES_1, BusWidth.BYTES_3),
                                EnumSet.of(BusWidth.BYTES_1))
                        .maxXor(OPERAND_COUNT_MAX)
                        .maxPq(OPERAND_COUNT_MAX, false)
                        .lg2XorAlign(2)
                        .lg2PqAlign(3)
                        .metadataModes(MetadataMode.CLIENT, MetadataMode.ENGINE);
        new Soft(device);
    }

    DmaDevice device() {
        return device;
    }

    private static Soft of(Channel channel) {
        return (Soft) channel;
    }

    private long va(long phys) {
        return kernel.mm().virtual().physToVirt(phys);
    }

    private int at(long phys) {
        return Byte.toUnsignedInt(cpu.load8(va(phys)));
    }

    private void copy(long to, long from, long size) {
        for (long i = 0; i < size; i++) {
            cpu.store8(va(to + i), cpu.load8(va(from + i)));
        }
    }

    private void fill(long to, long size, int value) {
        cpu.fill(va(to), size, (byte) value);
    }

    private Runnable pieces(Scatterlist sgl, int count, int value) {
        long[] starts = new long[count];
        long[] sizes = new long[count];
        for (int i = 0; i < count; i++) {
            starts[i] = sgl.dmaAddress(i);
            sizes[i] = sgl.dmaLength(i);
        }
        return pieces(starts, sizes, value);
    }

    private Runnable pieces(long[] starts, long[] sizes, int value) {
        return () -> {
            for (int i = 0; i < starts.length; i++) {
                fill(starts[i], sizes[i], value);
            }
        };
    }

    private Descriptor vec(
            Channel channel, long[] dmas, long[] sizes, TransferDirection direction, int flags) {
        if (direction != TransferDirection.DEV_TO_MEM) {
            throw new DmaException(Errno.EINVAL, "not to the peripheral");
        }
        return of(channel).prep(flags, pieces(dmas.clone(), sizes.clone(), FROM_PERIPHERAL));
    }

    private int xorAt(long[] sources, long i) {
        int sum = 0;
        for (long source : sources) {
            sum ^= at(source + i);
        }
        return sum;
    }

    private void xor(long to, long[] sources, long size) {
        for (long i = 0; i < size; i++) {
            cpu.store8(va(to + i), (byte) xorAt(sources, i));
        }
    }

    private void xorVal(long[] sources, long size, SumCheck result) {
        int found = 0;
        for (long i = 0; i < size; i++) {
            found |= xorAt(sources, i) == 0 ? 0 : SumCheck.P;
        }
        result.set(found);
    }

    /** P and Q of sources. */
    private final class Syndromes {
        private final long[] pq;
        private final long[] sources;
        private final byte[] coefficients;

        Syndromes(long[] pq, long[] sources, byte[] coefficients) {
            this.pq = pq;
            this.sources = sources;
            this.coefficients = coefficients;
        }

        private int qAt(long i) {
            int sum = 0;
            for (int n = 0; n < sources.length; n++) {
                sum ^= times(at(sources[n] + i), Byte.toUnsignedInt(coefficients[n]));
            }
            return sum;
        }

        void store(long size, int flags) {
            for (long i = 0; i < size; i++) {
                if ((flags & PrepFlags.PQ_DISABLE_P) == 0) {
                    cpu.store8(va(pq[0] + i), (byte) xorAt(sources, i));
                }
                if ((flags & PrepFlags.PQ_DISABLE_Q) == 0) {
                    cpu.store8(va(pq[1] + i), (byte) qAt(i));
                }
            }
        }

        void check(long size, int flags, SumCheck result) {
            int found = 0;
            for (long i = 0; i < size; i++) {
                if ((flags & PrepFlags.PQ_DISABLE_P) == 0 && at(pq[0] + i) != xorAt(sources, i)) {
                    found |= SumCheck.P;
                }
                if ((flags & PrepFlags.PQ_DISABLE_Q) == 0 && at(pq[1] + i) != qAt(i)) {
                    found |= SumCheck.Q;
                }
            }
            result.set(found);
        }

        private static int times(int a, int b) {
            int product = 0;
            int power = a;
            for (int bits = b; bits != 0; bits >>= 1) {
                product ^= (bits & 1) == 0 ? 0 : power;
                power = (power << 1 ^ (power >> 7) * 0x11d) & 0xff;
            }
            return product;
        }
    }

    private final class Work extends VirtualDescriptor implements MetadataOps {
        private final Runnable action;
        private final long own = kernel.mm().slab().kzalloc(OWN_METADATA_BYTES, Gfp.ATOMIC);
        private long ownBytes;
        private long attached;
        private long attachedBytes;

        Work(VirtualChannel channel, Runnable action) {
            super(channel);
            this.action = action;
        }

        void run() {
            action.run();
            for (long i = 0; i < attachedBytes; i++) {
                cpu.store8(attached + i, (byte) ~cpu.load8(attached + i));
            }
            unmap();
        }

        @Override
        protected MetadataOps metadataOps() {
            return this;
        }

        @Override
        public void attach(Descriptor desc, long va, long length) {
            attached = va;
            attachedBytes = length;
        }

        @Override
        public Metadata pointer(Descriptor desc) {
            return new Metadata(own, ownBytes, OWN_METADATA_BYTES);
        }

        @Override
        public void length(Descriptor desc, long payloadBytes) {
            if (payloadBytes > OWN_METADATA_BYTES) {
                throw new DmaException(Errno.EINVAL, "%d bytes of metadata", payloadBytes);
            }
            ownBytes = payloadBytes;
        }
    }

    private final class Soft extends VirtualChannel {
        private SlaveConfig config = SlaveConfig.NONE;

        Soft(DmaDevice device) {
            super(device);
        }

        Work prep(int flags, Runnable action) {
            Work work = new Work(this, action);
            prepared(work, flags);
            return work;
        }

        void issue() {
            boolean irqs = lock().lockIrqSave();
            issueSubmitted();
            for (Work work = next(); work != null; work = next()) {
                work.run();
                completeActive(work);
            }
            lock().unlockIrqRestore(irqs);
        }

        private @Nullable Work next() {
            return (Work) takeIssued();
        }

        DmaStatus status(int cookie, @Nullable TxState state) {
            return cookieStatus(cookie, state);
        }

        void configure(SlaveConfig wanted) {
            if (wanted.sourceWidth() == BusWidth.BYTES_3) {
                throw new DmaException(Errno.EINVAL, "three bytes");
            }
            config = wanted;
        }

        /** Shows what it was configured with. */
        SlaveCaps capsOf(SlaveCaps caps) {
            return new SlaveCaps(
                    caps.sourceWidths(),
                    caps.destinationWidths(),
                    caps.directions(),
                    config.deviceFlowControl() ? 7 : 1,
                    config.peripheralConfigBytes() == 0
                            ? caps.burstWordsMax()
                            : cpu.load8(config.peripheralConfig()),
                    config.sourcePortWindowWords(),
                    caps.canPause(),
                    caps.canResume(),
                    caps.canTerminate(),
                    caps.residueGranularity(),
                    caps.descriptorReuse());
        }

        void terminate() {
            dropAll();
        }

        void waitForCallbacks() {
            synchronizeVirtual();
        }

        void free() {
            freeVirtualResources();
        }

        @Override
        protected void release(VirtualDescriptor desc) {
            kernel.mm().slab().kfree(((Work) desc).own);
        }
    }
}
