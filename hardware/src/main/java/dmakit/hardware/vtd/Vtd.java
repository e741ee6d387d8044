package dmakit.hardware.vtd;

import dmakit.datasheet.Register;
import dmakit.datasheet.vtd.ContextInvalidation;
import dmakit.datasheet.vtd.FaultRecord;
import dmakit.datasheet.vtd.IotlbInvalidation;
import dmakit.datasheet.vtd.IotlbRegister;
import dmakit.datasheet.vtd.IotlbRegister.IotlbUpper;
import dmakit.datasheet.vtd.IotlbRegister.Iva;
import dmakit.datasheet.vtd.VtdRegister;
import dmakit.datasheet.vtd.VtdRegister.CapUpper;
import dmakit.datasheet.vtd.VtdRegister.Ccmd;
import dmakit.datasheet.vtd.VtdRegister.CcmdUpper;
import dmakit.datasheet.vtd.VtdRegister.Gcmd;
import dmakit.datasheet.vtd.VtdRegister.Gsts;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.Halves;
import dmakit.machine.Check;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Target;
import dmakit.machine.bus.Translation;
import dmakit.machine.memory.DeviceView;
import dmakit.machine.memory.Ram;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import java.util.Map;
import java.util.TreeMap;

/**
 * A DMA remapping unit of a PC: it translates what PCI functions access, by their requester ids.
 * Intel VT-d, legacy mode: root and context tables, second-level tables of 3 or 4 levels, an IOTLB
 * and a context cache that forget only when told, queued and register-based invalidation, primary
 * fault logging. Neither interrupt remapping nor device TLBs nor scalable mode.
 *
 * <p><b>Where the document is silent</b>: the context cache has room for every function there is;
 * entries that are not present are not cached; a command takes {@link #COMMAND_PS}; commands stored
 * before the last one was through take effect together with it. Accesses take place at once, so an
 * invalidation finds none under way to wait for.
 */
public final class Vtd implements Target {
    /** Bytes of the block. */
    public static final long SIZE = VtdRegister.SIZE;

    /** Requester ids: 16 bits. */
    public static final int SOURCE_ID_MAX = 0xffff;

    /** For a command of the registers, in picoseconds. */
    static final long COMMAND_PS = 100_000;

    private static final long WORD = 0xffff_ffffL;
    private static final int ADDRESS_MASK_MAX = CapUpper.MAMV.get(VtdRegister.CAP_UPPER.reset());
    private static final int RECORDS_END =
            VtdRegister.FAULT_RECORDS + VtdRegister.FAULT_RECORD_COUNT * FaultRecord.SIZE;

    /** How many low bits of a function number each value of {@code FM} hides, as masks. */
    private static final int[] FUNCTION_MASKS = {0x0, 0x4, 0x6, 0x7};

    private final Clock clock;
    private final ChipTrace trace;
    private final String name;
    private final Walker walker;
    private final Iotlb iotlb = new Iotlb();
    private final EventMessage faultEvent;
    private final EventMessage completionEvent;
    private final FaultLog faults;
    private final InvalidationQueue queue;
    private final Map<Integer, Stream> streams = new TreeMap<>();
    private final Alarm command;
    private final Alarm contextCommand;
    private final Alarm iotlbCommand;
    private int wanted;
    private boolean translates;
    private boolean rootTaken;
    private long rootAddress;
    private long rootTable;
    private long contextWord;
    private long invalidateAddress;
    private int iotlbWord;

    /**
     * Creates a unit after power-on, which translates nothing.
     *
     * @param name for traces
     * @param ram where its tables are
     * @param view of that RAM
     * @param port where its messages go
     */
    public Vtd(Clock clock, Trace trace, String name, Ram ram, DeviceView view, MasterPort port) {
        this.clock = clock;
        this.trace = new ChipTrace(clock, trace, name);
        this.name = name;
        TableMemory memory = new TableMemory(ram, view);
        walker = new Walker(memory);
        faultEvent = new EventMessage(clock, name + " fault event", port);
        completionEvent = new EventMessage(clock, name + " completion event", port);
        faults = new FaultLog(this.trace, faultEvent);
        queue =
                new InvalidationQueue(
                        clock, this.trace, name, memory, this, faults, completionEvent);
        command = new Alarm(name + " command", this::carryOut);
        contextCommand = new Alarm(name + " context command", this::invalidateContexts);
        iotlbCommand = new Alarm(name + " iotlb command", this::invalidateIotlb);
    }

    /**
     * What stands between a function and memory; the same for the same function.
     *
     * @param sourceId bus, device and function, 0 to {@link #SOURCE_ID_MAX}
     * @param untranslated where accesses go that pass as they are
     */
    public Translation stream(int sourceId, Translation untranslated) {
        Check.argument(
                sourceId >= 0 && sourceId <= SOURCE_ID_MAX, "no requester id 0x%x", sourceId);
        return streams.computeIfAbsent(sourceId, id -> new Stream(this, id, untranslated));
    }

    // For its parts.

    boolean translates() {
        return translates;
    }

    long rootTable() {
        return rootTable;
    }

    Walker walker() {
        return walker;
    }

    Iotlb iotlb() {
        return iotlb;
    }

    FaultLog faults() {
        return faults;
    }

    // Invalidation.

    /** Empties the context cache; false for a granularity there is none of. */
    boolean invalidateContexts(int granularity, int domain, int sourceId, int functionMask) {
        int ignored = FUNCTION_MASKS[functionMask];
        switch (granularity) {
            case ContextInvalidation.GLOBAL -> streams.values().forEach(Stream::forgetContext);
            case ContextInvalidation.DOMAIN ->
                    streams.values().stream()
                            .filter(stream -> stream.context().domain() == domain)
                            .forEach(Stream::forgetContext);
            case ContextInvalidation.DEVICE ->
                    streams.values().stream()
                            .filter(stream -> ((stream.sourceId() ^ sourceId) & ~ignored) == 0)
                            .forEach(Stream::forgetContext);
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Empties the IOTLB; false for a granularity there is none of. */
    boolean invalidateIotlb(int granularity, int domain, long address, int lg2Pages) {
        switch (granularity) {
            case IotlbInvalidation.GLOBAL -> iotlb.invalidate();
            case IotlbInvalidation.DOMAIN -> iotlb.invalidate(domain);
            case IotlbInvalidation.PAGES -> {
                if (lg2Pages > ADDRESS_MASK_MAX) {
                    iotlb.invalidate(domain);
                } else {
                    iotlb.invalidate(domain, address, lg2Pages);
                }
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private void invalidateContexts() {
        int low = (int) contextWord;
        int high = Halves.high(contextWord);
        int granularity = CcmdUpper.CIRG.get(high);
        boolean known =
                invalidateContexts(
                        granularity, Ccmd.DID.get(low), Ccmd.SID.get(low), CcmdUpper.FM.get(high));
        high = CcmdUpper.CAIG.with(high, known ? granularity : 0);
        contextWord = Halves.withHigh(contextWord, CcmdUpper.ICC.with(high, false));
    }

    private void invalidateIotlb() {
        int granularity = IotlbUpper.IIRG.get(iotlbWord);
        boolean known =
                invalidateIotlb(
                        granularity,
                        IotlbUpper.DID.get(iotlbWord),
                        invalidateAddress & -(1L << Iotlb.shiftOf(1)),
                        Iva.AM.get((int) invalidateAddress));
        iotlbWord = IotlbUpper.IAIG.with(iotlbWord, known ? granularity : 0);
        iotlbWord = IotlbUpper.IVT.with(iotlbWord, false);
    }

    private void carryOut() {
        if (Gcmd.SRTP.isSet(wanted)) {
            rootTable = rootAddress;
            rootTaken = true;
        }
        translates = Gcmd.TE.isSet(wanted);
        queue.enable(Gcmd.QIE.isSet(wanted));
    }

    // The registers.

    @Override
    public long read(long offset, int bytes) {
        if (bytes == Long.BYTES) {
            return Halves.join(word((int) offset), word((int) offset + Integer.BYTES));
        }
        return bytes == Integer.BYTES ? word((int) offset) & WORD : 0;
    }

    @Override
    public void write(long offset, int bytes, long value) {
        if (bytes >= Integer.BYTES) {
            store((int) offset, (int) value);
        }
        if (bytes == Long.BYTES) {
            store((int) offset + Integer.BYTES, (int) (value >>> Integer.SIZE));
        }
    }

    private int word(int offset) {
        if (offset >= VtdRegister.FAULT_RECORDS && offset < RECORDS_END) {
            return faults.word((offset - VtdRegister.FAULT_RECORDS) / Register.BYTES);
        }
        IotlbRegister iotlbRegister = IotlbRegister.MAP.at(offset - VtdRegister.IOTLB);
        if (iotlbRegister != null) {
            return iotlbRegister == IotlbRegister.IOTLB_UPPER ? iotlbWord : 0;
        }
        VtdRegister register = VtdRegister.MAP.at(offset);
        return register == null ? 0 : valueOf(register);
    }

    private int valueOf(VtdRegister register) {
        return switch (register) {
            case VER, CAP, CAP_UPPER, ECAP, ECAP_UPPER -> register.reset();
            case GCMD -> 0;
            case GSTS -> status();
            case RTADDR -> Halves.low(rootAddress);
            case RTADDR_UPPER -> Halves.high(rootAddress);
            case CCMD -> Halves.low(contextWord);
            case CCMD_UPPER -> Halves.high(contextWord);
            case FSTS -> faults.status();
            case FECTL -> faultEvent.control();
            case FEDATA -> faultEvent.data();
            case FEADDR -> faultEvent.address();
            case FEUADDR -> faultEvent.upperAddress();
            case IQH -> queue.head();
            case IQT -> queue.tail();
            case IQA -> Halves.low(queue.address());
            case IQA_UPPER -> Halves.high(queue.address());
            case ICS -> queue.completionStatus();
            case IECTL -> completionEvent.control();
            case IEDATA -> completionEvent.data();
            case IEADDR -> completionEvent.address();
            case IEUADDR -> completionEvent.upperAddress();
            case IQERCD -> VtdRegister.Iqercd.IQEI.of(faults.queueError().code());
            case AFLOG, AFLOG_UPPER, IQH_UPPER, IQT_UPPER, IQERCD_UPPER -> 0;
        };
    }

    private int status() {
        int status = Gsts.TES.with(0, translates);
        status = Gsts.RTPS.with(status, rootTaken);
        return Gsts.QIES.with(status, queue.isEnabled());
    }

    private void store(int offset, int value) {
        if (offset >= VtdRegister.FAULT_RECORDS && offset < RECORDS_END) {
            faults.store((offset - VtdRegister.FAULT_RECORDS) / Register.BYTES, value);
            return;
        }
        IotlbRegister iotlbRegister = IotlbRegister.MAP.at(offset - VtdRegister.IOTLB);
        if (iotlbRegister != null) {
            store(iotlbRegister, value);
            return;
        }
        VtdRegister register = VtdRegister.MAP.at(offset);
        if (register != null) {
            if (trace.isOn() && (value & register.notModelledMask()) != 0) {
                trace.stored(register, value);
            }
            store(register, value & register.writableMask());
        }
    }

    private void store(IotlbRegister register, int value) {
        switch (register) {
            case IVA -> invalidateAddress = Halves.withLow(invalidateAddress, value);
            case IVA_UPPER -> invalidateAddress = Halves.withHigh(invalidateAddress, value);
            case IOTLB -> {
                // Its fields are in the other word.
            }
            case IOTLB_UPPER -> {
                iotlbWord = value & register.writableMask();
                if (IotlbUpper.IVT.isSet(value)) {
                    clock.setIn(iotlbCommand, COMMAND_PS);
                }
            }
        }
    }

    private void store(VtdRegister register, int value) {
        switch (register) {
            case GCMD -> {
                boolean taking = command.isSet() && Gcmd.SRTP.isSet(wanted);
                wanted = Gcmd.SRTP.with(value, taking || Gcmd.SRTP.isSet(value));
                rootTaken &= !Gcmd.SRTP.isSet(wanted);
                clock.setIn(command, COMMAND_PS);
            }
            case RTADDR -> rootAddress = Halves.withLow(rootAddress, value);
            case RTADDR_UPPER -> rootAddress = Halves.withHigh(rootAddress, value);
            case CCMD -> contextWord = Halves.withLow(contextWord, value);
            case CCMD_UPPER -> {
                contextWord = Halves.withHigh(contextWord, value);
                if (CcmdUpper.ICC.isSet(value)) {
                    clock.setIn(contextCommand, COMMAND_PS);
                }
            }
            case FSTS -> {
                faults.clearStatus(value);
                queue.goOn();
            }
            case FECTL -> faultEvent.control(value);
            case FEDATA -> faultEvent.data(value);
            case FEADDR -> faultEvent.address(value);
            case FEUADDR -> faultEvent.upperAddress(value);
            case IQT -> queue.tail(value);
            case IQA -> queue.address(Halves.withLow(queue.address(), value));
            case IQA_UPPER -> queue.address(Halves.withHigh(queue.address(), value));
            case ICS -> queue.clearCompletion(value);
            case IECTL -> completionEvent.control(value);
            case IEDATA -> completionEvent.data(value);
            case IEADDR -> completionEvent.address(value);
            case IEUADDR -> completionEvent.upperAddress(value);
            case VER,
                    CAP,
                    CAP_UPPER,
                    ECAP,
                    ECAP_UPPER,
                    GSTS,
                    AFLOG,
                    AFLOG_UPPER,
                    IQH,
                    IQH_UPPER,
                    IQT_UPPER,
                    IQERCD,
                    IQERCD_UPPER -> {
                // Read-only, or without effect.
            }
        }
    }

    @Override
    public String registerName(long offset) {
        int at = (int) offset;
        if (at >= VtdRegister.FAULT_RECORDS && at < RECORDS_END) {
            int inRecords = at - VtdRegister.FAULT_RECORDS;
            return "FRCD%d_%s"
                    .formatted(
                            inRecords / FaultRecord.SIZE,
                            FaultRecord.MAP.at(inRecords % FaultRecord.SIZE));
        }
        Register register = IotlbRegister.MAP.at(at - VtdRegister.IOTLB);
        if (register == null) {
            register = VtdRegister.MAP.at(at);
        }
        return register == null ? Target.super.registerName(offset) : register.name();
    }

    @Override
    public String toString() {
        return name;
    }
}
