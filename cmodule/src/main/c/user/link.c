/*
 * The way to the simulator: one connection per thread, one call at a time on each. While a call is
 * under way its thread serves the simulator's wishes to copy from and to its own memory.
 */
#include "user.h"
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#define BUFFER_SIZE WIRE_MESSAGE_MAX
#define OWN_MAX 65536

struct link {
	int fd;
	int signals; /* readable when a signal waits that is to end a call */
	char *buffer;
	sigset_t watched;
};

static _Thread_local struct link link_of_thread = { -1, -1, NULL, { { 0 } } };
static _Thread_local int reason_of_thread = REASON_THREAD;
static unsigned char owned[OWN_MAX / 8];
static char address[80];
static pthread_key_t at_thread_end;

bool is_on(void)
{
	return address[0];
}

const char *address_name(void)
{
	return address;
}

/* Descriptors of the library itself: a program must not close them. */
bool is_own(int fd)
{
	return fd >= 0 && fd < OWN_MAX &&
	       (__atomic_load_n(&owned[fd / 8], __ATOMIC_RELAXED) >> (fd % 8) & 1);
}

/* Moves a descriptor out of the program's way. */
int own(int fd)
{
	struct rlimit limit = { 1024, 1024 };
	int base, moved;

	if (fd < 0)
		return fd;
	getrlimit(RLIMIT_NOFILE, &limit);
	base = limit.rlim_cur > 8192 ? 6144 : (int)limit.rlim_cur / 4 * 3;
	moved = syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, base);
	if (moved >= 0) {
		syscall(SYS_close, fd);
		fd = moved;
	}
	if (fd < OWN_MAX)
		__atomic_fetch_or(&owned[fd / 8], 1 << fd % 8, __ATOMIC_RELAXED);
	return fd;
}

void disown_fd(int fd)
{
	if (fd < 0)
		return;
	if (fd < OWN_MAX)
		__atomic_fetch_and(&owned[fd / 8], ~(1 << fd % 8), __ATOMIC_RELAXED);
	syscall(SYS_close, fd);
}

static void drop(struct link *link)
{
	disown_fd(link->fd);
	disown_fd(link->signals);
	if (link->buffer)
		munmap(link->buffer, BUFFER_SIZE);
	link->fd = link->signals = -1;
	link->buffer = NULL;
}

static void thread_ends(void *link)
{
	drop(link);
}

/* In a child: the connections are the parent's. */
void lose_links(void)
{
	for (int fd = 0; fd < OWN_MAX; fd++) {
		if (is_own(fd))
			disown_fd(fd);
	}
	if (link_of_thread.buffer)
		munmap(link_of_thread.buffer, BUFFER_SIZE);
	link_of_thread.fd = link_of_thread.signals = -1;
	link_of_thread.buffer = NULL;
}

/* Without the simulator, or after the kernel failed, there is nothing to go on with. */
static void die(void)
{
	syscall(SYS_kill, getpid(), SIGKILL);
	for (;;)
		pause();
}

static void reach(struct link *link)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t length = strlen(address);
	int fd = syscall(SYS_socket, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	memcpy(to.sun_path + 1, address, length);
	length += offsetof(struct sockaddr_un, sun_path) + 1;
	if (fd < 0 || syscall(SYS_connect, fd, &to, (socklen_t)length))
		die();
	link->fd = own(fd);
	sigemptyset(&link->watched);
	link->signals = own(signalfd(-1, &link->watched, SFD_CLOEXEC | SFD_NONBLOCK));
	link->buffer =
		mmap(NULL, BUFFER_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (link->signals < 0 || link->buffer == MAP_FAILED)
		die();
	pthread_setspecific(at_thread_end, link);
}

/* ---- signals ------------------------------------------------------------------------------- */

static bool does_nothing(int signal, const struct sigaction *action)
{
	if (action->sa_handler == SIG_IGN)
		return true;
	return action->sa_handler == SIG_DFL &&
	       (signal == SIGCHLD || signal == SIGCONT || signal == SIGURG || signal == SIGWINCH);
}

static bool stops(int signal, const struct sigaction *action)
{
	return action->sa_handler == SIG_DFL &&
	       (signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU);
}

/* Looks for signals that the program does not block, except for those that do nothing. */
static void watch_signals(struct link *link, const sigset_t *blocked, const sigset_t *harmless)
{
	sigset_t wanted;

	sigfillset(&wanted);
	for (int signal = 1; signal < NSIG; signal++) {
		if (sigismember(blocked, signal) == 1 || sigismember(harmless, signal) == 1)
			sigdelset(&wanted, signal);
	}
	if (memcmp(&wanted, &link->watched, sizeof(wanted))) {
		link->watched = wanted;
		signalfd(link->signals, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
	}
}

/*
 * What waits: whether it kills, and whether the call it interrupts is to be begun anew. False when
 * all of it does nothing; it is not watched then any more during this call.
 */
static bool judge_signals(struct link *link, const sigset_t *blocked, bool *kills, bool *restarts)
{
	sigset_t pending, harmless;
	bool matters = false;

	*kills = false;
	*restarts = true;
	sigpending(&pending);
	sigemptyset(&harmless);
	for (int signal = 1; signal < NSIG; signal++) {
		struct sigaction action;

		if (sigismember(&pending, signal) != 1 || sigismember(blocked, signal) == 1 ||
		    sigaction(signal, NULL, &action))
			continue;
		if (does_nothing(signal, &action)) {
			sigaddset(&harmless, signal);
			continue;
		}
		matters = true;
		if (action.sa_handler == SIG_DFL && !stops(signal, &action))
			*kills = true;
		if (action.sa_handler != SIG_DFL && !(action.sa_flags & SA_RESTART))
			*restarts = false;
	}
	watch_signals(link, blocked, &harmless);
	return matters;
}

/* ---- memory that may not be there ---------------------------------------------------------- */

static size_t through_pipe(void *to, const void *from, size_t length)
{
	size_t done = 0;
	int ends[2];

	if (syscall(SYS_pipe2, ends, O_CLOEXEC))
		return 0;
	while (done < length) {
		size_t piece = length - done < 4096 ? length - done : 4096;
		ssize_t got = syscall(SYS_write, ends[1], (const char *)from + done, piece);

		if (got > 0)
			got = syscall(SYS_read, ends[0], (char *)to + done, got);
		if (got <= 0)
			break;
		done += got;
	}
	syscall(SYS_close, ends[0]);
	syscall(SYS_close, ends[1]);
	return done;
}

static size_t copy(long call, void *to, const void *from, size_t length)
{
	struct iovec local = { call == SYS_process_vm_readv ? to : (void *)from, length };
	struct iovec remote = { call == SYS_process_vm_readv ? (void *)from : to, length };
	size_t done = 0;

	while (done < length) {
		ssize_t got;

		/* Page by page at the end: a transfer stops at whole elements only. */
		local.iov_len = remote.iov_len = length - done;
		got = syscall(call, getpid(), &local, 1, &remote, 1, 0);
		if (got < 0 && (errno == EPERM || errno == ENOSYS))
			return done + through_pipe((char *)to + done, (const char *)from + done,
						   length - done);
		if (got <= 0) {
			size_t page = 4096 - ((uintptr_t)remote.iov_base & 4095);

			if (page >= length - done)
				break;
			local.iov_len = remote.iov_len = page;
			got = syscall(call, getpid(), &local, 1, &remote, 1, 0);
			if (got <= 0)
				break;
		}
		done += got;
		local.iov_base = (char *)local.iov_base + got;
		remote.iov_base = (char *)remote.iov_base + got;
	}
	return done;
}

/* Copies from the program's memory as far as it is there. */
size_t copy_in(void *to, const void *from, size_t length)
{
	return copy(SYS_process_vm_readv, to, from, length);
}

/* Copies to the program's memory as far as it may be written. */
size_t copy_out(void *to, const void *from, size_t length)
{
	return copy(SYS_process_vm_writev, to, from, length);
}

/* ---- calls --------------------------------------------------------------------------------- */

void begin(struct call *call, int operation)
{
	memset(call, 0, sizeof(*call));
	call->out.kind = operation;
	call->fd = -1;
}

static void send_message(struct link *link, const struct wire_message *head, const void *data,
			 size_t length)
{
	struct iovec parts[2] = { { (void *)head, sizeof(*head) }, { (void *)data, length } };
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = length ? 2 : 1 };

	while (syscall(SYS_sendmsg, link->fd, &message, MSG_NOSIGNAL) < 0) {
		if (errno != EINTR)
			die();
	}
}

static size_t receive(struct link *link, int *fd)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec part = { link->buffer, BUFFER_SIZE };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header;
	ssize_t length;

	do {
		length = syscall(SYS_recvmsg, link->fd, &message, MSG_CMSG_CLOEXEC);
	} while (length < 0 && errno == EINTR);
	if (length < (ssize_t)sizeof(struct wire_message))
		die();
	header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(header), sizeof(int));
	return length - sizeof(struct wire_message);
}

/* A page of the simulated machine takes the place of the program's own. */
static int64_t map_page(int fd, void *at, size_t length, off64_t offset)
{
	int protection = PROT_READ | PROT_WRITE;
	long result = syscall(SYS_mmap, at, length, protection, MAP_SHARED | MAP_FIXED, fd, offset);

	syscall(SYS_close, fd);
	return result == (intptr_t)at ? (int64_t)length : 0;
}

/* Serves a wish of the simulator; false when the message is the answer to the call. */
static bool serve(struct link *link, size_t length, int fd)
{
	struct wire_message wish, done = { .kind = OP_COPIED };
	char *data = link->buffer + sizeof(wish);

	memcpy(&wish, link->buffer, sizeof(wish));
	switch (wish.kind) {
	case WISH_COPY_IN: {
		size_t got = copy_in(data, (void *)wish.v[0], wish.v[1]);

		done.v[0] = got;
		send_message(link, &done, data, got);
		return true;
	}
	case WISH_COPY_OUT:
		done.v[0] = copy_out((void *)wish.v[0], data, length);
		send_message(link, &done, NULL, 0);
		return true;
	case WISH_SHARE:
		done.v[0] = map_page(fd, (void *)wish.v[0], wish.v[1], wish.v[2]);
		send_message(link, &done, NULL, 0);
		return true;
	case WISH_DIE:
		die();
		return true;
	default:
		return false;
	}
}

/* Waits for a message, and meanwhile for what ends the call. */
static void wait_for(struct link *link, struct call *call, bool *interrupted)
{
	struct pollfd all[2 + WIRE_POLL_MAX];
	int count = 2;

	all[0] = (struct pollfd){ link->fd, POLLIN, 0 };
	all[1] = (struct pollfd){ link->signals, POLLIN, 0 };
	for (int i = 0; i < call->watched_count && count < 2 + WIRE_POLL_MAX; i++)
		all[count++] = call->watched[i];
	while (!*interrupted) {
		bool cut = syscall(SYS_ppoll, all, (long)count, NULL, NULL, 8L) < 0;

		if (all[0].revents && !cut)
			return;
		for (int i = 2; i < count; i++)
			cut |= all[i].revents != 0;
		if (cut || all[1].revents) {
			struct wire_message stop = { .kind = OP_INTERRUPT };
			bool kills, restarts;

			if (!judge_signals(link, call->mask, &kills, &restarts) && !cut)
				continue;
			stop.v[0] = kills;
			send_message(link, &stop, NULL, 0);
			*interrupted = true;
		}
	}
}

static long once(struct link *link, struct call *call, bool *again)
{
	bool interrupted = false;
	bool kills, restarts;

	send_message(link, &call->out, call->data, call->length);
	for (;;) {
		size_t length;
		int fd = -1;

		wait_for(link, call, &interrupted);
		length = receive(link, &fd);
		if (serve(link, length, fd))
			continue;
		call->fd = fd;
		memcpy(&call->in, link->buffer, sizeof(call->in));
		call->answer_length = length < call->answer_size ? length : call->answer_size;
		if (call->answer_length)
			memcpy(call->answer, link->buffer + sizeof(call->in), call->answer_length);
		break;
	}
	*again = false;
	if (call->in.v[0] != -WIRE_RESTART)
		return call->in.v[0];
	judge_signals(link, call->mask, &kills, &restarts);
	*again = restarts;
	return -EINTR;
}

static void hello(struct link *link, int reason)
{
	struct call call;
	char name[64] = "";
	sigset_t all;
	bool again;
	int fd = syscall(SYS_openat, AT_FDCWD, "/proc/self/comm", O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		ssize_t length = syscall(SYS_read, fd, name, sizeof(name) - 1);

		if (length > 0 && name[length - 1] == '\n')
			name[length - 1] = 0;
		syscall(SYS_close, fd);
	}
	sigfillset(&all);
	begin(&call, OP_HELLO);
	call.mask = &all;
	call.out.v[0] = getpid();
	call.out.v[1] = syscall(SYS_gettid);
	call.out.v[2] = getppid();
	call.out.v[3] = reason;
	call.data = name;
	call.length = strlen(name) + 1;
	once(link, &call, &again);
	if (call.fd >= 0)
		share_clock(call.fd);
}

long finish_raw(struct call *call)
{
	struct link *link = &link_of_thread;
	int saved = errno;
	const sigset_t *mask = call->mask;
	sigset_t all, before, none;
	bool again;
	long result;

	sigfillset(&all);
	sigemptyset(&none);
	do {
		pthread_sigmask(SIG_BLOCK, &all, &before);
		if (link->fd < 0) {
			reach(link);
			hello(link, reason_of_thread);
			reason_of_thread = REASON_THREAD;
		}
		call->mask = mask ? mask : &before;
		watch_signals(link, call->mask, &none);
		call->out.v[WIRE_PASSED] = take_time_passed();
		result = once(link, call, &again);
		/* Handlers of signals that came meanwhile run here. */
		if (mask)
			pthread_sigmask(SIG_SETMASK, mask, NULL);
		pthread_sigmask(SIG_SETMASK, &before, NULL);
	} while (again && call->restarts);
	errno = saved;
	return result;
}

long finish(struct call *call)
{
	long result = finish_raw(call);

	if (result < 0) {
		errno = -result;
		return -1;
	}
	return result;
}

/* The main thread speaks first: its connection stands for the process. */
static void announce(void)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	reach(&link_of_thread);
	hello(&link_of_thread, REASON_EXEC);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void in_child(void)
{
	if (!is_on())
		return;
	lose_links();
	forget_mappings();
	reason_of_thread = REASON_FORK;
}

__attribute__((constructor)) static void library_starts(void)
{
	const char *where = getenv(WIRE_ADDRESS_VARIABLE);

	if (!where || strlen(where) >= sizeof(address))
		return;
	strcpy(address, where);
	pthread_key_create(&at_thread_end, thread_ends);
	pthread_atfork(NULL, NULL, in_child);
	adopt_standard_streams();
	announce();
}
