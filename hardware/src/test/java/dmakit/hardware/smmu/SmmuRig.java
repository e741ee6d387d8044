package dmakit.hardware.smmu;

import dmakit.datasheet.Register;
import dmakit.datasheet.smmu.ContextAttributeRegister;
import dmakit.datasheet.smmu.ContextAttributeRegister.Cba2r;
import dmakit.datasheet.smmu.ContextAttributeRegister.Cbar;
import dmakit.datasheet.smmu.ContextBankRegister;
import dmakit.datasheet.smmu.ContextBankRegister.Sctlr;
import dmakit.datasheet.smmu.ContextBankRegister.Tcr;
import dmakit.datasheet.smmu.ContextBankRegister.Tcr2;
import dmakit.datasheet.smmu.GlobalRegister;
import dmakit.datasheet.smmu.GlobalRegister.Cr0;
import dmakit.datasheet.smmu.GlobalRegister.S2cr;
import dmakit.datasheet.smmu.GlobalRegister.Smr;
import dmakit.datasheet.smmu.LongDescriptor;
import dmakit.machine.Machine;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Translation;
import dmakit.machine.bus.Windows;
import dmakit.machine.cpu.CostTable;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.DeviceView;
import dmakit.machine.memory.Ram;
import dmakit.machine.random.Rng;
import java.util.List;

/**
 * An SMMU of 8 groups and 4 banks with 16 MiB of RAM, and two masters of streams {@link #STREAM}
 * and {@link #OTHER}. Tables are made from {@link #TABLES} on.
 */
final class SmmuRig implements AutoCloseable {
    static final long RAM_BYTES = 16 << 20;
    static final long TABLES = 0x10_0000;
    static final int STREAM = 0x42;
    static final int OTHER = 0x43;
    static final int BANK = 2;

    /** A page that everybody may read and write, for one ASID. */
    static final long PAGE =
            LongDescriptor.VALID.mask()
                    | LongDescriptor.TABLE.mask()
                    | LongDescriptor.AF.mask()
                    | LongDescriptor.NG.mask()
                    | LongDescriptor.AP_UNPRIVILEGED.mask();

    /** The same, as a block. */
    static final long BLOCK = PAGE & ~LongDescriptor.TABLE.mask();

    private static final int BANKS = 4;
    private static final long BANK_SPACE = (long) BANKS << 12;

    final Machine machine =
            new Machine(
                    new Machine.Config(
                            List.of(new Ram.Bank(0, RAM_BYTES)),
                            false,
                            new Machine.Cache.None(),
                            CostTable.CORTEX_A53,
                            1));
    final IrqLine globalLine = machine.interrupts().line(1);
    final List<IrqLine> contextLines =
            List.of(
                    machine.interrupts().line(2),
                    machine.interrupts().line(3),
                    machine.interrupts().line(4),
                    machine.interrupts().line(5));
    final Smmu smmu;
    final MasterPort master;
    final MasterPort other;
    final long root;

    private final DeviceView memory = new DeviceView(machine.ram(), machine.caches(), false);
    private long nextTable = TABLES;

    SmmuRig() {
        smmu =
                new Smmu(
                        machine.clock(),
                        machine.trace(),
                        "smmu",
                        memory,
                        machine.ram(),
                        new Smmu.Build(8, BANKS, false, false),
                        globalLine,
                        contextLines);
        master = machine.bus().master("master", stream(STREAM), false);
        other = machine.bus().master("other", stream(OTHER), false);
        root = newTable();
    }

    Translation stream(int id) {
        return smmu.stream(id, Windows.IDENTITY);
    }

    // Registers.

    int read(GlobalRegister register) {
        return (int) smmu.read(register.offset(), 4);
    }

    void write(GlobalRegister register, int value) {
        smmu.write(register.offset(), 4, value & 0xffff_ffffL);
    }

    void write(GlobalRegister first, int index, int value) {
        smmu.write(first.offset() + (long) index * Register.BYTES, 4, value & 0xffff_ffffL);
    }

    void write(ContextAttributeRegister register, int bank, int value) {
        smmu.write(0x1000 + register.offset() + bank * 4L, 4, value & 0xffff_ffffL);
    }

    int read(ContextAttributeRegister register, int bank) {
        return (int) smmu.read(0x1000 + register.offset() + bank * 4L, 4);
    }

    int read(ContextBankRegister register) {
        return (int) smmu.read(at(register), 4);
    }

    long readDouble(ContextBankRegister register) {
        return smmu.read(at(register), 8);
    }

    void write(ContextBankRegister register, int value) {
        smmu.write(at(register), 4, value & 0xffff_ffffL);
    }

    void writeDouble(ContextBankRegister register, long value) {
        smmu.write(at(register), 8, value);
    }

    private static long at(ContextBankRegister register) {
        return BANK_SPACE + ((long) BANK << 12) + register.offset();
    }

    // Beginning.

    /** Stream {@link #STREAM} is translated by bank {@link #BANK}; others fault. */
    SmmuRig start() {
        write(ContextAttributeRegister.CBA2R, BANK, Cba2r.VA64.mask());
        write(
                ContextAttributeRegister.CBAR,
                BANK,
                Cbar.TYPE.of(ContextAttributeRegister.TYPE_STAGE_1));
        write(ContextBankRegister.TCR2, Tcr2.AS.mask() | Tcr2.PASIZE.of(5));
        write(ContextBankRegister.TCR, Tcr.EPD1.mask() | Tcr.T0SZ.of(16));
        writeDouble(ContextBankRegister.TTBR0, root | (long) BANK << 48);
        write(ContextBankRegister.SCTLR, Sctlr.M.mask() | Sctlr.CFIE.mask() | Sctlr.CFRE.mask());
        group(0, STREAM, 0, GlobalRegister.TYPE_TRANSLATE);
        write(GlobalRegister.CR0, Cr0.USFCFG.mask() | Cr0.GFIE.mask() | Cr0.GFRE.mask());
        return this;
    }

    void group(int index, int id, int mask, int type) {
        write(GlobalRegister.S2CR, index, S2cr.TYPE.of(type) | S2cr.CBNDX.of(BANK));
        write(GlobalRegister.SMR, index, Smr.VALID.mask() | Smr.MASK.of(mask) | Smr.ID.of(id));
    }

    // Tables.

    long newTable() {
        nextTable += 0x1000;
        return nextTable - 0x1000;
    }

    void store64(long phys, long value) {
        memory.store64(machine.ram().offsetOf(phys), value);
    }

    long load64(long phys) {
        return memory.load64(machine.ram().offsetOf(phys));
    }

    /** Where the descriptor of a level for an address lies, with the tables above it. */
    long descriptorAt(long address, int level) {
        long table = root;
        for (int above = 0; above < level; above++) {
            long at = table + index(address, above) * 8;
            if (load64(at) == 0) {
                store64(at, newTable() | 3);
            }
            table = load64(at) & LongDescriptor.ADDRESS.mask();
        }
        return table + index(address, level) * 8;
    }

    private static long index(long address, int level) {
        return address >>> LongDescriptor.shiftOf(level) & 511;
    }

    /** Enters a descriptor of level 3. */
    void map(long address, long descriptor) {
        store64(descriptorAt(address, 3), descriptor);
    }

    // Invalidation.

    /** By address, without waiting. */
    void invalidate(long address) {
        writeDouble(ContextBankRegister.TLBIVAL, address >>> 12 | (long) BANK << 48);
    }

    /** Waits until what was asked for has happened. */
    void synchronise() {
        write(ContextBankRegister.TLBSYNC, 0);
        while (read(ContextBankRegister.TLBSTATUS) != 0) {
            machine.clock().advanceBy(10_000);
        }
    }

    void pass(long ps) {
        machine.clock().advanceBy(ps);
    }

    // Masters.

    MasterPort oneOf(Rng rng) {
        return rng.oneIn(2) ? master : other;
    }

    /** Whether a master reads or writes 8 bytes; a refusal is recorded. */
    static boolean reaches(MasterPort port, long address, boolean write) {
        return reaches(port, address, 8, write);
    }

    static boolean reaches(MasterPort port, long address, int bytes, boolean write) {
        byte[] data = new byte[bytes];
        BusAnswer answer =
                write ? port.write(address, data, 0, bytes) : port.read(address, data, 0, bytes);
        return answer.isDone();
    }

    @Override
    public void close() {
        machine.close();
    }
}
