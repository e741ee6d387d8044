/* First in, first out: counters that only grow, over a ring of a power of two. */
#include <dmakit/umbrella.h>

int __kfifo_alloc(struct __kfifo *fifo, unsigned int size, size_t esize, gfp_t flags)
{
	*fifo = (struct __kfifo){.esize = (unsigned int)esize};
	if (size < 2)
		return -EINVAL;
	size = (unsigned int)roundup_pow_of_two(size);
	fifo->data = kmalloc_array(size, esize, flags);
	if (fifo->data == NULL)
		return -ENOMEM;
	fifo->mask = size - 1;
	return 0;
}

void __kfifo_free(struct __kfifo *fifo)
{
	kfree(fifo->data);
	*fifo = (struct __kfifo){};
}

int __kfifo_init(struct __kfifo *fifo, void *buffer, unsigned int bytes, size_t esize)
{
	unsigned int size = bytes / (unsigned int)esize;

	*fifo = (struct __kfifo){.esize = (unsigned int)esize, .data = buffer};
	if (size < 2)
		return -EINVAL;
	fifo->mask = (unsigned int)rounddown_pow_of_two(size) - 1;
	return 0;
}

/* The elements from a counter on, up to where the ring starts again. */
static void *piece_at(struct __kfifo *fifo, unsigned int counter, unsigned int count,
		      unsigned int *length)
{
	unsigned int at = counter & fifo->mask;

	*length = min(count, fifo->mask + 1 - at);
	return (char *)fifo->data + (size_t)at * fifo->esize;
}

unsigned int __kfifo_in(struct __kfifo *fifo, const void *from, unsigned int count)
{
	count = min(count, fifo->mask + 1 - (fifo->in - fifo->out));
	for (unsigned int done = 0, length; done < count; done += length) {
		void *piece = piece_at(fifo, fifo->in + done, count - done, &length);

		memcpy(piece, (const char *)from + (size_t)done * fifo->esize,
		       (size_t)length * fifo->esize);
	}
	fifo->in += count;
	return count;
}

unsigned int __kfifo_out_peek(struct __kfifo *fifo, void *to, unsigned int count)
{
	count = min(count, fifo->in - fifo->out);
	for (unsigned int done = 0, length; done < count; done += length) {
		void *piece = piece_at(fifo, fifo->out + done, count - done, &length);

		memcpy((char *)to + (size_t)done * fifo->esize, piece, (size_t)length * fifo->esize);
	}
	return count;
}

unsigned int __kfifo_out(struct __kfifo *fifo, void *to, unsigned int count)
{
	count = __kfifo_out_peek(fifo, to, count);
	fifo->out += count;
	return count;
}

int __kfifo_from_user(struct __kfifo *fifo, const void __user *from, unsigned long bytes,
		      unsigned int *copied)
{
	unsigned int room = fifo->mask + 1 - (fifo->in - fifo->out);
	unsigned int count = (unsigned int)min(bytes / fifo->esize, (unsigned long)room);
	unsigned int done = 0, length;
	int result = 0;

	for (; done < count; done += length) {
		void *piece = piece_at(fifo, fifo->in + done, count - done, &length);

		if (copy_from_user(piece, (const char __user *)from + (size_t)done * fifo->esize,
				   (size_t)length * fifo->esize)) {
			result = -EFAULT;
			break;
		}
	}
	fifo->in += done;
	*copied = done * fifo->esize;
	return result;
}

int __kfifo_to_user(struct __kfifo *fifo, void __user *to, unsigned long bytes,
		    unsigned int *copied)
{
	unsigned int count = (unsigned int)min(bytes / fifo->esize,
					       (unsigned long)(fifo->in - fifo->out));
	unsigned int done = 0, length;
	int result = 0;

	for (; done < count; done += length) {
		void *piece = piece_at(fifo, fifo->out + done, count - done, &length);

		if (copy_to_user((char __user *)to + (size_t)done * fifo->esize, piece,
				 (size_t)length * fifo->esize)) {
			result = -EFAULT;
			break;
		}
	}
	fifo->out += done;
	*copied = done * fifo->esize;
	return result;
}
