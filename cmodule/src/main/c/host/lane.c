/* Turns, messages and waiting. See lane.h, and docs/adr for what was measured. */
#define _GNU_SOURCE
#include "lane.h"

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A thread's memory of how its waits went: those in a row that had to sleep rest from spinning. */
struct patience {
	unsigned int misses;
	unsigned int rest;
};

__thread unsigned char *lane;
__thread unsigned long lane_stack_start;
__thread unsigned long lane_stack_end;
static __thread struct patience patience;
unsigned char *control_lane;

/* The thread that runs module code, or did last. */
static pthread_t active;

/* All services that this library calls, by name. */
extern const char *const __start_dmakit_services[];
extern const char *const __stop_dmakit_services[];

static inline void relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

static int spin(const unsigned int *turn)
{
	if (patience.rest > 0) {
		patience.rest--;
		return 0;
	}
	for (unsigned int i = 0; i < CONTROL_U32(LANE_SPIN_COUNT); i++) {
		if (__atomic_load_n(turn, __ATOMIC_ACQUIRE) & TURN_HOST) {
			patience.misses = 0;
			return 1;
		}
		relax();
	}
	if (++patience.misses >= SPIN_MISSES_MAX) {
		unsigned int doublings = patience.misses - SPIN_MISSES_MAX;

		patience.rest = 1u << (doublings < SPIN_REST_LG2_MAX ? doublings : SPIN_REST_LG2_MAX);
	}
	return 0;
}

static void give_turn(void)
{
	unsigned int *turn = &LANE_U32(LANE_TURN);

	memory_report_work();
	if (__atomic_exchange_n(turn, TURN_SIMULATOR, __ATOMIC_SEQ_CST) & TURN_SLEEPER)
		syscall(SYS_futex, turn, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void await_turn(void)
{
	unsigned int *turn = &LANE_U32(LANE_TURN);

	if (!spin(turn)) {
		for (;;) {
			unsigned int seen = TURN_SIMULATOR;

			/* Either the turn came, or the other side now knows that somebody sleeps. */
			if (!__atomic_compare_exchange_n(turn, &seen, TURN_SIMULATOR | TURN_SLEEPER, 0,
							 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)
			    && seen & TURN_HOST)
				break;
			syscall(SYS_futex, turn, FUTEX_WAIT, TURN_SIMULATOR | TURN_SLEEPER, NULL,
				NULL, 0);
		}
	}
	active = pthread_self();
	memory_apply_changes();
	memory_take_budget();
}

void lane_leave(unsigned int kind)
{
	LANE_U32(LANE_KIND) = kind;
	give_turn();
}

void lane_stop_active(void)
{
	pthread_kill(active, SIGUSR2);
}

static void answer(long result)
{
	LANE_U64(LANE_RESULT) = result;
	LANE_U32(LANE_KIND) = KIND_RETURN;
}

static void answer_text(const char *text)
{
	answer(text != NULL);
	snprintf(lane_text(), LANE_TEXT_SIZE, "%s", text ? text : "");
}

char *lane_text(void)
{
	return (char *)lane + LANE_TEXT;
}

/* The names of all services, behind each other; answers how many. */
static long name_services(void)
{
	char *into = (char *)lane + LANE_DATA;
	long count = __stop_dmakit_services - __start_dmakit_services;

	for (long i = 0; i < count; i++) {
		size_t bytes = strlen(__start_dmakit_services[i]) + 1;

		if (into + bytes > (char *)lane + LANE_DATA + LANE_DATA_SIZE)
			return -1;
		memcpy(into, __start_dmakit_services[i], bytes);
		into += bytes;
	}
	return count;
}

/* A lane for tasks. */

static int converse(void);

static void *serve_task(void *memory)
{
	sigset_t asked;

	lane = memory;
	/* The simulator's wish to end us goes to the control lane, which knows who is active. */
	sigemptyset(&asked);
	sigaddset(&asked, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &asked, NULL);
	lane_stack_end = (unsigned long)__builtin_frame_address(0);
	lane_stack_start = lane_stack_end - LANE_STACK_SIZE;
	if (crash_watch() != NULL)
		_exit(1);
	/* Where the system has no such filter modules run without. */
	if (!CONTROL_U32(LANE_ALLOW_HOST))
		confine_thread();
	converse();
	return NULL;
}

static const char *new_lane(unsigned int descriptor)
{
	int fd = open_segment(descriptor);
	pthread_attr_t attributes;
	pthread_t thread;
	void *memory;
	int refused;

	if (fd < 0)
		return strerror(errno);
	memory = mmap(NULL, LANE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (memory == MAP_FAILED)
		return strerror(errno);
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	/* What the library needs of a stack comes on top. */
	pthread_attr_setstacksize(&attributes, LANE_STACK_SIZE + LANE_STACK_EXTRA);
	pthread_attr_setguardsize(&attributes, LANE_STACK_GUARD);
	refused = pthread_create(&thread, &attributes, serve_task, memory);
	pthread_attr_destroy(&attributes);
	return refused ? strerror(refused) : NULL;
}

typedef long (*function)(long, long, long, long, long, long, long, long);

static void run(void)
{
	function called = (function)LANE_U64(LANE_RESULT);
	long args[LANE_ARG_COUNT];

	long result;

	memcpy(args, lane + LANE_ARGS, sizeof args);
	result = called(args[0], args[1], args[2], args[3], args[4], args[5], args[6], args[7]);
	memory_flush();
	answer(result);
}

/*
 * Waits for the turn and carries out wishes until the answer to our call comes. Calls nest like a
 * stack: a function that runs here may call in turn.
 */
static int converse(void)
{
	for (;; give_turn()) {
		char name[LANE_TEXT_SIZE];

		await_turn();
		switch (LANE_U32(LANE_KIND)) {
		case KIND_RUN:
			run();
			break;
		case KIND_LOAD:
			snprintf(name, sizeof name, "%s", lane_text());
			answer_text(module_load((unsigned int)LANE_U64(LANE_ARGS), name));
			break;
		case KIND_UNLOAD:
			module_unload((unsigned int)LANE_U64(LANE_ARGS));
			answer(0);
			break;
		case KIND_SYMBOL:
			answer((long)module_symbol((unsigned int)LANE_U64(LANE_ARGS), lane_text()));
			break;
		case KIND_NEW_LANE:
			answer_text(new_lane((unsigned int)LANE_U64(LANE_ARGS)));
			break;
		case KIND_SERVICES:
			answer(name_services());
			break;
		case KIND_APPLY: /* the changes that came with it are applied already */
			answer(0);
			break;
		case KIND_PEEK:
			answer(*(const long *)LANE_U64(LANE_RESULT));
			break;
		case KIND_STOP:
			raise(SIGUSR2);
			_exit(1);
		case KIND_QUIT:
			return 0;
		default:
			return 1;
		}
	}
}

/* Where a module called us, and how far its stack reached then. */
struct caller {
	unsigned long site;
	unsigned long stack_pointer;
};

/* The first return address of this stack that lies in a module. */
static struct caller find_caller(void)
{
	unsigned long *frame = __builtin_frame_address(0);

	while ((unsigned long)frame - lane_stack_start < lane_stack_end - lane_stack_start) {
		unsigned long site = module_site(frame[1] - 1);
		unsigned long *outer = (unsigned long *)frame[0];

		if (site != 0)
			return (struct caller){site, (unsigned long)(frame + 2)};
		if (outer <= frame)
			break;
		frame = outer;
	}
	return (struct caller){0, (unsigned long)__builtin_frame_address(0)};
}

static void pack(const struct parcel *parcel)
{
	char *into = lane_text();
	char *end = into + LANE_TEXT_SIZE;
	unsigned int count = 0;

	while (count < LANE_TEXT_COUNT_MAX && parcel->texts[count] != NULL && into < end) {
		size_t length = strnlen(parcel->texts[count], (size_t)(end - into) - 1);

		memcpy(into, parcel->texts[count], length);
		into[length] = '\0';
		into += length + 1;
		count++;
	}
	LANE_U32(LANE_TEXT_COUNT) = count;
	if (parcel->data_bytes > LANE_DATA_SIZE)
		abort();
	LANE_U32(LANE_DATA_BYTES) = (unsigned int)parcel->data_bytes;
	memcpy(lane + LANE_DATA, parcel->data, parcel->data_bytes);
}

static long call(struct caller caller, const char *const *slot, const long *args,
		 const struct parcel *parcel)
{
	memory_flush();
	memcpy(lane + LANE_ARGS, args, LANE_ARG_COUNT * sizeof *args);
	LANE_U32(LANE_TEXT_COUNT) = 0;
	LANE_U32(LANE_DATA_BYTES) = 0;
	if (parcel != NULL)
		pack(parcel);
	LANE_U64(LANE_SITE) = caller.site;
	LANE_U64(LANE_CALLER_SP) = caller.stack_pointer;
	LANE_U32(LANE_SERVICE) = (unsigned int)(slot - __start_dmakit_services);
	LANE_U32(LANE_KIND) = KIND_CALL;
	give_turn();
	if (!converse())
		_exit(0);
	if (parcel != NULL)
		memcpy(parcel->data, lane + LANE_DATA, parcel->data_bytes);
	return (long)LANE_U64(LANE_RESULT);
}

__attribute__((visibility("default"))) long
lane_call(const char *const *slot, const long args[LANE_ARG_COUNT], const struct parcel *parcel)
{
	return call(find_caller(), slot, args, parcel);
}

long lane_call_own(const char *const *slot, const long args[LANE_ARG_COUNT])
{
	struct caller caller = find_caller();

	caller.site = 0;
	return call(caller, slot, args, NULL);
}

long lane_call_at(unsigned long pc, const char *const *slot, const long args[LANE_ARG_COUNT],
		  const struct parcel *parcel)
{
	struct caller caller = find_caller();
	unsigned long site = module_site(pc - 1);

	if (site != 0)
		caller.site = site;
	return call(caller, slot, args, parcel);
}

void lane_tick(unsigned long pc)
{
	static const char *const tick __attribute__((section("dmakit_services"), used)) = "tick";
	static const long nothing[LANE_ARG_COUNT];
	long answers[LANE_ARG_COUNT];
	char text[LANE_TEXT_SIZE];

	/* We may stand between an answer and its use: what runs meanwhile must not change it. */
	memcpy(answers, lane + LANE_ARGS, sizeof answers);
	memcpy(text, lane_text(), sizeof text);
	lane_call_at(pc, &tick, nothing, NULL);
	memcpy(lane + LANE_ARGS, answers, sizeof answers);
	memcpy(lane_text(), text, sizeof text);
}

void lane_serve(void)
{
	lane = control_lane;
	LANE_U32(LANE_KIND) = KIND_READY;
	give_turn();
	converse();
}
