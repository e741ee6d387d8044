package dmakit.labs.mapping;

import dmakit.labs.LabFinding;
import dmakit.machine.cpu.CostTable;
import java.util.List;

/**
 * How the lab ended.
 *
 * @param success whether every byte arrived, and no mistake was found
 * @param message the result in one line
 * @param costs what CPU code costs, in picoseconds
 * @param rows every size with every back end, in ascending order
 * @param findings mistakes that were seen, in their order
 */
public record MappingOutcome(
        boolean success,
        String message,
        CostTable costs,
        List<MappingRow> rows,
        List<LabFinding> findings) {
    /** Copies the lists. */
    public MappingOutcome {
        rows = List.copyOf(rows);
        findings = List.copyOf(findings);
    }
}
