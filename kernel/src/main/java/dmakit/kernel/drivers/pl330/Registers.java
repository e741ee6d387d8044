package dmakit.kernel.drivers.pl330;

import dmakit.datasheet.Register;
import dmakit.datasheet.pl330.Pl330ChannelRegister;
import dmakit.datasheet.pl330.Pl330Register;
import dmakit.datasheet.pl330.Pl330StatusRegister;
import dmakit.kernel.Linux;
import dmakit.machine.cpu.Cpu;

/** The registers of one controller, in the kernel's address space. */
final class Registers {
    private final Cpu cpu;
    private final long va;

    Registers(Cpu cpu, long va) {
        this.cpu = cpu;
        this.va = va;
    }

    @Linux(file = "include/asm-generic/io.h", symbol = "readl")
    int readl(Pl330Register register) {
        return load(0, register);
    }

    int readl(int channel, Pl330StatusRegister register) {
        return load(Pl330StatusRegister.BASE + channel * Pl330StatusRegister.STRIDE, register);
    }

    int readl(int channel, Pl330ChannelRegister register) {
        return load(Pl330ChannelRegister.BASE + channel * Pl330ChannelRegister.STRIDE, register);
    }

    private int load(int base, Register register) {
        return cpu.load32(va + base + register.offset());
    }

    /** Everything stored before is visible to the device before it sees this. */
    @Linux(file = "include/asm-generic/io.h", symbol = "writel")
    void writel(Pl330Register register, int value) {
        cpu.barrier();
        cpu.store32(va + register.offset(), value);
    }
}
