package dmakit.cli.report;

import java.io.PrintWriter;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultPrettyPrinter;

/** Writes one indented JSON document. Key order is the order of the calls. */
public final class JsonOutput {

    /**
     * Writes what {@code document} generates, and a final line end.
     *
     * @param out stays open
     * @param document writes exactly one value
     */
    public static void write(PrintWriter out, Consumer<JsonGenerator> document) {
        JsonFactory factory =
                JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();
        try (JsonGenerator generator = factory.createGenerator(new Indented(), out)) {
            document.accept(generator);
        }
        out.println();
        out.flush();
    }

    private static final class Indented extends ObjectWriteContext.Base {
        @Override
        public PrettyPrinter getPrettyPrinter() {
            return new DefaultPrettyPrinter();
        }

        @Override
        public boolean hasPrettyPrinter() {
            return true;
        }
    }

    private JsonOutput() {}
}
