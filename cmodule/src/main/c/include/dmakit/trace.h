/* Events for a tracer, which is switched off: their functions are there and do nothing. */
#ifndef DMAKIT_TRACE_H
#define DMAKIT_TRACE_H

#include <dmakit/base.h>

#define TP_PROTO(...) __VA_ARGS__
#define TP_ARGS(...) __VA_ARGS__
#define DECLARE_TRACE(name, proto, ...)                                                            \
	static inline void trace_##name(proto)                                                     \
	{                                                                                          \
	}                                                                                          \
	static inline bool trace_##name##_enabled(void)                                            \
	{                                                                                          \
		return false;                                                                      \
	}
#define DECLARE_EVENT_CLASS(name, ...)
#define DEFINE_EVENT(class, name, proto, ...) DECLARE_TRACE(name, PARAMS(proto))
#define DEFINE_EVENT_PRINT(class, name, proto, ...) DECLARE_TRACE(name, PARAMS(proto))
#define TRACE_EVENT(name, proto, ...) DECLARE_TRACE(name, PARAMS(proto))
#define TRACE_DEFINE_ENUM(value)
#define EXPORT_TRACEPOINT_SYMBOL(name)
#define EXPORT_TRACEPOINT_SYMBOL_GPL(name)
#ifndef PARAMS
#define PARAMS(...) __VA_ARGS__
#endif

#endif
