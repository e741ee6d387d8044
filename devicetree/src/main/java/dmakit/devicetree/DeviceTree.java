package dmakit.devicetree;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * A finished device tree.
 *
 * <p>Lookups by path, alias, phandle, label and compatible name; nothing here changes after
 * construction. Overlays and edits go through {@link TreeBuilder#copyOf}.
 */
public final class DeviceTree {

    private final Node root;
    private final List<MemReserve> memReserves;
    private final int bootCpu;
    private final List<Node> nodes;
    private final Map<Integer, Node> byPhandle = new LinkedHashMap<>();
    private final List<Node> repeatedPhandles = new ArrayList<>();
    private final SequencedMap<String, Node> byLabel = new LinkedHashMap<>();

    DeviceTree(Node root, List<MemReserve> memReserves, int bootCpu) {
        this.root = root;
        this.memReserves = List.copyOf(memReserves);
        this.bootCpu = bootCpu;
        List<Node> all = new ArrayList<>();
        collect(root, all);
        this.nodes = List.copyOf(all);
        indexPhandles();
        indexLabels();
    }

    private static void collect(Node node, List<Node> into) {
        into.add(node);
        for (Node child : node.children()) {
            collect(child, into);
        }
    }

    private void indexPhandles() {
        for (Node node : nodes) {
            node.phandle()
                    .ifPresent(phandle -> {
                        if (byPhandle.putIfAbsent(phandle, node) != null) {
                            repeatedPhandles.add(node);
                        }
                    });
        }
    }

    private void indexLabels() {
        for (Node node : nodes) {
            for (String label : node.labels()) {
                byLabel.putIfAbsent(label, node);
            }
        }
        root.child("__symbols__").ifPresent(symbols -> indexSymbols(symbols));
    }

    private void indexSymbols(Node symbols) {
        for (Property symbol : symbols.properties()) {
            if (symbol.isStrings()) {
                node(symbol.string()).ifPresent(node -> byLabel.putIfAbsent(symbol.name(), node));
            }
        }
    }

    /** The root. */
    public Node root() {
        return root;
    }

    /** The memory reservation block, in order. */
    public List<MemReserve> memReserves() {
        return memReserves;
    }

    /** Physical id of the CPU that boots. */
    public int bootCpu() {
        return bootCpu;
    }

    /** All nodes, each before its children. */
    public List<Node> nodes() {
        return nodes;
    }

    /**
     * The node of a full path ({@code /soc/dma@7e007000}) or of a path that starts with an alias
     * ({@code serial0}); every step is a full name, unit address included.
     */
    public Optional<Node> node(String path) {
        if (path.startsWith("/")) {
            return descend(root, path);
        }
        int slash = path.indexOf('/');
        String alias = slash < 0 ? path : path.substring(0, slash);
        return root.child("aliases")
                .flatMap(aliases -> aliases.property(alias))
                .filter(Property::isStrings)
                .map(Property::string)
                .filter(target -> target.startsWith("/"))
                .flatMap(target -> descend(root, target))
                .flatMap(node ->
                        slash < 0 ? Optional.of(node) : descend(node, path.substring(slash)));
    }

    private static Optional<Node> descend(Node from, String path) {
        Node node = from;
        for (String step : path.split("/", -1)) {
            if (step.isEmpty()) {
                continue;
            }
            Optional<Node> child = node.child(step);
            if (child.isEmpty()) {
                return Optional.empty();
            }
            node = child.get();
        }
        return Optional.of(node);
    }

    /** The properties of {@code /aliases} that are strings, in order: alias to path. */
    public SequencedMap<String, String> aliases() {
        SequencedMap<String, String> aliases = new LinkedHashMap<>();
        root.child("aliases")
                .ifPresent(node -> {
                    for (Property alias : node.properties()) {
                        if (alias.isStrings()) {
                            aliases.put(alias.name(), alias.string());
                        }
                    }
                });
        return Collections.unmodifiableSequencedMap(aliases);
    }

    /** The node that has this phandle; with several the first, as in Linux. */
    public Optional<Node> byPhandle(int phandle) {
        return Optional.ofNullable(byPhandle.get(phandle));
    }

    /** Nodes whose phandle an earlier node has already; {@link #byPhandle} never gives them. */
    public List<Node> repeatedPhandles() {
        return Collections.unmodifiableList(repeatedPhandles);
    }

    /** The node with this label: one of the source, or one that {@code /__symbols__} names. */
    public Optional<Node> labelled(String label) {
        return Optional.ofNullable(byLabel.get(label));
    }

    /** All nodes whose {@code compatible} lists the name, in order. */
    public List<Node> compatibleWith(String compatible) {
        return nodes.stream()
                .filter(node -> node.property("compatible").filter(Property::isStrings).isPresent())
                .filter(node -> node.isCompatibleWith(compatible))
                .toList();
    }

    /** Whether both have the same reservations, boot CPU, names and bytes, in any order. */
    public boolean sameAs(DeviceTree other) {
        return bootCpu == other.bootCpu
                && memReserves.equals(other.memReserves)
                && root.sameAs(other.root);
    }
}
