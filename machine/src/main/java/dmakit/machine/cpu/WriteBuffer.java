package dmakit.machine.cpu;

import dmakit.machine.memory.DeviceView;
import dmakit.machine.memory.Ram;
import dmakit.machine.random.Rng;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * Where stores to write-combining memory wait before they reach RAM.
 *
 * <p>A few lines of 64 bytes gather stores. What waits is visible to the CPU and to nobody else; it
 * reaches RAM when a barrier drains the buffer, when a line must make room, and at moments that the
 * seed chooses, in an order that the seed chooses: a line at once, or eight aligned bytes of it.
 * Without chance nothing waits, and every store reaches RAM at once.
 */
final class WriteBuffer {
    /** Lines that may wait at the same time. */
    static final int ENTRY_COUNT = 4;

    private static final int LINE = Ram.LINE_BYTES;
    private static final int GRANULE = 8;
    private static final long WHOLE_GRANULE = 0xff;
    private static final int WAIT_PS_MAX = 1_000_000;

    private final Clock clock;
    private final DeviceView dram;
    private final @Nullable Rng rng;
    private final Entry[] entries = new Entry[ENTRY_COUNT];
    private final Alarm moment = new Alarm("write buffer", this::act);
    private int waitingCount;

    /** A line that waits: position of its first byte in RAM, its bytes, and which of them wait. */
    private static final class Entry {
        final byte[] bytes = new byte[LINE];
        long start;
        long waiting;
    }

    /**
     * Creates an empty buffer.
     *
     * @param dram where stores end up
     * @param rng chooses when and in which order; null for at once
     */
    WriteBuffer(Clock clock, DeviceView dram, @Nullable Rng rng) {
        this.clock = clock;
        this.dram = dram;
        this.rng = rng;
        for (int i = 0; i < ENTRY_COUNT; i++) {
            entries[i] = new Entry();
        }
    }

    /** Stores 1, 2, 4 or 8 bytes. */
    void store(long offset, int bytes, long value) {
        if (rng == null) {
            dram.store(offset, bytes, value);
            return;
        }
        for (int i = 0; i < bytes; i++) {
            put(offset + i, (byte) (value >>> (8 * i)));
        }
    }

    /** Stores a range from an array. */
    void store(long offset, byte[] from, int at, int bytes) {
        if (rng == null) {
            dram.store(offset, from, at, bytes);
            return;
        }
        for (int i = 0; i < bytes; i++) {
            put(offset + i, from[at + i]);
        }
    }

    /** Stores one byte value over a range. */
    void fill(long offset, int bytes, byte value) {
        if (rng == null) {
            dram.fill(offset, bytes, value);
            return;
        }
        for (int i = 0; i < bytes; i++) {
            put(offset + i, value);
        }
    }

    /** Loads 1, 2, 4 or 8 bytes, zero-extended, with what waits on top. */
    long load(long offset, int bytes) {
        long value = dram.load(offset, bytes);
        if (waitingCount == 0) {
            return value;
        }
        for (int i = 0; i < bytes; i++) {
            Entry entry = find(offset + i);
            int at = (int) (offset + i) & (LINE - 1);
            if (entry != null && isWaiting(entry, at)) {
                value &= ~(0xffL << (8 * i));
                value |= (entry.bytes[at] & 0xffL) << (8 * i);
            }
        }
        return value;
    }

    /** Loads a range into an array, with what waits on top. */
    void load(long offset, byte[] into, int at, int bytes) {
        dram.load(offset, into, at, bytes);
        if (waitingCount == 0) {
            return;
        }
        for (Entry entry : entries) {
            for (int i = 0; i < LINE; i++) {
                long inRange = entry.start + i - offset;
                if (isWaiting(entry, i) && inRange >= 0 && inRange < bytes) {
                    into[at + (int) inRange] = entry.bytes[i];
                }
            }
        }
    }

    /** Lets everything that waits reach RAM. */
    void drain() {
        if (waitingCount > 0) {
            for (Entry entry : entries) {
                drain(entry);
            }
        }
    }

    private void put(long offset, byte value) {
        Entry entry = find(offset);
        if (entry == null) {
            entry = take(offset & -LINE);
        }
        int at = (int) offset & (LINE - 1);
        entry.bytes[at] = value;
        entry.waiting |= 1L << at;
    }

    private @Nullable Entry find(long offset) {
        long start = offset & -LINE;
        for (Entry entry : entries) {
            if (entry.waiting != 0 && entry.start == start) {
                return entry;
            }
        }
        return null;
    }

    /** An entry for a line that has none; it counts as waiting from now on. */
    private Entry take(long start) {
        if (waitingCount == ENTRY_COUNT) {
            drain(entries[chance().nextInt(ENTRY_COUNT)]);
        }
        Entry free = entries[0];
        for (Entry entry : entries) {
            if (entry.waiting == 0) {
                free = entry;
            }
        }
        free.start = start;
        waitingCount++;
        if (!moment.isSet()) {
            clock.setIn(moment, chance().nextInt(WAIT_PS_MAX));
        }
        return free;
    }

    private Rng chance() {
        Rng chance = rng;
        if (chance == null) {
            throw new IllegalStateException("nothing waits in a buffer without chance");
        }
        return chance;
    }

    /** One moment of the seed's choice: a line, or eight bytes of it, reach RAM. */
    private void act() {
        if (waitingCount == 0) {
            return;
        }
        Entry entry = chooseWaiting();
        if (chance().oneIn(2)) {
            drain(entry);
        } else {
            int granule = chance().nextInt(LINE / GRANULE);
            drain(entry, entry.waiting & (WHOLE_GRANULE << (granule * GRANULE)));
        }
        if (waitingCount > 0) {
            clock.setIn(moment, chance().nextInt(WAIT_PS_MAX));
        }
    }

    private Entry chooseWaiting() {
        int skip = chance().nextInt(waitingCount);
        Entry chosen = entries[0];
        for (Entry entry : entries) {
            if (entry.waiting != 0 && skip-- == 0) {
                chosen = entry;
            }
        }
        return chosen;
    }

    private void drain(Entry entry) {
        drain(entry, entry.waiting);
    }

    /** Lets the chosen bytes of an entry reach RAM, in runs. */
    private void drain(Entry entry, long chosen) {
        if (chosen == 0) {
            return;
        }
        entry.waiting &= ~chosen;
        if (entry.waiting == 0) {
            waitingCount--;
        }
        long left = chosen;
        while (left != 0) {
            int first = Long.numberOfTrailingZeros(left);
            int length = Long.numberOfTrailingZeros(~(left >>> first));
            dram.store(entry.start + first, entry.bytes, first, length);
            left &= length == LINE ? 0 : ~(((1L << length) - 1) << first);
        }
    }

    private static boolean isWaiting(Entry entry, int at) {
        return (entry.waiting >>> at & 1) != 0;
    }
}
