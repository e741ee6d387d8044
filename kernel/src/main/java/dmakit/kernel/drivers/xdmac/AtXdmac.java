package dmakit.kernel.drivers.xdmac;

import dmakit.datasheet.xdmac.XdmacRegister;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.dmaengine.BusWidth;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.ProviderKit;
import dmakit.kernel.dmaengine.ProviderOps;
import dmakit.kernel.dmaengine.ResidueGranularity;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.dmaengine.TransferDirection;
import dmakit.kernel.irq.IrqReturn;
import dmakit.kernel.irq.Irqs;
import dmakit.kernel.log.Log;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.mapping.DmaPool;
import dmakit.machine.cpu.Cpu;
import java.util.EnumSet;
import java.util.Set;

/** One controller: what its channels share. */
final class AtXdmac {
    private static final String FILE = "drivers/dma/at_xdmac.c";

    /** Reads of a status register until it says what was asked for; few are needed. */
    static final int POLL_COUNT_MAX = 100_000;

    private final Cpu cpu;
    private final Log log;
    private final Irqs irqs;
    private final DmaMapping mapping;
    private final Device dev;
    private final Registers registers;
    private final DmaPool pool;
    private final DmaDevice device;

    /** The driver leaves: nothing starts any more. */
    private boolean leaving;

    AtXdmac(ProviderKit kit, Device dev, Registers registers, DmaPool pool) {
        cpu = kit.cpu();
        log = kit.log();
        irqs = kit.irqs();
        mapping = kit.mapping();
        this.dev = dev;
        this.registers = registers;
        this.pool = pool;
        ProviderOps ops =
                new ProviderOps(
                                (chan, cookie, state) -> of(chan).status(cookie, state),
                                chan -> of(chan).issue())
                        .memcpy((chan, destination, source, size, flags) ->
                                of(chan).operations().memcpy(destination, source, size, flags))
                        .memset((chan, destination, value, size, flags) ->
                                of(chan).operations().memset(destination, value, size, flags))
                        .memsetSg((chan, sgl, count, value, flags) ->
                                of(chan).operations().memsetSg(sgl, count, value, flags))
                        .interleaved((chan, template, flags) ->
                                of(chan).operations().interleaved(template, flags))
                        .slaveSg((chan, sgl, count, direction, flags) ->
                                of(chan).operations().slaveSg(sgl, count, direction, flags))
                        .cyclic((chan, dma, size, period, direction, flags) ->
                                of(chan).operations().cyclic(dma, size, period, direction, flags))
                        .config((chan, config) -> of(chan).operations().configure(config))
                        .allocChannel(chan -> of(chan).allocate())
                        .freeChannel(chan -> of(chan).freeResources())
                        .pause(chan -> of(chan).pauseTransfer())
                        .resume(chan -> of(chan).resumeTransfer())
                        .terminateAll(chan -> of(chan).terminate())
                        .synchronize(chan -> of(chan).finishCallbacks());
        Set<BusWidth> widths =
                EnumSet.of(
                        BusWidth.UNDEFINED,
                        BusWidth.BYTES_1,
                        BusWidth.BYTES_2,
                        BusWidth.BYTES_4,
                        BusWidth.BYTES_8);
        device =
                new DmaDevice(kit.engine(), dev, ops)
                        .capabilities(
                                Capabilities.of(
                                        TransactionType.CYCLIC,
                                        TransactionType.INTERLEAVE,
                                        TransactionType.MEMCPY,
                                        TransactionType.MEMSET,
                                        TransactionType.MEMSET_SG,
                                        TransactionType.SLAVE,
                                        TransactionType.PRIVATE))
                        .directions(
                                EnumSet.of(
                                        TransferDirection.DEV_TO_MEM, TransferDirection.MEM_TO_DEV))
                        .widths(widths, widths)
                        .residueGranularity(ResidueGranularity.BURST);
    }

    static AtXdmacChannel of(Channel channel) {
        return (AtXdmacChannel) channel;
    }

    Cpu cpu() {
        return cpu;
    }

    Device dev() {
        return dev;
    }

    DmaDevice device() {
        return device;
    }

    Irqs irqs() {
        return irqs;
    }

    DmaMapping mapping() {
        return mapping;
    }

    DmaPool pool() {
        return pool;
    }

    Registers registers() {
        return registers;
    }

    Log log() {
        return log;
    }

    boolean isLeaving() {
        return leaving;
    }

    void leave() {
        leaving = true;
        off();
    }

    @Linux(file = FILE, symbol = "at_xdmac_off")
    void off() {
        registers.write(XdmacRegister.GD, -1);
        awaitDisabled(-1);
        registers.write(XdmacRegister.GID, -1);
    }

    /** Waits until channels have ended what they had on the bus. */
    void awaitDisabled(int channels) {
        for (int polls = 0; (registers.read(XdmacRegister.GS) & channels) != 0; polls++) {
            if (polls == POLL_COUNT_MAX) {
                log.devErr(dev, "channels 0x%x do not come to rest", channels);
                return;
            }
        }
    }

    @Linux(file = FILE, symbol = "at_xdmac_interrupt")
    IrqReturn handleInterrupt() {
        IrqReturn handled = IrqReturn.NONE;
        while (true) {
            int mask = registers.read(XdmacRegister.GIM);
            int pending = registers.read(XdmacRegister.GIS) & mask;
            if (pending == 0) {
                return handled;
            }
            for (Channel channel : device.channels()) {
                if ((of(channel).bit() & pending) != 0) {
                    of(channel).interrupted();
                    handled = IrqReturn.HANDLED;
                }
            }
        }
    }
}
