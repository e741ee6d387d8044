/* Folders: a stream of entries is fetched at once and kept in memory. */
#include "user.h"
#include <dirent.h>
#include <pthread.h>
#include <sys/stat.h>

#define FOLDER_COUNT_MAX 256

/* One open folder; entries are wire_entry records, each with its name behind it. */
struct folder {
	int fd;
	char *entries;
	size_t length;
	size_t at;
	long index;
	struct dirent entry;
	struct dirent64 entry64;
};

static struct folder *folders[FOLDER_COUNT_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct folder *ours(DIR *stream)
{
	struct folder *found = NULL;

	if (!is_on())
		return NULL;
	pthread_mutex_lock(&lock);
	for (int i = 0; i < FOLDER_COUNT_MAX && !found; i++) {
		if ((DIR *)folders[i] == stream)
			found = folders[i];
	}
	pthread_mutex_unlock(&lock);
	return found;
}

static bool enlist(struct folder *folder, struct folder *instead_of)
{
	bool done = false;

	pthread_mutex_lock(&lock);
	for (int i = 0; i < FOLDER_COUNT_MAX && !done; i++) {
		if (folders[i] == instead_of) {
			folders[i] = folder;
			done = true;
		}
	}
	pthread_mutex_unlock(&lock);
	return done;
}

/* All entries, from the server, piece by piece. */
static int fetch(int number, char **entries, size_t *length)
{
	size_t size = 0;

	*entries = NULL;
	*length = 0;
	for (;;) {
		struct call call;
		char *larger = realloc(*entries, size += WIRE_MESSAGE_MAX);

		if (!larger) {
			free(*entries);
			errno = ENOMEM;
			return -1;
		}
		*entries = larger;
		begin(&call, OP_LIST);
		call.out.v[0] = number;
		call.out.v[1] = *length;
		call.answer = *entries + *length;
		call.answer_size = size - *length;
		if (finish(&call) < 0) {
			free(*entries);
			return -1;
		}
		*length += call.answer_length;
		if (!call.in.v[1])
			return 0;
	}
}

static DIR *open_folder(int fd)
{
	struct folder *folder = calloc(1, sizeof(*folder));

	if (!folder)
		return NULL;
	folder->fd = fd;
	if (fetch(file_number(fd), &folder->entries, &folder->length)) {
		free(folder);
		return NULL;
	}
	if (!enlist(folder, NULL)) {
		free(folder->entries);
		free(folder);
		errno = EMFILE;
		return NULL;
	}
	return (DIR *)folder;
}

EXPORT DIR *opendir(const char *path)
{
	char whole[PATH_MAX];
	DIR *stream;
	int fd;

	if (!is_simulated_path(AT_FDCWD, path, whole))
		return REAL(opendir)(path);
	fd = open_simulated(whole, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (fd < 0)
		return errno == WIRE_NOT_MINE ? REAL(opendir)(path) : NULL;
	stream = open_folder(fd);
	if (!stream)
		close(fd);
	return stream;
}

EXPORT DIR *fdopendir(int fd)
{
	return file_number(fd) ? open_folder(fd) : REAL(fdopendir)(fd);
}

EXPORT int closedir(DIR *stream)
{
	struct folder *folder = ours(stream);
	int fd;

	if (!folder)
		return REAL(closedir)(stream);
	enlist(NULL, folder);
	fd = folder->fd;
	free(folder->entries);
	free(folder);
	return close(fd);
}

static const struct wire_entry *next(struct folder *folder, const char **name)
{
	const struct wire_entry *entry = (const void *)(folder->entries + folder->at);

	if (folder->at >= folder->length)
		return NULL;
	*name = folder->entries + folder->at + sizeof(*entry);
	folder->at += entry->length;
	folder->index++;
	return entry;
}

#define READ_ENTRY(kind, function, member)                                \
	static struct kind *function(struct folder *folder)               \
	{                                                                 \
		struct kind *into = &folder->member;                      \
		const char *name;                                         \
		const struct wire_entry *entry = next(folder, &name);     \
                                                                          \
		if (!entry)                                               \
			return NULL;                                      \
		into->d_ino = entry->inode;                               \
		into->d_off = folder->index;                              \
		into->d_reclen = sizeof(*into);                           \
		into->d_type = entry->type;                               \
		snprintf(into->d_name, sizeof(into->d_name), "%s", name); \
		return into;                                              \
	}

READ_ENTRY(dirent, read_entry, entry)
READ_ENTRY(dirent64, read_entry64, entry64)

EXPORT struct dirent *readdir(DIR *stream)
{
	struct folder *folder = ours(stream);

	return folder ? read_entry(folder) : REAL(readdir)(stream);
}

EXPORT struct dirent64 *readdir64(DIR *stream)
{
	struct folder *folder = ours(stream);

	return folder ? read_entry64(folder) : REAL(readdir64)(stream);
}

static void seek_to(struct folder *folder, long index)
{
	const char *name;

	folder->at = 0;
	folder->index = 0;
	while (folder->index < index && next(folder, &name))
		;
}

EXPORT void rewinddir(DIR *stream)
{
	struct folder *folder = ours(stream);

	if (folder)
		seek_to(folder, 0);
	else
		REAL(rewinddir)(stream);
}

EXPORT long telldir(DIR *stream)
{
	struct folder *folder = ours(stream);

	return folder ? folder->index : REAL(telldir)(stream);
}

EXPORT void seekdir(DIR *stream, long index)
{
	struct folder *folder = ours(stream);

	if (folder)
		seek_to(folder, index);
	else
		REAL(seekdir)(stream, index);
}

EXPORT int dirfd(DIR *stream)
{
	struct folder *folder = ours(stream);

	return folder ? folder->fd : REAL(dirfd)(stream);
}

static int scan(DIR *stream, struct dirent ***names, int (*wanted)(const struct dirent *),
		int (*order)(const struct dirent **, const struct dirent **))
{
	struct dirent *entry;
	int count = 0;

	*names = NULL;
	while ((entry = readdir(stream))) {
		struct dirent **larger;

		if (wanted && !wanted(entry))
			continue;
		larger = realloc(*names, (count + 1) * sizeof(*larger));
		if (!larger)
			break;
		*names = larger;
		larger[count] = malloc(sizeof(*entry));
		if (!larger[count])
			break;
		memcpy(larger[count++], entry, sizeof(*entry));
	}
	if (order && count)
		qsort(*names, count, sizeof(**names), (int (*)(const void *, const void *))order);
	return count;
}

EXPORT int scandir(const char *path, struct dirent ***names, int (*wanted)(const struct dirent *),
		   int (*order)(const struct dirent **, const struct dirent **))
{
	char whole[PATH_MAX];
	DIR *stream;
	int count;

	if (!is_simulated_path(AT_FDCWD, path, whole))
		return REAL(scandir)(path, names, wanted, order);
	stream = opendir(path);
	if (!stream)
		return -1;
	count = scan(stream, names, wanted, order);
	closedir(stream);
	return count;
}

/* The layout of both kinds of entries is the same where off_t has 64 bits. */
_Static_assert(sizeof(struct dirent) == sizeof(struct dirent64), "one layout of entries");

EXPORT int scandir64(const char *path, struct dirent64 ***names,
		     int (*wanted)(const struct dirent64 *),
		     int (*order)(const struct dirent64 **, const struct dirent64 **))
{
	return scandir(path, (struct dirent ***)names, (int (*)(const struct dirent *))wanted,
		       (int (*)(const struct dirent **, const struct dirent **))order);
}

EXPORT ssize_t getdents64(int fd, void *into, size_t size)
{
	int number = file_number(fd);
	struct folder folder = { 0 };
	size_t done = 0;
	off64_t index;

	if (!number)
		return REAL(getdents64)(fd, into, size);
	index = seek_any(fd, 0, SEEK_CUR);
	if (fetch(number, &folder.entries, &folder.length))
		return -1;
	seek_to(&folder, index);
	for (;;) {
		size_t before = folder.at;
		struct dirent64 *entry = read_entry64(&folder);
		size_t length;

		if (!entry)
			break;
		length = (offsetof(struct dirent64, d_name) + strlen(entry->d_name) + 8) & ~7ul;
		if (done + length > size) {
			folder.at = before;
			folder.index--;
			break;
		}
		entry->d_reclen = length;
		memcpy((char *)into + done, entry, length);
		done += length;
	}
	seek_any(fd, folder.index, SEEK_SET);
	free(folder.entries);
	return done;
}
