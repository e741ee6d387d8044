/* The little of the C library that this side uses; its own headers do not go with linux/. */
#ifndef DMAKIT_LIBC_H
#define DMAKIT_LIBC_H

#include <dmakit/umbrella.h>

void *calloc(size_t count, size_t size);
void *realloc(void *memory, size_t size);
void free(void *memory);
void abort(void) __attribute__((noreturn));

/* Past the hooks of driver code. */
void *plain_memcpy(void *to, const void *from, size_t bytes) __asm__("memcpy");

#endif
