package dmakit.labs.pio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.board.Board;
import dmakit.board.BoardException;
import dmakit.board.Simulation;
import dmakit.labs.LabOptions;
import dmakit.labs.measure.Crossover;
import dmakit.labs.measure.Part;
import dmakit.labs.measure.Reading;
import dmakit.labs.measure.Sizes;
import dmakit.machine.Machine;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PioLabTest {
    private static final List<Integer> SIZES = List.of(16, 256, 4096);
    private static final int RATE = 50_000_000;

    private static LabOptions options(String board, long seed, String commandLine) {
        return new LabOptions(
                Board.of(board),
                new Simulation.Options(seed, Optional.empty(), commandLine),
                List.of(),
                _ -> {});
    }

    private static PioOutcome run(String board) {
        return PioLab.run(options(board, 1, ""), SIZES, RATE);
    }

    private static Reading reading(PioOutcome outcome, Method method, long size) {
        return outcome.rows().stream()
                .filter(row -> row.method() == method && row.sizeBytes() == size)
                .map(PioRow::reading)
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rpi3", "rpi3-coherent"})
    void partsOfEveryRowAddUpToItsTime(String board) {
        PioOutcome outcome = run(board);
        assertThat(outcome.success()).as(outcome.message()).isTrue();
        assertThat(outcome.rows()).hasSize(SIZES.size() * Method.values().length);
        for (PioRow row : outcome.rows()) {
            Reading reading = row.reading();
            assertThat(reading.parts().stream().mapToLong(Part::ps).sum())
                    .as("%s", row)
                    .isEqualTo(reading.elapsedPs());
            assertThat(reading.elapsedPs() - reading.ps(Part.WAITING))
                    .as("%s", row)
                    .isEqualTo(reading.busyPs());
        }
    }

    @Test
    void onlyWhoSleepsLeavesTheCpuToOthers() {
        PioOutcome outcome = run("rpi3");
        assertThat(reading(outcome, Method.PIO, 4096).busyPercent()).isEqualTo(100);
        assertThat(reading(outcome, Method.DMA_POLLING, 4096).busyPercent()).isEqualTo(100);
        assertThat(reading(outcome, Method.DMA_INTERRUPTS, 4096).busyPercent()).isLessThan(20);
    }

    @Test
    void pioMovesWordsByRegistersAndDmaByBurstsOfItsOwn() {
        PioOutcome outcome = run("rpi3");
        Reading pio = reading(outcome, Method.PIO, 4096);
        Reading dma = reading(outcome, Method.DMA_INTERRUPTS, 4096);
        // A load and a store of DATA for each of 1024 words, and looks at STATUS.
        long words = 1024L * (outcome.costs().registerRead() + outcome.costs().registerWrite());
        assertThat(pio.registerPs()).isBetween(words, words + words / 10);
        assertThat(pio.devicesBusPs()).isZero();
        assertThat(pio.interrupts()).isZero();
        assertThat(dma.devicesBusPs()).isPositive().isLessThan(dma.elapsedPs());
        assertThat(dma.interrupts()).isEqualTo(2);
        assertThat(dma.cleanedLines()).isEqualTo(64);
        assertThat(dma.invalidatedLines()).isEqualTo(64);
    }

    @Test
    void aCoherentBoardNeedsNoCacheMaintenance() {
        Reading dma = reading(run("rpi3-coherent"), Method.DMA_INTERRUPTS, 4096);
        assertThat(dma.ps("cache maintenance")).isZero();
        assertThat(dma.cleanedLines() + dma.invalidatedLines()).isZero();
    }

    @Test
    void curvesCrossWhereTheLabSaysAndNotAStepBefore() {
        LabOptions options = options("rpi3", 1, "");
        Crossover busy = PioLab.run(options, List.of(16, 4096), RATE).crossovers().getFirst();
        assertThat(busy.of()).isEqualTo(PioLab.BUSY);
        assertThat(busy.place()).isEqualTo(Crossover.Place.BETWEEN);
        int at = Math.toIntExact(busy.fromBytes());
        PioOutcome around = PioLab.run(options, List.of(at - Sizes.STEP, at), RATE);
        assertThat(reading(around, Method.DMA_INTERRUPTS, at).busyPs())
                .isLessThan(reading(around, Method.PIO, at).busyPs());
        assertThat(reading(around, Method.DMA_INTERRUPTS, at - Sizes.STEP).busyPs())
                .isGreaterThanOrEqualTo(reading(around, Method.PIO, at - Sizes.STEP).busyPs());
    }

    @Test
    void aSlowLineSlowsEveryMethodDownToItself() {
        PioOutcome outcome = PioLab.run(options("rpi3", 1, ""), List.of(4096), 1_000_000);
        for (PioRow row : outcome.rows()) {
            assertThat(row.reading().bytesPerSecond(4096)).isBetween(900_000L, 1_000_000L);
        }
    }

    @Test
    void theFastestLineLosesNothing() {
        PioOutcome outcome = PioLab.run(options("rpi3", 1, ""), SIZES, PioLab.LINE_RATE_MAX);
        assertThat(outcome.success()).as(outcome.message()).isTrue();
    }

    @Test
    void bounceBuffersLimitWhatGoesAtOnceAndEveryByteArrives() {
        int size = 1 << 20;
        PioOutcome outcome = PioLab.run(options("rpi3", 1, "swiotlb=force"), List.of(size), RATE);
        assertThat(outcome.success()).as(outcome.message()).isTrue();
        Reading dma = reading(outcome, Method.DMA_INTERRUPTS, size);
        assertThat(dma.ps("bounce copies")).isPositive();
        assertThat(dma.interrupts()).isEqualTo(8);
        assertThat(outcome.rows()).extracting(PioRow::pieces).containsExactly(1, 4, 4);
    }

    @Test
    void theSameSeedGivesTheSameOutcomeAndAnotherAnother() {
        PioOutcome seven = PioLab.run(options("rpi3", 7, ""), SIZES, RATE);
        assertThat(PioLab.run(options("rpi3", 7, ""), SIZES, RATE)).isEqualTo(seven);
        assertThat(PioLab.run(options("rpi3", 8, ""), SIZES, RATE)).isNotEqualTo(seven);
    }

    @Test
    void cachesThatActByThemselvesFindNoMistakeInTheDriver() {
        for (long seed = 1; seed <= 50; seed++) {
            LabOptions options =
                    new LabOptions(
                            Board.of("rpi3"),
                            Simulation.Options.seeded(seed)
                                    .withCache(new Machine.Cache.Adversary()),
                            List.of(),
                            _ -> {});
            PioOutcome outcome = PioLab.run(options, SIZES, RATE);
            assertThat(outcome.success()).as("seed %d: %s", seed, outcome.message()).isTrue();
        }
    }

    @Test
    void aBoardWithoutAControllerForTheFifoIsRefused() {
        assertThatThrownBy(() -> run("pc"))
                .isInstanceOf(BoardException.class)
                .hasMessageContaining("board 'pc' has neither");
    }

    @ParameterizedTest
    @ValueSource(strings = {"iommu.strict=1", "iommu.strict=0", "iommu.passthrough=1"})
    void behindAnIommuItRunsTheSame(String commandLine) {
        PioOutcome outcome = PioLab.run(options("rpi3-smmu", 1, commandLine), SIZES, RATE);
        assertThat(outcome.success()).as(outcome.message()).isTrue();
    }

    @Test
    void aLineOutOfRangeIsRefused() {
        for (int rate : new int[] {PioLab.LINE_RATE_MIN - 1, PioLab.LINE_RATE_MAX + 1}) {
            assertThatThrownBy(() -> PioLab.run(options("rpi3", 1, ""), SIZES, rate))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
