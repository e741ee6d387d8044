package dmakit.hardware.i8237;

import dmakit.datasheet.Field;
import dmakit.datasheet.i8237.I8237Load;
import dmakit.datasheet.i8237.I8237Load.Status;
import dmakit.datasheet.i8237.I8237Store;
import dmakit.datasheet.i8237.I8237Store.Command;
import dmakit.datasheet.i8237.I8237Store.Masks;
import dmakit.datasheet.i8237.I8237Store.Mode;
import dmakit.datasheet.i8237.I8237Store.Selected;

/** One 8237A: its registers, who of its channels is served next, and how a channel counts. */
final class Controller {
    static final int COUNT = I8237Store.CHANNEL_COUNT;
    static final int NOBODY = -1;

    private static final int ALL = (1 << COUNT) - 1;
    private static final int HALF = 0xff;
    private static final int WHOLE = 0xffff;

    private final int[] baseAddress = new int[COUNT];
    private final int[] baseCount = new int[COUNT];
    private final int[] address = new int[COUNT];
    private final int[] count = new int[COUNT];
    private final int[] mode = new int[COUNT];
    private int command;

    // A bit for each channel.
    private int requests;
    private int mask = ALL;
    private int terminalCounts;

    private int temporary;
    private boolean upperHalf;

    /** With rotating priority, the channel that comes last. */
    private int lowest = COUNT - 1;

    // Loads and stores.

    /** A load; {@code dreqs} are the channels that ask by wire. */
    int load(I8237Load register, int dreqs) {
        return switch (register) {
            case ADDRESS_0, ADDRESS_1, ADDRESS_2, ADDRESS_3 -> half(address[channelOf(register)]);
            case COUNT_0, COUNT_1, COUNT_2, COUNT_3 -> half(count[channelOf(register)]);
            case STATUS -> {
                int value =
                        Status.REQUESTS.of(dreqs | requests)
                                | Status.TERMINAL_COUNTS.of(terminalCounts);
                terminalCounts = 0;
                yield value;
            }
            case TEMPORARY -> temporary;
            case ALL_MASK -> mask;
        };
    }

    private static int channelOf(I8237Load register) {
        return register.offset() / 2;
    }

    private static int channelOf(I8237Store register) {
        return register.offset() / 2;
    }

    private int half(int value) {
        boolean upper = upperHalf;
        upperHalf = !upper;
        return upper ? value >>> Byte.SIZE : value & HALF;
    }

    private int merged(int before, int value) {
        boolean upper = upperHalf;
        upperHalf = !upper;
        return upper ? (before & HALF) | (value << Byte.SIZE) : (before & ~HALF) | value;
    }

    void store(I8237Store register, int value) {
        switch (register) {
            case ADDRESS_0, ADDRESS_1, ADDRESS_2, ADDRESS_3 -> {
                int channel = channelOf(register);
                baseAddress[channel] = merged(baseAddress[channel], value);
                address[channel] = baseAddress[channel];
            }
            case COUNT_0, COUNT_1, COUNT_2, COUNT_3 -> {
                int channel = channelOf(register);
                baseCount[channel] = merged(baseCount[channel], value);
                count[channel] = baseCount[channel];
            }
            case COMMAND -> command = value;
            case REQUEST -> requests = with(requests, value);
            case SINGLE_MASK -> mask = with(mask, value);
            case MODE -> mode[Mode.CHANNEL.get(value)] = value & ~Mode.CHANNEL.mask();
            case CLEAR_FLIP_FLOP -> upperHalf = false;
            case MASTER_CLEAR -> clear();
            case CLEAR_MASK -> mask = 0;
            case ALL_MASK -> mask = Masks.CHANNELS.get(value);
        }
    }

    private static int with(int bits, int value) {
        int bit = 1 << Selected.CHANNEL.get(value);
        return Selected.SET.isSet(value) ? bits | bit : bits & ~bit;
    }

    /** "Master Clear": as a reset, which leaves addresses, counts and modes. */
    private void clear() {
        command = 0;
        requests = 0;
        mask = ALL;
        terminalCounts = 0;
        temporary = 0;
        upperHalf = false;
        lowest = COUNT - 1;
    }

    // Who is next.

    boolean has(Field commandBit) {
        return commandBit.isSet(command);
    }

    boolean isDisabled() {
        return Command.DISABLE.isSet(command);
    }

    /** Whether DREQ is active at this level. */
    boolean isRequest(boolean level) {
        return level != Command.DREQ_LOW.isSet(command);
    }

    /** Whether a channel is to be served when its wire says so, or software. */
    boolean wants(int channel, boolean dreq) {
        int bit = 1 << channel;
        boolean asks = (requests & bit) != 0 || (dreq && (mask & bit) == 0);
        return asks && !isDisabled() && kind(channel) != Mode.CASCADE;
    }

    /** Whether a channel lets the controller behind it have the bus. */
    boolean passes(int channel) {
        return (mask & 1 << channel) == 0 && !isDisabled() && kind(channel) == Mode.CASCADE;
    }

    /**
     * The one to be served of those that want to be.
     *
     * @param wanting a bit for each channel
     */
    int first(int wanting) {
        int start = Command.ROTATING_PRIORITY.isSet(command) ? lowest + 1 : 0;
        for (int i = 0; i < COUNT; i++) {
            int channel = (start + i) % COUNT;
            if ((wanting & 1 << channel) != 0) {
                return channel;
            }
        }
        return NOBODY;
    }

    /** A channel has been served. */
    void served(int channel) {
        lowest = channel;
    }

    // How it is served.

    int kind(int channel) {
        return Mode.KIND.get(mode[channel]);
    }

    int transfer(int channel) {
        return Mode.TRANSFER.get(mode[channel]);
    }

    int address(int channel) {
        return address[channel];
    }

    boolean copiesMemory(int channel) {
        return channel == 0 && Command.MEMORY_TO_MEMORY.isSet(command);
    }

    void temporary(int value) {
        temporary = value;
    }

    /** Whether the address behind the current one has another upper byte. */
    boolean leavesUpperByte(int channel) {
        return ((address[channel] ^ next(channel)) & ~HALF) != 0;
    }

    private int next(int channel) {
        int step = Mode.DECREMENT.isSet(mode[channel]) ? -1 : 1;
        return (address[channel] + step) & WHOLE;
    }

    void advance(int channel) {
        address[channel] = next(channel);
    }

    /** Counts one transfer; whether it was the last. */
    boolean countDown(int channel) {
        boolean last = count[channel] == 0;
        count[channel] = (count[channel] - 1) & WHOLE;
        return last;
    }

    /** "Terminal count": notes it, and begins again or masks the channel. */
    void terminate(int channel) {
        terminalCounts |= 1 << channel;
        requests &= ~(1 << channel);
        if (!reload(channel)) {
            mask |= 1 << channel;
        }
    }

    /** Begins again, if the channel does so by itself. */
    boolean reload(int channel) {
        boolean again = Mode.AUTO_INITIALIZE.isSet(mode[channel]);
        if (again) {
            address[channel] = baseAddress[channel];
            count[channel] = baseCount[channel];
        }
        return again;
    }

    /** Software's request is over. */
    void requestServed(int channel) {
        requests &= ~(1 << channel);
    }
}
