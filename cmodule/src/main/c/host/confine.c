/*
 * What threads that run module code may ask of the computer they really run on: memory, waiting for
 * their turn, and to end. Anything else ends the process, as an oops at the instruction.
 */
#include "lane.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define HERE AUDIT_ARCH_X86_64
/* The calls of x32 have this bit. */
#define NUMBER_MAX 0x3fffffff
#elif defined(__aarch64__)
#define HERE AUDIT_ARCH_AARCH64
#define NUMBER_MAX 0x7fffffff
#endif

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define ANSWER(value) BPF_STMT(BPF_RET | BPF_K, value)
#define ALLOW(call)                                                                                \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), ANSWER(SECCOMP_RET_ALLOW)

const char *confine_thread(void)
{
	static struct sock_filter filter[] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, HERE, 1, 0),
		ANSWER(SECCOMP_RET_KILL_PROCESS),
		LOAD(nr),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, NUMBER_MAX, 0, 1),
		ANSWER(SECCOMP_RET_KILL_PROCESS),
		ALLOW(futex),
		/* The pages of the machine, and the library's own memory. */
		ALLOW(mmap),
		ALLOW(munmap),
		ALLOW(mprotect),
		ALLOW(mremap),
		ALLOW(madvise),
		ALLOW(brk),
		ALLOW(getrandom),
		/* The end: of the thread, of the process, by a signal to itself. */
		ALLOW(exit),
		ALLOW(exit_group),
		ALLOW(getpid),
		ALLOW(gettid),
		ALLOW(tgkill),
		ALLOW(rt_sigaction),
		ALLOW(rt_sigprocmask),
		ALLOW(rt_sigreturn),
		ALLOW(sigaltstack),
		ALLOW(sched_yield),
		ALLOW(clock_gettime),
		ANSWER(SECCOMP_RET_TRAP),
	};
	const struct sock_fprog program = {.len = sizeof filter / sizeof *filter, .filter = filter};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
	    || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
		return strerror(errno);
	return NULL;
}
