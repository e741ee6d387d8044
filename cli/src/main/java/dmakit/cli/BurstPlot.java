package dmakit.cli;

import dmakit.cli.plot.LineChart;
import dmakit.cli.plot.LineChart.Curve;
import dmakit.cli.plot.LineChart.Panel;
import dmakit.cli.plot.LineChart.Point;
import dmakit.labs.burst.BurstOutcome;
import dmakit.labs.burst.ShapeRow;
import dmakit.labs.measure.Sizes;
import java.util.List;
import java.util.Locale;

/** What {@code lab burst} found of one channel, as a picture. */
final class BurstPlot {
    private static final double PS_PER_US = 1e6;

    private BurstPlot() {}

    static String svg(BurstOutcome outcome, long seed) {
        List<Curve> curves =
                outcome.shapes().stream()
                        .map(ShapeRow::beatBytes)
                        .distinct()
                        .map(width -> curve(outcome, width))
                        .toList();
        return new LineChart(
                        "The time of a copy by the length of its bursts",
                        List.of(
                                "%s copied by an AXI copy engine at 200 MHz. Seed %s."
                                        .formatted(
                                                Sizes.text(outcome.copyBytes()),
                                                Long.toUnsignedString(seed))),
                        beats -> String.format(Locale.ROOT, "%.0f beats", beats),
                        us -> String.format(Locale.ROOT, "%.0f us", us),
                        List.of(new Panel("Time", curves, List.of())))
                .svg();
    }

    private static Curve curve(BurstOutcome outcome, int width) {
        return new Curve(
                "beats of " + Sizes.text(width),
                outcome.shapes().stream()
                        .filter(row -> row.beatBytes() == width)
                        .map(row -> new Point(row.burstBeats(), row.ps() / PS_PER_US))
                        .toList());
    }
}
