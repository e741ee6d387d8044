package dmakit.kernel.dmaengine;

import dmakit.kernel.sched.KernelTask;
import java.util.function.BooleanSupplier;
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
    private final Extent extent;

    /** Periods of a ring; 0 where it is none. */
    final int periods;

    final @Nullable TransferDirection direction;

    /** The {@link PrepFlags} it was prepared with. */
    private final int flags;

    Stage stage = Stage.PREPARED;

    /** Who did the last thing about it: prepared, submitted or issued it. */
    KernelTask askedBy;

    long submittedAt;
    int cookie;

    /** Whether there is a finding that may turn out to be none. */
    private boolean doubted;

    private boolean givenUp;

    /** Periods that have passed since the callback ran last. */
    int passed;

    Transfer(
            Descriptor descriptor,
            long preparedAt,
            Extent extent,
            int periods,
            @Nullable TransferDirection direction,
            KernelTask askedBy) {
        this.descriptor = descriptor;
        this.preparedAt = preparedAt;
        this.extent = extent;
        this.periods = periods;
        this.direction = direction;
        this.askedBy = askedBy;
        flags = descriptor.flags();
    }

    /** Whether it moves some byte of a range. */
    boolean touches(long dma, long bytes) {
        return extent.touches(dma, bytes);
    }

    /** Whether it starts over until another takes its place. */
    boolean repeats() {
        return (flags & PrepFlags.REPEAT) != 0;
    }

    /** Whether it takes the place of one that starts over. */
    boolean replaces() {
        return (flags & PrepFlags.LOAD_EOT) != 0;
    }

    /**
     * Tells later whether it has got further than it is now: submitted, issued, or completed. What
     * its client gives up first does not.
     */
    BooleanSupplier goesOn() {
        doubted = true;
        Stage now = stage;
        return () -> stage != now || (now == Stage.ISSUED && !givenUp && isComplete());
    }

    /** Its client terminates it, or lets go of the channel. */
    void giveUp() {
        if (doubted) {
            givenUp |= stage == Stage.ISSUED && !isComplete();
        }
    }

    private boolean isComplete() {
        Channel channel = descriptor.channel();
        return channel.isKnown() && channel.hasCompleted(cookie);
    }

    /** Whether it was issued and its channel has not completed it. */
    boolean isRunning(Channel channel) {
        return stage == Stage.ISSUED && (periods > 0 || !channel.hasCompleted(cookie));
    }
}
