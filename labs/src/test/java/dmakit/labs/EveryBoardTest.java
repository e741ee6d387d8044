package dmakit.labs;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.labs.m2m.M2mLab;
import dmakit.labs.mmap.MmapLab;
import dmakit.labs.pio.PioLab;
import dmakit.labs.pio.PioOutcome;
import dmakit.labs.ram2ram.Ram2RamLab;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The labs run on every board that comes with dmakit and whose controllers can do what they need.
 */
class EveryBoardTest {
    /** The only one without a FIFO: its controllers copy, or serve cores in its logic. */
    private static final List<String> WITHOUT_FIFO = List.of("pc", "zynqmp", "zynqmp-smmu");

    private static LabOptions on(String board, String commandLine) {
        return new LabOptions(
                Board.of(board),
                new Simulation.Options(3, Optional.empty(), commandLine),
                List.of(),
                _ -> {});
    }

    static Stream<String> boards() {
        return Board.builtInNames().stream();
    }

    static Stream<String> boardsWithFifo() {
        return boards().filter(board -> !WITHOUT_FIFO.contains(board));
    }

    @ParameterizedTest
    @MethodSource("boards")
    void copiesArriveOnEveryBoard(String board) {
        List<LabOutcome> outcomes = new ArrayList<>();
        for (String commandLine : List.of("", "swiotlb=force", "intel_iommu=on")) {
            outcomes.add(M2mLab.run(on(board, commandLine), "one-two-three"));
            outcomes.add(Ram2RamLab.run(on(board, commandLine)));
            outcomes.add(MmapLab.run(on(board, commandLine), "four"));
        }
        assertThat(outcomes)
                .allSatisfy(
                        outcome -> assertThat(outcome.success()).as(outcome.message()).isTrue());
    }

    @ParameterizedTest
    @MethodSource("boardsWithFifo")
    void peripheralsAreServedWhereThereIsOne(String board) {
        PioOutcome outcome = PioLab.run(on(board, ""), List.of(64, 256, 4096), 50_000_000);
        assertThat(outcome.success()).as(outcome.message()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"stratix10", "lan9691"})
    void theFifoOfABoardIsUsedAsItIs(String board) {
        assertThat(Board.of(board).tree().compatibleWith("dmakit,loopback-fifo")).hasSize(1);
    }
}
