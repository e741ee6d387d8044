package dmakit.devicetree;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Applies overlays: trees of fragments that say what to change in a base tree.
 *
 * <p>Phandles of the overlay move above those of the base; what {@code __fixups__} lists gets the
 * base's phandles by label; then every fragment is merged into the node that its {@code target} or
 * {@code target-path} names.
 */
public final class Overlays {

    private static final Origin NEW_PHANDLE = new Origin.Made("overlay");

    private final TreeBuilder base;
    private final DeviceTree baseTree;
    private final TreeBuilder overlay;
    private int phandleMax;

    private Overlays(DeviceTree baseTree, DeviceTree overlayTree) {
        this.baseTree = baseTree;
        this.base = TreeBuilder.copyOf(baseTree);
        this.overlay = TreeBuilder.copyOf(overlayTree);
        for (Node node : baseTree.nodes()) {
            node.phandle().ifPresent(this::raise);
        }
    }

    /**
     * The base with an overlay applied; both stay as they are.
     *
     * @throws DeviceTreeException when the overlay is malformed or refers to what the base has not
     */
    public static DeviceTree apply(DeviceTree base, DeviceTree overlay) {
        Overlays work = new Overlays(base, overlay);
        work.movePhandles();
        work.resolveFixups();
        work.mergeFragments();
        work.mergeSymbols();
        return work.base.build();
    }

    private void raise(int phandle) {
        if (Integer.compareUnsigned(phandle, phandleMax) > 0) {
            phandleMax = phandle;
        }
    }

    /** Adds the base's highest phandle to all of the overlay's, where they are and where used. */
    private void movePhandles() {
        int delta = phandleMax;
        moveOwn(overlay.root(), delta);
        overlay.root()
                .child("__local_fixups__")
                .ifPresent(fixups -> moveUses(fixups, overlay.root(), delta));
    }

    private void moveOwn(NodeBuilder node, int delta) {
        for (String name : new String[] {"phandle", "linux,phandle"}) {
            byte[] value = node.property(name).orElse(null);
            if (value != null) {
                Origin origin = node.propertyOrigin(name).orElse(NEW_PHANDLE);
                if (value.length != 4) {
                    throw new DeviceTreeException(
                            origin, "%s of %s is no cell".formatted(name, node.path()));
                }
                int moved = moved(ByteBuffer.wrap(value).getInt(), delta, origin);
                node.set(name, cell(moved), origin);
                raise(moved);
            }
        }
        node.children().forEach(child -> moveOwn(child, delta));
    }

    private static int moved(int phandle, int delta, Origin origin) {
        int moved = phandle + delta;
        if (Integer.compareUnsigned(moved, phandle) < 0 || moved == -1) {
            throw new DeviceTreeException(
                    origin, "phandle 0x%x does not fit above 0x%x".formatted(phandle, delta));
        }
        return moved;
    }

    private void moveUses(NodeBuilder fixups, NodeBuilder node, int delta) {
        fixups.forEachProperty((name, offsets, origin) -> {
            ByteBuffer each = ByteBuffer.wrap(offsets);
            while (each.remaining() >= 4) {
                int offset = each.getInt();
                int phandle = ByteBuffer.wrap(value(node, name, offset, origin)).getInt(offset);
                patch(node, name, offset, moved(phandle, delta, origin), origin);
            }
        });
        for (NodeBuilder child : fixups.children()) {
            NodeBuilder twin =
                    node.child(child.name())
                            .orElseThrow(() ->
                                    new DeviceTreeException(
                                            child.origin(),
                                            "%s has no node in the overlay"
                                                    .formatted(child.path())));
            moveUses(child, twin, delta);
        }
    }

    private void resolveFixups() {
        NodeBuilder fixups = overlay.root().child("__fixups__").orElse(null);
        if (fixups == null) {
            return;
        }
        fixups.forEachProperty((label, places, origin) -> {
            String[] wanted = strings(places, origin);
            int phandle = phandleOf(label, wanted[0], origin);
            for (String place : wanted) {
                int property = place.indexOf(':');
                int offset = place.lastIndexOf(':');
                NodeBuilder node =
                        property <= 0
                                ? null
                                : overlay.node(place.substring(0, property)).orElse(null);
                if (node == null || offset == property) {
                    throw new DeviceTreeException(
                            origin, "fixup %s names no place in the overlay".formatted(place));
                }
                patch(
                        node,
                        place.substring(property + 1, offset),
                        number(place.substring(offset + 1), origin),
                        phandle,
                        origin);
            }
        });
    }

    private static String[] strings(byte[] value, Origin origin) {
        if (value.length == 0 || value[value.length - 1] != 0) {
            throw new DeviceTreeException(origin, "a fixup that is no string list");
        }
        return new String(value, 0, value.length - 1, StandardCharsets.ISO_8859_1).split("\0", -1);
    }

    private static int number(String digits, Origin origin) {
        try {
            return Integer.parseInt(digits);
        } catch (NumberFormatException e) {
            throw new DeviceTreeException(
                    origin, "fixup offset '%s' is no number".formatted(digits));
        }
    }

    /** The phandle of a node of the base, given one when it has none. */
    private int phandleOf(String label, String wantedBy, Origin origin) {
        Node target = baseTree.labelled(label).orElseThrow(() -> missing(label, wantedBy, origin));
        NodeBuilder node = base.node(target.path()).orElseThrow();
        OptionalInt known = target.phandle();
        if (known.isPresent()) {
            return known.getAsInt();
        }
        Optional<byte[]> given = node.property("phandle").filter(value -> value.length == 4);
        if (given.isPresent()) {
            return ByteBuffer.wrap(given.get()).getInt();
        }
        int phandle = moved(1, phandleMax, origin);
        raise(phandle);
        node.set("phandle", cell(phandle), NEW_PHANDLE);
        return phandle;
    }

    /** A compiled base has labels only where its {@code __symbols__} keep them. */
    private DeviceTreeException missing(String label, String wantedBy, Origin origin) {
        boolean anyLabels =
                baseTree.root().child("__symbols__").isPresent()
                        || baseTree.nodes().stream().anyMatch(node -> !node.labels().isEmpty());
        return new DeviceTreeException(
                origin,
                "the base tree has no label %s, which %s refers to%s"
                        .formatted(
                                label,
                                wantedBy.replaceFirst(":[0-9]*$", ""),
                                anyLabels
                                        ? ""
                                        : " (it has no labels at all; 'dtc -@' keeps them as"
                                                + " __symbols__)"));
    }

    private static byte[] value(NodeBuilder node, String name, int offset, Origin origin) {
        byte[] value = node.property(name).orElse(new byte[0]);
        if (offset < 0 || offset > value.length - 4) {
            throw new DeviceTreeException(
                    origin,
                    "fixup of %s:%s at %d, which has %d bytes"
                            .formatted(node.path(), name, offset, value.length));
        }
        return value;
    }

    private static void patch(
            NodeBuilder node, String name, int offset, int phandle, Origin origin) {
        byte[] patched = value(node, name, offset, origin).clone();
        ByteBuffer.wrap(patched).putInt(offset, phandle);
        node.set(name, patched, node.propertyOrigin(name).orElse(origin));
    }

    private void mergeFragments() {
        boolean any = false;
        for (NodeBuilder fragment : overlay.root().children()) {
            NodeBuilder content = fragment.child("__overlay__").orElse(null);
            if (content != null) {
                merge(target(fragment), content);
                any = true;
            }
        }
        if (!any) {
            throw new DeviceTreeException(
                    overlay.root().origin(),
                    "is no overlay, it has no fragment with __overlay__; source of one begins with"
                            + " /dts-v1/; /plugin/;");
        }
    }

    private NodeBuilder target(NodeBuilder fragment) {
        byte[] phandle = fragment.property("target").orElse(null);
        byte[] path = fragment.property("target-path").orElse(null);
        Optional<NodeBuilder> target = Optional.empty();
        String wanted = "neither target nor target-path";
        if (phandle != null && phandle.length == 4) {
            int number = ByteBuffer.wrap(phandle).getInt();
            wanted = "target 0x%x, which no node of the base has".formatted(number);
            target = baseNode(base.root(), number);
        } else if (path != null && path.length > 0) {
            String text = new String(path, 0, path.length - 1, StandardCharsets.ISO_8859_1);
            wanted = "target-path %s, which the base has not".formatted(text);
            target =
                    base.node(text).or(() -> baseTree.node(text).flatMap(n -> base.node(n.path())));
        }
        String problem = wanted;
        return target.orElseThrow(() ->
                new DeviceTreeException(
                        fragment.origin(),
                        "fragment %s has %s".formatted(fragment.name(), problem)));
    }

    private static Optional<NodeBuilder> baseNode(NodeBuilder node, int phandle) {
        byte[] own = node.property("phandle").orElse(null);
        if (own != null && own.length == 4 && ByteBuffer.wrap(own).getInt() == phandle) {
            return Optional.of(node);
        }
        for (NodeBuilder child : node.children()) {
            Optional<NodeBuilder> found = baseNode(child, phandle);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /** Labels of the overlay, whose paths lead through its fragments, become labels of the base. */
    private void mergeSymbols() {
        NodeBuilder symbols = overlay.root().child("__symbols__").orElse(null);
        if (symbols == null) {
            return;
        }
        NodeBuilder into =
                base.root()
                        .child("__symbols__")
                        .orElseGet(() -> base.root().addChild("__symbols__", symbols.origin()));
        symbols.forEachProperty((label, value, origin) -> {
            String path = strings(value, origin)[0];
            String[] steps = path.split("/", 4);
            if (steps.length >= 3 && steps[2].equals("__overlay__")) {
                overlay.root()
                        .child(steps[1])
                        .ifPresent(fragment -> {
                            String start = target(fragment).path();
                            String rest = steps.length == 4 ? "/" + steps[3] : "";
                            String full = start.equals("/") ? rest : start + rest;
                            into.set(
                                    label,
                                    (full + "\0").getBytes(StandardCharsets.ISO_8859_1),
                                    origin);
                        });
            }
        });
    }

    private static void merge(NodeBuilder into, NodeBuilder from) {
        from.labels().forEach(into::label);
        from.forEachProperty(into::set);
        for (NodeBuilder child : from.children()) {
            NodeBuilder twin =
                    into.child(child.name())
                            .orElseGet(() -> into.addChild(child.name(), child.origin()));
            merge(twin, child);
        }
    }

    private static byte[] cell(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }
}
