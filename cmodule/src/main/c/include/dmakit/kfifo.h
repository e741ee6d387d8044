/* First in, first out. */
#ifndef DMAKIT_KFIFO_H
#define DMAKIT_KFIFO_H

#include <dmakit/base.h>
#include <dmakit/lib.h>

struct __kfifo {
	unsigned int in;
	unsigned int out;
	unsigned int mask;
	unsigned int esize;
	void *data;
};

/* The member "element" is never stored to: it carries the type. */
#define DMAKIT_KFIFO(type, size)                                                                   \
	{                                                                                          \
		union {                                                                            \
			struct __kfifo kfifo;                                                      \
			type *element;                                                             \
		};                                                                                 \
		type buf[size];                                                                    \
	}
#define STRUCT_KFIFO_PTR(type) struct DMAKIT_KFIFO(type, 0)
#define STRUCT_KFIFO(type, size) struct DMAKIT_KFIFO(type, size)
struct kfifo DMAKIT_KFIFO(unsigned char, 0);
#define DECLARE_KFIFO_PTR(fifo, type) STRUCT_KFIFO_PTR(type) fifo
#define DECLARE_KFIFO(fifo, type, size) STRUCT_KFIFO(type, size) fifo
#define DEFINE_KFIFO(fifo, type, size)                                                             \
	DECLARE_KFIFO(fifo, type, size) = {                                                        \
		{{.mask = (size)-1, .esize = sizeof(type), .data = fifo.buf}}, {}}
#define INIT_KFIFO(fifo)                                                                           \
	((void)((fifo).kfifo = (struct __kfifo){                                                   \
			.mask = sizeof((fifo).buf) == 0                                            \
					? 0                                                        \
					: (unsigned int)(sizeof((fifo).buf)                        \
							 / sizeof(*(fifo).element))                \
						  - 1,                                             \
			.esize = sizeof(*(fifo).element),                                          \
			.data = sizeof((fifo).buf) == 0 ? NULL : (fifo).buf}))

int __kfifo_alloc(struct __kfifo *fifo, unsigned int size, size_t esize, gfp_t flags);
void __kfifo_free(struct __kfifo *fifo);
int __kfifo_init(struct __kfifo *fifo, void *buffer, unsigned int bytes, size_t esize);
unsigned int __kfifo_in(struct __kfifo *fifo, const void *from, unsigned int count);
unsigned int __kfifo_out(struct __kfifo *fifo, void *to, unsigned int count);
unsigned int __kfifo_out_peek(struct __kfifo *fifo, void *to, unsigned int count);
int __kfifo_from_user(struct __kfifo *fifo, const void __user *from, unsigned long bytes,
		      unsigned int *copied);
int __kfifo_to_user(struct __kfifo *fifo, void __user *to, unsigned long bytes,
		    unsigned int *copied);

#define kfifo_alloc(fifo, size, flags)                                                             \
	__kfifo_alloc(&(fifo)->kfifo, size, sizeof(*(fifo)->element), flags)
#define kfifo_free(fifo) __kfifo_free(&(fifo)->kfifo)
#define kfifo_init(fifo, buffer, bytes)                                                            \
	__kfifo_init(&(fifo)->kfifo, buffer, bytes, sizeof(*(fifo)->element))
#define kfifo_initialized(fifo) ((fifo)->kfifo.data != NULL)
#define kfifo_esize(fifo) ((fifo)->kfifo.esize)
#define kfifo_recsize(fifo) (0)
#define kfifo_size(fifo) ((fifo)->kfifo.mask + 1)
#define kfifo_len(fifo) ((fifo)->kfifo.in - (fifo)->kfifo.out)
#define kfifo_avail(fifo) (kfifo_size(fifo) - kfifo_len(fifo))
#define kfifo_is_empty(fifo) ((fifo)->kfifo.in == (fifo)->kfifo.out)
#define kfifo_is_full(fifo) (kfifo_len(fifo) > (fifo)->kfifo.mask)
#define kfifo_reset(fifo) ((void)((fifo)->kfifo.in = (fifo)->kfifo.out = 0))
#define kfifo_reset_out(fifo) ((void)((fifo)->kfifo.out = (fifo)->kfifo.in))
#define kfifo_skip(fifo) ((void)(fifo)->kfifo.out++)
#define kfifo_skip_count(fifo, count) ((void)((fifo)->kfifo.out += (count)))
#define kfifo_put(fifo, value)                                                                     \
	({                                                                                         \
		__typeof__(*(fifo)->element) put_value = (value);                                  \
		__kfifo_in(&(fifo)->kfifo, &put_value, 1);                                         \
	})
#define kfifo_get(fifo, into)                                                                      \
	({                                                                                         \
		__typeof__((fifo)->element) get_into = (into);                                     \
		__kfifo_out(&(fifo)->kfifo, get_into, 1);                                          \
	})
#define kfifo_peek(fifo, into)                                                                     \
	({                                                                                         \
		__typeof__((fifo)->element) get_into = (into);                                     \
		__kfifo_out_peek(&(fifo)->kfifo, get_into, 1);                                     \
	})
#define kfifo_in(fifo, from, count) __kfifo_in(&(fifo)->kfifo, from, count)
#define kfifo_out(fifo, to, count) __kfifo_out(&(fifo)->kfifo, to, count)
#define kfifo_out_peek(fifo, to, count) __kfifo_out_peek(&(fifo)->kfifo, to, count)
#define kfifo_in_spinlocked(fifo, from, count, lock)                                               \
	({                                                                                         \
		unsigned long fifo_flags;                                                          \
		unsigned int fifo_count;                                                           \
		spin_lock_irqsave(lock, fifo_flags);                                               \
		fifo_count = kfifo_in(fifo, from, count);                                          \
		spin_unlock_irqrestore(lock, fifo_flags);                                          \
		fifo_count;                                                                        \
	})
#define kfifo_out_spinlocked(fifo, to, count, lock)                                                \
	({                                                                                         \
		unsigned long fifo_flags;                                                          \
		unsigned int fifo_count;                                                           \
		spin_lock_irqsave(lock, fifo_flags);                                               \
		fifo_count = kfifo_out(fifo, to, count);                                           \
		spin_unlock_irqrestore(lock, fifo_flags);                                          \
		fifo_count;                                                                        \
	})
#define kfifo_in_locked(fifo, from, count, lock) kfifo_in_spinlocked(fifo, from, count, lock)
#define kfifo_out_locked(fifo, to, count, lock) kfifo_out_spinlocked(fifo, to, count, lock)
#define kfifo_from_user(fifo, from, bytes, copied)                                                 \
	__kfifo_from_user(&(fifo)->kfifo, from, bytes, copied)
#define kfifo_to_user(fifo, to, bytes, copied) __kfifo_to_user(&(fifo)->kfifo, to, bytes, copied)

#endif
