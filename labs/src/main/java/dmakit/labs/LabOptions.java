package dmakit.labs;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.machine.trace.TraceSink;
import java.util.List;
import java.util.function.Consumer;

/**
 * How a lab is run.
 *
 * @param board to run it on
 * @param machine seed and cache of the machine
 * @param sinks that listen to every event from power-on
 * @param console takes each line of the kernel log and of the programs as it comes
 */
public record LabOptions(
        Board board, Simulation.Options machine, List<TraceSink> sinks, Consumer<String> console) {
    /** Copies the list. */
    public LabOptions {
        sinks = List.copyOf(sinks);
    }

    /** The same, with mistakes looked for from the kernel's first step on. */
    public LabOptions withFindings() {
        return new LabOptions(board, machine.withFindings(), sinks, console);
    }
}
