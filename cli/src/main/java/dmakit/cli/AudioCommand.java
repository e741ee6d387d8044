package dmakit.cli;

import dmakit.board.Board;
import dmakit.cli.report.JsonOutput;
import dmakit.labs.LabOptions;
import dmakit.labs.audio.AudioLab;
import dmakit.labs.audio.AudioOutcome;
import dmakit.labs.audio.Sound;
import dmakit.machine.trace.TraceSink;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.core.JsonGenerator;

/** {@code dmakit lab audio}: plays a WAV file and records it again. */
@Command(
        name = "audio",
        description = {
            "Plays a WAV file through an audio port by cyclic DMA, and records it again.",
            "What the port sends comes back to it. A program keeps one ring of periods full and"
                    + " empties the other; held up for too long, it is overtaken: an under-run."
        },
        footer = {"", ExitStatus.OF_LABS})
final class AudioCommand implements Callable<Integer> {
    private static final double PS_PER_MS = 1e9;

    @Mixin private MachineOptions machine = new MachineOptions();
    @Mixin private ReportOption report = new ReportOption();
    @Mixin private TraceOption trace = new TraceOption();

    @Option(
            names = "--in",
            paramLabel = "FILE",
            required = true,
            description = "WAV file to play: 1 or 2 channels of 16, 24 or 32 bits.")
    private Path in = Path.of("");

    @Option(
            names = "--out",
            paramLabel = "FILE",
            required = true,
            description = "WAV file to record to; whole or not at all.")
    private Path out = Path.of("");

    @Option(
            names = "--slow",
            paramLabel = "US",
            defaultValue = "0",
            description =
                    "Holds the program up for so many microseconds in each period (default:"
                            + " ${DEFAULT-VALUE}).")
    private int slowUs;

    @Option(
            names = "--period",
            paramLabel = "FRAMES",
            defaultValue = "" + AudioLab.PERIOD_FRAMES,
            description = "Frames of a period, 32 to 4096 (default: ${DEFAULT-VALUE}).")
    private int periodFrames = AudioLab.PERIOD_FRAMES;

    @Option(
            names = "--periods",
            paramLabel = "N",
            defaultValue = "" + AudioLab.PERIODS,
            description = "Periods of each ring, 2 to 32 (default: ${DEFAULT-VALUE}).")
    private int periods = AudioLab.PERIODS;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        AudioLab.Pace pace = pace();
        Sound sound = WavFile.read("--in", in);
        Board board = machine.board();
        if (board.tree().nodes().stream()
                .noneMatch(node -> node.isCompatibleWith("brcm,bcm2835-i2s"))) {
            throw new CouldNotRun(
                    "lab audio needs a brcm,bcm2835-i2s; board '%s' has none".formatted(board));
        }
        List<String> log = new ArrayList<>();
        List<TraceSink> sinks = new ArrayList<>();
        AudioOutcome outcome;
        try (WholeFile file = WholeFile.open("--out", out);
                TraceFile traceFile = TraceFile.open(trace)) {
            traceFile.sink().ifPresent(sinks::add);
            outcome =
                    AudioLab.run(
                            new LabOptions(board, machine.machine(board), sinks, log::add),
                            sound,
                            pace);
            outcome.recorded().ifPresent(recorded -> file.complete(WavFile.of(recorded)));
            traceFile.complete();
        }
        print(spec.commandLine().getOut(), board, sound, outcome, log);
        return outcome.success() ? ExitStatus.CLEAN : ExitStatus.FAILED;
    }

    private AudioLab.Pace pace() {
        try {
            return new AudioLab.Pace(periodFrames, periods, slowUs);
        } catch (IllegalArgumentException e) {
            throw new CouldNotRun(
                    "--period %d to %d, --periods %d to %d, --slow 0 to %d: %s"
                            .formatted(
                                    AudioLab.PERIOD_FRAMES_MIN,
                                    AudioLab.PERIOD_FRAMES_MAX,
                                    AudioLab.PERIODS_MIN,
                                    AudioLab.PERIODS_MAX,
                                    AudioLab.SLOW_US_MAX,
                                    e.getMessage()),
                    e);
        }
    }

    private void print(
            PrintWriter text, Board board, Sound sound, AudioOutcome outcome, List<String> log) {
        if (report.isJson()) {
            JsonOutput.write(text, json -> write(json, board, sound, outcome));
            return;
        }
        if (!outcome.success()) {
            log.forEach(text::println);
        }
        text.println("%s: %s; seed %d".formatted(in, sound, machine.seed()));
        text.println(outcome.message());
        text.println(
                String.format(
                        Locale.ROOT,
                        "%d periods of %d frames in %.3f ms of the simulated machine, CPU busy %.1f"
                                + " %%",
                        outcome.periods(),
                        periodFrames,
                        outcome.simulatedPs() / PS_PER_MS,
                        outcome.cpuPercent()));
    }

    private void write(JsonGenerator json, Board board, Sound sound, AudioOutcome outcome) {
        json.writeStartObject();
        json.writeStringProperty("lab", "audio");
        json.writeStringProperty("board", board.name());
        json.writeStringProperty("seed", "0x" + Long.toHexString(machine.seed()));
        json.writeBooleanProperty("success", outcome.success());
        json.writeStringProperty("message", outcome.message());
        json.writeNumberProperty("rate", sound.rate());
        json.writeNumberProperty("channels", sound.channels());
        json.writeNumberProperty("bits", sound.bits());
        json.writeNumberProperty("frames", outcome.frames());
        json.writeNumberProperty("periods", outcome.periods());
        json.writeNumberProperty(
                "framesPlayedBeforeUnderrun", outcome.framesPlayedBeforeUnderrun());
        json.writeNumberProperty("simulatedPs", outcome.simulatedPs());
        json.writeNumberProperty("cpuPercent", outcome.cpuPercent());
        json.writeEndObject();
    }
}
