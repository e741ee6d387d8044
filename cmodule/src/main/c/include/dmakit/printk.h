/* The kernel log. */
#ifndef DMAKIT_PRINTK_H
#define DMAKIT_PRINTK_H

#include <dmakit/base.h>

#define KERN_SOH "\001"
#define KERN_SOH_ASCII '\001'
#define KERN_EMERG KERN_SOH "0"
#define KERN_ALERT KERN_SOH "1"
#define KERN_CRIT KERN_SOH "2"
#define KERN_ERR KERN_SOH "3"
#define KERN_WARNING KERN_SOH "4"
#define KERN_NOTICE KERN_SOH "5"
#define KERN_INFO KERN_SOH "6"
#define KERN_DEBUG KERN_SOH "7"
#define KERN_DEFAULT ""
#define KERN_CONT KERN_SOH "c"

#define LOGLEVEL_EMERG 0
#define LOGLEVEL_ALERT 1
#define LOGLEVEL_CRIT 2
#define LOGLEVEL_ERR 3
#define LOGLEVEL_WARNING 4
#define LOGLEVEL_NOTICE 5
#define LOGLEVEL_INFO 6
#define LOGLEVEL_DEBUG 7

/* A format and its values, for %pV. */
struct va_format {
	const char *fmt;
	va_list *va;
};

int _printk(const char *format, ...) __printf(1, 2);
int vprintk(const char *format, va_list values) __printf(1, 0);
#define printk(format, ...) _printk(format, ##__VA_ARGS__)
#define printk_deferred(format, ...) _printk(format, ##__VA_ARGS__)
#define early_printk(format, ...) _printk(format, ##__VA_ARGS__)
#define no_printk(format, ...)                                                                     \
	({                                                                                         \
		if (0)                                                                             \
			_printk(format, ##__VA_ARGS__);                                            \
		0;                                                                                 \
	})

/* Expanded late: a module's own may come before or after the first include. */
#ifndef pr_fmt
#define pr_fmt(format) format
#endif

#define pr_emerg(format, ...) printk(KERN_EMERG pr_fmt(format), ##__VA_ARGS__)
#define pr_alert(format, ...) printk(KERN_ALERT pr_fmt(format), ##__VA_ARGS__)
#define pr_crit(format, ...) printk(KERN_CRIT pr_fmt(format), ##__VA_ARGS__)
#define pr_err(format, ...) printk(KERN_ERR pr_fmt(format), ##__VA_ARGS__)
#define pr_warn(format, ...) printk(KERN_WARNING pr_fmt(format), ##__VA_ARGS__)
#define pr_warning(format, ...) printk(KERN_WARNING pr_fmt(format), ##__VA_ARGS__)
#define pr_notice(format, ...) printk(KERN_NOTICE pr_fmt(format), ##__VA_ARGS__)
#define pr_info(format, ...) printk(KERN_INFO pr_fmt(format), ##__VA_ARGS__)
#define pr_cont(format, ...) printk(KERN_CONT format, ##__VA_ARGS__)

/* Debug lines: with -DDEBUG, and when the run switches those of the whole module on. */
#if defined(DEBUG) || defined(DMAKIT_DYNAMIC_DEBUG)
#define DMAKIT_DEBUG_LINES 1
#else
#define DMAKIT_DEBUG_LINES 0
#endif
#define pr_debug(format, ...)                                                                      \
	({                                                                                         \
		if (DMAKIT_DEBUG_LINES)                                                            \
			printk(KERN_DEBUG pr_fmt(format), ##__VA_ARGS__);                          \
		0;                                                                                 \
	})
#ifdef DEBUG
#define pr_devel(format, ...) printk(KERN_DEBUG pr_fmt(format), ##__VA_ARGS__)
#else
#define pr_devel(format, ...) no_printk(KERN_DEBUG pr_fmt(format), ##__VA_ARGS__)
#endif

/* Once per place, and at most ten per place in five seconds. */
#define DO_ONCE_LITE(function, ...)                                                                \
	({                                                                                         \
		static bool once_done;                                                             \
		bool once_first = !once_done;                                                      \
		if (once_first) {                                                                  \
			once_done = true;                                                          \
			function(__VA_ARGS__);                                                     \
		}                                                                                  \
		unlikely(once_first);                                                              \
	})
#define printk_once(format, ...) DO_ONCE_LITE(printk, format, ##__VA_ARGS__)
#define pr_emerg_once(format, ...) printk_once(KERN_EMERG pr_fmt(format), ##__VA_ARGS__)
#define pr_err_once(format, ...) printk_once(KERN_ERR pr_fmt(format), ##__VA_ARGS__)
#define pr_warn_once(format, ...) printk_once(KERN_WARNING pr_fmt(format), ##__VA_ARGS__)
#define pr_notice_once(format, ...) printk_once(KERN_NOTICE pr_fmt(format), ##__VA_ARGS__)
#define pr_info_once(format, ...) printk_once(KERN_INFO pr_fmt(format), ##__VA_ARGS__)
#define pr_debug_once(format, ...) DO_ONCE_LITE(pr_debug, format, ##__VA_ARGS__)

struct ratelimit_state {
	int interval;
	int burst;
	int printed;
	int missed;
	unsigned long begin;
};
#define DEFAULT_RATELIMIT_INTERVAL (5 * DMAKIT_HZ)
#define DEFAULT_RATELIMIT_BURST 10
#define RATELIMIT_STATE_INIT(name, every, many) {.interval = (every), .burst = (many)}
#define DEFINE_RATELIMIT_STATE(name, every, many)                                                  \
	struct ratelimit_state name = RATELIMIT_STATE_INIT(name, every, many)
int ___ratelimit(struct ratelimit_state *state, const char *function);
#define __ratelimit(state) ___ratelimit(state, __func__)

static inline void ratelimit_state_init(struct ratelimit_state *state, int interval, int burst)
{
	*state = (struct ratelimit_state){.interval = interval, .burst = burst};
}
#define printk_ratelimit()                                                                         \
	({                                                                                         \
		static DEFINE_RATELIMIT_STATE(limit_state, DEFAULT_RATELIMIT_INTERVAL,             \
					      DEFAULT_RATELIMIT_BURST);                            \
		__ratelimit(&limit_state);                                                         \
	})
#define printk_ratelimited(format, ...)                                                            \
	do {                                                                                       \
		if (printk_ratelimit())                                                            \
			printk(format, ##__VA_ARGS__);                                             \
	} while (0)
#define pr_emerg_ratelimited(format, ...)                                                          \
	printk_ratelimited(KERN_EMERG pr_fmt(format), ##__VA_ARGS__)
#define pr_err_ratelimited(format, ...) printk_ratelimited(KERN_ERR pr_fmt(format), ##__VA_ARGS__)
#define pr_warn_ratelimited(format, ...)                                                           \
	printk_ratelimited(KERN_WARNING pr_fmt(format), ##__VA_ARGS__)
#define pr_notice_ratelimited(format, ...)                                                         \
	printk_ratelimited(KERN_NOTICE pr_fmt(format), ##__VA_ARGS__)
#define pr_info_ratelimited(format, ...)                                                           \
	printk_ratelimited(KERN_INFO pr_fmt(format), ##__VA_ARGS__)
#define pr_debug_ratelimited(format, ...)                                                          \
	do {                                                                                       \
		if (DMAKIT_DEBUG_LINES)                                                            \
			printk_ratelimited(KERN_DEBUG pr_fmt(format), ##__VA_ARGS__);              \
	} while (0)

enum { DUMP_PREFIX_NONE, DUMP_PREFIX_ADDRESS, DUMP_PREFIX_OFFSET };
void print_hex_dump(const char *level, const char *prefix, int prefix_type, int row_size,
		    int group_size, const void *buffer, size_t length, bool ascii);
void print_hex_dump_bytes(const char *prefix, int prefix_type, const void *buffer, size_t length);
int hex_dump_to_buffer(const void *buffer, size_t length, int row_size, int group_size, char *line,
		       size_t line_size, bool ascii);
#define print_hex_dump_debug(prefix, type, row, group, buffer, length, ascii)                      \
	do {                                                                                       \
		if (DMAKIT_DEBUG_LINES)                                                            \
			print_hex_dump(KERN_DEBUG, prefix, type, row, group, buffer, length,       \
				       ascii);                                                     \
	} while (0)

void dump_stack(void);
void panic(const char *format, ...) __printf(1, 2);
void dmakit_bug(const char *file, int line, const char *function);
void dmakit_warn(const char *file, int line, const char *function, const char *format, ...)
	__printf(4, 5);

#define BUG() dmakit_bug(__FILE__, __LINE__, __func__)
#define BUG_ON(condition)                                                                          \
	do {                                                                                       \
		if (unlikely(condition))                                                           \
			BUG();                                                                     \
	} while (0)
#define WARN(condition, ...)                                                                       \
	({                                                                                         \
		int warned = !!(condition);                                                        \
		if (unlikely(warned))                                                              \
			dmakit_warn(__FILE__, __LINE__, __func__, __VA_ARGS__);                    \
		unlikely(warned);                                                                  \
	})
#define WARN_ON(condition)                                                                         \
	({                                                                                         \
		int warned = !!(condition);                                                        \
		if (unlikely(warned))                                                              \
			dmakit_warn(__FILE__, __LINE__, __func__, NULL);                           \
		unlikely(warned);                                                                  \
	})
#define WARN_ON_ONCE(condition)                                                                    \
	({                                                                                         \
		static bool warned_before;                                                         \
		int warned_now = !!(condition);                                                    \
		if (unlikely(warned_now && !warned_before)) {                                      \
			warned_before = true;                                                      \
			dmakit_warn(__FILE__, __LINE__, __func__, NULL);                           \
		}                                                                                  \
		unlikely(warned_now);                                                              \
	})
#define WARN_ONCE(condition, ...)                                                                  \
	({                                                                                         \
		static bool warned_before;                                                         \
		int warned_now = !!(condition);                                                    \
		if (unlikely(warned_now && !warned_before)) {                                      \
			warned_before = true;                                                      \
			dmakit_warn(__FILE__, __LINE__, __func__, __VA_ARGS__);                    \
		}                                                                                  \
		unlikely(warned_now);                                                              \
	})
#define TAINT_FIRMWARE_WORKAROUND 11
#define LOCKDEP_STILL_OK 1
#define add_taint(flag, lockdep) ((void)(flag), (void)(lockdep))
#define WARN_TAINT(condition, taint, ...) WARN(condition, __VA_ARGS__)
#define VM_BUG_ON(condition) BUG_ON(condition)

#endif
