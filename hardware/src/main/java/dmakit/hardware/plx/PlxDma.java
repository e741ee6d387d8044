package dmakit.hardware.plx;

import dmakit.datasheet.Register;
import dmakit.datasheet.plx.PlxDescriptor;
import dmakit.datasheet.plx.PlxRegister;
import dmakit.datasheet.plx.PlxRegister.Ctrl;
import dmakit.datasheet.plx.PlxRegister.Interrupt;
import dmakit.datasheet.plx.PlxRegister.Prefetch;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.pci.Bar;
import dmakit.hardware.pci.PciFunction;
import dmakit.hardware.pci.PciIdentity;
import dmakit.machine.bus.Target;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;

/**
 * A DMA channel of a PEX 87xx as a PCI Express endpoint: registers in region 0, memory of the card
 * in region 2, interrupts by pin, MSI or MSI-X. It walks a ring of descriptors in memory:
 *
 * <pre>{@code
 *        START                fetched, valid
 * Idle --------> Fetching ------------------> Moving
 *   ^               |  ^                         |
 *   | not valid,    |  | the next one            | moved, outcome written back
 *   | pause, abort  |  +-------------------------+
 *   +---------------+----------------------------+
 * }</pre>
 *
 * <p>It reaches memory as the function does: with {@code BUS_MASTER} alone, through an IOMMU where
 * there is one. Addresses of its own region 2 it answers itself.
 *
 * <p><b>Where the sources are silent</b>:
 *
 * <ul>
 *   <li>{@code START} written while the engine works makes it fetch again a descriptor that it
 *       found not valid. {@code MODE}, {@code WRITE_BACK_EN} and {@code RING_STOP_MODE} count as
 *       they were when it started.
 *   <li>A read or write that fails ends its descriptor, whose outcome is written back and
 *       interrupts like any other, with {@code ERROR} besides; the engine goes on. Where a
 *       descriptor cannot be fetched or written back it stops with {@code ERROR}.
 *   <li>An aborted descriptor stays as it is, and next. Outcomes count the bytes of whole requests.
 *   <li>The end of a transfer in block mode is a {@code DESC_DONE}. On-chip and extended
 *       descriptors are not valid.
 *   <li>No request crosses a multiple of 4096 (PCI Express Base Specification 3.0, section 2.2.7).
 *   <li>Status bits are set whether or not they may interrupt.
 * </ul>
 */
public final class PlxDma implements Target {
    /** Bytes of memory on the card. */
    public static final int MEMORY_BYTES = 1 << 20;

    /** The region that holds it. */
    public static final int MEMORY_REGION = 2;

    private static final int MSIX_REGION = 4;
    private static final int EVENTS =
            Interrupt.IMM_PAUSE_DONE.mask()
                    | Interrupt.PAUSE_DONE.mask()
                    | Interrupt.ABORT_DONE.mask()
                    | Interrupt.DESC_DONE.mask()
                    | Interrupt.INV_DESC.mask()
                    | Interrupt.ERROR.mask();
    private static final int STATUS =
            Ctrl.HEADER_LOG.mask()
                    | Ctrl.IMM_PAUSE_DONE.mask()
                    | Ctrl.ABORT_DONE.mask()
                    | Ctrl.GRACEFUL_PAUSE_DONE.mask()
                    | Ctrl.DESC_INVALID.mask();

    private static final PciIdentity IDENTITY =
            new PciIdentity(
                    PlxRegister.VENDOR_ID,
                    PlxRegister.DEVICE_ID,
                    PlxRegister.CLASS_CODE,
                    0xca,
                    PlxRegister.VENDOR_ID,
                    PlxRegister.DEVICE_ID);

    private final ChipTrace trace;
    private final PciFunction function;
    private final Engine engine;
    private final int[] words = new int[PlxRegister.SIZE / Register.BYTES];

    /**
     * Creates a device after power-on, to be plugged in.
     *
     * @param name for traces
     */
    public PlxDma(Clock clock, Trace trace, String name) {
        this.trace = new ChipTrace(clock, trace, name);
        BoardMemory memory = new BoardMemory(MEMORY_BYTES);
        function =
                new PciFunction(name, IDENTITY)
                        .add(new Bar(0, Bar.Width.MEMORY_32, PlxRegister.REGION_BYTES, this))
                        .add(
                                new Bar(
                                        MEMORY_REGION,
                                        Bar.Width.MEMORY_64_PREFETCHABLE,
                                        MEMORY_BYTES,
                                        memory))
                        .addPowerManagement()
                        .addMsi(0)
                        .addExpress()
                        .addMsix(1, MSIX_REGION);
        for (PlxRegister register : PlxRegister.MAP.registers()) {
            set(register, register.reset());
        }
        engine = new Engine(clock, this.trace, function, memory, this);
    }

    /** What sits in the slot. */
    public PciFunction function() {
        return function;
    }

    // What the engine asks and says.

    int get(PlxRegister register) {
        return words[register.offset() / Register.BYTES];
    }

    void set(PlxRegister register, int value) {
        words[register.offset() / Register.BYTES] = value;
    }

    /** Descriptors that one fetch reads, at least 1. */
    int prefetchLimit() {
        return Math.max(Prefetch.LIMIT.get(get(PlxRegister.PREF_LIMIT)), 1);
    }

    /** Sets a bit of the control register. */
    void status(Ctrl bit) {
        set(PlxRegister.CTRL, bit.with(get(PlxRegister.CTRL), true));
    }

    /** Notes an event, and interrupts when it may and had not happened. */
    void happened(Interrupt event) {
        int before = get(PlxRegister.INTR_CTRL_STATUS);
        int after = event.with(before, true);
        set(PlxRegister.INTR_CTRL_STATUS, after);
        function.interrupt(wanted(after));
        if ((wantedEvents(after) & ~wantedEvents(before)) != 0) {
            function.message(0);
        }
    }

    private static boolean wanted(int value) {
        return wantedEvents(value) != 0;
    }

    private static int wantedEvents(int value) {
        int enabled =
                Interrupt.DESC_DONE.mask()
                        | (Interrupt.PAUSE_DONE_EN.isSet(value) ? Interrupt.PAUSE_DONE.mask() : 0)
                        | (Interrupt.ABORT_DONE_EN.isSet(value) ? Interrupt.ABORT_DONE.mask() : 0)
                        | (Interrupt.INV_DESC_EN.isSet(value) ? Interrupt.INV_DESC.mask() : 0)
                        | (Interrupt.ERROR_EN.isSet(value) ? Interrupt.ERROR.mask() : 0);
        return value & enabled;
    }

    // Loads and stores.

    @Override
    public long read(long offset, int bytes) {
        int at = (int) offset & -Register.BYTES;
        long low = Integer.toUnsignedLong(readWord(at));
        if (bytes > Register.BYTES) {
            return low | ((long) readWord(at + Register.BYTES) << Integer.SIZE);
        }
        return (low >>> (Byte.SIZE * (offset & (Register.BYTES - 1))))
                & (-1L >>> (Long.SIZE - Byte.SIZE * bytes));
    }

    private int readWord(int at) {
        PlxRegister register = PlxRegister.MAP.at(at);
        if (register == null) {
            return 0;
        }
        int value =
                register == PlxRegister.CTRL
                        ? Ctrl.IN_PROGRESS.with(get(register), engine.isBusy())
                        : get(register);
        trace.loaded(register, value);
        return value;
    }

    @Override
    public void write(long offset, int bytes, long value) {
        int at = (int) offset & -Register.BYTES;
        if (bytes > Register.BYTES) {
            writeWord(at, (int) value, -1);
            writeWord(at + Register.BYTES, (int) (value >>> Integer.SIZE), -1);
            return;
        }
        int shift = Byte.SIZE * (int) (offset & (Register.BYTES - 1));
        int lanes = (int) (-1L >>> (Long.SIZE - Byte.SIZE * bytes)) << shift;
        writeWord(at, (int) value << shift, lanes);
    }

    private void writeWord(int at, int value, int lanes) {
        PlxRegister register = PlxRegister.MAP.at(at);
        if (register == null) {
            return;
        }
        trace.stored(register, value & lanes);
        switch (register) {
            case CTRL -> control(value, lanes);
            case INTR_CTRL_STATUS -> {
                store(register, value, lanes, EVENTS);
                function.interrupt(wanted(get(register)));
            }
            case GLOBAL_CONTROL,
                    BLOCK_SOURCE_LOW,
                    BLOCK_SOURCE_HIGH,
                    BLOCK_DESTINATION_LOW,
                    BLOCK_DESTINATION_HIGH,
                    BLOCK_SIZE,
                    DESC_RING_ADDR,
                    DESC_RING_ADDR_HI,
                    DESC_RING_NEXT_ADDR,
                    DESC_RING_COUNT,
                    PREF_LIMIT ->
                    store(register, value, lanes, 0);
            case DESC_RING_LAST_ADDR, DESC_RING_LAST_SIZE -> {
                // Read-only.
            }
        }
    }

    /** Stores what can be stored, and clears what a one clears. */
    private void store(PlxRegister register, int value, int lanes, int clearable) {
        int storable = register.writableMask() & ~clearable & lanes;
        int kept = get(register) & ~(value & clearable & lanes);
        set(register, (kept & ~storable) | (value & storable));
    }

    private void control(int value, int lanes) {
        int before = get(PlxRegister.CTRL);
        store(PlxRegister.CTRL, value, lanes, STATUS);
        int after = get(PlxRegister.CTRL);
        boolean stored = (lanes & Ctrl.START.mask()) != 0;
        if (!stored) {
            return;
        }
        if (Ctrl.ABORT.isSet(after)) {
            if (!Ctrl.ABORT.isSet(before)) {
                engine.abort();
            }
        } else if (Ctrl.GRACEFUL_PAUSE.isSet(after)) {
            engine.pause();
        } else if (Ctrl.START.isSet(after)) {
            engine.start();
        }
    }

    @Override
    public String registerName(long offset) {
        PlxRegister register = PlxRegister.MAP.at(offset);
        return register == null ? Target.super.registerName(offset) : register.name();
    }

    @Override
    public boolean tracesAccess(long offset) {
        return PlxRegister.MAP.at(offset) != null;
    }

    /** Bytes of one read request. */
    int requestBytes() {
        int shift = Ctrl.MAX_TXFR_SIZE.get(get(PlxRegister.CTRL));
        return switch (shift) {
            case 0, 1, 2, 3, 4, 5 -> 64 << shift;
            case 6 -> 64;
            default -> Register.BYTES;
        };
    }

    /** One 64-bit address out of two registers, cut to what a descriptor can name. */
    long address(PlxRegister low, PlxRegister high) {
        long value = ((long) get(high) << Integer.SIZE) | Integer.toUnsignedLong(get(low));
        return value & PlxDescriptor.ADDRESS_MASK;
    }
}
