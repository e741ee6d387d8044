package dmakit.labs.burst;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.labs.LabFinding;
import dmakit.labs.LabOptions;
import dmakit.labs.LabSession;
import dmakit.labs.measure.Sizes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Copies the same bytes with bursts of every shape, and on several channels with every way to
 * choose among them.
 */
public final class BurstLab {
    /** Bytes of a long copy, unless others are wanted. */
    public static final int COPY_BYTES = 64 << 10;

    /** Bytes of the copy that comes last, beside long ones. */
    public static final int SHORT_BYTES = 256;

    /** Channels with a long copy. */
    public static final int LONG_CHANNELS = 3;

    private static final List<Integer> BEAT_BYTES = List.of(4, 8, 16);
    private static final List<Integer> BURST_BEATS = List.of(1, 2, 4, 8, 16, 64, 256);
    private static final List<String> ARBITERS = List.of("fixed", "round-robin", "priority");
    private static final List<Integer> TURN_BEATS = List.of(4, 16, 256);

    private static final double PERCENT = 100;
    private static final long PS_PER_SECOND = 1_000_000_000_000L;

    private final long seed;
    private final int copyBytes;
    private final Consumer<String> console;
    private final List<ShapeRow> shapes = new ArrayList<>();
    private final List<TurnRow> turns = new ArrayList<>();
    private final List<LabFinding> findings = new ArrayList<>();

    private BurstLab(long seed, int copyBytes, Consumer<String> console) {
        this.seed = seed;
        this.copyBytes = copyBytes;
        this.console = console;
    }

    /**
     * Runs the lab, on a new machine for each setting.
     *
     * @param seed of the machines
     * @param copyBytes of a long copy; as {@link Sizes#isValid} has it
     * @param console takes each line of the kernels' logs as it comes
     */
    public static BurstOutcome run(long seed, int copyBytes, Consumer<String> console) {
        Sizes.check(List.of(copyBytes));
        BurstLab lab = new BurstLab(seed, copyBytes, console);
        String failure = lab.everything();
        return new BurstOutcome(
                failure.isEmpty(),
                failure.isEmpty() ? "every byte arrived" : "failed: " + failure,
                copyBytes,
                SHORT_BYTES,
                lab.shapes,
                lab.turns,
                lab.findings);
    }

    /** What went wrong first, or nothing. */
    private String everything() {
        for (int beatBytes : BEAT_BYTES) {
            for (int burstBeats : BURST_BEATS) {
                String settings =
                        "dmakit,beat-bytes = <%d>; dmakit,burst-beats = <%d>;"
                                .formatted(beatBytes, burstBeats);
                String failure = with(settings, copies -> shape(copies, beatBytes, burstBeats));
                if (!failure.isEmpty()) {
                    return failure;
                }
            }
        }
        for (String arbiter : ARBITERS) {
            for (int burstBeats : TURN_BEATS) {
                String settings =
                        ("dmakit,arbiter = \"%s\"; dmakit,burst-beats = <%d>;"
                                        + " dmakit,priorities = <0 1 2 3>;")
                                .formatted(arbiter, burstBeats);
                String failure = with(settings, copies -> turn(copies, arbiter, burstBeats));
                if (!failure.isEmpty()) {
                    return failure;
                }
            }
        }
        return "";
    }

    private String with(String settings, Consumer<Copies> measured) {
        Board board =
                Board.of("zynqmp")
                        .withOverlay(
                                "/dts-v1/; /plugin/; &axi_copy { " + settings + " };", "settings");
        ChannelTimes times = new ChannelTimes();
        Simulation.Options machine = new Simulation.Options(seed, Optional.empty(), "");
        LabOptions options = new LabOptions(board, machine, List.of(times), console);
        try (LabSession session = LabSession.boot(board, options.withFindings())) {
            Kernel kernel = session.kernel();
            session.inKernel(
                    "lab",
                    () -> {
                        try (Copies copies = new Copies(kernel, times)) {
                            measured.accept(copies);
                        }
                    });
            List<LabFinding> seen = session.findings();
            findings.addAll(seen);
            return seen.isEmpty() ? "" : settings + " " + LabFinding.summary(seen);
        } catch (KernelException e) {
            return settings + " " + e.getMessage();
        }
    }

    private void shape(Copies copies, int beatBytes, int burstBeats) {
        copies.run(List.of(copyBytes));
        long ps = copies.end(0) - copies.start(0);
        shapes.add(
                new ShapeRow(
                        beatBytes,
                        burstBeats,
                        ps,
                        copyBytes * PS_PER_SECOND / ps,
                        PERCENT * copies.heldPs() / ps));
    }

    private void turn(Copies copies, String arbiter, int burstBeats) {
        List<Integer> sizes = new ArrayList<>();
        for (int i = 0; i < LONG_CHANNELS; i++) {
            sizes.add(copyBytes);
        }
        sizes.add(SHORT_BYTES);
        copies.run(sizes);
        List<Long> ends = new ArrayList<>();
        long last = 0;
        for (int i = 0; i < LONG_CHANNELS; i++) {
            long ps = copies.end(i) - copies.start(0);
            ends.add(ps);
            last = Math.max(last, ps);
        }
        long shortPs = copies.end(LONG_CHANNELS) - copies.start(LONG_CHANNELS);
        turns.add(
                new TurnRow(arbiter, burstBeats, ends, shortPs, PERCENT * copies.heldPs() / last));
    }
}
