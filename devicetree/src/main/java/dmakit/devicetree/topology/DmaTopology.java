package dmakit.devicetree.topology;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.address.AddressRange;
import dmakit.devicetree.address.ReservedRegion;
import dmakit.devicetree.dma.Coherence;
import dmakit.devicetree.dma.DmaWindow;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A board's DMA: what there is, who moves data, who asks for it, and what is wrong.
 *
 * @param model from the root, or empty text
 * @param compatible of the root, most specific first
 * @param memory banks of RAM in order of address; none when the boot loader is to fill them in
 * @param memReserves the memory reservation block
 * @param reserved enabled children of {@code /reserved-memory}
 * @param buses nodes with entries in {@code dma-ranges}, which are windows for what is below them
 * @param controllers nodes with {@code #dma-cells}
 * @param consumers nodes with {@code dmas}, {@code iommus}, {@code iommu-map} or {@code
 *     memory-region} that are no controllers
 * @param mistakes found, in order of their kinds, then of the source
 */
public record DmaTopology(
        String model,
        List<String> compatible,
        List<AddressRange> memory,
        List<AddressRange> memReserves,
        List<Reserved> reserved,
        List<Bus> buses,
        List<Controller> controllers,
        List<Consumer> consumers,
        List<Mistake> mistakes) {

    /** Copies the lists. */
    public DmaTopology {
        compatible = List.copyOf(compatible);
        memory = List.copyOf(memory);
        memReserves = List.copyOf(memReserves);
        reserved = List.copyOf(reserved);
        buses = List.copyOf(buses);
        controllers = List.copyOf(controllers);
        consumers = List.copyOf(consumers);
        mistakes = List.copyOf(mistakes);
    }

    /**
     * A reserved region.
     *
     * @param path of its node
     * @param ranges where it is; none when the kernel places it
     * @param size wanted by a region without a place, in bytes
     * @param alignment wanted by it, in bytes
     * @param allocRanges where it may go; none for anywhere
     * @param use what the kernel makes of it
     * @param noMap whether it is out of the linear map
     * @param reusable whether the kernel may use it in the meantime
     * @param isDefault whether it is the default of its use
     */
    public record Reserved(
            String path,
            List<AddressRange> ranges,
            long size,
            OptionalLong alignment,
            List<AddressRange> allocRanges,
            ReservedRegion.Use use,
            boolean noMap,
            boolean reusable,
            boolean isDefault) {}

    /**
     * A bus that limits or shifts the DMA of what is below it.
     *
     * @param path of its node
     * @param compatible most specific first
     * @param enabled whether it and the buses above it are
     * @param windows for its children, or for the functions behind a PCI host bridge
     */
    public record Bus(
            String path, List<String> compatible, boolean enabled, List<DmaWindow> windows) {}

    /**
     * What a device's own accesses go through.
     *
     * @param windows its DMA windows; none for bus addresses that are CPU physical addresses
     * @param windowSource path of the bus whose {@code dma-ranges} makes them
     * @param busLimit the highest bus address
     * @param coherence whether its accesses see the CPU caches
     * @param streams its ids at IOMMUs, from {@code iommus}
     * @param streamRanges those of the PCI functions behind it
     */
    public record Access(
            List<DmaWindow> windows,
            Optional<String> windowSource,
            OptionalLong busLimit,
            Coherence coherence,
            List<Stream> streams,
            List<StreamRange> streamRanges) {}

    /**
     * An id at an IOMMU.
     *
     * @param iommu path of the IOMMU
     * @param cells the ids, as the IOMMU wants them
     */
    public record Stream(String iommu, List<Integer> cells) {}

    /**
     * An entry of {@code iommu-map}.
     *
     * @param iommu path of the IOMMU
     * @param ridBase first requester id
     * @param streamBase the stream id it has
     * @param length in ids
     */
    public record StreamRange(String iommu, int ridBase, int streamBase, int length) {}

    /**
     * A DMA controller or request router.
     *
     * @param path of its node
     * @param compatible most specific first
     * @param enabled whether it and the buses above it are
     * @param cells per request
     * @param channels how many
     * @param requests how many request lines
     * @param channelMask words of 32 channels each, bit 0 of the first being channel 0; none for
     *     all
     * @param masters paths of the controllers behind a router
     * @param access of the controller, which is what maps the memory of its clients
     */
    public record Controller(
            String path,
            List<String> compatible,
            boolean enabled,
            OptionalInt cells,
            OptionalInt channels,
            OptionalInt requests,
            List<Integer> channelMask,
            List<String> masters,
            Access access) {}

    /**
     * A device that uses a controller, an IOMMU or memory of its own.
     *
     * @param path of its node
     * @param compatible most specific first
     * @param enabled whether it and the buses above it are
     * @param requests entries of {@code dmas} that can be read
     * @param access of the device itself
     * @param memoryRegions paths of its reserved regions
     */
    public record Consumer(
            String path,
            List<String> compatible,
            boolean enabled,
            List<Request> requests,
            Access access,
            List<String> memoryRegions) {}

    /**
     * An entry of {@code dmas}.
     *
     * @param name from {@code dma-names}
     * @param controller path of the controller
     * @param cells what it is told
     */
    public record Request(Optional<String> name, String controller, List<Integer> cells) {}

    /** Looks a tree over. Never throws for what the tree says. */
    public static DmaTopology of(DeviceTree tree) {
        return new TopologyReader(tree).read();
    }
}
