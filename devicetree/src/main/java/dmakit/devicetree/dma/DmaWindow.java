package dmakit.devicetree.dma;

import dmakit.devicetree.address.AddressRange;

/**
 * A run of bus addresses and the CPU physical addresses behind it.
 *
 * @param busStart what the device puts on its bus, unsigned
 * @param cpuStart the CPU physical address of the same byte, unsigned
 * @param size in bytes, unsigned
 */
public record DmaWindow(long busStart, long cpuStart, long size) {

    /** The last bus address. */
    public long busLast() {
        return busStart + size - 1;
    }

    /** The bus addresses. */
    public AddressRange bus() {
        return new AddressRange(busStart, size);
    }

    /** The CPU physical addresses. */
    public AddressRange cpu() {
        return new AddressRange(cpuStart, size);
    }

    /** For messages: {@code bus 0xc0000000-0xfeffffff = cpu 0x0-0x3effffff}. */
    @Override
    public String toString() {
        return "bus %s = cpu %s".formatted(bus(), cpu());
    }
}
