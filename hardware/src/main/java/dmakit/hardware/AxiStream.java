package dmakit.hardware;

import dmakit.machine.Check;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An AXI4-Stream from one core to another, and the FIFO in it: bytes in order, cut into packets by
 * TLAST, each packet with words of its own beside it (the control or status stream).
 *
 * <p>A full FIFO is back-pressure: the source sees no {@link #room} and waits. Listeners may
 * schedule events; they must not access the stream from inside the call.
 */
public final class AxiStream {
    /** Most bytes of a FIFO. */
    public static final int CAPACITY_MAX = 1 << 20;

    /** Ends of packets that a FIFO holds. */
    public static final int PACKET_COUNT_MAX = 64;

    /** Words beside a packet. */
    public static final int WORD_COUNT = 5;

    private final String name;
    private final byte[] bytes;
    private final long[] ends = new long[PACKET_COUNT_MAX];
    private final int[][] words = new int[PACKET_COUNT_MAX][WORD_COUNT];
    private final int[] taken = new int[WORD_COUNT];
    private final List<Runnable> onData = new ArrayList<>();
    private final List<Runnable> onRoom = new ArrayList<>();
    private final List<Runnable> onReset = new ArrayList<>();

    /** Bytes put and taken since power-on; packet ends likewise. */
    private long putCount;

    private long takenCount;
    private long endPutCount;
    private long endTakenCount;

    /**
     * Creates a stream with nothing in it.
     *
     * @param name for diagnosis
     * @param capacity bytes of its FIFO, 1 to {@link #CAPACITY_MAX}
     */
    public AxiStream(String name, int capacity) {
        Check.argument(
                capacity > 0 && capacity <= CAPACITY_MAX, "a stream FIFO of %d bytes", capacity);
        this.name = name;
        this.bytes = new byte[capacity];
    }

    /** What the stream is called. */
    public String name() {
        return name;
    }

    // The source's end.

    /** How many bytes the source can put now. */
    public int room() {
        return endPutCount - endTakenCount == PACKET_COUNT_MAX
                ? 0
                : bytes.length - (int) (putCount - takenCount);
    }

    /**
     * Puts bytes of a packet.
     *
     * @param count at least 1, at most {@link #room}
     * @param last whether the packet ends with them
     * @param beside words that go with the packet; looked at with its last bytes only
     */
    public void put(byte[] from, int at, int count, boolean last, int[] beside) {
        Check.argument(count > 0 && count <= room(), "%d bytes, room is %d", count, room());
        int start = (int) (putCount % bytes.length);
        int first = Math.min(count, bytes.length - start);
        System.arraycopy(from, at, bytes, start, first);
        System.arraycopy(from, at + first, bytes, 0, count - first);
        putCount += count;
        if (last) {
            int slot = (int) (endPutCount++ % PACKET_COUNT_MAX);
            ends[slot] = putCount;
            System.arraycopy(beside, 0, words[slot], 0, WORD_COUNT);
        }
        tell(onData);
    }

    /** Runs an action whenever bytes were taken. */
    public void onRoom(Runnable listener) {
        onRoom.add(listener);
    }

    // The sink's end.

    /** How many bytes of the first packet are there. */
    public int available() {
        return (int) (firstEnd() - takenCount);
    }

    /** Whether what is {@link #available} reaches to the packet's end. */
    public boolean endsPacket() {
        return endTakenCount != endPutCount;
    }

    /**
     * Takes bytes of the first packet.
     *
     * @param count at least 1, at most {@link #available}
     * @return whether the packet ended with them; {@link #words} are its words then
     */
    public boolean take(byte[] into, int at, int count) {
        Check.argument(
                count > 0 && count <= available(), "%d bytes, %d are there", count, available());
        int start = (int) (takenCount % bytes.length);
        int first = Math.min(count, bytes.length - start);
        System.arraycopy(bytes, start, into, at, first);
        System.arraycopy(bytes, 0, into, at + first, count - first);
        takenCount += count;
        boolean last = endsPacket() && takenCount == firstEnd();
        if (last) {
            int slot = (int) (endTakenCount++ % PACKET_COUNT_MAX);
            System.arraycopy(words[slot], 0, taken, 0, WORD_COUNT);
        }
        tell(onRoom);
        return last;
    }

    /** A word that went with the packet whose end was taken last. */
    public int word(int index) {
        return taken[index];
    }

    /** Runs an action whenever bytes were put. */
    public void onData(Runnable listener) {
        onData.add(listener);
    }

    // Both ends.

    /** Drops what is in the FIFO, and tells both ends to forget the packet they are at. */
    public void reset() {
        takenCount = putCount;
        endTakenCount = endPutCount;
        Arrays.fill(taken, 0);
        tell(onReset);
    }

    /** Runs an action after every reset. */
    public void onReset(Runnable listener) {
        onReset.add(listener);
    }

    private long firstEnd() {
        return endsPacket() ? ends[(int) (endTakenCount % PACKET_COUNT_MAX)] : putCount;
    }

    private static void tell(List<Runnable> listeners) {
        for (int i = 0; i < listeners.size(); i++) {
            listeners.get(i).run();
        }
    }
}
