/*
 * Functions that use a range of a variable whose size the compiler knows: a local one or a global.
 * Memory of the machine has a shadow, and needs no help; these would write over their neighbours.
 * What does not fit is reported and left out.
 */
#ifndef DMAKIT_CHECKED_H
#define DMAKIT_CHECKED_H

#include <dmakit/fs.h>
#include <dmakit/string.h>

#ifdef MODULE

/* Answers how many of the bytes fit. */
size_t dmakit_object_violation(const char *function, size_t bytes, size_t room, bool store);

#define DMAKIT_ROOM(p) __builtin_object_size(p, 0)
#define DMAKIT_CHECKED extern inline __attribute__((always_inline, gnu_inline, artificial))
#define DMAKIT_FIT(function, p, bytes, store)                                                      \
	do {                                                                                       \
		if (unlikely((bytes) > DMAKIT_ROOM(p)))                                            \
			(bytes) = dmakit_object_violation(function, bytes, DMAKIT_ROOM(p), store); \
	} while (0)

void *dmakit_plain_memcpy(void *to, const void *from, size_t bytes) __asm__("kernel_memcpy");
void *dmakit_plain_memmove(void *to, const void *from, size_t bytes) __asm__("kernel_memmove");
void *dmakit_plain_memset(void *to, int value, size_t bytes) __asm__("kernel_memset");
int dmakit_plain_memcmp(const void *a, const void *b, size_t bytes) __asm__("kernel_memcmp");
char *dmakit_plain_strncpy(char *to, const char *from, size_t size) __asm__("kernel_strncpy");
int dmakit_plain_snprintf(char *into, size_t size, const char *format,
			  ...) __asm__("kernel_snprintf");
int dmakit_plain_sprintf(char *into, const char *format, ...) __asm__("kernel_sprintf");
unsigned long dmakit_plain_copy_from_user(void *to, const void __user *from,
					  unsigned long bytes) __asm__("copy_from_user");
unsigned long dmakit_plain_copy_to_user(void __user *to, const void *from,
					unsigned long bytes) __asm__("copy_to_user");

DMAKIT_CHECKED void *memcpy(void *to, const void *from, size_t bytes)
{
	DMAKIT_FIT("memcpy", to, bytes, true);
	DMAKIT_FIT("memcpy", from, bytes, false);
	return dmakit_plain_memcpy(to, from, bytes);
}

DMAKIT_CHECKED void *memmove(void *to, const void *from, size_t bytes)
{
	DMAKIT_FIT("memmove", to, bytes, true);
	DMAKIT_FIT("memmove", from, bytes, false);
	return dmakit_plain_memmove(to, from, bytes);
}

DMAKIT_CHECKED void *memset(void *to, int value, size_t bytes)
{
	DMAKIT_FIT("memset", to, bytes, true);
	return dmakit_plain_memset(to, value, bytes);
}

DMAKIT_CHECKED int memcmp(const void *a, const void *b, size_t bytes)
{
	DMAKIT_FIT("memcmp", a, bytes, false);
	DMAKIT_FIT("memcmp", b, bytes, false);
	return dmakit_plain_memcmp(a, b, bytes);
}

DMAKIT_CHECKED char *strncpy(char *to, const char *from, size_t size)
{
	DMAKIT_FIT("strncpy", to, size, true);
	return dmakit_plain_strncpy(to, from, size);
}

/* With the end of the text, which comes first in what does not fit. */
DMAKIT_CHECKED char *strcpy(char *to, const char *from)
{
	size_t bytes = strlen(from) + 1;

	DMAKIT_FIT("strcpy", to, bytes, true);
	return dmakit_plain_memcpy(to, from, bytes);
}

/* Only what is really written counts, not what the caller allows. */
DMAKIT_CHECKED int snprintf(char *into, size_t size, const char *format, ...)
{
	size_t room = DMAKIT_ROOM(into);
	int length = dmakit_plain_snprintf(into, size < room ? size : room, format,
					   __builtin_va_arg_pack());

	if (unlikely(size > room && (size_t)length >= room))
		dmakit_object_violation("snprintf", (size_t)length + 1, room, true);
	return length;
}

DMAKIT_CHECKED int sprintf(char *into, const char *format, ...)
{
	size_t room = DMAKIT_ROOM(into);
	int length;

	if (room == (size_t)-1)
		return dmakit_plain_sprintf(into, format, __builtin_va_arg_pack());
	length = dmakit_plain_snprintf(into, room, format, __builtin_va_arg_pack());
	if (unlikely((size_t)length >= room))
		dmakit_object_violation("sprintf", (size_t)length + 1, room, true);
	return length;
}

DMAKIT_CHECKED unsigned long copy_from_user(void *to, const void __user *from,
					    unsigned long bytes)
{
	DMAKIT_FIT("copy_from_user", to, bytes, true);
	return dmakit_plain_copy_from_user(to, from, bytes);
}

DMAKIT_CHECKED unsigned long copy_to_user(void __user *to, const void *from, unsigned long bytes)
{
	DMAKIT_FIT("copy_to_user", from, bytes, false);
	return dmakit_plain_copy_to_user(to, from, bytes);
}

#endif

#endif
