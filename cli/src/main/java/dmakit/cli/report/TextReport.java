package dmakit.cli.report;

import dmakit.kernel.check.SourceLine;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * A report for people: each finding as compilers put it, with the source line, and a summary.
 *
 * <pre>
 * dma.c:88: error: 13 bytes read here are older than what the device wrote [stale-read]
 *    88 |         if (memcmp(priv-&gt;wbuf, priv-&gt;rbuf, count)) {
 *       |         ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
 *       in m2m_write(), device 3f007000.dma-controller
 *       mapped at dma.c:63 in m2m_write()
 *    63 |         dst = dma_map_single(priv-&gt;dev, priv-&gt;rbuf, BUFFER_SIZE, DMA_TO_DEVICE);
 *       cure: ...
 * </pre>
 */
final class TextReport {
    private static final String MARGIN = " ".repeat(6);

    private final Sources sources;
    private final PrintWriter out;

    TextReport(Sources sources, PrintWriter out) {
        this.sources = sources;
        this.out = out;
    }

    void write(RunReport report) {
        for (ReportedFinding finding : report.findings()) {
            out.println();
            write(finding);
        }
        out.println();
        for (RunReport.Step step : report.steps()) {
            if (step.failed()) {
                out.println("failed: " + step.name() + ": " + step.failure());
            }
        }
        for (Suppression unused : report.unused()) {
            out.println("unused: " + unused.where() + " allows " + unused.id());
        }
        out.println(summary(report));
    }

    /** One finding, whole lines. */
    void write(ReportedFinding finding) {
        out.printf(
                "%s: %s: %s [%s]%n",
                ReportedFinding.text(finding.place()),
                finding.severity(),
                finding.message(),
                finding.id().text());
        quote(finding.place(), true);
        String circumstances = circumstances(finding);
        if (!circumstances.isEmpty()) {
            out.println(MARGIN + "  " + circumstances);
        }
        for (ReportedFinding.Site site : finding.sites()) {
            String where = ReportedFinding.text(site.place()) + in(site.place());
            out.println(MARGIN + "  " + site.role().text() + " at " + where);
            quote(site.place(), false);
        }
        String linux = finding.linux();
        out.println(MARGIN + "  cure: " + finding.id().cure());
        out.println(MARGIN + "  Linux: " + (linux.isEmpty() ? "says nothing" : linux));
    }

    private static String in(SourceLine place) {
        return place.function().isEmpty() || place.file().isEmpty()
                ? ""
                : " in " + place.function() + "()";
    }

    private static String circumstances(ReportedFinding finding) {
        List<String> all = new ArrayList<>();
        String in = in(finding.place());
        if (!in.isEmpty()) {
            all.add(in.strip());
        }
        if (!finding.device().isEmpty()) {
            all.add("device " + finding.device());
        }
        if (!finding.channel().isEmpty()) {
            all.add("channel " + finding.channel());
        }
        if (finding.count() > 1) {
            all.add(finding.count() + " times");
        }
        return String.join(", ", all);
    }

    private void quote(SourceLine place, boolean caret) {
        String line = sources.line(place).orElse(null);
        if (line == null) {
            return;
        }
        out.printf("%5d | %s%n", place.line(), line);
        if (caret) {
            int start = line.length() - line.stripLeading().length();
            int length = codeLength(line) - start;
            out.println(
                    MARGIN + "| " + " ".repeat(start) + "^" + "~".repeat(Math.max(0, length - 1)));
        }
    }

    /** Length of a line without a comment at its end. */
    private static int codeLength(String line) {
        int comment = Math.max(line.indexOf(" /*"), line.indexOf(" //"));
        String code = comment < 0 ? line : line.substring(0, comment);
        return code.isBlank() ? line.length() : code.stripTrailing().length();
    }

    private static String summary(RunReport report) {
        long errors = report.findings().stream().filter(ReportedFinding::isError).count();
        long warnings = report.findings().size() - errors;
        List<String> parts = new ArrayList<>();
        long failed = report.steps().stream().filter(RunReport.Step::failed).count();
        if (failed > 0) {
            parts.add(count(failed, "step") + " failed");
        }
        if (errors + warnings == 0) {
            parts.add("no findings");
        } else {
            String kinds =
                    errors == 0 || warnings == 0
                            ? errors == 0 ? "warnings only" : ""
                            : count(errors, "error") + ", " + count(warnings, "warning");
            parts.add(
                    count(errors + warnings, "finding")
                            + (kinds.isEmpty() ? "" : " (" + kinds + ")"));
        }
        if (!report.suppressed().isEmpty()) {
            parts.add(report.suppressed().size() + " suppressed");
        }
        if (!report.unused().isEmpty()) {
            parts.add(count(report.unused().size(), "unused suppression"));
        }
        return "%s: %s; board %s, seed %s"
                .formatted(
                        report.module(),
                        String.join(", ", parts),
                        report.board(),
                        Long.toUnsignedString(report.seed()));
    }

    private static String count(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }
}
