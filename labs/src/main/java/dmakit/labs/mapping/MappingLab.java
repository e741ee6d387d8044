package dmakit.labs.mapping;

import dmakit.board.Board;
import dmakit.board.Simulation;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.labs.LabFinding;
import dmakit.labs.LabOptions;
import dmakit.labs.LabSession;
import dmakit.labs.measure.Buffers;
import dmakit.labs.measure.Meter;
import dmakit.labs.measure.Reading;
import dmakit.labs.measure.Sizes;
import dmakit.machine.Machine;
import dmakit.machine.cpu.CostTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** Copies the same bytes through each {@link BackEnd}, and compares what that takes. */
public final class MappingLab {
    /** Bytes after which the average of more transfers tells no more. */
    private static final int AVERAGED_BYTES = 4 << 20;

    /** Enough to fill and to empty the queues in which a back end saves work up. */
    private static final int TRANSFERS_MAX = 512;

    private static final int TRANSFERS_MIN = 2;

    private final List<Integer> sizes;
    private final List<MappingRow> rows = new ArrayList<>();
    private final List<LabFinding> findings = new ArrayList<>();

    private MappingLab(List<Integer> sizes) {
        this.sizes = sizes;
    }

    /** From the least to the greatest, each sixteen times the one before. */
    public static List<Integer> usualSizes() {
        return List.of(16, 256, 4 << 10, 64 << 10, 1 << 20, 4 << 20);
    }

    /**
     * Runs the lab on a new machine for each back end.
     *
     * @param seed of the machines
     * @param cache of a machine, by its board; empty for the board's own
     * @param sizes ascending multiples of {@link Sizes#STEP}, from {@link Sizes#MIN} to {@link
     *     Sizes#MAX}
     * @param console takes each line of the kernels' logs as it comes
     */
    public static MappingOutcome run(
            long seed,
            Function<Board, Optional<Machine.Cache>> cache,
            List<Integer> sizes,
            Consumer<String> console) {
        Sizes.check(sizes);
        MappingLab lab = new MappingLab(sizes);
        String failure = "";
        for (BackEnd backEnd : BackEnd.values()) {
            Board board = backEnd.board();
            Simulation.Options machine =
                    new Simulation.Options(seed, cache.apply(board), backEnd.commandLine());
            LabOptions options = new LabOptions(board, machine, List.of(), console);
            String mistake = lab.through(backEnd, options);
            if (!mistake.isEmpty() && failure.isEmpty()) {
                failure = backEnd + ": " + mistake;
            }
        }
        // Sorting is stable: back ends keep their order.
        lab.rows.sort(Comparator.comparingLong(MappingRow::sizeBytes));
        return new MappingOutcome(
                failure.isEmpty(),
                failure.isEmpty() ? "every byte arrived" : "failed: " + failure,
                CostTable.CORTEX_A53,
                lab.rows,
                lab.findings);
    }

    /** What went wrong, or nothing. */
    private String through(BackEnd backEnd, LabOptions options) {
        try (LabSession session = LabSession.boot(options.board(), options.withFindings())) {
            Kernel kernel = session.kernel();
            session.inKernel("lab", () -> compare(kernel, backEnd, options.board().name()));
            List<LabFinding> seen = session.findings();
            findings.addAll(seen);
            return LabFinding.summary(seen);
        } catch (KernelException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private void compare(Kernel kernel, BackEnd backEnd, String board) {
        try (Buffers buffers = new Buffers(kernel, Collections.max(sizes));
                Copier copier = new Copier(kernel)) {
            for (int size : sizes) {
                rows.add(
                        new MappingRow(
                                size,
                                backEnd,
                                board,
                                backEnd.isCoherent(),
                                backEnd.commandLine(),
                                copier.pieces(size),
                                measured(kernel, buffers, copier, size)));
            }
        }
    }

    private static Reading measured(Kernel kernel, Buffers buffers, Copier copier, int bytes) {
        Meter meter = new Meter(kernel);
        int transfers = Math.clamp(AVERAGED_BYTES / bytes, TRANSFERS_MIN, TRANSFERS_MAX);
        for (int i = 0; i < transfers; i++) {
            buffers.fill(bytes);
            meter.measure(() -> copier.copy(buffers.out(), buffers.in(), bytes));
            buffers.compare(bytes);
        }
        return meter.reading();
    }
}
