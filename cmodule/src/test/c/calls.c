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

static long set(u64 *numbers, long count, long rounds)
{
	for (long round = 0; round < rounds; round++)
		for (long i = 0; i < count; i++)
			numbers[i] = (u64)i;
	return 0;
}

long (*const measure_calls)(long) = call_many;
long (*const measure_compute)(long, long) = compute_and_call;
long (*const measure_nothing)(void) = nothing;
long (*const measure_sum)(const u64 *, long, long) = sum;
long (*const measure_set)(u64 *, long, long) = set;
