package dmakit.kernel.drivers.vtd;

import dmakit.datasheet.vtd.VtdRegister;
import dmakit.datasheet.vtd.VtdRegister.Cap;
import dmakit.datasheet.vtd.VtdRegister.CapUpper;
import dmakit.datasheet.vtd.VtdRegister.Gcmd;
import dmakit.kernel.Linux;
import dmakit.machine.cpu.Cpu;

/** The registers of one unit, in the kernel's address space. */
final class Registers {
    /** Looks at a register for a bit to come, each a load that takes its time. */
    private static final int LOOKS_MAX = 1_000_000;

    private final Cpu cpu;
    private final long va;
    private final long records;
    private final int recordCount;

    /** What was enabled by commands so far; a command repeats it. */
    private int enabled;

    Registers(Cpu cpu, long va) {
        this.cpu = cpu;
        this.va = va;
        int upper = readl(VtdRegister.CAP_UPPER);
        int units =
                (CapUpper.FRO_HIGH.get(upper) << Cap.FRO.bits().width())
                        | Cap.FRO.get(readl(VtdRegister.CAP));
        records = va + (long) units * VtdRegister.OFFSET_UNIT;
        recordCount = CapUpper.NFR.get(upper) + 1;
    }

    int readl(VtdRegister register) {
        return cpu.load32(va + register.offset());
    }

    /** Everything stored before is visible to the unit before it sees this. */
    void writel(VtdRegister register, int value) {
        cpu.storeBarrier();
        cpu.store32(va + register.offset(), value);
    }

    /** A register of two words, by the name of its lower one. */
    @Linux(file = "drivers/iommu/intel/iommu.h", symbol = "dmar_readq")
    long readq(VtdRegister register) {
        return cpu.load64(va + register.offset());
    }

    @Linux(file = "drivers/iommu/intel/iommu.h", symbol = "dmar_writeq")
    void writeq(VtdRegister register, long value) {
        cpu.storeBarrier();
        cpu.store64(va + register.offset(), value);
    }

    /** How many fault records there are. */
    int recordCount() {
        return recordCount;
    }

    /** A word of the fault records. */
    int readRecord(int offset) {
        return cpu.load32(records + offset);
    }

    /** Stores a word of the fault records. */
    void writeRecord(int offset, int value) {
        cpu.storeBarrier();
        cpu.store32(records + offset, value);
    }

    /** Switches a function on or off, and returns when the unit says it is so. */
    void enable(Gcmd function, boolean on) {
        enabled = function.with(enabled, on);
        writel(VtdRegister.GCMD, enabled);
        await(function, on);
    }

    /** Gives a command that is not a state, and returns when the unit has carried it out. */
    void command(Gcmd command) {
        writel(VtdRegister.GCMD, command.with(enabled, true));
        await(command, true);
    }

    /** The bits of the status have the places of those of the commands. */
    @Linux(file = "drivers/iommu/intel/iommu.h", symbol = "IOMMU_WAIT_OP")
    private void await(Gcmd bit, boolean on) {
        for (int looks = 0; bit.isSet(readl(VtdRegister.GSTS)) != on; looks++) {
            if (looks == LOOKS_MAX) {
                throw new IllegalStateException("DMAR hardware is malfunctioning");
            }
        }
    }
}
