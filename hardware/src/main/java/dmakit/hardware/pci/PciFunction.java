package dmakit.hardware.pci;

import dmakit.datasheet.Register;
import dmakit.datasheet.pci.ExpressRegister;
import dmakit.datasheet.pci.MsiRegister;
import dmakit.datasheet.pci.MsixRegister;
import dmakit.datasheet.pci.PciHeaderRegister;
import dmakit.datasheet.pci.PciHeaderRegister.BaseAddress;
import dmakit.datasheet.pci.PciHeaderRegister.ClassRevision;
import dmakit.datasheet.pci.PciHeaderRegister.CommandStatus;
import dmakit.datasheet.pci.PciHeaderRegister.Interrupt;
import dmakit.datasheet.pci.PciHeaderRegister.Subsystem;
import dmakit.datasheet.pci.PowerManagementRegister;
import dmakit.machine.Check;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Target;
import org.jspecify.annotations.Nullable;

/**
 * One PCI function as its host bridge sees it: configuration space, regions, interrupts, and its
 * way to memory. A device is built around one; PCI Local Bus Specification 3.0, chapter 6.
 *
 * <p>Regions answer while {@code MEMORY_SPACE} is set and the function is in D0. It reaches memory,
 * and sends messages, while {@code BUS_MASTER} is set; what it tries without is lost, as on the
 * bus.
 *
 * <p>Order of calls: regions and capabilities are added, then a {@link PciHost} takes the function,
 * then the device uses {@link #read}, {@link #write} and the interrupts.
 */
public final class PciFunction {
    /** Base addresses a function has. */
    public static final int BAR_COUNT = PciHeaderRegister.BAR_COUNT;

    /** Interrupt pins: none, and INTA. */
    private static final int PIN_INTA = 1;

    private static final int FIRST_CAPABILITY = 0x40;
    private static final int CAPABILITY_ALIGNMENT = 16;
    private static final int COMMAND = PciHeaderRegister.COMMAND_STATUS.offset();
    private static final int MESSAGE_BYTES = 4;
    private static final int NOT_THERE = -1;

    private final String name;
    private final PciIdentity identity;
    private final ConfigSpace config = new ConfigSpace();
    private final @Nullable Bar[] bars = new Bar[BAR_COUNT];
    private final byte[] message = new byte[MESSAGE_BYTES];
    private int nextCapability = FIRST_CAPABILITY;
    private int lastCapability = NOT_THERE;
    private int msi = NOT_THERE;
    private int msix = NOT_THERE;
    private int power = NOT_THERE;
    private @Nullable MsixTable table;
    private @Nullable MasterPort port;
    private @Nullable IntxWire wire;
    private boolean pending;
    private boolean driven;

    /**
     * Creates a function with a header, without regions and capabilities.
     *
     * @param name for traces
     */
    public PciFunction(String name, PciIdentity identity) {
        this.name = name;
        this.identity = identity;
        config.place(PciHeaderRegister.MAP, 0);
        config.set(
                PciHeaderRegister.ID.offset(),
                PciHeaderRegister.Id.DEVICE_ID.of(identity.device())
                        | PciHeaderRegister.Id.VENDOR_ID.of(identity.vendor()));
        config.set(
                PciHeaderRegister.CLASS_REVISION.offset(),
                ClassRevision.CLASS_CODE.of(identity.classCode())
                        | ClassRevision.REVISION.of(identity.revision()));
        config.set(
                PciHeaderRegister.SUBSYSTEM.offset(),
                Subsystem.SUBSYSTEM_ID.of(identity.subsystem())
                        | Subsystem.SUBSYSTEM_VENDOR_ID.of(identity.subsystemVendor()));
        config.set(PciHeaderRegister.INTERRUPT.offset(), Interrupt.PIN, PIN_INTA);
        for (int i = 0; i < BAR_COUNT; i++) {
            config.writable(barOffset(i), 0);
        }
    }

    /** Its name in traces. */
    public String name() {
        return name;
    }

    /** Who made it and what it is. */
    public PciIdentity identity() {
        return identity;
    }

    // What it has.

    /** Adds a region. */
    public PciFunction add(Bar bar) {
        Check.argument(bars[bar.index()] == null, "a second region %d", bar.index());
        bars[bar.index()] = bar;
        int low = barOffset(bar.index());
        boolean wide = bar.width() == Bar.Width.MEMORY_64_PREFETCHABLE;
        config.set(low, BaseAddress.TYPE, wide ? 2 : 0);
        config.set(low, BaseAddress.PREFETCHABLE, wide ? 1 : 0);
        config.writable(low, (int) -bar.size() & BaseAddress.ADDRESS.mask());
        if (wide) {
            config.writable(low + Register.BYTES, (int) (-bar.size() >>> Integer.SIZE));
        }
        return this;
    }

    private static int barOffset(int index) {
        return PciHeaderRegister.BAR0.offset() + index * Register.BYTES;
    }

    /**
     * Lets it send messages.
     *
     * @param lg2Vectors log2 of how many, at most 5
     */
    public PciFunction addMsi(int lg2Vectors) {
        Check.argument(
                lg2Vectors >= 0 && 1 << lg2Vectors <= MsiRegister.VECTOR_COUNT_MAX,
                "2 to the %d messages, MSI has up to 32",
                lg2Vectors);
        msi = capability(MsiRegister.SIZE);
        config.place(MsiRegister.MAP, msi);
        config.set(msi, MsiRegister.Control.ADDRESS_64, 1);
        config.set(msi, MsiRegister.Control.MULTIPLE_CAPABLE, lg2Vectors);
        return this;
    }

    /**
     * Lets it send messages from a table, in a region of its own.
     *
     * @param vectors how many, 1 to {@link MsixRegister#VECTOR_COUNT_MAX}
     * @param barIndex of the region that holds the table and nothing else
     */
    public PciFunction addMsix(int vectors, int barIndex) {
        Check.argument(
                vectors >= 1 && vectors <= MsixRegister.VECTOR_COUNT_MAX,
                "%d messages, MSI-X has 1 to 2048",
                vectors);
        MsixTable entries = new MsixTable(vectors, this::post);
        table = entries;
        add(new Bar(barIndex, Bar.Width.MEMORY_32, entries.regionBytes(), entries));
        msix = capability(MsixRegister.SIZE);
        config.place(MsixRegister.MAP, msix);
        config.set(msix, MsixRegister.Control.TABLE_SIZE, vectors - 1);
        config.set(msix + MsixRegister.TABLE.offset(), MsixRegister.Place.BAR, barIndex);
        config.set(
                msix + MsixRegister.PENDING.offset(),
                MsixRegister.Place.BAR.of(barIndex) | entries.pendingOffset());
        return this;
    }

    /** Lets it be put to sleep. */
    public PciFunction addPowerManagement() {
        power = capability(PowerManagementRegister.SIZE);
        config.place(PowerManagementRegister.MAP, power);
        return this;
    }

    /** Makes it an endpoint of PCI Express. */
    public PciFunction addExpress() {
        config.place(ExpressRegister.MAP, capability(ExpressRegister.SIZE));
        return this;
    }

    /** Takes room for a capability and links it to the one before; its words come afterwards. */
    private int capability(int bytes) {
        int at = nextCapability;
        nextCapability += -(-bytes & -CAPABILITY_ALIGNMENT);
        if (lastCapability == NOT_THERE) {
            config.set(
                    PciHeaderRegister.CAPABILITIES.offset(),
                    PciHeaderRegister.Capabilities.POINTER,
                    at);
            config.set(COMMAND, CommandStatus.CAPABILITIES_LIST, 1);
        } else {
            config.set(lastCapability, MsiRegister.Control.NEXT, at);
        }
        lastCapability = at;
        return at;
    }

    // The host's side.

    void connect(MasterPort way, IntxWire intx) {
        Check.argument(port == null, "%s sits in a slot already", name);
        port = way;
        wire = intx;
    }

    /** Whether it may access memory now. */
    boolean isBusMaster() {
        return CommandStatus.BUS_MASTER.isSet(config.word(COMMAND)) && isAwake();
    }

    private boolean isAwake() {
        return power == NOT_THERE
                || !PowerManagementRegister.Control.POWER_STATE.isSet(
                        config.word(power + PowerManagementRegister.CONTROL.offset()));
    }

    /** The region that answers at an address on the PCI bus, or null. */
    @Nullable Bar regionAt(long address) {
        if (!CommandStatus.MEMORY_SPACE.isSet(config.word(COMMAND)) || !isAwake()) {
            return null;
        }
        for (Bar bar : bars) {
            if (bar != null && Long.compareUnsigned(address - base(bar), bar.size()) < 0) {
                return bar;
            }
        }
        return null;
    }

    /** Where a region starts on the PCI bus. */
    long base(Bar bar) {
        int low = barOffset(bar.index());
        long base = Integer.toUnsignedLong(config.word(low) & BaseAddress.ADDRESS.mask());
        return bar.width() == Bar.Width.MEMORY_32
                ? base
                : base | ((long) config.word(low + Register.BYTES) << Integer.SIZE);
    }

    /** The word of its configuration space at an offset, a multiple of 4. */
    int configWord(int offset) {
        int word = config.word(offset);
        return offset == COMMAND ? CommandStatus.INTERRUPT_STATUS.with(word, pending) : word;
    }

    /**
     * A store into its configuration space.
     *
     * @param offset a multiple of 4
     * @param lanes ones where bytes are stored
     */
    void configStore(int offset, int value, int lanes) {
        config.store(offset, value, lanes);
        driveIntx();
        MsixTable entries = table;
        if (entries != null) {
            int control = config.word(msix);
            entries.enable(
                    MsixRegister.Control.ENABLE.isSet(control),
                    MsixRegister.Control.FUNCTION_MASK.isSet(control));
        }
    }

    // The device's side.

    /** Whether interrupts go out as messages. */
    public boolean sendsMessages() {
        return isMsiEnabled() || isMsixEnabled();
    }

    private boolean isMsiEnabled() {
        return msi != NOT_THERE && MsiRegister.Control.ENABLE.isSet(config.word(msi));
    }

    private boolean isMsixEnabled() {
        return msix != NOT_THERE && MsixRegister.Control.ENABLE.isSet(config.word(msix));
    }

    /** Says whether the device wants attention; its pin follows unless messages are enabled. */
    public void interrupt(boolean wanted) {
        pending = wanted;
        driveIntx();
    }

    private void driveIntx() {
        boolean level =
                pending
                        && !sendsMessages()
                        && !CommandStatus.INTX_DISABLE.isSet(config.word(COMMAND));
        IntxWire intx = wire;
        if (intx != null && level != driven) {
            driven = level;
            intx.change(level);
        }
    }

    /**
     * Sends a message; without effect while messages are disabled.
     *
     * @param vector from 0; with fewer messages enabled than the device has the last ones coincide
     */
    public void message(int vector) {
        MsixTable entries = table;
        if (isMsixEnabled() && entries != null) {
            entries.send(Math.min(vector, entries.count() - 1));
        } else if (isMsiEnabled()) {
            int enabled = 1 << MsiRegister.Control.MULTIPLE_ENABLE.get(config.word(msi));
            int low = config.word(msi + MsiRegister.ADDRESS.offset());
            int high = config.word(msi + MsiRegister.UPPER_ADDRESS.offset());
            int data = config.word(msi + MsiRegister.DATA.offset());
            post(
                    ((long) high << Integer.SIZE) | Integer.toUnsignedLong(low),
                    (data & -enabled) | Math.min(vector, enabled - 1));
        }
    }

    private void post(long address, int data) {
        for (int i = 0; i < MESSAGE_BYTES; i++) {
            message[i] = (byte) (data >>> (Byte.SIZE * i));
        }
        write(address, message, 0, MESSAGE_BYTES);
    }

    /**
     * Reads memory over the bus, as {@link MasterPort#read}; an address nobody answers at is noted
     * in the status register.
     *
     * @param address as the function puts it on the PCI bus
     */
    public BusAnswer read(long address, byte[] into, int at, int bytes) {
        return noted(connected().read(address, into, at, bytes));
    }

    /** Writes memory over the bus; see {@link #read}. */
    public BusAnswer write(long address, byte[] from, int at, int bytes) {
        return noted(connected().write(address, from, at, bytes));
    }

    /**
     * Copies between two places in RAM, as {@link MasterPort#copy}; only where {@link #reachesRam}
     * says so of both.
     */
    public BusAnswer copy(long from, long to, long bytes, int burstBytes) {
        return connected().copy(from, to, bytes, burstBytes);
    }

    /** Whether a range is RAM for this function now, as {@link MasterPort#reachesRam}. */
    public boolean reachesRam(long address, long bytes, boolean write) {
        return connected().reachesRam(address, bytes, write);
    }

    /**
     * The byte of one of its own regions that an address on the PCI bus names, for a device that
     * answers itself.
     *
     * @return its offset in the region, or -1 when the region does not answer there
     */
    public long ownOffset(int index, long address) {
        Bar bar = regionAt(address);
        return bar == null || bar.index() != index ? -1 : address - base(bar);
    }

    private MasterPort connected() {
        MasterPort way = port;
        if (way == null) {
            throw new IllegalStateException(name + " sits in no slot");
        }
        return way;
    }

    private BusAnswer noted(BusAnswer answer) {
        if (answer instanceof BusAnswer.Fault fault && isBusMaster()) {
            CommandStatus flag =
                    fault.cause() == BusAnswer.Cause.TARGET
                            ? CommandStatus.RECEIVED_TARGET_ABORT
                            : CommandStatus.RECEIVED_MASTER_ABORT;
            config.set(COMMAND, flag, 1);
        }
        return answer;
    }

    /** What answers at a region, for a device that looks at itself. */
    @Nullable Target target(int index) {
        Bar bar = bars[index];
        return bar == null ? null : bar.target();
    }

    @Override
    public String toString() {
        return name + " " + identity;
    }
}
