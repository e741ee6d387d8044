/* Functions to measure with: they do nothing but call, and touch memory. */
#include <linux/completion.h>
#include <linux/module.h>

static struct completion done;

static long call_many(long count)
{
	for (long i = 0; i < count; i++)
		complete(&done);
	return 0;
}

static long compute_and_call(long count, long work)
{
	volatile long sum = 0;

	for (long i = 0; i < count; i++) {
		for (long j = 0; j < work; j++)
			__asm__ volatile("");
		complete(&done);
	}
	return sum;
}

static long nothing(void)
{
	return 0;
}

static long sum(const u64 *numbers, long count, long rounds)
{
	u64 result = 0;

	for (long round = 0; round < rounds; round++)
		for (long i = 0; i < count; i++)
			result += numbers[i];
	return (long)result;
}

/* The same without hooks, and with hooks on memory that is not simulated. */
static long __attribute__((no_sanitize("thread"))) sum_plain(const u64 *numbers, long count,
							     long rounds)
{
	u64 result = 0;

	for (long round = 0; round < rounds; round++)
		for (long i = 0; i < count; i++) {
			result += numbers[i];
			barrier();
		}
	return (long)result;
}

static u64 globals[1 << 12];

static long sum_globals(const u64 *unused, long count, long rounds)
{
	return sum(globals, count & ((1 << 12) - 1), rounds);
}

static long set(u64 *numbers, long count, long rounds)
{
	for (long round = 0; round < rounds; round++)
		for (long i = 0; i < count; i++)
			numbers[i] = (u64)i;
	return 0;
}

static long update(u64 *numbers, long count, long rounds)
{
	for (long round = 0; round < rounds; round++)
		for (long i = 0; i < count; i++)
			numbers[i] ^= (u64)round;
	return 0;
}

#define PLAIN static long __attribute__((no_sanitize("thread")))

PLAIN set_plain(u64 *numbers, long count, long rounds)
{
	for (long round = 0; round < rounds; round++)
		for (long i = 0; i < count; i++) {
			numbers[i] = (u64)i;
			barrier();
		}
	return 0;
}

PLAIN update_plain(u64 *numbers, long count, long rounds)
{
	for (long round = 0; round < rounds; round++)
		for (long i = 0; i < count; i++) {
			numbers[i] ^= (u64)round;
			barrier();
		}
	return 0;
}

long measure_calls(long) __attribute__((alias("call_many")));
long measure_compute(long, long) __attribute__((alias("compute_and_call")));
long measure_nothing(void) __attribute__((alias("nothing")));
long measure_sum(const u64 *, long, long) __attribute__((alias("sum")));
long measure_sum_plain(const u64 *, long, long) __attribute__((alias("sum_plain")));
long measure_sum_globals(const u64 *, long, long) __attribute__((alias("sum_globals")));
long measure_set(u64 *, long, long) __attribute__((alias("set")));
long measure_set_plain(u64 *, long, long) __attribute__((alias("set_plain")));
long measure_update(u64 *, long, long) __attribute__((alias("update")));
long measure_update_plain(u64 *, long, long) __attribute__((alias("update_plain")));
