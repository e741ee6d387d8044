package dmakit.labs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A run depends on its seed, and on nothing else that goes on in the JVM. */
class OneSeedOneRunTest {
    private static final int ROUNDS = 10;

    @ParameterizedTest
    @EnumSource
    void theSameSeedGivesTheSameRun(Labs lab) {
        assertThat(lab.traced(7)).isEqualTo(lab.traced(7));
    }

    @ParameterizedTest
    @EnumSource
    void anotherSeedGivesAnotherRun(Labs lab) {
        assertThat(lab.traced(7).trace()).isNotEqualTo(lab.traced(8).trace());
    }

    @ParameterizedTest
    @EnumSource
    void listeningChangesNothing(Labs lab) {
        assertThat(lab.run(7)).isEqualTo(lab.traced(7).outcome());
    }

    @Test
    void simulationsOnTwoThreadsDoNotMeet() throws InterruptedException, ExecutionException {
        List<Labs.Run> alone = new ArrayList<>();
        for (long seed = 1; seed <= ROUNDS; seed++) {
            for (Labs lab : Labs.values()) {
                alone.add(lab.traced(seed));
            }
        }
        CyclicBarrier start = new CyclicBarrier(2);
        Callable<List<Labs.Run>> beside =
                () -> {
                    start.await();
                    List<Labs.Run> runs = new ArrayList<>();
                    for (long seed = 1; seed <= ROUNDS; seed++) {
                        for (Labs lab : Labs.values()) {
                            runs.add(lab.traced(seed));
                        }
                    }
                    return runs;
                };
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<List<Labs.Run>> left = threads.submit(beside);
            Future<List<Labs.Run>> right = threads.submit(beside);
            assertThat(left.get()).isEqualTo(alone);
            assertThat(right.get()).isEqualTo(alone);
        }
    }
}
