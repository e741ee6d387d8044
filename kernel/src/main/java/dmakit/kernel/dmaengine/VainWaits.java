package dmakit.kernel.dmaengine;

import dmakit.kernel.check.FindingId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Says why a wait for the transfers of a channel was in vain. */
final class VainWaits {
    private final ChannelReports reports;

    VainWaits(ChannelReports reports) {
        this.reports = reports;
    }

    /**
     * Reports each of a channel's transfers, oldest first, that cannot end by itself.
     *
     * @param wanted of which transfers the end may have been waited for
     */
    void explain(Channel channel, List<Transfer> transfers, Predicate<Transfer> wanted) {
        List<Transfer> all = List.copyOf(transfers);
        // Who gives up on a transfer that is on its way may have reasons to.
        if (all.stream().noneMatch(wanted) || isMoving(channel, all)) {
            return;
        }
        for (Transfer transfer : all) {
            if (wanted.test(transfer)) {
                explain(channel, all, transfer);
            }
        }
    }

    /** The same of what a client does elsewhere; nothing is said while something runs. */
    void explainElsewhere(Channel channel, Set<Unfinished> all) {
        if (all.contains(Unfinished.RUNNING)) {
            return;
        }
        for (Unfinished each : all) {
            reports.of(
                            channel,
                            ChannelReports.idOf(each),
                            "%s: a wait ended by timeout; a descriptor was %s",
                            channel.name(),
                            each == Unfinished.NOT_SUBMITTED
                                    ? "prepared and never submitted"
                                    : "submitted and never issued")
                    .add();
        }
    }

    /** Whether bytes move while one looks. */
    private static boolean isMoving(Channel channel, List<Transfer> transfers) {
        TxState state = new TxState();
        for (Transfer transfer : transfers) {
            if (transfer.isRunning(channel)) {
                channel.statusOf(transfer.cookie, state);
                int before = state.residue();
                channel.statusOf(transfer.cookie, state);
                if (state.residue() != before) {
                    return true;
                }
            }
        }
        return false;
    }

    private void explain(Channel channel, List<Transfer> transfers, Transfer transfer) {
        if (transfer.descriptor.parent() != null) {
            return; // the one it depends on is to blame
        }
        switch (transfer.stage) {
            case PREPARED ->
                    reports.addUnlessItGoesOn(
                            FindingId.SUBMIT_MISSING,
                            transfer,
                            "a wait ended by timeout; a descriptor was prepared and never"
                                    + " submitted");
            case SUBMITTED ->
                    reports.addUnlessItGoesOn(
                            FindingId.ISSUE_PENDING_MISSING,
                            transfer,
                            "a wait ended by timeout; a descriptor was submitted and never issued");
            case ISSUED -> {
                if (transfer.periods == 0 && !transfer.repeats() && transfer.isRunning(channel)) {
                    reasonOf(channel, transfers, transfer)
                            .ifPresent(reason ->
                                    reports.addUnlessItGoesOn(
                                            FindingId.TIMEOUT,
                                            transfer,
                                            "a wait for a transfer ended by timeout: " + reason));
                }
            }
        }
    }

    /** Why it will not end; empty for one that is still moving, or waits for its turn. */
    private static Optional<String> reasonOf(
            Channel channel, List<Transfer> transfers, Transfer transfer) {
        if (!transfer.replaces() && waitsBehindRepeated(channel, transfers, transfer)) {
            return Optional.of(
                    "the transfer before it repeats, and it is not prepared with"
                            + " DMA_PREP_LOAD_EOT");
        }
        TxState state = new TxState();
        DmaStatus status = channel.statusOf(transfer.cookie, state);
        String left =
                state.residue() == 0
                        ? ""
                        : ", %s bytes are left"
                                .formatted(Integer.toUnsignedString(state.residue()));
        return switch (status) {
            case PAUSED -> Optional.of("the channel is paused" + left);
            case ERROR -> Optional.of("the channel halted on an error" + left);
            case COMPLETE -> Optional.of("it completed, and nobody was told");
            case IN_PROGRESS, OUT_OF_ORDER ->
                    transfer.direction != null && transfer.direction.isSlave()
                            ? Optional.of("the peripheral does not ask for data" + left)
                            : Optional.empty();
        };
    }

    private static boolean waitsBehindRepeated(
            Channel channel, List<Transfer> transfers, Transfer transfer) {
        for (Transfer before : transfers) {
            if (before == transfer) {
                return false;
            }
            if (before.repeats() && before.isRunning(channel)) {
                return true;
            }
        }
        return false;
    }
}
