package dmakit.devicetree;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * A node that can still be changed. Made by {@link TreeBuilder}, which counts what grows: every
 * method that adds throws {@link DeviceTreeException} when a limit of {@link Limits} is passed.
 */
public final class NodeBuilder {

    /** Receives each property of a node. */
    @FunctionalInterface
    public interface PropertyVisitor {
        /**
         * Takes one property.
         *
         * @param name of the property
         * @param value its bytes; not to be changed
         * @param origin where it was written
         */
        void property(String name, byte[] value, Origin origin);
    }

    private static final class Value {
        final byte[] bytes;
        final Origin origin;

        Value(byte[] bytes, Origin origin) {
            this.bytes = bytes;
            this.origin = origin;
        }
    }

    private final TreeBuilder tree;
    private final @Nullable NodeBuilder parent;
    private final int depth;
    private final String name;
    private final Origin origin;
    private final SequencedSet<String> labels = new LinkedHashSet<>();
    private final SequencedMap<String, Value> properties = new LinkedHashMap<>();
    private final SequencedMap<String, NodeBuilder> children = new LinkedHashMap<>();

    NodeBuilder(TreeBuilder tree, @Nullable NodeBuilder parent, String name, Origin origin) {
        this.tree = tree;
        this.parent = parent;
        this.depth = parent == null ? 1 : parent.depth + 1;
        this.name = name;
        this.origin = origin;
    }

    /** The name with its unit address; empty for the root. */
    public String name() {
        return name;
    }

    /** Where it was first written. */
    public Origin origin() {
        return origin;
    }

    /** The full path; {@code /} for the root. */
    public String path() {
        if (parent == null) {
            return "/";
        }
        StringBuilder path = new StringBuilder();
        for (NodeBuilder node = this; node.parent != null; node = node.parent) {
            path.insert(0, node.name).insert(0, '/');
        }
        return path.toString();
    }

    /** The node that holds this one; empty for the root. */
    public Optional<NodeBuilder> parent() {
        return Optional.ofNullable(parent);
    }

    /** The labels so far, in order. */
    public List<String> labels() {
        return List.copyOf(labels);
    }

    /** Adds a label; one that is there already stays once. */
    public void label(String label) {
        labels.add(label);
    }

    /** The children in order. */
    public Collection<NodeBuilder> children() {
        return Collections.unmodifiableCollection(children.values());
    }

    /** The child of exactly that name. */
    public Optional<NodeBuilder> child(String childName) {
        return Optional.ofNullable(children.get(childName));
    }

    /**
     * Adds a child behind the others.
     *
     * @throws DeviceTreeException when a child of that name exists, the name is not a node name, or
     *     a limit is passed
     */
    public NodeBuilder addChild(String childName, Origin where) {
        tree.requireName(childName, where, "node");
        if (children.containsKey(childName)) {
            throw new DeviceTreeException(
                    where, "second node %s in %s".formatted(childName, path()));
        }
        if (depth >= Limits.DEPTH_MAX) {
            throw new DeviceTreeException(
                    where, "nodes nest deeper than %d levels".formatted(Limits.DEPTH_MAX));
        }
        tree.countNode(where);
        NodeBuilder child = new NodeBuilder(tree, this, childName, where);
        children.put(childName, child);
        return child;
    }

    /** Removes a child with all it holds; returns whether it was there. */
    public boolean removeChild(String childName) {
        return children.remove(childName) != null;
    }

    /** The bytes of a property; not to be changed. */
    public Optional<byte[]> property(String propertyName) {
        return Optional.ofNullable(properties.get(propertyName)).map(value -> value.bytes);
    }

    /** Where a property got its value. */
    public Optional<Origin> propertyOrigin(String propertyName) {
        return Optional.ofNullable(properties.get(propertyName)).map(value -> value.origin);
    }

    /** Whether there is a property of that name. */
    public boolean has(String propertyName) {
        return properties.containsKey(propertyName);
    }

    /**
     * Gives a property its value; one that exists keeps its place in the order.
     *
     * @param propertyName the name
     * @param value its bytes, from now on owned by the tree
     * @param where it was written
     */
    public void set(String propertyName, byte[] value, Origin where) {
        if (!properties.containsKey(propertyName)) {
            tree.requireName(propertyName, where, "property");
            tree.countProperty(where);
        }
        properties.put(propertyName, new Value(value, where));
    }

    /** Removes a property; returns whether it was there. */
    public boolean remove(String propertyName) {
        return properties.remove(propertyName) != null;
    }

    /** Shows every property, in order. */
    public void forEachProperty(PropertyVisitor visitor) {
        properties.forEach((key, value) -> visitor.property(key, value.bytes, value.origin));
    }

    /** The path. */
    @Override
    public String toString() {
        return path();
    }
}
