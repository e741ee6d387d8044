/* Times and their units. */
#ifndef DMAKIT_TIME_H
#define DMAKIT_TIME_H

#include <dmakit/base.h>

#define HZ DMAKIT_HZ
#define MAX_JIFFY_OFFSET ((LONG_MAX >> 1) - 1)
#define INITIAL_JIFFIES 0UL

unsigned long dmakit_jiffies(void);
u64 get_jiffies_64(void);
#define jiffies (dmakit_jiffies())
#define jiffies_64 (get_jiffies_64())

#define time_after(a, b) ((long)((b) - (a)) < 0)
#define time_before(a, b) time_after(b, a)
#define time_after_eq(a, b) ((long)((a) - (b)) >= 0)
#define time_before_eq(a, b) time_after_eq(b, a)
#define time_in_range(a, b, c) (time_after_eq(a, b) && time_before_eq(a, c))
#define time_after64(a, b) ((s64)((b) - (a)) < 0)
#define time_before64(a, b) time_after64(b, a)
#define time_is_before_jiffies(a) time_after(jiffies, a)
#define time_is_after_jiffies(a) time_before(jiffies, a)
#define time_is_before_eq_jiffies(a) time_after_eq(jiffies, a)
#define time_is_after_eq_jiffies(a) time_before_eq(jiffies, a)

/* As of a timer of 19.2 MHz. */
#define loops_per_jiffy (19200000UL / HZ)

static inline unsigned long msecs_to_jiffies(unsigned int ms)
{
	if ((int)ms < 0)
		return MAX_JIFFY_OFFSET;
	return ((unsigned long)ms * HZ + MSEC_PER_SEC - 1) / MSEC_PER_SEC;
}

static inline unsigned long usecs_to_jiffies(unsigned int us)
{
	return ((unsigned long)us * HZ + USEC_PER_SEC - 1) / USEC_PER_SEC;
}

static inline unsigned long nsecs_to_jiffies(u64 ns)
{
	return ns / (NSEC_PER_SEC / HZ);
}
#define secs_to_jiffies(secs) ((unsigned long)(secs) * HZ)
#define nsecs_to_jiffies64(ns) nsecs_to_jiffies(ns)

static inline unsigned int jiffies_to_msecs(unsigned long j)
{
	return (unsigned int)(j * MSEC_PER_SEC / HZ);
}

static inline unsigned int jiffies_to_usecs(unsigned long j)
{
	return (unsigned int)(j * USEC_PER_SEC / HZ);
}
#define jiffies_to_nsecs(j) ((u64)(j) * (NSEC_PER_SEC / HZ))
#define jiffies64_to_nsecs(j) ((u64)(j) * (NSEC_PER_SEC / HZ))
#define jiffies64_to_msecs(j) ((u64)(j)*MSEC_PER_SEC / HZ)
#define jiffies_to_clock_t(j) ((clock_t)((j)*100 / HZ))
#define round_jiffies(j) (j)
#define round_jiffies_relative(j) (j)

struct timespec64 {
	time64_t tv_sec;
	long tv_nsec;
};
#define timespec timespec64
#define __kernel_timespec timespec64

struct timeval {
	time_t tv_sec;
	suseconds_t tv_usec;
};

struct timezone {
	int tz_minuteswest;
	int tz_dsttime;
};

struct tm {
	int tm_sec, tm_min, tm_hour, tm_mday, tm_mon;
	long tm_year;
	int tm_wday, tm_yday;
};

typedef s64 ktime_t;
#define KTIME_MAX S64_MAX
#define KTIME_MIN S64_MIN
#define KTIME_SEC_MAX (KTIME_MAX / NSEC_PER_SEC)

/* Since the start of the simulation, but for the real one: since 1970. */
ktime_t ktime_get(void);
ktime_t ktime_get_real(void);
u64 ktime_get_ns(void);
u64 ktime_get_real_ns(void);
u64 sched_clock(void);
#define local_clock() sched_clock()
#define ktime_get_boottime() ktime_get()
#define ktime_get_boottime_ns() ktime_get_ns()
#define ktime_get_raw() ktime_get()
#define ktime_get_raw_ns() ktime_get_ns()
#define ktime_get_mono_fast_ns() ktime_get_ns()
#define ktime_get_clocktai() ktime_get_real()
#define ktime_get_seconds() ((time64_t)(ktime_get_ns() / NSEC_PER_SEC))
#define ktime_get_real_seconds() ((time64_t)(ktime_get_real_ns() / NSEC_PER_SEC))
#define get_seconds() ((unsigned long)ktime_get_real_seconds())
typedef unsigned long cycles_t;
#define get_cycles() ((cycles_t)ktime_get_ns())
#define rdtsc() ktime_get_ns()
#define rdtscll(value) ((value) = ktime_get_ns())

#define ktime_set(secs, ns) ((ktime_t)(secs)*NSEC_PER_SEC + (s64)(ns))
#define ns_to_ktime(ns) ((ktime_t)(ns))
#define us_to_ktime(us) ((ktime_t)(us)*NSEC_PER_USEC)
#define ms_to_ktime(ms) ((ktime_t)(ms)*NSEC_PER_MSEC)
#define ktime_add(a, b) ((a) + (b))
#define ktime_sub(a, b) ((a) - (b))
#define ktime_add_ns(t, ns) ((t) + (s64)(ns))
#define ktime_add_us(t, us) ((t) + (s64)(us)*NSEC_PER_USEC)
#define ktime_add_ms(t, ms) ((t) + (s64)(ms)*NSEC_PER_MSEC)
#define ktime_sub_ns(t, ns) ((t) - (s64)(ns))
#define ktime_sub_us(t, us) ((t) - (s64)(us)*NSEC_PER_USEC)
#define ktime_to_ns(t) ((s64)(t))
#define ktime_to_us(t) ((s64)(t) / NSEC_PER_USEC)
#define ktime_to_ms(t) ((s64)(t) / NSEC_PER_MSEC)
#define ktime_us_delta(later, earlier) ktime_to_us(ktime_sub(later, earlier))
#define ktime_ms_delta(later, earlier) ktime_to_ms(ktime_sub(later, earlier))
#define ktime_divns(t, divisor) ((s64)(t) / (s64)(divisor))
#define ktime_equal(a, b) ((a) == (b))
#define ktime_after(a, b) ((a) > (b))
#define ktime_before(a, b) ((a) < (b))

static inline int ktime_compare(ktime_t a, ktime_t b)
{
	return a < b ? -1 : a > b;
}

static inline struct timespec64 ns_to_timespec64(s64 ns)
{
	struct timespec64 ts = {ns / NSEC_PER_SEC, ns % NSEC_PER_SEC};

	if (ts.tv_nsec < 0) {
		ts.tv_nsec += NSEC_PER_SEC;
		ts.tv_sec--;
	}
	return ts;
}

static inline struct timeval ns_to_timeval(s64 ns)
{
	struct timespec64 ts = ns_to_timespec64(ns);

	return (struct timeval){ts.tv_sec, ts.tv_nsec / NSEC_PER_USEC};
}

static inline s64 timespec64_to_ns(const struct timespec64 *ts)
{
	return ts->tv_sec * NSEC_PER_SEC + ts->tv_nsec;
}

static inline s64 timeval_to_ns(const struct timeval *tv)
{
	return tv->tv_sec * NSEC_PER_SEC + tv->tv_usec * NSEC_PER_USEC;
}

static inline struct timespec64 timespec64_add(struct timespec64 a, struct timespec64 b)
{
	return ns_to_timespec64(timespec64_to_ns(&a) + timespec64_to_ns(&b));
}

static inline struct timespec64 timespec64_sub(struct timespec64 a, struct timespec64 b)
{
	return ns_to_timespec64(timespec64_to_ns(&a) - timespec64_to_ns(&b));
}

static inline int timespec64_compare(const struct timespec64 *a, const struct timespec64 *b)
{
	return ktime_compare(timespec64_to_ns(a), timespec64_to_ns(b));
}
#define ns_to_timespec(ns) ns_to_timespec64(ns)
#define timespec_to_ns(ts) timespec64_to_ns(ts)
#define timespec_add(a, b) timespec64_add(a, b)
#define timespec_sub(a, b) timespec64_sub(a, b)
#define timespec_compare(a, b) timespec64_compare(a, b)
#define ktime_to_timespec64(t) ns_to_timespec64(t)
#define ktime_to_timespec(t) ns_to_timespec64(t)
#define ktime_to_timeval(t) ns_to_timeval(t)
#define timespec64_to_ktime(ts) ktime_set((ts).tv_sec, (ts).tv_nsec)
#define timespec_to_ktime(ts) timespec64_to_ktime(ts)
#define timeval_to_ktime(tv) ktime_set((tv).tv_sec, (tv).tv_usec * NSEC_PER_USEC)
#define timespec64_to_jiffies(ts) nsecs_to_jiffies(timespec64_to_ns(ts))
#define timeval_to_jiffies(tv) nsecs_to_jiffies(timeval_to_ns(tv))

#define ktime_get_ts64(ts) ((void)(*(ts) = ns_to_timespec64(ktime_get_ns())))
#define ktime_get_real_ts64(ts) ((void)(*(ts) = ns_to_timespec64(ktime_get_real_ns())))
#define ktime_get_raw_ts64(ts) ktime_get_ts64(ts)
#define ktime_get_boottime_ts64(ts) ktime_get_ts64(ts)
#define ktime_get_coarse_ts64(ts) ktime_get_ts64(ts)
#define ktime_get_coarse_real_ts64(ts) ktime_get_real_ts64(ts)
#define ktime_get_ts(ts) ktime_get_ts64(ts)
#define getnstimeofday(ts) ktime_get_real_ts64(ts)
#define getnstimeofday64(ts) ktime_get_real_ts64(ts)
#define do_gettimeofday(tv) ((void)(*(tv) = ns_to_timeval(ktime_get_real_ns())))
#define do_posix_clock_monotonic_gettime(ts) ktime_get_ts64(ts)
#define getrawmonotonic(ts) ktime_get_ts64(ts)
#define getrawmonotonic64(ts) ktime_get_ts64(ts)
#define current_kernel_time() ns_to_timespec64(ktime_get_real_ns())
#define CURRENT_TIME current_kernel_time()
void time64_to_tm(time64_t seconds, int offset, struct tm *result);
#define time_to_tm(seconds, offset, result) time64_to_tm(seconds, offset, result)
time64_t mktime64(unsigned int year, unsigned int month, unsigned int day, unsigned int hour,
		  unsigned int minute, unsigned int second);

#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_BOOTTIME 7

#endif
