package dmakit.kernel.dmaengine;

import dmakit.kernel.Calls;
import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.Linux;
import dmakit.kernel.scatterlist.Scatterlist;
import org.jspecify.annotations.Nullable;

/**
 * What a client may ask a channel to prepare.
 *
 * <p>A provider that cannot prepare it throws; C code gets NULL.
 */
abstract sealed class ChannelPreps permits Channel {
    final DmaDevice device;
    final Calls calls;
    final TransferRules rules;
    private final Scatterlist single = new Scatterlist(1);

    ChannelPreps(DmaDevice device) {
        this.device = device;
        calls = device.engine().calls();
        rules = device.engine().rules();
    }

    /** {@code dmaNchanM}; empty before the provider is registered. */
    public abstract String name();

    private Channel channel() {
        return (Channel) this;
    }

    /**
     * Prepares a copy in memory.
     *
     * @param destinationDma where to, as the provider's device sees it
     * @param sourceDma where from
     * @param size in bytes
     * @param flags of {@link PrepFlags}
     * @throws DmaException ENOSYS when the provider does not copy; what the provider says otherwise
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_prep_dma_memcpy")
    public final Descriptor prepMemcpy(long destinationDma, long sourceDma, long size, int flags) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(
                    "dmaengine_prep_dma_memcpy",
                    "%s, 0x%x, 0x%x, %d, 0x%x"
                            .formatted(name(), destinationDma, sourceDma, size, flags));
        }
        ProviderOps.PrepMemcpy op = needed(device.ops().memcpy, "device_prep_dma_memcpy");
        rules.used(channel(), "dmaengine_prep_dma_memcpy");
        rules.checkAddress(channel(), destinationDma);
        rules.checkAddress(channel(), sourceDma);
        try (var _ = calls.internally()) {
            return rules.prepared(
                    op.prep(channel(), destinationDma, sourceDma, size, flags),
                    destinationDma,
                    sourceDma,
                    size);
        }
    }

    /**
     * Prepares to fill memory with the low byte of a value.
     *
     * @throws DmaException ENOSYS when the provider does not fill; what the provider says otherwise
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_prep_dma_memset")
    public final Descriptor prepMemset(long destinationDma, int value, long size, int flags) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(
                    "dmaengine_prep_dma_memset",
                    "%s, 0x%x, %d, %d, 0x%x".formatted(name(), destinationDma, value, size, flags));
        }
        ProviderOps.PrepMemset op = needed(device.ops().memset, "device_prep_dma_memset");
        rules.used(channel(), "dmaengine_prep_dma_memset");
        rules.checkAddress(channel(), destinationDma);
        try (var _ = calls.internally()) {
            return rules.prepared(
                    op.prep(channel(), destinationDma, value, size, flags),
                    destinationDma,
                    0,
                    size);
        }
    }

    /**
     * Prepares a descriptor that moves nothing and completes in order.
     *
     * @throws DmaException ENOSYS when the provider has none; what the provider says otherwise
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "device_prep_dma_interrupt")
    public final Descriptor prepInterrupt(int flags) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("device_prep_dma_interrupt", "%s, 0x%x".formatted(name(), flags));
        }
        ProviderOps.PrepInterrupt op = needed(device.ops().interrupt, "device_prep_dma_interrupt");
        try (var _ = calls.internally()) {
            return rules.prepared(op.prep(channel(), flags), 0, 0, 0);
        }
    }

    /**
     * Prepares a transfer between one piece of memory and the peripheral.
     *
     * @param dma the memory, as the provider's device sees it
     * @param size in bytes
     * @throws DmaException ENOSYS when the provider serves no peripherals; what the provider says
     *     otherwise
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_prep_slave_single")
    public final Descriptor prepSlaveSingle(
            long dma, long size, TransferDirection direction, int flags) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(
                    "dmaengine_prep_slave_single",
                    "%s, 0x%x, %d, %s, 0x%x"
                            .formatted(name(), dma, size, direction.symbol(), flags));
        }
        single.setDma(0, dma, size);
        return prepSlave(single, 1, direction, flags);
    }

    /**
     * Prepares a transfer between scattered memory and the peripheral.
     *
     * @param sgl the list, mapped for the provider's device
     * @param mappedCount how many entries mapping it answered
     * @throws DmaException ENOSYS when the provider serves no peripherals; what the provider says
     *     otherwise
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_prep_slave_sg")
    public final Descriptor prepSlaveSg(
            Scatterlist sgl, int mappedCount, TransferDirection direction, int flags) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(
                    "dmaengine_prep_slave_sg",
                    "%s, sgl, %d, %s, 0x%x"
                            .formatted(name(), mappedCount, direction.symbol(), flags));
        }
        return prepSlave(sgl, mappedCount, direction, flags);
    }

    /**
     * Prepares a transfer that goes around a ring until terminated.
     *
     * @param dma the ring, as the provider's device sees it
     * @param size in bytes, a multiple of {@code periodBytes} for even callbacks
     * @param periodBytes bytes between two callbacks
     * @throws DmaException ENOSYS when the provider does not go around; what the provider says
     *     otherwise
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_prep_dma_cyclic")
    public final Descriptor prepCyclic(
            long dma, long size, long periodBytes, TransferDirection direction, int flags) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(
                    "dmaengine_prep_dma_cyclic",
                    "%s, 0x%x, %d, %d, %s, 0x%x"
                            .formatted(name(), dma, size, periodBytes, direction.symbol(), flags));
        }
        ProviderOps.PrepCyclic op = needed(device.ops().cyclic, "device_prep_dma_cyclic");
        rules.used(channel(), "dmaengine_prep_dma_cyclic");
        rules.checkAddress(channel(), dma);
        rules.checkSlave(channel(), direction);
        try (var _ = calls.internally()) {
            return rules.preparedRing(
                    op.prep(channel(), dma, size, periodBytes, direction, flags),
                    dma,
                    size,
                    periodBytes,
                    direction);
        }
    }

    /**
     * Prepares to store the exclusive or of sources.
     *
     * @param sources where from; read in the call only
     * @param size of each, in bytes
     * @throws DmaException ENOSYS when the provider does not combine; EINVAL for no source, or more
     *     than {@link DmaDevice#maxXor}; what the provider says otherwise
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "device_prep_dma_xor")
    public final Descriptor prepXor(long destinationDma, long[] sources, long size, int flags) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(
                    "device_prep_dma_xor",
                    "%s, 0x%x, src, %d, %d, 0x%x"
                            .formatted(name(), destinationDma, sources.length, size, flags));
        }
        ProviderOps.PrepXor op = needed(device.ops().xor, "device_prep_dma_xor");
        rules.used(channel(), "device_prep_dma_xor");
        checkCount(sources.length, device.maxXor());
        rules.checkAddress(channel(), destinationDma);
        checkAddresses(sources);
        try (var _ = calls.internally()) {
            return rules.preparedSums(
                    op.prep(channel(), destinationDma, sources, size, flags),
                    destinationDma,
                    0,
                    sources,
                    size);
        }
    }

    /**
     * Prepares to tell whether sources cancel out.
     *
     * @param result gets {@link SumCheck#P} before the callback where they do not
     * @throws DmaException as {@link #prepXor}
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "device_prep_dma_xor_val")
    public final Descriptor prepXorVal(long[] sources, long size, SumCheck result, int flags) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(
                    "device_prep_dma_xor_val",
                    "%s, src, %d, %d, 0x%x".formatted(name(), sources.length, size, flags));
        }
        ProviderOps.PrepXorVal op = needed(device.ops().xorVal, "device_prep_dma_xor_val");
        rules.used(channel(), "device_prep_dma_xor_val");
        checkCount(sources.length, device.maxXor());
        checkAddresses(sources);
        try (var _ = calls.internally()) {
            return rules.preparedSums(
                    op.prep(channel(), sources, size, result, flags), 0, 0, sources, size);
        }
    }

    /**
     * Prepares to store the syndromes P and Q of sources.
     *
     * @param pq where P and where Q goes; one that {@code flags} disables is not looked at
     * @param coefficients of the sources in Q, one byte each
     * @throws DmaException ENOSYS when the provider has none; EINVAL for no source, more than
     *     {@link DmaDevice#maxPq}, neither P nor Q, or another number of coefficients; what the
     *     provider says otherwise
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "device_prep_dma_pq")
    public final Descriptor prepPq(
            long[] pq, long[] sources, byte[] coefficients, long size, int flags) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(
                    "device_prep_dma_pq",
                    "%s, {0x%x, 0x%x}, src, %d, scf, %d, 0x%x"
                            .formatted(name(), pq[0], pq[1], sources.length, size, flags));
        }
        ProviderOps.PrepPq op = needed(device.ops().pq, "device_prep_dma_pq");
        rules.used(channel(), "device_prep_dma_pq");
        checkSyndrome(pq, sources, coefficients, flags);
        try (var _ = calls.internally()) {
            return rules.preparedSums(
                    op.prep(channel(), pq, sources, coefficients, size, flags),
                    used(pq[0], flags, PrepFlags.PQ_DISABLE_P),
                    used(pq[1], flags, PrepFlags.PQ_DISABLE_Q),
                    sources,
                    size);
        }
    }

    /**
     * Prepares to tell whether P and Q are those of the sources.
     *
     * @param result gets what does not fit, before the callback
     * @throws DmaException as {@link #prepPq}
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "device_prep_dma_pq_val")
    public final Descriptor prepPqVal(
            long[] pq, long[] sources, byte[] coefficients, long size, SumCheck result, int flags) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(
                    "device_prep_dma_pq_val",
                    "%s, {0x%x, 0x%x}, src, %d, scf, %d, 0x%x"
                            .formatted(name(), pq[0], pq[1], sources.length, size, flags));
        }
        ProviderOps.PrepPqVal op = needed(device.ops().pqVal, "device_prep_dma_pq_val");
        rules.used(channel(), "device_prep_dma_pq_val");
        checkSyndrome(pq, sources, coefficients, flags);
        try (var _ = calls.internally()) {
            return rules.preparedSums(
                    op.prep(channel(), pq, sources, coefficients, size, result, flags),
                    used(pq[0], flags, PrepFlags.PQ_DISABLE_P),
                    used(pq[1], flags, PrepFlags.PQ_DISABLE_Q),
                    sources,
                    size);
        }
    }

    /**
     * Prepares to fill scattered memory with the low byte of a value.
     *
     * @param sgl the list, mapped for the provider's device
     * @param mappedCount how many entries mapping it answered, at least 1
     * @throws DmaException ENOSYS when the provider does not; EINVAL for no entry; what the
     *     provider says otherwise
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "device_prep_dma_memset_sg")
    public final Descriptor prepMemsetSg(Scatterlist sgl, int mappedCount, int value, int flags) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(
                    "device_prep_dma_memset_sg",
                    "%s, sgl, %d, %d, 0x%x".formatted(name(), mappedCount, value, flags));
        }
        ProviderOps.PrepMemsetSg op = needed(device.ops().memsetSg, "device_prep_dma_memset_sg");
        rules.used(channel(), "device_prep_dma_memset_sg");
        checkCount(mappedCount, 0);
        try (var _ = calls.internally()) {
            return rules.preparedList(
                    op.prep(channel(), sgl, mappedCount, value, flags), sgl, mappedCount, null);
        }
    }

    /**
     * Prepares a transfer of chunks with gaps between them.
     *
     * @throws DmaException ENOSYS when the provider does not; EINVAL for {@link PrepFlags#REPEAT}
     *     where the provider does not repeat; what the provider says otherwise
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_prep_interleaved_dma")
    public final Descriptor prepInterleaved(InterleavedTemplate template, int flags) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(
                    "dmaengine_prep_interleaved_dma",
                    "%s, %d x %d bytes, 0x%x"
                            .formatted(
                                    name(), template.frameCount(), template.frameBytes(), flags));
        }
        ProviderOps.PrepInterleaved op =
                needed(device.ops().interleaved, "device_prep_interleaved_dma");
        rules.used(channel(), "dmaengine_prep_interleaved_dma");
        if ((flags & PrepFlags.REPEAT) != 0 && !device.capabilities().has(TransactionType.REPEAT)) {
            rules.lacks(channel(), "DMA_REPEAT");
            throw new DmaException(Errno.EINVAL, "%s does not repeat", name());
        }
        rules.checkAddress(channel(), template.sourceStart());
        rules.checkAddress(channel(), template.destinationStart());
        try (var _ = calls.internally()) {
            return rules.preparedFrames(op.prep(channel(), template, flags), template);
        }
    }

    /**
     * Prepares a transfer between pieces of memory and the peripheral.
     *
     * @param dmas the pieces, as the provider's device sees them; read in the call only
     * @param sizes in bytes, as many
     * @throws DmaException ENOSYS when the provider does not; EINVAL for no piece, or arrays that
     *     are not of one length; what the provider says otherwise
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "dmaengine_prep_peripheral_dma_vec")
    public final Descriptor prepPeripheralVec(
            long[] dmas, long[] sizes, TransferDirection direction, int flags) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(
                    "dmaengine_prep_peripheral_dma_vec",
                    "%s, vecs, %d, %s, 0x%x"
                            .formatted(name(), dmas.length, direction.symbol(), flags));
        }
        ProviderOps.PrepPeripheralVec op =
                needed(device.ops().peripheralVec, "device_prep_peripheral_dma_vec");
        rules.used(channel(), "dmaengine_prep_peripheral_dma_vec");
        checkCount(dmas.length, 0);
        if (sizes.length != dmas.length) {
            throw new DmaException(
                    Errno.EINVAL, "%d sizes for %d pieces", sizes.length, dmas.length);
        }
        checkAddresses(dmas);
        rules.checkSlave(channel(), direction);
        try (var _ = calls.internally()) {
            return rules.preparedPieces(
                    op.prep(channel(), dmas, sizes, direction, flags), dmas, sizes, direction);
        }
    }

    /**
     * Prepares to store the 8 bytes of a value.
     *
     * @throws DmaException ENOSYS when the provider does not; what the provider says otherwise
     */
    @Linux(file = "include/linux/dmaengine.h", symbol = "device_prep_dma_imm_data")
    public final Descriptor prepImmData(long destinationDma, long data, int flags) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(
                    "device_prep_dma_imm_data",
                    "%s, 0x%x, 0x%x, 0x%x".formatted(name(), destinationDma, data, flags));
        }
        ProviderOps.PrepImmData op = needed(device.ops().immData, "device_prep_dma_imm_data");
        rules.used(channel(), "device_prep_dma_imm_data");
        rules.checkAddress(channel(), destinationDma);
        try (var _ = calls.internally()) {
            return rules.prepared(
                    op.prep(channel(), destinationDma, data, flags), destinationDma, 0, Long.BYTES);
        }
    }

    private Descriptor prepSlave(
            Scatterlist sgl, int mappedCount, TransferDirection direction, int flags) {
        ProviderOps.PrepSlaveSg op = needed(device.ops().slaveSg, "device_prep_slave_sg");
        rules.used(channel(), "dmaengine_prep_slave_sg");
        rules.checkSlave(channel(), direction);
        try (var _ = calls.internally()) {
            return rules.preparedList(
                    op.prep(channel(), sgl, mappedCount, direction, flags),
                    sgl,
                    mappedCount,
                    direction);
        }
    }

    private void checkCount(int count, int max) {
        if (count < 1 || (max > 0 && count > max)) {
            throw new DmaException(
                    Errno.EINVAL,
                    "%s: %d operands, wanted 1..%s",
                    name(),
                    count,
                    max > 0 ? max : "");
        }
    }

    private void checkAddresses(long[] dmas) {
        for (long dma : dmas) {
            rules.checkAddress(channel(), dma);
        }
    }

    private void checkSyndrome(long[] pq, long[] sources, byte[] coefficients, int flags) {
        int none = PrepFlags.PQ_DISABLE_P | PrepFlags.PQ_DISABLE_Q;
        if (pq.length != 2 || (flags & none) == none || coefficients.length != sources.length) {
            throw new DmaException(
                    Errno.EINVAL,
                    "%s: %d syndromes, %d sources, %d coefficients, flags 0x%x",
                    name(),
                    pq.length,
                    sources.length,
                    coefficients.length,
                    flags);
        }
        checkCount(sources.length, device.maxPq());
        rules.checkAddress(channel(), used(pq[0], flags, PrepFlags.PQ_DISABLE_P));
        rules.checkAddress(channel(), used(pq[1], flags, PrepFlags.PQ_DISABLE_Q));
        checkAddresses(sources);
    }

    private static long used(long dma, int flags, int disabled) {
        return (flags & disabled) == 0 ? dma : 0;
    }

    private <T> T needed(@Nullable T op, String name) {
        if (op == null) {
            throw lacks(name);
        }
        return op;
    }

    final DmaException lacks(String op) {
        if (device.isGone()) {
            return new DmaException(Errno.ENODEV, "the provider of %s is gone", name());
        }
        rules.lacks(channel(), op);
        return new DmaException(Errno.ENOSYS, "%s offers no %s", name(), op);
    }
}
