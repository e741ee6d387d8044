/* What the parts of the library share. */
#ifndef DMAKIT_USER_H
#define DMAKIT_USER_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include "wire.h"

#define EXPORT __attribute__((visibility("default")))

/* The C library's own function of that name. */
#define REAL(function)                                                              \
	({                                                                          \
		static __typeof__(&function) found;                                 \
		if (!found)                                                         \
			found = (__typeof__(&function))dlsym(RTLD_NEXT, #function); \
		found;                                                              \
	})

/* One request and its answer. */
struct call {
	struct wire_message out;
	struct wire_message in;
	const void *data; /* sent behind the request */
	size_t length;
	void *answer; /* takes what comes behind the answer */
	size_t answer_size;
	size_t answer_length;
	int fd; /* that came with the answer, or -1 */
	bool restarts; /* begun anew when a signal with SA_RESTART interrupted it */
	const sigset_t *mask; /* of signals, instead of the thread's own, or NULL */
	struct pollfd *watched; /* ends the call when one of them is ready */
	int watched_count;
};

/* link.c */
bool is_on(void);
const char *address_name(void);
void begin(struct call *call, int operation);
long finish(struct call *call); /* 0 or more, or -1 with errno */
long finish_raw(struct call *call); /* the same as a negative number */
bool is_own(int fd);
int own(int fd);
void disown_fd(int fd);
void lose_links(void);
size_t copy_in(void *to, const void *from, size_t length);
size_t copy_out(void *to, const void *from, size_t length);

/* path.c */
bool is_simulated_path(int directory, const char *path, char *whole);
int file_number(int fd); /* of a descriptor of ours, else 0 */
const char *simulated_folder(void); /* the working directory, where it is simulated, else NULL */
bool is_proc(const char *whole);

/* files.c */
int open_simulated(const char *whole, int flags, int mode);
int open_any(int directory, const char *path, int flags, int mode);
void settle_close(int number);
ssize_t read_any(int fd, void *into, size_t length);
ssize_t write_any(int fd, const void *from, size_t length);
off64_t seek_any(int fd, off64_t offset, int whence);

/* stdio.c */
void adopt_standard_streams(void);
FILE *stream_of(int fd, const char *mode);
FILE *std_stream(int fd);

/* memory.c */
void forget_mappings(void);

/* time.c */
int64_t host_ns(clockid_t clock);
int64_t simulated_ns(clockid_t clock);
void share_clock(int fd);
void time_passed(int64_t ns); /* that the simulator does not know of yet */
int64_t take_time_passed(void);

#endif
