package dmakit.hardware.axidmac;

import dmakit.datasheet.RegisterMap;
import dmakit.datasheet.axidmac.AxiDmacDescriptor;
import dmakit.datasheet.axidmac.AxiDmacDescriptor.Flags;
import dmakit.datasheet.axidmac.InterfaceType;
import dmakit.hardware.AxiStream;
import dmakit.machine.bus.BusAnswer;
import dmakit.machine.bus.MasterPort;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The rows that are being moved, of a request or of one descriptor of a chain: where they are, how
 * far they have come, and the moving of their bytes.
 */
final class Segment {
    /** Bytes that one event may move. */
    static final int RUN_BYTES_MAX = 1 << 20;

    private static final int[] NO_WORDS = new int[AxiStream.WORD_COUNT];

    private final Build build;
    private final MasterPort port;
    private final @Nullable AxiStream in;
    private final @Nullable AxiStream out;
    private final byte[] burst;
    private final byte[] block = new byte[AxiDmacDescriptor.SIZE];

    /** Where the next byte is read and written, where memory is. */
    long source;

    long destination;

    /** Bytes that have moved. */
    long moved;

    private long rowBytes;
    private long rowLeft;
    private long rowsAfter;
    private long firstSource;
    private long firstDestination;
    private long sourceRow;
    private long destinationRow;
    private long sourceStride;
    private long destinationStride;
    private boolean packetEnded;

    /**
     * Creates it with nothing to move.
     *
     * @param in what is read, where that is no memory
     * @param out what is written, where that is no memory
     */
    Segment(Build build, MasterPort port, @Nullable AxiStream in, @Nullable AxiStream out) {
        this.build = build;
        this.port = port;
        this.in = in;
        this.out = out;
        burst = new byte[build.burstBytes()];
    }

    void begin(Request request) {
        begin(
                request.source(),
                request.destination(),
                request.rowBytes(),
                request.rows(),
                request.sourceStride(),
                request.destinationStride());
    }

    private void begin(
            long newSource,
            long newDestination,
            long newRowBytes,
            long rows,
            long newSourceStride,
            long newDestinationStride) {
        sourceRow = build.address(newSource, build.sourceBytes());
        destinationRow = build.address(newDestination, build.destinationBytes());
        firstSource = sourceRow;
        firstDestination = destinationRow;
        source = sourceRow;
        destination = destinationRow;
        rowBytes = newRowBytes;
        rowLeft = newRowBytes;
        rowsAfter = rows - 1;
        sourceStride = newSourceStride;
        destinationStride = newDestinationStride;
        moved = 0;
    }

    /** Where it began to be read. */
    long begunAtSource() {
        return firstSource;
    }

    /** Where it began to be written. */
    long begunAtDestination() {
        return firstDestination;
    }

    boolean isDone() {
        return rowLeft == 0;
    }

    /** Whether the next so many bytes are the last. */
    boolean endsWith(int bytes) {
        return rowsAfter == 0 && rowLeft == bytes;
    }

    // Descriptors.

    /** Reads a descriptor; the segment is what it says if that succeeds. */
    BusAnswer fetch(long address) {
        BusAnswer answer = port.read(address, block, 0, AxiDmacDescriptor.SIZE);
        if (answer.isDone()) {
            int lengths = build.lengthMask();
            boolean rectangles = build.rectangles();
            begin(
                    join(AxiDmacDescriptor.SRC_ADDR, AxiDmacDescriptor.SRC_ADDR_HIGH),
                    join(AxiDmacDescriptor.DEST_ADDR, AxiDmacDescriptor.DEST_ADDR_HIGH),
                    count((word(AxiDmacDescriptor.X_LEN) & lengths) | build.lengthAlignMask()),
                    rectangles ? count(word(AxiDmacDescriptor.Y_LEN) & lengths) : 1,
                    stride(AxiDmacDescriptor.SRC_STRIDE, build.sourceBytes()),
                    stride(AxiDmacDescriptor.DST_STRIDE, build.destinationBytes()));
        }
        return answer;
    }

    /** A length as registers and descriptors have it: minus one. */
    static long count(int register) {
        return Integer.toUnsignedLong(register) + 1;
    }

    private long stride(AxiDmacDescriptor which, int wordBytes) {
        return Integer.toUnsignedLong(word(which) & build.lengthMask() & -wordBytes);
    }

    /** The descriptor after the one fetched last. */
    long next() {
        return build.address(
                join(AxiDmacDescriptor.NEXT_SG_ADDR, AxiDmacDescriptor.NEXT_SG_ADDR_HIGH),
                AxiDmacDescriptor.ALIGNMENT);
    }

    boolean endsChain() {
        return Flags.LAST.isSet(word(AxiDmacDescriptor.FLAGS));
    }

    boolean tellsItsEnd() {
        return Flags.EOT_IRQ.isSet(word(AxiDmacDescriptor.FLAGS));
    }

    int id() {
        return word(AxiDmacDescriptor.ID);
    }

    /** The words of the descriptor that are not zero, for a trace. */
    String describe() {
        StringBuilder text = new StringBuilder();
        for (AxiDmacDescriptor which : AxiDmacDescriptor.MAP.registers()) {
            int value = word(which);
            if (value != 0) {
                text.append(text.isEmpty() ? "" : " ").append(RegisterMap.describe(which, value));
            }
        }
        return text.toString();
    }

    private int word(AxiDmacDescriptor which) {
        int at = which.offset();
        return (block[at] & 0xff)
                | (block[at + 1] & 0xff) << 8
                | (block[at + 2] & 0xff) << 16
                | block[at + 3] << 24;
    }

    private long join(AxiDmacDescriptor low, AxiDmacDescriptor high) {
        return (long) word(high) << Integer.SIZE | Integer.toUnsignedLong(word(low));
    }

    // Bytes.

    /** Bytes of the next burst. */
    int burstBytes() {
        return (int) Math.min(rowLeft, burst.length);
    }

    /** Bytes of as many bursts of a row as may go in one event: where both sides are RAM. */
    int runBytes() {
        int bytes = (int) Math.min(rowLeft, RUN_BYTES_MAX);
        return isCopy(bytes) ? bytes : readyBytes();
    }

    /** Bytes of a burst, or of a packet's rest, if the streams have them and room for them. */
    int readyBytes() {
        int bytes = burstBytes();
        if (in != null && in.available() < bytes) {
            bytes = in.endsPacket() ? in.available() : 0;
        }
        return out != null && out.room() < bytes ? 0 : bytes;
    }

    private boolean isCopy(int bytes) {
        return in == null
                && out == null
                && source >= 0
                && destination >= 0
                && source + bytes >= 0
                && destination + bytes >= 0
                && port.reachesRam(source, bytes, false)
                && port.reachesRam(destination, bytes, true);
    }

    /**
     * Moves the next bytes: a burst or less, or a run of them. The core does not look at answers:
     * what is refused reads as zeros, or is lost.
     *
     * @param last whether a packet ends with them
     * @return done, or the first refusal
     */
    BusAnswer move(int bytes, boolean last) {
        packetEnded = false;
        BusAnswer answer = BusAnswer.Done.DONE;
        if (isCopy(bytes)) {
            answer = port.copy(source, destination, bytes, burst.length);
            advance(bytes);
            return answer;
        }
        for (int done = 0; done < bytes; done += burst.length) {
            int piece = Math.min(burst.length, bytes - done);
            BusAnswer read = take(piece);
            BusAnswer written = give(piece, last);
            if (answer.isDone()) {
                answer = read.isDone() ? written : read;
            }
            advance(piece);
        }
        return answer;
    }

    /** Whether a packet ended with the bytes that moved last. */
    boolean packetEnded() {
        return packetEnded;
    }

    private BusAnswer take(int bytes) {
        if (in != null) {
            packetEnded = in.take(burst, 0, bytes) && build.source() == InterfaceType.AXI_STREAM;
            return BusAnswer.Done.DONE;
        }
        Arrays.fill(burst, 0, bytes, (byte) 0);
        return port.read(source, burst, 0, bytes);
    }

    private BusAnswer give(int bytes, boolean last) {
        if (out != null) {
            out.put(burst, 0, bytes, last, NO_WORDS);
            return BusAnswer.Done.DONE;
        }
        return port.write(destination, burst, 0, bytes);
    }

    private void advance(int bytes) {
        source = build.address(source + bytes, 1);
        destination = build.address(destination + bytes, 1);
        rowLeft -= bytes;
        moved += bytes;
        if (rowLeft == 0 && rowsAfter != 0) {
            rowsAfter--;
            rowLeft = rowBytes;
            sourceRow = build.address(sourceRow + sourceStride, 1);
            destinationRow = build.address(destinationRow + destinationStride, 1);
            source = sourceRow;
            destination = destinationRow;
        }
    }
}
