/* A program as a driver's author writes it: it says what it finds, the test compares. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ADD _IOWR('t', 3, int[2])

static int now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void commands(void)
{
	int fd = open("/dev/store", O_RDWR);
	int values[2] = { 41, 0 };
	struct iovec parts[2] = { { "ab", 2 }, { "cd", 2 } };
	char text[8] = "";
	void *volatile nowhere = (void *)16;
	long length = writev(fd, parts, 2);

	printf("writev %ld\n", length);
	length = pread(fd, text, sizeof(text), 1);
	printf("pread %ld %s\n", length, text);
	printf("ioctl %d", ioctl(fd, ADD, values));
	printf(" %d\n", values[1]);
	length = ioctl(fd, ADD, 8);
	printf("bad pointer %ld %s\n", length, strerror(errno));
	length = write(fd, nowhere, 4);
	printf("bad buffer %ld %s\n", length, strerror(errno));
	length = ioctl(fd, _IO('z', 1));
	printf("bad command %ld %s\n", length, strerror(errno));
	close(fd);
	length = write(fd, "x", 1);
	printf("closed %ld %s\n", length, strerror(errno));
	length = open("/dev/none", O_RDWR);
	printf("missing %ld %s\n", length, strerror(errno));
}

static void memory(const char *offset)
{
	int fd = open("/dev/page", O_RDWR);
	int protection = PROT_READ | PROT_WRITE;
	char *page = mmap(NULL, 4096, protection, MAP_SHARED, fd, *offset == '0' ? 0 : 4096);

	if (page == MAP_FAILED) {
		printf("mmap %s\n", strerror(errno));
		return;
	}
	close(fd);
	printf("from the kernel: %s\n", page);
	strcpy(page, "from the program");
	fflush(stdout);
	if (!fork()) {
		printf("child: %s\n", page);
		strcpy(page, "from the child");
		fflush(stdout);
		_exit(0);
	}
	wait(NULL);
	printf("parent: %s\n", page);
	munmap(page, 4096);
}

static char pinned[8192] __attribute__((aligned(4096)));

static void pinning(void)
{
	int fd = open("/dev/pin", O_RDWR);

	strcpy(pinned, "from the program");
	printf("pin %d, %s\n", ioctl(fd, _IO('t', 4), pinned), pinned);
	if (read(fd, pinned, 0) < 0)
		perror("read");
	printf("%s\n", pinned);
	strcpy(pinned + 4096, "the next page");
	printf("%s, %s\n", pinned, pinned + 4096);
}

static void *write_later(void *text)
{
	int fd;

	sleep(2);
	fd = open("/dev/pipe", O_WRONLY);
	if (write(fd, text, strlen(text)) < 0)
		perror("write");
	close(fd);
	return NULL;
}

static void waiting(void)
{
	int fd = open("/dev/pipe", O_RDWR);
	struct pollfd poll_fd = { fd, POLLIN, 0 };
	struct epoll_event event = { EPOLLIN, { .u32 = 7 } };
	struct timeval second = { 1, 0 };
	int epoll = epoll_create1(0);
	int start = now_ms();
	char text[16];
	fd_set set;
	pthread_t thread;
	long length;

	printf("poll %d", poll(&poll_fd, 1, 500));
	printf(" after %d ms\n", now_ms() - start);
	pthread_create(&thread, NULL, write_later, "thread");
	printf("poll %d", poll(&poll_fd, 1, -1));
	printf(" %x after %d ms\n", poll_fd.revents, now_ms() - start);
	length = read(fd, text, sizeof(text));
	printf("read %.*s\n", (int)length, text);
	pthread_join(thread, NULL);
	FD_ZERO(&set);
	FD_SET(fd, &set);
	printf("select %d\n", select(fd + 1, &set, NULL, NULL, &second));
	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	if (!fork()) {
		write_later("child");
		_exit(0);
	}
	printf("epoll %d", epoll_wait(epoll, &event, 1, -1));
	printf(" %u\n", event.data.u32);
	length = read(fd, text, sizeof(text));
	printf("read %.*s after %d ms\n", (int)length, text, now_ms() - start);
	wait(NULL);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	length = read(fd, text, sizeof(text));
	printf("nonblocking %ld %s\n", length, strerror(errno));
}

static volatile int handled;

static void handler(int signal)
{
	handled = signal;
}

static void kicked(void)
{
	struct sigaction action = { .sa_handler = handler };
	int fd = open("/dev/store", O_RDWR);
	int result;

	sigaction(SIGUSR1, &action, NULL);
	result = ioctl(fd, _IO('t', 5));
	printf("ioctl %d, signal %s\n", result, handled == SIGUSR1 ? "handled" : "missing");
}

static void looking(void)
{
	int fd = open("/dev/page", O_RDWR);
	volatile char *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	int start = now_ms();

	if (page == MAP_FAILED || ioctl(fd, _IO('t', 6)))
		return;
	while (!*page)
		;
	printf("set, %s\n", now_ms() - start >= 50 ? "in time" : "too early");
}

static void *signal_later(void *thread)
{
	sleep(1);
	pthread_kill(*(pthread_t *)thread, SIGUSR1);
	return NULL;
}

static void *write_much_later(void *text)
{
	sleep(3);
	return write_later(text);
}

static void signals(int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };
	int fd = open("/dev/pipe", O_RDWR);
	pthread_t self = pthread_self(), killer, writer;
	char text[16];
	long length;

	sigaction(SIGUSR1, &action, NULL);
	pthread_create(&killer, NULL, signal_later, &self);
	pthread_create(&writer, NULL, write_much_later, "at last");
	length = read(fd, text, sizeof(text));
	printf("read %ld %s, signal %s\n", length, length < 0 ? strerror(errno) : "bytes",
	       handled ? "handled" : "missing");
	pthread_join(killer, NULL);
	pthread_join(writer, NULL);
}

int main(int count, char **words)
{
	if (count > 1 && !strcmp(words[1], "commands"))
		commands();
	else if (count > 2 && !strcmp(words[1], "memory"))
		memory(words[2]);
	else if (count > 1 && !strcmp(words[1], "pinning"))
		pinning();
	else if (count > 1 && !strcmp(words[1], "kicked"))
		kicked();
	else if (count > 1 && !strcmp(words[1], "looking"))
		looking();
	else if (count > 1 && !strcmp(words[1], "waiting"))
		waiting();
	else if (count > 1 && !strcmp(words[1], "interrupted"))
		signals(0);
	else if (count > 1 && !strcmp(words[1], "restarted"))
		signals(SA_RESTART);
	else
		return 2;
	return 0;
}
