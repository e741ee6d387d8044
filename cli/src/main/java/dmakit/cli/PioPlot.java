package dmakit.cli;

import dmakit.cli.plot.LineChart;
import dmakit.cli.plot.LineChart.Curve;
import dmakit.cli.plot.LineChart.Mark;
import dmakit.cli.plot.LineChart.Panel;
import dmakit.cli.plot.LineChart.Point;
import dmakit.labs.measure.Crossover;
import dmakit.labs.measure.Reading;
import dmakit.labs.measure.Sizes;
import dmakit.labs.pio.Method;
import dmakit.labs.pio.PioLab;
import dmakit.labs.pio.PioOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/** What {@code lab pio-vs-dma} found, as a picture. */
final class PioPlot {
    private static final double PS_PER_US = 1e6;
    private static final double NS_PER_US = 1e3;
    private static final double US_PER_MS = 1e3;
    private static final double US_PER_S = 1e6;

    private PioPlot() {}

    static String svg(PioOutcome outcome, String board, long seed) {
        return new LineChart(
                        "PIO and DMA on " + board,
                        List.of(
                                "A FIFO sends back what it is sent, %s each way. Seed %s."
                                        .formatted(
                                                Sizes.rate(outcome.lineBytesPerSecond()),
                                                Long.toUnsignedString(seed)),
                                "Simulated: what CPU code costs is a table of a Cortex-A53's size,"
                                        + " not a measurement."),
                        size -> Sizes.text((long) size),
                        PioPlot::time,
                        List.of(
                                panel(outcome, PioLab.BUSY, Reading::busyPs),
                                panel(outcome, PioLab.TIME, Reading::elapsedPs)))
                .svg();
    }

    private static Panel panel(PioOutcome outcome, String of, ToLongFunction<Reading> quantity) {
        List<Curve> curves = new ArrayList<>();
        for (Method method : Method.values()) {
            curves.add(
                    new Curve(
                            method.label(),
                            outcome.rows().stream()
                                    .filter(row -> row.method() == method)
                                    .map(row ->
                                            new Point(
                                                    row.sizeBytes(),
                                                    quantity.applyAsLong(row.reading())
                                                            / PS_PER_US))
                                    .toList()));
        }
        List<Mark> marks =
                outcome.crossovers().stream()
                        .filter(crossover -> crossover.of().equals(of))
                        .filter(crossover -> crossover.place() == Crossover.Place.BETWEEN)
                        .map(crossover ->
                                new Mark(
                                        crossover.fromBytes(),
                                        "%s below %s from %s"
                                                .formatted(
                                                        crossover.less(),
                                                        crossover.more(),
                                                        Sizes.text(crossover.fromBytes()))))
                        .toList();
        return new Panel(
                of.substring(0, 1).toUpperCase(Locale.ROOT) + of.substring(1), curves, marks);
    }

    private static String time(double us) {
        if (us >= US_PER_S) {
            return String.format(Locale.ROOT, "%.0f s", us / US_PER_S);
        }
        if (us >= US_PER_MS) {
            return String.format(Locale.ROOT, "%.0f ms", us / US_PER_MS);
        }
        return us >= 1
                ? String.format(Locale.ROOT, "%.0f us", us)
                : String.format(Locale.ROOT, "%.0f ns", us * NS_PER_US);
    }
}
