package dmakit.cli.report;

import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.Role;
import dmakit.kernel.check.SourceLine;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;

/** Reports for tests. */
final class Reports {
    private Reports() {}

    static ReportedFinding finding(String id, String file, int line) {
        return new ReportedFinding(
                FindingId.valueOf(id.toUpperCase(Locale.ROOT).replace('-', '_')),
                "13 bytes are older than what the device wrote",
                new SourceLine(file, line, "m2m_write"),
                List.of(
                        new ReportedFinding.Site(Role.MAPPED, new SourceLine(file, 3, "m2m_write")),
                        new ReportedFinding.Site(
                                Role.ALLOCATED, new SourceLine(file, 0, "m2m_probe"))),
                "3f007000.dma-controller",
                "dma0chan0",
                2,
                "");
    }

    /** Of which nothing is known but what it is. */
    static ReportedFinding bareFinding() {
        return new ReportedFinding(
                FindingId.LEAK_MEMORY,
                "64 bytes <&> \"quoted\" \u0007 are held \u00fcber unload",
                SourceLine.UNKNOWN,
                List.of(),
                "",
                "",
                1,
                "kmemleak: unreferenced object");
    }

    static RunReport report(List<ReportedFinding> findings, RunReport.Step... steps) {
        return report(new Suppressions.Divided(findings, List.of(), List.of()), List.of(steps));
    }

    static RunReport report(Suppressions.Divided divided, List<RunReport.Step> steps) {
        return new RunReport(
                "0.1.0",
                "dma_m2m",
                "rpi3",
                7,
                "6.12",
                steps,
                divided.counted(),
                divided.suppressed(),
                divided.unused(),
                List.of("[    0.000000] Booting", "[    0.000100] \u001b[31mred"));
    }

    static String written(ReportForm form, RunReport report) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        form.write(report, new Sources(), out);
        out.flush();
        return text.toString();
    }
}
