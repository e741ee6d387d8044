package dmakit.kernel.iommu;

import dmakit.devicetree.DeviceTree;
import dmakit.devicetree.Node;
import dmakit.devicetree.Property;
import dmakit.devicetree.address.Reg;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.iommu.ReservedRegion.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the device tree reserves of a device's addresses: {@code iommu-addresses} of the regions in
 * its {@code memory-region}.
 *
 * <p>Entries are a device and a range of its addresses. A range that is the region itself is mapped
 * to it; any other is kept free.
 */
@Linux(file = "drivers/iommu/of_iommu.c", symbol = "of_iommu_get_resv_regions")
final class ReservedAddresses {
    /** Ranges of one region. */
    static final int ENTRY_COUNT_MAX = 256;

    private static final int CELLS_MAX = 2;

    private ReservedAddresses() {}

    static List<ReservedRegion> of(DeviceTree tree, Device device) {
        List<ReservedRegion> regions = new ArrayList<>();
        Node own = device.ofNode();
        Property list = own == null ? null : own.property("memory-region").orElse(null);
        if (own == null || list == null || !list.isCells()) {
            return regions;
        }
        for (int phandle : list.cells()) {
            Node region = tree.byPhandle(phandle).orElse(null);
            if (region != null) {
                addAll(regions, tree, device, own, region);
            }
        }
        return regions;
    }

    private static void addAll(
            List<ReservedRegion> regions, DeviceTree tree, Device device, Node own, Node region) {
        Property addresses = region.property("iommu-addresses").orElse(null);
        if (addresses == null || !addresses.isCells()) {
            return;
        }
        int at = 0;
        for (int entry = 0; entry < ENTRY_COUNT_MAX && at < addresses.cellCount(); entry++) {
            Node whose = tree.byPhandle(addresses.cell(at)).orElse(null);
            if (whose == null) {
                return;
            }
            int addressCells = cells(whose, "#address-cells");
            int sizeCells = cells(whose, "#size-cells");
            int sizeAt = at + 1 + addressCells;
            if (!isNumber(addressCells)
                    || !isNumber(sizeCells)
                    || sizeAt + sizeCells > addresses.cellCount()) {
                return;
            }
            long start = addresses.number(at + 1, addressCells);
            long size = addresses.number(sizeAt, sizeCells);
            if (whose.equals(own) && size != 0) {
                regions.add(regionOf(device, region, start, size));
            }
            at = sizeAt + sizeCells;
        }
    }

    private static boolean isNumber(int cells) {
        return cells > 0 && cells <= CELLS_MAX;
    }

    /** The nearest node's word on how many cells an address has, from a device upwards. */
    @Linux(file = "drivers/of/address.c", symbol = "of_bus_n_addr_cells")
    private static int cells(Node device, String name) {
        for (Optional<Node> at = Optional.of(device); at.isPresent(); at = at.get().parent()) {
            if (at.get().u32(name).isPresent()) {
                return at.get().u32(name).getAsInt();
            }
        }
        return name.equals("#size-cells") ? 1 : 2;
    }

    @Linux(file = "drivers/iommu/of_iommu.c", symbol = "iommu_resv_region_get_type")
    private static ReservedRegion regionOf(Device device, Node region, long start, long size) {
        boolean isItself =
                Reg.of(region).stream()
                        .flatMap(reg -> reg.phys().stream())
                        .anyMatch(range -> range.start() == start && range.size() == size);
        int prot = IommuProt.READ | IommuProt.WRITE;
        if (device.dma().isCoherent()) {
            prot |= IommuProt.CACHE;
        }
        return new ReservedRegion(start, size, prot, isItself ? Kind.DIRECT : Kind.RESERVED);
    }
}
