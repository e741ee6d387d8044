package dmakit.kernel.drivers.smmu;

import dmakit.datasheet.Register;
import dmakit.datasheet.smmu.ContextAttributeRegister;
import dmakit.datasheet.smmu.ContextBankRegister;
import dmakit.datasheet.smmu.GlobalRegister;
import dmakit.datasheet.smmu.GlobalRegister.Idr1;
import dmakit.kernel.Linux;
import dmakit.machine.cpu.Cpu;

/** The registers of one SMMU, in the kernel's address space. Stores wait for nothing. */
final class SmmuRegisters {
    private static final String FILE = "drivers/iommu/arm/arm-smmu/arm-smmu.h";
    private static final int LG2_PAGE_4K = 12;
    private static final int LG2_PAGE_64K = 16;

    private final Cpu cpu;
    private final long base;
    private final int lg2Page;
    private final int pageCount;

    SmmuRegisters(Cpu cpu, long base) {
        this.cpu = cpu;
        this.base = base;
        int sizes = cpu.load32(base + GlobalRegister.IDR1.offset());
        lg2Page = Idr1.PAGESIZE.isSet(sizes) ? LG2_PAGE_64K : LG2_PAGE_4K;
        pageCount = 1 << (Idr1.NUMPAGENDXB.get(sizes) + 1);
    }

    /** Bytes of all registers, as the SMMU says. */
    long size() {
        return (2L * pageCount) << lg2Page;
    }

    /** Where a context bank's registers start. */
    long bank(int number) {
        return base + ((long) (pageCount + number) << lg2Page);
    }

    /** Where a global register is. */
    long address(GlobalRegister register) {
        return base + register.offset();
    }

    @Linux(file = FILE, symbol = "arm_smmu_gr0_read")
    int read(GlobalRegister register) {
        return cpu.load32(base + register.offset());
    }

    @Linux(file = FILE, symbol = "arm_smmu_gr0_write")
    void write(GlobalRegister register, int value) {
        cpu.store32(base + register.offset(), value);
    }

    /** One of a row: SMR or S2CR. */
    int read(GlobalRegister first, int index) {
        return cpu.load32(base + first.offset() + (long) index * Register.BYTES);
    }

    /** One of a row: SMR or S2CR. */
    void write(GlobalRegister first, int index, int value) {
        cpu.store32(base + first.offset() + (long) index * Register.BYTES, value);
    }

    @Linux(file = FILE, symbol = "arm_smmu_gr1_read")
    int read(ContextAttributeRegister register, int bank) {
        return cpu.load32(attribute(register, bank));
    }

    @Linux(file = FILE, symbol = "arm_smmu_gr1_write")
    void write(ContextAttributeRegister register, int bank, int value) {
        cpu.store32(attribute(register, bank), value);
    }

    private long attribute(ContextAttributeRegister register, int bank) {
        return base + (1L << lg2Page) + register.offset() + (long) bank * Register.BYTES;
    }

    @Linux(file = FILE, symbol = "arm_smmu_cb_read")
    int read(ContextBankRegister register, int bank) {
        return cpu.load32(bank(bank) + register.offset());
    }

    @Linux(file = FILE, symbol = "arm_smmu_cb_write")
    void write(ContextBankRegister register, int bank, int value) {
        cpu.store32(bank(bank) + register.offset(), value);
    }

    /** A register of 64 bits, by its lower half. */
    @Linux(file = FILE, symbol = "arm_smmu_cb_readq")
    long readDouble(ContextBankRegister low, int bank) {
        return cpu.load64(bank(bank) + low.offset());
    }

    /** A register of 64 bits, by its lower half. */
    @Linux(file = FILE, symbol = "arm_smmu_cb_writeq")
    void writeDouble(ContextBankRegister low, int bank, long value) {
        cpu.store64(bank(bank) + low.offset(), value);
    }
}
