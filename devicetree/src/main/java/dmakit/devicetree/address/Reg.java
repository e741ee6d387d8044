package dmakit.devicetree.address;

import dmakit.devicetree.Node;
import dmakit.devicetree.Property;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One entry of a {@code reg} property.
 *
 * @param name from {@code reg-names}, or empty
 * @param busStart address as written, that is, on the parent bus
 * @param size in bytes; 0 on buses that know no sizes
 * @param physStart CPU physical address; empty when the CPU cannot reach it by loads and stores, as
 *     on I2C, or when a bus on the way has no {@code ranges}
 */
public record Reg(Optional<String> name, long busStart, long size, OptionalLong physStart) {

    /**
     * All entries of a node's {@code reg}; none when it has none.
     *
     * @throws dmakit.devicetree.DeviceTreeException when the length does not fit the cells of the
     *     parent bus
     */
    public static List<Reg> of(Node device) {
        Property property = device.property("reg").orElse(null);
        Node bus = device.parent().orElse(null);
        if (property == null || bus == null) {
            return List.of();
        }
        BusLayout layout = BusLayout.of(bus);
        int tuple = layout.addressCells() + layout.sizeCells();
        if (!layout.isReadable() || tuple == 0 || property.cellCount() % tuple != 0) {
            throw property.malformed(
                    "has %d bytes, wanted tuples of %d address and %d size cells"
                            .formatted(
                                    property.sizeBytes(),
                                    layout.addressCells(),
                                    layout.sizeCells()));
        }
        List<String> names =
                device.property("reg-names")
                        .filter(Property::isStrings)
                        .map(Property::strings)
                        .orElse(List.of());
        List<Reg> entries = new ArrayList<>();
        for (int first = 0; first < property.cellCount(); first += tuple) {
            int index = first / tuple;
            Optional<String> name =
                    index < names.size() ? Optional.of(names.get(index)) : Optional.empty();
            entries.add(entry(bus, layout, property, first, name));
        }
        return List.copyOf(entries);
    }

    private static Reg entry(
            Node bus, BusLayout layout, Property property, int first, Optional<String> name) {
        if (layout.addressCells() == 0) {
            return new Reg(
                    name, 0, property.number(first, layout.sizeCells()), OptionalLong.empty());
        }
        BusLayout.BusAddress address = layout.address(property, first);
        long size = property.number(first + layout.addressCells(), layout.sizeCells());
        // reg of a PCI function is its configuration address, not a place in memory
        OptionalLong phys =
                layout.kind() == BusLayout.Kind.PCI
                        ? OptionalLong.empty()
                        : Translation.CPU.toCpu(bus, address);
        return new Reg(name, address.value(), size, phys);
    }

    /** The entry as CPU physical addresses, when the CPU can reach it and it has a size. */
    public Optional<AddressRange> phys() {
        return physStart.isPresent() && size != 0
                ? Optional.of(new AddressRange(physStart.getAsLong(), size))
                : Optional.empty();
    }
}
