package dmakit.cli.report;

import java.io.PrintWriter;
import java.io.StringWriter;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** JUnit's XML, as CI systems read it: a case per step of the run and per finding. */
final class JunitReport {
    private final XMLStreamWriter xml;
    private final Sources sources;
    private int depth;

    private JunitReport(XMLStreamWriter xml, Sources sources) {
        this.xml = xml;
        this.sources = sources;
    }

    static void write(RunReport report, Sources sources, PrintWriter out) {
        try {
            XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(out);
            new JunitReport(xml, sources).write(report);
            xml.flush();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("a report that is no XML", e);
        }
        out.println();
        out.flush();
    }

    private void write(RunReport report) throws XMLStreamException {
        long failed = report.steps().stream().filter(RunReport.Step::failed).count();
        int skipped = report.suppressed().size();
        int tests = report.steps().size() + report.findings().size() + skipped;
        String failures = Long.toString(failed + report.findings().size());
        String suite =
                report.module()
                        + " on "
                        + report.board()
                        + ", seed "
                        + Long.toUnsignedString(report.seed());
        xml.writeStartDocument("UTF-8", "1.0");
        open("testsuites");
        open(
                "testsuite",
                "name",
                suite,
                "tests",
                Integer.toString(tests),
                "failures",
                failures,
                "errors",
                "0",
                "skipped",
                Integer.toString(skipped));
        for (RunReport.Step step : report.steps()) {
            open("testcase", "classname", report.module(), "name", step.name());
            if (step.failed()) {
                leaf("failure", step.failure(), "type", "step", "message", step.failure());
            }
            close();
        }
        for (ReportedFinding finding : report.findings()) {
            open("testcase", "classname", report.module(), "name", nameOf(finding));
            leaf(
                    "failure",
                    inWords(finding),
                    "type",
                    finding.id().text(),
                    "message",
                    finding.message());
            close();
        }
        for (Suppressions.Suppressed each : report.suppressed()) {
            open("testcase", "classname", report.module(), "name", nameOf(each.finding()));
            leaf("skipped", "", "message", "allowed: " + each.by().reason());
            close();
        }
        leaf("system-out", String.join("\n", report.log()) + "\n");
        close();
        close();
        xml.writeEndDocument();
    }

    private static String nameOf(ReportedFinding finding) {
        return finding.id().text() + " at " + ReportedFinding.text(finding.place());
    }

    private String inWords(ReportedFinding finding) {
        StringWriter words = new StringWriter();
        PrintWriter to = new PrintWriter(words);
        new TextReport(sources, to).write(finding);
        to.flush();
        return words.toString();
    }

    private void open(String name, String... attributes) throws XMLStreamException {
        newLine();
        xml.writeStartElement(name);
        attributes(attributes);
        depth++;
    }

    private void close() throws XMLStreamException {
        depth--;
        newLine();
        xml.writeEndElement();
    }

    private void leaf(String name, String text, String... attributes) throws XMLStreamException {
        newLine();
        xml.writeStartElement(name);
        attributes(attributes);
        xml.writeCharacters(legal(text));
        xml.writeEndElement();
    }

    private void attributes(String... attributes) throws XMLStreamException {
        for (int i = 0; i < attributes.length; i += 2) {
            xml.writeAttribute(attributes[i], legal(attributes[i + 1]));
        }
    }

    private void newLine() throws XMLStreamException {
        xml.writeCharacters("\n" + "  ".repeat(depth));
    }

    /** XML has no way to say most control characters, nor half a pair. */
    private static String legal(String text) {
        var legal = new StringBuilder();
        text.codePoints()
                .map(c ->
                        c == '\t'
                                        || c == '\n'
                                        || (c >= 0x20 && !isSurrogate(c) && c < 0xfffe)
                                        || c > 0xffff
                                ? c
                                : '?')
                .forEach(legal::appendCodePoint);
        return legal.toString();
    }

    private static boolean isSurrogate(int c) {
        return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    }
}
