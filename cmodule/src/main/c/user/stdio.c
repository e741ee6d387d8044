/*
 * Streams. The C library's own streams read and write by system calls that no library can take the
 * place of, so a stream on a simulated file is one of its custom streams.
 */
#include "user.h"
#include <pthread.h>
#include <stdio_ext.h>
#include <sys/stat.h>

#define STREAM_COUNT_MAX 1024

struct stream {
	FILE *file;
	int fd;
};

static struct stream streams[STREAM_COUNT_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct stream *find(FILE *file)
{
	for (int i = 0; i < STREAM_COUNT_MAX; i++) {
		if (streams[i].file == file)
			return &streams[i];
	}
	return NULL;
}

/* The descriptor of a stream made here, or -1. */
static int descriptor_of(FILE *file)
{
	struct stream *stream;
	int fd;

	if (!file)
		return -1;
	pthread_mutex_lock(&lock);
	stream = find(file);
	fd = stream ? stream->fd : -1;
	pthread_mutex_unlock(&lock);
	return fd;
}

static ssize_t do_read(void *cookie, char *into, size_t length)
{
	return read_any(((struct stream *)cookie)->fd, into, length);
}

static ssize_t do_write(void *cookie, const char *from, size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t now = write_any(((struct stream *)cookie)->fd, from + done, length - done);

		if (now <= 0)
			break;
		done += now;
	}
	return done;
}

static int do_seek(void *cookie, off64_t *offset, int whence)
{
	off64_t at = seek_any(((struct stream *)cookie)->fd, *offset, whence);

	if (at < 0)
		return -1;
	*offset = at;
	return 0;
}

static int do_close(void *cookie)
{
	struct stream *stream = cookie;
	int fd = stream->fd;

	pthread_mutex_lock(&lock);
	stream->file = NULL;
	pthread_mutex_unlock(&lock);
	return close(fd);
}

FILE *stream_of(int fd, const char *mode)
{
	static const cookie_io_functions_t functions = { do_read, do_write, do_seek, do_close };
	struct stream *stream;

	pthread_mutex_lock(&lock);
	stream = find(NULL);
	if (stream) {
		stream->fd = fd;
		stream->file = fopencookie(stream, mode, functions);
		if (!stream->file)
			stream = NULL;
	} else {
		errno = EMFILE;
	}
	pthread_mutex_unlock(&lock);
	return stream ? stream->file : NULL;
}

static FILE **standard(int fd)
{
	return fd == 0 ? &stdin : fd == 1 ? &stdout : &stderr;
}

static void adopt(int fd)
{
	FILE **variable = standard(fd);
	FILE *made;

	if (descriptor_of(*variable) >= 0)
		return;
	made = stream_of(fd, fd == 0 ? "r" : "w");
	if (!made)
		return;
	if (fd > 0)
		fflush(*variable);
	if (fd == 2)
		setvbuf(made, NULL, _IONBF, 0);
	*variable = made;
}

/* From the first simulated file on, a standard stream goes wherever its descriptor leads. */
void adopt_standard_streams(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (file_number(fd))
			adopt(fd);
	}
}

static int flags_of(const char *mode)
{
	int flags = mode[0] == 'r' ? O_RDONLY
				   : O_WRONLY | O_CREAT | (mode[0] == 'a' ? O_APPEND : O_TRUNC);

	if (strchr(mode, '+'))
		flags = (flags & ~O_ACCMODE) | O_RDWR;
	if (strchr(mode, 'e'))
		flags |= O_CLOEXEC;
	return flags;
}

static FILE *open_stream(const char *path, const char *mode)
{
	FILE *file;
	int fd = open_any(AT_FDCWD, path, flags_of(mode), 0666);

	if (fd < 0)
		return NULL;
	file = file_number(fd) ? stream_of(fd, mode) : REAL(fdopen)(fd, mode);
	if (!file)
		close(fd);
	return file;
}

static bool concerns_us(const char *path)
{
	char whole[PATH_MAX];

	return is_simulated_path(AT_FDCWD, path, whole);
}

EXPORT FILE *fopen(const char *path, const char *mode)
{
	return concerns_us(path) ? open_stream(path, mode) : REAL(fopen)(path, mode);
}

EXPORT FILE *fopen64(const char *path, const char *mode)
{
	return concerns_us(path) ? open_stream(path, mode) : REAL(fopen64)(path, mode);
}

EXPORT FILE *fdopen(int fd, const char *mode)
{
	return file_number(fd) ? stream_of(fd, mode) : REAL(fdopen)(fd, mode);
}

static FILE *reopen(const char *path, const char *mode, FILE *file,
		    FILE *(*real)(const char *, const char *, FILE *))
{
	int to = fileno(file);
	FILE *made;
	int fd;

	if (!is_on() || !path || to < 0 || (!concerns_us(path) && descriptor_of(file) < 0))
		return real(path, mode, file);
	fd = open_any(AT_FDCWD, path, flags_of(mode), 0666);
	if (fd < 0)
		return NULL;
	fflush(file);
	if (fd != to) {
		dup2(fd, to);
		close(fd);
	}
	if (descriptor_of(file) >= 0) {
		__fpurge(file);
		clearerr(file);
		return file;
	}
	if (to <= 2 && file == *standard(to)) {
		adopt(to);
		return *standard(to);
	}
	made = stream_of(to, mode);
	return made;
}

EXPORT FILE *freopen(const char *path, const char *mode, FILE *file)
{
	return reopen(path, mode, file, REAL(freopen));
}

EXPORT FILE *freopen64(const char *path, const char *mode, FILE *file)
{
	return reopen(path, mode, file, REAL(freopen64));
}

EXPORT int fileno(FILE *file)
{
	int fd = descriptor_of(file);

	return fd >= 0 ? fd : REAL(fileno)(file);
}

EXPORT int fileno_unlocked(FILE *file)
{
	int fd = descriptor_of(file);

	return fd >= 0 ? fd : REAL(fileno_unlocked)(file);
}
