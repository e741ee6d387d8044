package dmakit.devicetree.address;

import dmakit.devicetree.Limits;
import dmakit.devicetree.Node;
import dmakit.devicetree.Property;
import dmakit.devicetree.address.BusLayout.BusAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Takes an address from the bus it is written on to the root, where it is a CPU physical address.
 */
public final class Translation {

    private final String rangesName;
    private final boolean missingIsIdentity;
    private final Function<Node, Optional<Node>> parentOf;

    /** What was read before; null where nothing may be kept. */
    private final @Nullable Map<Node, RangesTable> tables;

    private Translation(
            String rangesName,
            boolean missingIsIdentity,
            Function<Node, Optional<Node>> parentOf,
            @Nullable Map<Node, RangesTable> tables) {
        this.rangesName = rangesName;
        this.missingIsIdentity = missingIsIdentity;
        this.parentOf = parentOf;
        this.tables = tables;
    }

    /** What CPU accesses take: {@code ranges}; a bus without the property ends the way. */
    public static final Translation CPU = new Translation("ranges", false, Node::parent, null);

    /**
     * What device accesses take: {@code dma-ranges}; a bus without the property changes nothing.
     * Keeps what it has read of one tree, and is for that tree only.
     *
     * @param dmaParent the next bus on the way to memory
     */
    public static Translation dma(Function<Node, Optional<Node>> dmaParent) {
        return new Translation("dma-ranges", true, dmaParent, new LinkedHashMap<>());
    }

    /**
     * The CPU physical address.
     *
     * @param bus the node whose children write this address
     * @param address as they write it
     * @return empty when a bus on the way has no way through for it
     * @throws dmakit.devicetree.DeviceTreeException when the ranges on the way are no cells, or
     *     more than {@link Limits#LIST_CELLS_MAX} of them
     */
    public OptionalLong toCpu(Node bus, BusAddress address) {
        Node at = bus;
        BusLayout layout = BusLayout.of(at);
        BusAddress here = address;
        if (!layout.isTranslatable()) {
            return OptionalLong.empty();
        }
        // DMA parents are free references and could form a ring; a walk up is never this long.
        for (int hops = 0; hops < Limits.DEPTH_MAX; hops++) {
            Node parent = parentOf.apply(at).orElse(null);
            if (parent == null) {
                return OptionalLong.of(here.value());
            }
            BusLayout parentLayout = BusLayout.of(parent);
            if (!parentLayout.isTranslatable()) {
                return OptionalLong.empty();
            }
            here = step(at, layout, parentLayout, here);
            if (here == null) {
                return OptionalLong.empty();
            }
            at = parent;
            layout = parentLayout;
        }
        return OptionalLong.empty();
    }

    private @Nullable BusAddress step(
            Node bus, BusLayout layout, BusLayout parentLayout, BusAddress address) {
        Property ranges = bus.property(rangesName).orElse(null);
        if (ranges == null && !missingIsIdentity) {
            return null;
        }
        if (ranges == null || ranges.isEmpty()) {
            int flags = parentLayout.kind() == BusLayout.Kind.PLAIN ? 0 : address.flags();
            return new BusAddress(flags, parentLayout.truncate(address.value()));
        }
        return table(bus, ranges, layout, parentLayout).find(address);
    }

    private RangesTable table(Node bus, Property ranges, BusLayout layout, BusLayout parentLayout) {
        return tables == null
                ? new RangesTable(ranges, layout, parentLayout)
                : tables.computeIfAbsent(bus, key -> new RangesTable(ranges, layout, parentLayout));
    }
}
