package dmakit.hardware.smmu;

import dmakit.datasheet.Register;
import dmakit.datasheet.smmu.ContextAttributeRegister;
import dmakit.datasheet.smmu.ContextBankRegister;
import dmakit.datasheet.smmu.ContextBankRegister.Fsr;
import dmakit.datasheet.smmu.ContextBankRegister.Tlbiasid;
import dmakit.datasheet.smmu.ContextBankRegister.TlbivaHigh;
import dmakit.datasheet.smmu.ContextBankRegister.Tlbstatus;
import dmakit.datasheet.smmu.GlobalRegister;
import dmakit.datasheet.smmu.GlobalRegister.Cr0;
import dmakit.datasheet.smmu.GlobalRegister.Gfsr;
import dmakit.datasheet.smmu.GlobalRegister.Gfsynr0;
import dmakit.datasheet.smmu.GlobalRegister.Gfsynr1;
import dmakit.datasheet.smmu.GlobalRegister.Idr0;
import dmakit.datasheet.smmu.GlobalRegister.Idr1;
import dmakit.datasheet.smmu.GlobalRegister.Idr2;
import dmakit.datasheet.smmu.GlobalRegister.Idr7;
import dmakit.datasheet.smmu.GlobalRegister.S2cr;
import dmakit.datasheet.smmu.GlobalRegister.Smr;
import dmakit.datasheet.smmu.GlobalRegister.Tlbgstatus;
import dmakit.datasheet.smmu.GlobalRegister.Tlbivmid;
import dmakit.datasheet.smmu.LongDescriptor;
import dmakit.hardware.Halves;
import dmakit.hardware.smmu.Invalidations.Scope;
import dmakit.machine.Check;
import dmakit.machine.bus.Target;
import dmakit.machine.bus.Translation;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.DeviceView;
import dmakit.machine.memory.Ram;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import dmakit.machine.trace.TraceEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Arm's system MMU: what masters put on the bus carries a stream id, which selects a context bank,
 * whose tables in RAM say where the address leads. Arm SMMUv2, IHI 0062.
 *
 * <pre>{@code
 *            CLIENTPD set, or no group and USFCFG clear, or S2CR.TYPE bypass
 *          +------------------------------------------------------------------> as it is
 * stream --+-- SMR/S2CR --> context bank -- IOTLB, or a walk --> phys
 *          |                                  |
 *          |                                  +-- no translation, no permission --> FSR, interrupt
 *          +-- no group and USFCFG, several groups, S2CR.TYPE fault --> GFSR, interrupt
 * }</pre>
 *
 * <p><b>What of it is here.</b> Stage 1 with AArch64 tables of 4 KiB, two table bases per bank;
 * stream matching with ids of 15 bits; terminated faults. IDR0 to IDR2 say so. There is no stage 2,
 * no stall, no monitor, no broadcast of TLB maintenance from the CPU, and one security state.
 *
 * <p><b>Time.</b> Translation takes none: masters schedule their own. An invalidation takes 150 ns;
 * until then accesses use what they used before, and TLBSTATUS says that a synchronisation is under
 * way.
 *
 * <p><b>Where the manual leaves it open:</b>
 *
 * <ul>
 *   <li>Entries for pages and blocks lie in one IOTLB of 512, and each stream has one more for
 *       reads and one for writes; absent translations are not remembered, nor are tables.
 *   <li>Accesses are unprivileged unless S2CR.PRIVCFG says otherwise.
 *   <li>A TxSZ out of range counts as the nearest one that is not.
 *   <li>A bank that is not for stage 1 alone is one that is not implemented: UCBF.
 *   <li>Memory attributes in tables have no effect: whether an access snoops is the master's port's
 *       business.
 * </ul>
 */
public final class Smmu implements Target {
    /** Largest stream id. */
    public static final int STREAM_ID_MAX = Smr.ID.mask();

    private static final int STREAM_ID_BITS = 15;
    private static final int LG2_PAGE_4K = 12;
    private static final int LG2_PAGE_64K = 16;
    private static final int LG2_REGISTER = 2;
    private static final int REVISION = 2;

    /** Groups of an MMU-500 as it is often built. */
    private static final int GROUP_COUNT = 128;

    /** In IDR2: 48 bits, and 49 for the masters' addresses. */
    private static final int SIZE_48 = 5;

    private static final int VA_BITS_LOW = 44;

    /**
     * How large an SMMU is built.
     *
     * @param groups stream match groups, 1 to {@link GlobalRegister#GROUP_COUNT_MAX}
     * @param banks context banks, 1 to {@link ContextAttributeRegister#BANK_COUNT_MAX}
     * @param widePages whether pages of registers have 64 KiB instead of 4 KiB
     * @param coherentWalk whether it says that walks snoop the CPU's caches
     */
    public record Build(int groups, int banks, boolean widePages, boolean coherentWalk) {
        /** Checks the numbers. */
        public Build {
            Check.argument(
                    groups >= 1 && groups <= GlobalRegister.GROUP_COUNT_MAX,
                    "%d stream match groups, wanted 1 to 128",
                    groups);
            Check.argument(
                    banks >= 1 && banks <= ContextAttributeRegister.BANK_COUNT_MAX,
                    "%d context banks, wanted 1 to 128",
                    banks);
        }

        /**
         * What fits into a region of registers: wide pages where there is room for them.
         *
         * @param size of the region in bytes, at least 4 pages of 4 KiB
         * @param interrupts for context faults; a bank has one to itself
         */
        public static Build fitting(long size, int interrupts, boolean coherentWalk) {
            int banks = Math.min(interrupts, ContextAttributeRegister.BANK_COUNT_MAX);
            Build wide = new Build(GROUP_COUNT, banks, true, coherentWalk);
            if (wide.size() <= size) {
                return wide;
            }
            int pages = (int) Math.min(size >>> (LG2_PAGE_4K + 1), banks);
            return new Build(GROUP_COUNT, Math.max(pages, 1), false, coherentWalk);
        }

        int lg2Page() {
            return widePages ? LG2_PAGE_64K : LG2_PAGE_4K;
        }

        /** log2 of the pages of one half: global space and context banks. */
        int lg2PageCount() {
            return Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(banks - 1));
        }

        /** Bytes of all registers. */
        public long size() {
            return 2L << lg2PageCount() << lg2Page();
        }
    }

    private final Clock clock;
    private final Trace trace;
    private final String name;
    private final Build build;
    private final int lg2Page;
    private final int globalPageCount;
    private final IrqLine globalLine;
    private final List<IrqLine> contextLines;
    private final Iotlb iotlb = new Iotlb();
    private final Invalidations invalidations = new Invalidations(iotlb);
    private final TableWalker walker;
    private final ContextBank[] banks;
    private final int[] smr;
    private final int[] s2cr;
    private int cr0 = GlobalRegister.CR0.reset();
    private int acr;
    private int gfsr;
    private int gfsynr0;
    private int gfsynr1;
    private long gfar;

    /** Counts what changes the way of streams. */
    private long configuration;

    /** Counts what may change a translation. */
    private long changes;

    private long syncedAtPs;

    /**
     * Creates an SMMU after power-on: everything goes through it as it is.
     *
     * @param name for traces
     * @param tables RAM as walks see it
     * @param globalLine the interrupt for global faults
     * @param contextLines those for context faults: bank n has the nth, the last one has the rest
     */
    public Smmu(
            Clock clock,
            Trace trace,
            String name,
            DeviceView tables,
            Ram ram,
            Build build,
            IrqLine globalLine,
            List<IrqLine> contextLines) {
        Check.argument(!contextLines.isEmpty(), "%s has no interrupt for context faults", name);
        this.clock = clock;
        this.trace = trace;
        this.name = name;
        this.build = build;
        lg2Page = build.lg2Page();
        globalPageCount = 1 << build.lg2PageCount();
        this.globalLine = globalLine;
        this.contextLines = List.copyOf(contextLines);
        walker = new TableWalker(tables, ram);
        banks = new ContextBank[build.banks()];
        for (int i = 0; i < banks.length; i++) {
            banks[i] = new ContextBank();
        }
        smr = new int[build.groups()];
        s2cr = new int[build.groups()];
    }

    /**
     * What stands between a master and memory.
     *
     * @param id of the master's stream, 0 to {@link #STREAM_ID_MAX}
     * @param untranslated where accesses go that go through as they are
     */
    public Translation stream(int id, Translation untranslated) {
        Check.argument(id >= 0 && id <= STREAM_ID_MAX, "%s has no stream 0x%x", name, id);
        return new Stream(this, id, untranslated);
    }

    // Translation, for streams.

    /** Changes with everything that may change a translation. */
    long changes() {
        return changes;
    }

    /** Changes with everything that may change the way of a stream. */
    long configuration() {
        return configuration;
    }

    /** Whether no invalidation is under way. */
    boolean isSettled() {
        return invalidations.isEmpty();
    }

    Iotlb iotlb() {
        return iotlb;
    }

    /** What happens to a stream, by the registers as they are now. */
    Route routeOf(int streamId) {
        if (Cr0.CLIENTPD.isSet(cr0)) {
            return Route.Through.ALL;
        }
        int group = -1;
        for (int i = 0; i < smr.length; i++) {
            if (Smr.VALID.isSet(smr[i])
                    && ((Smr.ID.get(smr[i]) ^ streamId) & ~Smr.MASK.get(smr[i]) & STREAM_ID_MAX)
                            == 0) {
                if (group >= 0) {
                    return new Route.Refused(Gfsr.SMCF.mask());
                }
                group = i;
            }
        }
        if (group < 0) {
            return Cr0.USFCFG.isSet(cr0) ? new Route.Refused(Gfsr.USF.mask()) : Route.Through.ALL;
        }
        int type = S2cr.TYPE.get(s2cr[group]);
        return switch (type) {
            case GlobalRegister.TYPE_TRANSLATE -> toBank(s2cr[group]);
            case GlobalRegister.TYPE_BYPASS -> Route.Through.ALL;
            default -> new Route.Refused(Gfsr.ICF.mask());
        };
    }

    private Route toBank(int way) {
        int number = S2cr.CBNDX.get(way);
        if (number >= banks.length || !banks[number].isStage1()) {
            return new Route.Refused(Gfsr.UCBF.mask());
        }
        ContextBank bank = banks[number];
        boolean privileged = S2cr.PRIVCFG.get(way) == GlobalRegister.PRIVCFG_PRIVILEGED;
        return bank.translates() ? new Route.ToBank(bank, number, privileged) : Route.Through.ALL;
    }

    /** The entry that translates an access; {@link Iotlb#NONE} when none does, or may. */
    int entryFor(Route.ToBank to, long address, boolean write) {
        invalidations.settle(clock.now());
        ContextBank bank = to.bank();
        int entry = iotlb.find(bank.tag(), address);
        if (entry == Iotlb.NONE) {
            if (!bank.walk(walker, address)) {
                return Iotlb.NONE;
            }
            entry =
                    iotlb.fill(
                            bank.tag(),
                            address,
                            walker.level(),
                            walker.isGlobal(),
                            walker.phys(),
                            walker.allowed());
            if (trace.isOn()) {
                traceFill(to.number(), address);
            }
        }
        return allows(iotlb.flagsOf(entry), to.privileged(), write) ? entry : Iotlb.NONE;
    }

    private static boolean allows(int flags, boolean privileged, boolean write) {
        return (privileged || (flags & Iotlb.UNPRIVILEGED) != 0)
                && (!write || (flags & Iotlb.WRITABLE) != 0);
    }

    /** A context bank refused an access: finds out why, and keeps it. */
    void recordContext(Route.ToBank to, long address, boolean write, int streamId) {
        invalidations.settle(clock.now());
        int entry = iotlb.find(to.bank().tag(), address);
        int why = Fsr.PF.mask();
        int level;
        boolean ofWalk = false;
        if (entry != Iotlb.NONE) {
            level = iotlb.levelOf(entry);
        } else {
            if (!to.bank().walk(walker, address)) {
                why = walker.fault();
                ofWalk = walker.isFaultOfWalk();
            }
            level = walker.level();
        }
        to.bank().record(why, level, ofWalk, address, write, to.privileged(), streamId);
        if (trace.isOn()) {
            String what = causeOf(why) + ", bank " + to.number() + ", level " + level;
            traceRefusal(what, address, write, streamId);
        }
        driveInterrupts();
    }

    private static String causeOf(int fsr) {
        return Fsr.PF.isSet(fsr)
                ? "permission fault"
                : Fsr.TF.isSet(fsr)
                        ? "translation fault"
                        : Fsr.AFF.isSet(fsr)
                                ? "access flag fault"
                                : Fsr.ASF.isSet(fsr) ? "address size fault" : "external fault";
    }

    /**
     * An access was refused before it came to a context bank.
     *
     * @param why a bit of {@link Gfsr}
     */
    void recordGlobal(int why, long address, boolean write, int streamId) {
        if (gfsr != 0) {
            gfsr = Gfsr.MULTI.with(gfsr, true);
        } else {
            gfsr = why;
            gfar = address;
            gfsynr0 = Gfsynr0.WNR.with(0, write);
            gfsynr1 = Gfsynr1.STREAMID.of(streamId);
        }
        if (trace.isOn()) {
            traceRefusal("global fault", address, write, streamId);
        }
        driveInterrupts();
    }

    // Interrupts.

    private IrqLine lineOf(int bank) {
        return contextLines.get(Math.min(bank, contextLines.size() - 1));
    }

    /** Lines may be shared: each carries any of its levels. */
    private void driveInterrupts() {
        drive(globalLine);
        for (IrqLine line : contextLines) {
            drive(line);
        }
    }

    @SuppressWarnings("ReferenceEquality") // a line is one object
    private void drive(IrqLine line) {
        boolean level = line == globalLine && gfsr != 0 && Cr0.GFIE.isSet(cr0);
        for (int i = 0; i < banks.length && !level; i++) {
            level = banks[i].interrupts() && lineOf(i) == line;
        }
        line.set(level);
    }

    // Registers.

    private static final int UNKNOWN = -1;

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
        if (trace.isOn()) {
            traceAccess(offset, bytes, value, false);
        }
        return value;
    }

    /** Registers take stores of 4 and 8 bytes; others have no effect. */
    @Override
    public void write(long offset, int bytes, long value) {
        if (bytes < Register.BYTES) {
            return;
        }
        if (trace.isOn()) {
            traceAccess(offset, bytes, value, true);
        }
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
        int group = indexIn(at, GlobalRegister.SMR, smr.length);
        if (group != UNKNOWN) {
            return smr[group];
        }
        group = indexIn(at, GlobalRegister.S2CR, s2cr.length);
        if (group != UNKNOWN) {
            return s2cr[group];
        }
        GlobalRegister register = GlobalRegister.MAP.at(at);
        return register == null
                ? 0
                : switch (register) {
                    case CR0 -> cr0;
                    case ACR -> acr;
                    case IDR0 -> identification();
                    case IDR1 -> sizes();
                    case IDR2 ->
                            Idr2.PTFSV8_4KB.mask()
                                    | Idr2.UBS.of(SIZE_48)
                                    | Idr2.OAS.of(SIZE_48)
                                    | Idr2.IAS.of(SIZE_48);
                    case IDR7 -> Idr7.MAJOR.of(REVISION);
                    case GFAR -> Halves.low(gfar);
                    case GFAR_HIGH -> Halves.high(gfar);
                    case GFSR -> gfsr;
                    case GFSYNR0 -> gfsynr0;
                    case GFSYNR1 -> gfsynr1;
                    case TLBGSTATUS -> Tlbgstatus.GSACTIVE.with(0, isSynchronising());
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
                        | Idr0.NUMSMRG.of(smr.length);
        return Idr0.CTTW.with(value, build.coherentWalk());
    }

    private int sizes() {
        int value = Idr1.NUMPAGENDXB.of(build.lg2PageCount() - 1) | Idr1.NUMCB.of(banks.length);
        return Idr1.PAGESIZE.with(value, build.widePages());
    }

    private void writeGlobal(int at, int value) {
        int group = indexIn(at, GlobalRegister.SMR, smr.length);
        if (group != UNKNOWN) {
            smr[group] = value & GlobalRegister.SMR.writableMask();
            configured();
            return;
        }
        group = indexIn(at, GlobalRegister.S2CR, s2cr.length);
        if (group != UNKNOWN) {
            s2cr[group] = value & GlobalRegister.S2CR.writableMask();
            configured();
            return;
        }
        GlobalRegister register = GlobalRegister.MAP.at(at);
        if (register == null) {
            return;
        }
        switch (register) {
            case CR0 -> {
                cr0 =
                        (value & GlobalRegister.CR0.writableMask())
                                | GlobalRegister.Cr0.SMCFCFG.mask();
                configured();
                driveInterrupts();
            }
            case ACR -> acr = value & GlobalRegister.ACR.writableMask();
            case GFAR -> gfar = Halves.withLow(gfar, value);
            case GFAR_HIGH -> gfar = Halves.withHigh(gfar, value);
            case GFSR -> {
                gfsr &= ~value;
                driveInterrupts();
            }
            case GFSRRESTORE -> {
                gfsr = value & GlobalRegister.GFSR.writableMask();
                driveInterrupts();
            }
            case GFSYNR0 -> gfsynr0 = value & GlobalRegister.GFSYNR0.writableMask();
            case GFSYNR1 -> gfsynr1 = value & GlobalRegister.GFSYNR1.writableMask();
            case TLBIVMID -> invalidate(Scope.VMID, tagOfVmid(Tlbivmid.VMID.get(value)), 0);
            case TLBIALLNSNH, TLBIALLH -> invalidate(Scope.ALL, 0, 0);
            case TLBGSYNC -> synchronise();
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
            configured();
            return;
        }
        bank = indexIn(at, ContextAttributeRegister.CBA2R, banks.length);
        if (bank != UNKNOWN) {
            banks[bank].cba2r(value);
            configured();
        }
    }

    // Context banks.

    private int readBank(ContextBank bank, ContextBankRegister register) {
        return switch (register) {
            case TLBSTATUS -> Tlbstatus.SACTIVE.with(0, isSynchronising());
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
                configured();
                driveInterrupts();
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
                driveInterrupts();
            }
            case FSRRESTORE -> {
                bank.store(ContextBankRegister.FSR, value);
                driveInterrupts();
            }
            case TLBIVA -> byAddress(bank, bank.word(ContextBankRegister.TLBIVA_HIGH), value);
            case TLBIVAL -> byAddress(bank, bank.word(ContextBankRegister.TLBIVAL_HIGH), value);
            case TLBIVAA -> ofAnyAsid(bank, bank.word(ContextBankRegister.TLBIVAA_HIGH), value);
            case TLBIVAAL -> ofAnyAsid(bank, bank.word(ContextBankRegister.TLBIVAAL_HIGH), value);
            case TLBIASID ->
                    invalidate(Scope.ASID, tagOfVmid(bank.vmid()) | Tlbiasid.ASID.get(value), 0);
            case TLBIALL -> invalidate(Scope.VMID, tagOfVmid(bank.vmid()), 0);
            case TLBSYNC -> synchronise();
            case RESUME, FSYNR0, FSYNR1, TLBSTATUS -> {
                // Read-only; and no access is ever stalled.
            }
        }
    }

    private void byAddress(ContextBank bank, int high, int low) {
        int tag = tagOfVmid(bank.vmid()) | TlbivaHigh.ASID.get(high);
        invalidate(Scope.ADDRESS, tag, addressOf(high, low));
    }

    private void ofAnyAsid(ContextBank bank, int high, int low) {
        invalidate(Scope.ADDRESS_OF_ANY_ASID, tagOfVmid(bank.vmid()), addressOf(high, low));
    }

    private static long addressOf(int high, int low) {
        return Integer.toUnsignedLong(low) << LongDescriptor.LG2_PAGE
                | (long) TlbivaHigh.VA.get(high) << VA_BITS_LOW;
    }

    // What changes.

    private void configured() {
        configuration++;
        changes++;
    }

    private void invalidate(Scope scope, int tag, long address) {
        changes++;
        long now = clock.now();
        invalidations.settle(now);
        invalidations.add(scope, tag, address, now);
    }

    private void synchronise() {
        syncedAtPs = invalidations.lastDuePs(clock.now());
    }

    private boolean isSynchronising() {
        return clock.now() < syncedAtPs;
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
        int group = indexIn(at, GlobalRegister.SMR, smr.length);
        if (group != UNKNOWN) {
            return "SMR" + group;
        }
        group = indexIn(at, GlobalRegister.S2CR, s2cr.length);
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
        trace.emit(
                new TraceEvent.RegisterAccess(
                        clock.now(), name, registerName(offset), offset, bytes, value, write));
    }

    private void traceFill(int bank, long address) {
        int level = walker.level();
        long page = address & -(1L << LongDescriptor.shiftOf(level));
        trace.emit(
                new TraceEvent.StateChange(
                        clock.now(),
                        name,
                        "iova:0x%x unknown".formatted(page),
                        "phys:0x%x".formatted(walker.phys()),
                        "bank %d, level %d".formatted(bank, level)));
    }

    private void traceRefusal(String cause, long address, boolean write, int streamId) {
        String who = cause + ", stream 0x" + Integer.toHexString(streamId);
        trace.emit(new TraceEvent.BusError(clock.now(), name, address, who, write));
    }
}
