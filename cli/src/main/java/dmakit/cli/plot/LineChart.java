package dmakit.cli.plot;

import java.util.List;
import java.util.function.DoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * Curves over sizes, both axes logarithmic; one panel above the other with the same sizes.
 *
 * @param title over everything
 * @param caption under it, a line each
 * @param sizeLabel how a size is written
 * @param valueLabel how a value is written
 * @param panels from the top down, at least one
 */
public record LineChart(
        String title,
        List<String> caption,
        DoubleFunction<String> sizeLabel,
        DoubleFunction<String> valueLabel,
        List<Panel> panels) {
    private static final int WIDTH = 960;
    private static final int LEFT = 90;
    private static final int RIGHT = 40;
    private static final int TOP = 100;
    private static final int PANEL_HEIGHT = 300;
    private static final int PANEL_GAP = 80;
    private static final int LINE_HEIGHT = 16;
    private static final int LEGEND_STEP = 190;
    private static final int SAMPLE_WIDTH = 34;

    /** Ticks a size axis has room for. */
    private static final int TICKS_MAX = 12;

    /**
     * A set of axes.
     *
     * @param title what the values are
     * @param curves each with at least one point; the same names in every panel
     * @param marks sizes at which something happens
     */
    public record Panel(String title, List<Curve> curves, List<Mark> marks) {}

    /**
     * A curve.
     *
     * @param name of what it shows
     * @param points with ascending sizes
     */
    public record Curve(String name, List<Point> points) {}

    /**
     * A point of a curve.
     *
     * @param size more than 0
     * @param value more than 0
     */
    public record Point(double size, double value) {
        /**
         * Checks both.
         *
         * @throws IllegalArgumentException when one has no logarithm
         */
        public Point {
            if (!(size > 0 && value > 0)) {
                throw new IllegalArgumentException("a point at " + size + ", " + value);
            }
        }
    }

    /**
     * A size at which something happens.
     *
     * @param size more than 0
     * @param label what
     */
    public record Mark(double size, String label) {
        /**
         * Checks the size.
         *
         * @throws IllegalArgumentException when it has no logarithm
         */
        public Mark {
            if (!(size > 0)) {
                throw new IllegalArgumentException("a mark at " + size);
            }
        }
    }

    /** The picture. */
    public String svg() {
        int below = TOP + panels.size() * (PANEL_HEIGHT + PANEL_GAP);
        int height = below + caption.size() * LINE_HEIGHT;
        Svg svg = new Svg(WIDTH, height, title, String.join(" ", caption));
        svg.text(LEFT, 34, "start", "title", title);
        legend(svg);
        int top = TOP;
        for (Panel panel : panels) {
            new Axes(svg, panel, top).draw();
            top += PANEL_HEIGHT + PANEL_GAP;
        }
        for (int i = 0; i < caption.size(); i++) {
            svg.text(LEFT, below + i * LINE_HEIGHT - 14, "start", "small", caption.get(i));
        }
        return svg.end();
    }

    private void legend(Svg svg) {
        List<Curve> curves = panels.getFirst().curves();
        for (int i = 0; i < curves.size(); i++) {
            double x = LEFT + i * LEGEND_STEP;
            double y = 60;
            svg.curve(
                    Svg.point(x, y) + " " + Svg.point(x + SAMPLE_WIDTH, y),
                    Palette.colour(i),
                    Palette.dashes(i));
            svg.dot(x + SAMPLE_WIDTH / 2.0, y, Palette.colour(i));
            svg.text(x + SAMPLE_WIDTH + 8, y + 4, "start", "", curves.get(i).name());
        }
    }

    /** One panel, and where its numbers lie. */
    private final class Axes {
        private final Svg svg;
        private final Panel panel;
        private final double top;
        private final double bottom;
        private final double sizeMin;
        private final double sizeMax;
        private final int decadeMin;
        private final int decadeMax;

        Axes(Svg svg, Panel panel, double top) {
            this.svg = svg;
            this.panel = panel;
            this.top = top;
            bottom = top + PANEL_HEIGHT;
            sizeMin = sizes().min().orElseThrow();
            sizeMax = sizes().max().orElseThrow();
            double least = values().min().orElseThrow();
            double greatest = values().max().orElseThrow();
            decadeMin = (int) Math.floor(StrictMath.log10(least));
            decadeMax = Math.max(decadeMin + 1, (int) Math.ceil(StrictMath.log10(greatest)));
        }

        private DoubleStream sizes() {
            return panel.curves().stream()
                    .flatMap(curve -> curve.points().stream())
                    .mapToDouble(Point::size);
        }

        private DoubleStream values() {
            return panel.curves().stream()
                    .flatMap(curve -> curve.points().stream())
                    .mapToDouble(Point::value);
        }

        private double x(double size) {
            double width = WIDTH - LEFT - RIGHT;
            if (sizeMax == sizeMin) {
                return LEFT + width / 2;
            }
            return LEFT
                    + width
                            * (StrictMath.log10(size) - StrictMath.log10(sizeMin))
                            / (StrictMath.log10(sizeMax) - StrictMath.log10(sizeMin));
        }

        private double y(double value) {
            return bottom
                    - PANEL_HEIGHT
                            * (StrictMath.log10(value) - decadeMin)
                            / (decadeMax - decadeMin);
        }

        void draw() {
            svg.text(LEFT, top - 10, "start", "panel", panel.title());
            for (int decade = decadeMin; decade <= decadeMax; decade++) {
                double value = StrictMath.pow(10, decade);
                svg.line(LEFT, y(value), WIDTH - RIGHT, y(value), "grid");
                svg.text(LEFT - 8, y(value) + 4, "end", "", valueLabel.apply(value));
            }
            double[] ticks = sizes().distinct().sorted().toArray();
            int step = (ticks.length + TICKS_MAX - 1) / TICKS_MAX;
            for (int i = 0; i < ticks.length; i += step) {
                svg.line(x(ticks[i]), top, x(ticks[i]), bottom, "grid");
                svg.text(x(ticks[i]), bottom + 18, "middle", "", sizeLabel.apply(ticks[i]));
            }
            marks();
            for (int i = 0; i < panel.curves().size(); i++) {
                curve(panel.curves().get(i), i);
            }
            svg.line(LEFT, top, LEFT, bottom, "axis");
            svg.line(LEFT, bottom, WIDTH - RIGHT, bottom, "axis");
        }

        private void marks() {
            for (Mark mark : panel.marks()) {
                svg.line(x(mark.size()), top, x(mark.size()), bottom, "mark");
            }
            for (int i = 0; i < panel.marks().size(); i++) {
                Mark mark = panel.marks().get(i);
                double y = top + (i + 1) * LINE_HEIGHT;
                svg.text(x(mark.size()) + 6, y, "start", "note", mark.label());
            }
        }

        private void curve(Curve curve, int index) {
            String points =
                    curve.points().stream()
                            .map(point -> Svg.point(x(point.size()), y(point.value())))
                            .collect(Collectors.joining(" "));
            svg.curve(points, Palette.colour(index), Palette.dashes(index));
            for (Point point : curve.points()) {
                svg.dot(x(point.size()), y(point.value()), Palette.colour(index));
            }
        }
    }
}
