package dmakit.devicetree.dma;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.PhandleArgs;
import dmakit.devicetree.PhandleList;
import dmakit.devicetree.Property;
import java.util.ArrayList;
import java.util.List;

/**
 * Which IOMMUs translate for a device, and under which ids.
 *
 * @param streams entries of {@code iommus}, in order
 * @param ranges entries of {@code iommu-map}, for the functions behind a PCI host bridge
 * @param mapMask from {@code iommu-map-mask}: applied to a requester id before the lookup
 */
public record IommuBinding(List<PhandleArgs> streams, List<Range> ranges, int mapMask) {

    private static final int MAP_ENTRY_CELLS = 4;

    /** Copies the lists. */
    public IommuBinding {
        streams = List.copyOf(streams);
        ranges = List.copyOf(ranges);
    }

    /**
     * One entry of {@code iommu-map}: requester ids [ridBase, ridBase + length) become stream ids
     * from {@code streamBase} on.
     *
     * @param ridBase first requester id
     * @param iommu who translates
     * @param streamBase the stream id of {@code ridBase}
     * @param length in ids
     */
    public record Range(int ridBase, Node iommu, int streamBase, int length) {}

    /**
     * What a node says for itself; its parents have no part in it.
     *
     * @throws dmakit.devicetree.DeviceTreeException when an entry refers to nothing or is cut off
     */
    public static IommuBinding of(DeviceTree tree, Node device) {
        List<PhandleArgs> streams =
                device.property("iommus")
                        .map(list -> PhandleList.require(tree, list, "#iommu-cells"))
                        .orElse(List.of());
        List<Range> ranges =
                device.property("iommu-map").map(map -> ranges(tree, map)).orElse(List.of());
        return new IommuBinding(streams, ranges, device.u32("iommu-map-mask").orElse(-1));
    }

    private static List<Range> ranges(DeviceTree tree, Property map) {
        if (map.cellCount() % MAP_ENTRY_CELLS != 0) {
            throw map.malformed(
                    "has %d cells, wanted a multiple of %d"
                            .formatted(map.cellCount(), MAP_ENTRY_CELLS));
        }
        List<Range> ranges = new ArrayList<>();
        for (int at = 0; at < map.cellCount(); at += MAP_ENTRY_CELLS) {
            int phandle = map.cell(at + 1);
            Node iommu =
                    tree.byPhandle(phandle)
                            .orElseThrow(() ->
                                    map.malformed(
                                            "refers to phandle 0x%x, which no node has"
                                                    .formatted(phandle)));
            ranges.add(new Range(map.cell(at), iommu, map.cell(at + 2), map.cell(at + 3)));
        }
        return ranges;
    }

    /** Whether no IOMMU is named. */
    public boolean isEmpty() {
        return streams.isEmpty() && ranges.isEmpty();
    }
}
