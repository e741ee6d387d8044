/* What -fsanitize=bounds calls: an index that is outside of its array. */
#include "lane.h"

#define EXPORT __attribute__((visibility("default")))

struct type {
	unsigned short kind;
	unsigned short info;
	char name[];
};

struct out_of_bounds {
	struct {
		const char *file;
		unsigned int line;
		unsigned int column;
	} place;
	const struct type *array;
	const struct type *index;
};

#define IS_SIGNED 1

/* Bits of the index type, of which the value holds no more. */
static long value_of(const struct type *type, unsigned long value)
{
	unsigned int unused = 64 - (1u << (type->info >> 1));

	if (unused >= 64)
		return (long)value;
	return type->info & IS_SIGNED ? (long)(value << unused) >> unused
				      : (long)(value << unused >> unused);
}

EXPORT void __ubsan_handle_out_of_bounds(const struct out_of_bounds *about, unsigned long index)
{
	static const char *const slot
		__attribute__((section("dmakit_services"), used)) = "index_violation";
	const long args[LANE_ARG_COUNT] = {value_of(about->index, index),
					   !(about->index->info & IS_SIGNED)};

	lane_call(&slot, args, &(struct parcel){.texts = {about->array->name}});
}
