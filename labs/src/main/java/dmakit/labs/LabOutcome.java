package dmakit.labs;

import java.util.List;
import java.util.Optional;

/**
 * How a lab ended.
 *
 * @param lab its name
 * @param success whether the bytes arrived, and no mistake was found
 * @param message the result in one line
 * @param account what the transfer did to the machine; empty when there was none
 * @param findings mistakes that were seen, in their order
 */
public record LabOutcome(
        String lab,
        boolean success,
        String message,
        Optional<Account> account,
        List<LabFinding> findings) {
    /** Copies the list. */
    public LabOutcome {
        findings = List.copyOf(findings);
    }

    /** Without mistakes. */
    public LabOutcome(String lab, boolean success, String message, Optional<Account> account) {
        this(lab, success, message, account, List.of());
    }

    /** The same with the mistakes that were seen; any of them is a failure. */
    public LabOutcome with(List<LabFinding> seen) {
        boolean spoilt = success && !seen.isEmpty();
        return new LabOutcome(
                lab,
                success && seen.isEmpty(),
                spoilt ? "failed: " + LabFinding.summary(seen) : message,
                account,
                seen);
    }
}
