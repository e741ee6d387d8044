package dmakit.hardware.plx;

import dmakit.datasheet.Register;
import dmakit.datasheet.plx.PlxDescriptor;
import dmakit.datasheet.plx.PlxDescriptor.Flags;
import dmakit.datasheet.plx.PlxDescriptor.High;
import dmakit.datasheet.plx.PlxRegister;
import dmakit.datasheet.plx.PlxRegister.Count;
import dmakit.datasheet.plx.PlxRegister.Ctrl;
import dmakit.datasheet.plx.PlxRegister.Interrupt;
import dmakit.datasheet.plx.PlxRegister.Size;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.DescriptorWords;
import dmakit.hardware.pci.PciFunction;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * What the channel does and when: one alarm, and one fetch or one run of at most {@link
 * #RUN_BYTES_MAX} bytes for each time it goes off.
 *
 * <p>States live in fields: descriptors come by the million, and nothing may be allocated for one.
 */
final class Engine {
    /** Bytes that one event moves. */
    static final int RUN_BYTES_MAX = 1 << 16;

    private static final int PAGE_BYTES = 4096;
    private static final int FETCH_COUNT_MAX = 255;

    /** Addresses from here on need 64 bits. */
    private static final long WIDE = 1L << Integer.SIZE;

    private enum State {
        IDLE("Idle"),
        FETCHING("Fetching"),
        MOVING("Moving");

        private final String label;

        State(String label) {
            this.label = label;
        }

        @Override
        public String toString() {
            return label;
        }
    }

    private final Clock clock;
    private final ChipTrace trace;
    private final PciFunction function;
    private final BoardMemory memory;
    private final PlxDma registers;
    private final Alarm alarm;
    private final Alarm stopped;
    private final byte[] ahead = new byte[FETCH_COUNT_MAX * PlxDescriptor.SIZE];
    private final byte[] payload = new byte[PAGE_BYTES];
    private final byte[] outcome = new byte[Register.BYTES];

    private State state = State.IDLE;
    private boolean pausing;
    private boolean aborting;

    /** A fetch for descriptors that may have become valid was asked for. */
    private boolean lookAgain;

    // As they were at the start.
    private boolean inRing;
    private boolean writesBack;
    private boolean stopsAtEnd;

    // Descriptors read ahead: the one in work is the first of them.
    private int aheadAt;
    private int aheadCount;

    // The descriptor in work.
    private long descriptor;
    private int flags;
    private long source;
    private long destination;
    private int bytes;
    private int moved;
    private int run;
    private long startPs;

    Engine(
            Clock clock,
            ChipTrace trace,
            PciFunction function,
            BoardMemory memory,
            PlxDma registers) {
        this.clock = clock;
        this.trace = trace;
        this.function = function;
        this.memory = memory;
        this.registers = registers;
        alarm = new Alarm(function.name(), this::step);
        stopped = new Alarm(function.name() + " rests", this::rested);
    }

    boolean isBusy() {
        return state != State.IDLE;
    }

    // What software asks for.

    void start() {
        pausing = false;
        if (aborting) {
            aborting = false;
            rest("aborted");
        }
        if (isBusy()) {
            lookAgain = true;
            return;
        }
        int control = registers.get(PlxRegister.CTRL);
        writesBack = Ctrl.WRITE_BACK_EN.isSet(control);
        stopsAtEnd = Ctrl.RING_STOP_MODE.isSet(control);
        lookAgain = false;
        aheadCount = 0;
        int mode = Ctrl.MODE.get(control);
        inRing = mode == PlxRegister.MODE_OFF_CHIP;
        if (mode == PlxRegister.MODE_BLOCK) {
            source = registers.address(PlxRegister.BLOCK_SOURCE_LOW, PlxRegister.BLOCK_SOURCE_HIGH);
            destination =
                    registers.address(
                            PlxRegister.BLOCK_DESTINATION_LOW, PlxRegister.BLOCK_DESTINATION_HIGH);
            flags = Flags.INTERRUPT_OR_SUCCESS.mask();
            begin(Size.BYTES.get(registers.get(PlxRegister.BLOCK_SIZE)));
        } else {
            fetch();
        }
    }

    void pause() {
        pausing = true;
        if (!isBusy()) {
            clock.setIn(stopped, Timing.STOP_PS);
        }
    }

    void abort() {
        aborting = true;
        clock.cancel(alarm);
        clock.setIn(stopped, Timing.STOP_PS);
    }

    /** A pause or an abort is through. */
    private void rested() {
        if (aborting) {
            aborting = false;
            pausing = false;
            rest("aborted");
            registers.status(Ctrl.ABORT_DONE);
            registers.happened(Interrupt.ABORT_DONE);
        } else if (pausing && !isBusy()) {
            pausing = false;
            registers.status(Ctrl.GRACEFUL_PAUSE_DONE);
            registers.happened(Interrupt.PAUSE_DONE);
        }
    }

    // What follows from what.

    private void step() {
        switch (state) {
            case FETCHING -> fetched();
            case MOVING -> ran();
            case IDLE -> {
                // Stopped meanwhile.
            }
        }
    }

    private void enter(State next, String detail) {
        trace.entered(state, next, detail);
        state = next;
    }

    private void rest(String why) {
        enter(State.IDLE, why);
        clock.cancel(alarm);
        aheadCount = 0;
    }

    /** The place of the next descriptor in the ring; -1 when the registers name none. */
    private int nextIndex() {
        int count = Count.DESCRIPTORS.get(registers.get(PlxRegister.DESC_RING_COUNT));
        int base = registers.get(PlxRegister.DESC_RING_ADDR);
        int offset = registers.get(PlxRegister.DESC_RING_NEXT_ADDR) - base;
        int index = Integer.divideUnsigned(offset, PlxDescriptor.SIZE);
        boolean inside = Integer.compareUnsigned(index, count) < 0;
        return inside && offset % PlxDescriptor.SIZE == 0 ? index : -1;
    }

    private void fetch() {
        int index = inRing ? nextIndex() : -1;
        if (index < 0) {
            notValid();
            return;
        }
        int count = Count.DESCRIPTORS.get(registers.get(PlxRegister.DESC_RING_COUNT));
        aheadAt = 0;
        aheadCount = Math.min(registers.prefetchLimit(), count - index);
        lookAgain = false;
        enter(State.FETCHING, "");
        int size = aheadCount * PlxDescriptor.SIZE;
        boolean wide = registers.get(PlxRegister.DESC_RING_ADDR_HI) != 0;
        clock.setIn(alarm, Timing.ROUND_TRIP_PS + Timing.linkPs(size, size, wide));
    }

    private long nextAddress() {
        long high = registers.get(PlxRegister.DESC_RING_ADDR_HI);
        int low = registers.get(PlxRegister.DESC_RING_NEXT_ADDR);
        return ((high << Integer.SIZE) | Integer.toUnsignedLong(low)) & PlxDescriptor.ADDRESS_MASK;
    }

    private void fetched() {
        long address = nextAddress();
        int size = aheadCount * PlxDescriptor.SIZE;
        BusAnswer answer = function.read(address, ahead, 0, size);
        if (answer instanceof BusAnswer.Fault fault) {
            fail(fault);
            return;
        }
        if (trace.isOn()) {
            trace.fetched(address, aheadCount + " descriptors, " + describe());
        }
        decode();
    }

    private String describe() {
        return "%d bytes dma:0x%x -> dma:0x%x"
                .formatted(Flags.BYTES.get(word(0)), sourceAhead(), destinationAhead());
    }

    /** Takes up the first descriptor read ahead, unless something else is wanted. */
    private void decode() {
        if (pausing) {
            restPaused();
            return;
        }
        int first = word(PlxDescriptor.FLAGS_AND_SIZE.offset());
        if (!Flags.VALID.isSet(first) || Flags.EXTENDED.isSet(first)) {
            if (lookAgain) {
                fetch();
            } else {
                notValid();
            }
            return;
        }
        descriptor = nextAddress();
        flags = first;
        source = sourceAhead();
        destination = destinationAhead();
        begin(Flags.BYTES.get(first));
    }

    private int word(int offset) {
        int at = aheadAt * PlxDescriptor.SIZE + offset;
        return DescriptorWords.word(ahead, at);
    }

    private long sourceAhead() {
        long high = High.SOURCE.get(word(PlxDescriptor.ADDRESSES_HIGH.offset()));
        int low = word(PlxDescriptor.SOURCE_LOW.offset());
        return (high << Integer.SIZE) | Integer.toUnsignedLong(low);
    }

    private long destinationAhead() {
        long high = High.DESTINATION.get(word(PlxDescriptor.ADDRESSES_HIGH.offset()));
        int low = word(PlxDescriptor.DESTINATION_LOW.offset());
        return (high << Integer.SIZE) | Integer.toUnsignedLong(low);
    }

    private void notValid() {
        rest("descriptor not valid");
        registers.status(Ctrl.DESC_INVALID);
        registers.happened(Interrupt.INV_DESC);
    }

    /** The ring could not be read or written. */
    private void fail(BusAnswer.Fault fault) {
        report(fault);
        rest(fault.toString());
        registers.happened(Interrupt.ERROR);
    }

    private void restPaused() {
        pausing = false;
        rest("paused");
        registers.status(Ctrl.GRACEFUL_PAUSE_DONE);
        registers.happened(Interrupt.PAUSE_DONE);
    }

    // Moving.

    private void begin(int size) {
        bytes = size;
        moved = 0;
        startPs = clock.now();
        enter(State.MOVING, "");
        scheduleRun(Timing.DESCRIPTOR_PS + (size > 0 ? Timing.ROUND_TRIP_PS : 0));
    }

    private void scheduleRun(long latencyPs) {
        run = Math.min(bytes - moved, RUN_BYTES_MAX);
        boolean wide =
                Long.compareUnsigned(source + moved, WIDE) >= 0
                        || Long.compareUnsigned(destination + moved, WIDE) >= 0;
        clock.setIn(alarm, latencyPs + Timing.linkPs(run, registers.requestBytes(), wide));
    }

    private void ran() {
        BusAnswer.Fault fault = move();
        if (fault != null) {
            report(fault);
            registers.happened(Interrupt.ERROR);
            finish(fault.write() ? Flags.WRITE_FAIL : Flags.READ_FAIL);
        } else if (moved < bytes) {
            scheduleRun(0);
        } else {
            finish(Flags.INTERRUPT_OR_SUCCESS);
        }
    }

    /** Moves the run, request by request, until one fails. */
    private BusAnswer.@Nullable Fault move() {
        int end = moved + run;
        int requestBytes = registers.requestBytes();
        if (run > 0
                && function.reachesRam(source + moved, run, false)
                && function.reachesRam(destination + moved, run, true)
                && !isOwn(source + moved, run)
                && !isOwn(destination + moved, run)) {
            BusAnswer answer =
                    function.copy(source + moved, destination + moved, run, requestBytes);
            if (!(answer instanceof BusAnswer.Fault)) {
                moved = end;
                return null;
            }
        }
        while (moved < end) {
            long from = source + moved;
            long to = destination + moved;
            int piece = Math.min(end - moved, requestBytes);
            piece = Math.min(piece, PAGE_BYTES - (int) (from & (PAGE_BYTES - 1)));
            piece = Math.min(piece, PAGE_BYTES - (int) (to & (PAGE_BYTES - 1)));
            if (read(from, piece) instanceof BusAnswer.Fault fault) {
                return fault;
            }
            if (write(to, piece) instanceof BusAnswer.Fault fault) {
                return fault;
            }
            moved += piece;
        }
        return null;
    }

    /** Whether any byte of a range is the card's own. A region is larger than a run. */
    private boolean isOwn(long address, int size) {
        return own(address) >= 0 || own(address + size - 1) >= 0;
    }

    private long own(long address) {
        return function.ownOffset(PlxDma.MEMORY_REGION, address);
    }

    private BusAnswer read(long address, int size) {
        long offset = own(address);
        if (offset < 0) {
            return function.read(address, payload, 0, size);
        }
        memory.read(offset, payload, 0, size);
        return BusAnswer.Done.DONE;
    }

    private BusAnswer write(long address, int size) {
        long offset = own(address);
        if (offset < 0) {
            return function.write(address, payload, 0, size);
        }
        memory.write(offset, payload, 0, size);
        return BusAnswer.Done.DONE;
    }

    private void finish(Flags result) {
        if (moved > 0) {
            trace.moved(startPs, source, destination, moved);
        }
        registers.set(PlxRegister.DESC_RING_LAST_SIZE, moved);
        if (inRing) {
            registers.set(PlxRegister.DESC_RING_LAST_ADDR, (int) descriptor);
            if (writesBack && !writeBack(result)) {
                return;
            }
        }
        if (Flags.INTERRUPT_OR_SUCCESS.isSet(flags)) {
            registers.happened(Interrupt.DESC_DONE);
        }
        if (inRing) {
            advance();
        } else if (pausing) {
            restPaused();
        } else {
            rest("done");
        }
    }

    private boolean writeBack(Flags result) {
        int value = Flags.BYTES.of(moved) | result.mask();
        for (int i = 0; i < Register.BYTES; i++) {
            outcome[i] = (byte) (value >>> (Byte.SIZE * i));
        }
        if (function.write(descriptor, outcome, 0, Register.BYTES)
                instanceof BusAnswer.Fault fault) {
            fail(fault);
            return false;
        }
        return true;
    }

    /** Goes on with the next descriptor, if it has been read ahead without a fetch. */
    private void advance() {
        int count = Count.DESCRIPTORS.get(registers.get(PlxRegister.DESC_RING_COUNT));
        int index = nextIndex() + 1;
        boolean wraps = index >= count;
        registers.set(
                PlxRegister.DESC_RING_NEXT_ADDR,
                registers.get(PlxRegister.DESC_RING_ADDR)
                        + (wraps ? 0 : index * PlxDescriptor.SIZE));
        aheadAt++;
        if (pausing) {
            restPaused();
        } else if (wraps && stopsAtEnd) {
            rest("end of the ring");
        } else if (aheadAt < aheadCount && !wraps) {
            decode();
        } else {
            fetch();
        }
    }

    private void report(BusAnswer.Fault fault) {
        if (trace.isOn()) {
            trace.refused(fault.address(), fault.toString(), fault.write());
        }
    }
}
