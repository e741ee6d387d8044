package dmakit.devicetree.dts;

import dmakit.devicetree.Limits;
import dmakit.devicetree.MemReserve;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The grammar of tree source, version 1. */
final class DtsParser {

    private final DtsScanner in;
    private final DtsValues values;
    private final DraftTree tree;

    private DtsParser(String file, DtsScanner in, SourceFinder finder, List<String> includePath) {
        this.in = in;
        tree = new DraftTree(file);
        this.values = new DtsValues(in, finder, includePath, tree);
    }

    static DraftTree parse(
            String file, SourceText text, SourceFinder finder, List<String> includePath)
            throws IOException {
        DtsParser parser = new DtsParser(file, new DtsScanner(text), finder, includePath);
        parser.source();
        return parser.tree;
    }

    private void source() throws IOException {
        if (!in.keyword("/dts-v1/")) {
            throw in.unexpected("/dts-v1/;");
        }
        in.expect(';');
        while (true) {
            if (in.keyword("/plugin/")) {
                tree.plugin = true;
            } else if (!in.keyword("/dts-v1/")) {
                break;
            }
            in.expect(';');
        }
        while (memReserve()) {}
        if (in.atEnd()) {
            throw in.malformed(Math.max(0, in.at() - 1), "the source ends before any node");
        }
        while (!in.atEnd()) {
            topLevel();
        }
    }

    private boolean memReserve() {
        int start = in.at();
        while (in.label() != null) {
            in.skipSpace();
        }
        int where = in.skipSpace();
        if (!in.keyword("/memreserve/")) {
            in.moveTo(start);
            return false;
        }
        long address = in.number();
        long size = in.number();
        in.expect(';');
        if (tree.memReserves.size() >= Limits.MEMRESERVE_COUNT_MAX) {
            throw in.malformed(
                    where,
                    "more than %d memory reservations".formatted(Limits.MEMRESERVE_COUNT_MAX));
        }
        tree.memReserves.add(
                new DraftTree.Reserve(new MemReserve(address, size), in.position(where)));
        return true;
    }

    private void topLevel() throws IOException {
        int start = in.skipSpace();
        Position position = in.position(start);
        if (in.keyword("/delete-node/")) {
            Position where = in.position(in.skipSpace());
            tree.delete(tree.require(in.reference(), where));
            in.expect(';');
            return;
        }
        if (in.keyword("/omit-if-no-ref/")) {
            Position where = in.position(in.skipSpace());
            tree.require(in.reference(), where).omitUnlessReferenced = true;
            in.expect(';');
            return;
        }
        @Nullable String label = in.label();
        in.skipSpace();
        if (label == null && in.peek() == '/') {
            in.moveTo(in.at() + 1);
            if (!in.atEnd() && in.peek() != '{') {
                in.moveTo(start);
                throw in.unexpected("a node, &label, /delete-node/ or /omit-if-no-ref/");
            }
            boolean fresh = !tree.rootSeen;
            tree.rootSeen = true;
            body(tree.root, fresh);
            return;
        }
        if (in.peek() != '&') {
            throw in.unexpected("'/' or a reference to a node");
        }
        String reference = in.reference();
        // a path in a plugin is one of the base tree, even where the plugin has that path too
        boolean ofBase = tree.plugin && reference.startsWith("/");
        Draft.Node target = ofBase ? null : tree.find(reference);
        if (target == null) {
            if (!tree.plugin) {
                throw DraftTree.missing(reference, position);
            }
            target = tree.fragment(reference, position);
        }
        if (label != null) {
            tree.label(target, label, position);
        }
        body(target, false);
    }

    /** The names that one pair of braces has given, and whether they may come twice. */
    private static final class Scope {
        final Set<String> properties = new LinkedHashSet<>();
        final Set<String> children = new LinkedHashSet<>();
        final boolean fresh;

        Scope(boolean fresh) {
            this.fresh = fresh;
        }
    }

    /**
     * What stands in braces, and the semicolon behind.
     *
     * @param fresh whether the node is new: only then are repeated names an error, as with dtc,
     *     where an edit of a node is merged piece by piece
     */
    private void body(Draft.Node node, boolean fresh) throws IOException {
        in.expect('{');
        Scope scope = new Scope(fresh);
        while (!in.atEnd() && in.peek() != '}') {
            item(node, scope);
        }
        in.expect('}');
        in.expect(';');
    }

    private void item(Draft.Node node, Scope scope) throws IOException {
        int start = in.skipSpace();
        Position position = in.position(start);
        if (in.keyword("/delete-property/")) {
            Draft.Property property = node.properties.get(in.name());
            if (property != null) {
                property.deleted = true;
            }
            in.expect(';');
            return;
        }
        if (in.keyword("/delete-node/")) {
            Draft.Node child = node.liveChild(in.name());
            if (child != null) {
                tree.delete(child);
            }
            in.expect(';');
            return;
        }
        Set<String> labels = new LinkedHashSet<>();
        boolean omit = false;
        while (true) {
            String label = in.label();
            if (label != null) {
                labels.add(label);
            } else if (in.keyword("/omit-if-no-ref/")) {
                omit = true;
            } else {
                break;
            }
            in.skipSpace();
        }
        String name = in.name();
        in.skipSpace();
        if (in.peek() == '{') {
            if (!scope.children.add(name) && scope.fresh) {
                throw position.malformed("second node %s in %s".formatted(name, node.path()));
            }
            boolean fresh = !node.children.containsKey(name);
            Draft.Node child = tree.child(node, name, position);
            child.omitUnlessReferenced |= omit;
            for (String label : labels) {
                tree.label(child, label, position);
            }
            body(child, fresh);
            return;
        }
        if (omit) {
            throw in.unexpected("a node behind /omit-if-no-ref/");
        }
        property(node, name, position, scope);
    }

    private void property(Draft.Node node, String name, Position position, Scope scope)
            throws IOException {
        if (!scope.children.isEmpty()) {
            throw position.malformed(
                    "property %s stands behind a node; properties come first".formatted(name));
        }
        if (!scope.properties.add(name) && scope.fresh) {
            throw position.malformed("second property %s in %s".formatted(name, node.path()));
        }
        if (in.peek() == ';') {
            in.moveTo(in.at() + 1);
            tree.set(node, name, List.of(), position);
            return;
        }
        if (in.peek() != '=') {
            throw in.unexpected("'=', ';' or '{' behind " + name);
        }
        in.moveTo(in.at() + 1);
        Draft.Value value = new Draft.Value();
        do {
            values.value(value);
        } while (in.accept(','));
        in.labels();
        in.expect(';');
        tree.set(node, name, value.parts, position);
    }
}
