package dmakit.labs.burst;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BurstLabTest {
    private static final int BYTES = 16 << 10;
    private static final long CYCLE_PS = 5_000;

    @SuppressWarnings("NullAway.Init")
    private static BurstOutcome outcome;

    @BeforeAll
    static void run() {
        outcome = BurstLab.run(1, BYTES, _ -> {});
        assertThat(outcome.success()).as(outcome.message()).isTrue();
    }

    private static List<TurnRow> of(String arbiter) {
        return outcome.turns().stream().filter(row -> row.arbiter().equals(arbiter)).toList();
    }

    @Test
    void wholeBurstsTakeTheirBeatsAndACycleEach() {
        for (ShapeRow row : outcome.shapes()) {
            if (row.burstBeats() >= 4 && row.burstBeats() * row.beatBytes() <= 4096) {
                int bursts = BYTES / (row.burstBeats() * row.beatBytes());
                long cycles = BYTES / row.beatBytes() + bursts;
                // Filling and emptying the pipeline, and the edge that starts it.
                assertThat(row.ps() / CYCLE_PS - cycles).as("%s", row).isBetween(7L, 9L);
            }
        }
    }

    @Test
    void widerBeatsAndLongerBurstsAreFaster() {
        for (int beatBytes : List.of(4, 8, 16)) {
            assertThat(outcome.shapes().stream().filter(row -> row.beatBytes() == beatBytes))
                    .isSortedAccordingTo(Comparator.comparingLong(row -> -row.ps()));
        }
        for (int burstBeats : List.of(1, 16, 256)) {
            assertThat(outcome.shapes().stream().filter(row -> row.burstBeats() == burstBeats))
                    .isSortedAccordingTo(Comparator.comparingLong(row -> -row.ps()));
        }
    }

    @Test
    void theLowestNumberIsDoneFirstWhereThatIsFixed() {
        for (TurnRow row : of("fixed")) {
            assertThat(row.longPs()).isSorted();
            assertThat(row.shortPs()).isGreaterThan(row.longPs().get(1));
        }
    }

    @Test
    void theHighestPriorityIsDoneFirstAndTheShortCopyWaitsForABurst() {
        for (TurnRow row : of("priority")) {
            assertThat(row.longPs()).isSortedAccordingTo(Comparator.reverseOrder());
        }
    }

    @Test
    void inTurnAllAreDoneLateAndTheShortCopyEarly() {
        for (TurnRow row : of("round-robin").subList(0, 2)) {
            assertThat(row.longPs()).allMatch(ps -> ps > row.longPs().getLast() * 3 / 4);
            assertThat(row.shortPs()).isLessThan(row.longPs().getFirst() / 3);
        }
    }

    @Test
    void theSameSeedGivesTheSameTable() {
        assertThat(BurstText.of(BurstLab.run(1, BYTES, _ -> {}), 1))
                .isEqualTo(BurstText.of(outcome, 1));
    }

    @Test
    void aSizeThatIsNoneIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> BurstLab.run(1, 17, _ -> {}));
    }
}
