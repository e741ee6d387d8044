package dmakit.cmodule;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dmakit.machine.Check;
import dmakit.machine.memory.SharedSegment;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory shared with one host process, on which exactly one side runs at a time.
 *
 * <p>The side that has the turn writes a message and gives the turn; then it waits for it. A wait
 * spins first, for as long as spinning has been worth it lately, and sleeps then.
 */
final class Lane implements AutoCloseable {
    /** How often a sleeping side looks whether the other is still there, in milliseconds. */
    private static final int PULSE_MS = 50;

    private static final VarHandle TURN = JAVA_INT.varHandle();

    private final Arena arena = Arena.ofShared();
    private final SharedSegment share;
    private final MemorySegment memory;
    private final Futex futex;
    private final int spinCount;
    private int misses;
    private int rest;

    /** Who looks after the other side while this one sleeps. */
    @FunctionalInterface
    interface Watch {
        /**
         * Called about every {@value #PULSE_MS} ms.
         *
         * @param lane this one
         * @param waitedMs how long the turn has not come, in milliseconds
         * @throws HostEnded when it will not come any more
         */
        void look(Lane lane, long waitedMs);
    }

    /**
     * Creates a lane.
     *
     * @param spinCount looks at the turn before a wait sleeps; on both sides
     * @param turn who begins: {@link Abi#TURN_HOST} or {@link Abi#TURN_SIMULATOR}
     */
    Lane(int spinCount, int turn) {
        this.spinCount = spinCount;
        share = SharedSegment.create("dmakit-lane", Abi.SIZE, arena);
        memory = share.segment();
        futex = new Futex(memory.asSlice(Abi.TURN, 4), arena, PULSE_MS);
        memory.set(JAVA_INT, Abi.SPIN_COUNT, spinCount);
        memory.set(JAVA_INT, Abi.TURN, turn);
    }

    /** The file descriptor of the memory in this process. */
    int descriptor() {
        return share.descriptor()
                .orElseThrow(() ->
                        new UnsupportedOperationException(
                                "C modules need Linux: memory cannot be shared here"));
    }

    int spinCount() {
        return spinCount;
    }

    // Turns.

    /** Gives the turn to the host process, with what was written. */
    void giveTurn() {
        int before = (int) TURN.getAndSet(memory, (long) Abi.TURN, Abi.TURN_HOST);
        if ((before & Abi.TURN_SLEEPER) != 0) {
            futex.wake();
        }
    }

    /** Waits until the host process gave the turn. */
    void awaitTurn(Watch watch) {
        if (spin()) {
            return;
        }
        long start = System.nanoTime();
        while (true) {
            int seen =
                    (int)
                            TURN.compareAndExchange(
                                    memory,
                                    (long) Abi.TURN,
                                    Abi.TURN_HOST,
                                    Abi.TURN_HOST | Abi.TURN_SLEEPER);
            if ((seen & Abi.TURN_HOST) == 0) {
                return;
            }
            futex.await(Abi.TURN_HOST | Abi.TURN_SLEEPER);
            long waitedMs = (System.nanoTime() - start) / 1_000_000;
            if (waitedMs >= PULSE_MS && !hasTurn()) {
                watch.look(this, waitedMs);
            }
        }
    }

    private boolean hasTurn() {
        return ((int) TURN.getAcquire(memory, (long) Abi.TURN) & Abi.TURN_HOST) == 0;
    }

    /** Spins unless several waits in a row had to sleep; then it rests for twice as many. */
    private boolean spin() {
        if (rest > 0) {
            rest--;
            return false;
        }
        for (int i = 0; i < spinCount; i++) {
            if (hasTurn()) {
                misses = 0;
                return true;
            }
            Thread.onSpinWait();
        }
        if (++misses >= Abi.SPIN_MISSES_MAX) {
            rest = 1 << Math.min(misses - Abi.SPIN_MISSES_MAX, Abi.SPIN_REST_LG2_MAX);
        }
        return false;
    }

    // The message. Both sides write it only while they have the turn.

    int kind() {
        return memory.get(JAVA_INT, Abi.KIND);
    }

    void kind(int kind) {
        memory.set(JAVA_INT, Abi.KIND, kind);
    }

    long result() {
        return memory.get(JAVA_LONG, Abi.RESULT);
    }

    void result(long value) {
        memory.set(JAVA_LONG, Abi.RESULT, value);
    }

    long arg(int index) {
        return memory.get(JAVA_LONG, Abi.ARGS + 8L * index);
    }

    void arg(int index, long value) {
        memory.set(JAVA_LONG, Abi.ARGS + 8L * index, value);
    }

    String text() {
        return memory.getString(Abi.TEXT, StandardCharsets.UTF_8);
    }

    /** The texts that came with a call. */
    String[] texts(int count) {
        String[] texts = new String[count];
        long at = Abi.TEXT;
        for (int i = 0; i < count; i++) {
            long end = at;
            while (memory.get(JAVA_BYTE, end) != 0) {
                end++;
            }
            byte[] bytes = memory.asSlice(at, end - at).toArray(JAVA_BYTE);
            texts[i] = new String(bytes, StandardCharsets.UTF_8);
            at = end + 1;
        }
        return texts;
    }

    /** Writes a text. */
    void text(String text) {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        Check.argument(
                bytes < Abi.TEXT_SIZE,
                "text of %d bytes, the lane holds %d",
                bytes,
                Abi.TEXT_SIZE - 1);
        memory.setString(Abi.TEXT, text, StandardCharsets.UTF_8);
    }

    /** The names that the process wrote down behind each other. */
    List<String> names(int count) {
        Check.invariant(count >= 0, "the names of the services do not fit on a lane");
        var names = new ArrayList<String>(count);
        long at = Abi.DATA;
        for (int i = 0; i < count; i++) {
            String name = memory.getString(at, StandardCharsets.US_ASCII);
            names.add(name);
            at += name.length() + 1;
        }
        return names;
    }

    /** What goes with a call and comes back. */
    byte[] data(int bytes) {
        return memory.asSlice(Abi.DATA, bytes).toArray(JAVA_BYTE);
    }

    void data(byte[] bytes) {
        MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, Abi.DATA, bytes.length);
    }

    /** Takes a counter and sets it to 0. */
    long take(int counter) {
        long value = memory.get(JAVA_LONG, counter);
        if (value != 0) {
            memory.set(JAVA_LONG, counter, 0);
        }
        return value;
    }

    // Changes of the page table that go with the next message.

    /** Whether another change has to wait for a message. */
    boolean isFullOfChanges() {
        return memory.get(JAVA_INT, Abi.CHANGE_COUNT) == Abi.CHANGE_COUNT_MAX;
    }

    void addChange(long va, long phys, long bytes, int type) {
        int count = memory.get(JAVA_INT, Abi.CHANGE_COUNT);
        long at = Abi.CHANGES + (long) Abi.CHANGE_SIZE * count;
        memory.set(JAVA_LONG, at, va);
        memory.set(JAVA_LONG, at + 8, phys);
        memory.set(JAVA_LONG, at + 16, bytes);
        memory.set(JAVA_LONG, at + 24, type);
        memory.set(JAVA_INT, Abi.CHANGE_COUNT, count + 1);
    }

    // Beginning and end.

    int getInt(int offset) {
        return memory.get(JAVA_INT, offset);
    }

    long getLong(int offset) {
        return memory.get(JAVA_LONG, offset);
    }

    void setInt(int offset, int value) {
        memory.set(JAVA_INT, offset, value);
    }

    void setLong(int offset, long value) {
        memory.set(JAVA_LONG, offset, value);
    }

    @Override
    public void close() {
        arena.close();
        share.close();
    }
}
