package dmakit.kernel.check;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.machine.time.Clock;
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
    void idsReadAsInTheCatalogue() {
        assertThat(FindingId.CPU_WRITE_WHILE_DEVICE_OWNS.text())
                .isEqualTo("cpu-write-while-device-owns");
    }
}
