package dmakit.machine.time;

import dmakit.machine.Check;
import java.util.Arrays;

/**
 * Simulated time in picoseconds and the queue of everything that will happen.
 *
 * <p>Alarms of the same time fire in the order in which they were set, so a run depends on nothing
 * but its inputs. The queue is a 4-ary heap over one array; in the steady state it allocates
 * nothing.
 */
public final class Clock {
    /** What {@link #nextAt()} answers when nothing is scheduled. */
    public static final long NEVER = Long.MAX_VALUE;

    /** Alarms that may wait at the same time; more is a runaway model. */
    static final int ALARM_COUNT_MAX = 1 << 22;

    private static final int ARITY_LG2 = 2;

    private Alarm[] heap = new Alarm[64];
    private int count;
    private long now;
    private long nextAt = NEVER;
    private long nextOrder;
    private boolean firing;

    /** The current time in picoseconds since power-on. */
    public long now() {
        return now;
    }

    /** When the earliest alarm fires, in picoseconds, or {@link #NEVER}. */
    public long nextAt() {
        return nextAt;
    }

    /**
     * Sets an alarm to fire after a delay; an alarm that is already set moves.
     *
     * @param delayPs picoseconds from now, at least 0
     */
    public void setIn(Alarm alarm, long delayPs) {
        Check.argument(delayPs >= 0, "delay is negative: %d ps", delayPs);
        setAt(alarm, now + delayPs);
    }

    /**
     * Sets an alarm to fire at a time; an alarm that is already set moves.
     *
     * @param atPs picoseconds since power-on, not in the past
     */
    public void setAt(Alarm alarm, long atPs) {
        Check.argument(atPs >= now, "alarm set for %d ps, before now (%d ps)", atPs, now);
        if (alarm.isSet()) {
            cancel(alarm);
        }
        if (count == heap.length) {
            Check.invariant(count < ALARM_COUNT_MAX, "more than %d alarms wait", ALARM_COUNT_MAX);
            heap = Arrays.copyOf(heap, count * 2);
        }
        alarm.atPs = atPs;
        alarm.order = nextOrder++;
        siftUp(count++, alarm);
        nextAt = heap[0].atPs;
    }

    /** Takes an alarm out; one that is not set stays so. */
    public void cancel(Alarm alarm) {
        int index = alarm.heapIndex;
        if (index == Alarm.UNSET) {
            return;
        }
        alarm.heapIndex = Alarm.UNSET;
        Alarm last = heap[--count];
        if (last != alarm) {
            siftDown(index, last);
            if (last.heapIndex == index) {
                siftUp(index, last);
            }
        }
        nextAt = count == 0 ? NEVER : heap[0].atPs;
    }

    /**
     * Lets time pass and fires, in order, every alarm due up to and including the new time.
     *
     * @param durationPs picoseconds, at least 0
     */
    public void advanceBy(long durationPs) {
        long target = now + durationPs;
        if (target < nextAt) {
            now = target;
        } else {
            advanceTo(target);
        }
    }

    /**
     * Moves time forward to {@code atPs} and fires, in order, every alarm due until then.
     *
     * @param atPs picoseconds since power-on, not in the past
     */
    public void advanceTo(long atPs) {
        Check.invariant(!firing, "time moved by the action of an alarm");
        Check.argument(atPs >= now, "time cannot go back from %d to %d ps", now, atPs);
        firing = true;
        try {
            while (nextAt <= atPs) {
                Alarm due = heap[0];
                cancel(due);
                now = due.atPs;
                due.fire();
            }
        } finally {
            firing = false;
        }
        now = atPs;
    }

    private static boolean before(Alarm a, Alarm b) {
        return a.atPs != b.atPs ? a.atPs < b.atPs : a.order < b.order;
    }

    private void siftUp(int start, Alarm alarm) {
        int index = start;
        while (index > 0) {
            int parent = (index - 1) >> ARITY_LG2;
            if (!before(alarm, heap[parent])) {
                break;
            }
            place(index, heap[parent]);
            index = parent;
        }
        place(index, alarm);
    }

    private void siftDown(int start, Alarm alarm) {
        int index = start;
        while (true) {
            int first = (index << ARITY_LG2) + 1;
            if (first >= count) {
                break;
            }
            int least = first;
            int end = Math.min(first + (1 << ARITY_LG2), count);
            for (int child = first + 1; child < end; child++) {
                if (before(heap[child], heap[least])) {
                    least = child;
                }
            }
            if (!before(heap[least], alarm)) {
                break;
            }
            place(index, heap[least]);
            index = least;
        }
        place(index, alarm);
    }

    private void place(int index, Alarm alarm) {
        heap[index] = alarm;
        alarm.heapIndex = index;
    }
}
