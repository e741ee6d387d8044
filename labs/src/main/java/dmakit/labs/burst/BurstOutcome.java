package dmakit.labs.burst;

import dmakit.labs.LabFinding;
import java.util.List;

/**
 * How the lab ended.
 *
 * @param success whether every byte arrived, and no mistake was found
 * @param message the result in one line
 * @param copyBytes bytes of a long copy
 * @param shortBytes bytes of the short copy
 * @param shapes one channel, with bursts of every shape
 * @param turns several channels, with every way to choose among them
 * @param findings mistakes that were seen, in their order
 */
public record BurstOutcome(
        boolean success,
        String message,
        int copyBytes,
        int shortBytes,
        List<ShapeRow> shapes,
        List<TurnRow> turns,
        List<LabFinding> findings) {
    /** Copies the lists. */
    public BurstOutcome {
        shapes = List.copyOf(shapes);
        turns = List.copyOf(turns);
        findings = List.copyOf(findings);
    }
}
