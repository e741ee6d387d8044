package dmakit.kernel.drivers.xilinx;

import dmakit.datasheet.Register;
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
    int readl(Register register) {
        return cpu.load32(va + register.offset());
    }

    /** Everything stored before is visible to the device before it sees this. */
    @Linux(file = "include/asm-generic/io.h", symbol = "writel")
    void writel(Register register, int value) {
        cpu.barrier();
        cpu.store32(va + register.offset(), value);
    }

    /** An address: its low half, then, where the core has one, the high one behind it. */
    @Linux(file = "include/linux/io-64-nonatomic-lo-hi.h", symbol = "lo_hi_writeq")
    void writeAddress(Register low, long value, boolean wide) {
        writel(low, (int) value);
        if (wide) {
            cpu.barrier();
            cpu.store32(va + low.offset() + Register.BYTES, (int) (value >>> Integer.SIZE));
        }
    }

    /** The high half of an address, as a number. */
    long readHigh(Register low) {
        return Integer.toUnsignedLong(cpu.load32(va + low.offset() + Register.BYTES));
    }
}
