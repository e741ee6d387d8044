package dmakit.cli.report;

import dmakit.kernel.check.SourceLine;
import tools.jackson.core.JsonGenerator;

/** The report that {@code docs/report.md} and {@code report.schema.json} describe. */
final class JsonReport {
    /**
     * Version of the schema: the first number changes when a reader must, the second when it may.
     */
    static final String SCHEMA = "1.0";

    private JsonReport() {}

    static void write(JsonGenerator json, RunReport report) {
        json.writeStartObject();
        json.writeStringProperty("tool", "dmakit");
        json.writeStringProperty("version", report.version());
        json.writeStringProperty("schema", SCHEMA);
        json.writeStringProperty("module", report.module());
        json.writeStringProperty("board", report.board());
        json.writeNumberProperty("seed", report.seed());
        json.writeStringProperty("kernel", report.kernel());
        json.writeNumberProperty("exit", report.exit());
        json.writeArrayPropertyStart("steps");
        for (RunReport.Step step : report.steps()) {
            json.writeStartObject();
            json.writeStringProperty("name", step.name());
            text(json, "failure", step.failure());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayPropertyStart("findings");
        report.findings().forEach(finding -> write(json, finding));
        json.writeEndArray();
        json.writeNumberProperty("suppressed", report.suppressed().size());
        json.writeArrayPropertyStart("unusedSuppressions");
        report.unused().forEach(unused -> json.writeString(unused.where() + ": " + unused.id()));
        json.writeEndArray();
        json.writeArrayPropertyStart("log");
        report.log().forEach(json::writeString);
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, ReportedFinding finding) {
        json.writeStartObject();
        json.writeStringProperty("id", finding.id().text());
        json.writeStringProperty("severity", finding.severity());
        json.writeStringProperty("message", finding.message());
        write(json, finding.place());
        json.writeArrayPropertyStart("sites");
        for (ReportedFinding.Site site : finding.sites()) {
            json.writeStartObject();
            json.writeStringProperty("role", site.role().text());
            write(json, site.place());
            json.writeEndObject();
        }
        json.writeEndArray();
        text(json, "device", finding.device());
        text(json, "channel", finding.channel());
        json.writeNumberProperty("count", finding.count());
        json.writeStringProperty("cure", finding.id().cure());
        text(json, "linux", finding.linux());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, SourceLine place) {
        text(json, "file", place.file());
        json.writeName("line");
        if (place.line() > 0) {
            json.writeNumber(place.line());
        } else {
            json.writeNull();
        }
        text(json, "function", place.function());
    }

    /** What is not known is null: empty text would be an answer. */
    private static void text(JsonGenerator json, String property, String text) {
        json.writeName(property);
        if (text.isEmpty()) {
            json.writeNull();
        } else {
            json.writeString(text);
        }
    }
}
