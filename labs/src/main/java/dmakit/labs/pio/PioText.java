package dmakit.labs.pio;

import dmakit.labs.AccountText;
import dmakit.labs.measure.Costs;
import dmakit.labs.measure.Crossover;
import dmakit.labs.measure.Part;
import dmakit.labs.measure.Reading;
import dmakit.labs.measure.Sizes;
import dmakit.labs.measure.TextTable;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A {@link PioOutcome} for a reader at a terminal. */
public final class PioText {
    private static final double PS_PER_NS = 1e3;

    /** A part that grows by less does not matter, in nanoseconds a byte. */
    private static final double FLAT_NS = 0.05;

    private final StringBuilder text = new StringBuilder();

    private PioText() {}

    /**
     * The table, where the curves cross, and why.
     *
     * @param board it was run on
     * @param seed of the run
     */
    public static String of(PioOutcome outcome, String board, long seed) {
        PioText writer = new PioText();
        writer.line(
                "A FIFO on %s sends back what it is sent: %d words deep, %s each way; seed %s.",
                board,
                outcome.fifoWords(),
                Sizes.rate(outcome.lineBytesPerSecond()),
                Long.toUnsignedString(seed));
        writer.line("%s", outcome.message());
        if (outcome.success()) {
            writer.text.append('\n').append(table(outcome.rows()));
            writer.text.append('\n').append(crossovers(outcome.crossovers()));
            writer.why(outcome.rows());
            writer.text.append('\n').append(Costs.text(outcome.costs()));
        }
        return writer.text.toString();
    }

    private static TextTable table(List<PioRow> rows) {
        TextTable table =
                new TextTable(
                        "size",
                        "method ",
                        "time",
                        "CPU busy",
                        "",
                        "registers",
                        "DMA's bus",
                        "irqs",
                        "cleaned",
                        "dropped",
                        "throughput",
                        "most of the time ");
        long size = rows.getFirst().sizeBytes();
        for (PioRow row : rows) {
            if (row.sizeBytes() != size) {
                size = row.sizeBytes();
                table.gap();
            }
            Reading reading = row.reading();
            Part largest = reading.largest();
            table.row(
                    Sizes.text(size),
                    row.method().label(),
                    AccountText.duration(reading.elapsedPs()),
                    AccountText.duration(reading.busyPs()),
                    reading.busyPercent() + " %",
                    AccountText.duration(reading.registerPs()),
                    AccountText.duration(reading.devicesBusPs()),
                    Long.toString(reading.interrupts()),
                    Long.toString(reading.cleanedLines()),
                    Long.toString(reading.invalidatedLines()),
                    Sizes.rate(reading.bytesPerSecond(size)),
                    largest.name() + " " + reading.percent(largest.ps()) + " %");
        }
        return table;
    }

    private static TextTable crossovers(List<Crossover> crossovers) {
        TextTable table = new TextTable("crossover ", " ", " ", " ", " ");
        for (Crossover crossover : crossovers) {
            table.row(
                    crossover.of(),
                    crossover.less(),
                    "below " + crossover.more(),
                    switch (crossover.place()) {
                        case BELOW -> "at every size";
                        case BETWEEN -> "from " + Sizes.text(crossover.fromBytes());
                        case ABOVE -> "at no size";
                    },
                    crossover.place() == Crossover.Place.BETWEEN
                            ? "%s, not %s"
                                    .formatted(
                                            AccountText.duration(crossover.lessPs()),
                                            AccountText.duration(crossover.morePs()))
                            : "");
        }
        return table;
    }

    /** The slopes and the constants behind the table, from its first and its last size. */
    private void why(List<PioRow> rows) {
        long least = rows.getFirst().sizeBytes();
        long greatest = rows.getLast().sizeBytes();
        Reading pio = reading(rows, Method.PIO, greatest);
        Reading sleeping = reading(rows, Method.DMA_INTERRUPTS, least);
        Reading polling = reading(rows, Method.DMA_POLLING, least);
        text.append('\n');
        line(
                "PIO keeps the CPU busy all the time, %s a byte: every word of 4 bytes is a load"
                        + " and a store of a register.",
                nanoseconds(pio.busyPs() / PS_PER_NS / greatest));
        line(
                "DMA with interrupts costs the CPU %s for %s: %s.",
                AccountText.duration(sleeping.busyPs()), Sizes.text(least), busyParts(sleeping));
        if (greatest > least) {
            slope(reading(rows, Method.DMA_INTERRUPTS, greatest), sleeping, greatest - least);
        }
        pieces(rows);
        line(
                "DMA with polling needs no wake-up of a task that sleeps: %s for %s, not %s. The"
                        + " CPU pays with the time it waits.",
                AccountText.duration(polling.elapsedPs()),
                Sizes.text(least),
                AccountText.duration(sleeping.elapsedPs()));
        if (polling.interrupts() > 0) {
            line(
                    "It takes interrupts all the same: as in Linux, the controller's driver"
                            + " completes a transfer in its handler, and who polls sees that.");
        }
    }

    private void pieces(List<PioRow> rows) {
        rows.stream()
                .filter(row -> row.pieces() > 1)
                .findFirst()
                .ifPresent(row ->
                        line(
                                "From %s on DMA goes in pieces, %d here: dma_max_mapping_size() is"
                                        + " what one bounce buffer holds.",
                                Sizes.text(row.sizeBytes()), row.pieces()));
    }

    private void slope(Reading large, Reading small, long bytes) {
        double perByte = (large.busyPs() - small.busyPs()) / PS_PER_NS / bytes;
        if (perByte < FLAT_NS) {
            line("It costs the CPU no more when more is sent.");
            return;
        }
        Part grown =
                large.parts().stream()
                        .filter(part -> !part.name().equals(Part.WAITING))
                        .max(Comparator.comparingLong(part -> part.ps() - small.ps(part.name())))
                        .orElseThrow();
        line("Each byte more costs it %s: %s.", nanoseconds(perByte), grown.name());
    }

    private static String nanoseconds(double ns) {
        return String.format(Locale.ROOT, "%.2f ns", ns);
    }

    private static String busyParts(Reading reading) {
        return reading.parts().stream()
                .filter(part -> !part.name().equals(Part.WAITING))
                .sorted(Comparator.comparingLong(Part::ps).reversed())
                .map(part -> part.name() + " " + AccountText.duration(part.ps()))
                .collect(Collectors.joining(", "));
    }

    private static Reading reading(List<PioRow> rows, Method method, long size) {
        return rows.stream()
                .filter(row -> row.method() == method && row.sizeBytes() == size)
                .map(PioRow::reading)
                .findFirst()
                .orElseThrow();
    }

    private void line(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
