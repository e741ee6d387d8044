package dmakit.hardware.i8237;

import dmakit.datasheet.i8237.I8237Load;
import dmakit.datasheet.i8237.I8237Store;
import dmakit.datasheet.i8237.I8237Store.Command;
import dmakit.datasheet.i8237.I8237Store.Mode;
import dmakit.datasheet.i8237.IsaPage;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.IsaDmaWires;
import dmakit.machine.Check;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.bus.MasterPort;
import dmakit.machine.bus.Ports;
import dmakit.machine.bus.Target;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import java.util.List;

/**
 * The DMA of a PC: two 8237A, of which the first one's channels 0 to 3 move bytes, the second one's
 * 5 to 7 words; channel 4 passes the bus to the first one. 8237A data sheet; IBM PC/AT Technical
 * Reference, "DMA Controller".
 *
 * <pre>{@code
 *         somebody wants the bus              moved, and the service goes on
 * Idle ------------------------> Serving ------------------------------------+
 *   ^                              | ^                                       |
 *   +------------------------------+ +---------------------------------------+
 *     single: after one; demand: DREQ low; block: terminal count
 * }</pre>
 *
 * <p>Addresses have 24 bits: 16 that count, and a page register that does not. On channels 5 to 7
 * they count words, so that a page has 128 KiB and the page register's lowest bit is not used. The
 * count is one less than the transfers.
 *
 * <p><b>Where the data sheet is silent</b>, or the PC's wiring decides:
 *
 * <ul>
 *   <li>A service is over before another channel's begins, of whatever priority.
 *   <li>Copying from memory to memory takes each half's page from that channel's page register, and
 *       runs to the end of channel 1's count once it is asked for.
 *   <li>Transfers of the illegal type do as those of verify. Illegal loads answer 0.
 *   <li>A channel other than 4 in cascade mode is never served: no card here owns the bus. Nor is
 *       channel 4 in another mode.
 *   <li>Where nothing answers in memory, ones are read, and writes are lost.
 * </ul>
 */
public final class IsaDma {
    /** Channels, of which 4 is no card's. */
    public static final int CHANNEL_COUNT = 8;

    /** The channel that passes the bus on. */
    public static final int CASCADE = 4;

    /** First port of controller 1, with channels 0 to 3. */
    public static final int CONTROLLER_1 = 0x00;

    /** First page register. */
    public static final int PAGES = 0x80;

    /** First port of controller 2, with channels 4 to 7; its ports are two apart. */
    public static final int CONTROLLER_2 = 0xc0;

    private static final int PAGE_SHIFT = 16;
    private static final int WORD_PAGE_MASK = 0xfe;
    private static final int NOBODY = -1;
    private static final int ONES = 0xff;

    private final Clock clock;
    private final ChipTrace trace;
    private final ChipTrace[] channelTraces = new ChipTrace[CHANNEL_COUNT];
    private final String name;
    private final List<MasterPort> masters;
    private final List<IsaDmaWires> wires;
    private final Controller[] controllers = {new Controller(), new Controller()};
    private final int[] pages = new int[IsaPage.SIZE];
    private final int[] pageOf = new int[CHANNEL_COUNT];
    private final Alarm alarm;
    private final byte[] data = new byte[2];
    private int serving = NOBODY;

    /** The service goes on by itself, whatever its request does. */
    private boolean begun;

    /**
     * Creates the pair after power-on: every channel masked.
     *
     * @param name for traces
     * @param masters the way to memory of each channel, in addresses of 24 bits
     * @param wires to the cards, by channel
     */
    public IsaDma(
            Clock clock,
            Trace trace,
            String name,
            List<MasterPort> masters,
            List<IsaDmaWires> wires) {
        Check.argument(
                masters.size() == CHANNEL_COUNT && wires.size() == CHANNEL_COUNT,
                "%d ways to memory and wires of %d channels, wanted 8",
                masters.size(),
                wires.size());
        this.clock = clock;
        this.trace = new ChipTrace(clock, trace, name);
        this.name = name;
        this.masters = List.copyOf(masters);
        this.wires = List.copyOf(wires);
        alarm = new Alarm(name, this::step);
        for (int i = 0; i < CHANNEL_COUNT; i++) {
            pageOf[i] = IsaPage.of(i).offset();
            channelTraces[i] = new ChipTrace(clock, trace, name + " " + i);
            wires.get(i).onChange(this::wake);
        }
    }

    /** Puts its registers where a PC has them. */
    public void attach(Ports ports) {
        ports.attach(name, CONTROLLER_1, I8237Store.SIZE, 1, new Registers(0, 1));
        ports.attach(name + " pages", PAGES, IsaPage.SIZE, 1, new Pages());
        ports.attach(name + " 2", CONTROLLER_2, 2 * I8237Store.SIZE, 1, new Registers(1, 2));
    }

    /** What firmware leaves: channel 4 passes the bus to controller 1. */
    public void setUpAsFirmware() {
        controllers[1].store(I8237Store.MODE, Mode.KIND.of(Mode.CASCADE));
        controllers[1].store(I8237Store.SINGLE_MASK, 0);
    }

    // Who is served.

    private boolean dreq(int channel) {
        return controllers[channel / Controller.COUNT].isRequest(wires.get(channel).isRequested());
    }

    private int wanting(int controller) {
        int bits = 0;
        for (int i = 0; i < Controller.COUNT; i++) {
            int channel = controller * Controller.COUNT + i;
            if (channel != CASCADE && controllers[controller].wants(i, dreq(channel))) {
                bits |= 1 << i;
            }
        }
        return bits;
    }

    /** The channel that gets the bus next, by the priorities of both. */
    private int next() {
        int first = wanting(0);
        int second = wanting(1);
        boolean passes = first != 0 && controllers[1].passes(0);
        int winner = controllers[1].first(second | (passes ? 1 : 0));
        if (winner == Controller.NOBODY) {
            return NOBODY;
        }
        return winner == 0 ? controllers[0].first(first) : Controller.COUNT + winner;
    }

    private void wake() {
        if (serving == NOBODY && !alarm.isSet() && next() != NOBODY) {
            clock.setIn(alarm, Timing.ACQUIRE_PS);
        }
    }

    private boolean stillWants(int channel) {
        return (wanting(channel / Controller.COUNT) & 1 << channel % Controller.COUNT) != 0;
    }

    private void step() {
        int channel = serving;
        if (channel == NOBODY) {
            serving = next();
            begun = false;
            if (serving != NOBODY) {
                clock.setIn(alarm, transferPs(serving));
            }
            return;
        }
        if (mayMove(channel) && goesOn(channel, moved(channel))) {
            clock.setIn(alarm, transferPs(channel));
            return;
        }
        serving = NOBODY;
        controllers[channel / Controller.COUNT].served(channel % Controller.COUNT);
        if (channel < CASCADE) {
            controllers[1].served(0);
        }
        wake();
    }

    private boolean mayMove(int channel) {
        return begun ? !controllers[channel / Controller.COUNT].isDisabled() : stillWants(channel);
    }

    private boolean goesOn(int channel, boolean last) {
        Controller controller = controllers[channel / Controller.COUNT];
        int index = channel % Controller.COUNT;
        if (last) {
            return false;
        }
        begun =
                (channel == 0 && controller.copiesMemory(index))
                        || controller.kind(index) == Mode.BLOCK;
        return begun || (controller.kind(index) == Mode.DEMAND && stillWants(channel));
    }

    private long transferPs(int channel) {
        Controller controller = controllers[channel / Controller.COUNT];
        int index = channel % Controller.COUNT;
        return controller.copiesMemory(index) && channel == 0
                ? Timing.MEMORY_PS
                : Timing.transferPs(
                        controller.has(Command.COMPRESSED_TIMING),
                        controller.leavesUpperByte(index));
    }

    // Moving.

    private static int bytesOf(int channel) {
        return channel < CASCADE ? 1 : 2;
    }

    /** Makes one transfer; whether it was the last of its count. */
    private boolean moved(int channel) {
        Controller controller = controllers[channel / Controller.COUNT];
        int index = channel % Controller.COUNT;
        if (channel == 0 && controller.copiesMemory(index)) {
            return copied(controller);
        }
        switch (controller.transfer(index)) {
            case Mode.WRITE -> store(channel, wires.get(channel).read(bytesOf(channel)));
            case Mode.READ -> wires.get(channel).write(bytesOf(channel), load(channel));
            default -> {
                // Verify: addresses alone.
            }
        }
        controller.advance(index);
        boolean last = controller.countDown(index);
        if (last) {
            controller.terminate(index);
            wires.get(channel).terminalCount();
            traceEnd(channel);
        }
        return last;
    }

    /** "Memory-to-Memory": channel 0 reads, channel 1 writes and counts. */
    private boolean copied(Controller controller) {
        int value = load(0);
        controller.temporary(value);
        store(1, value);
        if (!controller.has(Command.HOLD_ADDRESS_0)) {
            controller.advance(0);
        }
        controller.advance(1);
        if (controller.countDown(0)) {
            controller.reload(0);
        }
        boolean last = controller.countDown(1);
        if (last) {
            controller.terminate(1);
            controller.requestServed(0);
            traceEnd(1);
        }
        return last;
    }

    private long addressOf(int channel) {
        int address = controllers[channel / Controller.COUNT].address(channel % Controller.COUNT);
        int page = pages[pageOf[channel]];
        return channel < CASCADE
                ? (long) page << PAGE_SHIFT | address
                : (long) (page & WORD_PAGE_MASK) << PAGE_SHIFT | (long) address << 1;
    }

    private int load(int channel) {
        int bytes = bytesOf(channel);
        long address = addressOf(channel);
        BusAnswer answer = masters.get(channel).read(address, data, 0, bytes);
        if (answer instanceof BusAnswer.Fault fault) {
            report(channel, fault);
            return bytes == 1 ? ONES : ONES << Byte.SIZE | ONES;
        }
        int low = data[0] & ONES;
        return bytes == 1 ? low : low | (data[1] & ONES) << Byte.SIZE;
    }

    private void store(int channel, int value) {
        data[0] = (byte) value;
        data[1] = (byte) (value >>> Byte.SIZE);
        BusAnswer answer =
                masters.get(channel).write(addressOf(channel), data, 0, bytesOf(channel));
        if (answer instanceof BusAnswer.Fault fault) {
            report(channel, fault);
        }
    }

    private void report(int channel, BusAnswer.Fault fault) {
        if (trace.isOn()) {
            channelTraces[channel].refused(fault.address(), fault.toString(), fault.write());
        }
    }

    private void traceEnd(int channel) {
        channelTraces[channel].changed("Serving", "Idle", "TC");
    }

    // Loads and stores.

    /** The registers of one controller. */
    private final class Registers implements Target {
        private final int index;
        private final int stride;
        private final String prefix;

        Registers(int index, int stride) {
            this.index = index;
            prefix = (index + 1) + "_";
            this.stride = stride;
        }

        private int dreqs() {
            int bits = 0;
            for (int i = 0; i < Controller.COUNT; i++) {
                int channel = index * Controller.COUNT + i;
                boolean asks = channel == CASCADE ? wanting(0) != 0 : dreq(channel);
                bits |= asks ? 1 << i : 0;
            }
            return bits;
        }

        @Override
        public long read(long offset, int bytes) {
            I8237Load register = I8237Load.MAP.at(offset / stride);
            if (register == null) {
                return 0;
            }
            int value = controllers[index].load(register, dreqs());
            trace.accessed(prefix, register, register.offset(), 1, value, false);
            return value;
        }

        @Override
        public void write(long offset, int bytes, long value) {
            I8237Store register = I8237Store.MAP.at(offset / stride);
            if (register == null) {
                return;
            }
            int stored = (int) value & ONES;
            trace.accessed(prefix, register, register.offset(), 1, stored, true);
            controllers[index].store(register, stored);
            wake();
        }

        @Override
        public boolean tracesAccess(long offset) {
            return true;
        }
    }

    /** The page registers. */
    private final class Pages implements Target {
        @Override
        public long read(long offset, int bytes) {
            return pages[(int) offset];
        }

        @Override
        public void write(long offset, int bytes, long value) {
            pages[(int) offset] = (int) value & ONES;
        }

        @Override
        public String registerName(long offset) {
            return String.valueOf(IsaPage.MAP.at(offset));
        }
    }
}
