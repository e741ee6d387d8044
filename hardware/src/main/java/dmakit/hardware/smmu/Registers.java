package dmakit.hardware.smmu;

import dmakit.datasheet.Register;
import dmakit.datasheet.smmu.ContextAttributeRegister;
import dmakit.datasheet.smmu.ContextBankRegister;
import dmakit.datasheet.smmu.ContextBankRegister.Tlbiasid;
import dmakit.datasheet.smmu.ContextBankRegister.TlbivaHigh;
import dmakit.datasheet.smmu.ContextBankRegister.Tlbstatus;
import dmakit.datasheet.smmu.GlobalRegister;
import dmakit.datasheet.smmu.GlobalRegister.Idr0;
import dmakit.datasheet.smmu.GlobalRegister.Idr1;
import dmakit.datasheet.smmu.GlobalRegister.Idr2;
import dmakit.datasheet.smmu.GlobalRegister.Idr7;
import dmakit.datasheet.smmu.GlobalRegister.Tlbgstatus;
import dmakit.datasheet.smmu.GlobalRegister.Tlbivmid;
import dmakit.datasheet.smmu.LongDescriptor;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.Halves;
import dmakit.hardware.smmu.Invalidations.Scope;
import dmakit.machine.bus.Target;
import org.jspecify.annotations.Nullable;

/**
 * The registers as the bus sees them: pages of global space, then a page for each context bank.
 * What they keep is the stream table's, the global fault's and the banks'; what follows from a
 * store is the {@link Smmu}'s.
 */
final class Registers implements Target {
    private static final int STREAM_ID_BITS = 15;
    private static final int LG2_REGISTER = 2;
    private static final int REVISION = 2;

    /** In IDR2: 48 bits, and 49 for the masters' addresses. */
    private static final int SIZE_48 = 5;

    private static final int VA_BITS_LOW = 44;
    private static final int UNKNOWN = -1;

    private final Smmu smmu;
    private final ChipTrace trace;
    private final Smmu.Build build;
    private final StreamTable streams;
    private final GlobalFault fault;
    private final ContextBank[] banks;
    private final int lg2Page;
    private final int globalPageCount;
    private int acr;

    Registers(
            Smmu smmu,
            ChipTrace trace,
            Smmu.Build build,
            StreamTable streams,
            GlobalFault fault,
            ContextBank[] banks) {
        this.smmu = smmu;
        this.trace = trace;
        this.build = build;
        this.streams = streams;
        this.fault = fault;
        this.banks = banks;
        lg2Page = build.lg2Page();
        globalPageCount = 1 << build.lg2PageCount();
    }

    private int pageOf(long offset) {
        return (int) (offset >>> lg2Page);
    }

    private int inPage(long offset) {
        return (int) offset & (1 << lg2Page) - 1;
    }

    /** The bank that a page of registers belongs to, or negative for global ones. */
    private int bankAt(long offset) {
        return pageOf(offset) - globalPageCount;
    }

    /** Which of a row of registers an offset is, or {@link #UNKNOWN}. */
    private static int indexIn(int at, Register first, int count) {
        int index = (at - first.offset()) >> LG2_REGISTER;
        return index >= 0 && index < count ? index : UNKNOWN;
    }

    /** Registers answer accesses of 4 and 8 bytes; others read zero. */
    @Override
    public long read(long offset, int bytes) {
        if (bytes < Register.BYTES) {
            return 0;
        }
        long value = Integer.toUnsignedLong(readWord(offset));
        if (bytes > Register.BYTES) {
            value |= (long) readWord(offset + Register.BYTES) << Integer.SIZE;
        }
        traceAccess(offset, bytes, value, false);
        return value;
    }

    /** Registers take stores of 4 and 8 bytes; others have no effect. */
    @Override
    public void write(long offset, int bytes, long value) {
        if (bytes < Register.BYTES) {
            return;
        }
        traceAccess(offset, bytes, value, true);
        // The upper half first: storing the lower one is what invalidates.
        if (bytes > Register.BYTES) {
            writeWord(offset + Register.BYTES, (int) (value >>> Integer.SIZE));
        }
        writeWord(offset, (int) value);
    }

    private int readWord(long offset) {
        int bank = bankAt(offset);
        int at = inPage(offset);
        if (bank >= 0) {
            ContextBankRegister register = ContextBankRegister.MAP.at(at);
            return register == null || bank >= banks.length ? 0 : readBank(banks[bank], register);
        }
        return switch (pageOf(offset)) {
            case 0 -> readGlobal(at);
            case 1 -> readAttribute(at);
            default -> 0;
        };
    }

    private void writeWord(long offset, int value) {
        int bank = bankAt(offset);
        int at = inPage(offset);
        if (bank >= 0) {
            ContextBankRegister register = ContextBankRegister.MAP.at(at);
            if (register != null && bank < banks.length) {
                writeBank(banks[bank], register, value);
            }
        } else if (pageOf(offset) == 0) {
            writeGlobal(at, value);
        } else if (pageOf(offset) == 1) {
            writeAttribute(at, value);
        }
    }

    // Global space 0.

    private int readGlobal(int at) {
        int group = indexIn(at, GlobalRegister.SMR, streams.groupCount());
        if (group != UNKNOWN) {
            return streams.smr(group);
        }
        group = indexIn(at, GlobalRegister.S2CR, streams.groupCount());
        if (group != UNKNOWN) {
            return streams.s2cr(group);
        }
        GlobalRegister register = GlobalRegister.MAP.at(at);
        return register == null
                ? 0
                : switch (register) {
                    case CR0 -> streams.cr0();
                    case ACR -> acr;
                    case IDR0 -> identification();
                    case IDR1 -> sizes();
                    case IDR2 ->
                            Idr2.PTFSV8_4KB.mask()
                                    | Idr2.UBS.of(SIZE_48)
                                    | Idr2.OAS.of(SIZE_48)
                                    | Idr2.IAS.of(SIZE_48);
                    case IDR7 -> Idr7.MAJOR.of(REVISION);
                    case GFAR -> Halves.low(fault.gfar());
                    case GFAR_HIGH -> Halves.high(fault.gfar());
                    case GFSR -> fault.gfsr();
                    case GFSYNR0 -> fault.gfsynr0();
                    case GFSYNR1 -> fault.gfsynr1();
                    case TLBGSTATUS -> Tlbgstatus.GSACTIVE.with(0, smmu.isSynchronising());
                    case GFSRRESTORE,
                            GFSYNR2,
                            TLBIVMID,
                            TLBIALLNSNH,
                            TLBIALLH,
                            TLBGSYNC,
                            SMR,
                            S2CR ->
                            0;
                };
    }

    private int identification() {
        int value =
                Idr0.S1TS.mask()
                        | Idr0.SMS.mask()
                        | Idr0.ATOSNS.mask()
                        | Idr0.PTFS.of(GlobalRegister.PTFS_NO_AARCH32)
                        | Idr0.NUMSIDB.of(STREAM_ID_BITS)
                        | Idr0.NUMSMRG.of(streams.groupCount());
        return Idr0.CTTW.with(value, build.coherentWalk());
    }

    private int sizes() {
        int value = Idr1.NUMPAGENDXB.of(build.lg2PageCount() - 1) | Idr1.NUMCB.of(banks.length);
        return Idr1.PAGESIZE.with(value, build.widePages());
    }

    private void writeGlobal(int at, int value) {
        int group = indexIn(at, GlobalRegister.SMR, streams.groupCount());
        if (group != UNKNOWN) {
            streams.smr(group, value);
            smmu.configured();
            return;
        }
        group = indexIn(at, GlobalRegister.S2CR, streams.groupCount());
        if (group != UNKNOWN) {
            streams.s2cr(group, value);
            smmu.configured();
            return;
        }
        GlobalRegister register = GlobalRegister.MAP.at(at);
        if (register == null) {
            return;
        }
        switch (register) {
            case CR0 -> {
                streams.cr0(value);
                smmu.configured();
                smmu.driveInterrupts();
            }
            case ACR -> acr = value & GlobalRegister.ACR.writableMask();
            case GFAR -> fault.gfarLow(value);
            case GFAR_HIGH -> fault.gfarHigh(value);
            case GFSR -> {
                fault.handled(value);
                smmu.driveInterrupts();
            }
            case GFSRRESTORE -> {
                fault.gfsr(value);
                smmu.driveInterrupts();
            }
            case GFSYNR0 -> fault.gfsynr0(value);
            case GFSYNR1 -> fault.gfsynr1(value);
            case TLBIVMID -> smmu.invalidate(Scope.VMID, tagOfVmid(Tlbivmid.VMID.get(value)), 0);
            case TLBIALLNSNH, TLBIALLH -> smmu.invalidate(Scope.ALL, 0, 0);
            case TLBGSYNC -> smmu.synchronise();
            case IDR0, IDR1, IDR2, IDR7, GFSYNR2, TLBGSTATUS, SMR, S2CR -> {
                // Read-only, or handled above.
            }
        }
    }

    private static int tagOfVmid(int vmid) {
        return vmid << Iotlb.ASID_BITS;
    }

    // Global space 1.

    private int readAttribute(int at) {
        int bank = indexIn(at, ContextAttributeRegister.CBAR, banks.length);
        if (bank != UNKNOWN) {
            return banks[bank].cbar();
        }
        bank = indexIn(at, ContextAttributeRegister.CBFRSYNRA, banks.length);
        if (bank != UNKNOWN) {
            return banks[bank].cbfrsynra();
        }
        bank = indexIn(at, ContextAttributeRegister.CBA2R, banks.length);
        return bank == UNKNOWN ? 0 : banks[bank].cba2r();
    }

    private void writeAttribute(int at, int value) {
        int bank = indexIn(at, ContextAttributeRegister.CBAR, banks.length);
        if (bank != UNKNOWN) {
            banks[bank].cbar(value);
            smmu.configured();
            return;
        }
        bank = indexIn(at, ContextAttributeRegister.CBA2R, banks.length);
        if (bank != UNKNOWN) {
            banks[bank].cba2r(value);
            smmu.configured();
        }
    }

    // Context banks.

    private int readBank(ContextBank bank, ContextBankRegister register) {
        return switch (register) {
            case TLBSTATUS -> Tlbstatus.SACTIVE.with(0, smmu.isSynchronising());
            case RESUME,
                    FSRRESTORE,
                    TLBIVA,
                    TLBIVA_HIGH,
                    TLBIVAA,
                    TLBIVAA_HIGH,
                    TLBIASID,
                    TLBIALL,
                    TLBIVAL,
                    TLBIVAL_HIGH,
                    TLBIVAAL,
                    TLBIVAAL_HIGH,
                    TLBSYNC ->
                    0;
            case SCTLR,
                    ACTLR,
                    TCR2,
                    TTBR0,
                    TTBR0_HIGH,
                    TTBR1,
                    TTBR1_HIGH,
                    TCR,
                    CONTEXTIDR,
                    MAIR0,
                    MAIR1,
                    FSR,
                    FAR,
                    FAR_HIGH,
                    FSYNR0,
                    FSYNR1 ->
                    bank.word(register);
        };
    }

    private void writeBank(ContextBank bank, ContextBankRegister register, int value) {
        switch (register) {
            case SCTLR, TCR2, TTBR0, TTBR0_HIGH, TTBR1, TTBR1_HIGH, TCR -> {
                bank.store(register, value);
                smmu.configured();
                smmu.driveInterrupts();
            }
            case ACTLR,
                    CONTEXTIDR,
                    MAIR0,
                    MAIR1,
                    FAR,
                    FAR_HIGH,
                    TLBIVA_HIGH,
                    TLBIVAA_HIGH,
                    TLBIVAL_HIGH,
                    TLBIVAAL_HIGH ->
                    bank.store(register, value);
            case FSR -> {
                bank.handled(value);
                smmu.driveInterrupts();
            }
            case FSRRESTORE -> {
                bank.store(ContextBankRegister.FSR, value);
                smmu.driveInterrupts();
            }
            case TLBIVA -> byAddress(bank, bank.word(ContextBankRegister.TLBIVA_HIGH), value);
            case TLBIVAL -> byAddress(bank, bank.word(ContextBankRegister.TLBIVAL_HIGH), value);
            case TLBIVAA -> ofAnyAsid(bank, bank.word(ContextBankRegister.TLBIVAA_HIGH), value);
            case TLBIVAAL -> ofAnyAsid(bank, bank.word(ContextBankRegister.TLBIVAAL_HIGH), value);
            case TLBIASID ->
                    smmu.invalidate(
                            Scope.ASID, tagOfVmid(bank.vmid()) | Tlbiasid.ASID.get(value), 0);
            case TLBIALL -> smmu.invalidate(Scope.VMID, tagOfVmid(bank.vmid()), 0);
            case TLBSYNC -> smmu.synchronise();
            case RESUME, FSYNR0, FSYNR1, TLBSTATUS -> {
                // Read-only; and no access is ever stalled.
            }
        }
    }

    private void byAddress(ContextBank bank, int high, int low) {
        int tag = tagOfVmid(bank.vmid()) | TlbivaHigh.ASID.get(high);
        smmu.invalidate(Scope.ADDRESS, tag, addressOf(high, low));
    }

    private void ofAnyAsid(ContextBank bank, int high, int low) {
        smmu.invalidate(Scope.ADDRESS_OF_ANY_ASID, tagOfVmid(bank.vmid()), addressOf(high, low));
    }

    private static long addressOf(int high, int low) {
        return Integer.toUnsignedLong(low) << LongDescriptor.LG2_PAGE
                | (long) TlbivaHigh.VA.get(high) << VA_BITS_LOW;
    }

    // The trace.

    @Override
    public boolean tracesAccess(long offset) {
        return true;
    }

    @Override
    public String registerName(long offset) {
        int bank = bankAt(offset);
        int at = inPage(offset);
        String known = null;
        if (bank >= 0) {
            ContextBankRegister register = ContextBankRegister.MAP.at(at);
            known = register == null ? null : "CB" + bank + "_" + register.name();
        } else if (pageOf(offset) == 0) {
            known = nameOfGlobal(at);
        } else if (pageOf(offset) == 1) {
            known = nameOfAttribute(at);
        }
        return known == null ? Target.super.registerName(offset) : known;
    }

    private @Nullable String nameOfGlobal(int at) {
        int group = indexIn(at, GlobalRegister.SMR, streams.groupCount());
        if (group != UNKNOWN) {
            return "SMR" + group;
        }
        group = indexIn(at, GlobalRegister.S2CR, streams.groupCount());
        if (group != UNKNOWN) {
            return "S2CR" + group;
        }
        GlobalRegister register = GlobalRegister.MAP.at(at);
        return register == null ? null : register.name();
    }

    private @Nullable String nameOfAttribute(int at) {
        for (ContextAttributeRegister first : ContextAttributeRegister.MAP.registers()) {
            int bank = indexIn(at, first, banks.length);
            if (bank != UNKNOWN) {
                return first.name() + bank;
            }
        }
        return null;
    }

    private void traceAccess(long offset, int bytes, long value, boolean write) {
        if (trace.isOn()) {
            trace.accessed(registerName(offset), offset, bytes, value, write);
        }
    }
}
