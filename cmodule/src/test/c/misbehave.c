/* One function for each way in which C code can end its process. */
#include <linux/completion.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>

struct thing {
	long first;
	long second;
};

static noinline void store_second(struct thing *thing)
{
	WRITE_ONCE(thing->second, 1);
}

static long store_through_null(void)
{
	store_second(NULL);
	return 0;
}

static void (*nowhere)(void);

static long call_null(void)
{
	nowhere();
	return 0;
}

static noinline long deeper(volatile long *above)
{
	volatile long here[64];

	here[0] = above != NULL ? *above : 0;
	return deeper(here) + here[1];
}

static long overflow_the_stack(void)
{
	return deeper(NULL);
}

static long exit_at_once(void)
{
	/* exit_group(7): a module has no exit() to link to. */
#if defined(__x86_64__)
	__asm__ volatile("syscall" ::"a"(231L), "D"(7L) : "rcx", "r11", "memory");
#else
	register long number __asm__("x8") = 94;
	register long status __asm__("x0") = 7;

	__asm__ volatile("svc 0" ::"r"(number), "r"(status));
#endif
	return 0;
}

static noinline void spin_for_ever(void)
{
	for (;;)
		barrier();
}

static long loop_for_ever(void)
{
	spin_for_ever();
	return 0;
}

static long divide(long by)
{
	return 100 / by;
}

static long trap(void)
{
	__builtin_trap();
}

static struct completion completion;

static long call_and_crash(void)
{
	complete(&completion);
	*(volatile int *)16 = 1;
	return 0;
}

static long load(const u64 *from)
{
	return (long)*from;
}

static long store(u64 *to, u64 value)
{
	*to = value;
	return 0;
}

static long add(u64 *to, u64 value)
{
	*to += value;
	return 0;
}

static long copy(void *to, const void *from, long bytes)
{
	memcpy(to, from, bytes);
	return 0;
}

static long fill(void *to, long value, long bytes)
{
	memset(to, (int)value, bytes);
	return 0;
}

struct block {
	u64 words[40];
};

static long assign(struct block *to, const struct block *from)
{
	*to = *from;
	return 0;
}

static long print(long value, dma_addr_t address)
{
	pr_err("%s %5ld|%-4d|%04x|%*d|%.3s|%pad|%p%%\n", "text", value, 7, 0xab, 4, 5, "abcdef",
	       &address, (void *)address);
	printk("no level");
	return 0;
}

long do_store_through_null(void) __attribute__((alias("store_through_null")));
long do_call_null(void) __attribute__((alias("call_null")));
long do_overflow_the_stack(void) __attribute__((alias("overflow_the_stack")));
long do_exit_group(void) __attribute__((alias("exit_at_once")));
long do_loop(void) __attribute__((alias("loop_for_ever")));
long do_divide(long) __attribute__((alias("divide")));
long do_trap(void) __attribute__((alias("trap")));
long do_call_and_crash(void) __attribute__((alias("call_and_crash")));
long do_load(const u64 *) __attribute__((alias("load")));
long do_store(u64 *, u64) __attribute__((alias("store")));
long do_add(u64 *, u64) __attribute__((alias("add")));
long do_copy(void *, const void *, long) __attribute__((alias("copy")));
long do_fill(void *, long, long) __attribute__((alias("fill")));
long do_assign(struct block *, const struct block *) __attribute__((alias("assign")));
long do_print(long, dma_addr_t) __attribute__((alias("print")));
