package dmakit.kernel.drivers.bcm2835;

import dmakit.datasheet.bcm2835.DmaControlBlock;
import dmakit.devicetree.Node;
import dmakit.devicetree.Property;
import dmakit.devicetree.address.BusLayout;
import dmakit.devicetree.address.BusLayout.BusAddress;
import dmakit.devicetree.address.Translation;
import dmakit.kernel.device.Device;
import dmakit.kernel.device.DmaRangeMap;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.ProviderKit;
import dmakit.kernel.dmaengine.ProviderOps;
import dmakit.kernel.dmaengine.ResidueGranularity;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.irq.Irqs;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.machine.cpu.Cpu;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/** One controller: what its channels share. */
final class Bcm2835Dma {
    private final ProviderKit kit;
    private final Cpu cpu;
    private final Device dev;
    private final DmaDevice device;
    private boolean warnedOfUnevenPeriods;

    Bcm2835Dma(ProviderKit kit, Device dev) {
        this.kit = kit;
        cpu = kit.cpu();
        this.dev = dev;
        ProviderOps ops =
                new ProviderOps(
                                (chan, cookie, state) -> of(chan).status(cookie, state),
                                chan -> of(chan).issue())
                        .memcpy((chan, destination, source, size, flags) ->
                                of(chan).memcpy(destination, source, size, flags))
                        .slaveSg((chan, sgl, count, direction, flags) ->
                                of(chan).slaveSg(sgl, count, direction, flags))
                        .cyclic((chan, dma, size, period, direction, flags) ->
                                of(chan).cyclic(dma, size, period, direction, flags))
                        .config((chan, config) -> of(chan).configure(config))
                        .allocChannel(chan -> of(chan).allocate())
                        .freeChannel(chan -> of(chan).freeResources())
                        .pause(chan -> of(chan).pauseTransfer())
                        .resume(chan -> of(chan).resumeTransfer())
                        .terminateAll(chan -> of(chan).terminateAllDescriptors())
                        .synchronize(chan -> of(chan).synchronizeCallbacks());
        device =
                new DmaDevice(kit.engine(), dev, ops)
                        .capabilities(
                                Capabilities.of(
                                        TransactionType.SLAVE,
                                        TransactionType.PRIVATE,
                                        TransactionType.CYCLIC,
                                        TransactionType.MEMCPY))
                        .directions(
                                EnumSet.of(
                                        TransferDirection.DEV_TO_MEM,
                                        TransferDirection.MEM_TO_DEV,
                                        TransferDirection.MEM_TO_MEM))
                        .widths(EnumSet.of(BusWidth.BYTES_4), EnumSet.of(BusWidth.BYTES_4))
                        .residueGranularity(ResidueGranularity.BURST)
                        .descriptorReuse(true);
    }

    static Bcm2835Channel of(Channel channel) {
        return (Bcm2835Channel) channel;
    }

    Device dev() {
        return dev;
    }

    DmaDevice device() {
        return device;
    }

    Irqs irqs() {
        return kit.irqs();
    }

    DmaMapping mapping() {
        return kit.mapping();
    }

    void err(String format, Object... values) {
        kit.log().devErr(dev, format, values);
    }

    void warnOfUnevenPeriods(long size, long period) {
        if (!warnedOfUnevenPeriods) {
            warnedOfUnevenPeriods = true;
            kit.log()
                    .devWarn(
                            dev,
                            "bcm2835_dma_prep_dma_cyclic: buffer_length (%d) is not a multiple of"
                                    + " period_len (%d)",
                            size,
                            period);
        }
    }

    /** Stores a word of a control block and the one behind it. */
    void store(long blockVa, DmaControlBlock first, int value, int valueBehind) {
        cpu.store64(
                blockVa + first.offset(),
                (long) valueBehind << Integer.SIZE | Integer.toUnsignedLong(value));
    }

    /**
     * Where the controller finds a FIFO. Clients give the address the CPU uses, and old ones what
     * stands in their node's {@code reg}, which is the bus address already.
     */
    long fifoDma(long phys) {
        DmaRangeMap map = dev.dma().rangeMap();
        if (map != null && map.toDma(phys) != DmaRangeMap.UNREACHABLE) {
            return map.toDma(phys);
        }
        Node node = dev.ofNode();
        return node == null ? phys : onBus(node.parent().orElse(null), phys);
    }

    /** Where the CPU finds a FIFO that a client names in either way. */
    long fifoPhys(long address) {
        Node node = dev.ofNode();
        Node bus = node == null ? null : node.parent().orElse(null);
        if (bus == null || onBus(bus, address) != address) {
            return address;
        }
        return Translation.CPU.toCpu(bus, new BusAddress(0, address)).orElse(address);
    }

    /** The other way through {@code ranges}: an address of the CPU as the bus writes it. */
    private static long onBus(@Nullable Node bus, long phys) {
        Property ranges = bus == null ? null : bus.property("ranges").orElse(null);
        Node above = bus == null ? null : bus.parent().orElse(null);
        if (bus == null || ranges == null || above == null || !ranges.isCells()) {
            return phys;
        }
        BusLayout layout = BusLayout.of(bus);
        BusLayout parent = BusLayout.of(above);
        if (!layout.isTranslatable() || !parent.isTranslatable()) {
            return phys;
        }
        int sizeAt = layout.addressCells() + parent.addressCells();
        int cells = sizeAt + layout.sizeCells();
        for (int at = 0; at + cells <= ranges.cellCount(); at += cells) {
            long start = parent.address(ranges, at + layout.addressCells()).value();
            long offset = phys - start;
            if (Long.compareUnsigned(offset, ranges.number(at + sizeAt, layout.sizeCells())) < 0) {
                return layout.address(ranges, at).value() + offset;
            }
        }
        return phys;
    }
}
