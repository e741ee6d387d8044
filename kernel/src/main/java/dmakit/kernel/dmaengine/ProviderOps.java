package dmakit.kernel.dmaengine;

import dmakit.kernel.Linux;
import dmakit.kernel.scatterlist.Scatterlist;
import org.jspecify.annotations.Nullable;

/**
 * What a provider implements: one function per operation, absent where the provider has none. All
 * fail by {@link dmakit.kernel.DmaException}; C code gets NULL or a negative number.
 *
 * <p>{@code new ProviderOps(status, issue).memcpy(...).terminate(...)}
 */
@Linux(file = "include/linux/dmaengine.h", symbol = "struct dma_device")
public final class ProviderOps {
    /** Prepares a copy. */
    @FunctionalInterface
    public interface PrepMemcpy {
        /**
         * Prepares a copy of {@code size} bytes, at least 1, from {@code sourceDma} to {@code
         * destinationDma}.
         */
        Descriptor prep(Channel channel, long destinationDma, long sourceDma, long size, int flags);
    }

    /** Prepares a fill. */
    @FunctionalInterface
    public interface PrepMemset {
        /** Prepares to store the low byte of {@code value} {@code size} times. */
        Descriptor prep(Channel channel, long destinationDma, int value, long size, int flags);
    }

    /** Prepares a descriptor that moves nothing. */
    @FunctionalInterface
    public interface PrepInterrupt {
        /** Prepares it. */
        Descriptor prep(Channel channel, int flags);
    }

    /** Prepares a transfer between memory and the channel's peripheral. */
    @FunctionalInterface
    public interface PrepSlaveSg {
        /** Prepares a transfer of {@code count} mapped entries, at least 1. */
        Descriptor prep(
                Channel channel,
                Scatterlist sgl,
                int count,
                TransferDirection direction,
                int flags);
    }

    /** Prepares a transfer around a ring. */
    @FunctionalInterface
    public interface PrepCyclic {
        /** Prepares to go around {@code size} bytes in periods of {@code periodBytes}. */
        Descriptor prep(
                Channel channel,
                long dma,
                long size,
                long periodBytes,
                TransferDirection direction,
                int flags);
    }

    /** Prepares a combination by exclusive or. */
    @FunctionalInterface
    public interface PrepXor {
        /**
         * Prepares to store the exclusive or of {@code size} bytes of each source.
         *
         * @param sources the caller's array, to be read in the call only; not empty
         */
        Descriptor prep(Channel channel, long destinationDma, long[] sources, long size, int flags);
    }

    /** Prepares a check that sources cancel out. */
    @FunctionalInterface
    public interface PrepXorVal {
        /**
         * Prepares to tell whether the exclusive or of all sources is 0.
         *
         * @param sources the caller's array, to be read in the call only; not empty
         * @param result gets {@link SumCheck#P} where not, before the callback
         */
        Descriptor prep(Channel channel, long[] sources, long size, SumCheck result, int flags);
    }

    /** Prepares RAID-6 syndromes. */
    @FunctionalInterface
    public interface PrepPq {
        /**
         * Prepares to store P and Q of the sources.
         *
         * @param pq where P and where Q goes; one that {@code flags} disables is not looked at
         * @param sources the caller's array, to be read in the call only
         * @param coefficients of the sources in Q, one byte each
         */
        Descriptor prep(
                Channel channel,
                long[] pq,
                long[] sources,
                byte[] coefficients,
                long size,
                int flags);
    }

    /** Prepares a check of RAID-6 syndromes. */
    @FunctionalInterface
    public interface PrepPqVal {
        /**
         * Prepares to tell whether P and Q are those of the sources.
         *
         * @param pq where P and where Q is; one that {@code flags} disables is not looked at
         * @param sources the caller's array, to be read in the call only
         * @param coefficients of the sources in Q, one byte each
         * @param result gets what does not fit, before the callback
         */
        Descriptor prep(
                Channel channel,
                long[] pq,
                long[] sources,
                byte[] coefficients,
                long size,
                SumCheck result,
                int flags);
    }

    /** Prepares a fill of scattered memory. */
    @FunctionalInterface
    public interface PrepMemsetSg {
        /** Prepares to fill {@code count} mapped entries, at least 1, with a value's low byte. */
        Descriptor prep(Channel channel, Scatterlist sgl, int count, int value, int flags);
    }

    /** Prepares a transfer of chunks with gaps. */
    @FunctionalInterface
    public interface PrepInterleaved {
        /** Prepares it. */
        Descriptor prep(Channel channel, InterleavedTemplate template, int flags);
    }

    /** Prepares a transfer between pieces of memory and the channel's peripheral. */
    @FunctionalInterface
    public interface PrepPeripheralVec {
        /**
         * Prepares it.
         *
         * @param dmas the pieces, in the caller's array, to be read in the call only
         * @param sizes in bytes, as many
         */
        Descriptor prep(
                Channel channel, long[] dmas, long[] sizes, TransferDirection direction, int flags);
    }

    /** Prepares to store a value. */
    @FunctionalInterface
    public interface PrepImmData {
        /** Prepares to store the 8 bytes of {@code data}. */
        Descriptor prep(Channel channel, long destinationDma, long data, int flags);
    }

    /** Tells what a channel offers where that differs from its provider. */
    @FunctionalInterface
    public interface ChannelCaps {
        /** What the channel offers. */
        SlaveCaps of(Channel channel, SlaveCaps ofProvider);
    }

    /** Does something with the provider itself. */
    @FunctionalInterface
    public interface DeviceOp {
        /** Does it. */
        void on(DmaDevice device);
    }

    /** Tells about its busy channels in debugfs. */
    @FunctionalInterface
    public interface Summary {
        /** The lines below the provider's, each with its end. */
        String of(DmaDevice device);
    }

    /** Tells where a cookie stands. */
    @FunctionalInterface
    public interface TxStatus {
        /** Tells it, and fills {@code state} when there is one. */
        DmaStatus of(Channel channel, int cookie, @Nullable TxState state);
    }

    /** Takes a peripheral's wishes. */
    @FunctionalInterface
    public interface Config {
        /** Takes them, for descriptors prepared from now on. */
        void configure(Channel channel, SlaveConfig config);
    }

    /** Does something with a channel. */
    @FunctionalInterface
    public interface ChannelOp {
        /** Does it. */
        void on(Channel channel);
    }

    /** The operations a provider may have or not have, in the order C code numbers them. */
    public enum Op {
        /** {@code device_prep_dma_memcpy}. */
        MEMCPY,
        /** {@code device_prep_dma_memset}. */
        MEMSET,
        /** {@code device_prep_dma_interrupt}. */
        INTERRUPT,
        /** {@code device_prep_slave_sg}. */
        SLAVE_SG,
        /** {@code device_prep_dma_cyclic}. */
        CYCLIC,
        /** {@code device_config}. */
        CONFIG,
        /** {@code device_pause}. */
        PAUSE,
        /** {@code device_resume}. */
        RESUME,
        /** {@code device_terminate_all}. */
        TERMINATE_ALL,
        /** {@code device_synchronize}. */
        SYNCHRONIZE,
        /** {@code device_prep_dma_memset_sg}. */
        MEMSET_SG,
        /** {@code device_prep_dma_xor}. */
        XOR,
        /** {@code device_prep_dma_xor_val}. */
        XOR_VAL,
        /** {@code device_prep_dma_pq}. */
        PQ,
        /** {@code device_prep_dma_pq_val}. */
        PQ_VAL,
        /** {@code device_prep_interleaved_dma}. */
        INTERLEAVED,
        /** {@code device_prep_peripheral_dma_vec}. */
        PERIPHERAL_VEC,
        /** {@code device_prep_dma_imm_data}. */
        IMM_DATA
    }

    final TxStatus txStatus;
    final ChannelOp issuePending;
    @Nullable PrepMemcpy memcpy;
    @Nullable PrepMemset memset;
    @Nullable PrepInterrupt interrupt;
    @Nullable PrepSlaveSg slaveSg;
    @Nullable PrepCyclic cyclic;
    @Nullable Config config;
    @Nullable ChannelOp allocChannel;
    @Nullable ChannelOp freeChannel;
    @Nullable ChannelOp pause;
    @Nullable ChannelOp resume;
    @Nullable ChannelOp terminateAll;
    @Nullable ChannelOp synchronize;
    @Nullable PrepXor xor;
    @Nullable PrepXorVal xorVal;
    @Nullable PrepPq pq;
    @Nullable PrepPqVal pqVal;
    @Nullable PrepMemsetSg memsetSg;
    @Nullable PrepInterleaved interleaved;
    @Nullable PrepPeripheralVec peripheralVec;
    @Nullable PrepImmData immData;
    @Nullable ChannelCaps caps;
    @Nullable ChannelOp routerConfig;
    @Nullable DeviceOp release;
    @Nullable Summary summary;

    /** Creates the operations every provider must have. */
    public ProviderOps(TxStatus txStatus, ChannelOp issuePending) {
        this.txStatus = txStatus;
        this.issuePending = issuePending;
    }

    /** Adds {@code device_prep_dma_memcpy}. */
    public ProviderOps memcpy(PrepMemcpy op) {
        memcpy = op;
        return this;
    }

    /** Adds {@code device_prep_dma_memset}. */
    public ProviderOps memset(PrepMemset op) {
        memset = op;
        return this;
    }

    /** Adds {@code device_prep_dma_interrupt}. */
    public ProviderOps interrupt(PrepInterrupt op) {
        interrupt = op;
        return this;
    }

    /** Adds {@code device_prep_slave_sg}. */
    public ProviderOps slaveSg(PrepSlaveSg op) {
        slaveSg = op;
        return this;
    }

    /** Adds {@code device_prep_dma_cyclic}. */
    public ProviderOps cyclic(PrepCyclic op) {
        cyclic = op;
        return this;
    }

    /** Adds {@code device_config}. */
    public ProviderOps config(Config op) {
        config = op;
        return this;
    }

    /** Adds {@code device_alloc_chan_resources}: runs for a channel's first client. */
    public ProviderOps allocChannel(ChannelOp op) {
        allocChannel = op;
        return this;
    }

    /** Adds {@code device_free_chan_resources}: runs when a channel's last client goes. */
    public ProviderOps freeChannel(ChannelOp op) {
        freeChannel = op;
        return this;
    }

    /** Adds {@code device_pause}. */
    public ProviderOps pause(ChannelOp op) {
        pause = op;
        return this;
    }

    /** Adds {@code device_resume}. */
    public ProviderOps resume(ChannelOp op) {
        resume = op;
        return this;
    }

    /** Adds {@code device_terminate_all}. */
    public ProviderOps terminateAll(ChannelOp op) {
        terminateAll = op;
        return this;
    }

    /** Adds {@code device_synchronize}. */
    public ProviderOps synchronize(ChannelOp op) {
        synchronize = op;
        return this;
    }

    /** Adds {@code device_prep_dma_xor}. */
    public ProviderOps xor(PrepXor op) {
        xor = op;
        return this;
    }

    /** Adds {@code device_prep_dma_xor_val}. */
    public ProviderOps xorVal(PrepXorVal op) {
        xorVal = op;
        return this;
    }

    /** Adds {@code device_prep_dma_pq}. */
    public ProviderOps pq(PrepPq op) {
        pq = op;
        return this;
    }

    /** Adds {@code device_prep_dma_pq_val}. */
    public ProviderOps pqVal(PrepPqVal op) {
        pqVal = op;
        return this;
    }

    /** Adds {@code device_prep_dma_memset_sg}. */
    public ProviderOps memsetSg(PrepMemsetSg op) {
        memsetSg = op;
        return this;
    }

    /** Adds {@code device_prep_interleaved_dma}. */
    public ProviderOps interleaved(PrepInterleaved op) {
        interleaved = op;
        return this;
    }

    /** Adds {@code device_prep_peripheral_dma_vec}. */
    public ProviderOps peripheralVec(PrepPeripheralVec op) {
        peripheralVec = op;
        return this;
    }

    /** Adds {@code device_prep_dma_imm_data}. */
    public ProviderOps immData(PrepImmData op) {
        immData = op;
        return this;
    }

    /** Adds {@code device_caps}: what a channel offers where that differs. */
    public ProviderOps caps(ChannelCaps op) {
        caps = op;
        return this;
    }

    /** Adds {@code device_router_config}: runs for a channel that a router chose. */
    public ProviderOps routerConfig(ChannelOp op) {
        routerConfig = op;
        return this;
    }

    /** Adds {@code device_release}: runs when nobody refers to the provider any more. */
    public ProviderOps release(DeviceOp op) {
        release = op;
        return this;
    }

    /** Adds {@code dbg_summary_show}: what debugfs tells instead of the usual lines. */
    public ProviderOps summary(Summary op) {
        summary = op;
        return this;
    }

    boolean has(Op op) {
        return switch (op) {
            case MEMCPY -> memcpy != null;
            case MEMSET -> memset != null;
            case INTERRUPT -> interrupt != null;
            case SLAVE_SG -> slaveSg != null;
            case CYCLIC -> cyclic != null;
            case CONFIG -> config != null;
            case PAUSE -> pause != null;
            case RESUME -> resume != null;
            case TERMINATE_ALL -> terminateAll != null;
            case SYNCHRONIZE -> synchronize != null;
            case MEMSET_SG -> memsetSg != null;
            case XOR -> xor != null;
            case XOR_VAL -> xorVal != null;
            case PQ -> pq != null;
            case PQ_VAL -> pqVal != null;
            case INTERLEAVED -> interleaved != null;
            case PERIPHERAL_VEC -> peripheralVec != null;
            case IMM_DATA -> immData != null;
        };
    }

    /** Whether the operation a capability stands for is there; true where none stands for it. */
    boolean serves(TransactionType capability) {
        return switch (capability) {
            case MEMCPY -> memcpy != null;
            case MEMSET -> memset != null;
            case INTERRUPT -> interrupt != null;
            case CYCLIC -> cyclic != null;
            case XOR -> xor != null;
            case PQ -> pq != null;
            case XOR_VAL -> xorVal != null;
            case PQ_VAL -> pqVal != null;
            case INTERLEAVE -> interleaved != null;
            case MEMSET_SG, PRIVATE, ASYNC_TX, SLAVE, COMPLETION_NO_ORDER, REPEAT, LOAD_EOT -> true;
        };
    }
}
