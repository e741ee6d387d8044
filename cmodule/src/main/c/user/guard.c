/*
 * The guard of one command: starts it, carries the messages of its threads to the simulator and
 * back, says when all of them sleep, and ends every process of it, also when the simulator dies.
 *
 * usage: dmakit-guard FOLDER SIMULATOR-PID NAME TIMEOUT-MS FLAGS LIBRARY PROGRAM ARGUMENT...
 *
 * FOLDER has two FIFOs: "down" brings frames from the simulator, "up" takes frames to it. NAME is
 * the abstract address programs connect to. FLAGS: "t" the command gets the terminal, "e" its
 * standard output goes where standard error goes.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "wire.h"

#define EVENT_COUNT_MAX 64
#define PEER_COUNT_MAX 65536
#define THREAD_COUNT_MAX 16384
#define STUCK_IN_DISK_MS 100
#define KILL_PATIENCE_MS 10000
#define NAP_US_MIN 100
#define MOMENT_NS 20000
#define NAP_US_MAX 2000

struct frame {
	uint32_t length; /* of what follows the frame */
	uint32_t kind;
	uint32_t peer;
	uint32_t extra;
};

/* What a descriptor of ours is. Its number is its index. */
enum role { NOBODY, SIMULATOR, DOOR, CHILDREN, THREAD, FILE_END };

struct peer {
	enum role role;
	uint32_t number; /* of the thread, or of the file */
};

struct seen {
	pid_t tid;
	char state;
	unsigned long long switches;
};

struct scan {
	struct seen *threads;
	size_t count;
};

/* The guard ends when its work is done, whoever else would have it end. */
static const int ignored[] = { SIGPIPE, SIGINT, SIGHUP, SIGTERM, SIGQUIT };

static const char *folder;
static const char *name;
static pid_t simulator;
static pid_t command;
static int down;
static int up;
static int events;
static struct peer peers[PEER_COUNT_MAX];
static int thread_fds[PEER_COUNT_MAX];
static uint32_t thread_count;
static bool ending;
static bool terminal;

static bool asked;
static uint32_t asked_serial;
static int asked_patience_ms;
static long long asked_at_ms;
static long nap_us;
static long long deadline_ms = -1;

static char inbox[sizeof(struct frame) + WIRE_MESSAGE_MAX];
static size_t inbox_length;
static char packet[WIRE_MESSAGE_MAX];

static void end_all(void) __attribute__((noreturn));

static void die(const char *what)
{
	fprintf(stderr, "dmakit: %s: %s\n", what, strerror(errno));
	end_all();
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void write_all(const void *from, size_t length)
{
	const char *at = from;

	while (length > 0) {
		ssize_t done = write(up, at, length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			end_all();
		at += done;
		length -= done;
	}
}

static void tell(uint32_t kind, uint32_t peer, uint32_t extra, const void *data, size_t length)
{
	static char out[sizeof(struct frame) + WIRE_MESSAGE_MAX];
	struct frame frame = { (uint32_t)length, kind, peer, extra };

	memcpy(out, &frame, sizeof(frame));
	if (length)
		memcpy(out + sizeof(frame), data, length);
	write_all(out, sizeof(frame) + length);
}

/* ---- who belongs to the command ------------------------------------------------------------ */

static size_t read_file(const char *path, char *into, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	if (fd < 0)
		return 0;
	length = read(fd, into, size - 1);
	close(fd);
	if (length < 0)
		length = 0;
	into[length] = 0;
	return length;
}

/* How often a thread was given a CPU: it ran between two looks if and only if this changed. */
static unsigned long long switches_of(const char *task)
{
	char path[128];
	char text[4096];
	unsigned long long run, wait, slices;
	const char *at;

	snprintf(path, sizeof(path), "%s/schedstat", task);
	if (read_file(path, text, sizeof(text)) &&
	    sscanf(text, "%llu %llu %llu", &run, &wait, &slices) == 3)
		return slices;
	snprintf(path, sizeof(path), "%s/status", task);
	read_file(path, text, sizeof(text));
	at = strstr(text, "voluntary_ctxt_switches:");
	return at ? strtoull(at + 24, NULL, 10) : 0;
}

static char state_of(const char *task)
{
	char path[128];
	char text[512];
	const char *at;

	snprintf(path, sizeof(path), "%s/stat", task);
	if (!read_file(path, text, sizeof(text)))
		return 'X';
	at = strrchr(text, ')');
	return at && at[1] ? at[2] : 'X';
}

static void look_at(pid_t pid, struct scan *scan, int depth);

static void look_at_children(const char *task, struct scan *scan, int depth)
{
	char path[128];
	char text[16384];
	char *at = text;

	snprintf(path, sizeof(path), "%s/children", task);
	read_file(path, text, sizeof(text));
	for (;;) {
		char *end;
		long child = strtol(at, &end, 10);

		if (end == at)
			break;
		look_at(child, scan, depth + 1);
		at = end;
	}
}

static void look_at(pid_t pid, struct scan *scan, int depth)
{
	char path[64];
	struct dirent *entry;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	if (!tasks)
		return;
	while ((entry = readdir(tasks)) && scan->count < THREAD_COUNT_MAX && depth < 64) {
		char task[96];
		struct seen *seen = &scan->threads[scan->count];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(task, sizeof(task), "%s/%.20s", path, entry->d_name);
		seen->tid = atoi(entry->d_name);
		seen->state = state_of(task);
		seen->switches = switches_of(task);
		scan->count++;
		look_at_children(task, scan, depth);
	}
	closedir(tasks);
}

/* All threads of the command, and of whatever it left behind: orphans become our children. */
static void look(struct scan *scan)
{
	char task[64];

	scan->count = 0;
	snprintf(task, sizeof(task), "/proc/%d/task/%d", (int)getpid(), (int)getpid());
	look_at_children(task, scan, 0);
}

static bool asleep(const struct scan *scan, bool disk_too)
{
	for (size_t i = 0; i < scan->count; i++) {
		switch (scan->threads[i].state) {
		case 'S':
		case 'T':
		case 't':
		case 'Z':
		case 'X':
		case 'x':
			break;
		case 'D':
			if (disk_too)
				break;
			return false;
		default:
			return false;
		}
	}
	return true;
}

static bool same(const struct scan *a, const struct scan *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct seen *one = &a->threads[i];
		const struct seen *other = &b->threads[i];

		if (one->tid != other->tid || one->state != other->state ||
		    one->switches != other->switches)
			return false;
	}
	return true;
}

/* A thread is woken by another that runs; so two equal looks at sleepers mean that all sleep. */
static bool all_sleep(void)
{
	static struct seen first_seen[THREAD_COUNT_MAX];
	static struct seen second_seen[THREAD_COUNT_MAX];
	struct scan first = { first_seen, 0 };
	struct scan second = { second_seen, 0 };
	const struct timespec moment = { 0, MOMENT_NS };
	bool disk_too = now_ms() - asked_at_ms > STUCK_IN_DISK_MS;

	look(&first);
	if (!asleep(&first, disk_too))
		return false;
	/* One that has ended may not have woken its parent yet. */
	nanosleep(&moment, NULL);
	look(&second);
	return asleep(&second, disk_too) && same(&first, &second);
}

/* ---- the end ------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	remove(path);
	return 0;
}

static void kill_all(void)
{
	static struct seen found[THREAD_COUNT_MAX];
	struct scan scan = { found, 0 };
	long long until = now_ms() + KILL_PATIENCE_MS;

	do {
		struct timespec nap = { 0, 1000000 };

		look(&scan);
		for (size_t i = 0; i < scan.count; i++) {
			if (scan.threads[i].state != 'Z')
				kill(scan.threads[i].tid, SIGKILL);
		}
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
			break;
		nanosleep(&nap, NULL);
	} while (now_ms() < until);
}

static void end_all(void)
{
	kill_all();
	if (terminal) {
		signal(SIGTTOU, SIG_IGN);
		tcsetpgrp(0, getpgid(simulator));
	}
	if (kill(simulator, 0) < 0 || getppid() != simulator)
		nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	_exit(0);
}

/* ---- beginning ----------------------------------------------------------------------------- */

static socklen_t address_of(struct sockaddr_un *address, const char *format, ...)
{
	va_list arguments;
	int length;

	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	va_start(arguments, format);
	length = vsnprintf(address->sun_path + 1, sizeof(address->sun_path) - 1, format, arguments);
	va_end(arguments);
	return offsetof(struct sockaddr_un, sun_path) + 1 + length;
}

static void watch(int fd, enum role role, uint32_t number)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP, .data.fd = fd };

	if (fd >= PEER_COUNT_MAX) {
		errno = EMFILE;
		die("too many descriptors");
	}
	peers[fd].role = role;
	peers[fd].number = number;
	if (epoll_ctl(events, EPOLL_CTL_ADD, fd, &event))
		die("epoll_ctl");
}

static void prepend(const char *variable, const char *value)
{
	const char *old = getenv(variable);
	char *all;

	if (!old || !*old) {
		setenv(variable, value, 1);
		return;
	}
	if (asprintf(&all, "%s:%s", value, old) < 0)
		_exit(126);
	setenv(variable, all, 1);
	free(all);
}

static void start(char **arguments, const char *library, const char *flags)
{
	pid_t guard = getpid();
	sigset_t none;
	char *bin;

	command = fork();
	if (command < 0)
		die("fork");
	if (command > 0) {
		if (terminal)
			setpgid(command, command);
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != guard)
		_exit(126);
	if (terminal) {
		setpgid(0, 0);
		signal(SIGTTOU, SIG_IGN);
		tcsetpgrp(0, getpid());
		signal(SIGTTOU, SIG_DFL);
	} else {
		setsid();
	}
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (strchr(flags, 'e'))
		dup2(2, 1);
	if (asprintf(&bin, "%s/bin", folder) < 0)
		_exit(126);
	prepend("PATH", bin);
	prepend("LD_PRELOAD", library);
	setenv(WIRE_ADDRESS_VARIABLE, name, 1);
	execvp(arguments[0], arguments);
	fprintf(stderr, "dmakit: cannot run %s: %s\n", arguments[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* ---- threads and files --------------------------------------------------------------------- */

static void admit(int door)
{
	struct ucred who;
	socklen_t size = sizeof(who);
	int fd = accept4(door, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) || who.uid != geteuid() ||
	    thread_count + 1 >= PEER_COUNT_MAX) {
		close(fd);
		return;
	}
	thread_fds[++thread_count] = fd;
	watch(fd, THREAD, thread_count);
}

static void forget(int fd)
{
	peers[fd].role = NOBODY;
	close(fd);
}

static void hear_thread(int fd)
{
	uint32_t number = peers[fd].number;
	ssize_t length = recv(fd, packet, sizeof(packet), MSG_DONTWAIT);

	if (length > 0) {
		tell(FRAME_REQUEST, number, 0, packet, length);
	} else if (length == 0 || (errno != EAGAIN && errno != EINTR)) {
		thread_fds[number] = -1;
		forget(fd);
		tell(FRAME_GONE, number, 0, NULL, 0);
	}
}

/* Programs write to a file through the library; what comes here went past it. */
static void hear_file(int fd)
{
	uint32_t number = peers[fd].number;
	ssize_t length = recv(fd, packet, sizeof(packet), MSG_DONTWAIT);

	if (length > 0) {
		tell(FRAME_BYPASS, 0, number, packet, length);
	} else if (length == 0 || (errno != EAGAIN && errno != EINTR)) {
		forget(fd);
		tell(FRAME_CLOSED, 0, number, NULL, 0);
	}
}

/* The file's number is the address of our end: whoever holds the other end can ask for it. */
static int make_file(uint32_t number)
{
	struct sockaddr_un address;
	socklen_t length = address_of(&address, "%s/%u", name, number);
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		die("socketpair");
	if (bind(ends[0], (struct sockaddr *)&address, length))
		die("bind");
	/* A read past the library finds the end of the file, rather than waiting for ever. */
	shutdown(ends[0], SHUT_WR);
	watch(ends[0], FILE_END, number);
	return ends[1];
}

static int open_segment(uint32_t number)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/fd/%u", (int)simulator, number);
	return open(path, O_RDWR | O_CLOEXEC);
}

static void reply(uint32_t peer, uint32_t attachment, char *data, size_t length)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec part = { data, length };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	int kind = attachment >> WIRE_ATTACHMENT_SHIFT;
	uint32_t number = attachment & ((1u << WIRE_ATTACHMENT_SHIFT) - 1);
	int fd = -1;

	if (kind == ATTACH_FILE)
		fd = make_file(number);
	else if (kind == ATTACH_SEGMENT)
		fd = open_segment(number);
	if (fd >= 0) {
		message.msg_control = control;
		message.msg_controllen = sizeof(control);
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &fd, sizeof(int));
	}
	if (peer > 0 && peer <= thread_count && thread_fds[peer] >= 0)
		sendmsg(thread_fds[peer], &message, MSG_NOSIGNAL);
	if (fd >= 0)
		close(fd);
}

static void obey(const struct frame *frame, char *data)
{
	switch (frame->kind) {
	case FRAME_REPLY:
		reply(frame->peer, frame->extra, data, frame->length);
		break;
	case FRAME_ASK_QUIET:
		asked = true;
		asked_serial = frame->extra;
		asked_patience_ms = (int)frame->peer;
		asked_at_ms = now_ms();
		nap_us = NAP_US_MIN;
		break;
	case FRAME_SIGNAL:
		kill((pid_t)frame->peer, (int)frame->extra);
		break;
	case FRAME_END:
		end_all();
	}
}

static void hear_simulator(void)
{
	ssize_t length = read(down, inbox + inbox_length, sizeof(inbox) - inbox_length);
	size_t at = 0;

	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (length <= 0)
		end_all();
	inbox_length += length;
	while (inbox_length - at >= sizeof(struct frame)) {
		struct frame frame;

		memcpy(&frame, inbox + at, sizeof(frame));
		if (frame.length > WIRE_MESSAGE_MAX)
			end_all();
		if (inbox_length - at < sizeof(frame) + frame.length)
			break;
		obey(&frame, inbox + at + sizeof(frame));
		at += sizeof(frame) + frame.length;
	}
	memmove(inbox, inbox + at, inbox_length - at);
	inbox_length -= at;
}

static void hear_children(int fd)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(fd, &info, sizeof(info)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == command) {
			ending = true;
			tell(FRAME_ENDED, 0, status, NULL, 0);
		}
	}
}

/*
 * In the order in which a process does it: it closes files, asks for something, loses its
 * connection, and is found to have ended.
 */
static bool hear(long nap)
{
	static const enum role order[] = { FILE_END, DOOR, THREAD, CHILDREN, SIMULATOR };
	struct epoll_event ready[EVENT_COUNT_MAX];
	struct pollfd first = { events, POLLIN, 0 };
	struct timespec limit = { nap / 1000000, nap % 1000000 * 1000 };
	int count;

	ppoll(&first, 1, nap < 0 ? NULL : &limit, NULL);
	count = epoll_wait(events, ready, EVENT_COUNT_MAX, 0);
	for (size_t turn = 0; turn < sizeof(order) / sizeof(order[0]); turn++) {
		for (int i = 0; i < count; i++) {
			int fd = ready[i].data.fd;

			if (peers[fd].role != order[turn])
				continue;
			switch (order[turn]) {
			case SIMULATOR:
				hear_simulator();
				break;
			case DOOR:
				admit(fd);
				break;
			case CHILDREN:
				hear_children(fd);
				break;
			case THREAD:
				hear_thread(fd);
				break;
			case FILE_END:
				hear_file(fd);
				break;
			case NOBODY:
				break;
			}
		}
	}
	return count > 0;
}

static void answer_quiet(uint32_t kind)
{
	asked = false;
	tell(kind, 0, asked_serial, NULL, 0);
}

static void work(void)
{
	for (;;) {
		long nap = -1;

		if (deadline_ms >= 0 && !ending) {
			long long left = deadline_ms - now_ms();

			if (left <= 0) {
				deadline_ms = -1;
				tell(FRAME_TIMEOUT, 0, 0, NULL, 0);
			} else {
				nap = left > 1000 ? 1000000 : left * 1000;
			}
		}
		if (asked && (nap < 0 || nap_us < nap))
			nap = nap_us;
		if (hear(nap)) {
			nap_us = NAP_US_MIN;
			if (!asked)
				continue;
		} else if (nap_us < NAP_US_MAX) {
			nap_us *= 2;
		}
		if (!asked)
			continue;
		/* With nothing to hear: what was sent before they slept is told already. */
		if (all_sleep()) {
			struct pollfd more = { events, POLLIN, 0 };

			if (poll(&more, 1, 0) == 0)
				answer_quiet(FRAME_QUIET);
		} else if (asked_patience_ms >= 0 &&
			   now_ms() - asked_at_ms >= asked_patience_ms) {
			answer_quiet(FRAME_BUSY);
		}
	}
}

static int open_fifo(const char *file, int flags)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		die(path);
	return fd;
}

int main(int argc, char **argv)
{
	struct sockaddr_un address;
	socklen_t length;
	sigset_t children;
	int door;

	if (argc < 8)
		return 2;
	folder = argv[1];
	simulator = atoi(argv[2]);
	name = argv[3];
	if (atoll(argv[4]) > 0)
		deadline_ms = now_ms() + atoll(argv[4]);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	terminal = strchr(argv[5], 't');
	if (terminal)
		setpgid(0, 0);
	else
		setsid();
	down = open_fifo("down", O_RDONLY);
	up = open_fifo("up", O_WRONLY);
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	fcntl(down, F_SETFL, O_NONBLOCK);
	events = epoll_create1(EPOLL_CLOEXEC);
	door = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	length = address_of(&address, "%s", name);
	if (events < 0 || door < 0 || bind(door, (struct sockaddr *)&address, length) ||
	    listen(door, 128))
		die("cannot listen");
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	watch(down, SIMULATOR, 0);
	watch(door, DOOR, 0);
	watch(signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK), CHILDREN, 0);
	start(argv + 7, argv[6], argv[5]);
	work();
}
