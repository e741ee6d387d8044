package dmakit.kernel.sched;

import dmakit.kernel.Linux;
import dmakit.machine.time.Clock;

/**
 * The tick: {@value #HZ} per second of simulated time.
 *
 * <p>Ticks are counted, not scheduled: a machine with nothing to do takes no timer interrupts.
 */
public final class Jiffies {
    /** Ticks per second, {@code CONFIG_HZ}. */
    public static final int HZ = 250;

    /** Picoseconds per tick. */
    public static final long TICK_PS = 1_000_000_000_000L / HZ;

    /** The count at power-on: five minutes before 32 bits wrap, so that wrapping is met early. */
    @Linux(file = "include/linux/jiffies.h", symbol = "INITIAL_JIFFIES")
    public static final long INITIAL = Integer.toUnsignedLong(-300 * HZ);

    /** A timeout that never comes. */
    @Linux(file = "include/linux/sched.h", symbol = "MAX_SCHEDULE_TIMEOUT")
    public static final long MAX_TIMEOUT = Long.MAX_VALUE;

    /** The longest finite {@link #ofMillis} answer, {@code MAX_JIFFY_OFFSET}. */
    public static final long MAX_OFFSET = (Long.MAX_VALUE >> 1) - 1;

    private static final int LEVEL_BITS = 6;
    private static final int LEVEL_SHIFT = 3;
    private static final int LEVEL_LAST = 8;
    private static final long MS_PER_TICK = 1000 / HZ;
    private static final long US_PER_TICK = 1_000_000 / HZ;

    private final Clock clock;

    /** Creates the count of one machine. */
    public Jiffies(Clock clock) {
        this.clock = clock;
    }

    /** The current count. */
    @Linux(file = "include/linux/jiffies.h", symbol = "jiffies")
    public long now() {
        return INITIAL + clock.now() / TICK_PS;
    }

    /**
     * When the count reaches a value, in picoseconds since power-on; {@link Clock#NEVER} for what
     * the clock does not reach.
     */
    public static long atPs(long jiffies) {
        long ticks = jiffies - INITIAL;
        return ticks > (Clock.NEVER - 1) / TICK_PS ? Clock.NEVER : ticks * TICK_PS;
    }

    /** Ticks that last at least so many milliseconds; a negative number means for ever. */
    @Linux(file = "include/linux/jiffies.h", symbol = "msecs_to_jiffies")
    public static long ofMillis(long ms) {
        return ms < 0 || ms > Integer.MAX_VALUE ? MAX_OFFSET : (ms + MS_PER_TICK - 1) / MS_PER_TICK;
    }

    /** Ticks that last at least so many microseconds. */
    @Linux(file = "include/linux/jiffies.h", symbol = "usecs_to_jiffies")
    public static long ofMicros(long us) {
        return us < 0 ? MAX_OFFSET : (us + US_PER_TICK - 1) / US_PER_TICK;
    }

    /** Milliseconds of so many ticks. */
    @Linux(file = "include/linux/jiffies.h", symbol = "jiffies_to_msecs")
    public static long toMillis(long jiffies) {
        return jiffies * MS_PER_TICK;
    }

    /** Whether count {@code a} is later than {@code b}, across a wrap. */
    @Linux(file = "include/linux/jiffies.h", symbol = "time_after")
    public static boolean isAfter(long a, long b) {
        return b - a < 0;
    }

    /**
     * The count at which the kernel's timer wheel runs a timer. It never runs early, and the
     * farther away the expiry, the coarser the wheel: from 63 ticks on multiples of 8, from 504 on
     * of 64, and so on.
     *
     * @param expires the count asked for
     * @return at least {@code expires} + 1, or the current count when {@code expires} is past
     */
    @Linux(file = "kernel/time/timer.c", symbol = "calc_wheel_index")
    public long wheelExpiry(long expires) {
        long now = now();
        long delta = expires - now;
        if (delta < 0) {
            return now;
        }
        int level = 0;
        while (level < LEVEL_LAST && delta >= levelStart(level + 1)) {
            level++;
        }
        long last = levelStart(LEVEL_LAST + 1);
        long granule = 1L << (LEVEL_LAST * LEVEL_SHIFT);
        long within = delta >= last ? now + last - granule : expires;
        int shift = level * LEVEL_SHIFT;
        return ((within >> shift) + 1) << shift;
    }

    private static long levelStart(int level) {
        return ((1L << LEVEL_BITS) - 1) << ((level - 1) * LEVEL_SHIFT);
    }
}
