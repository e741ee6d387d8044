package dmakit.kernel.dmaengine;

import org.jspecify.annotations.Nullable;

/** What is known of one transfer while mistakes are looked for. */
final class Transfer {
    /** How far it has come. */
    enum Stage {
        PREPARED,
        SUBMITTED,
        ISSUED
    }

    final Descriptor descriptor;
    final long preparedAt;
    private final long[] addresses;
    private final long[] sizes;
    private final int rangeCount;

    /** Periods of a ring; 0 where it is none. */
    final int periods;

    final @Nullable TransferDirection direction;
    Stage stage = Stage.PREPARED;
    long submittedAt;
    int cookie;

    /** Periods that have passed since the callback ran last. */
    int passed;

    Transfer(
            Descriptor descriptor,
            long preparedAt,
            long[] addresses,
            long[] sizes,
            int rangeCount,
            int periods,
            @Nullable TransferDirection direction) {
        this.descriptor = descriptor;
        this.preparedAt = preparedAt;
        this.addresses = addresses;
        this.sizes = sizes;
        this.rangeCount = rangeCount;
        this.periods = periods;
        this.direction = direction;
    }

    /** Whether it moves some byte of a range. */
    boolean touches(long dma, long bytes) {
        for (int i = 0; i < rangeCount; i++) {
            if (Long.compareUnsigned(dma, addresses[i] + sizes[i]) < 0
                    && Long.compareUnsigned(addresses[i], dma + bytes) < 0) {
                return true;
            }
        }
        return false;
    }

    /** Whether it was issued and its channel has not completed it. */
    boolean isRunning(Channel channel) {
        return stage == Stage.ISSUED && (periods > 0 || !channel.hasCompleted(cookie));
    }
}
