package dmakit.devicetree.address;

import dmakit.devicetree.Node;
import dmakit.devicetree.Property;

/**
 * How the children of a bus node write addresses and sizes.
 *
 * <p>As in Linux, {@code #address-cells} and {@code #size-cells} are looked for in the bus node and
 * then upwards, and default to 1; PCI and ISA buses have a layout of their own.
 *
 * @param kind what the address cells mean
 * @param addressCells per address, 0 and more
 * @param sizeCells per size, 0 and more
 */
public record BusLayout(Kind kind, int addressCells, int sizeCells) {

    /** More address cells than this and Linux gives up; so does every translation here. */
    public static final int ADDRESS_CELLS_MAX = 4;

    private static final int SIZE_CELLS_MAX = 4;
    private static final int PCI_SPACE_SHIFT = 24;
    private static final int PCI_SPACE_MASK = 3;

    /** What the cells of an address mean. */
    public enum Kind {
        /** All cells are one number. */
        PLAIN,
        /** A cell of flags, then a number of two cells. */
        FLAGGED,
        /** As flagged; the flags are those of PCI, configuration, I/O or memory. */
        PCI,
        /** A cell of flags, whose bit 0 says I/O, then a number of one cell. */
        ISA
    }

    /**
     * An address on a bus.
     *
     * @param flags the flags cell, 0 on a bus without
     * @param value the number
     */
    public record BusAddress(int flags, long value) {}

    /** The layout of the bus that the node is, for its children. */
    public static BusLayout of(Node bus) {
        String type =
                bus.property("device_type")
                        .filter(Property::isStrings)
                        .map(Property::string)
                        .orElse("");
        switch (type) {
            case "pci", "pciex", "vci", "ht" -> {
                return new BusLayout(Kind.PCI, 3, 2);
            }
            default -> {}
        }
        if (bus.baseName().equals("pcie")) {
            return new BusLayout(Kind.PCI, 3, 2);
        }
        if (bus.baseName().equals("isa")) {
            return new BusLayout(Kind.ISA, 2, 1);
        }
        int addressCells = inherited(bus, "#address-cells");
        int sizeCells = inherited(bus, "#size-cells");
        Kind kind = addressCells == 3 ? Kind.FLAGGED : Kind.PLAIN;
        return new BusLayout(kind, addressCells, sizeCells);
    }

    private static int inherited(Node bus, String name) {
        for (Node node = bus; node != null; node = node.parent().orElse(null)) {
            Property property = node.property(name).orElse(null);
            if (property != null && property.sizeBytes() >= 4) {
                return property.cell(0);
            }
        }
        return 1;
    }

    /** Whether addresses of this bus can be read and translated. */
    public boolean isTranslatable() {
        return isReadable() && addressCells > 0 && sizeCells > 0;
    }

    /** Whether the counts are small enough to read a tuple at all. */
    public boolean isReadable() {
        return addressCells >= 0
                && addressCells <= ADDRESS_CELLS_MAX
                && sizeCells >= 0
                && sizeCells <= SIZE_CELLS_MAX;
    }

    /** The layout's address at a cell of a property. */
    public BusAddress address(Property property, int firstCell) {
        return switch (kind) {
            case PLAIN -> new BusAddress(0, property.number(firstCell, addressCells));
            case FLAGGED, PCI, ISA ->
                    new BusAddress(
                            property.cell(firstCell),
                            property.number(firstCell + 1, addressCells - 1));
        };
    }

    /** Whether an address may lie in a range, judged by the flags of both. */
    boolean sameSpace(int addressFlags, int rangeFlags) {
        return switch (kind) {
            case PLAIN -> true;
            case FLAGGED -> addressFlags == rangeFlags;
            case PCI -> pciSpace(addressFlags) == pciSpace(rangeFlags);
            case ISA -> (addressFlags & 1) == (rangeFlags & 1);
        };
    }

    /** 0 configuration, 1 I/O, 2 memory of either width. */
    private static int pciSpace(int flags) {
        return Math.min(flags >>> PCI_SPACE_SHIFT & PCI_SPACE_MASK, 2);
    }

    /** A sum as wide as the bus writes addresses: one cell holds 32 bits. */
    long truncate(long value) {
        int numberCells = kind == Kind.PLAIN ? addressCells : addressCells - 1;
        return numberCells == 1 ? value & 0xffff_ffffL : value;
    }
}
