package dmakit.machine.time;

import dmakit.machine.Check;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Simulated time in picoseconds and the queue of everything that will happen.
 *
 * <p>Alarms of the same time fire in the order in which they were set, so a run depends on nothing
 * but its inputs. The queue is a 4-ary heap over one array, with a place in front of it: an alarm
 * that is to fire before all others, as the next step of a busy chip is, does not move the heap. In
 * the steady state the queue allocates nothing.
 */
public final class Clock {
    /** What {@link #nextAt()} answers when nothing is scheduled. */
    public static final long NEVER = Long.MAX_VALUE;

    /** Alarms that may wait at the same time; more is a runaway model. */
    static final int ALARM_COUNT_MAX = 1 << 20;

    /** Alarms that may fire without time passing; more is a model that takes no time. */
    static final int FIRED_AT_ONCE_MAX = 1 << 20;

    private static final int ARITY_LG2 = 2;
    private static final String ELSEWHERE = "the alarm waits in another clock";
    private static final String TOO_MANY = "more than " + ALARM_COUNT_MAX + " alarms wait";

    private Alarm[] heap = new Alarm[64];
    private int count;

    /** An alarm that fires before all of the heap, where there is one. */
    private @Nullable Alarm front;

    private long now;
    private long nextAt = NEVER;
    private long nextOrder;
    private long firedCount;
    private boolean firing;

    /** Until when time may pass without a look at the queue; now, while an alarm fires. */
    private long quietUntil = NEVER;

    /** The current time in picoseconds since power-on. */
    public long now() {
        return now;
    }

    /** When the earliest alarm fires, in picoseconds, or {@link #NEVER}. */
    public long nextAt() {
        return nextAt;
    }

    /** How many alarms have fired so far: the same number again means that nothing happened. */
    public long firedCount() {
        return firedCount;
    }

    /**
     * Sets an alarm to fire after a delay; an alarm that is already set moves.
     *
     * @param delayPs picoseconds from now, at least 0
     * @throws IllegalArgumentException when the delay is negative or reaches {@link #NEVER}
     */
    public void setIn(Alarm alarm, long delayPs) {
        Check.argument(
                delayPs >= 0 && delayPs < NEVER - now, "no alarm %d ps from %d ps", delayPs, now);
        setAt(alarm, now + delayPs);
    }

    /**
     * Sets an alarm to fire at a time; an alarm that is already set moves.
     *
     * @param atPs picoseconds since power-on, not in the past and before {@link #NEVER}
     */
    public void setAt(Alarm alarm, long atPs) {
        Check.argument(atPs >= now && atPs < NEVER, "alarm set for %d ps, now is %d ps", atPs, now);
        if (alarm.isSet()) {
            cancel(alarm);
        }
        Alarm second = front;
        Check.invariant(count < (second == null ? ALARM_COUNT_MAX : ALARM_COUNT_MAX - 1), TOO_MANY);
        alarm.atPs = atPs;
        alarm.order = nextOrder++;
        if (atPs < nextAt) {
            if (second != null) {
                push(second);
            }
            alarm.heapIndex = Alarm.IN_FRONT;
            front = alarm;
        } else {
            push(alarm);
        }
        lookAhead();
    }

    /** Takes an alarm out; one that is not set stays so. */
    public void cancel(Alarm alarm) {
        int index = alarm.heapIndex;
        if (index == Alarm.UNSET) {
            return;
        }
        if (index == Alarm.IN_FRONT) {
            Check.invariant(front == alarm, ELSEWHERE);
            front = null;
        } else {
            Check.invariant(index < count && heap[index] == alarm, ELSEWHERE);
            takeOut(index);
        }
        alarm.heapIndex = Alarm.UNSET;
        lookAhead();
    }

    /**
     * Lets time pass and fires, in order, every alarm due up to and including the new time.
     *
     * @param durationPs picoseconds, at least 0
     * @throws IllegalArgumentException when the duration is negative or reaches {@link #NEVER}
     */
    public void advanceBy(long durationPs) {
        if (Long.compareUnsigned(durationPs, quietUntil - now) < 0) {
            now += durationPs;
        } else {
            Check.argument(
                    durationPs >= 0 && durationPs < NEVER - now,
                    "time cannot pass for %d ps from %d ps",
                    durationPs,
                    now);
            advanceTo(now + durationPs);
        }
    }

    /**
     * Moves time forward to {@code atPs} and fires, in order, every alarm due until then, also
     * those that their actions set.
     *
     * @param atPs picoseconds since power-on, not in the past and before {@link #NEVER}
     * @throws dmakit.machine.InvariantViolation when the action of an alarm moves time, or alarms
     *     set each other without end and without time passing
     */
    public void advanceTo(long atPs) {
        Check.invariant(!firing, "time moved by the action of an alarm");
        Check.argument(atPs >= now && atPs < NEVER, "time cannot go from %d to %d ps", now, atPs);
        firing = true;
        int firedAtOnce = 0;
        try {
            while (nextAt <= atPs) {
                Alarm due = first();
                firedAtOnce = due.atPs == now ? firedAtOnce + 1 : 0;
                Check.invariant(firedAtOnce <= FIRED_AT_ONCE_MAX, "alarms fire and no time passes");
                now = due.atPs;
                cancel(due);
                firedCount++;
                due.fire();
            }
            now = atPs;
        } finally {
            firing = false;
            lookAhead();
        }
    }

    private void lookAhead() {
        nextAt = front == null && count == 0 ? NEVER : first().atPs;
        quietUntil = firing ? now : nextAt;
    }

    private Alarm first() {
        Alarm ahead = front;
        return ahead != null ? ahead : heap[0];
    }

    private void push(Alarm alarm) {
        if (count == heap.length) {
            heap = Arrays.copyOf(heap, count * 2);
        }
        siftUp(count++, alarm);
    }

    private void takeOut(int index) {
        Alarm last = heap[--count];
        if (index != count) {
            siftDown(index, last);
            if (last.heapIndex == index) {
                siftUp(index, last);
            }
        }
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
