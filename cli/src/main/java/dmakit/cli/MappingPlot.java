package dmakit.cli;

import dmakit.cli.plot.BarChart;
import dmakit.cli.plot.BarChart.Bar;
import dmakit.cli.plot.BarChart.Panel;
import dmakit.cli.plot.BarChart.Part;
import dmakit.labs.mapping.MappingOutcome;
import dmakit.labs.mapping.MappingRow;
import dmakit.labs.mapping.MappingText;
import dmakit.labs.measure.Sizes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What {@code lab mapping} found, as a picture. */
final class MappingPlot {
    private static final double PS_PER_US = 1e6;

    private MappingPlot() {}

    static String svg(MappingOutcome outcome, long seed) {
        List<String> parts = MappingText.parts(outcome.rows());
        List<Panel> panels = new ArrayList<>();
        for (long size : outcome.rows().stream().mapToLong(MappingRow::sizeBytes).distinct().toArray()) {
            panels.add(
                    new Panel(
                            Sizes.text(size),
                            outcome.rows().stream()
                                    .filter(row -> row.sizeBytes() == size)
                                    .map(row -> bar(row, parts))
                                    .toList()));
        }
        return new BarChart(
                        "Where the time of a DMA transfer goes",
                        List.of(
                                "Memory copied by DMA: mapped, transferred, unmapped. Seed %s."
                                        .formatted(Long.toUnsignedString(seed)),
                                "Simulated: what CPU code costs is a table of a Cortex-A53's size,"
                                        + " not a measurement."),
                        us -> String.format(Locale.ROOT, "%.1f us", us),
                        panels)
                .svg();
    }

    private static Bar bar(MappingRow row, List<String> parts) {
        return new Bar(
                row.backEnd().label(),
                parts.stream()
                        .map(part -> new Part(part, row.reading().ps(part) / PS_PER_US))
                        .toList());
    }
}
