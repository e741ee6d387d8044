package dmakit.cli;

import dmakit.cli.report.ReportForm;
import dmakit.cli.report.RunReport;
import dmakit.cli.report.Sources;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code --report} and {@code --out} of commands that find mistakes. Use as {@code @Mixin}. */
final class ReportFormOption {
    @Option(
            names = "--report",
            paramLabel = "text|json|sarif|junit",
            defaultValue = "text",
            converter = Converter.class,
            description =
                    "Form of the report (default: ${DEFAULT-VALUE}); with the others, standard"
                            + " output holds nothing else.")
    private ReportForm form = ReportForm.TEXT;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Writes the report to a file, whole or not at all.")
    private @Nullable Path file;

    /** Whether the report is for people. */
    boolean isText() {
        return form == ReportForm.TEXT;
    }

    /**
     * Opens where the report goes, before anything is run for it.
     *
     * @param standard output, where no file is named
     * @throws CouldNotRun when the file cannot be written
     */
    Destination open(PrintWriter standard) {
        return new Destination(standard, file == null ? null : WholeFile.open("--out", file));
    }

    /** Where the report goes. */
    final class Destination implements AutoCloseable {
        private final PrintWriter standard;
        private final @Nullable WholeFile opened;

        private Destination(PrintWriter standard, @Nullable WholeFile opened) {
            this.standard = standard;
            this.opened = opened;
        }

        /**
         * Writes the report.
         *
         * @throws CouldNotRun when the file cannot be written
         */
        void write(RunReport report, Sources sources) {
            WholeFile into = opened;
            if (into == null) {
                form.write(report, sources, standard);
                standard.flush();
                return;
            }
            StringWriter text = new StringWriter();
            PrintWriter out = new PrintWriter(text);
            form.write(report, sources, out);
            out.flush();
            into.complete(text.toString());
        }

        @Override
        public void close() {
            if (opened != null) {
                opened.close();
            }
        }
    }

    /** Accepts exactly the names the help shows. */
    static final class Converter implements ITypeConverter<ReportForm> {
        @Override
        public ReportForm convert(String value) {
            for (ReportForm form : ReportForm.values()) {
                if (form.text().equals(value)) {
                    return form;
                }
            }
            throw new TypeConversionException(
                    "expected text, json, sarif or junit, found '" + value + "'");
        }
    }
}
