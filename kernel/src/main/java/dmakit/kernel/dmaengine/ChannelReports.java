package dmakit.kernel.dmaengine;

import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.Role;

/** Begins findings that concern a channel, or a transfer of it. */
final class ChannelReports {
    private final Findings findings;

    ChannelReports(Findings findings) {
        this.findings = findings;
    }

    /** Begins one whose message is formatted as {@link String#format} does. */
    Findings.Draft of(Channel channel, FindingId id, String format, Object... values) {
        return findings.report(id, format, values)
                .device(channel.device().dev().name())
                .channel(channel.name());
    }

    /** What a finding of something that was left undone is called. */
    static FindingId idOf(Unfinished what) {
        return switch (what) {
            case NOT_SUBMITTED -> FindingId.SUBMIT_MISSING;
            case NOT_ISSUED -> FindingId.ISSUE_PENDING_MISSING;
            case RUNNING -> FindingId.TERMINATE_MISSING;
        };
    }

    /** Adds one of a transfer; the message is told after the channel's name. */
    void add(FindingId id, Transfer transfer, String message) {
        of(id, transfer, message).add();
    }

    /** As {@link #add}, of one that may still get further than it is. */
    void addUnlessItGoesOn(FindingId id, Transfer transfer, String message) {
        of(id, transfer, message).unless(transfer.goesOn()).add();
    }

    private Findings.Draft of(FindingId id, Transfer transfer, String message) {
        Channel channel = transfer.descriptor.channel();
        return of(channel, id, "%s: %s", channel.name(), message)
                .site(Role.ALLOCATED, transfer.submittedAt == 0 ? transfer.preparedAt : 0)
                .site(Role.SUBMITTED, transfer.submittedAt);
    }
}
