package dmakit.kernel.pci;

import dmakit.kernel.Linux;
import dmakit.machine.cpu.Cpu;

/** Loads and stores of one function's configuration space. */
@Linux(file = "drivers/pci/ecam.c", symbol = "pci_ecam_map_bus")
final class ConfigAccess {
    /** Bytes of one function's space. */
    static final int SIZE = 4096;

    private final Cpu cpu;
    private final long va;

    /**
     * Creates the way to one function.
     *
     * @param va where its space is mapped
     */
    ConfigAccess(Cpu cpu, long va) {
        this.cpu = cpu;
        this.va = va;
    }

    int read8(int offset) {
        return Byte.toUnsignedInt(cpu.load8(va + offset));
    }

    int read16(int offset) {
        return Short.toUnsignedInt(cpu.load16(va + offset));
    }

    int read32(int offset) {
        return cpu.load32(va + offset);
    }

    void write8(int offset, int value) {
        cpu.store8(va + offset, (byte) value);
    }

    void write16(int offset, int value) {
        cpu.store16(va + offset, (short) value);
    }

    void write32(int offset, int value) {
        cpu.store32(va + offset, value);
    }
}
