package dmakit.kernel.drivers.plx;

import dmakit.kernel.device.Device;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.ProviderKit;
import dmakit.kernel.dmaengine.ProviderOps;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.irq.Irqs;
import dmakit.kernel.irq.Softirqs;
import dmakit.kernel.log.Log;
import dmakit.kernel.mapping.DmaMapping;
import dmakit.kernel.sched.Sched;
import dmakit.machine.cpu.Cpu;

/** One function: its channel, and what that needs of the kernel. */
final class PlxDma {
    private final ProviderKit kit;
    private final Device dev;
    private final long registers;
    private final int irq;
    private final DmaDevice device;
    private final PlxChannel channel;

    /**
     * Puts a provider together, without registering it.
     *
     * @param registers where region 0 is mapped
     */
    PlxDma(ProviderKit kit, Device dev, long registers, int irq) {
        this.kit = kit;
        this.dev = dev;
        this.registers = registers;
        this.irq = irq;
        ProviderOps ops =
                new ProviderOps(
                                (chan, cookie, state) -> of(chan).status(cookie, state),
                                chan -> of(chan).issue())
                        .memcpy((chan, destination, source, size, flags) ->
                                of(chan).memcpy(destination, source, size, flags))
                        .allocChannel(chan -> of(chan).allocate())
                        .freeChannel(chan -> of(chan).freeResources());
        device =
                new DmaDevice(kit.engine(), dev, ops)
                        .capabilities(Capabilities.of(TransactionType.MEMCPY));
        channel = new PlxChannel(this, device);
    }

    private static PlxChannel of(Channel channel) {
        return (PlxChannel) channel;
    }

    PlxChannel channel() {
        return channel;
    }

    DmaDevice device() {
        return device;
    }

    Device dev() {
        return dev;
    }

    long registers() {
        return registers;
    }

    int irq() {
        return irq;
    }

    Cpu cpu() {
        return kit.cpu();
    }

    Sched sched() {
        return kit.sched();
    }

    Softirqs softirqs() {
        return kit.irqs().softirqs();
    }

    Irqs irqs() {
        return kit.irqs();
    }

    Log log() {
        return kit.log();
    }

    DmaMapping mapping() {
        return kit.mapping();
    }
}
