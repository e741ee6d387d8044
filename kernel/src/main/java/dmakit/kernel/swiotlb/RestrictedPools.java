package dmakit.kernel.swiotlb;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.Property;
import dmakit.devicetree.address.AddressRange;
import dmakit.devicetree.address.MemoryMap;
import dmakit.devicetree.address.ReservedRegion;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.log.Log;
import dmakit.kernel.mm.Memblock;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The regions of {@code /reserved-memory} that are {@code restricted-dma-pool}s: a device whose
 * node names one in {@code memory-region} does all its DMA there.
 */
public final class RestrictedPools {
    private final DeviceTree tree;
    private final Log log;
    private final Swiotlb swiotlb;
    private final Map<String, AddressRange> regions = new TreeMap<>();

    /**
     * Finds the regions of a tree.
     *
     * @param memblock knows where those were put whose place the kernel chose
     */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "rmem_swiotlb_setup")
    public RestrictedPools(DeviceTree tree, Log log, Memblock memblock, Swiotlb swiotlb) {
        this.tree = tree;
        this.log = log;
        this.swiotlb = swiotlb;
        for (ReservedRegion region : MemoryMap.of(tree).reserved()) {
            AddressRange range = rangeOf(region, memblock);
            // The CPU copies through its linear map, and nobody else may have the memory.
            if (region.use() == ReservedRegion.Use.RESTRICTED_POOL
                    && !region.noMap()
                    && !region.reusable()
                    && range != null) {
                regions.put(region.node().path(), range);
            }
        }
    }

    private static @Nullable AddressRange rangeOf(ReservedRegion region, Memblock memblock) {
        if (!region.isDynamic()) {
            return region.ranges().getFirst();
        }
        for (Memblock.Reservation placed : memblock.reservations()) {
            if (placed.name().equals(region.node().name())) {
                return new AddressRange(placed.start(), placed.end() - placed.start());
            }
        }
        return null;
    }

    /**
     * Gives a device the first such region that its node names; the device needs no IOMMU then.
     *
     * @param node that says how the device does DMA, where the device has none of its own
     */
    @Linux(file = "drivers/of/device.c", symbol = "of_dma_set_restricted_buffer")
    public void attach(Device device, Node node) {
        Node own = device.ofNode();
        Node naming = own != null && own.has("memory-region") ? own : node;
        Node region = poolOf(naming);
        if (region == null) {
            return;
        }
        AddressRange range = regions.get(region.path());
        if (range != null
                && swiotlb.restrict(device, region.name(), range.start(), range.size())) {
            log.devInfo(device, "assigned reserved memory node %s", region.name());
        } else {
            log.devWarn(device, "failed to initialise \"restricted-dma-pool\" memory node");
        }
    }

    private @Nullable Node poolOf(Node node) {
        Property property = node.property("memory-region").orElse(null);
        if (property == null || !property.isCells()) {
            return null;
        }
        for (int handle : property.cells()) {
            Node region = tree.byPhandle(handle).orElse(null);
            if (region != null
                    && region.isAvailable()
                    && region.isCompatibleWith("restricted-dma-pool")) {
                return region;
            }
        }
        return null;
    }
}
