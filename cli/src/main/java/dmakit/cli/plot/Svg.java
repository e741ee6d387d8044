package dmakit.cli.plot;

import java.io.StringWriter;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** Writes one picture, shape after shape. Lengths are pixels, from the upper left corner. */
final class Svg {
    private static final String STYLE =
            """

            text { font-family: Helvetica, Arial, sans-serif; font-size: 12px; fill: #222222; }
            .title { font-size: 18px; font-weight: bold; }
            .panel { font-size: 14px; font-weight: bold; }
            .small { font-size: 11px; fill: #555555; }
            .note { font-size: 11px; stroke: #ffffff; stroke-width: 4px; paint-order: stroke; }
            .axis { stroke: #222222; stroke-width: 1; fill: none; }
            .grid { stroke: #dddddd; stroke-width: 1; }
            .mark { stroke: #555555; stroke-width: 1; stroke-dasharray: 2 3; }
            """;

    private final StringWriter text = new StringWriter();
    private final XMLStreamWriter xml;

    /**
     * Starts a picture on white ground.
     *
     * @param title what it shows, for those who see it and for those who hear it
     * @param description the same in a sentence, for the latter
     */
    Svg(int width, int height, String title, String description) {
        try {
            // The JDK's own, whatever else is on the module path.
            xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            xml.writeStartDocument("UTF-8", "1.0");
            newLine();
            xml.writeStartElement("svg");
            attributes("xmlns", "http://www.w3.org/2000/svg", "role", "img");
            attributes("width", Integer.toString(width), "height", Integer.toString(height));
            attributes("viewBox", "0 0 " + width + " " + height);
            newLine();
            leaf("title", title);
            leaf("desc", description);
            leaf("style", STYLE);
        } catch (XMLStreamException e) {
            throw notXml(e);
        }
        rectangle(0, 0, width, height, "#ffffff");
    }

    void rectangle(double x, double y, double width, double height, String fill) {
        empty(
                "rect",
                "x",
                at(x),
                "y",
                at(y),
                "width",
                at(width),
                "height",
                at(height),
                "fill",
                fill);
    }

    void line(double x1, double y1, double x2, double y2, String style) {
        empty("line", "class", style, "x1", at(x1), "y1", at(y1), "x2", at(x2), "y2", at(y2));
    }

    /** A line through points, {@code "x,y x,y"}; see {@link #point}. */
    void curve(String points, String colour, String dashes) {
        empty(
                "polyline",
                "fill",
                "none",
                "stroke",
                colour,
                "stroke-width",
                "2",
                "stroke-dasharray",
                dashes,
                "points",
                points);
    }

    void dot(double x, double y, String fill) {
        empty("circle", "cx", at(x), "cy", at(y), "r", "3", "fill", fill);
    }

    /**
     * A text on one line.
     *
     * @param anchor which end of it is at x: {@code start}, {@code middle} or {@code end}
     * @param style a class of the style sheet, or empty
     */
    void text(double x, double y, String anchor, String style, String content) {
        try {
            xml.writeStartElement("text");
            attributes("x", at(x), "y", at(y), "text-anchor", anchor);
            if (!style.isEmpty()) {
                attributes("class", style);
            }
            xml.writeCharacters(content);
            xml.writeEndElement();
            newLine();
        } catch (XMLStreamException e) {
            throw notXml(e);
        }
    }

    /** A point of a curve. */
    static String point(double x, double y) {
        return at(x) + "," + at(y);
    }

    /** Ends the picture, and answers all of it. */
    String end() {
        try {
            xml.writeEndElement();
            newLine();
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw notXml(e);
        }
        return text.toString();
    }

    private void leaf(String name, String content) throws XMLStreamException {
        xml.writeStartElement(name);
        xml.writeCharacters(content);
        xml.writeEndElement();
        newLine();
    }

    private void empty(String name, String... attributes) {
        try {
            xml.writeEmptyElement(name);
            attributes(attributes);
            newLine();
        } catch (XMLStreamException e) {
            throw notXml(e);
        }
    }

    private void attributes(String... namesAndValues) throws XMLStreamException {
        for (int i = 0; i < namesAndValues.length; i += 2) {
            xml.writeAttribute(namesAndValues[i], namesAndValues[i + 1]);
        }
    }

    private void newLine() throws XMLStreamException {
        xml.writeCharacters("\n");
    }

    private static String at(double pixels) {
        return String.format(Locale.ROOT, "%.1f", pixels);
    }

    private static IllegalStateException notXml(XMLStreamException e) {
        return new IllegalStateException("a picture that is no XML", e);
    }
}
