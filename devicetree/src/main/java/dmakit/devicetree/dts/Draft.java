package dmakit.devicetree.dts;

import dmakit.devicetree.Origin;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/** The tree while it is being parsed: values hold references that are not resolved yet. */
final class Draft {

    private Draft() {}

    /** A piece of a property's value. */
    sealed interface Part permits Bytes, PhandleOf, PathOf {}

    /** Bytes as they are. */
    static final class Bytes implements Part {
        final byte[] bytes;

        Bytes(byte[] bytes) {
            this.bytes = bytes;
        }
    }

    /** A cell for the phandle of a node: {@code <&label>}. */
    record PhandleOf(String reference, Position position) implements Part {}

    /** A string for the path of a node: {@code &label} outside of cells. */
    record PathOf(String reference, Position position) implements Part {}

    static final class Property {
        final String name;
        List<Part> parts;
        Position position;
        boolean deleted;

        Property(String name, List<Part> parts, Position position) {
            this.name = name;
            this.parts = parts;
            this.position = position;
        }
    }

    /**
     * A node. Deleted nodes and properties stay, marked, so that what is written again later takes
     * its old place, as with dtc; phandles are numbered in that order.
     */
    static final class Node {
        final String name;
        final Position position;
        final @Nullable Node parent;
        final int depth;
        final SequencedSet<String> labels = new LinkedHashSet<>();
        final SequencedMap<String, Property> properties = new LinkedHashMap<>();
        final SequencedMap<String, Node> children = new LinkedHashMap<>();
        boolean deleted;
        boolean omitUnlessReferenced;
        boolean referenced;
        int phandle;

        Node(String name, @Nullable Node parent, Position position) {
            this.name = name;
            this.parent = parent;
            this.depth = parent == null ? 1 : parent.depth + 1;
            this.position = position;
        }

        String path() {
            if (parent == null) {
                return "/";
            }
            StringBuilder path = new StringBuilder();
            for (Node node = this; node.parent != null; node = node.parent) {
                path.insert(0, node.name).insert(0, '/');
            }
            return path.toString();
        }

        @Nullable Node liveChild(String childName) {
            Node child = children.get(childName);
            return child == null || child.deleted ? null : child;
        }

        @Nullable Property liveProperty(String propertyName) {
            Property property = properties.get(propertyName);
            return property == null || property.deleted ? null : property;
        }

        List<Node> liveChildren() {
            return children.values().stream().filter(child -> !child.deleted).toList();
        }

        List<Property> liveProperties() {
            return properties.values().stream().filter(property -> !property.deleted).toList();
        }

        Origin origin() {
            return position.origin();
        }
    }

    /** A list of parts that grows at its end. */
    static final class Value {
        final List<Part> parts = new ArrayList<>();

        void add(byte[] bytes) {
            parts.add(new Bytes(bytes));
        }
    }
}
