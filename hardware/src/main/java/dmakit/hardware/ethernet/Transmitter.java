package dmakit.hardware.ethernet;

import dmakit.datasheet.xilinx.EthernetCounter;
import dmakit.datasheet.xilinx.EthernetRegister.Tc;
import dmakit.hardware.AxiStream;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import java.util.Arrays;

/**
 * The sending half of a MAC. Frames are gathered from the stream in the transmit memory, and leave
 * when the last byte is there.
 */
final class Transmitter {
    /** Beats of 4 bytes that are taken from the stream in one event. */
    private static final int TAKE_BYTES_MAX = 256;

    /** What the control words say of a checksum: 0 for none, 1 for one over a range. */
    private static final int SUM_MASK = 3;

    private static final int SUM_OVER_RANGE = 1;

    private final Clock clock;
    private final AxiStream stream;
    private final EthernetWire.End wire;
    private final Statistics statistics;
    private final Runnable onSent;
    private final Alarm take;
    private final Alarm gapOver;

    /** The memory, used from its start by one frame after the other. */
    private final byte[] memory;

    private final byte[] frame = new byte[EthernetWire.FRAME_BYTES_MAX];
    private int frameBytes;
    private boolean complete;
    private boolean tooLong;
    private int config;
    private int gapBytes = Frames.GAP_BYTES;
    private long byteTimePs;
    private long pausedUntilPs;

    /**
     * Creates a transmitter at rest.
     *
     * @param memoryBytes of the transmit memory
     * @param onSent runs when a frame has left
     */
    Transmitter(
            Clock clock,
            String name,
            AxiStream stream,
            EthernetWire.End wire,
            Statistics statistics,
            int memoryBytes,
            Runnable onSent) {
        this.clock = clock;
        this.stream = stream;
        this.wire = wire;
        this.statistics = statistics;
        this.onSent = onSent;
        memory = new byte[memoryBytes];
        take = new Alarm(name + " tx", this::take);
        gapOver = new Alarm(name + " tx gap", this::sent);
        stream.onData(this::wake);
        stream.onReset(this::forget);
    }

    void config(int tc, int ifgp) {
        config = tc;
        gapBytes = Tc.IFG.isSet(tc) ? Math.max(ifgp, Frames.GAP_BYTES) : Frames.GAP_BYTES;
        wake();
    }

    void byteTime(long ps) {
        byteTimePs = ps;
    }

    /** Sends nothing for so long; a frame on the wire ends first. */
    void pause(long ps) {
        pausedUntilPs = clock.now() + ps;
    }

    void reset() {
        clock.cancel(gapOver);
        forget();
        pausedUntilPs = 0;
    }

    /** Drops the frame in the memory; one on the wire goes on. */
    private void forget() {
        clock.cancel(take);
        frameBytes = 0;
        complete = false;
        tooLong = false;
    }

    private void wake() {
        if (!take.isSet() && !complete) {
            clock.setIn(take, 0);
        }
    }

    private void take() {
        if (!Tc.TX.isSet(config) || complete) {
            return;
        }
        int bytes = Math.min(stream.available(), TAKE_BYTES_MAX);
        if (bytes == 0) {
            return;
        }
        // What is more than the memory holds is taken and lost, so that the stream goes on.
        boolean last;
        if (tooLong || frameBytes + bytes > memory.length) {
            tooLong = true;
            last = stream.take(new byte[bytes], 0, bytes);
        } else {
            last = stream.take(memory, frameBytes, bytes);
            frameBytes += bytes;
        }
        if (last) {
            complete();
        } else {
            clock.setIn(take, Timing.streamPs(bytes));
        }
    }

    private void complete() {
        int most = mostBytes();
        boolean inBand = Tc.FCS.isSet(config);
        int bytes = inBand ? frameBytes : Math.max(frameBytes, Frames.MIN_BYTES - Frames.FCS_BYTES);
        int onWire = inBand ? bytes : bytes + Frames.FCS_BYTES;
        if (tooLong || onWire > most || frameBytes < Frames.HEADER_BYTES) {
            statistics.count(EthernetCounter.TX_OVERSIZE_FRAMES);
            forget();
            wake();
            return;
        }
        System.arraycopy(memory, 0, frame, 0, frameBytes);
        Arrays.fill(frame, frameBytes, onWire, (byte) 0);
        insertChecksum();
        if (!inBand) {
            Frames.putFcs(frame, bytes, Frames.fcs(frame, bytes));
        }
        frameBytes = onWire;
        complete = true;
        if (!gapOver.isSet()) {
            send();
        }
    }

    private int mostBytes() {
        if (Tc.JUM.isSet(config)) {
            return EthernetWire.FRAME_BYTES_MAX;
        }
        boolean tagged =
                frameBytes >= Frames.HEADER_BYTES
                        && Frames.word16(memory, Frames.TYPE_AT) == Frames.TYPE_VLAN;
        return Tc.VLAN.isSet(config) && tagged
                ? Frames.MAX_BYTES + Frames.TAG_BYTES
                : Frames.MAX_BYTES;
    }

    /**
     * PG138, "Partial TCP/UDP Checksum Offload": APP0 turns it on, APP1 says from where to where.
     */
    private void insertChecksum() {
        int start = stream.word(1) >>> Short.SIZE;
        int insert = stream.word(1) & 0xffff;
        if ((stream.word(0) & SUM_MASK) != SUM_OVER_RANGE
                || start >= frameBytes
                || insert + Short.BYTES > frameBytes) {
            return;
        }
        int sum = Frames.rawSum(frame, start, frameBytes) + (stream.word(2) & 0xffff);
        sum = ~((sum & 0xffff) + (sum >>> Short.SIZE)) & 0xffff;
        frame[insert] = (byte) (sum >>> Byte.SIZE);
        frame[insert + 1] = (byte) sum;
    }

    /** Puts the frame on the wire; the alarm is set for the end of the gap behind it. */
    private void send() {
        long now = clock.now();
        if (pausedUntilPs > now) {
            clock.setAt(gapOver, pausedUntilPs);
            return;
        }
        int bytes = frameBytes;
        long lengthPs = (Frames.PREAMBLE_BYTES + bytes) * byteTimePs;
        wire.send(frame, bytes, lengthPs);
        statistics.count(EthernetCounter.TX_GOOD_FRAMES);
        statistics.add(EthernetCounter.TX_BYTES, bytes);
        statistics.countSize(EthernetCounter.TX_64_BYTE_FRAMES, bytes);
        if (Frames.isBroadcast(frame)) {
            statistics.count(EthernetCounter.TX_BROADCAST_FRAMES);
        } else if (Frames.isMulticast(frame)) {
            statistics.count(EthernetCounter.TX_MULTICAST_FRAMES);
        }
        switch (Frames.word16(frame, Frames.TYPE_AT)) {
            case Frames.TYPE_VLAN -> statistics.count(EthernetCounter.TX_VLAN_FRAMES);
            case Frames.TYPE_CONTROL -> statistics.count(EthernetCounter.TX_CONTROL_FRAMES);
            default -> {
                // Counted nowhere else.
            }
        }
        clock.setIn(gapOver, lengthPs + gapBytes * byteTimePs);
        onSent.run();
        forget();
        wake();
    }

    private void sent() {
        if (complete) {
            send();
        }
    }
}
