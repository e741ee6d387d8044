package dmakit.cli;

import dmakit.board.Board;
import dmakit.labs.LabOptions;
import dmakit.labs.net.Capture;
import dmakit.labs.net.CaptureException;
import dmakit.labs.net.NetLab;
import dmakit.labs.net.NetText;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code dmakit lab net}: frames of a capture, from one network interface to another. */
@Command(
        name = "net",
        description = {
            "The frames of a pcap file go from one network interface to another.",
            "Each interface is an Ethernet MAC with an AXI DMA. The first sends every frame as"
                    + " header and payload, gathered by the DMA; the second receives into a ring of"
                    + " buffers. What arrives is written with the simulated time."
        },
        footer = {"", ExitStatus.OF_LABS},
        defaultValueProvider = NetCommand.UsualBoard.class)
final class NetCommand implements Callable<Integer> {
    @Mixin private MachineOptions machine = new MachineOptions();
    @Mixin private TraceOption trace = new TraceOption();
    @Mixin private ReportOption report = new ReportOption();

    @Option(
            names = "--in",
            paramLabel = "FILE",
            required = true,
            description = "The frames to send: pcap, either byte order, micro- or nanoseconds.")
    private Path in = Path.of("");

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Where the frames that arrive are written: pcap with nanoseconds.")
    private @Nullable Path out;

    @Option(
            names = "--ring",
            paramLabel = "N",
            defaultValue = "64",
            description =
                    "Buffers that frames are received into, 1 to 128 (default: ${DEFAULT-VALUE}).")
    private int ring = 64;

    @Option(
            names = "--frames-per-error",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "The wire flips a bit of one frame in N; 0 for none (default:"
                            + " ${DEFAULT-VALUE}).")
    private int framesPerError;

    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        NetLab.Settings settings = settings();
        Board board = machine.board();
        Capture capture = capture();
        List<String> log = new ArrayList<>();
        NetLab.Result result;
        try (TraceFile file = TraceFile.open(trace);
                WholeFile arrived = out == null ? null : WholeFile.open("--out", out)) {
            result =
                    NetLab.run(
                            new LabOptions(
                                    board,
                                    machine.machine(board),
                                    file.sink().stream().toList(),
                                    log::add),
                            capture,
                            settings);
            file.complete();
            if (arrived != null) {
                arrived.complete(result.received().toBytes());
            }
        }
        print(spec.commandLine().getOut(), board, result, log);
        return result.outcome().success() ? ExitStatus.CLEAN : ExitStatus.FAILED;
    }

    private NetLab.Settings settings() {
        if (ring < 1 || ring > NetLab.RING_MAX) {
            throw new CouldNotRun("--ring %d: wanted 1 to %d".formatted(ring, NetLab.RING_MAX));
        }
        if (framesPerError < 0) {
            throw new CouldNotRun(
                    "--frames-per-error %d: wanted 0 or more".formatted(framesPerError));
        }
        return new NetLab.Settings(ring, framesPerError);
    }

    private Capture capture() {
        byte[] content = InputFile.read("--in", in, Capture.FILE_BYTES_MAX);
        try {
            Capture capture = Capture.read(content);
            if (capture.frames().isEmpty()) {
                throw new CouldNotRun("--in " + in + ": there are no frames in it");
            }
            return capture;
        } catch (CaptureException e) {
            throw new CouldNotRun("--in " + in + ": " + e.getMessage(), e);
        }
    }

    private void print(PrintWriter to, Board board, NetLab.Result result, List<String> log) {
        if (report.isJson()) {
            LabJson.write(
                    to,
                    "net",
                    board,
                    machine.seed(),
                    json -> RecordJson.writeComponents(json, result.outcome()));
        } else {
            if (!result.outcome().success()) {
                log.forEach(to::println);
            }
            result.outcome().findings().forEach(to::println);
            to.print(NetText.of(result.outcome(), board.name(), machine.seed()));
        }
    }

    /** A board that has two MACs, where none is named. */
    static final class UsualBoard implements IDefaultValueProvider {
        @Override
        public @Nullable String defaultValue(ArgSpec argument) {
            return argument instanceof OptionSpec option && option.longestName().equals("--board")
                    ? "zynqmp"
                    : null;
        }
    }
}
