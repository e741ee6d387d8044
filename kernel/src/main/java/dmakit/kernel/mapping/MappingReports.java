package dmakit.kernel.mapping;

import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Findings;
import dmakit.kernel.check.Role;
import dmakit.kernel.dma.OpenMappings.Kind;

/** Begins findings that concern a mapping. */
final class MappingReports {
    private final Findings findings;

    MappingReports(Findings findings) {
        this.findings = findings;
    }

    /** Adds one of something that is lent: its site is where that was. */
    void add(Lending lending, FindingId id, String format, Object... values) {
        findings.report(id, format, values)
                .site(
                        lending.kind() == Kind.COHERENT ? Role.ALLOCATED : Role.MAPPED,
                        lending.site())
                .device(lending.device().name())
                .add();
    }
}
