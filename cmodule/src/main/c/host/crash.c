/*
 * The last words of the process: where it was when it crashed, or when the simulator lost patience
 * with it. Only numbers are written here; the simulator finds names and lines for them.
 */
#define _GNU_SOURCE
#include "lane.h"

#include <execinfo.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define ALTERNATE_STACK_SIZE (256 * 1024)

static void place(const ucontext_t *context, uint64_t *pc, uint64_t *sp, uint32_t *access)
{
#if defined(__x86_64__)
	uint64_t error = (uint64_t)context->uc_mcontext.gregs[REG_ERR];

	*pc = (uint64_t)context->uc_mcontext.gregs[REG_RIP];
	*sp = (uint64_t)context->uc_mcontext.gregs[REG_RSP];
	*access = error & 16 ? ACCESS_EXECUTE : error & 2 ? ACCESS_STORE : ACCESS_LOAD;
#elif defined(__aarch64__)
	*pc = context->uc_mcontext.pc;
	*sp = context->uc_mcontext.sp;
	*access = ACCESS_UNKNOWN;
#else
#error "only x86-64 and aarch64 hosts are known"
#endif
}

static void add_frame(uint64_t address, uint32_t *count)
{
	uint64_t site = module_site(address);

	if (site != 0 && *count < FRAME_COUNT_MAX)
		LANE_U64(LANE_FRAMES + 8 * (*count)++) = site;
}

static void __attribute__((noreturn)) leave(int number)
{
	lane_leave(KIND_CRASHED);
	_exit(128 + number);
}

/* Adds who called whom, without frames up to one that is known already. */
static void add_callers(uint64_t known, int skips_known, uint32_t *count)
{
	void *frames[FRAME_COUNT_MAX * 2];
	int depth = backtrace(frames, FRAME_COUNT_MAX * 2);
	int skipped = !skips_known;

	for (int i = 0; i < depth; i++) {
		uint64_t address = (uint64_t)frames[i];

		/* Return addresses point behind the call. */
		if (!skipped && address == known)
			skipped = 1;
		else if (address != known)
			add_frame(address - 1, count);
	}
}

static void on_signal(int number, siginfo_t *info, void *context)
{
	uint64_t pc, sp;
	uint32_t access, count = 0;

	/* A crash in here ends the process; the simulator notices that too. */
	signal(SIGSEGV, SIG_DFL);
	signal(SIGBUS, SIG_DFL);
	place(context, &pc, &sp, &access);
	LANE_U32(LANE_SIGNAL) = (uint32_t)number;
	LANE_U64(LANE_SP) = sp;
	LANE_U64(LANE_PC) = pc;
	LANE_U64(LANE_FAULT) = (uint64_t)info->si_addr;
	LANE_U32(LANE_ACCESS) = access;
	if (pc < 4096 && number == SIGSEGV) {
		/* A call through a null pointer: its return address is on the stack. */
		add_frame(*(const uint64_t *)sp - 1, &count);
		LANE_U32(LANE_FRAME_COUNT) = count;
		add_callers(*(const uint64_t *)sp, 1, &count);
	} else {
		/* A system call has gone past its instruction. */
		add_frame(number == SIGSYS ? pc - 1 : pc, &count);
		LANE_U32(LANE_FRAME_COUNT) = count;
		add_callers(pc, 0, &count);
	}
	LANE_U32(LANE_FRAME_COUNT) = count;
	leave(number);
}

void crash_at(unsigned long pc, unsigned long va, int write)
{
	uint32_t count = 0;

	LANE_U32(LANE_SIGNAL) = SIGSEGV;
	LANE_U32(LANE_ACCESS) = write ? ACCESS_STORE : ACCESS_LOAD;
	LANE_U64(LANE_FAULT) = va;
	LANE_U64(LANE_PC) = pc;
	LANE_U64(LANE_SP) = 0;
	add_callers(0, 0, &count);
	LANE_U32(LANE_FRAME_COUNT) = count;
	leave(SIGSEGV);
}

const char *crash_watch(void)
{
	static const int caught[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP,
				     SIGSYS,  SIGUSR2};
	struct sigaction action = {.sa_sigaction = on_signal,
				   .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND};
	stack_t stack = {.ss_size = ALTERNATE_STACK_SIZE};
	void *first[1];

	backtrace(first, 1); /* the first use loads a library: not in a signal handler */
	stack.ss_sp = mmap(NULL, stack.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0);
	if (stack.ss_sp == MAP_FAILED || sigaltstack(&stack, NULL) != 0)
		return "cannot have a stack for crashes";
	sigfillset(&action.sa_mask);
	for (unsigned int i = 0; i < sizeof caught / sizeof *caught; i++)
		sigaction(caught[i], &action, NULL);
	return NULL;
}
