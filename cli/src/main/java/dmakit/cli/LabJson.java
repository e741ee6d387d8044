package dmakit.cli;

import dmakit.board.Board;
import dmakit.cli.report.JsonOutput;
import java.io.PrintWriter;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** The JSON of a lab: one object, which begins alike for all of them. */
final class LabJson {
    private LabJson() {}

    /**
     * Writes it.
     *
     * @param board null where the lab makes boards of its own
     * @param seed of the run; as in reports of other runs a number, 64 bits, signed
     * @param rest writes the other properties
     */
    static void write(
            PrintWriter out,
            String lab,
            @Nullable Board board,
            long seed,
            Consumer<JsonGenerator> rest) {
        JsonOutput.write(
                out,
                json -> {
                    json.writeStartObject();
                    json.writeStringProperty("lab", lab);
                    if (board != null) {
                        json.writeStringProperty("board", board.name());
                    }
                    json.writeNumberProperty("seed", seed);
                    rest.accept(json);
                    json.writeEndObject();
                });
    }
}
