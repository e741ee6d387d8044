package dmakit.hardware.msgdma;

import dmakit.datasheet.msgdma.MsgdmaDescriptor;
import dmakit.datasheet.msgdma.MsgdmaDescriptor.BurstAndSequence;
import dmakit.datasheet.msgdma.MsgdmaDescriptor.Control;
import dmakit.datasheet.msgdma.MsgdmaDescriptor.Stride;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.bus.MasterPort;

/** The descriptor that is being worked on, and the moving of its bytes. */
final class Transfer {
    /** Bytes of a word of the masters. */
    static final int WORD_BYTES = 4;

    /** Bytes of a burst. */
    static final int BURST_BYTES = 64;

    /** Bytes that one event may move. */
    static final int RUN_BYTES_MAX = 1 << 20;

    private final MasterPort port;
    private final byte[] burst = new byte[BURST_BYTES];
    private final int[] words = new int[MsgdmaDescriptor.values().length];

    long read;
    long write;
    long left;
    long moved;
    private long readStride;
    private long writeStride;

    Transfer(MasterPort port) {
        this.port = port;
    }

    /** Takes a descriptor; begins it. */
    void take(int[] descriptor) {
        System.arraycopy(descriptor, 0, words, 0, words.length);
        begin();
    }

    /** Begins the descriptor from the start. */
    void begin() {
        read = address(MsgdmaDescriptor.READ_ADDRESS, MsgdmaDescriptor.READ_ADDRESS_HIGH);
        write = address(MsgdmaDescriptor.WRITE_ADDRESS, MsgdmaDescriptor.WRITE_ADDRESS_HIGH);
        left = Integer.toUnsignedLong(word(MsgdmaDescriptor.LENGTH));
        moved = 0;
        readStride = (long) Stride.READ_STRIDE.get(word(MsgdmaDescriptor.STRIDE)) * WORD_BYTES;
        writeStride = (long) Stride.WRITE_STRIDE.get(word(MsgdmaDescriptor.STRIDE)) * WORD_BYTES;
    }

    /** Addresses are those of words: the low bits do not count. */
    private long address(MsgdmaDescriptor low, MsgdmaDescriptor high) {
        return ((long) word(high) << Integer.SIZE | Integer.toUnsignedLong(word(low)))
                & -WORD_BYTES;
    }

    private int word(MsgdmaDescriptor which) {
        return words[which.ordinal()];
    }

    int control() {
        return word(MsgdmaDescriptor.CONTROL);
    }

    boolean isParked() {
        return Control.PARK_READS.isSet(control()) || Control.PARK_WRITES.isSet(control());
    }

    int sequence() {
        return BurstAndSequence.SEQUENCE_NUMBER.get(word(MsgdmaDescriptor.BURST_AND_SEQUENCE));
    }

    /** Bytes of the next burst. */
    int burstBytes() {
        return (int) Math.min(left, BURST_BYTES);
    }

    /**
     * Bytes of as many bursts as may go in one event: where both sides are RAM and ascend;
     * otherwise of one, since registers want their accesses at their time.
     */
    int runBytes() {
        int bytes = (int) Math.min(left, RUN_BYTES_MAX);
        return ascends() && reachesRam(bytes) ? bytes : burstBytes();
    }

    private boolean ascends() {
        return readStride == WORD_BYTES && writeStride == WORD_BYTES;
    }

    private boolean reachesRam(int bytes) {
        return read >= 0
                && write >= 0
                && read + bytes >= 0
                && write + bytes >= 0
                && port.reachesRam(read, bytes, false)
                && port.reachesRam(write, bytes, true);
    }

    /** How long so many bytes take. */
    static long durationPs(int bytes) {
        return (bytes + WORD_BYTES - 1) / WORD_BYTES * Timing.CYCLE_PS;
    }

    /** Moves the next bytes, a whole number of bursts or all that is left. */
    BusAnswer move(int bytes) {
        port.hold(durationPs(bytes));
        if (ascends() && reachesRam(bytes)) {
            BusAnswer answer = port.copy(read, write, bytes, BURST_BYTES);
            if (answer.isDone()) {
                advance(bytes);
            }
            return answer;
        }
        BusAnswer answer = BusAnswer.Done.DONE;
        for (int done = 0; done < bytes && answer.isDone(); done += BURST_BYTES) {
            answer = moveBurst(Math.min(BURST_BYTES, bytes - done));
        }
        return answer;
    }

    private BusAnswer moveBurst(int bytes) {
        for (int at = 0; at < bytes; at += WORD_BYTES) {
            long from = read + at / WORD_BYTES * readStride;
            BusAnswer answer = port.read(from, burst, at, Math.min(WORD_BYTES, bytes - at));
            if (!answer.isDone()) {
                return answer;
            }
        }
        for (int at = 0; at < bytes; at += WORD_BYTES) {
            long to = write + at / WORD_BYTES * writeStride;
            BusAnswer answer = port.write(to, burst, at, Math.min(WORD_BYTES, bytes - at));
            if (!answer.isDone()) {
                return answer;
            }
        }
        advance(bytes);
        return BusAnswer.Done.DONE;
    }

    private void advance(int bytes) {
        long count = (bytes + WORD_BYTES - 1L) / WORD_BYTES;
        read += count * readStride;
        write += count * writeStride;
        left -= bytes;
        moved += bytes;
    }
}
