package dmakit.kernel.drivers.bcm2835;

import dmakit.datasheet.bcm2835.DmaChannelRegister;
import dmakit.kernel.Linux;
import dmakit.machine.cpu.Cpu;

/** The registers of one channel, in the kernel's address space. */
final class Registers {
    private final Cpu cpu;
    private final long va;

    Registers(Cpu cpu, long va) {
        this.cpu = cpu;
        this.va = va;
    }

    @Linux(file = "include/asm-generic/io.h", symbol = "readl")
    int readl(DmaChannelRegister register) {
        return cpu.load32(va + register.offset());
    }

    /** Everything stored before is visible to the device before it sees this. */
    @Linux(file = "include/asm-generic/io.h", symbol = "writel")
    void writel(DmaChannelRegister register, int value) {
        cpu.barrier();
        cpu.store32(va + register.offset(), value);
    }
}
