package dmakit.labs.pio;

import dmakit.board.Board;
import dmakit.board.BoardException;
import dmakit.datasheet.fifo.LoopbackFifoRegister;
import dmakit.devicetree.Node;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.labs.LabFinding;
import dmakit.labs.LabOptions;
import dmakit.labs.LabSession;
import dmakit.labs.measure.Buffers;
import dmakit.labs.measure.Crossover;
import dmakit.labs.measure.Meter;
import dmakit.labs.measure.Reading;
import dmakit.labs.measure.Sizes;
import dmakit.machine.Check;
import dmakit.machine.cpu.CostTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;
import java.util.function.ToLongFunction;

/**
 * Sends the same bytes through a FIFO and back by each {@link Method}, and compares what that
 * takes.
 */
public final class PioLab {
    /** Least rate of the device's line, in bytes per second. */
    public static final int LINE_RATE_MIN = 1_000_000;

    /** Greatest rate of the device's line, in bytes per second. */
    public static final int LINE_RATE_MAX = 100_000_000;

    /** What crossovers compare: the time the CPU worked. */
    public static final String BUSY = "CPU busy time";

    /** What crossovers compare: the time from the call to the return. */
    public static final String TIME = "time of a transfer";

    /** A controller whose request lines the FIFO can be wired to. */
    private static final String CONTROLLER = "brcm,bcm2835-dma";

    private final Kernel kernel;
    private final FifoDriver driver;
    private final Buffers buffers;
    private final List<Map<Long, Reading>> readings = new ArrayList<>();

    private PioLab(Kernel kernel, FifoDriver driver, Buffers buffers) {
        this.kernel = kernel;
        this.driver = driver;
        this.buffers = buffers;
        for (Method _ : Method.values()) {
            readings.add(new TreeMap<>());
        }
    }

    /**
     * Runs the lab.
     *
     * @param sizes ascending multiples of {@link Sizes#STEP}, from {@link Sizes#MIN} to {@link
     *     Sizes#MAX}
     * @param lineRate of the device, {@link #LINE_RATE_MIN} to {@link #LINE_RATE_MAX} bytes per
     *     second
     * @throws BoardException when the board cannot be built, or has no controller for the FIFO
     */
    public static PioOutcome run(LabOptions options, List<Integer> sizes, int lineRate) {
        Check.argument(
                lineRate >= LINE_RATE_MIN && lineRate <= LINE_RATE_MAX,
                "a line of %d bytes per second",
                lineRate);
        Sizes.check(sizes);
        Board board = withFifo(options.board());
        List<PioRow> rows = new ArrayList<>();
        List<Crossover> crossovers = new ArrayList<>();
        List<LabFinding> findings = List.of();
        String failure = "";
        CostTable costs;
        try (LabSession session = LabSession.boot(board, options.withFindings())) {
            Kernel kernel = session.kernel();
            costs = kernel.machine().cpu().cost();
            FifoDriver driver = new FifoDriver(kernel, lineRate);
            try {
                session.inKernel("insmod", () -> kernel.platform().register(driver));
                session.inKernel("lab", () -> compare(kernel, driver, sizes, rows, crossovers));
                session.inKernel("rmmod", () -> kernel.platform().unregister(driver));
                findings = session.findings();
                failure = LabFinding.summary(findings);
            } catch (KernelException e) {
                failure = String.valueOf(e.getMessage());
            }
        }
        return new PioOutcome(
                failure.isEmpty(),
                failure.isEmpty() ? "every byte sent came back" : "failed: " + failure,
                lineRate,
                LoopbackFifoRegister.DEPTH_WORDS,
                costs,
                rows,
                crossovers,
                findings);
    }

    /**
     * The board, where it has a FIFO; or else with one beside its controller, on two request lines
     * that nothing else has.
     */
    private static Board withFifo(Board board) {
        if (board.tree().compatibleWith(FifoDriver.COMPATIBLE).stream()
                .anyMatch(Node::isReachable)) {
            return board;
        }
        Node controller =
                board.controllers().stream()
                        .filter(each -> each.modelled() && each.compatible().contains(CONTROLLER))
                        .flatMap(each -> board.tree().node(each.path()).stream())
                        .filter(node -> node.phandle().isPresent() && node.parent().isPresent())
                        .findFirst()
                        .orElseThrow(() -> noPlaceForOne(board));
        return board.withOverlay(
                """
                /dts-v1/;
                /plugin/;

                &{%s} {
                    fifo@7e310000 {
                        compatible = "%s";
                        reg = <0x7e310000 0x%x>;
                        dmas = <%d 8>, <%d 9>;
                        dma-names = "tx", "rx";
                    };
                };
                """
                        .formatted(
                                controller.parent().orElseThrow().path(),
                                FifoDriver.COMPATIBLE,
                                LoopbackFifoRegister.SIZE,
                                controller.phandle().getAsInt(),
                                controller.phandle().getAsInt()),
                "pio-vs-dma.dtso");
    }

    private static BoardException noPlaceForOne(Board board) {
        return new BoardException(
                ("lab pio-vs-dma needs a FIFO, or a %s to wire one to, and board '%s' has neither;"
                                + " 'dmakit boards' shows what each has")
                        .formatted(CONTROLLER, board));
    }

    private static void compare(
            Kernel kernel,
            FifoDriver driver,
            List<Integer> sizes,
            List<PioRow> rows,
            List<Crossover> crossovers) {
        try (Buffers buffers = new Buffers(kernel, Collections.max(sizes))) {
            PioLab lab = new PioLab(kernel, driver, buffers);
            for (int size : sizes) {
                for (Method method : Method.values()) {
                    rows.add(
                            new PioRow(
                                    size,
                                    method,
                                    driver.pieces(method, size),
                                    lab.reading(method, size)));
                }
            }
            Method pio = Method.PIO;
            Method sleeping = Method.DMA_INTERRUPTS;
            Method polling = Method.DMA_POLLING;
            crossovers.add(lab.crossover(BUSY, sleeping, pio, sizes, Reading::busyPs));
            crossovers.add(lab.crossover(BUSY, polling, pio, sizes, Reading::busyPs));
            crossovers.add(lab.crossover(BUSY, sleeping, polling, sizes, Reading::busyPs));
            crossovers.add(lab.crossover(TIME, sleeping, pio, sizes, Reading::elapsedPs));
            crossovers.add(lab.crossover(TIME, polling, pio, sizes, Reading::elapsedPs));
            crossovers.add(lab.crossover(TIME, polling, sleeping, sizes, Reading::elapsedPs));
        }
    }

    private Crossover crossover(
            String of,
            Method less,
            Method more,
            List<Integer> sizes,
            ToLongFunction<Reading> quantity) {
        return Crossover.find(
                of,
                less.label(),
                more.label(),
                sizes,
                Sizes.STEP,
                curve(less, quantity),
                curve(more, quantity));
    }

    private LongUnaryOperator curve(Method method, ToLongFunction<Reading> quantity) {
        return size -> quantity.applyAsLong(reading(method, size));
    }

    private Reading reading(Method method, long size) {
        Map<Long, Reading> known = readings.get(method.ordinal());
        Reading reading = known.get(size);
        if (reading == null) {
            reading = measured(method, Math.toIntExact(size));
            known.put(size, reading);
        }
        return reading;
    }

    private Reading measured(Method method, int bytes) {
        Meter meter = new Meter(kernel);
        for (int i = 0; i < Sizes.transfersOf(bytes); i++) {
            buffers.fill(bytes);
            meter.measure(() -> driver.exchange(method, buffers.out(), buffers.in(), bytes));
            buffers.compare(bytes);
            driver.checkLosses();
        }
        return meter.reading();
    }
}
