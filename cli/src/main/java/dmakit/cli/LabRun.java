package dmakit.cli;

import dmakit.board.Board;
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
    /** Controllers named in a complaint; some boards have dozens. */
    private static final int NAMES_SHOWN_MAX = 3;

    private static final String HINT = "'dmakit boards' shows what each has";

    @Mixin private MachineOptions machine = new MachineOptions();
    @Mixin private TraceOption trace = new TraceOption();
    @Mixin private ReportOption report = new ReportOption();

    @Option(names = "--calls", description = "Shows every kernel function the driver calls.")
    private boolean calls;

    /**
     * Runs a lab and prints what it did.
     *
     * @return an {@link ExitStatus}
     * @throws dmakit.board.BoardException when there is no such board
     * @throws CouldNotRun when it runs no lab, or the trace file is not to be had
     */
    int run(PrintWriter out, Function<LabOptions, LabOutcome> lab) {
        List<String> lines = new ArrayList<>();
        List<TraceEvent.Call> called = new ArrayList<>();
        Consumer<String> console = report.isJson() ? lines::add : out::println;
        List<TraceSink> sinks = new ArrayList<>();
        if (calls) {
            sinks.add(event -> hear(event, called, console));
        }
        Board chosen = board();
        LabOutcome outcome;
        try (TraceFile file = TraceFile.open(trace)) {
            file.sink().ifPresent(sinks::add);
            outcome = lab.apply(new LabOptions(chosen, machine.machine(chosen), sinks, console));
            file.complete();
        }
        if (report.isJson()) {
            LabJson.write(
                    out,
                    outcome.lab(),
                    chosen,
                    machine.seed(),
                    json -> write(json, outcome, lines, called));
        } else {
            print(out, outcome);
        }
        return outcome.success() ? ExitStatus.CLEAN : ExitStatus.FAILED;
    }

    /** The board, when it has what a lab needs. */
    private Board board() {
        Board chosen = machine.board();
        List<Board.Controller> controllers = chosen.controllers();
        if (controllers.isEmpty()) {
            throw new CouldNotRun(
                    "no lab runs on board '%s': it has no DMA controller; %s"
                            .formatted(chosen, HINT));
        }
        if (controllers.stream().noneMatch(Board.Controller::modelled)) {
            throw new CouldNotRun(
                    ("no lab runs on board '%s': dmakit has a model of none of its DMA controllers"
                                    + " (%s); %s")
                            .formatted(chosen, names(controllers), HINT));
        }
        return chosen;
    }

    private static String names(List<Board.Controller> controllers) {
        List<String> names =
                controllers.stream()
                        .flatMap(controller -> controller.compatible().stream().limit(1))
                        .distinct()
                        .toList();
        String shown = String.join(", ", names.subList(0, Math.min(NAMES_SHOWN_MAX, names.size())));
        return names.size() > NAMES_SHOWN_MAX ? shown + ", ..." : shown;
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
    }
}
