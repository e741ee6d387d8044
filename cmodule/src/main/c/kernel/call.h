/*
 * Calling services of the simulator by their names. Each name has a handler there, or the process
 * does not start.
 */
#ifndef DMAKIT_CALL_H
#define DMAKIT_CALL_H

#include "host/lane.h"

#define CALL_SLOT(name)                                                                            \
	({                                                                                         \
		static const char *const slot                                                      \
			__attribute__((section("dmakit_services"), used)) = name;                  \
		&slot;                                                                             \
	})

#define CALL_LONGS_0()
#define CALL_LONGS_1(a) (long)(a)
#define CALL_LONGS_2(a, ...) (long)(a), CALL_LONGS_1(__VA_ARGS__)
#define CALL_LONGS_3(a, ...) (long)(a), CALL_LONGS_2(__VA_ARGS__)
#define CALL_LONGS_4(a, ...) (long)(a), CALL_LONGS_3(__VA_ARGS__)
#define CALL_LONGS_5(a, ...) (long)(a), CALL_LONGS_4(__VA_ARGS__)
#define CALL_LONGS_6(a, ...) (long)(a), CALL_LONGS_5(__VA_ARGS__)
#define CALL_LONGS_7(a, ...) (long)(a), CALL_LONGS_6(__VA_ARGS__)
#define CALL_LONGS_8(a, ...) (long)(a), CALL_LONGS_7(__VA_ARGS__)
#define CALL_PICK(_0, _1, _2, _3, _4, _5, _6, _7, _8, picked, ...) picked
#define CALL_LONGS(...)                                                                            \
	CALL_PICK(_, ##__VA_ARGS__, CALL_LONGS_8, CALL_LONGS_7, CALL_LONGS_6, CALL_LONGS_5,        \
		  CALL_LONGS_4, CALL_LONGS_3, CALL_LONGS_2, CALL_LONGS_1, CALL_LONGS_0)            \
	(__VA_ARGS__)
#define CALL_ARGS(...)                                                                             \
	(const long[LANE_ARG_COUNT])                                                               \
	{                                                                                          \
		CALL_LONGS(__VA_ARGS__)                                                            \
	}

/* Up to 8 numbers or addresses. */
#define CALL(service, ...) lane_call(CALL_SLOT(#service), CALL_ARGS(__VA_ARGS__), (void *)0)

/* As CALL, for what stays when the module goes that asked for it. */
#define CALL_OWN(service, ...) lane_call_own(CALL_SLOT(#service), CALL_ARGS(__VA_ARGS__))

/* One text, or two, and up to 8 numbers. */
#define CALL_TEXT(service, text, ...)                                                              \
	lane_call(CALL_SLOT(#service), CALL_ARGS(__VA_ARGS__), &(struct parcel){.texts = {text}})
#define CALL_TEXT2(service, first, second, ...)                                                    \
	lane_call(CALL_SLOT(#service), CALL_ARGS(__VA_ARGS__),                                      \
		  &(struct parcel){.texts = {first, second}})

/* Up to LANE_DATA_SIZE bytes, which the handler may change, and up to 8 numbers. */
#define CALL_DATA(service, buffer, bytes, ...)                                                     \
	lane_call(CALL_SLOT(#service), CALL_ARGS(__VA_ARGS__),                                      \
		  &(struct parcel){.data = (void *)(buffer), .data_bytes = (bytes)})
#define CALL_TEXT_DATA(service, text, buffer, bytes, ...)                                          \
	lane_call(CALL_SLOT(#service), CALL_ARGS(__VA_ARGS__),                                      \
		  &(struct parcel){                                                                \
			  .texts = {text}, .data = (void *)(buffer), .data_bytes = (bytes)})

/* A value that came with the last answer beside its result. */
static inline unsigned long answered(int index)
{
	return LANE_U64(LANE_ARGS + 8 * index);
}

#endif
