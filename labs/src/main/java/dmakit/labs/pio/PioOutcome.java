package dmakit.labs.pio;

import dmakit.labs.LabFinding;
import dmakit.labs.measure.Crossover;
import dmakit.machine.cpu.CostTable;
import java.util.List;

/**
 * How the lab ended.
 *
 * @param success whether every byte came back, and no mistake was found
 * @param message the result in one line
 * @param lineBytesPerSecond what the device's line moves, each way
 * @param fifoWords words of 4 bytes its FIFOs hold
 * @param costs what CPU code costs, in picoseconds
 * @param rows every size with every method, in ascending order
 * @param crossovers from where on one method takes less than another
 * @param findings mistakes that were seen, in their order
 */
public record PioOutcome(
        boolean success,
        String message,
        long lineBytesPerSecond,
        int fifoWords,
        CostTable costs,
        List<PioRow> rows,
        List<Crossover> crossovers,
        List<LabFinding> findings) {
    /** Copies the lists. */
    public PioOutcome {
        rows = List.copyOf(rows);
        crossovers = List.copyOf(crossovers);
        findings = List.copyOf(findings);
    }
}
