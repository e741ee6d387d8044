/* Which names and descriptors are the simulated system's. */
#include "user.h"
#include <ctype.h>
#include <sys/socket.h>
#include <sys/un.h>

#define FOLDER_VARIABLE WIRE_ADDRESS_VARIABLE "_FOLDER"

static char folder[PATH_MAX];
static bool folder_known;

const char *simulated_folder(void)
{
	if (!folder_known) {
		const char *inherited = getenv(FOLDER_VARIABLE);

		if (inherited && strlen(inherited) < sizeof(folder))
			strcpy(folder, inherited);
		folder_known = true;
	}
	return folder[0] ? folder : NULL;
}

static void set_folder(const char *path)
{
	folder_known = true;
	if (path) {
		snprintf(folder, sizeof(folder), "%s", path);
		setenv(FOLDER_VARIABLE, folder, 1);
	} else if (folder[0]) {
		folder[0] = 0;
		unsetenv(FOLDER_VARIABLE);
	}
}

/* The host's files under /dev that know nothing of devices. */
static bool is_harmless(const char *name)
{
	static const char *const names[] = { "null",  "zero",	"full",	 "random", "urandom",
					     "tty",   "pts",	"ptmx",	 "shm",	   "fd",
					     "stdin", "stdout", "stderr" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t length = strlen(names[i]);

		if (!strncmp(name, names[i], length) && (name[length] == 0 || name[length] == '/'))
			return true;
	}
	return false;
}

/* Without double slashes, "." and "..". */
static void normalize(const char *path, char *into)
{
	size_t length = 0;

	while (*path) {
		const char *end;

		while (*path == '/')
			path++;
		end = path;
		while (*end && *end != '/')
			end++;
		if (end - path == 2 && path[0] == '.' && path[1] == '.') {
			while (length > 0 && into[--length] != '/')
				;
		} else if (end != path && !(end - path == 1 && path[0] == '.')) {
			into[length++] = '/';
			memcpy(into + length, path, end - path);
			length += end - path;
		}
		path = end;
	}
	if (!length)
		into[length++] = '/';
	into[length] = 0;
}

static bool is_at(const char *path, const char *root)
{
	size_t length = strlen(root);

	return !strncmp(path, root, length) && (path[length] == 0 || path[length] == '/');
}

bool is_proc(const char *whole)
{
	return is_at(whole, "/proc");
}

static bool is_ours(const char *path)
{
	if (is_at(path, "/sys") || !strcmp(path, "/dev"))
		return true;
	if (is_at(path, "/dev"))
		return !is_harmless(path + 5);
	if (is_at(path, "/proc") && path[5]) {
		const char *name = path + 6;

		return !isdigit((unsigned char)*name) && !is_at(name, "self") &&
		       !is_at(name, "thread-self") && !is_at(name, "mounts") && !is_at(name, "sys");
	}
	return false;
}

/* Where a relative name starts; false when that is nowhere near the simulated system. */
static bool base_of(int directory, const char *path, char *base)
{
	char link[64];
	ssize_t length;
	int number;

	if (directory == AT_FDCWD) {
		if (simulated_folder()) {
			strcpy(base, simulated_folder());
			return true;
		}
		snprintf(link, sizeof(link), "/proc/self/cwd");
	} else {
		number = file_number(directory);
		if (number) {
			struct call call;

			begin(&call, OP_PATH);
			call.out.v[0] = number;
			call.answer = base;
			call.answer_size = PATH_MAX - 1;
			if (finish(&call) < 0)
				return false;
			base[call.answer_length] = 0;
			return true;
		}
		snprintf(link, sizeof(link), "/proc/self/fd/%d", directory);
	}
	if (!strstr(path, "dev") && !strstr(path, "sys") && !strstr(path, "proc"))
		return false;
	length = syscall(SYS_readlinkat, AT_FDCWD, link, base, PATH_MAX - 1);
	if (length <= 0)
		return false;
	base[length] = 0;
	return true;
}

/*
 * Whether a name is one of the simulated system. Its whole form keeps links and "..": the
 * simulated kernel follows them.
 */
bool is_simulated_path(int directory, const char *path, char *whole)
{
	char normal[2 * PATH_MAX + 2];

	if (!is_on() || !path || strlen(path) >= PATH_MAX)
		return false;
	if (path[0] == '/') {
		if (!strstr(path, "dev") && !strstr(path, "sys") && !strstr(path, "proc"))
			return false;
		strcpy(whole, path);
	} else {
		size_t length;

		if (!path[0] || !base_of(directory, path, whole))
			return false;
		length = strlen(whole);
		if (length + 1 + strlen(path) >= PATH_MAX)
			return false;
		whole[length] = '/';
		strcpy(whole + length + 1, path);
	}
	normalize(whole, normal);
	return is_ours(normal);
}

/* A file's descriptor is a socket whose other end is named after the file's number. */
int file_number(int fd)
{
	struct sockaddr_un peer;
	socklen_t size = sizeof(peer);
	size_t length;
	int saved = errno;

	if (!is_on() || fd < 0 || syscall(SYS_getpeername, fd, &peer, &size) ||
	    peer.sun_family != AF_UNIX) {
		errno = saved;
		return 0;
	}
	errno = saved;
	length = strlen(address_name());
	if (size <= offsetof(struct sockaddr_un, sun_path) + 1 + length ||
	    memcmp(peer.sun_path + 1, address_name(), length) || peer.sun_path[1 + length] != '/')
		return 0;
	peer.sun_path[size - offsetof(struct sockaddr_un, sun_path)] = 0;
	return atoi(peer.sun_path + 2 + length);
}

/* ---- the working directory ----------------------------------------------------------------- */

static int enter(const char *whole)
{
	char canonical[PATH_MAX] = "";
	struct call call;

	begin(&call, OP_FOLDER);
	call.data = whole;
	call.length = strlen(whole) + 1;
	call.answer = canonical;
	call.answer_size = sizeof(canonical) - 1;
	if (finish(&call) < 0)
		return -1;
	set_folder(canonical);
	return 0;
}

EXPORT int chdir(const char *path)
{
	char whole[PATH_MAX];

	if (is_simulated_path(AT_FDCWD, path, whole)) {
		if (enter(whole) == 0)
			return 0;
		if (errno != WIRE_NOT_MINE)
			return -1;
	} else if (simulated_folder() && path && path[0] != '/') {
		/* Out of the simulated folders, as "cd ../.." does. */
		char joined[2 * PATH_MAX + 2], normal[2 * PATH_MAX + 2];

		snprintf(joined, sizeof(joined), "%s/%s", simulated_folder(), path);
		normalize(joined, normal);
		if (REAL(chdir)(normal))
			return -1;
		set_folder(NULL);
		return 0;
	}
	if (REAL(chdir)(path))
		return -1;
	set_folder(NULL);
	return 0;
}

EXPORT int fchdir(int fd)
{
	char whole[PATH_MAX];
	struct call call;
	int number = file_number(fd);

	if (!number) {
		if (REAL(fchdir)(fd))
			return -1;
		set_folder(NULL);
		return 0;
	}
	memset(whole, 0, sizeof(whole));
	begin(&call, OP_PATH);
	call.out.v[0] = number;
	call.answer = whole;
	call.answer_size = sizeof(whole) - 1;
	return finish(&call) < 0 ? -1 : enter(whole);
}

EXPORT char *getcwd(char *into, size_t size)
{
	const char *path = simulated_folder();

	if (!is_on() || !path)
		return REAL(getcwd)(into, size);
	if (into && size < strlen(path) + 1) {
		errno = size ? ERANGE : EINVAL;
		return NULL;
	}
	if (!into) {
		into = malloc(size > strlen(path) ? size : strlen(path) + 1);
		if (!into)
			return NULL;
	}
	return strcpy(into, path);
}

char *__getcwd_chk(char *into, size_t size, size_t room);

EXPORT char *__getcwd_chk(char *into, size_t size, size_t room)
{
	return getcwd(into, size < room ? size : room);
}

EXPORT char *get_current_dir_name(void)
{
	return getcwd(NULL, 0);
}
