package dmakit.kernel.drivers.ioat;

import dmakit.datasheet.ioat.IoatRegister;
import dmakit.datasheet.ioat.IoatRegister.Attnstatus;
import dmakit.datasheet.ioat.IoatRegister.Chancnt;
import dmakit.datasheet.ioat.IoatRegister.Dmacapability;
import dmakit.kernel.Linux;
import dmakit.kernel.device.Device;
import dmakit.kernel.dmaengine.Capabilities;
import dmakit.kernel.dmaengine.Channel;
import dmakit.kernel.dmaengine.DmaDevice;
import dmakit.kernel.dmaengine.DmaEngine;
import dmakit.kernel.dmaengine.ProviderKit;
import dmakit.kernel.dmaengine.ProviderOps;
import dmakit.kernel.dmaengine.TransactionType;
import dmakit.kernel.irq.IrqReturn;
import dmakit.kernel.mapping.DmaPool;
import dmakit.kernel.pci.PciDevice;
import dmakit.kernel.sync.Timers;
import dmakit.machine.cpu.Cpu;
import java.util.ArrayList;
import java.util.List;

/** One function: what its channels share. */
final class IoatDma {
    private static final int SOURCES_MAX = 8;
    private static final int LONG_SOURCES_MAX = 16;
    private static final int SED_BYTES = 64;
    private static final int SED_POOLS = 2;

    private final ProviderKit kit;
    private final Timers timers;
    private final PciDevice function;
    private final long registers;
    private final int capabilities;
    private final DmaDevice device;
    private final List<IoatChannel> channels = new ArrayList<>();
    private final List<DmaPool> sedPools = new ArrayList<>();

    /** Puts a provider together, without registering it. */
    @Linux(file = "drivers/dma/ioat/init.c", symbol = "ioat3_dma_probe")
    IoatDma(ProviderKit kit, Timers timers, PciDevice function, long registers) {
        this.kit = kit;
        this.timers = timers;
        this.function = function;
        this.registers = registers;
        capabilities = cpu().load32(registers + IoatRegister.DMACAPABILITY.offset());
        device = new DmaDevice(kit.engine(), function.device(), ops());
        describe();
        if (Dmacapability.RAID16SS.isSet(capabilities)) {
            for (int i = 0; i < SED_POOLS; i++) {
                sedPools.add(
                        kit.mapping()
                                .dmamPoolCreate(
                                        "ioat_hw%d_sed".formatted(i),
                                        dev(),
                                        (long) SED_BYTES * (i + 1),
                                        SED_BYTES,
                                        0));
            }
        }
        enumerate(kit.engine());
    }

    private ProviderOps ops() {
        ProviderOps ops =
                new ProviderOps(
                                (chan, cookie, state) -> of(chan).status(cookie, state),
                                chan -> of(chan).issue())
                        .memcpy((chan, destination, source, size, flags) ->
                                of(chan).operations().memcpy(destination, source, size, flags))
                        .interrupt((chan, flags) -> of(chan).operations().interrupt(flags))
                        .allocChannel(chan -> of(chan).allocate())
                        .freeChannel(chan -> of(chan).freeResources());
        if (sums()) {
            ops.xor((chan, destination, sources, size, flags) ->
                            of(chan).operations().xor(destination, sources, size, flags))
                    .xorVal((chan, sources, size, result, flags) ->
                            of(chan).operations().xorVal(sources, size, result, flags));
        }
        if (syndromes()) {
            ops.pq((chan, pq, sources, coefficients, size, flags) ->
                            of(chan).operations().pq(pq, sources, coefficients, size, flags))
                    .pqVal((chan, pq, sources, coefficients, size, result, flags) ->
                            of(chan).operations()
                                    .pqVal(pq, sources, coefficients, size, result, flags));
        }
        return ops;
    }

    private void describe() {
        Capabilities all = Capabilities.of(TransactionType.MEMCPY, TransactionType.INTERRUPT);
        if (sums()) {
            all = all.with(TransactionType.XOR).with(TransactionType.XOR_VAL);
            device.maxXor(hasXor() ? SOURCES_MAX : sourcesMax());
        } else {
            all = all.with(TransactionType.PRIVATE);
        }
        if (syndromes()) {
            all = all.with(TransactionType.PQ).with(TransactionType.PQ_VAL);
            device.maxPq(sourcesMax(), false);
        }
        device.capabilities(all);
    }

    @Linux(file = "drivers/dma/ioat/init.c", symbol = "ioat_enumerate_channels")
    private void enumerate(DmaEngine engine) {
        int word = cpu().load32(registers + IoatRegister.CHANCNT.offset());
        int count = Math.min(Chancnt.CHANCNT.get(word), IoatRegister.CHANNEL_COUNT_MAX);
        for (int i = 0; i < count; i++) {
            channels.add(new IoatChannel(this, engine, i, Chancnt.XFERCAP.get(word)));
        }
        channels.forEach(channel -> channel.registers().reset());
    }

    // What it can do.

    /** Exclusive or by an operation of its own. */
    boolean hasXor() {
        return Dmacapability.XOR.isSet(capabilities);
    }

    private boolean sums() {
        return hasXor() || syndromes();
    }

    private boolean syndromes() {
        return Dmacapability.PQ.isSet(capabilities);
    }

    /** Checks write what they found back to their descriptor. */
    boolean writesBack() {
        return Dmacapability.DWBES.isSet(capabilities);
    }

    /** Most sources of a syndrome. */
    int sourcesMax() {
        return Dmacapability.RAID16SS.isSet(capabilities) ? LONG_SOURCES_MAX : SOURCES_MAX;
    }

    /** The pool of super-extended descriptors for so many sources. */
    DmaPool sedPool(int sources) {
        return sedPools.get(sources > SOURCES_MAX + 1 ? 1 : 0);
    }

    private static IoatChannel of(Channel channel) {
        return (IoatChannel) channel;
    }

    List<IoatChannel> channels() {
        return channels;
    }

    DmaDevice device() {
        return device;
    }

    Device dev() {
        return function.device();
    }

    PciDevice function() {
        return function;
    }

    ProviderKit kit() {
        return kit;
    }

    Timers timers() {
        return timers;
    }

    long registers() {
        return registers;
    }

    Cpu cpu() {
        return kit.cpu();
    }

    // Interrupts.

    private int interruptControl() {
        return cpu().load8(registers + IoatDriver.INTRCTRL) & 0xff;
    }

    private void interruptControl(int value) {
        cpu().barrier();
        cpu().store8(registers + IoatDriver.INTRCTRL, (byte) value);
    }

    void enableInterrupts(boolean perChannel) {
        interruptControl(
                IoatDriver.MASTER_INT_EN | (perChannel ? IoatDriver.MSIX_VECTOR_CONTROL : 0));
        if (writesBack()) {
            channels.forEach(channel -> channel.registers().maskChecks());
        }
    }

    void disableInterrupts() {
        interruptControl(0);
    }

    /** One interrupt for all channels. */
    @Linux(file = "drivers/dma/ioat/dma.c", symbol = "ioat_dma_do_interrupt")
    IrqReturn handleInterrupt() {
        int control = interruptControl();
        if ((control & IoatDriver.MASTER_INT_EN) == 0) {
            return IrqReturn.NONE;
        }
        if ((control & IoatDriver.INT_STATUS) == 0) {
            interruptControl(control);
            return IrqReturn.NONE;
        }
        int attention =
                Attnstatus.CHANNELS.get(cpu().load32(registers + IoatRegister.ATTNSTATUS.offset()));
        for (IoatChannel channel : channels) {
            if ((attention & 1 << channel.number()) != 0) {
                channel.scheduleCleanup();
            }
        }
        interruptControl(control);
        return IrqReturn.HANDLED;
    }
}
