package dmakit.hardware.bcm2835;

import dmakit.datasheet.bcm2835.DmaChannelRegister;
import dmakit.datasheet.bcm2835.DmaChannelRegister.Ti;
import dmakit.datasheet.bcm2835.DmaLiteChannelRegister;
import dmakit.datasheet.bcm2835.Dreq;

/**
 * What a channel makes of its {@code TI} register. Decoded again only when the value changes, which
 * in a chain it seldom does.
 */
final class TransferInfo {
    private final int channel;
    private final boolean lite;
    private final int knownMask;
    private int value;

    boolean interrupts;
    boolean twoDimensional;
    boolean waitsForResponse;
    boolean destAdvances;
    boolean destIgnored;
    boolean sourceAdvances;
    boolean sourceIgnored;

    /** Whether a request line gates the bursts. */
    boolean paced;

    int permap;
    int sourceBeatBytes;
    int destBeatBytes;
    int burstBytes;

    /** How long a full burst holds the bus, in picoseconds. */
    long burstPs;

    /** From the end of one burst on the bus to the channel's next bid, in picoseconds. */
    long gapPs;

    private int writeBytes;

    TransferInfo(int channel, boolean lite) {
        this.channel = channel;
        this.lite = lite;
        this.knownMask =
                lite
                        ? DmaLiteChannelRegister.TI.writableMask()
                        : DmaChannelRegister.TI.writableMask();
        decode();
    }

    int value() {
        return value;
    }

    void set(int loaded) {
        int known = loaded & knownMask;
        if (known != value) {
            value = known;
            decode();
        }
    }

    private void decode() {
        interrupts = Ti.INTEN.isSet(value);
        twoDimensional = Ti.TDMODE.isSet(value);
        waitsForResponse = Ti.WAIT_RESP.isSet(value);
        destAdvances = Ti.DEST_INC.isSet(value);
        destIgnored = Ti.DEST_IGNORE.isSet(value);
        sourceAdvances = Ti.SRC_INC.isSet(value);
        sourceIgnored = Ti.SRC_IGNORE.isSet(value);
        permap = Ti.PERMAP.get(value);
        paced =
                permap != Dreq.ALWAYS_ON.permap()
                        && (Ti.SRC_DREQ.isSet(value) || Ti.DEST_DREQ.isSet(value));
        sourceBeatBytes = beatBytes(Ti.SRC_WIDTH);
        destBeatBytes = beatBytes(Ti.DEST_WIDTH);
        // The value is beats less one: four bits name the manual's "up to 16 beat bursts", and
        // "a value of zero will produce a single transfer".
        int beats = Ti.BURST_LENGTH.get(value) + 1;
        burstBytes = beats * (sourceIgnored ? destBeatBytes : sourceBeatBytes);
        writeBytes =
                Timing.writeBytes(Ti.DEST_WIDTH.isSet(value), lite, Ti.NO_WIDE_BURSTS.isSet(value));
        burstPs = burstPs(burstBytes);
        int operations = (sourceIgnored ? 0 : 1) + (destIgnored ? 0 : 1);
        gapPs = Timing.CYCLE_PS * Ti.WAITS.get(value) * operations;
        if (waitsForResponse && !destIgnored) {
            gapPs += Timing.RESPONSE_CYCLES * Timing.CYCLE_PS;
        }
    }

    private int beatBytes(Ti width) {
        return width.isSet(value) ? Timing.WIDE_BYTES : Timing.NARROW_BYTES;
    }

    /**
     * How long a burst holds the bus, in picoseconds.
     *
     * @param bytes of the burst, 1 to {@link #burstBytes}
     */
    long burstPs(int bytes) {
        int cycles = 0;
        if (!sourceIgnored) {
            cycles += Timing.READ_CYCLES + Timing.ceilDiv(bytes, sourceBeatBytes);
            if (!destIgnored) {
                int buffers = Timing.ceilDiv(bytes, Timing.bufferBytes(channel, lite));
                cycles += (buffers - 1) * Timing.STALL_CYCLES;
            }
        }
        if (!destIgnored) {
            // Reads ignored, the zero-strobe write is the one kind that goes out as a long burst.
            int writes = sourceIgnored ? 1 : Timing.ceilDiv(bytes, writeBytes);
            cycles += writes * Timing.WRITE_CYCLES + Timing.ceilDiv(bytes, destBeatBytes);
        }
        return Math.max(cycles, 1) * Timing.CYCLE_PS;
    }

    /** From the start of one full burst to the start of the next when nobody else bids. */
    long periodPs() {
        return burstPs + gapPs;
    }
}
