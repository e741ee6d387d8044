package dmakit.devicetree;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** A node of a {@link DeviceTree}. Properties and children keep the order of the source. */
public final class Node {

    private final @Nullable Node parent;
    private final String name;
    private final Origin origin;
    private final List<String> labels;
    private final SequencedMap<String, Property> properties = new LinkedHashMap<>();
    private final SequencedMap<String, Node> children = new LinkedHashMap<>();

    Node(@Nullable Node parent, NodeBuilder from) {
        this.parent = parent;
        this.name = from.name();
        this.origin = from.origin();
        this.labels = List.copyOf(from.labels());
        from.forEachProperty(
                (key, value, where) -> properties.put(key, new Property(this, key, value, where)));
        for (NodeBuilder child : from.children()) {
            children.put(child.name(), new Node(this, child));
        }
    }

    /** The name with its unit address, for example {@code dma@7e007000}; empty for the root. */
    public String name() {
        return name;
    }

    /** The name up to the {@code @}. */
    public String baseName() {
        int at = name.indexOf('@');
        return at < 0 ? name : name.substring(0, at);
    }

    /** What follows the {@code @} in the name, if anything does. */
    public Optional<String> unitAddress() {
        int at = name.indexOf('@');
        return at < 0 ? Optional.empty() : Optional.of(name.substring(at + 1));
    }

    /** The full path, for example {@code /soc/dma@7e007000}; {@code /} for the root. */
    public String path() {
        if (parent == null) {
            return "/";
        }
        StringBuilder path = new StringBuilder();
        for (Node node = this; node.parent != null; node = node.parent) {
            path.insert(0, node.name).insert(0, '/');
        }
        return path.toString();
    }

    /** The node that holds this one; empty for the root. */
    public Optional<Node> parent() {
        return Optional.ofNullable(parent);
    }

    /** Where it was first written. */
    public Origin origin() {
        return origin;
    }

    /**
     * Labels that tree source put on it; those of a dtb are found by {@link DeviceTree#labelled}.
     */
    public List<String> labels() {
        return labels;
    }

    /** All children in source order. */
    public Collection<Node> children() {
        return Collections.unmodifiableCollection(children.values());
    }

    /** The child of exactly that name, unit address included. */
    public Optional<Node> child(String childName) {
        return Optional.ofNullable(children.get(childName));
    }

    /** All properties in source order. */
    public Collection<Property> properties() {
        return Collections.unmodifiableCollection(properties.values());
    }

    /** The property of that name. */
    public Optional<Property> property(String propertyName) {
        return Optional.ofNullable(properties.get(propertyName));
    }

    /** Whether there is a property of that name, with or without a value. */
    public boolean has(String propertyName) {
        return properties.containsKey(propertyName);
    }

    /** The value of a property of exactly one cell; empty when there is no such property. */
    public OptionalInt u32(String propertyName) {
        Property property = properties.get(propertyName);
        return property == null ? OptionalInt.empty() : OptionalInt.of(property.u32());
    }

    /** The first string of a property; empty when there is no such property. */
    public Optional<String> string(String propertyName) {
        return property(propertyName).map(Property::string);
    }

    /** The strings of a property; none when there is no such property. */
    public List<String> strings(String propertyName) {
        Property property = properties.get(propertyName);
        return property == null ? List.of() : property.strings();
    }

    /** What the device is, most specific first; none when the node says nothing. */
    public List<String> compatible() {
        return strings("compatible");
    }

    /** Whether {@code compatible} lists that name. */
    public boolean isCompatibleWith(String compatible) {
        return compatible().contains(compatible);
    }

    /**
     * Whether the node itself is enabled: it has no {@code status}, or {@code okay}, or {@code ok}.
     * An ancestor may still be disabled; see {@link #isReachable}.
     */
    public boolean isAvailable() {
        Property status = properties.get("status");
        if (status == null) {
            return true;
        }
        if (!status.isStrings()) {
            return false;
        }
        String text = status.string();
        return text.equals("okay") || text.equals("ok");
    }

    /** Whether this node and all its ancestors are enabled, so that Linux would make a device. */
    public boolean isReachable() {
        for (Node node = this; node != null; node = node.parent) {
            if (!node.isAvailable()) {
                return false;
            }
        }
        return true;
    }

    /** The number other nodes refer to it by; empty when it has none or an invalid one. */
    public OptionalInt phandle() {
        Property property = properties.get("phandle");
        if (property == null) {
            property = properties.get("linux,phandle");
        }
        if (property == null || property.sizeBytes() != 4) {
            return OptionalInt.empty();
        }
        int phandle = property.cell(0);
        return phandle == 0 || phandle == -1 ? OptionalInt.empty() : OptionalInt.of(phandle);
    }

    /**
     * A node that hangs below this one and that no look-up finds: of a device that came after the
     * tree was finished. It is not one of {@link #children}.
     */
    public Node graft(NodeBuilder child) {
        return new Node(this, child);
    }

    /** Whether both subtrees have the same names and bytes, in any order. */
    public boolean sameAs(Node other) {
        if (!name.equals(other.name)
                || properties.size() != other.properties.size()
                || children.size() != other.children.size()) {
            return false;
        }
        for (Property property : properties.values()) {
            Property twin = other.properties.get(property.name());
            if (twin == null || !property.sameAs(twin)) {
                return false;
            }
        }
        for (Node child : children.values()) {
            Node twin = other.children.get(child.name);
            if (twin == null || !child.sameAs(twin)) {
                return false;
            }
        }
        return true;
    }

    /** The path. */
    @Override
    public String toString() {
        return path();
    }
}
