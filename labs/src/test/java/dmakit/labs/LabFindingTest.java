package dmakit.labs;

import static org.assertj.core.api.Assertions.assertThat;

import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.machine.time.Clock;
import org.junit.jupiter.api.Test;

class LabFindingTest {
    private final Findings findings = new Findings(new Clock());

    @Test
    void hasTheWordsOfReports() {
        findings.enable();
        findings.report(FindingId.UNMAP_SIZE, "unmapped 1 byte of 2").device("dma").add();

        LabFinding finding = LabFinding.of(findings).getFirst();

        assertThat(finding.id()).isEqualTo("unmap-size");
        assertThat(finding.severity()).isEqualTo("error");
        assertThat(finding.file()).contains("LabFindingTest.java");
        assertThat(finding.function()).contains("hasTheWordsOfReports");
        assertThat(finding.device()).contains("dma");
        assertThat(finding.channel()).isEmpty();
        assertThat(finding.count()).isEqualTo(1);
        assertThat(finding.cure()).isEqualTo("Unmap with the size that was mapped.");
        assertThat(finding)
                .hasToString(
                        "LabFindingTest.java:%d: error: unmapped 1 byte of 2 [unmap-size]"
                                .formatted(finding.line().orElseThrow()));
    }

    @Test
    void thatTheHardwareShowedHasNoPlace() {
        findings.enable();
        findings.report(FindingId.UNMAP_SIZE, "somewhere").at(0).add();

        LabFinding finding = LabFinding.of(findings).getFirst();

        assertThat(finding.file()).isEmpty();
        assertThat(finding.line()).isEmpty();
        assertThat(finding).hasToString("(unknown place): error: somewhere [unmap-size]");
    }

    @Test
    void oneIsNoPlural() {
        findings.enable();
        assertThat(LabFinding.summary(LabFinding.of(findings))).isEmpty();
        findings.report(FindingId.UNMAP_SIZE, "first").add();
        assertThat(LabFinding.summary(LabFinding.of(findings))).isEqualTo("1 finding: first");
        findings.report(FindingId.UNMAP_DIRECTION, "second").add();
        assertThat(LabFinding.summary(LabFinding.of(findings)))
                .isEqualTo("2 findings, the first: first");
    }
}
