package dmakit.kernel.drivers.xdmac;

import dmakit.datasheet.xdmac.XdmacChannelRegister;
import dmakit.datasheet.xdmac.XdmacLayout;
import dmakit.datasheet.xdmac.XdmacRegister;
import dmakit.kernel.Linux;
import dmakit.machine.cpu.Cpu;

/** The registers of one controller, in the kernel's address space. */
final class Registers {
    private static final String FILE = "include/asm-generic/io.h";

    private final Cpu cpu;
    private final long va;
    private final XdmacLayout layout;

    Registers(Cpu cpu, long va, XdmacLayout layout) {
        this.cpu = cpu;
        this.va = va;
        this.layout = layout;
    }

    XdmacLayout layout() {
        return layout;
    }

    @Linux(file = FILE, symbol = "readl_relaxed")
    int read(XdmacRegister register) {
        return cpu.load32(va + layout.offsetOf(register));
    }

    @Linux(file = FILE, symbol = "writel_relaxed")
    void write(XdmacRegister register, int value) {
        cpu.store32(va + layout.offsetOf(register), value);
    }

    int read(int channel, XdmacChannelRegister register) {
        return cpu.load32(address(channel, register));
    }

    void write(int channel, XdmacChannelRegister register, int value) {
        cpu.store32(address(channel, register), value);
    }

    private long address(int channel, XdmacChannelRegister register) {
        return va
                + layout.channelBase()
                + (long) channel * XdmacChannelRegister.STRIDE
                + register.offset();
    }

    /** What was stored to memory is there before the device sees what follows. */
    @Linux(file = "include/asm-generic/barrier.h", symbol = "wmb")
    void barrier() {
        cpu.barrier();
    }
}
