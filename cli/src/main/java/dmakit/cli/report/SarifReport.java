package dmakit.cli.report;

import dmakit.kernel.check.FindingId;
import dmakit.kernel.check.SourceLine;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import tools.jackson.core.JsonGenerator;

/** SARIF 2.1.0: one run, a rule per id, a result per finding; suppressed ones say so. */
final class SarifReport {
    private static final String SCHEMA =
            "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

    private final JsonGenerator json;

    SarifReport(JsonGenerator json) {
        this.json = json;
    }

    void write(RunReport report) {
        List<FindingId> rules =
                Stream.concat(
                                report.findings().stream(),
                                report.suppressed().stream().map(Suppressions.Suppressed::finding))
                        .map(ReportedFinding::id)
                        .distinct()
                        .sorted()
                        .toList();

        json.writeStartObject();
        json.writeStringProperty("$schema", SCHEMA);
        json.writeStringProperty("version", "2.1.0");
        json.writeArrayPropertyStart("runs");
        json.writeStartObject();
        json.writeObjectPropertyStart("tool");
        json.writeObjectPropertyStart("driver");
        json.writeStringProperty("name", "dmakit");
        json.writeStringProperty("version", report.version());
        json.writeArrayPropertyStart("rules");
        rules.forEach(this::writeRule);
        json.writeEndArray();
        json.writeEndObject();
        json.writeEndObject();
        writeInvocation(report);
        json.writeStringProperty("columnKind", "utf16CodeUnits");
        json.writeArrayPropertyStart("results");
        for (ReportedFinding finding : report.findings()) {
            json.writeStartObject();
            writeResult(finding, rules.indexOf(finding.id()));
            json.writeEndObject();
        }
        for (Suppressions.Suppressed each : report.suppressed()) {
            json.writeStartObject();
            writeResult(each.finding(), rules.indexOf(each.finding().id()));
            writeSuppression(each.by());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeObjectPropertyStart("properties");
        json.writeStringProperty("module", report.module());
        json.writeStringProperty("board", report.board());
        json.writeNumberProperty("seed", report.seed());
        json.writeStringProperty("kernel", report.kernel());
        json.writeEndObject();
        json.writeEndObject();
        json.writeEndArray();
        json.writeEndObject();
    }

    private void writeRule(FindingId id) {
        json.writeStartObject();
        json.writeStringProperty("id", id.text());
        text("shortDescription", id.text().replace('-', ' '));
        text("help", id.cure());
        json.writeObjectPropertyStart("defaultConfiguration");
        json.writeStringProperty("level", id.severity().name().toLowerCase(Locale.ROOT));
        json.writeEndObject();
        json.writeEndObject();
    }

    private void writeInvocation(RunReport report) {
        json.writeArrayPropertyStart("invocations");
        json.writeStartObject();
        json.writeBooleanProperty(
                "executionSuccessful", report.steps().stream().noneMatch(RunReport.Step::failed));
        json.writeNumberProperty("exitCode", report.exit());
        json.writeArrayPropertyStart("toolExecutionNotifications");
        for (RunReport.Step step : report.steps()) {
            if (step.failed()) {
                json.writeStartObject();
                json.writeStringProperty("level", "error");
                text("message", step.name() + ": " + step.failure());
                json.writeEndObject();
            }
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeEndArray();
    }

    private void writeResult(ReportedFinding finding, int rule) {
        json.writeStringProperty("ruleId", finding.id().text());
        json.writeNumberProperty("ruleIndex", rule);
        json.writeStringProperty("level", finding.severity());
        text("message", finding.message());
        json.writeArrayPropertyStart("locations");
        if (!finding.place().file().isEmpty()) {
            json.writeStartObject();
            writeLocation(finding.place());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayPropertyStart("relatedLocations");
        int number = 0;
        for (ReportedFinding.Site site : finding.sites()) {
            json.writeStartObject();
            json.writeNumberProperty("id", number++);
            text("message", site.role().text() + " here");
            writeLocation(site.place());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeNumberProperty("occurrenceCount", finding.count());
        json.writeObjectPropertyStart("properties");
        property("device", finding.device());
        property("channel", finding.channel());
        property("linux", finding.linux());
        property("cure", finding.id().cure());
        json.writeEndObject();
    }

    private void property(String name, String text) {
        if (!text.isEmpty()) {
            json.writeStringProperty(name, text);
        }
    }

    private void writeLocation(SourceLine place) {
        if (!place.file().isEmpty()) {
            json.writeObjectPropertyStart("physicalLocation");
            json.writeObjectPropertyStart("artifactLocation");
            json.writeStringProperty("uri", uri(place.file()));
            json.writeEndObject();
            if (place.line() > 0) {
                json.writeObjectPropertyStart("region");
                json.writeNumberProperty("startLine", place.line());
                json.writeEndObject();
            }
            json.writeEndObject();
        }
        if (!place.function().isEmpty()) {
            json.writeArrayPropertyStart("logicalLocations");
            json.writeStartObject();
            json.writeStringProperty("name", place.function());
            json.writeStringProperty("kind", "function");
            json.writeEndObject();
            json.writeEndArray();
        }
    }

    private void writeSuppression(Suppression by) {
        json.writeArrayPropertyStart("suppressions");
        json.writeStartObject();
        json.writeStringProperty(
                "kind",
                switch (by.origin()) {
                    case Suppression.Origin.Comment _ -> "inSource";
                    case Suppression.Origin.ListFile _ -> "external";
                });
        json.writeStringProperty("justification", by.reason());
        json.writeEndObject();
        json.writeEndArray();
    }

    private void text(String property, String text) {
        json.writeObjectPropertyStart(property);
        json.writeStringProperty("text", text);
        json.writeEndObject();
    }

    /** A file's name as a URI: relative as it was given, or with its scheme. */
    static String uri(String file) {
        try {
            boolean absolute = file.startsWith("/");
            // A colon in the first part of a relative path would begin a scheme.
            boolean ambiguous = !absolute && file.split("/", 2)[0].contains(":");
            URI uri = new URI(absolute ? "file" : null, null, ambiguous ? "./" + file : file, null);
            return absolute ? "file://" + uri.getRawPath() : uri.toASCIIString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("a file name that is no URI: " + file, e);
        }
    }
}
