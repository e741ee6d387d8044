package dmakit.hardware.smmu;

import dmakit.datasheet.smmu.ContextAttributeRegister;
import dmakit.datasheet.smmu.ContextAttributeRegister.Cba2r;
import dmakit.datasheet.smmu.ContextAttributeRegister.Cbar;
import dmakit.datasheet.smmu.ContextAttributeRegister.Cbfrsynra;
import dmakit.datasheet.smmu.ContextBankRegister;
import dmakit.datasheet.smmu.ContextBankRegister.Fsr;
import dmakit.datasheet.smmu.ContextBankRegister.Fsynr0;
import dmakit.datasheet.smmu.ContextBankRegister.Sctlr;
import dmakit.datasheet.smmu.ContextBankRegister.Tcr;
import dmakit.datasheet.smmu.ContextBankRegister.Tcr2;
import dmakit.datasheet.smmu.ContextBankRegister.TtbrHigh;

/**
 * One translation context: which tables it walks, and the fault it recorded. Registers that say how
 * to translate take effect at the next walk; entries made before stay.
 */
final class ContextBank {
    private static final int ASID_8_BITS = 0xff;

    /** What {@code PASIZE} stands for, in bits. */
    private static final int[] PHYS_BITS = {32, 36, 40, 42, 44, 48, 48, 48};

    private final int[] words = new int[ContextBankRegister.values().length];
    private int cbar;
    private int cba2r;
    private int cbfrsynra;

    // What the registers come to.
    private boolean translates;
    private boolean walksLongTables;
    private int tag;
    private long physLast;

    ContextBank() {
        configure();
    }

    // Registers.

    int word(ContextBankRegister register) {
        return words[register.ordinal()];
    }

    /** Stores to a register that keeps what is stored. */
    void store(ContextBankRegister register, int value) {
        words[register.ordinal()] = value & register.writableMask();
        configure();
    }

    int cbar() {
        return cbar;
    }

    void cbar(int value) {
        cbar = value & ContextAttributeRegister.CBAR.writableMask();
        configure();
    }

    int cba2r() {
        return cba2r;
    }

    void cba2r(int value) {
        cba2r = value & ContextAttributeRegister.CBA2R.writableMask();
        configure();
    }

    int cbfrsynra() {
        return cbfrsynra;
    }

    private void configure() {
        int tcr = word(ContextBankRegister.TCR);
        int tcr2 = word(ContextBankRegister.TCR2);
        int owner =
                word(
                        Tcr.A1.isSet(tcr)
                                ? ContextBankRegister.TTBR1_HIGH
                                : ContextBankRegister.TTBR0_HIGH);
        int asid = TtbrHigh.ASID.get(owner);
        if (!Tcr2.AS.isSet(tcr2)) {
            asid &= ASID_8_BITS;
        }
        tag = Cbar.VMID.get(cbar) << Iotlb.ASID_BITS | asid;
        translates = Sctlr.M.isSet(word(ContextBankRegister.SCTLR));
        walksLongTables = Cba2r.VA64.isSet(cba2r);
        physLast = (1L << PHYS_BITS[Tcr2.PASIZE.get(tcr2)]) - 1;
    }

    /** Whether it is for stage 1 alone, the only kind there is here. */
    boolean isStage1() {
        return Cbar.TYPE.get(cbar) == ContextAttributeRegister.TYPE_STAGE_1;
    }

    /** Whether it translates; else addresses go through as they are. */
    boolean translates() {
        return translates;
    }

    /** Whose its entries are: VMID and ASID. */
    int tag() {
        return tag;
    }

    /** The VMID its entries carry. */
    int vmid() {
        return Cbar.VMID.get(cbar);
    }

    /** Walks the tables of whichever TTBR an address belongs to. */
    boolean walk(TableWalker walker, long address) {
        int tcr = word(ContextBankRegister.TCR);
        int size0 = Tcr.T0SZ.get(tcr);
        int size1 = Tcr.T1SZ.get(tcr);
        if (walksLongTables) {
            if (size0 != 0 && address >>> (Long.SIZE - size0) == 0) {
                if (!Tcr.EPD0.isSet(tcr) && Tcr.TG0.get(tcr) == ContextBankRegister.TG0_4K) {
                    return walker.walk(address, ttbr0(), size0, physLast);
                }
            } else if (size1 != 0 && address >> (Long.SIZE - size1) == -1) {
                if (!Tcr.EPD1.isSet(tcr) && Tcr.TG1.get(tcr) == ContextBankRegister.TG1_4K) {
                    return walker.walk(address, ttbr1(), size1, physLast);
                }
            }
        }
        walker.failBeforeWalk();
        return false;
    }

    private long ttbr0() {
        return doubleWord(ContextBankRegister.TTBR0, ContextBankRegister.TTBR0_HIGH);
    }

    private long ttbr1() {
        return doubleWord(ContextBankRegister.TTBR1, ContextBankRegister.TTBR1_HIGH);
    }

    private long doubleWord(ContextBankRegister low, ContextBankRegister high) {
        return (long) word(high) << Integer.SIZE | Integer.toUnsignedLong(word(low));
    }

    // Faults.

    /**
     * Records a fault; of those that find one recorded nothing is kept but that they were.
     *
     * @param why a bit of {@link Fsr}
     * @param level of the table at which it failed
     */
    void record(
            int why,
            int level,
            boolean ofWalk,
            long address,
            boolean write,
            boolean privileged,
            int streamId) {
        int fsr = word(ContextBankRegister.FSR);
        if (fsr != 0) {
            set(ContextBankRegister.FSR, Fsr.MULTI.with(fsr, true));
            return;
        }
        set(ContextBankRegister.FSR, Fsr.FORMAT.with(why, ContextBankRegister.FORMAT_AARCH64));
        set(ContextBankRegister.FAR, (int) address);
        set(ContextBankRegister.FAR_HIGH, (int) (address >>> Integer.SIZE));
        int syndrome = Fsynr0.PLVL.of(level);
        syndrome = Fsynr0.WNR.with(syndrome, write);
        syndrome = Fsynr0.PNU.with(syndrome, privileged);
        set(ContextBankRegister.FSYNR0, Fsynr0.PTWF.with(syndrome, ofWalk));
        cbfrsynra = Cbfrsynra.STREAMID.of(streamId);
    }

    /** Ones in {@code bits} are handled; with the last of them the record is gone. */
    void handled(int bits) {
        int left = word(ContextBankRegister.FSR) & ~(bits & ContextBankRegister.FSR.writableMask());
        set(
                ContextBankRegister.FSR,
                (left & ContextBankRegister.FSR.writableMask()) == 0 ? 0 : left);
    }

    /** Whether it asks for its interrupt. */
    boolean interrupts() {
        return word(ContextBankRegister.FSR) != 0
                && Sctlr.CFIE.isSet(word(ContextBankRegister.SCTLR));
    }

    private void set(ContextBankRegister register, int value) {
        words[register.ordinal()] = value;
    }
}
