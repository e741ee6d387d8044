/*
 * Memory of the process that made the system call. The simulator knows what it has; here the bytes
 * are put on the lane and taken off it, past which only this file and lane.c write.
 */
#include <dmakit/umbrella.h>

#include "call.h"
#include "libc.h"

/* As driver code would touch them: the cache lines and the shadow have their say. */
void __tsan_read_range(unsigned long va, unsigned long bytes);
void __tsan_write_range(unsigned long va, unsigned long bytes);

static unsigned char *lane_data(void)
{
	return lane + LANE_DATA;
}

static unsigned long piece_of(unsigned long bytes)
{
	return bytes < LANE_DATA_SIZE ? bytes : LANE_DATA_SIZE;
}

int dmakit_access_ok(const void __user *p, unsigned long bytes)
{
	return (int)CALL(access_ok, p, bytes);
}

unsigned long copy_to_user(void __user *to, const void *from, unsigned long bytes)
{
	unsigned long done = 0;

	while (done < bytes) {
		unsigned long piece = piece_of(bytes - done);
		unsigned long left;

		__tsan_read_range((unsigned long)from + done, piece);
		plain_memcpy(lane_data(), (const char *)from + done, piece);
		left = (unsigned long)CALL_DATA(copy_to_user, lane_data(), piece,
						(unsigned long)to + done);
		done += piece - left;
		if (left != 0)
			break;
	}
	return bytes - done;
}

unsigned long copy_from_user(void *to, const void __user *from, unsigned long bytes)
{
	unsigned long done = 0;
	unsigned long left = 0;

	while (done < bytes && left == 0) {
		unsigned long piece = piece_of(bytes - done);

		/* Before the bytes are on the lane: an interrupt here may use it. */
		__tsan_write_range((unsigned long)to + done, piece);
		left = (unsigned long)CALL_DATA(copy_from_user, lane_data(), piece,
						(unsigned long)from + done);
		plain_memcpy((char *)to + done, lane_data(), piece - left);
		done += piece - left;
	}
	if (done < bytes)
		memset((char *)to + done, 0, bytes - done);
	return bytes - done;
}

unsigned long clear_user(void __user *to, unsigned long bytes)
{
	return (unsigned long)CALL(clear_user, to, bytes);
}

long strncpy_from_user(char *to, const char __user *from, long count)
{
	long done = 0;

	while (done < count) {
		long piece = (long)piece_of((unsigned long)(count - done));
		long length;

		__tsan_write_range((unsigned long)to + done, piece);
		length = CALL_DATA(strncpy_from_user, lane_data(), piece,
				   (unsigned long)from + done);
		if (length < 0)
			return length;
		plain_memcpy(to + done, lane_data(), length < piece ? length + 1 : piece);
		done += length;
		if (length < piece)
			break;
	}
	return done;
}

long strnlen_user(const char __user *text, long count)
{
	return CALL(strnlen_user, text, count);
}

static void *duplicate(const void __user *from, size_t bytes, size_t extra)
{
	char *copy = kmalloc(bytes + extra, GFP_KERNEL);

	if (copy == NULL)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(copy, from, bytes) != 0) {
		kfree(copy);
		return ERR_PTR(-EFAULT);
	}
	memset(copy + bytes, 0, extra);
	return copy;
}

void *memdup_user(const void __user *from, size_t bytes)
{
	return duplicate(from, bytes, 0);
}

void *memdup_user_nul(const void __user *from, size_t bytes)
{
	return duplicate(from, bytes, 1);
}

char *strndup_user(const char __user *text, long count)
{
	long bytes = strnlen_user(text, count);

	if (bytes == 0)
		return ERR_PTR(-EFAULT);
	if (bytes > count)
		return ERR_PTR(-EINVAL);
	return duplicate(text, (size_t)bytes - 1, 1);
}

/* What user space knows more of than the kernel must be zero. */
static int check_zeroed(const char __user *from, size_t bytes)
{
	char buffer[64];

	while (bytes > 0) {
		size_t piece = bytes < sizeof buffer ? bytes : sizeof buffer;

		if (copy_from_user(buffer, from, piece) != 0)
			return -EFAULT;
		for (size_t i = 0; i < piece; i++)
			if (buffer[i] != 0)
				return -E2BIG;
		from += piece;
		bytes -= piece;
	}
	return 0;
}

int copy_struct_from_user(void *to, size_t size, const void __user *from, size_t user_size)
{
	size_t both = size < user_size ? size : user_size;

	if (user_size > size) {
		int result = check_zeroed((const char __user *)from + size, user_size - size);

		if (result != 0)
			return result;
	}
	memset((char *)to + both, 0, size - both);
	return copy_from_user(to, from, both) != 0 ? -EFAULT : 0;
}

/* Several pieces of user memory behind each other. */

static size_t iterate(char *kernel, size_t bytes, struct iov_iter *iter, bool to_user)
{
	size_t done = 0;

	if (bytes > iter->count)
		bytes = iter->count;
	while (done < bytes) {
		size_t piece = iter->__iov->iov_len - iter->iov_offset;
		char __user *user = (char __user *)iter->__iov->iov_base + iter->iov_offset;
		size_t left;

		if (piece > bytes - done)
			piece = bytes - done;
		left = to_user ? copy_to_user(user, kernel + done, piece)
			       : copy_from_user(kernel + done, user, piece);
		done += piece - left;
		iter->count -= piece - left;
		iter->iov_offset += piece - left;
		if (left != 0)
			break;
		if (iter->iov_offset == iter->__iov->iov_len && iter->nr_segs > 1) {
			iter->__iov++;
			iter->nr_segs--;
			iter->iov_offset = 0;
		}
	}
	return done;
}

size_t copy_to_iter(const void *from, size_t bytes, struct iov_iter *iter)
{
	return iterate((char *)from, bytes, iter, true);
}

size_t copy_from_iter(void *to, size_t bytes, struct iov_iter *iter)
{
	return iterate(to, bytes, iter, false);
}

bool is_sync_kiocb(struct kiocb *iocb)
{
	return iocb->ki_complete == NULL;
}

/* Event counters of processes. */

struct eventfd_ctx {
	long number;
};

struct eventfd_ctx *eventfd_ctx_fdget(int fd)
{
	long number = CALL(eventfd_ctx_fdget, fd);
	struct eventfd_ctx *context;

	if (number < 0)
		return ERR_PTR(number);
	context = calloc(1, sizeof *context);
	if (context == NULL)
		abort();
	context->number = number;
	return context;
}

void eventfd_ctx_put(struct eventfd_ctx *context)
{
	CALL(eventfd_ctx_put, context->number);
	free(context);
}

u64 dmakit_eventfd_signal(struct eventfd_ctx *context, u64 n)
{
	return (u64)CALL(eventfd_signal, context->number, n);
}
