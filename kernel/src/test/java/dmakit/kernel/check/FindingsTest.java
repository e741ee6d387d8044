package dmakit.kernel.check;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.TestKernel;
import dmakit.machine.time.Clock;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class FindingsTest {
    private final Clock clock = new Clock();
    private final Findings findings = new Findings(clock);

    @Test
    void nothingIsKeptBeforeItIsEnabled() {
        findings.report(FindingId.UNMAP_SIZE, "unmapped 1 byte").add();

        assertThat(findings.all()).isEmpty();
        assertThat(findings.here()).isZero();
    }

    @Test
    void equalFindingsAreOneWithACount() {
        findings.enable();
        for (int i = 0; i < 3; i++) {
            findings.report(FindingId.UNMAP_SIZE, "unmapped %d bytes", i).device("a").add();
        }

        assertThat(findings.all())
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.count()).isEqualTo(3);
                    assertThat(finding.message()).isEqualTo("unmapped 0 bytes");
                });
    }

    @Test
    void findingsAtDifferentLinesOrOfDifferentMappingsAreDifferent() {
        findings.enable();
        long here = findings.here();
        findings.report(FindingId.UNMAP_SIZE, "a").at(here).add();
        findings.report(FindingId.UNMAP_SIZE, "a").at(here).site(Role.MAPPED, here).add();
        findings.report(FindingId.UNMAP_SIZE, "a").add();

        assertThat(findings.all()).extracting(Finding::count).containsExactly(1, 1, 1);
    }

    @Test
    void aSiteInJavaIsTheCallersLine() {
        findings.enable();

        SourceLine line = findings.lineOf(findings.here());

        assertThat(line.file()).isEqualTo("FindingsTest.java");
        assertThat(line.function()).isEqualTo("aSiteInJavaIsTheCallersLine");
        assertThat(line.line()).isPositive();
    }

    @Test
    void aSiteInATaskOfTheKernelsOwnIsNotThatOfWhoWaitsForIt() {
        try (TestKernel kernel = new TestKernel()) {
            Findings found = kernel.sched.calls().findings();
            found.enable();
            var own = new FutureTask<>(found::here);
            kernel.run(own);

            assertThat(own.resultNow()).isZero();
        }
    }

    @Test
    void whatLinuxSaysIsWhatItSaysMostOftenUntilItIsHeard() {
        findings.enable();
        findings.report(FindingId.UNMAP_SIZE, "a").add();

        assertThat(findings.all())
                .singleElement()
                .extracting(Finding::linux)
                .isEqualTo("device driver frees DMA memory with different size");
    }

    @Test
    void whatLinuxSaysIsWhatIsHeardAtThatMoment() {
        findings.enable();
        findings.linuxIsHeard();
        findings.linuxSays(DmaDebugText.OTHER_SIZE);
        findings.linuxSays(DmaDebugText.OTHER_DIRECTION);
        findings.report(FindingId.UNMAP_DIRECTION, "its own words").add();
        findings.report(FindingId.FREE_COHERENT_MISMATCH, "the first words").add();
        findings.report(FindingId.STALE_READ, "no words").add();
        clock.advanceBy(1);
        findings.report(FindingId.UNMAP_SIZE, "later").add();
        findings.report(FindingId.MAP_ERROR_UNCHECKED, "said at the unmap").add();

        assertThat(findings.all())
                .extracting(Finding::linux)
                .containsExactly(
                        DmaDebugText.OTHER_DIRECTION.text(),
                        DmaDebugText.OTHER_SIZE.text(),
                        "",
                        "",
                        DmaDebugText.ERROR_UNCHECKED.text());
    }

    @Test
    void idsReadAsInTheCatalogue() {
        assertThat(FindingId.CPU_WRITE_WHILE_DEVICE_OWNS.text())
                .isEqualTo("cpu-write-while-device-owns");
    }
}
