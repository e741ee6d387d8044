package dmakit.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code --report}: in which form a command answers. Use as {@code @Mixin}. */
final class ReportOption {

    /** The forms. */
    enum Format {
        /** For a reader. */
        TEXT,
        /** For a program: one JSON document on standard output. */
        JSON
    }

    @Option(
            names = "--report",
            paramLabel = "text|json",
            defaultValue = "text",
            converter = Converter.class,
            description = "Form of the answer (default: ${DEFAULT-VALUE}).")
    private Format format = Format.TEXT;

    Format format() {
        return format;
    }

    boolean isJson() {
        return format == Format.JSON;
    }

    /** Accepts exactly the two names the help shows. */
    static final class Converter implements ITypeConverter<Format> {
        @Override
        public Format convert(String value) {
            return switch (value) {
                case "text" -> Format.TEXT;
                case "json" -> Format.JSON;
                default ->
                        throw new TypeConversionException(
                                "expected text or json, found '" + value + "'");
            };
        }
    }
}
