/* What formats ask the log for. */
#ifndef DMAKIT_KERNEL_FORMAT_H
#define DMAKIT_KERNEL_FORMAT_H

#include <dmakit/umbrella.h>

#define SYMBOL_LENGTH_MAX 128

/* Digits that stand for a pointer: the same in every run, and for the same pointer. */
unsigned long hide_pointer(const void *pointer) __attribute__((visibility("hidden")));

/* The name of the function at an address of a module; false where there is none. */
bool symbol_at(const void *address, char *into, size_t size) __attribute__((visibility("hidden")));

/* "-EIO" for 5; NULL without a name. */
const char *error_name(int error) __attribute__((visibility("hidden")));

#endif
