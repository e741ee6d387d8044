package dmakit.hardware.edu;

import dmakit.datasheet.Register;
import dmakit.datasheet.edu.EduRegister;
import dmakit.datasheet.edu.EduRegister.Causes;
import dmakit.datasheet.edu.EduRegister.Command;
import dmakit.datasheet.edu.EduRegister.Status;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.Halves;
import dmakit.hardware.pci.Bar;
import dmakit.hardware.pci.PciFunction;
import dmakit.hardware.pci.PciIdentity;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.bus.Target;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import org.jspecify.annotations.Nullable;

/**
 * QEMU's {@code edu}: a device to learn driver writing on. It computes factorials, moves up to 4096
 * bytes between RAM and a buffer of its own, and interrupts by pin or message. QEMU,
 * docs/specs/edu.rst.
 *
 * <pre>{@code
 *          a store to FACTORIAL                     RUN
 * Idle ---------------------> Computing      Idle -------> Moving
 *   ^     n * 10 ns later        |             ^   100 ms    |
 *   +----------------------------+             +-------------+
 * }</pre>
 *
 * <p>The two do not know of each other. While one runs, stores to its registers are ignored.
 *
 * <p><b>Where the document is silent</b>, this follows QEMU: an address is cut to the DMA mask; a
 * transfer ends 100 ms after its command; an access of another width than the document allows reads
 * ones and writes nothing, and so does an offset without a register. QEMU stops the machine when a
 * transfer leaves the buffer; here nothing moves, the trace says so, and the command ends as usual.
 */
public final class Edu implements Target {
    /** From a command to the end of its transfer, in picoseconds. */
    static final long TRANSFER_PS = 100_000_000_000L;

    /** For one factor, in picoseconds. */
    static final long FACTOR_PS = 10_000;

    private static final PciIdentity IDENTITY =
            new PciIdentity(
                    EduRegister.VENDOR_ID, EduRegister.DEVICE_ID, 0x00ff00, 0x10, 0x1af4, 0x1100);

    /** Below, accesses have 4 bytes. */
    private static final int FIRST_WIDE = 0x80;

    /** From here on a factorial is a multiple of 2 to the 32. */
    private static final int FACTORIAL_IS_ZERO = 34;

    private final Clock clock;
    private final ChipTrace trace;
    private final long dmaMask;
    private final PciFunction function;
    private final byte[] buffer = new byte[EduRegister.BUFFER_BYTES];
    private final Alarm factorialDone;
    private final Alarm transferDone;
    private int liveness;
    private int factorial;
    private int status;
    private int causes;
    private long source;
    private long destination;
    private long count;
    private int command;

    /**
     * Creates a device after power-on, to be plugged in.
     *
     * @param name for traces
     * @param dmaMask the addresses its DMA can put on the bus, usually {@link EduRegister#DMA_MASK}
     */
    public Edu(Clock clock, Trace trace, String name, long dmaMask) {
        this.clock = clock;
        this.trace = new ChipTrace(clock, trace, name);
        this.dmaMask = dmaMask;
        function =
                new PciFunction(name, IDENTITY)
                        .add(new Bar(0, Bar.Width.MEMORY_32, EduRegister.REGION_BYTES, this))
                        .addMsi(0);
        factorialDone = new Alarm(name + " factorial", this::factorialDone);
        transferDone = new Alarm(name + " transfer", this::transferDone);
    }

    /** What sits in the slot. */
    public PciFunction function() {
        return function;
    }

    @Override
    public long read(long offset, int bytes) {
        EduRegister register = at(offset, bytes);
        if (register == null) {
            return -1L >>> (Long.SIZE - Byte.SIZE * bytes);
        }
        long value =
                switch (register) {
                    case IDENTIFICATION -> register.reset();
                    case LIVENESS -> liveness;
                    case FACTORIAL -> factorial;
                    case STATUS -> Status.COMPUTING.with(status, factorialDone.isSet());
                    case INTERRUPT_STATUS -> causes;
                    case INTERRUPT_RAISE, INTERRUPT_ACKNOWLEDGE -> -1;
                    case DMA_SOURCE -> source;
                    case DMA_SOURCE_UPPER -> source >>> Integer.SIZE;
                    case DMA_DESTINATION -> destination;
                    case DMA_DESTINATION_UPPER -> destination >>> Integer.SIZE;
                    case DMA_COUNT -> count;
                    case DMA_COUNT_UPPER -> count >>> Integer.SIZE;
                    case DMA_COMMAND -> Command.RUN.with(command, transferDone.isSet());
                    case DMA_COMMAND_UPPER -> 0;
                };
        value = bytes == Register.BYTES ? value & 0xffff_ffffL : value;
        trace.accessed("", register, register.offset(), bytes, value, false);
        return value;
    }

    @Override
    public void write(long offset, int bytes, long value) {
        EduRegister register = at(offset, bytes);
        if (register == null) {
            return;
        }
        trace.accessed("", register, register.offset(), bytes, value, true);
        int word = (int) value;
        boolean moving = transferDone.isSet();
        switch (register) {
            case LIVENESS -> liveness = ~word;
            case FACTORIAL -> compute(word);
            case STATUS -> status = word & EduRegister.STATUS.writableMask();
            case INTERRUPT_RAISE -> raise(word);
            case INTERRUPT_ACKNOWLEDGE -> acknowledge(word);
            case DMA_SOURCE -> source = moving ? source : merged(source, value, bytes);
            case DMA_SOURCE_UPPER -> source = moving ? source : Halves.withHigh(source, word);
            case DMA_DESTINATION ->
                    destination = moving ? destination : merged(destination, value, bytes);
            case DMA_DESTINATION_UPPER ->
                    destination = moving ? destination : Halves.withHigh(destination, word);
            case DMA_COUNT -> count = moving ? count : merged(count, value, bytes);
            case DMA_COUNT_UPPER -> count = moving ? count : Halves.withHigh(count, word);
            case DMA_COMMAND -> start(word, moving);
            case IDENTIFICATION, INTERRUPT_STATUS, DMA_COMMAND_UPPER -> {
                // Read-only.
            }
        }
    }

    private static @Nullable EduRegister at(long offset, int bytes) {
        boolean wide = bytes == Long.BYTES && offset >= FIRST_WIDE;
        return bytes == Register.BYTES || wide ? EduRegister.MAP.at(offset) : null;
    }

    private static long merged(long before, long value, int bytes) {
        return bytes == Long.BYTES ? value : Halves.withLow(before, (int) value);
    }

    @Override
    public boolean tracesAccess(long offset) {
        return EduRegister.MAP.at(offset) != null;
    }

    // The factorial.

    private void compute(int n) {
        if (!factorialDone.isSet()) {
            factorial = n;
            clock.setIn(factorialDone, (Integer.toUnsignedLong(n) + 1) * FACTOR_PS);
        }
    }

    private void factorialDone() {
        int product = 1;
        if (Integer.compareUnsigned(factorial, FACTORIAL_IS_ZERO) < 0) {
            for (int n = factorial; n > 0; n--) {
                product *= n;
            }
        } else {
            product = 0;
        }
        factorial = product;
        if (Status.INTERRUPT.isSet(status)) {
            raise(Causes.FACTORIAL.mask());
        }
    }

    // Interrupts.

    private void raise(int bits) {
        causes |= bits;
        if (causes != 0) {
            function.interrupt(true);
            function.message(0);
        }
    }

    private void acknowledge(int bits) {
        causes &= ~bits;
        function.interrupt(causes != 0);
    }

    // The transfer.

    private void start(int value, boolean moving) {
        if (!moving && Command.RUN.isSet(value)) {
            command = value & EduRegister.DMA_COMMAND.writableMask();
            clock.setIn(transferDone, TRANSFER_PS);
        }
    }

    private void transferDone() {
        boolean toRam = Command.TO_RAM.isSet(command);
        long inside = toRam ? source : destination;
        long outside = toRam ? destination : source;
        long at = inside - EduRegister.BUFFER;
        if (Long.compareUnsigned(at, buffer.length) >= 0
                || Long.compareUnsigned(count, buffer.length - at) > 0) {
            trace.refused(inside, "outside of its buffer", !toRam);
        } else {
            move(outside & dmaMask, outside, (int) at, (int) count, toRam);
        }
        command = Command.RUN.with(command, false);
        if (Command.INTERRUPT.isSet(command)) {
            raise(Causes.DMA.mask());
        }
    }

    private void move(long address, long wanted, int at, int bytes, boolean toRam) {
        if (address != wanted) {
            trace.refused(wanted, "cut to the DMA mask 0x" + Long.toHexString(dmaMask), toRam);
        }
        BusAnswer answer =
                toRam
                        ? function.write(address, buffer, at, bytes)
                        : function.read(address, buffer, at, bytes);
        if (answer instanceof BusAnswer.Fault fault) {
            trace.refused(fault.address(), fault.toString(), toRam);
        } else {
            long own = (long) EduRegister.BUFFER + at;
            trace.moved(
                    clock.now() - TRANSFER_PS, toRam ? own : address, toRam ? address : own, bytes);
        }
    }
}
