package dmakit.cli;

import dmakit.cli.plot.BarChart;
import dmakit.cli.plot.BarChart.Bar;
import dmakit.cli.plot.BarChart.Panel;
import dmakit.labs.AccountText;
import dmakit.labs.mapping.MappingOutcome;
import dmakit.labs.mapping.MappingRow;
import dmakit.labs.mapping.MappingText;
import dmakit.labs.measure.Part;
import dmakit.labs.measure.Reading;
import dmakit.labs.measure.Sizes;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code lab mapping} found, as a picture: the CPU's part, which is where back ends differ.
 */
final class MappingPlot {
    private MappingPlot() {}

    static String svg(MappingOutcome outcome, long seed) {
        List<String> parts = new ArrayList<>(MappingText.parts(outcome.rows()));
        parts.remove(Part.WAITING);
        List<Panel> panels = new ArrayList<>();
        for (long size : MappingText.sizes(outcome.rows())) {
            panels.add(
                    new Panel(
                            Sizes.text(size),
                            outcome.rows().stream()
                                    .filter(row -> row.sizeBytes() == size)
                                    .map(row -> bar(row, parts))
                                    .toList()));
        }
        return new BarChart(
                        "What a DMA transfer costs the CPU",
                        List.of(
                                "Memory copied by DMA: mapped, transferred, unmapped. Seed %s."
                                        .formatted(Long.toUnsignedString(seed)),
                                "Simulated: what CPU code costs is a table of a Cortex-A53's size,"
                                        + " not a measurement."),
                        panels)
                .svg();
    }

    private static Bar bar(MappingRow row, List<String> parts) {
        Reading reading = row.reading();
        return new Bar(
                row.backEnd().label(),
                parts.stream().map(part -> new BarChart.Part(part, reading.ps(part))).toList(),
                "%s of %s"
                        .formatted(
                                AccountText.duration(reading.busyPs()),
                                AccountText.duration(reading.elapsedPs())));
    }
}
