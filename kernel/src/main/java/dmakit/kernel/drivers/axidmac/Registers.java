package dmakit.kernel.drivers.axidmac;

import dmakit.datasheet.axidmac.AxiDmacRegister;
import dmakit.kernel.Linux;
import dmakit.machine.cpu.Cpu;

/** The registers of one core, in the kernel's address space. */
final class Registers {
    private static final String FILE = "drivers/dma/dma-axi-dmac.c";

    private final Cpu cpu;
    private final long va;

    Registers(Cpu cpu, long va) {
        this.cpu = cpu;
        this.va = va;
    }

    @Linux(file = FILE, symbol = "axi_dmac_read")
    int readl(AxiDmacRegister register) {
        return cpu.load32(va + register.offset());
    }

    /** Everything stored before is visible to the device before it sees this. */
    @Linux(file = FILE, symbol = "axi_dmac_write")
    void writel(AxiDmacRegister register, int value) {
        cpu.barrier();
        cpu.store32(va + register.offset(), value);
    }

    /** Stores an address in two halves. */
    void writel(AxiDmacRegister low, AxiDmacRegister high, long address) {
        writel(low, (int) address);
        writel(high, (int) (address >>> Integer.SIZE));
    }

    /** Stores a value and says what is left of it: which bits there are. */
    int probe(AxiDmacRegister register, int value) {
        writel(register, value);
        return readl(register);
    }
}
