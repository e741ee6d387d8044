package dmakit.labs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many seeds, each with other moments for caches, interrupts and the scheduler. */
class SeedsTest {
    private static final int SEED_COUNT = 200;

    @ParameterizedTest
    @EnumSource
    void aCorrectDriverSucceedsWithEverySeed(Labs lab) {
        for (long seed = 1; seed <= SEED_COUNT; seed++) {
            LabOutcome outcome = runOrTell(lab, seed);
            assertThat(outcome.success())
                    .as("seed %d: %s; replay: %s", seed, outcome.message(), lab.replay(seed))
                    .isTrue();
            assertThat(outcome.account()).as(lab.replay(seed)).isPresent();
        }
    }

    private static LabOutcome runOrTell(Labs lab, long seed) {
        try {
            return lab.run(seed);
        } catch (RuntimeException e) {
            throw new AssertionError("seed " + seed + "; replay: " + lab.replay(seed), e);
        }
    }
}
