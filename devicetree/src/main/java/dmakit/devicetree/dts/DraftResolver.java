package dmakit.devicetree.dts;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.NodeBuilder;
import dmakit.devicetree.TreeBuilder;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Turns a draft into a tree: numbers phandles, writes paths, drops what nothing refers to, and
 * lists what a plugin leaves to its base.
 */
final class DraftResolver {

    private static final int UNRESOLVED = -1;

    private final DraftTree draft;
    private final Map<Integer, Draft.Node> phandles = new LinkedHashMap<>();

    /** Labels of the base, and where they are wanted. */
    private final SequencedMap<String, Fixup> fixups = new LinkedHashMap<>();

    private int nextPhandle = 1;

    /**
     * A label that the base has to have.
     *
     * @param first reference to it
     * @param places that want its phandle, in the form of {@code __fixups__}
     */
    private record Fixup(Position first, List<String> places) {}

    private DraftResolver(DraftTree draft) {
        this.draft = draft;
    }

    static DeviceTree resolve(DraftTree draft) {
        return new DraftResolver(draft).resolve();
    }

    private DeviceTree resolve() {
        draft.requireUniqueLabels();
        dropNames(draft.root);
        readExplicitPhandles(draft.root);
        resolveReferences(draft.root);
        resolvePaths(draft.root);
        omitUnreferenced(draft.root);
        TreeBuilder tree = new TreeBuilder(draft.root.origin());
        draft.memReserves.forEach(
                reserve -> tree.addMemReserve(reserve.reserve(), reserve.position().origin()));
        tree.bootCpu(bootCpu());
        fill(tree.root(), draft.root);
        if (draft.plugin) {
            writeFixups(tree);
            writeLocalFixups(tree, tree.root(), draft.root);
        }
        return tree.build();
    }

    /** Drops {@code name} properties, a relic that only repeats the node's name. */
    private static void dropNames(Draft.Node node) {
        Draft.Property name = node.liveProperty("name");
        if (name != null) {
            int unit = node.name.indexOf('@');
            String base = unit < 0 ? node.name : node.name.substring(0, unit);
            boolean repeats =
                    name.parts.size() == 1
                            && name.parts.getFirst() instanceof Draft.Bytes value
                            && Arrays.equals(value.bytes, DtsValues.string(base));
            if (!repeats) {
                throw name.position.malformed(
                        "property name of %s does not repeat the node's name"
                                .formatted(node.path()));
            }
            name.deleted = true;
        }
        node.liveChildren().forEach(DraftResolver::dropNames);
    }

    private void readExplicitPhandles(Draft.Node node) {
        for (String name : List.of("phandle", "linux,phandle")) {
            Draft.Property property = node.liveProperty(name);
            if (property != null
                    && property.parts.size() == 1
                    && property.parts.getFirst() instanceof Draft.Bytes value
                    && value.bytes.length == 4) {
                int phandle = toInt(value.bytes);
                if (phandle != 0 && phandle != -1) {
                    node.phandle = phandle;
                    phandles.putIfAbsent(phandle, node);
                }
            }
        }
        node.liveChildren().forEach(this::readExplicitPhandles);
    }

    private static int toInt(byte[] cell) {
        return ByteBuffer.wrap(cell).getInt();
    }

    /** Gives every node that a cell refers to a phandle, in the order of the references. */
    private void resolveReferences(Draft.Node node) {
        for (Draft.Property property : node.liveProperties()) {
            int offset = 0;
            for (Draft.Part part : property.parts) {
                if (part instanceof Draft.PhandleOf reference) {
                    Draft.Node target = draft.find(reference.reference());
                    if (target != null) {
                        target.referenced = true;
                        numberNode(target, property);
                    } else if (draft.plugin && !reference.reference().contains("/")) {
                        fixups.computeIfAbsent(
                                        reference.reference(),
                                        _ -> new Fixup(reference.position(), new ArrayList<>()))
                                .places()
                                .add(place(node, property, offset));
                    } else {
                        throw DraftTree.missing(reference.reference(), reference.position());
                    }
                }
                offset += length(part);
            }
        }
        node.liveChildren().forEach(this::resolveReferences);
    }

    private void numberNode(Draft.Node target, Draft.Property because) {
        if (target.phandle != 0) {
            return;
        }
        while (phandles.containsKey(nextPhandle)) {
            nextPhandle++;
        }
        target.phandle = nextPhandle;
        phandles.put(nextPhandle, target);
        if (target.liveProperty("phandle") == null) {
            byte[] cell = cell(nextPhandle);
            draft.set(target, "phandle", List.of(new Draft.Bytes(cell)), because.position);
        }
    }

    private static String place(Draft.Node node, Draft.Property property, int offset) {
        return "%s:%s:%d".formatted(node.path(), property.name, offset);
    }

    /** Paths are written late, so within one property offsets of cells in front of them count. */
    private int length(Draft.Part part) {
        return switch (part) {
            case Draft.Bytes value -> value.bytes.length;
            case Draft.PhandleOf _ -> 4;
            case Draft.PathOf path -> target(path).path().length() + 1;
        };
    }

    private Draft.Node target(Draft.PathOf path) {
        Draft.Node node = draft.find(path.reference());
        if (node == null) {
            throw DraftTree.missing(path.reference(), path.position());
        }
        return node;
    }

    private void resolvePaths(Draft.Node node) {
        for (Draft.Property property : node.liveProperties()) {
            for (int i = 0; i < property.parts.size(); i++) {
                if (property.parts.get(i) instanceof Draft.PathOf path) {
                    Draft.Node target = target(path);
                    target.referenced = true;
                    byte[] bytes = DtsValues.string(target.path());
                    draft.chargeValue(bytes.length, path.position());
                    property.parts.set(i, new Draft.Bytes(bytes));
                }
            }
        }
        node.liveChildren().forEach(this::resolvePaths);
    }

    private void omitUnreferenced(Draft.Node node) {
        for (Draft.Node child : node.liveChildren()) {
            if (child.omitUnlessReferenced && !child.referenced) {
                draft.delete(child);
            } else {
                omitUnreferenced(child);
            }
        }
    }

    /** As dtc guesses it: {@code reg} of the first CPU, when that is one cell. */
    private int bootCpu() {
        Draft.Node cpus = draft.root.liveChild("cpus");
        if (cpus == null || cpus.liveChildren().isEmpty()) {
            return 0;
        }
        Draft.Property reg = cpus.liveChildren().getFirst().liveProperty("reg");
        if (reg == null) {
            return 0;
        }
        byte[] value = bytes(reg);
        return value.length == 4 ? toInt(value) : 0;
    }

    private void fill(NodeBuilder into, Draft.Node node) {
        node.labels.forEach(into::label);
        for (Draft.Property property : node.liveProperties()) {
            into.set(property.name, bytes(property), property.position.origin());
        }
        for (Draft.Node child : node.liveChildren()) {
            fill(into.addChild(child.name, child.origin()), child);
        }
    }

    private byte[] bytes(Draft.Property property) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Draft.Part part : property.parts) {
            switch (part) {
                case Draft.Bytes value -> bytes.writeBytes(value.bytes);
                case Draft.PhandleOf reference -> bytes.writeBytes(cell(phandleOf(reference)));
                case Draft.PathOf path -> bytes.writeBytes(DtsValues.string(target(path).path()));
            }
        }
        return bytes.toByteArray();
    }

    private int phandleOf(Draft.PhandleOf reference) {
        Draft.@Nullable Node target = draft.find(reference.reference());
        return target == null ? UNRESOLVED : target.phandle;
    }

    private static byte[] cell(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    private void writeFixups(TreeBuilder tree) {
        if (fixups.isEmpty()) {
            return;
        }
        NodeBuilder node = tree.root().addChild("__fixups__", draft.root.origin());
        fixups.forEach((label, fixup) -> {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            fixup.places().forEach(place -> bytes.writeBytes(DtsValues.string(place)));
            node.set(label, bytes.toByteArray(), fixup.first().origin());
        });
    }

    /** Repeats the way to each property that holds phandles of this tree, with their offsets. */
    private void writeLocalFixups(TreeBuilder tree, NodeBuilder root, Draft.Node node) {
        for (Draft.Property property : node.liveProperties()) {
            ByteArrayOutputStream offsets = new ByteArrayOutputStream();
            int offset = 0;
            for (Draft.Part part : property.parts) {
                if (part instanceof Draft.PhandleOf reference
                        && phandleOf(reference) != UNRESOLVED) {
                    offsets.writeBytes(cell(offset));
                }
                offset += length(part);
            }
            if (offsets.size() > 0) {
                NodeBuilder twin =
                        root.child("__local_fixups__")
                                .orElseGet(() ->
                                        root.addChild("__local_fixups__", draft.root.origin()));
                for (Draft.Node step : way(node)) {
                    NodeBuilder parent = twin;
                    twin =
                            parent.child(step.name)
                                    .orElseGet(() -> parent.addChild(step.name, step.origin()));
                }
                twin.set(property.name, offsets.toByteArray(), property.position.origin());
            }
        }
        for (Draft.Node child : node.liveChildren()) {
            writeLocalFixups(tree, root, child);
        }
    }

    private static List<Draft.Node> way(Draft.Node node) {
        List<Draft.Node> way = new ArrayList<>();
        for (Draft.Node at = node; at.parent != null; at = at.parent) {
            way.add(at);
        }
        return way.reversed();
    }
}
