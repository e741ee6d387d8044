package dmakit.labs.burst;

import dmakit.labs.measure.Sizes;
import dmakit.labs.measure.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A {@link BurstOutcome} for a reader at a terminal. */
public final class BurstText {
    private static final double PS_PER_US = 1e6;

    private static final String SHAPES =
            """

            width: bytes of a beat; burst: beats of the longest burst; bus: part of the time in which it carried data.
            A burst takes a cycle beside its beats, so short ones leave the bus idle; below four beats, the engine is
            still busy with the addresses of the next one.
            """;

    private static final String TURNS =
            """

            The short copy is issued last, on the channel of the highest number and, with "priority", of the highest
            priority. It waits for whoever goes first, and then at least for the burst that is on its way: long bursts
            serve the bus, and short ones those who wait.
            """;

    private BurstText() {}

    /**
     * Both tables, and what they show.
     *
     * @param seed of the run
     */
    public static String of(BurstOutcome outcome, long seed) {
        StringBuilder text = new StringBuilder();
        text.append("Copies of ")
                .append(Sizes.text(outcome.copyBytes()))
                .append(" by an AXI copy engine at 200 MHz; seed ")
                .append(Long.toUnsignedString(seed))
                .append(".\n")
                .append(outcome.message())
                .append('\n');
        if (outcome.success()) {
            text.append('\n').append(shapes(outcome.shapes())).append(SHAPES);
            text.append('\n').append(turns(outcome)).append(TURNS);
        }
        return text.toString();
    }

    private static TextTable shapes(List<ShapeRow> rows) {
        TextTable table = new TextTable("width", "burst", "us", "bandwidth", "bus");
        int width = rows.getFirst().beatBytes();
        for (ShapeRow row : rows) {
            if (row.beatBytes() != width) {
                width = row.beatBytes();
                table.gap();
            }
            table.row(
                    Integer.toString(row.beatBytes()),
                    Integer.toString(row.burstBeats()),
                    us(row.ps()),
                    Sizes.rate(row.bytesPerSecond()),
                    percent(row.busPercent()));
        }
        return table;
    }

    private static TextTable turns(BurstOutcome outcome) {
        List<String> headings = new ArrayList<>(List.of("arbiter ", "burst"));
        for (int i = 0; i < BurstLab.LONG_CHANNELS; i++) {
            headings.add("channel " + i + " done, us");
        }
        headings.add(Sizes.text(outcome.shortBytes()) + " wait, us");
        headings.add("bus");
        TextTable table = new TextTable(headings.toArray(String[]::new));
        String arbiter = outcome.turns().getFirst().arbiter();
        for (TurnRow row : outcome.turns()) {
            if (!row.arbiter().equals(arbiter)) {
                arbiter = row.arbiter();
                table.gap();
            }
            List<String> cells = new ArrayList<>();
            cells.add(row.arbiter());
            cells.add(Integer.toString(row.burstBeats()));
            row.longPs().forEach(ps -> cells.add(us(ps)));
            cells.add(us(row.shortPs()));
            cells.add(percent(row.busPercent()));
            table.row(cells.toArray(String[]::new));
        }
        return table;
    }

    private static String us(long ps) {
        return String.format(Locale.ROOT, "%.3f", ps / PS_PER_US);
    }

    private static String percent(double value) {
        return String.format(Locale.ROOT, "%.1f %%", value);
    }
}
