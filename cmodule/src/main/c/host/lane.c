/* Turns, messages and waiting. See lane.h, and docs/adr for what was measured. */
#define _GNU_SOURCE
#include "lane.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

unsigned char *lane;

/* Waits that ended while spinning keep spinning; waits that did not, in a row, rest from it. */
static unsigned int misses;
static unsigned int rest;

static inline void relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

static int spin(unsigned int *turn)
{
	if (rest > 0) {
		rest--;
		return 0;
	}
	for (unsigned int i = 0; i < LANE_U32(LANE_SPIN_COUNT); i++) {
		if (__atomic_load_n(turn, __ATOMIC_ACQUIRE) & TURN_HOST) {
			misses = 0;
			return 1;
		}
		relax();
	}
	if (++misses >= SPIN_MISSES_MAX) {
		unsigned int doublings = misses - SPIN_MISSES_MAX;
		rest = 1u << (doublings < SPIN_REST_LG2_MAX ? doublings : SPIN_REST_LG2_MAX);
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
	memory_apply_changes();
}

void lane_leave(unsigned int kind)
{
	LANE_U32(LANE_KIND) = kind;
	give_turn();
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

typedef long (*function)(long, long, long, long);

/*
 * Gives the turn and carries out wishes until the answer to our call comes. Calls nest like a
 * stack: a function that runs here may call in turn.
 */
static int converse(void)
{
	for (;;) {
		give_turn();
		await_turn();
		switch (LANE_U32(LANE_KIND)) {
		case KIND_RUN: {
			function run = (function)LANE_U64(LANE_RESULT);
			unsigned long args[4];

			memcpy(args, lane + LANE_ARGS, sizeof args);
			answer(run(args[0], args[1], args[2], args[3]));
			break;
		}
		case KIND_LOAD: {
			char path[LANE_TEXT_SIZE];

			snprintf(path, sizeof path, "%s", lane_text());
			answer_text(module_load(path));
			break;
		}
		case KIND_FUNCTION:
			answer((long)module_function(lane_text()));
			break;
		case KIND_APPLY: /* the changes that came with it are applied already */
			answer(0);
			break;
		case KIND_QUIT:
			return 0;
		default:
			return 1;
		}
	}
}

long lane_call(unsigned int service, long a, long b, long c, long d, long e, long f)
{
	const long args[] = {a, b, c, d, e, f};

	memcpy(lane + LANE_ARGS, args, sizeof args);
	LANE_U32(LANE_SERVICE) = service;
	LANE_U32(LANE_KIND) = KIND_CALL;
	if (!converse())
		_exit(0);
	return (long)LANE_U64(LANE_RESULT);
}

char *lane_text(void)
{
	return (char *)lane + LANE_TEXT;
}

void lane_serve(void)
{
	LANE_U32(LANE_KIND) = KIND_READY;
	converse();
}
