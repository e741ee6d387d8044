package dmakit.cli.plot;

import java.util.ArrayList;
import java.util.List;

/**
 * Bars made of parts, one panel above the other, each panel with its own scale.
 *
 * @param title over everything
 * @param caption under it, a line each
 * @param panels from the top down, at least one
 */
public record BarChart(String title, List<String> caption, List<Panel> panels) {
    private static final int WIDTH = 960;
    private static final int LEFT = 215;
    private static final int RIGHT = 225;
    private static final int TOP = 60;
    private static final int LINE_HEIGHT = 16;
    private static final int BAR_HEIGHT = 20;
    private static final int BAR_STEP = 28;
    private static final int PANEL_GAP = 56;
    private static final int LEGEND_COLUMNS = 5;
    private static final int LEGEND_STEP = 180;
    private static final int LEGEND_LEFT = 30;

    /**
     * A set of bars on one scale.
     *
     * @param title what they have in common
     * @param bars from the top down
     */
    public record Panel(String title, List<Bar> bars) {}

    /**
     * A bar.
     *
     * @param label before it
     * @param parts from left to right
     * @param note behind it
     */
    public record Bar(String label, List<Part> parts, String note) {
        double value() {
            return parts.stream().mapToDouble(Part::value).sum();
        }
    }

    /**
     * A part of a bar.
     *
     * @param name parts of one name have one colour
     * @param value not negative
     */
    public record Part(String name, double value) {}

    /** The picture. */
    public String svg() {
        List<String> names = names();
        int legendRows = (names.size() + LEGEND_COLUMNS - 1) / LEGEND_COLUMNS;
        int bars = panels.stream().mapToInt(panel -> panel.bars().size()).sum();
        int first = TOP + legendRows * LINE_HEIGHT;
        int below = first + panels.size() * PANEL_GAP + bars * BAR_STEP;
        int height = below + (caption.size() + 2) * LINE_HEIGHT;
        Svg svg = new Svg(WIDTH, height, title, String.join(" ", caption));
        svg.text(LEGEND_LEFT, 34, "start", "title", title);
        legend(svg, names);
        int top = first;
        for (Panel panel : panels) {
            top = draw(svg, panel, names, top + PANEL_GAP);
        }
        for (int i = 0; i < caption.size(); i++) {
            svg.text(
                    LEGEND_LEFT,
                    below + (i + 2) * LINE_HEIGHT - 6,
                    "start",
                    "small",
                    caption.get(i));
        }
        return svg.end();
    }

    /** Every part's name, in the order of first mention. */
    private List<String> names() {
        List<String> names = new ArrayList<>();
        for (Panel panel : panels) {
            for (Bar bar : panel.bars()) {
                for (Part part : bar.parts()) {
                    if (!names.contains(part.name())) {
                        names.add(part.name());
                    }
                }
            }
        }
        return names;
    }

    private static void legend(Svg svg, List<String> names) {
        for (int i = 0; i < names.size(); i++) {
            int x = LEGEND_LEFT + i % LEGEND_COLUMNS * LEGEND_STEP;
            int y = TOP + i / LEGEND_COLUMNS * LINE_HEIGHT;
            svg.rectangle(x, y - 10, 12, 12, Palette.colour(i));
            svg.text(x + 18, y, "start", "", names.get(i));
        }
    }

    private int draw(Svg svg, Panel panel, List<String> names, int top) {
        svg.text(LEGEND_LEFT, top - 14, "start", "panel", panel.title());
        double greatest = panel.bars().stream().mapToDouble(Bar::value).max().orElse(0);
        double scale = greatest > 0 ? (WIDTH - LEFT - RIGHT) / greatest : 0;
        int y = top;
        for (Bar bar : panel.bars()) {
            svg.text(LEFT - 10, y + 14, "end", "", bar.label());
            double x = LEFT;
            for (Part part : bar.parts()) {
                double width = part.value() * scale;
                svg.rectangle(x, y, width, BAR_HEIGHT, Palette.colour(names.indexOf(part.name())));
                x += width;
            }
            svg.text(x + 8, y + 14, "start", "", bar.note());
            y += BAR_STEP;
        }
        svg.line(LEFT, top - 4, LEFT, y - 4, "axis");
        return y;
    }
}
