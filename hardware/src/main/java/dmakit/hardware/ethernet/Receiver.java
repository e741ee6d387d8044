package dmakit.hardware.ethernet;

import dmakit.datasheet.xilinx.EthernetCounter;
import dmakit.datasheet.xilinx.EthernetRegister.Fcc;
import dmakit.datasheet.xilinx.EthernetRegister.InterruptStatus;
import dmakit.datasheet.xilinx.EthernetRegister.Raf;
import dmakit.datasheet.xilinx.EthernetRegister.Rcw1;
import dmakit.hardware.AxiStream;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The receiving half of a MAC: what arrives whole and is for this station waits in the receive
 * memory until the stream takes it. What finds no room there is lost.
 */
final class Receiver {
    private static final int PUT_BYTES_MAX = 256;

    /** What a frame takes in the memory beside its bytes. */
    private static final int STATUS_BYTES = 4 * AxiStream.WORD_COUNT;

    private static final int PAUSE_OPCODE = 1;

    /** Bits that a unit of a pause takes. */
    private static final int PAUSE_UNIT_BYTES = 64;

    private final Clock clock;
    private final AxiStream stream;
    private final Statistics statistics;
    private final AddressFilter filter;
    private final Consumer<InterruptStatus> raise;
    private final LongConsumer pause;
    private final Alarm put;
    private final int memoryBytes;
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private final int[] words = new int[AxiStream.WORD_COUNT];
    private int usedBytes;
    private byte @Nullable [] atStream;
    private int atStreamDone;
    private int config;
    private int pauseAddress;
    private int flowControl;
    private int raf;
    private int frameMax;

    /**
     * Creates a receiver at rest.
     *
     * @param memoryBytes of the receive memory
     * @param raise sets an interrupt
     * @param pause tells the transmitter to be still for so many byte times
     */
    Receiver(
            Clock clock,
            String name,
            AxiStream stream,
            Statistics statistics,
            AddressFilter filter,
            int memoryBytes,
            Consumer<InterruptStatus> raise,
            LongConsumer pause) {
        this.clock = clock;
        this.stream = stream;
        this.statistics = statistics;
        this.filter = filter;
        this.memoryBytes = memoryBytes;
        this.raise = raise;
        this.pause = pause;
        put = new Alarm(name + " rx", this::put);
        stream.onRoom(this::wake);
        stream.onReset(this::forgetAtStream);
    }

    /**
     * Takes settings.
     *
     * @param newFrameMax most bytes of a frame, where {@code RXFC} says so; 0 where it does not
     */
    void config(int rcw0, int rcw1, int fcc, int newRaf, int newFrameMax) {
        pauseAddress = rcw0;
        config = rcw1;
        flowControl = fcc;
        raf = newRaf;
        frameMax = newFrameMax;
    }

    void reset() {
        waiting.clear();
        usedBytes = 0;
        forgetAtStream();
    }

    private void forgetAtStream() {
        clock.cancel(put);
        if (atStream != null) {
            usedBytes -= atStream.length + STATUS_BYTES;
        }
        atStream = null;
        atStreamDone = 0;
        if (!waiting.isEmpty()) {
            wake();
        }
    }

    /** A frame has come in from the wire. */
    void arrived(byte[] frame, int bytes) {
        if (!Rcw1.RX.isSet(config)) {
            return;
        }
        statistics.add(EthernetCounter.RX_BYTES, bytes);
        boolean intact = Frames.isIntact(frame, bytes);
        if (bytes < Frames.MIN_BYTES) {
            statistics.count(
                    intact
                            ? EthernetCounter.RX_UNDERSIZE_FRAMES
                            : EthernetCounter.RX_FRAGMENT_FRAMES);
            reject(frame, bytes);
            return;
        }
        if (!intact) {
            statistics.count(EthernetCounter.RX_FCS_ERRORS);
            reject(frame, bytes);
            return;
        }
        int type = Frames.word16(frame, Frames.TYPE_AT);
        if (bytes > mostBytes(type)) {
            statistics.count(EthernetCounter.RX_OVERSIZE_FRAMES);
            reject(frame, bytes);
            return;
        }
        if (isLengthWrong(type, bytes)) {
            statistics.count(EthernetCounter.RX_LENGTH_ERRORS);
            reject(frame, bytes);
            return;
        }
        countGood(frame, bytes, type);
        if (type == Frames.TYPE_CONTROL && obey(frame, bytes)) {
            return;
        }
        if (!filter.accepts(frame)) {
            statistics.count(EthernetCounter.USER_DEFINED_1);
            raise.accept(InterruptStatus.RX_REJECT);
            return;
        }
        store(frame, bytes);
    }

    private void reject(byte[] frame, int bytes) {
        raise.accept(InterruptStatus.RX_REJECT);
        if (Raf.RX_BAD_FRM_EN.isSet(raf) && bytes > Frames.FCS_BYTES) {
            store(frame, bytes);
        }
    }

    private int mostBytes(int type) {
        if (frameMax != 0) {
            return frameMax;
        }
        if (Rcw1.JUM.isSet(config)) {
            return EthernetWire.FRAME_BYTES_MAX;
        }
        return Rcw1.VLAN.isSet(config) && type == Frames.TYPE_VLAN
                ? Frames.MAX_BYTES + Frames.TAG_BYTES
                : Frames.MAX_BYTES;
    }

    private boolean isLengthWrong(int type, int bytes) {
        if (Rcw1.LT_DIS.isSet(config) || type >= Frames.TYPE_MIN) {
            return false;
        }
        int payload = bytes - Frames.HEADER_BYTES - Frames.FCS_BYTES;
        int padded = Frames.MIN_BYTES - Frames.HEADER_BYTES - Frames.FCS_BYTES;
        return type > payload || (type < payload && payload > padded);
    }

    private void countGood(byte[] frame, int bytes, int type) {
        statistics.count(EthernetCounter.RX_GOOD_FRAMES);
        statistics.countSize(EthernetCounter.RX_64_BYTE_FRAMES, bytes);
        if (Frames.isBroadcast(frame)) {
            statistics.count(EthernetCounter.RX_BROADCAST_FRAMES);
        } else if (Frames.isMulticast(frame)) {
            statistics.count(EthernetCounter.RX_MULTICAST_FRAMES);
        }
        if (type == Frames.TYPE_VLAN) {
            statistics.count(EthernetCounter.RX_VLAN_FRAMES);
        } else if (type == Frames.TYPE_CONTROL) {
            statistics.count(EthernetCounter.RX_CONTROL_FRAMES);
        }
    }

    /**
     * Pauses the transmitter where a control frame wants that.
     *
     * @return whether the frame is taken out
     */
    private boolean obey(byte[] frame, int bytes) {
        if (!Fcc.FCRX.isSet(flowControl) || !isForPause(frame)) {
            return false;
        }
        if (Frames.word16(frame, Frames.HEADER_BYTES) != PAUSE_OPCODE) {
            statistics.count(EthernetCounter.RX_CONTROL_OPCODE_ERRORS);
            return false;
        }
        if (bytes != Frames.MIN_BYTES && !Rcw1.CL_DIS.isSet(config)) {
            return false;
        }
        statistics.count(EthernetCounter.RX_PAUSE_FRAMES);
        pause.accept(
                (long) Frames.word16(frame, Frames.HEADER_BYTES + Short.BYTES) * PAUSE_UNIT_BYTES);
        return true;
    }

    /** The common address 01-80-C2-00-00-01, or the one of the receiver configuration words. */
    private boolean isForPause(byte[] frame) {
        int low = 0;
        for (int i = 3; i >= 0; i--) {
            low = low << Byte.SIZE | (frame[i] & 0xff);
        }
        int high = (frame[5] & 0xff) << Byte.SIZE | (frame[4] & 0xff);
        return (low == 0x00c2_8001 && high == 0x0100)
                || (low == pauseAddress && high == Rcw1.PAUSE_ADDR.get(config));
    }

    private void store(byte[] frame, int bytes) {
        int kept = Rcw1.FCS.isSet(config) ? bytes : bytes - Frames.FCS_BYTES;
        if (usedBytes + kept + STATUS_BYTES > memoryBytes) {
            statistics.count(EthernetCounter.USER_DEFINED_0);
            raise.accept(InterruptStatus.RX_FIFO_OVR);
            return;
        }
        usedBytes += kept + STATUS_BYTES;
        byte[] content = new byte[kept];
        System.arraycopy(frame, 0, content, 0, kept);
        waiting.addLast(content);
        raise.accept(InterruptStatus.RX_CMPLT);
        wake();
    }

    // To the stream.

    private void wake() {
        if (!put.isSet() && (atStream != null || !waiting.isEmpty())) {
            clock.setIn(put, 0);
        }
    }

    private void put() {
        byte[] frame = atStream;
        if (frame == null) {
            frame = waiting.pollFirst();
            if (frame == null) {
                return;
            }
            atStream = frame;
            atStreamDone = 0;
        }
        int bytes = Math.min(frame.length - atStreamDone, PUT_BYTES_MAX);
        bytes = Math.min(bytes, stream.room());
        if (bytes == 0) {
            return;
        }
        boolean last = atStreamDone + bytes == frame.length;
        if (last) {
            describe(frame);
        }
        int from = atStreamDone;
        atStreamDone += bytes;
        if (last) {
            atStream = null;
            usedBytes -= frame.length + STATUS_BYTES;
        }
        stream.put(frame, from, bytes, last, words);
        clock.setIn(put, Timing.streamPs(bytes));
    }

    /** PG138, "AXI4-Stream status frame", words 1 to 5. */
    private void describe(byte[] frame) {
        words[0] = Frames.word16(frame, 0);
        words[1] = Frames.word16(frame, 2) << Short.SIZE | Frames.word16(frame, 4);
        words[2] =
                (Frames.isBroadcast(frame) ? 1 << 2 : 0) | (Frames.isMulticast(frame) ? 1 << 0 : 0);
        int type = Frames.word16(frame, Frames.TYPE_AT);
        words[3] = type << Short.SIZE | Frames.rawSum(frame, Frames.HEADER_BYTES, frame.length);
        words[4] =
                (type == Frames.TYPE_VLAN ? Frames.word16(frame, Frames.HEADER_BYTES) : 0)
                                << Short.SIZE
                        | frame.length;
    }
}
