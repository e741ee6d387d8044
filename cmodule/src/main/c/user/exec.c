/* Programs that programs start: the library goes with them, or they are refused. */
#include "user.h"
#include <elf.h>
#include <spawn.h>
#include <sys/stat.h>

#define SCRIPT_DEPTH_MAX 4
#define HEADER_COUNT_MAX 256
#define CANNOT_RUN 126

extern char **environ;

static const char *judge_elf(int fd, const char *head, ssize_t length)
{
	Elf64_Ehdr elf;

	if (length < (ssize_t)sizeof(elf))
		return NULL;
	memcpy(&elf, head, sizeof(elf));
	if (elf.e_ident[EI_CLASS] != ELFCLASS64)
		return "is a 32-bit program";
	for (int i = 0; i < elf.e_phnum && i < HEADER_COUNT_MAX; i++) {
		Elf64_Phdr part;

		if (syscall(SYS_pread64, fd, &part, sizeof(part), elf.e_phoff + i * sizeof(part)) !=
		    sizeof(part))
			return NULL;
		if (part.p_type == PT_INTERP)
			return NULL;
	}
	return "is statically linked";
}

/* Why a file cannot see the simulated system when it runs, or NULL. */
static const char *judge(const char *path, int depth)
{
	char head[512];
	struct stat status;
	const char *fault = NULL;
	ssize_t length;
	int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	length = syscall(SYS_read, fd, head, sizeof(head) - 1);
	if (length > 4 && !memcmp(head, ELFMAG, SELFMAG)) {
		fault = judge_elf(fd, head, length);
		if (!fault && !REAL(fstat)(fd, &status)) {
			if (status.st_mode & S_ISUID && status.st_uid != getuid())
				fault = "has the set-user-id bit";
			else if (status.st_mode & S_ISGID && status.st_mode & S_IXGRP &&
				 status.st_gid != getgid())
				fault = "has the set-group-id bit";
		}
	} else if (length > 2 && head[0] == '#' && head[1] == '!' && depth < SCRIPT_DEPTH_MAX) {
		char *start = head + 2;

		head[length] = 0;
		start += strspn(start, " \t");
		start[strcspn(start, " \t\n")] = 0;
		fault = judge(start, depth + 1);
	}
	syscall(SYS_close, fd);
	return fault;
}

/* Says what is wrong, as a shell would, and stands in for the program that cannot run. */
static void refuse(const char *path, const char *fault)
{
	char text[PATH_MAX + 256];
	int length = snprintf(text, sizeof(text),
			      "dmakit: %s %s: it would not see the simulated system; "
			      "use one that is linked dynamically and needs no privileges\n",
			      path, fault);

	if (syscall(SYS_write, 2, text, (size_t)length) < 0)
		syscall(SYS_exit_group, CANNOT_RUN);
	syscall(SYS_exit_group, CANNOT_RUN);
}

/* ---- the environment ----------------------------------------------------------------------- */

enum { PRELOAD, ADDRESS, FOLDER, OURS_COUNT };

static const char *const names[OURS_COUNT] = { "LD_PRELOAD", WIRE_ADDRESS_VARIABLE,
					       WIRE_ADDRESS_VARIABLE "_FOLDER" };
static char library[PATH_MAX];
static char texts[OURS_COUNT][2 * PATH_MAX];

static const char *value_of(const char *entry, const char *name)
{
	size_t length = strlen(name);

	return !strncmp(entry, name, length) && entry[length] == '=' ? entry + length + 1 : NULL;
}

__attribute__((constructor)) static void remember_library(void)
{
	Dl_info info;

	if (dladdr(texts, &info) && strlen(info.dli_fname) < sizeof(library))
		strcpy(library, info.dli_fname);
}

static size_t count_of(char *const *list)
{
	size_t count = 0;

	while (list && list[count])
		count++;
	return count;
}

/* The caller's environment, with what the library needs in it. `into` has room for all of it. */
static char *const *with_ours(char *const *environment, char **into)
{
	const char *folder = simulated_folder();
	const char *others = "";
	size_t count = 0;

	for (; environment && *environment; environment++) {
		const char *preloaded = value_of(*environment, names[PRELOAD]);

		if (preloaded)
			others = preloaded;
		else if (!value_of(*environment, names[ADDRESS]) &&
			 !value_of(*environment, names[FOLDER]))
			into[count++] = *environment;
	}
	if (strstr(others, library))
		snprintf(texts[PRELOAD], sizeof(texts[0]), "%s=%s", names[PRELOAD], others);
	else
		snprintf(texts[PRELOAD], sizeof(texts[0]), "%s=%s%s%s", names[PRELOAD], library,
			 *others ? ":" : "", others);
	snprintf(texts[ADDRESS], sizeof(texts[0]), "%s=%s", names[ADDRESS], address_name());
	into[count++] = texts[PRELOAD];
	into[count++] = texts[ADDRESS];
	if (folder) {
		snprintf(texts[FOLDER], sizeof(texts[0]), "%s=%s", names[FOLDER], folder);
		into[count++] = texts[FOLDER];
	}
	into[count] = NULL;
	return into;
}

static int run(const char *path, char *const *arguments, char *const *environment)
{
	char *all[count_of(environment) + OURS_COUNT + 1];
	const char *fault;

	if (!is_on())
		return REAL(execve)(path, arguments, environment);
	fault = judge(path, 0);
	if (fault && !access(path, X_OK))
		refuse(path, fault);
	return REAL(execve)(path, arguments, with_ours(environment, all));
}

/* Where the shell would find a program; the name itself when it has a slash. */
static int search(const char *file, const char *search_path, char *into)
{
	int error = ENOENT;

	if (strchr(file, '/') || !*file) {
		if (strlen(file) >= PATH_MAX || !*file) {
			errno = *file ? ENAMETOOLONG : ENOENT;
			return -1;
		}
		strcpy(into, file);
		return 0;
	}
	if (!search_path)
		search_path = "/bin:/usr/bin";
	for (;;) {
		size_t length = strcspn(search_path, ":");
		struct stat status;

		if (length + strlen(file) + 2 < PATH_MAX) {
			memcpy(into, search_path, length);
			snprintf(into + length, PATH_MAX - length, "%s%s", length ? "/" : "", file);
			if (!REAL(access)(into, X_OK) && !REAL(stat)(into, &status) &&
			    S_ISREG(status.st_mode))
				return 0;
			if (errno == EACCES)
				error = EACCES;
		}
		if (!search_path[length])
			break;
		search_path += length + 1;
	}
	errno = error;
	return -1;
}

static int run_script(const char *path, char *const *arguments, char *const *environment)
{
	size_t count = count_of(arguments);
	char *all[count + 3];
	size_t at = 0;

	all[at++] = "/bin/sh";
	all[at++] = (char *)path;
	for (size_t i = 1; i < count; i++)
		all[at++] = arguments[i];
	all[at] = NULL;
	return run("/bin/sh", all, environment);
}

static int run_found(const char *file, char *const *arguments, char *const *environment)
{
	char path[PATH_MAX];

	if (search(file, getenv("PATH"), path))
		return -1;
	run(path, arguments, environment);
	return errno == ENOEXEC ? run_script(path, arguments, environment) : -1;
}

EXPORT int execve(const char *path, char *const arguments[], char *const environment[])
{
	return run(path, arguments, environment);
}

EXPORT int execv(const char *path, char *const arguments[])
{
	return run(path, arguments, environ);
}

EXPORT int execvp(const char *file, char *const arguments[])
{
	return run_found(file, arguments, environ);
}

EXPORT int execvpe(const char *file, char *const arguments[], char *const environment[])
{
	return run_found(file, arguments, environment);
}

EXPORT int fexecve(int fd, char *const arguments[], char *const environment[])
{
	char path[64];
	char *all[count_of(environment) + OURS_COUNT + 1];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (is_on()) {
		const char *fault = judge(path, 0);

		if (fault)
			refuse(path, fault);
		environment = with_ours(environment, all);
	}
	return REAL(fexecve)(fd, arguments, environment);
}

static size_t count_arguments(va_list from)
{
	va_list arguments;
	size_t count = 1;

	va_copy(arguments, from);
	while (va_arg(arguments, char *))
		count++;
	va_end(arguments);
	return count;
}

#define COLLECT(list)                                              \
	va_list arguments;                                         \
	va_start(arguments, first);                                \
	char *list[count_arguments(arguments) + 1];                \
	size_t count = 0;                                          \
	list[count++] = (char *)first;                             \
	while (first && (list[count] = va_arg(arguments, char *))) \
		count++;                                           \
	list[count] = NULL

EXPORT int execl(const char *path, const char *first, ...)
{
	COLLECT(list);
	va_end(arguments);
	return run(path, list, environ);
}

EXPORT int execlp(const char *file, const char *first, ...)
{
	COLLECT(list);
	va_end(arguments);
	return run_found(file, list, environ);
}

EXPORT int execle(const char *path, const char *first, ...)
{
	COLLECT(list);
	char *const *environment = va_arg(arguments, char *const *);
	va_end(arguments);
	return run(path, list, environment);
}

/* ---- posix_spawn --------------------------------------------------------------------------- */

/* A spawned program that is refused is replaced by a shell that says so. */
static int spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		 const posix_spawnattr_t *attributes, char *const *arguments,
		 char *const *environment)
{
	char *all[count_of(environment) + OURS_COUNT + 1];
	const char *fault;

	if (!is_on())
		return REAL(posix_spawn)(pid, path, actions, attributes, arguments, environment);
	environment = with_ours(environment, all);
	fault = judge(path, 0);
	if (fault && !access(path, X_OK)) {
		char *instead[] = { "sh",
				    "-c",
				    "echo \"dmakit: $0 $1: it would not see the simulated system\" "
				    ">&2; exit 126",
				    (char *)path,
				    (char *)fault,
				    NULL };

		return REAL(posix_spawn)(pid, "/bin/sh", actions, attributes, instead, environment);
	}
	return REAL(posix_spawn)(pid, path, actions, attributes, arguments, environment);
}

EXPORT int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
		       const posix_spawnattr_t *attributes, char *const arguments[],
		       char *const environment[])
{
	return spawn(pid, path, actions, attributes, arguments, environment);
}

EXPORT int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
			const posix_spawnattr_t *attributes, char *const arguments[],
			char *const environment[])
{
	char path[PATH_MAX];

	if (search(file, getenv("PATH"), path))
		return errno;
	return spawn(pid, path, actions, attributes, arguments, environment);
}
