package dmakit.bench;

import dmakit.bench.Row.Figure;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Writes rows and their figures, for a reader or for a program. */
abstract sealed class Report {
    /** Writes one row. */
    abstract void row(Row row, Figure figure);

    /** Ends the report. */
    abstract void end();

    /**
     * A table.
     *
     * @param loadBefore of the host before the run
     */
    static Report text(PrintStream out, double loadBefore) {
        return new Text(out, loadBefore);
    }

    /**
     * An object with an array of rows.
     *
     * @param loadBefore of the host before the run
     */
    static Report json(PrintStream out, double loadBefore) {
        return new Json(out, loadBefore);
    }

    /** How many processes want to run on the host: figures of a busy one are not the code's. */
    static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    static int processors() {
        return Runtime.getRuntime().availableProcessors();
    }

    static String host() {
        return String.format(
                Locale.ROOT,
                "Java %s, %s %s, %d processors",
                Runtime.version(),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                processors());
    }

    private static final class Text extends Report {
        private final PrintStream out;
        private final double loadBefore;
        private int count;
        private int met;

        Text(PrintStream out, double loadBefore) {
            this.out = out;
            this.loadBefore = loadBefore;
            out.println();
            out.println(host());
            out.println(
                    "figure: median of all invocations, between the best and the 90th percentile;"
                            + " ratio: to the target, 1 is met and more is better");
            out.println();
            out.printf(
                    Locale.ROOT,
                    "%-23s %-77s %9s %-4s %19s %10s %7s%n",
                    "row",
                    "question",
                    "figure",
                    "",
                    "best .. p90",
                    "target",
                    "ratio");
        }

        @Override
        void row(Row row, Figure figure) {
            double ratio = row.ratio(figure.median());
            count++;
            met += ratio >= 1 ? 1 : 0;
            out.printf(
                    Locale.ROOT,
                    "%-23s %-77s %9s %-4s %19s %10s %7.2f %s%n",
                    row.name(),
                    row.question(),
                    number(figure.median()),
                    row.unit(),
                    number(figure.best()) + " .. " + number(figure.p90()),
                    row.goal().sign() + " " + target(row.target()),
                    Math.min(ratio, 9999),
                    ratio >= 1 ? "" : "MISSED");
        }

        @Override
        void end() {
            out.printf(
                    Locale.ROOT,
                    "%n%d of %d targets met; load average %.1f before, %.1f now, on %d"
                            + " processors%n",
                    met,
                    count,
                    loadBefore,
                    load(),
                    processors());
        }

        private static String number(double value) {
            return String.format(Locale.ROOT, value < 10 ? "%.3f" : "%.1f", value);
        }

        private static String target(double value) {
            return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
        }
    }

    private static final class Json extends Report {
        private final PrintStream out;
        private final JsonGenerator json;

        Json(PrintStream out, double loadBefore) {
            this.out = out;
            json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), out);
            json.writeStartObject();
            json.writeStringProperty("host", host());
            json.writeNumberProperty("loadBefore", loadBefore);
            json.writeArrayPropertyStart("rows");
        }

        @Override
        void row(Row row, Figure figure) {
            json.writeStartObject();
            json.writeStringProperty("name", row.name());
            json.writeStringProperty("question", row.question());
            json.writeNumberProperty("median", figure.median());
            json.writeNumberProperty("best", figure.best());
            json.writeNumberProperty("p90", figure.p90());
            json.writeStringProperty("unit", row.unit());
            json.writeStringProperty("goal", row.goal().name());
            json.writeNumberProperty("target", row.target());
            json.writeNumberProperty("ratio", row.ratio(figure.median()));
            json.writeEndObject();
        }

        @Override
        void end() {
            json.writeEndArray();
            json.writeNumberProperty("loadAfter", load());
            json.writeEndObject();
            json.flush();
            out.println();
        }
    }
}
