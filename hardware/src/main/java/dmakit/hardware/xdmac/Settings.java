package dmakit.hardware.xdmac;

import dmakit.datasheet.xdmac.XdmacChannelRegister.Addressing;
import dmakit.datasheet.xdmac.XdmacChannelRegister.Cc;

/**
 * What a channel makes of its {@code CC} register. Decoded again only when the value changes, which
 * in a list it seldom does.
 */
final class Settings {
    /** Data of a burst between memories, by {@code MBSIZE}. */
    private static final int[] MEMORY_BURSTS = {1, 4, 8, 16};

    private static final int LG2_CHUNK_MAX = 4;

    private int value;

    boolean peripheral;
    boolean softwareRequest;
    boolean memset;
    int perid;
    int datumBytes;
    int burstBytes;
    Addressing source = Addressing.FIXED;
    Addressing dest = Addressing.FIXED;

    /** How long a full burst holds the bus, in picoseconds. */
    long burstPs;

    Settings() {
        decode();
    }

    int value() {
        return value;
    }

    void set(int loaded) {
        if (loaded != value) {
            value = loaded;
            decode();
        }
    }

    private void decode() {
        peripheral = Cc.TYPE.isSet(value);
        softwareRequest = Cc.SWREQ.isSet(value);
        // A peripheral has data of its own; the pattern is for transfers between memories.
        memset = Cc.MEMSET.isSet(value) && !peripheral;
        perid = Cc.PERID.get(value);
        datumBytes = 1 << Cc.DWIDTH.get(value);
        int data =
                peripheral
                        ? 1 << Math.min(Cc.CSIZE.get(value), LG2_CHUNK_MAX)
                        : MEMORY_BURSTS[Cc.MBSIZE.get(value)];
        burstBytes = data * datumBytes;
        source = Addressing.of(Cc.SAM.get(value));
        dest = Addressing.of(Cc.DAM.get(value));
        burstPs = burstPs(burstBytes);
    }

    /** How long a burst of so many bytes holds the bus, in picoseconds. */
    long burstPs(int bytes) {
        int beats = bytes / datumBytes;
        int cycles = Timing.WRITE_CYCLES + beats;
        if (!memset) {
            cycles += Timing.READ_CYCLES + beats;
        }
        return cycles * Timing.CYCLE_PS;
    }

    /** Whether both sides are ranges without gaps within a microblock. */
    boolean movesInBulk() {
        return isUnbroken(dest) && (memset || isUnbroken(source));
    }

    private static boolean isUnbroken(Addressing way) {
        return way == Addressing.INCREMENTED || way == Addressing.MICROBLOCK_STRIDE;
    }
}
