/* Files by descriptor. */
#include "user.h"
#include <fcntl.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#define LINK_DEPTH_MAX 8

/* ---- opening ------------------------------------------------------------------------------- */

int open_simulated(const char *whole, int flags, int mode)
{
	struct call call;
	int fd;

	begin(&call, OP_OPEN);
	call.out.v[0] = flags;
	call.out.v[1] = mode;
	call.data = whole;
	call.length = strlen(whole) + 1;
	if (finish(&call) < 0)
		return -1;
	fd = call.fd;
	if (fd < 0) {
		errno = EMFILE;
		return -1;
	}
	if (!(flags & O_CLOEXEC))
		syscall(SYS_fcntl, fd, F_SETFD, 0);
	if (fd <= 2)
		adopt_standard_streams();
	return fd;
}

/* Where a link of the host leads that ends in the simulated system, or false. */
static bool follow(int directory, const char *path, char *target)
{
	char next[PATH_MAX];
	ssize_t length = syscall(SYS_readlinkat, directory, path, next, sizeof(next) - 1);
	const char *slash;

	if (length <= 0)
		return false;
	next[length] = 0;
	slash = strrchr(path, '/');
	if (next[0] == '/' || !slash) {
		strcpy(target, next);
		return true;
	}
	if ((size_t)(slash + 1 - path) + length >= PATH_MAX)
		return false;
	memcpy(target, path, slash + 1 - path);
	strcpy(target + (slash + 1 - path), next);
	return true;
}

int open_any(int directory, const char *path, int flags, int mode)
{
	char whole[PATH_MAX];
	char name[PATH_MAX];
	int fd;

	if (is_simulated_path(directory, path, whole)) {
		fd = open_simulated(whole, flags, mode);
		if (fd >= 0 || errno != WIRE_NOT_MINE)
			return fd;
	}
	fd = REAL(openat64)(directory, path, flags, mode);
	for (int depth = 0; fd < 0 && errno == ENOENT && is_on() && depth < LINK_DEPTH_MAX;
	     depth++) {
		if (!follow(directory, depth ? name : path, name))
			break;
		if (is_simulated_path(directory, name, whole))
			return open_simulated(whole, flags, mode);
		errno = ENOENT;
	}
	return fd;
}

static int mode_of(int flags, va_list arguments)
{
	return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(arguments, int) : 0;
}

#define WITH_MODE(call)                   \
	va_list arguments;                \
	int mode, result;                 \
	va_start(arguments, flags);       \
	mode = mode_of(flags, arguments); \
	va_end(arguments);                \
	result = call;                    \
	return result

EXPORT int open(const char *path, int flags, ...)
{
	WITH_MODE(open_any(AT_FDCWD, path, flags, mode));
}

EXPORT int open64(const char *path, int flags, ...)
{
	WITH_MODE(open_any(AT_FDCWD, path, flags, mode));
}

EXPORT int openat(int directory, const char *path, int flags, ...)
{
	WITH_MODE(open_any(directory, path, flags, mode));
}

EXPORT int openat64(int directory, const char *path, int flags, ...)
{
	WITH_MODE(open_any(directory, path, flags, mode));
}

int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int directory, const char *path, int flags);
int __openat64_2(int directory, const char *path, int flags);

EXPORT int __open_2(const char *path, int flags)
{
	return open_any(AT_FDCWD, path, flags, 0);
}

EXPORT int __open64_2(const char *path, int flags)
{
	return open_any(AT_FDCWD, path, flags, 0);
}

EXPORT int __openat_2(int directory, const char *path, int flags)
{
	return open_any(directory, path, flags, 0);
}

EXPORT int __openat64_2(int directory, const char *path, int flags)
{
	return open_any(directory, path, flags, 0);
}

EXPORT int creat(const char *path, mode_t mode)
{
	return open_any(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

EXPORT int creat64(const char *path, mode_t mode)
{
	return open_any(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

/* ---- closing and duplicating --------------------------------------------------------------- */

/* Waits until the file is released, should that have been its last descriptor. */
void settle_close(int number)
{
	struct call call;

	begin(&call, OP_CLOSED);
	call.out.v[0] = number;
	finish_raw(&call);
}

EXPORT int close(int fd)
{
	int number, result;

	if (is_own(fd)) {
		errno = EBADF;
		return -1;
	}
	number = file_number(fd);
	result = REAL(close)(fd);
	if (number && result == 0)
		settle_close(number);
	return result;
}

EXPORT int close_range(unsigned int first, unsigned int last, int flags)
{
	if (!is_on())
		return syscall(SYS_close_range, first, last, flags);
	for (unsigned int from = first; from <= last;) {
		unsigned int to = from;

		if (from < 65536 && is_own(from)) {
			from++;
			continue;
		}
		while (to < last && to < 65535 && !is_own(to + 1))
			to++;
		if (to >= 65535)
			to = last;
		if (syscall(SYS_close_range, from, to, flags))
			return -1;
		if (to == last)
			break;
		from = to + 1;
	}
	return 0;
}

EXPORT void closefrom(int first)
{
	close_range(first < 0 ? 0 : first, ~0u, 0);
}

static int after_dup(int fd, int replaced)
{
	if (replaced && fd >= 0)
		settle_close(replaced);
	if (fd >= 0 && fd <= 2 && file_number(fd))
		adopt_standard_streams();
	return fd;
}

EXPORT int dup(int fd)
{
	return after_dup(REAL(dup)(fd), 0);
}

EXPORT int dup2(int fd, int to)
{
	int replaced = fd == to ? 0 : file_number(to);

	if (is_own(to)) {
		errno = EBADF;
		return -1;
	}
	return after_dup(REAL(dup2)(fd, to), replaced);
}

EXPORT int dup3(int fd, int to, int flags)
{
	int replaced = file_number(to);

	if (is_own(to)) {
		errno = EBADF;
		return -1;
	}
	return after_dup(REAL(dup3)(fd, to, flags), replaced);
}

static int control(int fd, int command, void *argument)
{
	struct call call;
	int number;

	switch (command) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return after_dup(REAL(fcntl64)(fd, command, argument), 0);
	case F_GETFD:
	case F_SETFD:
		return REAL(fcntl64)(fd, command, argument);
	}
	number = file_number(fd);
	if (!number)
		return REAL(fcntl64)(fd, command, argument);
	begin(&call, OP_FCNTL);
	call.out.v[0] = number;
	call.out.v[1] = command;
	call.out.v[2] = (intptr_t)argument;
	return finish(&call);
}

EXPORT int fcntl(int fd, int command, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, command);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	return control(fd, command, argument);
}

EXPORT int fcntl64(int fd, int command, ...)
{
	va_list arguments;
	void *argument;

	va_start(arguments, command);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	return control(fd, command, argument);
}

/* ---- reading and writing ------------------------------------------------------------------- */

static ssize_t transfer(int operation, int number, const void *memory, size_t length, off64_t at)
{
	struct call call;
	ssize_t result;

	begin(&call, operation);
	call.restarts = true;
	call.out.v[0] = number;
	call.out.v[1] = (intptr_t)memory;
	call.out.v[2] = length > 0x7ffff000 ? 0x7ffff000 : length;
	call.out.v[3] = at;
	result = finish(&call);
	pthread_testcancel();
	return result;
}

/* As the kernel does where a driver knows nothing of vectors: one call for each part. */
static ssize_t transfer_parts(int operation, int number, const struct iovec *parts, int count,
			      off64_t at)
{
	ssize_t all = 0;

	if (count < 0 || count > IOV_MAX) {
		errno = EINVAL;
		return -1;
	}
	for (int i = 0; i < count; i++) {
		ssize_t done;

		if (!parts[i].iov_len)
			continue;
		done = transfer(operation, number, parts[i].iov_base, parts[i].iov_len, at);
		if (done < 0)
			return all ? all : -1;
		all += done;
		if (at >= 0)
			at += done;
		if ((size_t)done < parts[i].iov_len)
			break;
	}
	return all;
}

static bool is_negative(off64_t at)
{
	if (at < 0)
		errno = EINVAL;
	return at < 0;
}

EXPORT ssize_t read(int fd, void *into, size_t length)
{
	int number = file_number(fd);

	return number ? transfer(OP_READ, number, into, length, -1) : REAL(read)(fd, into, length);
}

EXPORT ssize_t write(int fd, const void *from, size_t length)
{
	int number = file_number(fd);

	return number ? transfer(OP_WRITE, number, from, length, -1)
		      : REAL(write)(fd, from, length);
}

ssize_t read_any(int fd, void *into, size_t length)
{
	return read(fd, into, length);
}

ssize_t write_any(int fd, const void *from, size_t length)
{
	return write(fd, from, length);
}

static ssize_t read_at(int fd, void *into, size_t length, off64_t at)
{
	int number = file_number(fd);

	if (!number)
		return REAL(pread64)(fd, into, length, at);
	return is_negative(at) ? -1 : transfer(OP_READ, number, into, length, at);
}

static ssize_t write_at(int fd, const void *from, size_t length, off64_t at)
{
	int number = file_number(fd);

	if (!number)
		return REAL(pwrite64)(fd, from, length, at);
	return is_negative(at) ? -1 : transfer(OP_WRITE, number, from, length, at);
}

EXPORT ssize_t pread(int fd, void *into, size_t length, off_t at)
{
	return read_at(fd, into, length, at);
}

EXPORT ssize_t pread64(int fd, void *into, size_t length, off64_t at)
{
	return read_at(fd, into, length, at);
}

EXPORT ssize_t pwrite(int fd, const void *from, size_t length, off_t at)
{
	return write_at(fd, from, length, at);
}

EXPORT ssize_t pwrite64(int fd, const void *from, size_t length, off64_t at)
{
	return write_at(fd, from, length, at);
}

static ssize_t read_parts(int fd, const struct iovec *parts, int count, off64_t at)
{
	int number = file_number(fd);

	if (!number)
		return at < 0 ? REAL(readv)(fd, parts, count)
			      : REAL(preadv64)(fd, parts, count, at);
	return transfer_parts(OP_READ, number, parts, count, at);
}

static ssize_t write_parts(int fd, const struct iovec *parts, int count, off64_t at)
{
	int number = file_number(fd);

	if (!number)
		return at < 0 ? REAL(writev)(fd, parts, count)
			      : REAL(pwritev64)(fd, parts, count, at);
	return transfer_parts(OP_WRITE, number, parts, count, at);
}

EXPORT ssize_t readv(int fd, const struct iovec *parts, int count)
{
	return read_parts(fd, parts, count, -1);
}

EXPORT ssize_t writev(int fd, const struct iovec *parts, int count)
{
	return write_parts(fd, parts, count, -1);
}

EXPORT ssize_t preadv(int fd, const struct iovec *parts, int count, off_t at)
{
	return is_negative(at) ? -1 : read_parts(fd, parts, count, at);
}

EXPORT ssize_t preadv64(int fd, const struct iovec *parts, int count, off64_t at)
{
	return is_negative(at) ? -1 : read_parts(fd, parts, count, at);
}

EXPORT ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
	return is_negative(at) ? -1 : write_parts(fd, parts, count, at);
}

EXPORT ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at)
{
	return is_negative(at) ? -1 : write_parts(fd, parts, count, at);
}

void __chk_fail(void) __attribute__((noreturn));
ssize_t __read_chk(int fd, void *into, size_t length, size_t room);
ssize_t __pread_chk(int fd, void *into, size_t length, off_t at, size_t room);
ssize_t __pread64_chk(int fd, void *into, size_t length, off64_t at, size_t room);

EXPORT ssize_t __read_chk(int fd, void *into, size_t length, size_t room)
{
	if (length > room)
		__chk_fail();
	return read(fd, into, length);
}

EXPORT ssize_t __pread_chk(int fd, void *into, size_t length, off_t at, size_t room)
{
	if (length > room)
		__chk_fail();
	return read_at(fd, into, length, at);
}

EXPORT ssize_t __pread64_chk(int fd, void *into, size_t length, off64_t at, size_t room)
{
	if (length > room)
		__chk_fail();
	return read_at(fd, into, length, at);
}

/* ---- positions, commands ------------------------------------------------------------------- */

off64_t seek_any(int fd, off64_t offset, int whence)
{
	int number = file_number(fd);
	struct call call;

	if (!number)
		return REAL(lseek64)(fd, offset, whence);
	begin(&call, OP_SEEK);
	call.out.v[0] = number;
	call.out.v[1] = offset;
	call.out.v[2] = whence;
	return finish(&call);
}

EXPORT off_t lseek(int fd, off_t offset, int whence)
{
	return seek_any(fd, offset, whence);
}

EXPORT off64_t lseek64(int fd, off64_t offset, int whence)
{
	return seek_any(fd, offset, whence);
}

EXPORT int ioctl(int fd, unsigned long command, ...)
{
	va_list arguments;
	void *argument;
	struct call call;
	int number;

	va_start(arguments, command);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	number = file_number(fd);
	if (!number)
		return REAL(ioctl)(fd, command, argument);
	begin(&call, OP_IOCTL);
	call.restarts = true;
	call.out.v[0] = number;
	call.out.v[1] = (unsigned int)command;
	call.out.v[2] = (intptr_t)argument;
	return finish(&call);
}

/* ---- what the simulated kernel has no short way for ---------------------------------------- */

static int refused(int error)
{
	errno = error;
	return -1;
}

EXPORT ssize_t sendfile(int to, int from, off_t *offset, size_t length)
{
	if (file_number(to) || file_number(from))
		return refused(EINVAL);
	return REAL(sendfile)(to, from, offset, length);
}

EXPORT ssize_t sendfile64(int to, int from, off64_t *offset, size_t length)
{
	if (file_number(to) || file_number(from))
		return refused(EINVAL);
	return REAL(sendfile64)(to, from, offset, length);
}

EXPORT ssize_t copy_file_range(int from, off64_t *from_offset, int to, off64_t *to_offset,
			       size_t length, unsigned int flags)
{
	if (file_number(to) || file_number(from))
		return refused(EINVAL);
	return REAL(copy_file_range)(from, from_offset, to, to_offset, length, flags);
}

EXPORT ssize_t splice(int from, off64_t *from_offset, int to, off64_t *to_offset, size_t length,
		      unsigned int flags)
{
	if (file_number(to) || file_number(from))
		return refused(EINVAL);
	return REAL(splice)(from, from_offset, to, to_offset, length, flags);
}

#define REFUSED_FOR_FILES(name, error, parameters, ...)                            \
	EXPORT int name parameters                                                 \
	{                                                                          \
		return file_number(fd) ? refused(error) : REAL(name)(__VA_ARGS__); \
	}

REFUSED_FOR_FILES(ftruncate, EINVAL, (int fd, off_t length), fd, length)
REFUSED_FOR_FILES(ftruncate64, EINVAL, (int fd, off64_t length), fd, length)
REFUSED_FOR_FILES(fsync, EINVAL, (int fd), fd)
REFUSED_FOR_FILES(fdatasync, EINVAL, (int fd), fd)
REFUSED_FOR_FILES(fchmod, EPERM, (int fd, mode_t mode), fd, mode)
REFUSED_FOR_FILES(fchown, EPERM, (int fd, uid_t owner, gid_t group), fd, owner, group)

EXPORT int posix_fadvise(int fd, off_t offset, off_t length, int advice)
{
	return file_number(fd) ? 0 : REAL(posix_fadvise)(fd, offset, length, advice);
}

EXPORT int posix_fadvise64(int fd, off64_t offset, off64_t length, int advice)
{
	return file_number(fd) ? 0 : REAL(posix_fadvise64)(fd, offset, length, advice);
}
