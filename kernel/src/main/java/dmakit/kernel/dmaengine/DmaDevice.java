package dmakit.kernel.dmaengine;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A provider: a device whose channels move data. Its driver describes it, adds its channels and
 * {@linkplain DmaEngine#register registers} it; afterwards only the core changes it.
 */
@Linux(file = "include/linux/dmaengine.h", symbol = "struct dma_device")
public final class DmaDevice {
    /** Channels one provider may have. */
    public static final int CHANNEL_COUNT_MAX = 1024;

    private static final Capabilities ASYNC_TX_OPS =
            Capabilities.of(
                    TransactionType.INTERRUPT,
                    TransactionType.MEMCPY,
                    TransactionType.XOR,
                    TransactionType.XOR_VAL,
                    TransactionType.PQ,
                    TransactionType.PQ_VAL);

    private final DmaEngine engine;
    private final Device dev;
    private final ProviderOps given;
    private ProviderOps ops;
    private final List<Channel> channels = new ArrayList<>();
    private Capabilities capabilities = Capabilities.NONE;
    private Set<TransferDirection> directions = EnumSet.noneOf(TransferDirection.class);
    private Set<BusWidth> sourceWidths = EnumSet.noneOf(BusWidth.class);
    private Set<BusWidth> destinationWidths = EnumSet.noneOf(BusWidth.class);
    private ResidueGranularity residueGranularity = ResidueGranularity.DESCRIPTOR;
    private int burstWordsMin;
    private int burstWordsMax;
    private int lg2CopyAlign;
    private int lg2FillAlign;
    private int lg2XorAlign;
    private int lg2PqAlign;
    private int maxXor;
    private int maxPq;
    private boolean pqContinues;
    private int sgBurstCountMax;
    private int metadataModes;
    private boolean ignoresConfig;
    private boolean descriptorReuse;
    private List<DmaSlaveMap> slaveMap = List.of();
    private int id = UNREGISTERED;
    private int references;
    private int privateCount;

    static final int UNREGISTERED = -1;

    /** What is left of a provider that is gone: it says so. */
    private static final ProviderOps GONE =
            new ProviderOps(
                            (channel, cookie, state) -> channel.goneStatus(cookie, state),
                            channel -> {})
                    .pause(channel -> {})
                    .resume(channel -> {})
                    .terminateAll(channel -> {});

    /** Creates a provider without channels and capabilities. */
    public DmaDevice(DmaEngine engine, Device dev, ProviderOps ops) {
        this.engine = engine;
        this.dev = dev;
        given = ops;
        this.ops = ops;
    }

    // How its driver describes it.

    /** Sets what it can do. */
    public DmaDevice capabilities(Capabilities value) {
        capabilities = value;
        return this;
    }

    /** Sets between what it moves. */
    public DmaDevice directions(Set<TransferDirection> value) {
        directions = SlaveCaps.frozen(TransferDirection.class, value);
        return this;
    }

    /** Sets in which widths it reads and writes FIFOs. */
    public DmaDevice widths(Set<BusWidth> source, Set<BusWidth> destination) {
        sourceWidths = SlaveCaps.frozen(BusWidth.class, source);
        destinationWidths = SlaveCaps.frozen(BusWidth.class, destination);
        return this;
    }

    /** Sets in which steps it counts the residue. */
    public DmaDevice residueGranularity(ResidueGranularity value) {
        residueGranularity = value;
        return this;
    }

    /** Sets the least and the most words per burst; 0 says nothing. */
    public DmaDevice burstWords(int min, int max) {
        burstWordsMin = min;
        burstWordsMax = max;
        return this;
    }

    /** Sets what copies must be aligned to, as a shift from 0 to 8. */
    public DmaDevice lg2CopyAlign(int shift) {
        lg2CopyAlign = checkShift(shift);
        return this;
    }

    /** Sets what fills must be aligned to, as a shift from 0 to 8. */
    public DmaDevice lg2FillAlign(int shift) {
        lg2FillAlign = checkShift(shift);
        return this;
    }

    /** Sets what the operands of an exclusive or must be aligned to, as a shift from 0 to 8. */
    public DmaDevice lg2XorAlign(int shift) {
        lg2XorAlign = checkShift(shift);
        return this;
    }

    /** Sets what the operands of syndromes must be aligned to, as a shift from 0 to 8. */
    public DmaDevice lg2PqAlign(int shift) {
        lg2PqAlign = checkShift(shift);
        return this;
    }

    /** Sets how many sources an exclusive or may have. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dma_device.max_xor")
    public DmaDevice maxXor(int count) {
        maxXor = count;
        return this;
    }

    /**
     * Sets how many sources a syndrome may have.
     *
     * @param continues whether the hardware goes on from a P and Q without reading them as sources
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dma_set_maxpq")
    public DmaDevice maxPq(int count, boolean continues) {
        maxPq = count;
        pqContinues = continues;
        return this;
    }

    /** Sets how many entries of a list the hardware takes at once; 0 is unlimited. */
    public DmaDevice sgBurstCountMax(int count) {
        sgBurstCountMax = count;
        return this;
    }

    /** Sets whose metadata may accompany descriptors. */
    public DmaDevice metadataModes(MetadataMode... modes) {
        metadataModes = 0;
        for (MetadataMode mode : modes) {
            metadataModes |= mode.code();
        }
        return this;
    }

    /** Sets which devices without a node get which channels. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "struct dma_filter")
    public DmaDevice slaveMap(List<DmaSlaveMap> entries) {
        slaveMap = List.copyOf(entries);
        return this;
    }

    /** Sets whether descriptors can be submitted again after completion. */
    public DmaDevice descriptorReuse(boolean value) {
        descriptorReuse = value;
        return this;
    }

    // What it is.

    /** The device behind it. */
    public Device dev() {
        return dev;
    }

    /** N of {@code dmaN}; -1 while not registered. */
    public int id() {
        return id;
    }

    /** What it can do; PRIVATE comes and goes with exclusive clients. */
    public Capabilities capabilities() {
        return capabilities;
    }

    /** Its channels in the order of their numbers. */
    public List<Channel> channels() {
        return Collections.unmodifiableList(channels);
    }

    /** What copies must be aligned to, as a shift. */
    public int lg2CopyAlign() {
        return lg2CopyAlign;
    }

    /** What fills must be aligned to, as a shift. */
    public int lg2FillAlign() {
        return lg2FillAlign;
    }

    /** What the operands of an exclusive or must be aligned to, as a shift. */
    public int lg2XorAlign() {
        return lg2XorAlign;
    }

    /** What the operands of syndromes must be aligned to, as a shift. */
    public int lg2PqAlign() {
        return lg2PqAlign;
    }

    /** How many sources an exclusive or may have; 0 where its driver does not say. */
    public int maxXor() {
        return maxXor;
    }

    /** How many sources a syndrome may have that starts afresh; 0 where its driver does not say. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dma_dev_to_maxpq")
    public int maxPq() {
        return maxPq;
    }

    /** Whether the hardware goes on from a P and Q without reading them as sources. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dma_dev_has_pq_continue")
    public boolean hasPqContinue() {
        return pqContinues;
    }

    /**
     * How many sources a syndrome with these flags may have: where the hardware cannot go on from P
     * and Q by itself, they take up to three of the places.
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dma_maxpq")
    public int maxPq(int flags) {
        if (pqContinues || (flags & PrepFlags.CONTINUE) == 0) {
            return maxPq;
        }
        return (flags & PrepFlags.PQ_DISABLE_P) != 0 ? maxPq - 1 : maxPq - 3;
    }

    /** Sets that whatever clients configure changes nothing, as where streams are served. */
    public DmaDevice ignoresConfig() {
        ignoresConfig = true;
        return this;
    }

    boolean readsNoConfig() {
        return ignoresConfig;
    }

    /** Whether metadata of that kind may accompany descriptors. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_is_metadata_mode_supported")
    public boolean supports(MetadataMode mode) {
        return (metadataModes & mode.code()) != 0;
    }

    /** Whether the operands of an exclusive or are aligned as the provider wants. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "is_dma_xor_aligned")
    public boolean isXorAligned(long offset1, long offset2, long length) {
        return isAligned(lg2XorAlign, offset1, offset2, length);
    }

    /** Whether the operands of a syndrome are aligned as the provider wants. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "is_dma_pq_aligned")
    public boolean isPqAligned(long offset1, long offset2, long length) {
        return isAligned(lg2PqAlign, offset1, offset2, length);
    }

    /** Whether a copy is aligned as the provider wants. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "is_dma_copy_aligned")
    public boolean isCopyAligned(long offset1, long offset2, long length) {
        return isAligned(lg2CopyAlign, offset1, offset2, length);
    }

    /** Whether a fill is aligned as the provider wants. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "is_dma_fill_aligned")
    public boolean isFillAligned(long offset1, long offset2, long length) {
        return isAligned(lg2FillAlign, offset1, offset2, length);
    }

    /**
     * What it offers to the drivers of peripherals.
     *
     * @throws DmaException ENXIO when it serves none
     */
    SlaveCaps slaveCaps() {
        boolean serves =
                capabilities.has(TransactionType.SLAVE) || capabilities.has(TransactionType.CYCLIC);
        if (!serves || directions.isEmpty()) {
            throw new DmaException(Errno.ENXIO, "dma%d serves no peripherals", id);
        }
        return described();
    }

    /** Whether it has an operation. */
    public boolean offers(ProviderOps.Op op) {
        return ops.has(op);
    }

    /** Whether some of its channels may offer something else than it. */
    public boolean hasOwnCaps() {
        return given.caps != null;
    }

    /** How its driver described it, whether or not it serves peripherals. */
    public SlaveCaps described() {
        return new SlaveCaps(
                sourceWidths,
                destinationWidths,
                directions,
                burstWordsMin,
                burstWordsMax,
                sgBurstCountMax,
                ops.pause != null,
                ops.resume != null,
                ops.terminateAll != null,
                residueGranularity,
                descriptorReuse);
    }

    // For the core.

    DmaEngine engine() {
        return engine;
    }

    ProviderOps ops() {
        return ops;
    }

    /** A channel that comes later than its provider is added when it registers itself. */
    void add(Channel channel) {
        if (id != UNREGISTERED) {
            return;
        }
        addNow(channel);
    }

    void addNow(Channel channel) {
        if (channels.size() == CHANNEL_COUNT_MAX) {
            throw new DmaException(
                    Errno.ENOSPC, "%s: more than %d channels", dev.name(), CHANNEL_COUNT_MAX);
        }
        channels.add(channel);
    }

    /** What it says of a device that requests a channel by a name, or null. */
    @Linux(file = "drivers/dma/dmaengine.c", symbol = "dma_filter_match")
    @Nullable DmaSlaveMap mapFor(Device client, String name) {
        for (DmaSlaveMap entry : slaveMap) {
            if (entry.deviceName().equals(client.name()) && entry.slaveName().equals(name)) {
                return entry;
            }
        }
        return null;
    }

    void remove(Channel channel) {
        channels.remove(channel);
    }

    void registered(int newId) {
        id = newId;
        ops = given;
        references++;
    }

    /** Whether it may leave while clients hold channels: its driver hears when they are gone. */
    public boolean outlivesItsDriver() {
        return given.release != null;
    }

    boolean isGone() {
        return ops == GONE;
    }

    /** It leaves: unless it can outlive its driver, nothing of that is called any more. */
    void unregistered() {
        id = UNREGISTERED;
        if (!outlivesItsDriver()) {
            ops = GONE;
        }
        letGo();
    }

    void refer() {
        references++;
    }

    @Linux(file = "drivers/dma/dmaengine.c", symbol = "dma_device_put")
    void letGo() {
        references--;
        ProviderOps.DeviceOp release = given.release;
        if (references == 0 && release != null) {
            release.on(this);
        }
    }

    /** One that can serve every operation of async_tx never makes a chain change channels. */
    @Linux(file = "drivers/dma/dmaengine.c", symbol = "device_has_all_tx_types")
    void noteAsyncTx() {
        if (capabilities.hasAll(ASYNC_TX_OPS)) {
            capabilities = capabilities.with(TransactionType.ASYNC_TX);
        }
    }

    /** Exclusive clients, and one more where the provider is private by itself. */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dma_device.privatecnt")
    public int privateCount() {
        return privateCount;
    }

    boolean isPrivate() {
        return capabilities.has(TransactionType.PRIVATE);
    }

    void makePrivate() {
        capabilities = capabilities.with(TransactionType.PRIVATE);
    }

    /** One exclusive client more, or a provider that is private by itself. */
    void addPrivate() {
        makePrivate();
        privateCount++;
    }

    void removePrivate() {
        privateCount--;
        if (privateCount == 0) {
            capabilities = capabilities.without(TransactionType.PRIVATE);
        }
    }

    private static boolean isAligned(int lg2, long offset1, long offset2, long length) {
        return (((1L << lg2) - 1) & (offset1 | offset2 | length)) == 0;
    }

    private static int checkShift(int shift) {
        if (shift < 0 || shift > 8) {
            throw new IllegalArgumentException("alignment shift %d, wanted 0..8".formatted(shift));
        }
        return shift;
    }
}
