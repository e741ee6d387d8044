#ifndef _LINUX_STRING_H
#define _LINUX_STRING_H

#include <linux/types.h>

/*
 * The names are those of functions that keep the cache lines of a whole range; the compiler uses
 * them also where it calls memcpy or memset by itself.
 */
void *memcpy(void *to, const void *from, size_t bytes) __asm__("kernel_memcpy");
void *memmove(void *to, const void *from, size_t bytes) __asm__("kernel_memmove");
void *memset(void *to, int value, size_t bytes) __asm__("kernel_memset");
int memcmp(const void *a, const void *b, size_t bytes) __asm__("kernel_memcmp");
size_t strlen(const char *text) __asm__("kernel_strlen");

#endif
