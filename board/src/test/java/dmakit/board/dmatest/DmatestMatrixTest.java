package dmakit.board.dmatest;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.board.Simulation;
import dmakit.board.dmatest.TestedController.Caches;
import dmakit.board.dmatest.TestedController.Way;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.check.Finding;
import dmakit.kernel.dmatest.TestObserver;
import dmakit.kernel.module.BuiltInModule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * dmatest with its default parameters on every controller, by every way from memory to it: a
 * million transfers of random length from random places to random places, all bytes looked at.
 */
class DmatestMatrixTest {
    private static final int TRANSFER_COUNT = 1_000_000;
    private static final int CHECKED_COUNT = 64;
    private static final long SEED = 5;

    /** A machine, and its share of the transfers. */
    record Cell(TestedController controller, Way way, Caches caches, int operation, int weight) {
        @Override
        public String toString() {
            return "%s, %s, %s, dmatest=%d".formatted(controller, way, caches, operation);
        }
    }

    static List<Cell> cells() {
        List<Cell> cells = new ArrayList<>();
        for (TestedController controller : TestedController.values()) {
            for (Way way : Way.values()) {
                for (Caches caches : Caches.values()) {
                    if (controller.has(caches)) {
                        for (int operation : controller.operations()) {
                            cells.add(new Cell(controller, way, caches, operation, weight(caches)));
                        }
                    }
                }
            }
        }
        return cells;
    }

    /** An adversary takes its time, and snooping takes none. */
    private static int weight(Caches caches) {
        return switch (caches) {
            case SNOOPED -> 4;
            case AS_ON_THE_BOARD, ENDLESS -> 3;
            case ADVERSARY -> 1;
        };
    }

    private static int weights() {
        return cells().stream().mapToInt(Cell::weight).sum();
    }

    /** Rounded up: together they are never too few. */
    private static int share(Cell cell) {
        return (int) Math.ceilDiv((long) TRANSFER_COUNT * cell.weight(), weights());
    }

    @Test
    void theCellsShareAMillionTransfers() {
        assertThat(cells().stream().mapToInt(DmatestMatrixTest::share).sum())
                .isBetween(TRANSFER_COUNT, TRANSFER_COUNT + cells().size());
    }

    @ParameterizedTest
    @MethodSource("cells")
    void everyByteIsWhereItBelongs(Cell cell) {
        Counted counted = run(cell, share(cell), false);
        assertThat(counted.failures).as(counted.text()).isEmpty();
        assertThat(counted.tests()).as(counted.text()).isGreaterThanOrEqualTo(share(cell));
    }

    /** The same with all checks on, which take their time. */
    @ParameterizedTest
    @MethodSource("cells")
    void nothingIsFoundThatIsWrong(Cell cell) {
        Counted counted = run(cell, CHECKED_COUNT, true);
        assertThat(counted.failures).as(counted.text()).isEmpty();
        assertThat(counted.findings).as(counted.text()).isEmpty();
    }

    private static Counted run(Cell cell, int count, boolean checked) {
        Counted counted = new Counted();
        try (Simulation simulation =
                cell.controller().boot(cell.way(), cell.caches(), SEED, counted.log)) {
            Kernel kernel = simulation.kernel();
            if (checked) {
                kernel.findings().enable();
            }
            kernel.dmatest().observe(counted);
            BuiltInModule module = kernel.dmatest().module();
            kernel.run(
                    "sh",
                    () -> {
                        module.set("device", cell.controller().device());
                        module.set("dmatest", Integer.toString(cell.operation()));
                        module.set("channel", "");
                        int tests = Math.ceilDiv(count, counted.added());
                        module.set("iterations", Integer.toString(tests));
                        // Takes no more channels, but copies what threads that wait are to do.
                        module.set("channel", "");
                        module.set("run", "1");
                        module.get("wait");
                        module.get("run");
                    });
            for (Finding finding : kernel.findings().all()) {
                counted.findings.add(finding.toString());
            }
        }
        return counted;
    }

    /** What threads said of themselves. */
    private static final class Counted implements TestObserver {
        private static final Pattern ADDED = Pattern.compile("dmatest: Added (\\d+) threads");

        private final List<String> log = new ArrayList<>();
        private final Map<String, Integer> ended = new TreeMap<>();
        private final List<String> failures = new ArrayList<>();
        private final List<String> findings = new ArrayList<>();

        @Override
        public void refused(String thread) {
            failures.add(thread + " could not be made");
        }

        @Override
        public void tested(String thread, int tests, int failed) {}

        @Override
        public void ended(String thread, int tests, int failed, int result) {
            ended.put(thread, tests);
            if (failed != 0 || result != 0) {
                failures.add("%s: %d of %d, %d".formatted(thread, failed, tests, result));
            }
        }

        /** How many threads there are. */
        int added() {
            return log.stream()
                    .map(ADDED::matcher)
                    .filter(Matcher::find)
                    .mapToInt(line -> Integer.parseInt(line.group(1)))
                    .sum();
        }

        int tests() {
            return ended.values().stream().mapToInt(Integer::intValue).sum();
        }

        /** The first and the last lines of the log. */
        String text() {
            int cut = Math.min(log.size(), 60);
            return String.join("\n", log.subList(0, cut))
                    + "\n...\n"
                    + String.join("\n", log.subList(log.size() - Math.min(cut, 20), log.size()));
        }
    }
}
