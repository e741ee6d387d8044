package dmakit.cli;

import dmakit.board.Board;
import dmakit.devicetree.Node;
import dmakit.labs.Count;
import dmakit.labs.LabOptions;
import dmakit.labs.audio.AudioLab;
import dmakit.labs.audio.AudioOutcome;
import dmakit.labs.audio.Sound;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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
    private static final String PORT = "brcm,bcm2835-i2s";
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
            description = "WAV file to record to; whole or not at all.")
    private @Nullable Path out;

    @Option(
            names = "--slow",
            paramLabel = "US",
            defaultValue = "0",
            description =
                    "Holds the program up for so many microseconds in each period, 0 to 10000000"
                            + " (default: ${DEFAULT-VALUE}).")
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
        requirePort(board);
        List<String> log = new ArrayList<>();
        AudioLab.Result result;
        try (WholeFile file = out == null ? null : WholeFile.open("--out", out);
                TraceFile traceFile = TraceFile.open(trace)) {
            result =
                    AudioLab.run(
                            new LabOptions(
                                    board,
                                    machine.machine(board),
                                    traceFile.sink().stream().toList(),
                                    log::add),
                            sound,
                            pace);
            if (file != null && result.recorded().isPresent()) {
                file.complete(WavFile.of(result.recorded().get()));
            }
            traceFile.complete();
        }
        print(spec.commandLine().getOut(), board, sound, result.outcome(), log);
        return result.outcome().success() ? ExitStatus.CLEAN : ExitStatus.FAILED;
    }

    private AudioLab.Pace pace() {
        require("--period", periodFrames, AudioLab.PERIOD_FRAMES_MIN, AudioLab.PERIOD_FRAMES_MAX);
        require("--periods", periods, AudioLab.PERIODS_MIN, AudioLab.PERIODS_MAX);
        require("--slow", slowUs, 0, AudioLab.SLOW_US_MAX);
        return new AudioLab.Pace(periodFrames, periods, slowUs);
    }

    private static void require(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new CouldNotRun("%s %d: wanted %d to %d".formatted(option, value, least, most));
        }
    }

    private static void requirePort(Board board) {
        if (board.tree().compatibleWith(PORT).stream().noneMatch(Node::isReachable)) {
            throw new CouldNotRun(
                    ("lab audio needs a %s, and board '%s' has none; 'dmakit boards' shows what"
                                    + " each has")
                            .formatted(PORT, board));
        }
    }

    private void print(
            PrintWriter text, Board board, Sound sound, AudioOutcome outcome, List<String> log) {
        if (report.isJson()) {
            LabJson.write(
                    text,
                    "audio",
                    board,
                    machine.seed(),
                    json -> RecordJson.writeComponents(json, outcome));
            return;
        }
        if (!outcome.success()) {
            log.forEach(text::println);
        }
        outcome.findings().forEach(text::println);
        text.println("%s: %s; seed %s".formatted(in, sound, Long.toUnsignedString(machine.seed())));
        text.println(outcome.message());
        text.println(
                String.format(
                        Locale.ROOT,
                        "%s of %d frames in %.3f ms of the simulated machine, CPU busy %.1f %%",
                        Count.of(outcome.periods(), "period"),
                        periodFrames,
                        outcome.elapsedPs() / PS_PER_MS,
                        outcome.cpuPercent()));
    }
}
