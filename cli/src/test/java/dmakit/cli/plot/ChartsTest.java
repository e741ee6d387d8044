package dmakit.cli.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.cli.plot.LineChart.Curve;
import dmakit.cli.plot.LineChart.Mark;
import dmakit.cli.plot.LineChart.Panel;
import dmakit.cli.plot.LineChart.Point;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class ChartsTest {

    private static LineChart lines(Curve... curves) {
        return new LineChart(
                "title",
                List.of("caption"),
                size -> (long) size + " B",
                value -> value + " us",
                List.of(new Panel("panel", List.of(curves), List.of(new Mark(20, "here")))));
    }

    private static Document parsed(String svg) throws Exception {
        return DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aDecadeIsAsHighAsAnotherAndASizeAsWideAsItsLogarithm() throws Exception {
        String svg =
                lines(
                                new Curve(
                                        "way",
                                        List.of(
                                                new Point(10, 1),
                                                new Point(100, 10),
                                                new Point(1000, 100))))
                        .svg();
        NodeList curves = parsed(svg).getElementsByTagName("polyline");
        // The first is the legend's sample.
        String points = ((Element) curves.item(1)).getAttribute("points");
        assertThat(points).isEqualTo("90.0,400.0 505.0,250.0 920.0,100.0");
    }

    @Test
    void oneSizeAndOneValueAreAPointInTheMiddle() throws Exception {
        String svg = lines(new Curve("way", List.of(new Point(16, 10)))).svg();
        NodeList curves = parsed(svg).getElementsByTagName("polyline");
        assertThat(((Element) curves.item(1)).getAttribute("points")).isEqualTo("505.0,400.0");
    }

    @Test
    void whatHasNoLogarithmIsRefused() {
        assertThatThrownBy(() -> new Point(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Point(1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a point at 1.0, 0.0");
        assertThatThrownBy(() -> new Mark(-1, "")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void textsAreTextWhateverTheyHold() throws Exception {
        String name = "a < b & \"c\" > 'd'";
        String svg = lines(new Curve(name, List.of(new Point(1, 1)))).svg();
        assertThat(parsed(svg).getDocumentElement().getTextContent()).contains(name);
    }

    @Test
    void partsOfABarLieSideBySideOnTheScaleOfTheirPanel() throws Exception {
        BarChart chart =
                new BarChart(
                        "title",
                        List.of("caption"),
                        List.of(
                                new BarChart.Panel(
                                        "64 B",
                                        List.of(
                                                bar("short", 1, 1),
                                                bar("long", 1, 3),
                                                bar("none", 0, 0)))));
        Document svg = parsed(chart.svg());
        NodeList boxes = svg.getElementsByTagName("rect");
        // The ground and two samples of the legend come first.
        double unit = width(boxes, 3);
        assertThat(width(boxes, 4)).isEqualTo(unit);
        assertThat(x(boxes, 4)).isEqualTo(x(boxes, 3) + unit);
        assertThat(width(boxes, 6)).isEqualTo(3 * unit);
        assertThat(width(boxes, 7)).isZero();
        assertThat(fill(boxes, 3)).isEqualTo(fill(boxes, 1)).isEqualTo(fill(boxes, 5));
        assertThat(fill(boxes, 4)).isEqualTo(fill(boxes, 2)).isNotEqualTo(fill(boxes, 3));
    }

    private static BarChart.Bar bar(String label, double first, double second) {
        return new BarChart.Bar(
                label,
                List.of(new BarChart.Part("copies", first), new BarChart.Part("waits", second)),
                "note");
    }

    private static double width(NodeList boxes, int index) {
        return Double.parseDouble(((Element) boxes.item(index)).getAttribute("width"));
    }

    private static double x(NodeList boxes, int index) {
        return Double.parseDouble(((Element) boxes.item(index)).getAttribute("x"));
    }

    private static String fill(NodeList boxes, int index) {
        return ((Element) boxes.item(index)).getAttribute("fill");
    }
}
