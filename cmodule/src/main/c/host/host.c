/*
 * The process that C modules run in. The simulator starts it with its own process id, the number
 * of the lane's descriptor there, and the folder to remove should the simulator die.
 */
#define _GNU_SOURCE
#include "lane.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <unistd.h>

static const char *run_folder;

static void remove_run_folder(void)
{
	DIR *folder = opendir(run_folder);
	struct dirent *entry;

	if (folder == NULL)
		return;
	while ((entry = readdir(folder)) != NULL)
		unlinkat(dirfd(folder), entry->d_name, 0);
	closedir(folder);
	rmdir(run_folder);
}

/*
 * Standard input is a pipe that the simulator holds open and writes nothing to: its end is the
 * simulator's end, however it came. (PR_SET_PDEATHSIG would fire when the thread ends that started
 * us, which is another matter.)
 */
static void *await_end_of_simulator(void *unused)
{
	char byte;

	(void)unused;
	while (read(STDIN_FILENO, &byte, 1) > 0 || errno == EINTR)
		errno = 0;
	remove_run_folder();
	_exit(0);
}

static int watch_simulator(void)
{
	pthread_t watcher;
	sigset_t all, before;
	int result;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	result = pthread_create(&watcher, NULL, await_end_of_simulator, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return result;
}

static int simulator_pid;

int open_segment(unsigned int descriptor)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/fd/%u", simulator_pid, descriptor);
	return open(path, O_RDWR | O_CLOEXEC);
}

/* Addresses that are the same in every run, where the system grants that. */
static void stop_randomising(char **argv)
{
	int now = personality(0xffffffff);

	if (now != -1 && !(now & ADDR_NO_RANDOMIZE) && personality(now | ADDR_NO_RANDOMIZE) != -1)
		execv("/proc/self/exe", argv);
}

/* The simulator lost patience: whoever runs module code says where it is. */
static void on_terminate(int number)
{
	(void)number;
	lane_stop_active();
}

__attribute__((visibility("default"))) int dmakit_host(int argc, char **argv)
{
	const char *problem;
	int fd;

	if (argc != 4) {
		fprintf(stderr, "dmakit-host: started by dmakit, not by hand\n");
		return 2;
	}
	stop_randomising(argv);
	/* Arenas of threads grow by mprotect, which confined threads may not call. */
	mallopt(M_ARENA_MAX, 1);
	simulator_pid = atoi(argv[1]);
	run_folder = argv[3];
	signal(SIGINT, SIG_IGN); /* the terminal's Ctrl-C: the simulator decides */
	signal(SIGTERM, on_terminate);
	if (watch_simulator() != 0) {
		fprintf(stderr, "dmakit-host: cannot start a thread\n");
		return 1;
	}
	fd = open_segment((unsigned int)atoi(argv[2]));
	control_lane = fd < 0 ? MAP_FAILED
			      : mmap(NULL, LANE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (control_lane == MAP_FAILED) {
		fprintf(stderr, "dmakit-host: cannot map the lane: %s\n", strerror(errno));
		return 1;
	}
	lane = control_lane;
	problem = memory_map();
	if (problem == NULL)
		problem = crash_watch();
	if (problem != NULL) {
		snprintf(lane_text(), LANE_TEXT_SIZE, "%s", problem);
		lane_leave(KIND_REFUSED);
		return 1;
	}
	lane_serve();
	return 0;
}
