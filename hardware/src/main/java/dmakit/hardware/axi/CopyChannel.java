package dmakit.hardware.axi;

import dmakit.datasheet.axi.AxiCopyChannelRegister;
import dmakit.datasheet.axi.AxiCopyChannelRegister.Config;
import dmakit.datasheet.axi.AxiCopyChannelRegister.Status;
import dmakit.hardware.ChipTrace;
import dmakit.hardware.Halves;

/** One channel: what it was told, and how far it has come. */
final class CopyChannel {
    final int index;
    final int bit;
    final ChipTrace trace;

    private final int lg2BusBytes;

    boolean irqEnabled;
    int status;
    long source;
    long dest;
    int length;
    int config = AxiCopyChannelRegister.CONFIG.reset();

    boolean busy;
    boolean stopping;

    /** From which cycle on it bids for the bus. */
    long wakeAt;

    // What no burst has been started for.
    long nextSource;
    long nextDest;
    long unstarted;

    /** Bursts on their way. */
    int onTheirWay;

    int beatBytes;
    int burstBytesMax;

    CopyChannel(int index, ChipTrace trace, int lg2BusBytes) {
        this.index = index;
        bit = 1 << index;
        this.trace = trace;
        this.lg2BusBytes = lg2BusBytes;
    }

    int priority() {
        return Config.PRIORITY.get(config);
    }

    void begin(long cycle) {
        busy = true;
        stopping = false;
        status = 0;
        wakeAt = cycle;
        nextSource = source;
        nextDest = dest;
        unstarted = Integer.toUnsignedLong(length);
        beatBytes = 1 << Math.min(Config.LG2_BEAT_BYTES.get(config), lg2BusBytes);
        burstBytesMax =
                Math.min(Pipeline.BOUNDARY, beatBytes * (Config.BURST_BEATS.get(config) + 1));
    }

    /** Bytes of a burst at an address of the destination. */
    int burstBytes(long address, long bytes) {
        return Pipeline.burstBytes(address, bytes, beatBytes, burstBytesMax);
    }

    boolean failed() {
        return Status.READ_ERROR.isSet(status) || Status.WRITE_ERROR.isSet(status);
    }

    boolean interrupts() {
        return irqEnabled && status != 0;
    }

    /** Bytes that have not been written yet. */
    long residue() {
        return Integer.toUnsignedLong(length);
    }

    /** Whether bursts are all alike from here on, down to the last one. */
    boolean isRegular() {
        return Integer.bitCount(burstBytesMax) == 1
                && ((nextSource | nextDest) & (burstBytesMax - 1)) == 0;
    }

    void startedBytes(long bytes) {
        nextSource += bytes;
        nextDest += bytes;
        unstarted -= bytes;
    }

    void set(AxiCopyChannelRegister register, int value) {
        switch (register) {
            case SOURCE -> source = Halves.withLow(source, value);
            case SOURCE_HIGH -> source = Halves.withHigh(source, value);
            case DEST -> dest = Halves.withLow(dest, value);
            case DEST_HIGH -> dest = Halves.withHigh(dest, value);
            case LENGTH -> length = value;
            case CONFIG -> config = value & AxiCopyChannelRegister.CONFIG.writableMask();
            case CTRL, STATUS -> throw new IllegalArgumentException(register + " is no setting");
        }
    }
}
