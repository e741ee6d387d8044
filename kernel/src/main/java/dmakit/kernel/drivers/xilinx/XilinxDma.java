package dmakit.kernel.drivers.xilinx;

import dmakit.datasheet.Register;
import dmakit.kernel.device.Device;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.ProviderKit;
import dmakit.kernel.dmaengine.ProviderOps;
import dmakit.kernel.dmaengine.ResidueGranularity;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.irq.Irqs;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.sched.Sched;
import dmakit.machine.cpu.Cpu;
import java.util.function.Consumer;

/** One core: what its channels share. */
final class XilinxDma {
    private final ProviderKit kit;
    private final Device dev;
    private final DmaDevice device;
    private final int bufferBytesMax;
    private final boolean wide;
    private int lg2Align;

    /**
     * Describes a core without channels.
     *
     * @param bufferBytesMax of a hardware descriptor: ones
     * @param wide whether addresses have high halves
     */
    private XilinxDma(
            ProviderKit kit,
            Device dev,
            int bufferBytesMax,
            boolean wide,
            Consumer<ProviderOps> more,
            Capabilities capabilities) {
        this.kit = kit;
        this.dev = dev;
        this.bufferBytesMax = bufferBytesMax;
        this.wide = wide;
        ProviderOps ops =
                new ProviderOps(
                                (chan, cookie, state) -> of(chan).status(cookie, state),
                                chan -> of(chan).issue())
                        .config((chan, config) -> {
                            // Streams have no address, width or burst.
                        })
                        .allocChannel(chan -> of(chan).allocate())
                        .freeChannel(chan -> of(chan).freeResources())
                        .terminateAll(chan -> of(chan).terminate())
                        .synchronize(chan -> of(chan).synchronizeCallbacks());
        more.accept(ops);
        device =
                new DmaDevice(kit.engine(), dev, ops)
                        .capabilities(capabilities)
                        .residueGranularity(ResidueGranularity.SEGMENT)
                        .ignoresConfig();
    }

    /** An AXI DMA: between memory and streams. */
    static XilinxDma streaming(ProviderKit kit, Device dev, int bufferBytesMax, boolean wide) {
        return new XilinxDma(
                kit,
                dev,
                bufferBytesMax,
                wide,
                ops ->
                        ops.slaveSg((chan, sgl, count, direction, flags) ->
                                        ((AxiDmaChannel) chan)
                                                .slaveSg(sgl, count, direction, flags))
                                .cyclic((chan, dma, size, period, direction, flags) ->
                                        ((AxiDmaChannel) chan)
                                                .cyclic(dma, size, period, direction, flags)),
                Capabilities.of(
                        TransactionType.SLAVE, TransactionType.PRIVATE, TransactionType.CYCLIC));
    }

    /** An AXI CDMA: between memory and memory. */
    static XilinxDma copying(ProviderKit kit, Device dev, int bufferBytesMax, boolean wide) {
        return new XilinxDma(
                kit,
                dev,
                bufferBytesMax,
                wide,
                ops ->
                        ops.memcpy((chan, destination, source, size, flags) ->
                                ((AxiCdmaChannel) chan).memcpy(destination, source, size, flags)),
                Capabilities.of(TransactionType.MEMCPY));
    }

    static XilinxChannel of(Channel channel) {
        return (XilinxChannel) channel;
    }

    Device dev() {
        return dev;
    }

    DmaDevice device() {
        return device;
    }

    Sched sched() {
        return kit.sched();
    }

    Cpu cpu() {
        return kit.cpu();
    }

    Irqs irqs() {
        return kit.irqs();
    }

    DmaMapping mapping() {
        return kit.mapping();
    }

    long now() {
        return kit.sched().machine().clock().now();
    }

    void err(String format, Object... values) {
        kit.log().devErr(dev, format, values);
    }

    boolean isWide() {
        return wide;
    }

    int bufferBytesMax() {
        return bufferBytesMax;
    }

    /** What pieces must be aligned to where a channel cannot realign, as a shift. */
    void lg2Align(int shift) {
        lg2Align = shift;
        device.lg2CopyAlign(shift);
    }

    /** Bytes of the next hardware descriptor; those behind it stay aligned. */
    int copySize(long size, long done) {
        long bytes = Math.min(size - done, bufferBytesMax);
        return (int) (done + bytes < size ? bytes & -(1L << lg2Align) : bytes);
    }

    long readAddress(Registers registers, Register low) {
        long address = Integer.toUnsignedLong(registers.readl(low));
        return wide ? address | registers.readHigh(low) << Integer.SIZE : address;
    }
}
