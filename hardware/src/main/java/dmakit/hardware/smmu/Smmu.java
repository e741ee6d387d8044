package dmakit.hardware.smmu;

import dmakit.datasheet.smmu.ContextAttributeRegister;
import dmakit.datasheet.smmu.ContextBankRegister.Fsr;
import dmakit.datasheet.smmu.GlobalRegister;
import dmakit.datasheet.smmu.GlobalRegister.Cr0;
import dmakit.datasheet.smmu.GlobalRegister.Gfsr;
import dmakit.datasheet.smmu.GlobalRegister.Smr;
import dmakit.datasheet.smmu.LongDescriptor;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.smmu.Invalidations.Scope;
import dmakit.machine.Check;
import dmakit.machine.bus.Target;
import dmakit.machine.bus.Translation;
import dmakit.machine.irq.IrqLine;
import dmakit.machine.memory.DeviceView;
import dmakit.machine.memory.Ram;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import java.util.List;

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

    private static final int LG2_PAGE_4K = 12;
    private static final int LG2_PAGE_64K = 16;

    /** Groups of an MMU-500 as it is often built. */
    private static final int GROUP_COUNT = 128;

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
    private final ChipTrace trace;
    private final String name;
    private final IrqLine globalLine;
    private final List<IrqLine> contextLines;
    private final Iotlb iotlb = new Iotlb();
    private final Invalidations invalidations = new Invalidations(iotlb);
    private final TableWalker walker;
    private final ContextBank[] banks;
    private final StreamTable streamTable;
    private final GlobalFault globalFault = new GlobalFault();
    private final Registers registers;

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
        this.trace = new ChipTrace(clock, trace, name);
        this.name = name;
        this.globalLine = globalLine;
        this.contextLines = List.copyOf(contextLines);
        walker = new TableWalker(tables, ram);
        banks = new ContextBank[build.banks()];
        for (int i = 0; i < banks.length; i++) {
            banks[i] = new ContextBank();
        }
        streamTable = new StreamTable(build.groups(), banks);
        registers = new Registers(this, this.trace, build, streamTable, globalFault, banks);
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
        return streamTable.routeOf(streamId);
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
        globalFault.record(why, address, write, streamId);
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
    void driveInterrupts() {
        drive(globalLine);
        for (IrqLine line : contextLines) {
            drive(line);
        }
    }

    @SuppressWarnings("ReferenceEquality") // a line is one object
    private void drive(IrqLine line) {
        boolean level =
                line == globalLine && globalFault.isAny() && Cr0.GFIE.isSet(streamTable.cr0());
        for (int i = 0; i < banks.length && !level; i++) {
            level = banks[i].interrupts() && lineOf(i) == line;
        }
        line.set(level);
    }

    // What the bus sees.

    /** Registers answer accesses of 4 and 8 bytes; others read zero. */
    @Override
    public long read(long offset, int bytes) {
        return registers.read(offset, bytes);
    }

    /** Registers take stores of 4 and 8 bytes; others have no effect. */
    @Override
    public void write(long offset, int bytes, long value) {
        registers.write(offset, bytes, value);
    }

    @Override
    public boolean tracesAccess(long offset) {
        return registers.tracesAccess(offset);
    }

    @Override
    public String registerName(long offset) {
        return registers.registerName(offset);
    }

    // What registers change.

    void configured() {
        configuration++;
        changes++;
    }

    void invalidate(Scope scope, int tag, long address) {
        changes++;
        long now = clock.now();
        invalidations.settle(now);
        invalidations.add(scope, tag, address, now);
    }

    void synchronise() {
        syncedAtPs = invalidations.lastDuePs(clock.now());
    }

    boolean isSynchronising() {
        return clock.now() < syncedAtPs;
    }

    // The trace.

    private void traceFill(int bank, long address) {
        int level = walker.level();
        long page = address & -(1L << LongDescriptor.shiftOf(level));
        trace.changed(
                "iova:0x%x unknown".formatted(page),
                "phys:0x%x".formatted(walker.phys()),
                "bank %d, level %d".formatted(bank, level));
    }

    private void traceRefusal(String cause, long address, boolean write, int streamId) {
        String who = cause + ", stream 0x" + Integer.toHexString(streamId);
        trace.refused(address, who, write);
    }
}
