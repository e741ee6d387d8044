package dmakit.labs.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.labs.measure.Part;
import dmakit.labs.measure.Reading;
import dmakit.machine.Machine;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MappingLabTest {
    private static final List<Integer> SIZES = List.of(64, 4096, 65536);

    private static MappingOutcome run(long seed) {
        return MappingLab.run(seed, _ -> Optional.empty(), SIZES, _ -> {});
    }

    private static Reading reading(MappingOutcome outcome, BackEnd backEnd, long size) {
        return outcome.rows().stream()
                .filter(row -> row.backEnd() == backEnd && row.sizeBytes() == size)
                .map(MappingRow::reading)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void everySizeHasEveryBackEndInOrderAndPartsAddUp() {
        MappingOutcome outcome = run(1);
        assertThat(outcome.success()).as(outcome.message()).isTrue();
        assertThat(outcome.rows()).extracting(MappingRow::sizeBytes).isSorted();
        for (int size : SIZES) {
            assertThat(outcome.rows())
                    .filteredOn(row -> row.sizeBytes() == size)
                    .extracting(MappingRow::backEnd)
                    .containsExactly(BackEnd.values());
        }
        for (MappingRow row : outcome.rows()) {
            Reading reading = row.reading();
            assertThat(reading.parts().stream().mapToLong(Part::ps).sum())
                    .as("%s", row)
                    .isEqualTo(reading.elapsedPs());
            assertThat(reading.interrupts()).as("%s", row).isEqualTo(row.pieces());
        }
    }

    @Test
    void eachBackEndHasThePartsThatAreItsOwn() {
        MappingOutcome outcome = run(1);
        for (MappingRow row : outcome.rows()) {
            boolean bounces =
                    row.backEnd() == BackEnd.SWIOTLB || row.backEnd() == BackEnd.SWIOTLB_COHERENT;
            assertThat(row.reading().ps("bounce copies") > 0).as("%s", row).isEqualTo(bounces);
            boolean translates = row.backEnd().translates();
            for (String part : List.of("IOMMU map", "IOMMU unmap", "IOMMU invalidation")) {
                assertThat(row.reading().ps(part) > 0).as("%s", row).isEqualTo(translates);
            }
            assertThat(row.reading().ps("cache maintenance") > 0)
                    .as("%s", row)
                    .isEqualTo(!row.coherent());
        }
    }

    @Test
    void aByteCostsWhatItsLineCosts() {
        MappingOutcome outcome = run(1);
        long lines = 65536 / 64;
        Reading direct = reading(outcome, BackEnd.DIRECT, 65536);
        // Both buffers are cleaned by mapping, and one is invalidated by unmapping.
        assertThat(direct.copiedBytes()).isZero();
        assertThat(direct.ps("cache maintenance"))
                .isEqualTo(3 * lines * outcome.costs().cleanLine());
        Reading bounced = reading(outcome, BackEnd.SWIOTLB_COHERENT, 65536);
        // Both mappings fill their bounce buffers, and one is copied back.
        assertThat(bounced.copiedBytes()).isEqualTo(3 * 65536);
        assertThat(bounced.ps("bounce copies"))
                .isBetween(
                        3 * lines * outcome.costs().copyLine(),
                        3 * lines * outcome.costs().copyLine() + 100_000);
    }

    @Test
    void lazinessSavesInvalidationsAndNothingElse() {
        MappingOutcome outcome = run(1);
        Reading strict = reading(outcome, BackEnd.IOMMU_STRICT, 4096);
        Reading lazy = reading(outcome, BackEnd.IOMMU_LAZY, 4096);
        assertThat(lazy.ps("IOMMU invalidation"))
                .isPositive()
                .isLessThan(strict.ps("IOMMU invalidation") / 20);
        assertThat(lazy.ps("IOMMU unmap")).isEqualTo(strict.ps("IOMMU unmap"));
        assertThat(lazy.busyPs()).isLessThan(strict.busyPs());
    }

    @Test
    void withoutCachesToMaintainAnIommuCostsLessThanCopiesOfAPage() {
        MappingOutcome outcome = run(1);
        long direct = reading(outcome, BackEnd.DIRECT_COHERENT, 4096).busyPs();
        assertThat(reading(outcome, BackEnd.IOMMU_STRICT_COHERENT, 4096).busyPs())
                .isGreaterThan(direct)
                .isLessThan(reading(outcome, BackEnd.SWIOTLB_COHERENT, 4096).busyPs());
        assertThat(reading(outcome, BackEnd.IOMMU_LAZY_COHERENT, 4096).busyPs())
                .isGreaterThan(direct);
    }

    @Test
    void anIommuMakesOnePieceOfWhatBounceBuffersDoNotHold() {
        int size = 4 << 20;
        MappingOutcome outcome = MappingLab.run(1, _ -> Optional.empty(), List.of(size), _ -> {});
        for (MappingRow row : outcome.rows()) {
            boolean translates = row.backEnd().translates();
            assertThat(row.pieces()).as("%s", row).isEqualTo(translates ? 1 : 16);
        }
    }

    @Test
    void theSameSeedGivesTheSameOutcome() {
        assertThat(run(7)).isEqualTo(run(7));
        assertThat(run(8)).isNotEqualTo(run(7));
    }

    @Test
    void cachesThatActByThemselvesChangeNoByte() {
        MappingOutcome outcome =
                MappingLab.run(3, _ -> Optional.of(new Machine.Cache.Adversary()), SIZES, _ -> {});
        assertThat(outcome.success()).as(outcome.message()).isTrue();
    }
}
