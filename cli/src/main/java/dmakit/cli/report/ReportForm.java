package dmakit.cli.report;

import java.io.PrintWriter;

/** The forms a report is told in. */
public enum ReportForm {
    /** For people. */
    TEXT("text") {
        @Override
        public void write(RunReport report, Sources sources, PrintWriter out) {
            new TextReport(sources, out).write(report);
        }
    },
    /** The project's own: {@code docs/report.md}. */
    JSON("json") {
        @Override
        public void write(RunReport report, Sources sources, PrintWriter out) {
            JsonOutput.write(out, json -> JsonReport.write(json, report));
        }
    },
    /** SARIF 2.1.0, for code scanning. */
    SARIF("sarif") {
        @Override
        public void write(RunReport report, Sources sources, PrintWriter out) {
            JsonOutput.write(out, json -> new SarifReport(json).write(report));
        }
    },
    /** JUnit's XML, for CI. */
    JUNIT("junit") {
        @Override
        public void write(RunReport report, Sources sources, PrintWriter out) {
            JunitReport.write(report, sources, out);
        }
    };

    private final String text;

    ReportForm(String text) {
        this.text = text;
    }

    /** Its name on the command line. */
    public String text() {
        return text;
    }

    /**
     * Writes a whole report.
     *
     * @param sources where lines are quoted from
     * @param out stays open
     */
    public abstract void write(RunReport report, Sources sources, PrintWriter out);
}
