package dmakit.devicetree.dts;

import dmakit.devicetree.DeviceTreeException;
import dmakit.devicetree.Limits;
import dmakit.devicetree.MemReserve;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** The draft's root, its labels, and the edits that source can make. */
final class DraftTree {

    final Draft.Node root;
    final List<Reserve> memReserves = new ArrayList<>();
    boolean plugin;
    boolean rootSeen;
    private final Map<String, SequencedMap<Draft.Node, Position>> labels = new LinkedHashMap<>();
    private int nodeCount = 1;
    private int propertyCount;
    private int valueBytes;
    private int nextFragment;

    record Reserve(MemReserve reserve, Position position) {}

    /**
     * An empty one.
     *
     * @param file that it is read from
     */
    DraftTree(String file) {
        root = new Draft.Node("", null, new Position(file, 1, 1));
    }

    /** The child of that name, made or brought back when it is not there. */
    Draft.Node child(Draft.Node parent, String name, Position position) {
        Draft.Node known = parent.children.get(name);
        if (known != null) {
            known.deleted = false;
            return known;
        }
        requireName(name, position);
        if (parent.depth >= Limits.DEPTH_MAX) {
            throw position.malformed(
                    "nodes nest deeper than %d levels".formatted(Limits.DEPTH_MAX));
        }
        if (++nodeCount > Limits.NODE_COUNT_MAX) {
            throw position.malformed("more than %d nodes".formatted(Limits.NODE_COUNT_MAX));
        }
        Draft.Node child = new Draft.Node(name, parent, position);
        parent.children.put(name, child);
        return child;
    }

    /** Gives a property its value, in its old place when it had one. */
    void set(Draft.Node node, String name, List<Draft.Part> parts, Position position) {
        Draft.Property known = node.properties.get(name);
        if (known != null) {
            known.parts = parts;
            known.position = position;
            known.deleted = false;
            return;
        }
        requireName(name, position);
        if (++propertyCount > Limits.PROPERTY_COUNT_MAX) {
            throw position.malformed(
                    "more than %d properties".formatted(Limits.PROPERTY_COUNT_MAX));
        }
        node.properties.put(name, new Draft.Property(name, parts, position));
    }

    private static void requireName(String name, Position position) {
        if (name.length() > Limits.NAME_CHARS_MAX) {
            throw position.malformed(
                    "a name of %d characters, wanted at most %d"
                            .formatted(name.length(), Limits.NAME_CHARS_MAX));
        }
    }

    /** Counts bytes that a value takes. */
    void chargeValue(long bytes, Position position) {
        if (valueBytes + bytes > DtsLimits.VALUE_BYTES_MAX) {
            throw position.malformed(
                    "values of more than %d bytes".formatted(DtsLimits.VALUE_BYTES_MAX));
        }
        valueBytes += (int) bytes;
    }

    /** Labels a node. That a label is on one node only is certain when all deletions are done. */
    void label(Draft.Node node, String label, Position position) {
        if (node.labels.add(label)) {
            labels.computeIfAbsent(label, key -> new LinkedHashMap<>()).put(node, position);
        }
    }

    /** Refuses a label that two nodes have in the end. */
    void requireUniqueLabels() {
        labels.forEach((label, holders) -> {
            if (holders.size() > 1) {
                Draft.Node first = holders.firstEntry().getKey();
                throw holders.lastEntry()
                        .getValue()
                        .malformed(
                                "label %s is on %s already (%s)"
                                        .formatted(
                                                label,
                                                first.path(),
                                                holders.firstEntry().getValue().origin()));
            }
        });
    }

    private Draft.@Nullable Node labelled(String label) {
        SequencedMap<Draft.Node, Position> holders = labels.get(label);
        return holders == null || holders.isEmpty() ? null : holders.firstEntry().getKey();
    }

    /** Marks a node and all it holds as deleted and frees its labels. */
    void delete(Draft.Node node) {
        node.deleted = true;
        node.omitUnlessReferenced = false;
        for (String label : node.labels) {
            SequencedMap<Draft.Node, Position> holders = labels.get(label);
            if (holders != null) {
                holders.remove(node);
            }
        }
        node.labels.clear();
        node.properties.values().forEach(property -> property.deleted = true);
        node.children.values().forEach(this::delete);
    }

    /**
     * The node that {@code label}, {@code /path} or {@code label/path} refers to; null when there
     * is none.
     */
    Draft.@Nullable Node find(String reference) {
        int slash = reference.indexOf('/');
        if (slash < 0) {
            return labelled(reference);
        }
        Draft.Node node = slash == 0 ? root : labelled(reference.substring(0, slash));
        for (String step : reference.substring(slash).split("/", -1)) {
            if (node == null) {
                return null;
            }
            if (!step.isEmpty()) {
                node = node.liveChild(step);
            }
        }
        return node;
    }

    Draft.Node require(String reference, Position position) {
        Draft.Node node = find(reference);
        if (node == null) {
            throw missing(reference, position);
        }
        return node;
    }

    static DeviceTreeException missing(String reference, Position position) {
        return position.malformed(
                reference.startsWith("/")
                        ? "no node has the path " + reference
                        : "no node has the label " + reference);
    }

    /** A new {@code fragment@N} that targets a reference of the base tree; its overlay node. */
    Draft.Node fragment(String reference, Position position) {
        while (root.children.containsKey("fragment@" + nextFragment)) {
            nextFragment++;
        }
        Draft.Node fragment = child(root, "fragment@" + nextFragment, position);
        if (reference.startsWith("/")) {
            byte[] path = DtsValues.string(reference);
            set(fragment, "target-path", List.of(new Draft.Bytes(path)), position);
        } else {
            set(fragment, "target", List.of(new Draft.PhandleOf(reference, position)), position);
        }
        return child(fragment, "__overlay__", position);
    }
}
