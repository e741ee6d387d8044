/*
 * Waiting for several descriptors: the simulator waits for its files and for the time, the thread
 * meanwhile for the host's.
 */
#include "user.h"
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <time.h>

#define NS_PER_S 1000000000ll
#define ENTRY_COUNT_MAX 1024

struct pair {
	int32_t number;
	int32_t events;
};

static int64_t ns_of(const struct timespec *time)
{
	if (!time)
		return -1;
	return time->tv_sec > INT64_MAX / NS_PER_S - 1 ? -1
						       : time->tv_sec * NS_PER_S + time->tv_nsec;
}

static bool is_valid(const struct timespec *time)
{
	return !time || (time->tv_sec >= 0 && time->tv_nsec >= 0 && time->tv_nsec < NS_PER_S);
}

/* Whether what these wait for can come from the command's own programs only. */
static bool all_inside(const struct pollfd *fds, int count)
{
	for (int i = 0; i < count; i++) {
		struct stat status;

		if (fds[i].fd < 0)
			continue;
		if (REAL(fstat)(fds[i].fd, &status) || !S_ISFIFO(status.st_mode))
			return false;
	}
	return true;
}

static int poll_host(struct pollfd *fds, int count, const struct timespec *timeout,
		     const sigset_t *mask)
{
	struct timespec none = { 0, 0 };
	int64_t began = host_ns(CLOCK_MONOTONIC);
	int ready = REAL(ppoll)(fds, count, &none, NULL);

	if (ready || (timeout && !timeout->tv_sec && !timeout->tv_nsec))
		return ready;
	ready = REAL(ppoll)(fds, count, timeout, mask);
	if (timeout)
		time_passed(host_ns(CLOCK_MONOTONIC) - began);
	return ready;
}

static int count_ready(const struct pollfd *fds, int count)
{
	int ready = 0;

	for (int i = 0; i < count; i++)
		ready += fds[i].revents != 0;
	return ready;
}

static int wait_any(struct pollfd *fds, int count, const struct timespec *timeout,
		    const sigset_t *mask)
{
	struct pair pairs[WIRE_POLL_MAX];
	struct pollfd host[WIRE_POLL_MAX];
	int32_t bits[WIRE_POLL_MAX];
	int ours[WIRE_POLL_MAX];
	struct timespec none = { 0, 0 };
	int simulated = 0, others = 0, ready;
	int64_t limit = ns_of(timeout);
	struct call call;

	if (!is_on() || count > WIRE_POLL_MAX)
		return REAL(ppoll)(fds, count, timeout, mask);
	if (count < 0 || !is_valid(timeout)) {
		errno = EINVAL;
		return -1;
	}
	for (int i = 0; i < count; i++) {
		int number = fds[i].fd < 0 ? 0 : file_number(fds[i].fd);

		fds[i].revents = 0;
		if (number) {
			pairs[simulated].number = number;
			pairs[simulated].events = fds[i].events;
			ours[simulated++] = i;
		} else {
			host[others++] = fds[i];
		}
	}
	if (!simulated && count && (limit < 0 || !all_inside(fds, count)))
		return poll_host(fds, count, timeout, mask);
	ready = others ? REAL(ppoll)(host, others, &none, NULL) : 0;
	if (ready < 0)
		return -1;
	begin(&call, OP_POLL);
	call.out.v[0] = ready ? 0 : limit;
	call.data = pairs;
	call.length = simulated * sizeof(pairs[0]);
	call.answer = bits;
	call.answer_size = sizeof(bits);
	call.watched = host;
	call.watched_count = ready ? 0 : others;
	call.mask = mask;
	if (finish(&call) < 0) {
		int error = errno;

		/* Perhaps it was no signal but one of the host's descriptors. */
		if (error != EINTR || !others || REAL(ppoll)(host, others, &none, NULL) <= 0) {
			errno = error;
			return -1;
		}
		call.answer_length = 0;
	}
	for (size_t i = 0; i < call.answer_length / sizeof(bits[0]); i++)
		fds[ours[i]].revents = bits[i];
	for (int i = 0, from = 0; i < count; i++) {
		if (from < others && (fds[i].fd < 0 || fds[i].fd == host[from].fd) &&
		    !(fds[i].fd >= 0 && file_number(fds[i].fd)))
			fds[i].revents = host[from++].revents;
	}
	return count_ready(fds, count);
}

static struct timespec *of_ms(int ms, struct timespec *into)
{
	if (ms < 0)
		return NULL;
	into->tv_sec = ms / 1000;
	into->tv_nsec = ms % 1000 * 1000000l;
	return into;
}

int __poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t room);
int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
		const sigset_t *mask, size_t room);

EXPORT int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	struct timespec time;

	return wait_any(fds, count, of_ms(timeout, &time), NULL);
}

EXPORT int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
		 const sigset_t *mask)
{
	return wait_any(fds, count, timeout, mask);
}

EXPORT int __poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t room)
{
	(void)room;
	return poll(fds, count, timeout);
}

EXPORT int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
		       const sigset_t *mask, size_t room)
{
	(void)room;
	return wait_any(fds, count, timeout, mask);
}

/* ---- select -------------------------------------------------------------------------------- */

static int select_any(int count, fd_set *in, fd_set *out, fd_set *except,
		      const struct timespec *timeout, const sigset_t *mask)
{
	struct pollfd fds[FD_SETSIZE];
	int used = 0, ready = 0, result;

	if (!is_on())
		return REAL(pselect)(count, in, out, except, timeout, mask);
	if (count < 0 || count > FD_SETSIZE) {
		errno = EINVAL;
		return -1;
	}
	for (int fd = 0; fd < count; fd++) {
		short events = (in && FD_ISSET(fd, in) ? POLLIN : 0) |
			       (out && FD_ISSET(fd, out) ? POLLOUT : 0) |
			       (except && FD_ISSET(fd, except) ? POLLPRI : 0);

		if (events)
			fds[used++] = (struct pollfd){ fd, events, 0 };
	}
	result = wait_any(fds, used, timeout, mask);
	if (result < 0)
		return -1;
	for (int i = 0; i < used; i++) {
		if (fds[i].revents & POLLNVAL) {
			errno = EBADF;
			return -1;
		}
	}
	if (in)
		FD_ZERO(in);
	if (out)
		FD_ZERO(out);
	if (except)
		FD_ZERO(except);
	for (int i = 0; i < used; i++) {
		int fd = fds[i].fd;

		if (fds[i].events & POLLIN && fds[i].revents & (POLLIN | POLLHUP | POLLERR)) {
			FD_SET(fd, in);
			ready++;
		}
		if (fds[i].events & POLLOUT && fds[i].revents & (POLLOUT | POLLERR)) {
			FD_SET(fd, out);
			ready++;
		}
		if (fds[i].events & POLLPRI && fds[i].revents & POLLPRI) {
			FD_SET(fd, except);
			ready++;
		}
	}
	return ready;
}

EXPORT int select(int count, fd_set *in, fd_set *out, fd_set *except, struct timeval *timeout)
{
	struct timespec time;
	int64_t began, left;
	int result;

	if (!timeout)
		return select_any(count, in, out, except, NULL, NULL);
	time.tv_sec = timeout->tv_sec;
	time.tv_nsec = timeout->tv_usec * 1000;
	began = simulated_ns(CLOCK_MONOTONIC);
	result = select_any(count, in, out, except, &time, NULL);
	left = ns_of(&time) - (simulated_ns(CLOCK_MONOTONIC) - began);
	if (is_on()) {
		timeout->tv_sec = left > 0 ? left / NS_PER_S : 0;
		timeout->tv_usec = left > 0 ? left % NS_PER_S / 1000 : 0;
	}
	return result;
}

EXPORT int pselect(int count, fd_set *in, fd_set *out, fd_set *except,
		   const struct timespec *timeout, const sigset_t *mask)
{
	return select_any(count, in, out, except, timeout, mask);
}

/* ---- epoll: the host's own, and a list of simulated files beside it ------------------------- */

struct entry {
	bool used;
	int epoll;
	int fd;
	int number;
	struct epoll_event event;
};

static struct entry entries[ENTRY_COUNT_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct entry *entry_of(int epoll, int fd)
{
	for (int i = 0; i < ENTRY_COUNT_MAX; i++) {
		if (entries[i].used && entries[i].epoll == epoll && entries[i].fd == fd)
			return &entries[i];
	}
	return NULL;
}

static int change(int epoll, int operation, int fd, int number, const struct epoll_event *event)
{
	struct entry *entry = entry_of(epoll, fd);

	if (entry && entry->number != number) {
		entry->used = false;
		entry = NULL;
	}
	if (operation == EPOLL_CTL_ADD ? entry != NULL : entry == NULL)
		return operation == EPOLL_CTL_ADD ? EEXIST : ENOENT;
	if (operation == EPOLL_CTL_DEL) {
		entry->used = false;
		return 0;
	}
	for (int i = 0; !entry && i < ENTRY_COUNT_MAX; i++) {
		if (!entries[i].used)
			entry = &entries[i];
	}
	if (!entry)
		return ENOSPC;
	*entry = (struct entry){ true, epoll, fd, number, *event };
	return 0;
}

EXPORT int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
	int number = file_number(fd);
	int error;

	if (!number)
		return REAL(epoll_ctl)(epoll, operation, fd, event);
	pthread_mutex_lock(&lock);
	error = change(epoll, operation, fd, number, event);
	pthread_mutex_unlock(&lock);
	if (!error)
		return 0;
	errno = error;
	return -1;
}

/* The simulated files of an epoll, behind the epoll itself. */
static int collect(int epoll, struct pollfd *fds, struct entry *copies)
{
	int count = 1;

	fds[0] = (struct pollfd){ epoll, POLLIN, 0 };
	pthread_mutex_lock(&lock);
	for (int i = 0; i < ENTRY_COUNT_MAX && count < WIRE_POLL_MAX; i++) {
		if (!entries[i].used || entries[i].epoll != epoll)
			continue;
		if (file_number(entries[i].fd) != entries[i].number) {
			entries[i].used = false;
			continue;
		}
		copies[count] = entries[i];
		fds[count++] =
			(struct pollfd){ entries[i].fd, entries[i].event.events & 0x3fff, 0 };
	}
	pthread_mutex_unlock(&lock);
	return count;
}

static int epoll_any(int epoll, struct epoll_event *events, int room, int timeout,
		     const sigset_t *mask)
{
	struct pollfd fds[WIRE_POLL_MAX];
	struct entry copies[WIRE_POLL_MAX];
	struct timespec time;
	int count, ready = 0;

	if (!is_on() || room <= 0 || (count = collect(epoll, fds, copies)) == 1)
		return REAL(epoll_pwait)(epoll, events, room, timeout, mask);
	if (wait_any(fds, count, of_ms(timeout, &time), mask) < 0)
		return -1;
	for (int i = 1; i < count && ready < room; i++) {
		if (!fds[i].revents)
			continue;
		events[ready].events = fds[i].revents;
		events[ready++].data = copies[i].event.data;
		if (copies[i].event.events & EPOLLONESHOT) {
			struct epoll_event none = { 0, copies[i].event.data };

			epoll_ctl(epoll, EPOLL_CTL_MOD, fds[i].fd, &none);
		}
	}
	if (fds[0].revents && ready < room) {
		int more = REAL(epoll_pwait)(epoll, events + ready, room - ready, 0, NULL);

		ready += more > 0 ? more : 0;
	}
	return ready;
}

EXPORT int epoll_wait(int epoll, struct epoll_event *events, int room, int timeout)
{
	return epoll_any(epoll, events, room, timeout, NULL);
}

EXPORT int epoll_pwait(int epoll, struct epoll_event *events, int room, int timeout,
		       const sigset_t *mask)
{
	return epoll_any(epoll, events, room, timeout, mask);
}
