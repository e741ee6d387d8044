package dmakit.labs;

import dmakit.board.Board;
import dmakit.board.Simulation;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Everything that goes on in a lab, from power-on to power-off, on the real board. */
class LabsGoldenTest {

    @ParameterizedTest
    @EnumSource
    void aLabRunsAsItDid(Labs lab) {
        LabTrace trace = new LabTrace();
        lab.run(
                new LabOptions(
                        Board.of("rpi3"),
                        Simulation.Options.seeded(1),
                        List.of(trace),
                        line -> {
                            // The kernel's lines are events already.
                            if (!line.startsWith("[")) {
                                trace.say(line);
                            }
                        }));
        trace.equalsAccepted(lab.name().toLowerCase(Locale.ROOT));
    }
}
