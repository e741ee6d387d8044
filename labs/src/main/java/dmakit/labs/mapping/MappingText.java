package dmakit.labs.mapping;

import dmakit.labs.AccountText;
import dmakit.labs.measure.Costs;
import dmakit.labs.measure.Part;
import dmakit.labs.measure.Reading;
import dmakit.labs.measure.Sizes;
import dmakit.labs.measure.TextTable;
import dmakit.machine.cpu.Purpose;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** A {@link MappingOutcome} for a reader at a terminal. */
public final class MappingText {
    private static final double PS_PER_US = 1e6;
    private static final double PS_PER_NS = 1e3;

    /** What is less shows as 0, in nanoseconds a byte. */
    private static final double SHOWN_NS = 0.0005;

    /** Times below have three decimals, those above one. */
    private static final double SHORT_US = 100;

    private static final String LEGEND =
            """

            Microseconds of the CPU for: the driver's and the kernel's code; cache maintenance; bounce copies;
            an IOMMU's map, unmap and invalidate; interrupts; task switches. Waiting, it was free for others.
            copied: by the CPU; cleaned, dropped: cache lines that maintenance wrote back, and dropped.
            """;

    private static final String PIECES =
            "pieces: dma_max_mapping_size() is what a bounce buffer holds, where one may be"
                    + " needed.\n";

    private MappingText() {}

    /**
     * The table, and what each back end costs at the start and per byte.
     *
     * @param seed of the run
     */
    public static String of(MappingOutcome outcome, long seed) {
        StringBuilder text = new StringBuilder();
        text.append("Memory copied by DMA: mapped, transferred, unmapped; seed ")
                .append(Long.toUnsignedString(seed))
                .append(".\n")
                .append(outcome.message())
                .append('\n');
        if (outcome.success()) {
            text.append('\n').append(table(outcome.rows()));
            text.append(LEGEND);
            pieces(outcome.rows(), text);
            text.append('\n').append(slopes(outcome.rows()));
            text.append('\n').append(Costs.text(outcome.costs()));
        }
        return text.toString();
    }

    /** The parts that at least one row has, in their order. */
    public static List<String> parts(List<MappingRow> rows) {
        List<String> names = new ArrayList<>();
        for (Purpose purpose : Purpose.values()) {
            names.add(Part.nameOf(purpose));
        }
        names.add(Part.WAITING);
        names.removeIf(name -> rows.stream().allMatch(row -> row.reading().ps(name) == 0));
        return names;
    }

    /** The sizes of the rows, each once. */
    public static long[] sizes(List<MappingRow> rows) {
        return rows.stream().mapToLong(MappingRow::sizeBytes).distinct().toArray();
    }

    private static TextTable table(List<MappingRow> rows) {
        List<String> parts = parts(rows);
        List<String> headings =
                new ArrayList<>(List.of("size", "back end ", "pieces", "us in all", "CPU busy"));
        parts.forEach(part -> headings.add(heading(part)));
        headings.addAll(List.of("copied", "cleaned", "dropped", "most of the CPU's time "));
        TextTable table = new TextTable(headings.toArray(String[]::new));
        long size = rows.getFirst().sizeBytes();
        for (MappingRow row : rows) {
            if (row.sizeBytes() != size) {
                size = row.sizeBytes();
                table.gap();
            }
            Reading reading = row.reading();
            List<String> cells = new ArrayList<>();
            cells.add(Sizes.text(size));
            cells.add(row.backEnd().label());
            cells.add(Long.toString(row.pieces()));
            cells.add(us(reading.elapsedPs()));
            cells.add(reading.busyPercent() + " %");
            parts.forEach(part -> cells.add(us(reading.ps(part))));
            cells.add(reading.copiedBytes() == 0 ? "-" : Sizes.text(reading.copiedBytes()));
            cells.add(Long.toString(reading.cleanedLines()));
            cells.add(Long.toString(reading.invalidatedLines()));
            Part largest = reading.largestOfBusy();
            cells.add(largest.name() + " " + 100 * largest.ps() / reading.busyPs() + " %");
            table.row(cells.toArray(String[]::new));
        }
        return table;
    }

    private static void pieces(List<MappingRow> rows, StringBuilder text) {
        if (rows.stream().anyMatch(row -> row.pieces() > 1)) {
            text.append(PIECES);
        }
    }

    /** A part's name as the head of a column of small numbers. */
    private static String heading(String part) {
        for (Purpose purpose : Purpose.values()) {
            if (part.equals(Part.nameOf(purpose))) {
                return switch (purpose) {
                    case CODE -> "code";
                    case WORDS -> "words";
                    case CACHE -> "cache";
                    case BOUNCE -> "bounce";
                    case IOMMU_MAP -> "map";
                    case IOMMU_UNMAP -> "unmap";
                    case IOMMU_INVALIDATE -> "invalidate";
                    case INTERRUPT -> "interrupt";
                    case SWITCH -> "switch";
                    case POLL -> "poll";
                };
            }
        }
        return part;
    }

    private static String us(long ps) {
        double us = ps / PS_PER_US;
        return ps == 0 ? "-" : String.format(Locale.ROOT, us < SHORT_US ? "%.3f" : "%.1f", us);
    }

    private static String slopes(List<MappingRow> rows) {
        long least = rows.getFirst().sizeBytes();
        long greatest = rows.getLast().sizeBytes();
        if (least == greatest) {
            return "";
        }
        TextTable table =
                new TextTable(
                        "CPU busy time ", "for " + Sizes.text(least), "each byte more", "for ");
        for (BackEnd backEnd : BackEnd.values()) {
            Reading small = reading(rows, backEnd, least);
            Reading large = reading(rows, backEnd, greatest);
            double perByte = (large.busyPs() - small.busyPs()) / PS_PER_NS / (greatest - least);
            Part most =
                    large.parts().stream()
                            .filter(part -> !part.name().equals(Part.WAITING))
                            .max(
                                    Comparator.comparingLong(
                                            part -> part.ps() - small.ps(part.name())))
                            .orElseThrow();
            table.row(
                    backEnd.label(),
                    AccountText.duration(small.busyPs()),
                    String.format(Locale.ROOT, "%.3f ns", perByte),
                    perByte >= SHOWN_NS ? most.name() : "");
        }
        return table.toString();
    }

    private static Reading reading(List<MappingRow> rows, BackEnd backEnd, long size) {
        return rows.stream()
                .filter(row -> row.backEnd() == backEnd && row.sizeBytes() == size)
                .map(MappingRow::reading)
                .findFirst()
                .orElseThrow();
    }
}
