package dmakit.cli;

import dmakit.board.Board;
import dmakit.board.BoardException;
import dmakit.board.Simulation;
import dmakit.labs.AccountText;
import dmakit.labs.LabOptions;
import dmakit.labs.LabOutcome;
import dmakit.machine.trace.TraceEvent;
import dmakit.machine.trace.TraceSink;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.core.JsonGenerator;

/** The options all labs share, and what is done with them. Use as {@code @Mixin}. */
final class LabRun {
    @Mixin private BoardOption board = new BoardOption();
    @Mixin private SeedOption seed = new SeedOption();
    @Mixin private CacheOption cache = new CacheOption();
    @Mixin private TraceOption trace = new TraceOption();
    @Mixin private ReportOption report = new ReportOption();

    @Option(names = "--calls", description = "Shows every kernel function the driver calls.")
    private boolean calls;

    /**
     * Runs a lab and prints what it did.
     *
     * @return an {@link ExitStatus}
     * @throws CouldNotRun when the board or the trace file is not to be had
     */
    int run(PrintWriter out, Function<LabOptions, LabOutcome> lab) {
        List<String> lines = new ArrayList<>();
        List<TraceEvent.Call> called = new ArrayList<>();
        Consumer<String> console = report.isJson() ? lines::add : out::println;
        List<TraceSink> sinks = new ArrayList<>();
        if (calls) {
            sinks.add(event -> hear(event, called, console));
        }
        LabOutcome outcome;
        try (TraceFile file = TraceFile.open(trace)) {
            file.sink().ifPresent(sinks::add);
            Board chosen = Board.of(board.board());
            outcome =
                    lab.apply(
                            new LabOptions(
                                    chosen,
                                    new Simulation.Options(
                                            seed.seed(), cache.cache(chosen.cache()), ""),
                                    sinks,
                                    console));
            file.complete();
        } catch (BoardException e) {
            throw new CouldNotRun(String.valueOf(e.getMessage()), e);
        }
        if (report.isJson()) {
            JsonOutput.write(out, json -> write(json, outcome, lines, called));
        } else {
            print(out, outcome);
        }
        return outcome.success() ? ExitStatus.CLEAN : ExitStatus.FAILED;
    }

    private void hear(TraceEvent event, List<TraceEvent.Call> called, Consumer<String> console) {
        if (event instanceof TraceEvent.Call call && !call.internal()) {
            called.add(call);
            if (!report.isJson()) {
                console.accept("  " + call.function() + "(" + call.arguments() + ")");
            }
        }
    }

    private static void print(PrintWriter out, LabOutcome outcome) {
        out.println();
        out.println(outcome.message());
        outcome.account()
                .ifPresent(account -> {
                    out.println();
                    out.print(AccountText.of(account));
                });
    }

    private static void write(
            JsonGenerator json,
            LabOutcome outcome,
            List<String> lines,
            List<TraceEvent.Call> called) {
        json.writeStartObject();
        json.writeStringProperty("lab", outcome.lab());
        json.writeBooleanProperty("success", outcome.success());
        json.writeStringProperty("message", outcome.message());
        json.writeArrayPropertyStart("console");
        lines.forEach(json::writeString);
        json.writeEndArray();
        json.writeArrayPropertyStart("calls");
        called.forEach(call -> RecordJson.write(json, call));
        json.writeEndArray();
        outcome.account()
                .ifPresent(account -> {
                    json.writeName("account");
                    RecordJson.write(json, account);
                });
        json.writeEndObject();
    }
}
