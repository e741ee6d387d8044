/*
 * Time is the simulated machine's: it passes while programs wait in the simulated kernel, not while
 * they compute. Waits of the host that have a limit let it pass as long as they took.
 */
#include "user.h"
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>

#define NS_PER_S 1000000000ll
#define READ_NS 100
#define AHEAD_NS_MAX 100000
#define MONOTONIC_S_MAX 1000000000

/* Kept by the simulator, in memory it shares. */
static const volatile struct wire_clock *shared;

/* What this process has added since it last told the simulator. */
static int64_t ahead_ns;
static int64_t latest_ns;

int64_t host_ns(clockid_t clock)
{
	struct timespec now;

	if (REAL(clock_gettime)(clock, &now))
		return 0;
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

void share_clock(int fd)
{
	void *page;

	if (!shared) {
		page = REAL(mmap64)(NULL, sizeof(*shared), PROT_READ, MAP_SHARED, fd, 0);
		if (page != MAP_FAILED)
			shared = page;
	}
	syscall(SYS_close, fd);
}

void time_passed(int64_t ns)
{
	__atomic_fetch_add(&ahead_ns, ns, __ATOMIC_RELAXED);
}

int64_t take_time_passed(void)
{
	return __atomic_exchange_n(&ahead_ns, 0, __ATOMIC_RELAXED);
}

static int64_t boot_ns(void)
{
	int64_t now = shared->now_ns + __atomic_load_n(&ahead_ns, __ATOMIC_RELAXED);
	int64_t latest = __atomic_load_n(&latest_ns, __ATOMIC_RELAXED);

	/* Never backwards, and never again the same: who looks at the clock takes a little time. */
	while (now > latest && !__atomic_compare_exchange_n(&latest_ns, &latest, now, true,
							    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
	return now > latest ? now : latest;
}

int64_t simulated_ns(clockid_t clock)
{
	int64_t now;

	if (!is_on() || !shared)
		return host_ns(clock);
	now = boot_ns();
	return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI
		       ? now + shared->epoch_ns
		       : now;
}

/* A program may wait by looking at the clock: time must pass for it. */
static void look(void)
{
	struct call call;

	if (__atomic_add_fetch(&ahead_ns, READ_NS, __ATOMIC_RELAXED) < AHEAD_NS_MAX)
		return;
	begin(&call, OP_TIME);
	finish_raw(&call);
}

static bool is_simulated_clock(clockid_t clock)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
		return is_on() && shared;
	default:
		return false;
	}
}

EXPORT int clock_gettime(clockid_t clock, struct timespec *into)
{
	int64_t now;

	if (!is_simulated_clock(clock))
		return REAL(clock_gettime)(clock, into);
	look();
	now = simulated_ns(clock);
	into->tv_sec = now / NS_PER_S;
	into->tv_nsec = now % NS_PER_S;
	return 0;
}

EXPORT int gettimeofday(struct timeval *into, void *zone)
{
	struct timespec now;

	if (!is_simulated_clock(CLOCK_REALTIME))
		return REAL(gettimeofday)(into, zone);
	clock_gettime(CLOCK_REALTIME, &now);
	into->tv_sec = now.tv_sec;
	into->tv_usec = now.tv_nsec / 1000;
	return 0;
}

EXPORT time_t time(time_t *into)
{
	struct timespec now;

	if (!is_simulated_clock(CLOCK_REALTIME))
		return REAL(time)(into);
	clock_gettime(CLOCK_REALTIME, &now);
	if (into)
		*into = now.tv_sec;
	return now.tv_sec;
}

EXPORT int timespec_get(struct timespec *into, int base)
{
	return base == TIME_UTC && !clock_gettime(CLOCK_REALTIME, into) ? base : 0;
}

/* ---- sleeping ------------------------------------------------------------------------------ */

static int sleep_ns(int64_t ns, struct timespec *left)
{
	struct call call;
	long result;

	begin(&call, OP_SLEEP);
	call.out.v[0] = ns;
	result = finish_raw(&call);
	pthread_testcancel();
	if (result == -EINTR && left) {
		left->tv_sec = call.in.v[1] / NS_PER_S;
		left->tv_nsec = call.in.v[1] % NS_PER_S;
	}
	return result < 0 ? -result : 0;
}

static bool is_valid(const struct timespec *time)
{
	return time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < NS_PER_S;
}

static int64_t ns_of(const struct timespec *time)
{
	return time->tv_sec > INT64_MAX / NS_PER_S - 1 ? INT64_MAX
						       : time->tv_sec * NS_PER_S + time->tv_nsec;
}

EXPORT int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time,
			   struct timespec *left)
{
	int64_t ns;

	if (!is_simulated_clock(clock))
		return REAL(clock_nanosleep)(clock, flags, time, left);
	if (!is_valid(time))
		return EINVAL;
	ns = ns_of(time);
	if (!(flags & TIMER_ABSTIME))
		return sleep_ns(ns, left);
	ns -= simulated_ns(clock);
	return ns <= 0 ? 0 : sleep_ns(ns, NULL);
}

EXPORT int nanosleep(const struct timespec *time, struct timespec *left)
{
	int error;

	if (!is_simulated_clock(CLOCK_MONOTONIC))
		return REAL(nanosleep)(time, left);
	error = clock_nanosleep(CLOCK_MONOTONIC, 0, time, left);
	if (!error)
		return 0;
	errno = error;
	return -1;
}

EXPORT int usleep(useconds_t us)
{
	struct timespec time = { us / 1000000, us % 1000000 * 1000 };

	return nanosleep(&time, NULL);
}

EXPORT unsigned int sleep(unsigned int seconds)
{
	struct timespec time = { seconds, 0 };
	struct timespec left = { 0, 0 };

	if (!nanosleep(&time, &left))
		return 0;
	return left.tv_sec + (left.tv_nsec >= NS_PER_S / 2);
}

/* ---- waits of the host with a limit -------------------------------------------------------- */

/* A point in simulated time as the host's kernel knows it. */
static struct timespec on_host(const struct timespec *until)
{
	clockid_t clock = until->tv_sec < MONOTONIC_S_MAX ? CLOCK_MONOTONIC : CLOCK_REALTIME;
	struct timespec moved = *until;
	int64_t ns;

	if (!is_simulated_clock(clock) || !is_valid(until) || ns_of(until) == INT64_MAX)
		return moved;
	ns = ns_of(until) - simulated_ns(clock) + host_ns(clock);
	moved.tv_sec = ns > 0 ? ns / NS_PER_S : 0;
	moved.tv_nsec = ns > 0 ? ns % NS_PER_S : 0;
	return moved;
}

#define LIMITED(name, parameters, ...)                                 \
	EXPORT int name parameters                                     \
	{                                                              \
		int64_t began = host_ns(CLOCK_MONOTONIC);              \
		struct timespec moved = on_host(until);                \
		int result = REAL(name)(__VA_ARGS__);                  \
                                                                       \
		if (is_simulated_clock(CLOCK_MONOTONIC))               \
			time_passed(host_ns(CLOCK_MONOTONIC) - began); \
		return result;                                         \
	}

LIMITED(pthread_cond_timedwait,
	(pthread_cond_t * condition, pthread_mutex_t *mutex, const struct timespec *until),
	condition, mutex, &moved)
LIMITED(pthread_cond_clockwait,
	(pthread_cond_t * condition, pthread_mutex_t *mutex, clockid_t clock,
	 const struct timespec *until),
	condition, mutex, clock, &moved)
LIMITED(pthread_mutex_timedlock, (pthread_mutex_t * mutex, const struct timespec *until), mutex,
	&moved)
LIMITED(pthread_timedjoin_np, (pthread_t thread, void **value, const struct timespec *until),
	thread, value, &moved)
LIMITED(sem_timedwait, (sem_t * semaphore, const struct timespec *until), semaphore, &moved)
LIMITED(sem_clockwait, (sem_t * semaphore, clockid_t clock, const struct timespec *until),
	semaphore, clock, &moved)

EXPORT int timerfd_settime(int fd, int flags, const struct itimerspec *time,
			   struct itimerspec *before)
{
	struct itimerspec moved = *time;

	if (flags & TFD_TIMER_ABSTIME && (time->it_value.tv_sec || time->it_value.tv_nsec))
		moved.it_value = on_host(&time->it_value);
	return REAL(timerfd_settime)(fd, flags, &moved, before);
}
