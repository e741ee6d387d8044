package dmakit.board;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.PhandleArgs;
import dmakit.devicetree.dma.IommuBinding;
import dmakit.machine.bus.Translation;
import java.util.Map;
import java.util.TreeMap;

/**
 * The wires from masters to the IOMMUs they sit behind, as {@code iommus} and {@code iommu-map}
 * name them. IOMMUs are built before their masters, and say here where their inputs are.
 */
final class IommuWires {
    /** The inputs of one IOMMU. */
    @FunctionalInterface
    interface Streams {
        /**
         * One input.
         *
         * @param id the cells behind the phandle in {@code iommus}, or what {@code iommu-map} makes
         *     of a requester id
         * @param untranslated where accesses go that the IOMMU lets through as they are
         * @return what stands between the master and memory from power-on
         */
        Translation stream(int[] id, Translation untranslated);
    }

    private final Map<String, Streams> byIommu = new TreeMap<>();

    /** Says where the inputs of an IOMMU are. */
    void register(Node iommu, Streams streams) {
        byIommu.put(iommu.path(), streams);
    }

    /**
     * What stands between a master and memory. Of several ids the first one that leads to an IOMMU
     * of this machine is the one its accesses carry; without any nothing stands between.
     */
    Translation of(DeviceTree tree, Node master, Translation untranslated) {
        for (PhandleArgs entry : IommuBinding.of(tree, master).streams()) {
            Streams streams = byIommu.get(entry.node().path());
            if (streams != null) {
                int[] id = entry.args().stream().mapToInt(Integer::intValue).toArray();
                return streams.stream(id, untranslated);
            }
        }
        return untranslated;
    }

    /**
     * What stands between a function behind a host bridge and memory; nothing for a requester id
     * that {@code iommu-map} leads to no IOMMU of this machine.
     *
     * @param requesterId bus, device and function
     */
    Translation ofFunction(
            DeviceTree tree, Node bridge, int requesterId, Translation untranslated) {
        IommuBinding binding = IommuBinding.of(tree, bridge);
        int masked = requesterId & binding.mapMask();
        for (IommuBinding.Range range : binding.ranges()) {
            int at = masked - range.ridBase();
            Streams streams = byIommu.get(range.iommu().path());
            if (Integer.compareUnsigned(at, range.length()) < 0 && streams != null) {
                return streams.stream(new int[] {range.streamBase() + at}, untranslated);
            }
        }
        return untranslated;
    }
}
