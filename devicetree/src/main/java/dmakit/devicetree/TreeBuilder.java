package dmakit.devicetree;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** A tree that can still be changed: what the readers fill and overlays edit. */
public final class TreeBuilder {

    private final NodeBuilder root;
    private final List<MemReserve> memReserves = new ArrayList<>();
    private int bootCpu;
    private int nodeCount = 1;
    private int propertyCount;

    /** A tree of an empty root. */
    public TreeBuilder(Origin origin) {
        this.root = new NodeBuilder(this, null, "", origin);
    }

    /** A copy of a finished tree, to be edited. */
    public static TreeBuilder copyOf(DeviceTree tree) {
        TreeBuilder copy = new TreeBuilder(tree.root().origin());
        copy.bootCpu = tree.bootCpu();
        copy.memReserves.addAll(tree.memReserves());
        fill(copy.root, tree.root());
        return copy;
    }

    private static void fill(NodeBuilder copy, Node from) {
        from.labels().forEach(copy::label);
        for (Property property : from.properties()) {
            copy.set(property.name(), property.rawBytes(), property.origin());
        }
        for (Node child : from.children()) {
            fill(copy.addChild(child.name(), child.origin()), child);
        }
    }

    /** The root, which always exists. */
    public NodeBuilder root() {
        return root;
    }

    /** The node of a full path. */
    public Optional<NodeBuilder> node(String path) {
        if (!path.startsWith("/")) {
            return Optional.empty();
        }
        NodeBuilder node = root;
        for (String step : path.split("/", -1)) {
            if (step.isEmpty()) {
                continue;
            }
            Optional<NodeBuilder> child = node.child(step);
            if (child.isEmpty()) {
                return Optional.empty();
            }
            node = child.get();
        }
        return Optional.of(node);
    }

    /** Physical id of the CPU that boots, as the dtb header has it; 0 unless set. */
    public void bootCpu(int id) {
        bootCpu = id;
    }

    /** The memory reservations so far. */
    public List<MemReserve> memReserves() {
        return Collections.unmodifiableList(memReserves);
    }

    /** Adds a memory reservation. */
    public void addMemReserve(MemReserve reserve, Origin where) {
        if (memReserves.size() >= Limits.MEMRESERVE_COUNT_MAX) {
            throw new DeviceTreeException(
                    where,
                    "more than %d memory reservations".formatted(Limits.MEMRESERVE_COUNT_MAX));
        }
        memReserves.add(reserve);
    }

    /** The finished tree. The builder may go on; the tree keeps what it has now. */
    public DeviceTree build() {
        return new DeviceTree(new Node(null, root), memReserves, bootCpu);
    }

    void countNode(Origin where) {
        if (++nodeCount > Limits.NODE_COUNT_MAX) {
            throw new DeviceTreeException(
                    where, "more than %d nodes".formatted(Limits.NODE_COUNT_MAX));
        }
    }

    void countProperty(Origin where) {
        if (++propertyCount > Limits.PROPERTY_COUNT_MAX) {
            throw new DeviceTreeException(
                    where, "more than %d properties".formatted(Limits.PROPERTY_COUNT_MAX));
        }
    }

    /**
     * Names end up in paths and messages, so they are plain: printable ASCII, no space or slash.
     */
    void requireName(String name, Origin where, String what) {
        if (name.isEmpty()) {
            throw new DeviceTreeException(where, "a " + what + " without a name");
        }
        if (name.length() > Limits.NAME_CHARS_MAX) {
            throw new DeviceTreeException(
                    where,
                    "a %s name of %d characters, wanted at most %d"
                            .formatted(what, name.length(), Limits.NAME_CHARS_MAX));
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c <= ' ' || c > '~' || c == '/') {
                throw new DeviceTreeException(
                        where,
                        "a %s name with the character 0x%02x at %d".formatted(what, (int) c, i));
            }
        }
    }
}
