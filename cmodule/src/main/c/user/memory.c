/* Mapped files: the very pages of the simulated machine. */
#include "user.h"
#include <sys/mman.h>

#define PAGE_SIZE 4096ul
#define AREA_COUNT_MAX 1024
#define PIECE_COUNT_MAX 1024

/* An area of this process that is mapped from a simulated file. */
struct area {
	char *start;
	size_t length;
	int64_t mapping; /* the simulator's name of it */
};

static struct area areas[AREA_COUNT_MAX];

void forget_mappings(void)
{
	/* A child has its parent's areas: the simulator counts both. */
}

static int error_of(long result)
{
	errno = -result;
	return -1;
}

/* Opens a segment of the simulated machine's memory. */
static int segment(int64_t number)
{
	struct call call;

	begin(&call, OP_MMAP);
	call.out.v[0] = -1;
	call.out.v[1] = number;
	if (finish(&call) < 0)
		return -1;
	return call.fd;
}

static int place(char *start, size_t length, const struct wire_piece *pieces, size_t count,
		 int protection)
{
	int64_t number = -1;
	int fd = -1;
	int result = 0;

	for (size_t i = 0; i < count && !result; i++) {
		if (pieces[i].offset + pieces[i].length > length)
			return error_of(-EINVAL);
		if ((int64_t)pieces[i].segment != number) {
			if (fd >= 0)
				syscall(SYS_close, fd);
			number = pieces[i].segment;
			fd = segment(number);
		}
		if (fd < 0 ||
		    REAL(mmap64)(start + pieces[i].offset, pieces[i].length, protection,
				 MAP_SHARED | MAP_FIXED, fd, pieces[i].from) == MAP_FAILED)
			result = -1;
	}
	if (fd >= 0)
		syscall(SYS_close, fd);
	return result;
}

static bool remember(char *start, size_t length, int64_t mapping)
{
	for (int i = 0; i < AREA_COUNT_MAX; i++) {
		void *none = NULL;

		if (__atomic_compare_exchange_n(&areas[i].start, (char **)&none, start, false,
						__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
			areas[i].length = length;
			areas[i].mapping = mapping;
			return true;
		}
	}
	return false;
}

static void release(int64_t mapping)
{
	struct call call;

	begin(&call, OP_MUNMAP);
	call.out.v[0] = mapping;
	finish_raw(&call);
}

static void *map(int number, void *address, size_t length, int protection, int flags,
		 off64_t offset)
{
	struct wire_piece pieces[PIECE_COUNT_MAX];
	struct call call;
	char *start;
	int saved;

	if (!length || offset & (PAGE_SIZE - 1)) {
		errno = EINVAL;
		return MAP_FAILED;
	}
	length = (length + PAGE_SIZE - 1) & -PAGE_SIZE;
	start = REAL(mmap64)(address, length, PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
				     (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)),
			     -1, 0);
	if (start == MAP_FAILED)
		return MAP_FAILED;
	begin(&call, OP_MMAP);
	call.out.v[0] = number;
	call.out.v[1] = length;
	call.out.v[2] = protection;
	call.out.v[3] = flags;
	call.out.v[4] = offset;
	call.out.v[5] = (intptr_t)start;
	call.answer = pieces;
	call.answer_size = sizeof(pieces);
	if (finish(&call) < 0)
		goto failed;
	if (!place(start, length, pieces, call.answer_length / sizeof(pieces[0]), protection)) {
		if (remember(start, length, call.in.v[1]))
			return start;
		errno = ENOMEM;
	}
	saved = errno;
	release(call.in.v[1]);
	errno = saved;
failed:
	saved = errno;
	REAL(munmap)(start, length);
	errno = saved;
	return MAP_FAILED;
}

EXPORT void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
	int number = flags & MAP_ANONYMOUS ? 0 : file_number(fd);

	return number ? map(number, address, length, protection, flags, offset)
		      : REAL(mmap)(address, length, protection, flags, fd, offset);
}

EXPORT void *mmap64(void *address, size_t length, int protection, int flags, int fd, off64_t offset)
{
	int number = flags & MAP_ANONYMOUS ? 0 : file_number(fd);

	return number ? map(number, address, length, protection, flags, offset)
		      : REAL(mmap64)(address, length, protection, flags, fd, offset);
}

/* An area is given back when its first page is unmapped. */
EXPORT int munmap(void *address, size_t length)
{
	int result = REAL(munmap)(address, length);

	if (result || !is_on())
		return result;
	for (int i = 0; i < AREA_COUNT_MAX; i++) {
		char *start = areas[i].start;

		if (start && start >= (char *)address && start < (char *)address + length) {
			int64_t mapping = areas[i].mapping;

			areas[i].start = NULL;
			release(mapping);
		}
	}
	return result;
}
