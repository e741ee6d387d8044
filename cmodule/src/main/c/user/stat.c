/* What files are: stat, access, links, and changes that the simulated system refuses. */
#include "user.h"
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/xattr.h>

#define DEVICE_OF_FILES makedev(0, 5)
#define BLOCK_BYTES 4096

static int stat_number(int number, struct wire_stat *into)
{
	struct call call;

	begin(&call, OP_FSTAT);
	call.out.v[0] = number;
	call.answer = into;
	call.answer_size = sizeof(*into);
	return finish(&call) < 0 ? -1 : 0;
}

/* 1 when the simulated system answered, 0 when the name is the host's, -1 with errno. */
static int look_up(int directory, const char *path, int flags, struct wire_stat *into)
{
	char whole[PATH_MAX];
	struct call call;
	int number;

	if (flags & AT_EMPTY_PATH && (!path || !path[0])) {
		number = file_number(directory);
		return !number ? 0 : stat_number(number, into) ? -1 : 1;
	}
	if (!is_simulated_path(directory, path, whole))
		return 0;
	begin(&call, OP_STAT);
	call.out.v[0] = !(flags & AT_SYMLINK_NOFOLLOW);
	call.data = whole;
	call.length = strlen(whole) + 1;
	call.answer = into;
	call.answer_size = sizeof(*into);
	if (finish(&call) >= 0)
		return 1;
	return errno == WIRE_NOT_MINE ? 0 : -1;
}

static int look_up_number(int fd, struct wire_stat *into)
{
	int number = file_number(fd);

	return !number ? 0 : stat_number(number, into) ? -1 : 1;
}

static struct timespec time_of(const struct wire_stat *from)
{
	struct timespec time = { from->modified_ns / 1000000000, from->modified_ns % 1000000000 };

	return time;
}

#define FILL(type)                                                                          \
	static int fill_##type(int answer, const struct wire_stat *from, struct type *into) \
	{                                                                                   \
		if (answer < 0)                                                             \
			return -1;                                                          \
		memset(into, 0, sizeof(*into));                                             \
		into->st_dev = DEVICE_OF_FILES;                                             \
		into->st_ino = from->inode;                                                 \
		into->st_mode = from->mode;                                                 \
		into->st_nlink = from->links;                                               \
		into->st_rdev = makedev(from->major, from->minor);                          \
		into->st_size = from->size;                                                 \
		into->st_blksize = BLOCK_BYTES;                                             \
		into->st_mtim = into->st_atim = into->st_ctim = time_of(from);              \
		return 0;                                                                   \
	}

FILL(stat)
FILL(stat64)

#define ANSWER(type, real, directory, path, flags)            \
	struct wire_stat found;                               \
	int answer = look_up(directory, path, flags, &found); \
	return answer ? fill_##type(answer, &found, into) : real

#define ANSWER_FD(type, real)                    \
	struct wire_stat found;                  \
	int answer = look_up_number(fd, &found); \
	return answer ? fill_##type(answer, &found, into) : real

EXPORT int stat(const char *path, struct stat *into)
{
	ANSWER(stat, REAL(stat)(path, into), AT_FDCWD, path, 0);
}

EXPORT int stat64(const char *path, struct stat64 *into)
{
	ANSWER(stat64, REAL(stat64)(path, into), AT_FDCWD, path, 0);
}

EXPORT int lstat(const char *path, struct stat *into)
{
	ANSWER(stat, REAL(lstat)(path, into), AT_FDCWD, path, AT_SYMLINK_NOFOLLOW);
}

EXPORT int lstat64(const char *path, struct stat64 *into)
{
	ANSWER(stat64, REAL(lstat64)(path, into), AT_FDCWD, path, AT_SYMLINK_NOFOLLOW);
}

EXPORT int fstat(int fd, struct stat *into)
{
	ANSWER_FD(stat, REAL(fstat)(fd, into));
}

EXPORT int fstat64(int fd, struct stat64 *into)
{
	ANSWER_FD(stat64, REAL(fstat64)(fd, into));
}

EXPORT int fstatat(int directory, const char *path, struct stat *into, int flags)
{
	ANSWER(stat, REAL(fstatat)(directory, path, into, flags), directory, path, flags);
}

EXPORT int fstatat64(int directory, const char *path, struct stat64 *into, int flags)
{
	ANSWER(stat64, REAL(fstatat64)(directory, path, into, flags), directory, path, flags);
}

/* What programs call that were linked with a C library before 2.33. */
int __xstat(int version, const char *path, struct stat *into);
int __xstat64(int version, const char *path, struct stat64 *into);
int __lxstat(int version, const char *path, struct stat *into);
int __lxstat64(int version, const char *path, struct stat64 *into);
int __fxstat(int version, int fd, struct stat *into);
int __fxstat64(int version, int fd, struct stat64 *into);
int __fxstatat(int version, int directory, const char *path, struct stat *into, int flags);
int __fxstatat64(int version, int directory, const char *path, struct stat64 *into, int flags);

EXPORT int __xstat(int version, const char *path, struct stat *into)
{
	ANSWER(stat, REAL(__xstat)(version, path, into), AT_FDCWD, path, 0);
}

EXPORT int __xstat64(int version, const char *path, struct stat64 *into)
{
	ANSWER(stat64, REAL(__xstat64)(version, path, into), AT_FDCWD, path, 0);
}

EXPORT int __lxstat(int version, const char *path, struct stat *into)
{
	ANSWER(stat, REAL(__lxstat)(version, path, into), AT_FDCWD, path, AT_SYMLINK_NOFOLLOW);
}

EXPORT int __lxstat64(int version, const char *path, struct stat64 *into)
{
	ANSWER(stat64, REAL(__lxstat64)(version, path, into), AT_FDCWD, path, AT_SYMLINK_NOFOLLOW);
}

EXPORT int __fxstat(int version, int fd, struct stat *into)
{
	ANSWER_FD(stat, REAL(__fxstat)(version, fd, into));
}

EXPORT int __fxstat64(int version, int fd, struct stat64 *into)
{
	ANSWER_FD(stat64, REAL(__fxstat64)(version, fd, into));
}

EXPORT int __fxstatat(int version, int directory, const char *path, struct stat *into, int flags)
{
	ANSWER(stat, REAL(__fxstatat)(version, directory, path, into, flags), directory, path,
	       flags);
}

EXPORT int __fxstatat64(int version, int directory, const char *path, struct stat64 *into,
			int flags)
{
	ANSWER(stat64, REAL(__fxstatat64)(version, directory, path, into, flags), directory, path,
	       flags);
}

EXPORT int statx(int directory, const char *path, int flags, unsigned int mask, struct statx *into)
{
	struct wire_stat found;
	int answer = look_up(directory, path, flags, &found);
	struct timespec time;

	if (answer == 0)
		return REAL(statx)(directory, path, flags, mask, into);
	if (answer < 0)
		return -1;
	memset(into, 0, sizeof(*into));
	time = time_of(&found);
	into->stx_mask = STATX_BASIC_STATS;
	into->stx_blksize = BLOCK_BYTES;
	into->stx_nlink = found.links;
	into->stx_mode = found.mode;
	into->stx_ino = found.inode;
	into->stx_size = found.size;
	into->stx_mtime.tv_sec = into->stx_atime.tv_sec = into->stx_ctime.tv_sec = time.tv_sec;
	into->stx_mtime.tv_nsec = into->stx_atime.tv_nsec = into->stx_ctime.tv_nsec = time.tv_nsec;
	into->stx_rdev_major = found.major;
	into->stx_rdev_minor = found.minor;
	into->stx_dev_major = major(DEVICE_OF_FILES);
	into->stx_dev_minor = minor(DEVICE_OF_FILES);
	return 0;
}

/* ---- access: programs are the superuser of the simulated system ---------------------------- */

/* 1 there and allowed, 0 the host's, -1 with errno. */
static int may(int directory, const char *path, int mode, int flags)
{
	struct wire_stat found;
	int answer = look_up(directory, path, flags & AT_SYMLINK_NOFOLLOW, &found);

	if (answer > 0 && mode & X_OK && !S_ISDIR(found.mode) && !(found.mode & 0111)) {
		errno = EACCES;
		return -1;
	}
	return answer;
}

#define ANSWER_ACCESS(real, directory, flags)           \
	int answer = may(directory, path, mode, flags); \
	return answer > 0 ? 0 : answer < 0 ? -1 : real

EXPORT int access(const char *path, int mode)
{
	ANSWER_ACCESS(REAL(access)(path, mode), AT_FDCWD, 0);
}

EXPORT int eaccess(const char *path, int mode)
{
	ANSWER_ACCESS(REAL(eaccess)(path, mode), AT_FDCWD, 0);
}

EXPORT int euidaccess(const char *path, int mode)
{
	ANSWER_ACCESS(REAL(euidaccess)(path, mode), AT_FDCWD, 0);
}

EXPORT int faccessat(int directory, const char *path, int mode, int flags)
{
	ANSWER_ACCESS(REAL(faccessat)(directory, path, mode, flags), directory, flags);
}

/* ---- links --------------------------------------------------------------------------------- */

static ssize_t read_link(int directory, const char *path, char *into, size_t size)
{
	char whole[PATH_MAX];
	struct call call;

	if (is_simulated_path(directory, path, whole)) {
		begin(&call, OP_READLINK);
		call.data = whole;
		call.length = strlen(whole) + 1;
		call.answer = into;
		call.answer_size = size;
		if (finish(&call) >= 0)
			return call.answer_length;
		if (errno != WIRE_NOT_MINE)
			return -1;
	}
	return REAL(readlinkat)(directory, path, into, size);
}

ssize_t __readlink_chk(const char *path, char *into, size_t size, size_t room);
ssize_t __readlinkat_chk(int directory, const char *path, char *into, size_t size, size_t room);
char *__realpath_chk(const char *path, char *into, size_t room);

EXPORT ssize_t readlink(const char *path, char *into, size_t size)
{
	return read_link(AT_FDCWD, path, into, size);
}

EXPORT ssize_t readlinkat(int directory, const char *path, char *into, size_t size)
{
	return read_link(directory, path, into, size);
}

EXPORT ssize_t __readlink_chk(const char *path, char *into, size_t size, size_t room)
{
	return read_link(AT_FDCWD, path, into, size < room ? size : room);
}

EXPORT ssize_t __readlinkat_chk(int directory, const char *path, char *into, size_t size,
				size_t room)
{
	return read_link(directory, path, into, size < room ? size : room);
}

EXPORT char *realpath(const char *path, char *into)
{
	char whole[PATH_MAX];
	char canonical[PATH_MAX] = "";
	struct call call;

	if (!is_simulated_path(AT_FDCWD, path, whole))
		return REAL(realpath)(path, into);
	begin(&call, OP_CANONICAL);
	call.data = whole;
	call.length = strlen(whole) + 1;
	call.answer = canonical;
	call.answer_size = sizeof(canonical) - 1;
	if (finish(&call) < 0)
		return errno == WIRE_NOT_MINE ? REAL(realpath)(path, into) : NULL;
	return into ? strcpy(into, canonical) : strdup(canonical);
}

EXPORT char *canonicalize_file_name(const char *path)
{
	return realpath(path, NULL);
}

EXPORT char *__realpath_chk(const char *path, char *into, size_t room)
{
	(void)room;
	return realpath(path, into);
}

/* ---- changes ------------------------------------------------------------------------------- */

static bool is_there(int directory, const char *path)
{
	struct wire_stat found;

	return look_up(directory, path, AT_SYMLINK_NOFOLLOW, &found) != 0;
}

/* A name that is there cannot be changed, one that is not there is not found. */
#define REFUSED(type, name, directory, parameters, ...)                             \
	EXPORT type name parameters                                                 \
	{                                                                           \
		struct wire_stat found;                                             \
		int answer = look_up(directory, path, AT_SYMLINK_NOFOLLOW, &found); \
                                                                                    \
		if (answer == 0)                                                    \
			return REAL(name)(__VA_ARGS__);                             \
		if (answer > 0)                                                     \
			errno = EPERM;                                              \
		return -1;                                                          \
	}

REFUSED(int, chmod, AT_FDCWD, (const char *path, mode_t mode), path, mode)
REFUSED(int, fchmodat, directory, (int directory, const char *path, mode_t mode, int flags),
	directory, path, mode, flags)
REFUSED(int, chown, AT_FDCWD, (const char *path, uid_t owner, gid_t group), path, owner, group)
REFUSED(int, lchown, AT_FDCWD, (const char *path, uid_t owner, gid_t group), path, owner, group)
REFUSED(int, fchownat, directory,
	(int directory, const char *path, uid_t owner, gid_t group, int flags), directory, path,
	owner, group, flags)
REFUSED(int, rmdir, AT_FDCWD, (const char *path), path)
REFUSED(int, truncate, AT_FDCWD, (const char *path, off_t length), path, length)
REFUSED(int, utimensat, directory,
	(int directory, const char *path, const struct timespec times[2], int flags), directory,
	path, times, flags)
REFUSED(int, utimes, AT_FDCWD, (const char *path, const struct timeval times[2]), path, times)

/* A device file that mknod made goes; nothing else does. */
static int take_away(int directory, const char *path, bool *ours)
{
	char whole[PATH_MAX];
	struct call call;

	*ours = is_simulated_path(directory, path, whole);
	if (!*ours)
		return 0;
	begin(&call, OP_UNLINK);
	call.data = whole;
	call.length = strlen(whole) + 1;
	if (finish(&call) >= 0)
		return 0;
	*ours = errno != WIRE_NOT_MINE;
	return -1;
}

#define TAKES_AWAY(name, directory, parameters, ...)                                               \
	EXPORT int name parameters                                                                 \
	{                                                                                          \
		bool ours;                                                                         \
		int result = take_away(directory, path, &ours);                                    \
                                                                                                   \
		return ours ? result : REAL(name)(__VA_ARGS__);                                    \
	}

TAKES_AWAY(unlink, AT_FDCWD, (const char *path), path)
TAKES_AWAY(unlinkat, directory, (int directory, const char *path, int flags), directory, path,
	   flags)
TAKES_AWAY(remove, AT_FDCWD, (const char *path), path)

EXPORT int mknodat(int directory, const char *path, mode_t mode, dev_t device)
{
	char whole[PATH_MAX];
	struct call call;

	if (is_simulated_path(directory, path, whole)) {
		begin(&call, OP_MKNOD);
		call.out.v[0] = mode;
		call.out.v[1] = major(device);
		call.out.v[2] = minor(device);
		call.data = whole;
		call.length = strlen(whole) + 1;
		if (finish(&call) >= 0)
			return 0;
		if (errno != WIRE_NOT_MINE)
			return -1;
	}
	return REAL(mknodat)(directory, path, mode, device);
}

EXPORT int mknod(const char *path, mode_t mode, dev_t device)
{
	return mknodat(AT_FDCWD, path, mode, device);
}

/* Names that are to be made or moved: not in the simulated system. */
static bool is_refused(int directory, const char *path)
{
	char whole[PATH_MAX];

	if (!is_simulated_path(directory, path, whole) || is_proc(whole))
		return false;
	errno = EPERM;
	return true;
}

EXPORT int rename(const char *from, const char *to)
{
	if (is_refused(AT_FDCWD, from) || is_refused(AT_FDCWD, to))
		return -1;
	return REAL(rename)(from, to);
}

EXPORT int renameat(int from_directory, const char *from, int to_directory, const char *to)
{
	if (is_refused(from_directory, from) || is_refused(to_directory, to))
		return -1;
	return REAL(renameat)(from_directory, from, to_directory, to);
}

EXPORT int renameat2(int from_directory, const char *from, int to_directory, const char *to,
		     unsigned int flags)
{
	if (is_refused(from_directory, from) || is_refused(to_directory, to))
		return -1;
	return REAL(renameat2)(from_directory, from, to_directory, to, flags);
}

EXPORT int link(const char *from, const char *to)
{
	if (is_refused(AT_FDCWD, from) || is_refused(AT_FDCWD, to))
		return -1;
	return REAL(link)(from, to);
}

EXPORT int linkat(int from_directory, const char *from, int to_directory, const char *to, int flags)
{
	if (is_refused(from_directory, from) || is_refused(to_directory, to))
		return -1;
	return REAL(linkat)(from_directory, from, to_directory, to, flags);
}

EXPORT int symlink(const char *target, const char *path)
{
	return is_refused(AT_FDCWD, path) ? -1 : REAL(symlink)(target, path);
}

EXPORT int symlinkat(const char *target, int directory, const char *path)
{
	return is_refused(directory, path) ? -1 : REAL(symlinkat)(target, directory, path);
}

EXPORT int mkdirat(int directory, const char *path, mode_t mode)
{
	return is_refused(directory, path) ? -1 : REAL(mkdirat)(directory, path, mode);
}

EXPORT int mkfifo(const char *path, mode_t mode)
{
	return is_refused(AT_FDCWD, path) ? -1 : REAL(mkfifo)(path, mode);
}

EXPORT int futimens(int fd, const struct timespec times[2])
{
	if (!file_number(fd))
		return REAL(futimens)(fd, times);
	errno = EPERM;
	return -1;
}

EXPORT int mkdir(const char *path, mode_t mode)
{
	char whole[PATH_MAX];

	if (!is_simulated_path(AT_FDCWD, path, whole))
		return REAL(mkdir)(path, mode);
	errno = is_there(AT_FDCWD, path) && errno != ENOENT ? EEXIST : EPERM;
	return -1;
}

/* ---- extended attributes: there are none --------------------------------------------------- */

#define NO_ATTRIBUTES(name, parameters, ...)                   \
	EXPORT ssize_t name parameters                         \
	{                                                      \
		char whole[PATH_MAX];                          \
                                                               \
		if (!is_simulated_path(AT_FDCWD, path, whole)) \
			return REAL(name)(__VA_ARGS__);        \
		errno = ENOTSUP;                               \
		return -1;                                     \
	}

NO_ATTRIBUTES(getxattr, (const char *path, const char *name, void *into, size_t size), path, name,
	      into, size)
NO_ATTRIBUTES(lgetxattr, (const char *path, const char *name, void *into, size_t size), path, name,
	      into, size)
NO_ATTRIBUTES(listxattr, (const char *path, char *into, size_t size), path, into, size)
NO_ATTRIBUTES(llistxattr, (const char *path, char *into, size_t size), path, into, size)
