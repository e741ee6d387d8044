package dmakit.kernel.drivers.msgdma;

import dmakit.datasheet.msgdma.MsgdmaCsr;
import dmakit.datasheet.msgdma.MsgdmaDescriptor;
import dmakit.datasheet.msgdma.MsgdmaResponse;
import dmakit.kernel.Linux;
import dmakit.machine.cpu.Cpu;

/** The three blocks of registers of one core, in the kernel's address space. */
final class Registers {
    private final Cpu cpu;
    private final long csr;
    private final long descriptor;
    private final long response;

    Registers(Cpu cpu, long csr, long descriptor, long response) {
        this.cpu = cpu;
        this.csr = csr;
        this.descriptor = descriptor;
        this.response = response;
    }

    @Linux(file = "include/asm-generic/iomap.h", symbol = "ioread32")
    int ioread32(MsgdmaCsr register) {
        return cpu.load32(csr + register.offset());
    }

    int ioread32(MsgdmaResponse register) {
        return cpu.load32(response + register.offset());
    }

    /** Everything stored before is visible to the device before it sees this. */
    @Linux(file = "include/asm-generic/iomap.h", symbol = "iowrite32")
    void iowrite32(MsgdmaCsr register, int value) {
        cpu.barrier();
        cpu.store32(csr + register.offset(), value);
    }

    void iowrite32(MsgdmaDescriptor word, int value) {
        cpu.barrier();
        cpu.store32(descriptor + word.offset(), value);
    }
}
