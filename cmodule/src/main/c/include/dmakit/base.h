/* Types, compiler words, errors and the macros that all else is written with. */
#ifndef DMAKIT_BASE_H
#define DMAKIT_BASE_H

#include <dmakit/numbers.h>

/* Names of their own for what the C library of the process has too. */
#define DMAKIT_OWN_NAME(name) __asm__("kernel_" #name)

#define DMAKIT_PASTE_(a, b) a##b
#define DMAKIT_PASTE(a, b) DMAKIT_PASTE_(a, b)
#define DMAKIT_UNIQUE(prefix) DMAKIT_PASTE(prefix, __COUNTER__)
#define __UNIQUE_ID(prefix) DMAKIT_UNIQUE(__UNIQUE_ID_##prefix)
#define __stringify_1(...) #__VA_ARGS__
#define __stringify(...) __stringify_1(__VA_ARGS__)
#define CONCATENATE(a, b) DMAKIT_PASTE(a, b)
#define COUNT_ARGS(...) DMAKIT_COUNT_(, ##__VA_ARGS__, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define DMAKIT_COUNT_(_0, _1, _2, _3, _4, _5, _6, _7, _8, _9, _10, _11, _12, n, ...) n

/* name_2(a, b) for name(a, b): how functions that changed their arguments take both forms. */
#define DMAKIT_BY_COUNT(name, ...) DMAKIT_PASTE(name, COUNT_ARGS(__VA_ARGS__))(__VA_ARGS__)

/* The version of Linux a module is told: --kernel selects it. */
#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))
#ifdef DMAKIT_LINUX_VERSION
#define LINUX_VERSION_CODE (DMAKIT_LINUX_VERSION)
#else
#define LINUX_VERSION_CODE KERNEL_VERSION(6, 12, 0)
#endif
/* What a module of before may define for itself. */
#define DMAKIT_IS_SINCE(a, b) (LINUX_VERSION_CODE >= KERNEL_VERSION(a, b, 0))
#define LINUX_VERSION_MAJOR (LINUX_VERSION_CODE >> 16)
#define LINUX_VERSION_PATCHLEVEL ((LINUX_VERSION_CODE >> 8) & 0xff)
#define LINUX_VERSION_SUBLEVEL (LINUX_VERSION_CODE & 0xff)
#ifndef DMAKIT_LINUX_RELEASE
#define DMAKIT_LINUX_RELEASE "6.12-dmakit"
#endif
#define UTS_RELEASE DMAKIT_LINUX_RELEASE
#define UTS_SYSNAME "Linux"
#define VERMAGIC_STRING UTS_RELEASE " SMP mod_unload"
#define UTS_MACHINE "dmakit"
#define RHEL_RELEASE_VERSION(a, b) (((a) << 8) + (b))

/* The configuration. */
#define CONFIG_OF 1
#define CONFIG_OF_ADDRESS 1
#define CONFIG_PCI 1
#define CONFIG_PCI_MSI 1
#define CONFIG_PM 1
#define CONFIG_PM_SLEEP 1
#define CONFIG_HAS_DMA 1
#define CONFIG_HAS_IOMEM 1
#define CONFIG_DMA_ENGINE 1
#define CONFIG_DMADEVICES 1
#define CONFIG_DMA_OF 1
#define CONFIG_DMA_VIRTUAL_CHANNELS 1
#define CONFIG_DMA_SHARED_BUFFER 1
#define CONFIG_MODULES 1
#define CONFIG_MODULE_UNLOAD 1
#define CONFIG_SYSFS 1
#define CONFIG_PROC_FS 1
#define CONFIG_DEBUG_FS 1
#define CONFIG_PRINTK 1
#define CONFIG_DYNAMIC_DEBUG 1
#define CONFIG_HAVE_CLK 1
#define CONFIG_COMMON_CLK 1
#define CONFIG_MMU 1
#define CONFIG_64BIT 1
#define CONFIG_SMP 1
#define CONFIG_NR_CPUS 8
#define CONFIG_HZ DMAKIT_HZ
#define CONFIG_EVENTFD 1
#define CONFIG_HIGH_RES_TIMERS 1
#define CONFIG_ARCH_DMA_ADDR_T_64BIT 1
#define CONFIG_PHYS_ADDR_T_64BIT 1
#define CONFIG_NEED_SG_DMA_LENGTH 1
#define CONFIG_COMPAT 1
#define CONFIG_PAGE_SHIFT 12
#define CONFIG_UIO 1

#define __ARG_PLACEHOLDER_1 0,
#define __take_second_arg(ignored, value, ...) value
#define __is_defined(x) ___is_defined(x)
#define ___is_defined(value) ____is_defined(__ARG_PLACEHOLDER_##value)
#define ____is_defined(one_or_junk) __take_second_arg(one_or_junk 1, 0)
#define IS_BUILTIN(option) __is_defined(option)
#define IS_MODULE(option) __is_defined(option##_MODULE)
#define IS_ENABLED(option) (IS_BUILTIN(option) || IS_MODULE(option))
#define IS_REACHABLE(option) IS_ENABLED(option)

/* Words for the compiler, and for checkers that do not run here. */
#define __user
#define __kernel
#define __iomem
#define __percpu
#define __rcu
#define __force
#define __nocast
#define __private
#define __bitwise
#define __bitwise__
#define __safe
#define __chk_user_ptr(x) ((void)0)
#define __chk_io_ptr(x) ((void)0)
#define __must_hold(x)
#define __acquires(x)
#define __cond_acquires(x)
#define __releases(x)
#define __acquire(x) ((void)0)
#define __release(x) ((void)0)
#define __cond_lock(x, c) (c)
#define __must_check __attribute__((warn_unused_result))
#define __maybe_unused __attribute__((unused))
#define __always_unused __attribute__((unused))
#define __used __attribute__((used))
#define __printf(text, first) __attribute__((format(printf, text, first)))
#define __scanf(text, first) __attribute__((format(scanf, text, first)))
#define __packed __attribute__((packed))
#define __aligned(x) __attribute__((aligned(x)))
#define __aligned_largest __attribute__((aligned))
#define __section(name) __attribute__((section(name)))
#define __pure __attribute__((pure))
#define __attribute_const__ __attribute__((const))
#define __noreturn __attribute__((noreturn))
#define __weak __attribute__((weak))
#define __alias(name) __attribute__((alias(#name)))
#define __malloc __attribute__((malloc))
#define __cold __attribute__((cold))
#define __hot __attribute__((hot))
#define __visible
#define __deprecated
#define __no_sanitize_address
#define __nonstring
#define __counted_by(member)
#define __counted_by_le(member)
#define __free(name)
#define __always_inline inline __attribute__((always_inline))
#define __noinline __attribute__((noinline))
#define noinline __attribute__((noinline))
#define noinline_for_stack noinline
#define fallthrough __attribute__((fallthrough))
#define asmlinkage
#define notrace
#define __ref
#define __refdata
#define __ro_after_init
#define __read_mostly
#define __cacheline_aligned __aligned(64)
#define __cacheline_aligned_in_smp __aligned(64)
#define ____cacheline_aligned __aligned(64)
#define ____cacheline_aligned_in_smp __aligned(64)
#define SMP_CACHE_BYTES 64
#define L1_CACHE_BYTES 64
#define L1_CACHE_SHIFT 6
#define L1_CACHE_ALIGN(x) ALIGN(x, L1_CACHE_BYTES)
#define ARCH_DMA_MINALIGN 128
#define ARCH_KMALLOC_MINALIGN 8
#define typeof_member(type, member) __typeof__(((type *)0)->member)

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define barrier() __asm__ volatile("" ::: "memory")
#define barrier_data(p) __asm__ volatile("" : : "r"(p) : "memory")
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value) (*(volatile __typeof__(x) *)&(x) = (value))
#define ACCESS_ONCE(x) (*(volatile __typeof__(x) *)&(x))
#define data_race(x) (x)
#define unreachable() __builtin_unreachable()
#define __same_type(a, b) __builtin_types_compatible_p(__typeof__(a), __typeof__(b))
#define __must_be_array(a) (0 * sizeof(struct { int : -!!__same_type((a), &(a)[0]); }))
#define BUILD_BUG_ON_ZERO(e) ((int)sizeof(struct { int : -!!(e); }))
#define BUILD_BUG_ON_MSG(condition, text) _Static_assert(!(condition), text)
#define BUILD_BUG_ON(condition) BUILD_BUG_ON_MSG(condition, "BUILD_BUG_ON: " #condition)
#define BUILD_BUG_ON_NOT_POWER_OF_2(n) BUILD_BUG_ON((n) == 0 || ((n) & ((n) - 1)))
#define BUILD_BUG() BUILD_BUG_ON(1)
#define static_assert(expression, ...) DMAKIT_STATIC_ASSERT(expression, ##__VA_ARGS__, #expression)
#define DMAKIT_STATIC_ASSERT(expression, text, ...) _Static_assert(expression, text)

#define __init
#define __exit
#define __initdata
#define __initconst
#define __exitdata
#define __init_or_module
#define __devinit
#define __devexit
#define __devinitdata
#define __devinitconst
#define __devexitdata
#define __devexit_p(x) x
#define __cpuinit
#define __net_init
#define __net_exit

/* Types. */
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

typedef s8 __s8;
typedef s16 __s16;
typedef s32 __s32;
typedef s64 __s64;
typedef u8 __u8;
typedef u16 __u16;
typedef u32 __u32;
typedef u64 __u64;
typedef u16 __le16, __be16, __sum16;
typedef u32 __le32, __be32, __wsum;
typedef u64 __le64, __be64, __aligned_u64, __aligned_s64, __aligned_le64;

typedef u8 uint8_t, u_int8_t, u_char, unchar;
typedef u16 uint16_t, u_int16_t, u_short, ushort;
typedef u32 uint32_t, u_int32_t, u_int;
/* int64_t is long in user space, and long long in the kernel. */
typedef u64 uint64_t, u_int64_t;
typedef s8 int8_t;
typedef s16 int16_t;
typedef s32 int32_t;
typedef s64 int64_t;

typedef unsigned int uint;
typedef unsigned long ulong, u_long;
typedef unsigned long size_t, __kernel_size_t;
typedef long ssize_t, __kernel_ssize_t;
typedef long ptrdiff_t, intptr_t;
typedef unsigned long uintptr_t;
typedef long long loff_t, __kernel_loff_t;
typedef long off_t, __kernel_off_t;
typedef long time_t, __kernel_time_t, __kernel_long_t;
typedef unsigned long __kernel_ulong_t;
typedef unsigned long kernel_ulong_t;
typedef long long time64_t, __kernel_time64_t;
typedef long suseconds_t, clock_t;
typedef int clockid_t, timer_t;
typedef int pid_t, __kernel_pid_t;
typedef unsigned int uid_t, gid_t, __kernel_uid32_t, __kernel_gid32_t;
typedef unsigned int nlink_t;
typedef unsigned long ino_t;
typedef u32 dev_t, __kernel_dev_t;
typedef unsigned short umode_t;
typedef unsigned int mode_t;
typedef int key_t;
typedef char *caddr_t;
typedef u16 wchar_t;
typedef u64 sector_t, blkcnt_t;
typedef unsigned long pgoff_t;
typedef unsigned int __poll_t;
typedef unsigned int fmode_t;
typedef unsigned int slab_flags_t;
typedef unsigned int isolate_mode_t;

typedef u64 phys_addr_t;
typedef u64 dma_addr_t;
typedef phys_addr_t resource_size_t;
typedef unsigned long irq_hw_number_t;
typedef unsigned int gfp_t;
typedef int (*initcall_t)(void);
typedef void (*exitcall_t)(void);

typedef _Bool bool;
enum { false = 0, true = 1 };

#define NULL ((void *)0)
#define BITS_PER_BYTE 8
#define BITS_PER_LONG 64
#define BITS_PER_LONG_LONG 64
#define BITS_PER_TYPE(type) (sizeof(type) * BITS_PER_BYTE)
#define _AC(number, suffix) DMAKIT_PASTE(number, suffix)
#define UL(number) _AC(number, UL)
#define ULL(number) _AC(number, ULL)
#define BITS_TO_U32(bits) (((bits) + 31) / 32)
#define BITS_TO_U64(bits) (((bits) + 63) / 64)
#define BITS_TO_LONGS(bits) (((bits) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define BITS_TO_BYTES(bits) (((bits) + BITS_PER_BYTE - 1) / BITS_PER_BYTE)
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]
#define DECLARE_FLEX_ARRAY(type, name)                                                             \
	struct {                                                                                   \
		struct {                                                                           \
		} __empty_##name;                                                                  \
		type name[];                                                                       \
	}
#define struct_group(name, members...)                                                             \
	union {                                                                                    \
		struct {                                                                           \
			members                                                                    \
		};                                                                                 \
		struct {                                                                           \
			members                                                                    \
		} name;                                                                            \
	}

struct callback_head {
	struct callback_head *next;
	void (*func)(struct callback_head *head);
};
#define rcu_head callback_head

#define U8_MAX ((u8)~0U)
#define S8_MAX ((s8)(U8_MAX >> 1))
#define S8_MIN ((s8)(-S8_MAX - 1))
#define U16_MAX ((u16)~0U)
#define S16_MAX ((s16)(U16_MAX >> 1))
#define S16_MIN ((s16)(-S16_MAX - 1))
#define U32_MAX ((u32)~0U)
#define U32_MIN ((u32)0)
#define S32_MAX ((s32)(U32_MAX >> 1))
#define S32_MIN ((s32)(-S32_MAX - 1))
#define U64_MAX ((u64)~0ULL)
#define S64_MAX ((s64)(U64_MAX >> 1))
#define S64_MIN ((s64)(-S64_MAX - 1))
#define CHAR_BIT 8
#define USHRT_MAX ((unsigned short)~0U)
#define SHRT_MAX ((short)(USHRT_MAX >> 1))
#define SHRT_MIN ((short)(-SHRT_MAX - 1))
#define INT_MAX ((int)(~0U >> 1))
#define INT_MIN (-INT_MAX - 1)
#define UINT_MAX (~0U)
#define LONG_MAX ((long)(~0UL >> 1))
#define LONG_MIN (-LONG_MAX - 1)
#define ULONG_MAX (~0UL)
#define LLONG_MAX ((long long)(~0ULL >> 1))
#define LLONG_MIN (-LLONG_MAX - 1)
#define ULLONG_MAX (~0ULL)
#define SIZE_MAX (~(size_t)0)
#define SSIZE_MAX ((ssize_t)(SIZE_MAX >> 1))
#define PHYS_ADDR_MAX (~(phys_addr_t)0)
#define UINTPTR_MAX ULONG_MAX
#define PATH_MAX 4096
#define NAME_MAX 255

typedef __builtin_va_list va_list;
#define va_start(list, last) __builtin_va_start(list, last)
#define va_end(list) __builtin_va_end(list)
#define va_arg(list, type) __builtin_va_arg(list, type)
#define va_copy(to, from) __builtin_va_copy(to, from)

/* Errors. */
#define EPERM 1
#define ENOENT 2
#define ESRCH 3
#define EINTR 4
#define EIO 5
#define ENXIO 6
#define E2BIG 7
#define ENOEXEC 8
#define EBADF 9
#define ECHILD 10
#define EAGAIN 11
#define EWOULDBLOCK EAGAIN
#define ENOMEM 12
#define EACCES 13
#define EFAULT 14
#define ENOTBLK 15
#define EBUSY 16
#define EEXIST 17
#define EXDEV 18
#define ENODEV 19
#define ENOTDIR 20
#define EISDIR 21
#define EINVAL 22
#define ENFILE 23
#define EMFILE 24
#define ENOTTY 25
#define ETXTBSY 26
#define EFBIG 27
#define ENOSPC 28
#define ESPIPE 29
#define EROFS 30
#define EMLINK 31
#define EPIPE 32
#define EDOM 33
#define ERANGE 34
#define EDEADLK 35
#define EDEADLOCK EDEADLK
#define ENAMETOOLONG 36
#define ENOLCK 37
#define ENOSYS 38
#define ENOTEMPTY 39
#define ELOOP 40
#define ENOMSG 42
#define EIDRM 43
#define ECHRNG 44
#define ENOSTR 60
#define ENODATA 61
#define ETIME 62
#define ENOSR 63
#define ENOLINK 67
#define ECOMM 70
#define EPROTO 71
#define EBADMSG 74
#define EOVERFLOW 75
#define EBADFD 77
#define EILSEQ 84
#define ERESTART 85
#define EUSERS 87
#define EMSGSIZE 90
#define EPROTONOSUPPORT 93
#define EOPNOTSUPP 95
#define EADDRINUSE 98
#define EADDRNOTAVAIL 99
#define ENETDOWN 100
#define ENETUNREACH 101
#define ECONNABORTED 103
#define ECONNRESET 104
#define ENOBUFS 105
#define EISCONN 106
#define ENOTCONN 107
#define ESHUTDOWN 108
#define ETIMEDOUT 110
#define ECONNREFUSED 111
#define EHOSTDOWN 112
#define EALREADY 114
#define EINPROGRESS 115
#define ESTALE 116
#define EUCLEAN 117
#define EREMOTEIO 121
#define EDQUOT 122
#define ECANCELED 125
#define EKEYREJECTED 129
#define EHWPOISON 133
#define ERESTARTSYS 512
#define ERESTARTNOINTR 513
#define ERESTARTNOHAND 514
#define ENOIOCTLCMD 515
#define ERESTART_RESTARTBLOCK 516
#define EPROBE_DEFER 517
#define EOPENSTALE 518
#define ENOPARAM 519
#define EBADHANDLE 521
#define ENOTSYNC 522
#define EBADCOOKIE 523
#define ENOTSUPP 524
#define ETOOSMALL 525
#define ESERVERFAULT 526
#define EBADTYPE 527
#define EJUKEBOX 528
#define EIOCBQUEUED 529

#define MAX_ERRNO 4095
#define IS_ERR_VALUE(x) unlikely((unsigned long)(void *)(x) >= (unsigned long)-MAX_ERRNO)

static inline void *ERR_PTR(long error)
{
	return (void *)error;
}

static inline long PTR_ERR(const void *pointer)
{
	return (long)pointer;
}

static inline bool IS_ERR(const void *pointer)
{
	return IS_ERR_VALUE((unsigned long)pointer);
}

static inline bool IS_ERR_OR_NULL(const void *pointer)
{
	return pointer == NULL || IS_ERR(pointer);
}

static inline void *ERR_CAST(const void *pointer)
{
	return (void *)pointer;
}

static inline int PTR_ERR_OR_ZERO(const void *pointer)
{
	return IS_ERR(pointer) ? (int)PTR_ERR(pointer) : 0;
}
#define PTR_RET(pointer) PTR_ERR_OR_ZERO(pointer)
#define ERR_PTR_PCPU(error) ERR_PTR(error)

/* Members, sizes, alignment. */
#define offsetof(type, member) __builtin_offsetof(type, member)
#define sizeof_field(type, member) sizeof(((type *)0)->member)
#define FIELD_SIZEOF(type, member) sizeof_field(type, member)
#define offsetofend(type, member) (offsetof(type, member) + sizeof_field(type, member))
#define container_of(pointer, type, member)                                                        \
	((type *)((char *)(1 ? (pointer) : (const void *)(pointer)) - offsetof(type, member)))
#define container_of_const(pointer, type, member) container_of(pointer, type, member)
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]) + __must_be_array(array))

#define __ALIGN_MASK(x, mask) (((x) + (mask)) & ~(mask))
#define __ALIGN_KERNEL(x, a) __ALIGN_MASK(x, (__typeof__(x))(a)-1)
#define ALIGN(x, a) __ALIGN_KERNEL((x), (a))
#define ALIGN_DOWN(x, a) __ALIGN_KERNEL((x) - ((a)-1), (a))
#define PTR_ALIGN(p, a) ((__typeof__(p))ALIGN((unsigned long)(p), (a)))
#define PTR_ALIGN_DOWN(p, a) ((__typeof__(p))ALIGN_DOWN((unsigned long)(p), (a)))
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a)-1)) == 0)
#define __round_mask(x, y) ((__typeof__(x))((y)-1))
#define round_up(x, y) ((((x)-1) | __round_mask(x, y)) + 1)
#define round_down(x, y) ((x) & ~__round_mask(x, y))
#define roundup(x, y)                                                                              \
	({                                                                                         \
		__typeof__(y) roundup_to = (y);                                                    \
		(((x) + (roundup_to - 1)) / roundup_to) * roundup_to;                              \
	})
#define rounddown(x, y)                                                                            \
	({                                                                                         \
		__typeof__(x) rounddown_from = (x);                                                \
		rounddown_from - (rounddown_from % (y));                                           \
	})
#define DIV_ROUND_UP(n, d) (((n) + (d)-1) / (d))
#define DIV_ROUND_UP_ULL(n, d) (((unsigned long long)(n) + (d)-1) / (d))
#define DIV_ROUND_DOWN_ULL(n, d) ((unsigned long long)(n) / (d))
#define DIV_ROUND_CLOSEST(x, divisor)                                                              \
	({                                                                                         \
		__typeof__(x) closest_x = (x);                                                     \
		__typeof__(divisor) closest_d = (divisor);                                         \
		(((__typeof__(x))-1) > 0 || ((__typeof__(divisor))-1) > 0                          \
		 || ((closest_x > 0) == (closest_d > 0)))                                          \
			? ((closest_x + (closest_d / 2)) / closest_d)                              \
			: ((closest_x - (closest_d / 2)) / closest_d);                             \
	})
#define DIV_ROUND_CLOSEST_ULL(x, divisor) (((unsigned long long)(x) + (divisor) / 2) / (divisor))
#define mult_frac(x, n, d)                                                                         \
	({                                                                                         \
		__typeof__(x) frac_x = (x);                                                        \
		__typeof__(n) frac_n = (n);                                                        \
		__typeof__(d) frac_d = (d);                                                        \
		frac_x / frac_d * frac_n + frac_x % frac_d * frac_n / frac_d;                      \
	})

#define DMAKIT_COMPARE(a, b, op)                                                                   \
	({                                                                                         \
		__auto_type compared_a = (a);                                                      \
		__auto_type compared_b = (b);                                                      \
		compared_a op compared_b ? compared_a : compared_b;                                \
	})
#define DMAKIT_COMPARE_AS(type, a, b, op)                                                          \
	({                                                                                         \
		type compared_a = (a);                                                             \
		type compared_b = (b);                                                             \
		compared_a op compared_b ? compared_a : compared_b;                                \
	})
/* Where both are constants the result is one, also in an array's size. */
#define DMAKIT_IS_CONSTANT(x) __builtin_constant_p(x)
#define min(a, b)                                                                                  \
	__builtin_choose_expr(DMAKIT_IS_CONSTANT((a) < (b)), (a) < (b) ? (a) : (b),                \
			      DMAKIT_COMPARE(a, b, <))
#define max(a, b)                                                                                  \
	__builtin_choose_expr(DMAKIT_IS_CONSTANT((a) > (b)), (a) > (b) ? (a) : (b),                \
			      DMAKIT_COMPARE(a, b, >))
#define min3(a, b, c) min(min(a, b), c)
#define max3(a, b, c) max(max(a, b), c)
#define min_t(type, a, b) DMAKIT_COMPARE_AS(type, a, b, <)
#define max_t(type, a, b) DMAKIT_COMPARE_AS(type, a, b, >)
#define umin(a, b) min_t(u64, a, b)
#define umax(a, b) max_t(u64, a, b)
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define MIN_T(type, a, b) MIN((type)(a), (type)(b))
#define MAX_T(type, a, b) MAX((type)(a), (type)(b))
#define min_not_zero(a, b)                                                                         \
	({                                                                                         \
		__auto_type not_zero_a = (a);                                                      \
		__auto_type not_zero_b = (b);                                                      \
		not_zero_a == 0 ? not_zero_b                                                       \
				: (not_zero_b == 0 ? not_zero_a : min(not_zero_a, not_zero_b));    \
	})
#define clamp(value, low, high) min((__typeof__(value))max(value, low), high)
#define clamp_t(type, value, low, high) min_t(type, max_t(type, value, low), high)
#define clamp_val(value, low, high) clamp_t(__typeof__(value), value, low, high)
#define in_range(value, start, length) ((u64)(value) - (u64)(start) < (u64)(length))
#define swap(a, b)                                                                                 \
	do {                                                                                       \
		__typeof__(a) swapped = (a);                                                       \
		(a) = (b);                                                                         \
		(b) = swapped;                                                                     \
	} while (0)
#define abs(x)                                                                                     \
	({                                                                                         \
		__auto_type abs_x = (x);                                                           \
		abs_x < 0 ? -abs_x : abs_x;                                                        \
	})
#define abs_diff(a, b)                                                                             \
	({                                                                                         \
		__auto_type diff_a = (a);                                                          \
		__auto_type diff_b = (b);                                                          \
		diff_a > diff_b ? diff_a - diff_b : diff_b - diff_a;                               \
	})
#define sign_extend32(value, index) ((s32)((u32)(value) << (31 - (index))) >> (31 - (index)))
#define sign_extend64(value, index) ((s64)((u64)(value) << (63 - (index))) >> (63 - (index)))
#define upper_32_bits(n) ((u32)(((u64)(n)) >> 32))
#define lower_32_bits(n) ((u32)((u64)(n)&0xffffffff))
#define upper_16_bits(n) ((u16)((n) >> 16))
#define lower_16_bits(n) ((u16)((n)&0xffff))
#define u64_to_user_ptr(x) ((void __user *)(uintptr_t)(x))
#define check_mul_overflow(a, b, result) __builtin_mul_overflow(a, b, result)
#define check_add_overflow(a, b, result) __builtin_add_overflow(a, b, result)
#define check_sub_overflow(a, b, result) __builtin_sub_overflow(a, b, result)

static inline size_t size_mul(size_t a, size_t b)
{
	size_t product;

	return __builtin_mul_overflow(a, b, &product) ? SIZE_MAX : product;
}

static inline size_t size_add(size_t a, size_t b)
{
	size_t sum;

	return __builtin_add_overflow(a, b, &sum) ? SIZE_MAX : sum;
}
#define array_size(a, b) size_mul(a, b)
#define array3_size(a, b, c) size_mul(size_mul(a, b), c)
#define flex_array_size(p, member, count) size_mul(count, sizeof(*(p)->member))
#define struct_size(p, member, count) size_add(sizeof(*(p)), flex_array_size(p, member, count))
#define struct_size_t(type, member, count) struct_size((type *)NULL, member, count)

#define SZ_1 0x00000001
#define SZ_2 0x00000002
#define SZ_4 0x00000004
#define SZ_8 0x00000008
#define SZ_16 0x00000010
#define SZ_32 0x00000020
#define SZ_64 0x00000040
#define SZ_128 0x00000080
#define SZ_256 0x00000100
#define SZ_512 0x00000200
#define SZ_1K 0x00000400
#define SZ_2K 0x00000800
#define SZ_4K 0x00001000
#define SZ_8K 0x00002000
#define SZ_16K 0x00004000
#define SZ_32K 0x00008000
#define SZ_64K 0x00010000
#define SZ_128K 0x00020000
#define SZ_256K 0x00040000
#define SZ_512K 0x00080000
#define SZ_1M 0x00100000
#define SZ_2M 0x00200000
#define SZ_4M 0x00400000
#define SZ_8M 0x00800000
#define SZ_16M 0x01000000
#define SZ_32M 0x02000000
#define SZ_64M 0x04000000
#define SZ_128M 0x08000000
#define SZ_256M 0x10000000
#define SZ_512M 0x20000000
#define SZ_1G 0x40000000
#define SZ_2G 0x80000000
#define SZ_4G 0x100000000ULL
#define SZ_8G 0x200000000ULL
#define SZ_16G 0x400000000ULL

#define NSEC_PER_USEC 1000L
#define NSEC_PER_MSEC 1000000L
#define NSEC_PER_SEC 1000000000L
#define USEC_PER_MSEC 1000L
#define USEC_PER_SEC 1000000L
#define MSEC_PER_SEC 1000L
#define PSEC_PER_NSEC 1000L
#define PICOS2KHZ(a) (1000000000UL / (a))
#define KHZ2PICOS(a) (1000000000UL / (a))

/* Byte order: the simulated machine is little-endian. */
#define __LITTLE_ENDIAN 1234
#define __BYTE_ORDER __LITTLE_ENDIAN
#define __LITTLE_ENDIAN_BITFIELD 1
#define swab16(x) __builtin_bswap16(x)
#define swab32(x) __builtin_bswap32(x)
#define swab64(x) __builtin_bswap64(x)
#define __swab16(x) __builtin_bswap16(x)
#define __swab32(x) __builtin_bswap32(x)
#define __swab64(x) __builtin_bswap64(x)
#define cpu_to_le16(x) ((u16)(x))
#define cpu_to_le32(x) ((u32)(x))
#define cpu_to_le64(x) ((u64)(x))
#define le16_to_cpu(x) ((u16)(x))
#define le32_to_cpu(x) ((u32)(x))
#define le64_to_cpu(x) ((u64)(x))
#define cpu_to_be16(x) ((u16)__builtin_bswap16(x))
#define cpu_to_be32(x) ((u32)__builtin_bswap32(x))
#define cpu_to_be64(x) ((u64)__builtin_bswap64(x))
#define be16_to_cpu(x) ((u16)__builtin_bswap16(x))
#define be32_to_cpu(x) ((u32)__builtin_bswap32(x))
#define be64_to_cpu(x) ((u64)__builtin_bswap64(x))
#define __cpu_to_le16 cpu_to_le16
#define __cpu_to_le32 cpu_to_le32
#define __cpu_to_le64 cpu_to_le64
#define __le16_to_cpu le16_to_cpu
#define __le32_to_cpu le32_to_cpu
#define __le64_to_cpu le64_to_cpu
#define __cpu_to_be16 cpu_to_be16
#define __cpu_to_be32 cpu_to_be32
#define __cpu_to_be64 cpu_to_be64
#define __be16_to_cpu be16_to_cpu
#define __be32_to_cpu be32_to_cpu
#define __be64_to_cpu be64_to_cpu
#define __constant_cpu_to_le32 cpu_to_le32
#define __constant_cpu_to_le16 cpu_to_le16
#define le16_to_cpup(p) le16_to_cpu(*(p))
#define le32_to_cpup(p) le32_to_cpu(*(p))
#define le64_to_cpup(p) le64_to_cpu(*(p))
#define be16_to_cpup(p) be16_to_cpu(*(p))
#define be32_to_cpup(p) be32_to_cpu(*(p))
#define be64_to_cpup(p) be64_to_cpu(*(p))
#define cpu_to_le32s(p) ((void)(p))
#define le32_to_cpus(p) ((void)(p))
#define cpu_to_be32s(p) ((void)(*(p) = cpu_to_be32(*(p))))
#define be32_to_cpus(p) ((void)(*(p) = be32_to_cpu(*(p))))
#define ntohs(x) be16_to_cpu(x)
#define ntohl(x) be32_to_cpu(x)
#define htons(x) cpu_to_be16(x)
#define htonl(x) cpu_to_be32(x)
#define le32_add_cpu(p, n) ((void)(*(p) += (n)))

#define get_unaligned(p)                                                                           \
	({                                                                                         \
		const struct {                                                                     \
			__typeof__(*(p)) value;                                                    \
		} __packed *unaligned_p = (const void *)(p);                                       \
		unaligned_p->value;                                                                \
	})
#define put_unaligned(x, p)                                                                        \
	do {                                                                                       \
		struct {                                                                           \
			__typeof__(*(p)) value;                                                    \
		} __packed *unaligned_p = (void *)(p);                                             \
		unaligned_p->value = (x);                                                          \
	} while (0)
#define get_unaligned_le16(p) get_unaligned((const u16 *)(p))
#define get_unaligned_le32(p) get_unaligned((const u32 *)(p))
#define get_unaligned_le64(p) get_unaligned((const u64 *)(p))
#define get_unaligned_be16(p) be16_to_cpu(get_unaligned((const u16 *)(p)))
#define get_unaligned_be32(p) be32_to_cpu(get_unaligned((const u32 *)(p)))
#define get_unaligned_be64(p) be64_to_cpu(get_unaligned((const u64 *)(p)))
#define put_unaligned_le16(x, p) put_unaligned((u16)(x), (u16 *)(p))
#define put_unaligned_le32(x, p) put_unaligned((u32)(x), (u32 *)(p))
#define put_unaligned_le64(x, p) put_unaligned((u64)(x), (u64 *)(p))
#define put_unaligned_be16(x, p) put_unaligned(cpu_to_be16(x), (u16 *)(p))
#define put_unaligned_be32(x, p) put_unaligned(cpu_to_be32(x), (u32 *)(p))
#define put_unaligned_be64(x, p) put_unaligned(cpu_to_be64(x), (u64 *)(p))

/*
 * Order of memory accesses: tasks run one at a time, so the compiler's order is the order. Devices
 * may see another one: a store past the caches that no barrier follows is noted.
 */
void dmakit_store_barrier(void);
#define mb() dmakit_store_barrier()
#define rmb() barrier()
#define wmb() dmakit_store_barrier()
#define dma_mb() dmakit_store_barrier()
#define dma_rmb() barrier()
#define dma_wmb() dmakit_store_barrier()
#define smp_mb() barrier()
#define smp_rmb() barrier()
#define smp_wmb() barrier()
#define smp_mb__before_atomic() barrier()
#define smp_mb__after_atomic() barrier()
#define smp_mb__before_clear_bit() barrier()
#define smp_mb__after_clear_bit() barrier()
#define smp_store_mb(x, value)                                                                     \
	do {                                                                                       \
		WRITE_ONCE(x, value);                                                              \
		mb();                                                                              \
	} while (0)
#define set_mb(x, value) smp_store_mb(x, value)
#define smp_load_acquire(p) READ_ONCE(*(p))
#define smp_store_release(p, value) WRITE_ONCE(*(p), value)
#define read_barrier_depends() barrier()
#define smp_read_barrier_depends() barrier()
#define io_stop_wc() wmb()
#define nop() __asm__ volatile("")
#define mmiowb() wmb()
#define iobarrier_w() wmb()
#define prefetch(p) __builtin_prefetch(p)
#define prefetchw(p) __builtin_prefetch(p, 1)

/* Division. */
#define do_div(n, base)                                                                            \
	({                                                                                         \
		u32 div_base = (base);                                                             \
		u32 div_rest = (u32)((u64)(n) % div_base);                                         \
		(n) = (u64)(n) / div_base;                                                         \
		div_rest;                                                                          \
	})
#define sector_div(n, base) do_div(n, base)

static inline u64 div_u64_rem(u64 dividend, u32 divisor, u32 *rest)
{
	*rest = (u32)(dividend % divisor);
	return dividend / divisor;
}

static inline u64 div64_u64_rem(u64 dividend, u64 divisor, u64 *rest)
{
	*rest = dividend % divisor;
	return dividend / divisor;
}

static inline s64 div_s64_rem(s64 dividend, s32 divisor, s32 *rest)
{
	*rest = (s32)(dividend % divisor);
	return dividend / divisor;
}

static inline u64 div_u64(u64 dividend, u32 divisor)
{
	return dividend / divisor;
}

static inline s64 div_s64(s64 dividend, s32 divisor)
{
	return dividend / divisor;
}

static inline u64 div64_u64(u64 dividend, u64 divisor)
{
	return dividend / divisor;
}

static inline s64 div64_s64(s64 dividend, s64 divisor)
{
	return dividend / divisor;
}
#define div64_ul(x, y) div64_u64(x, y)
#define div64_long(x, y) div64_s64(x, y)
#define DIV64_U64_ROUND_UP(x, y) (((u64)(x) + (y)-1) / (y))
#define DIV64_U64_ROUND_CLOSEST(x, y) (((u64)(x) + (y) / 2) / (y))
#define mul_u32_u32(a, b) ((u64)(a) * (b))
#define mul_u64_u32_shr(a, b, shift) ((u64)(((unsigned __int128)(a) * (b)) >> (shift)))
#define mul_u64_u32_div(a, b, divisor) ((u64)(((unsigned __int128)(a) * (b)) / (divisor)))
#define mul_u64_u64_div_u64(a, b, c) ((u64)(((unsigned __int128)(a) * (b)) / (c)))

#define cpu_relax() dmakit_relax()
void dmakit_relax(void);

#define IOC_IN 0x40000000U
#define IOC_OUT 0x80000000U
#define _IOC_NRBITS 8
#define _IOC_TYPEBITS 8
#define _IOC_SIZEBITS 14
#define _IOC_DIRBITS 2
#define _IOC_NRMASK 0xff
#define _IOC_TYPEMASK 0xff
#define _IOC_SIZEMASK 0x3fff
#define _IOC_DIRMASK 3
#define _IOC_NRSHIFT 0
#define _IOC_TYPESHIFT 8
#define _IOC_SIZESHIFT 16
#define _IOC_DIRSHIFT 30
#define _IOC_NONE 0U
#define _IOC_WRITE 1U
#define _IOC_READ 2U
#define _IOC(dir, type, nr, size)                                                                  \
	(((dir) << _IOC_DIRSHIFT) | ((type) << _IOC_TYPESHIFT) | ((nr) << _IOC_NRSHIFT)            \
	 | ((size) << _IOC_SIZESHIFT))
#define _IO(type, nr) _IOC(_IOC_NONE, (type), (nr), 0)
#define _IOR(type, nr, size) _IOC(_IOC_READ, (type), (nr), sizeof(size))
#define _IOW(type, nr, size) _IOC(_IOC_WRITE, (type), (nr), sizeof(size))
#define _IOWR(type, nr, size) _IOC(_IOC_READ | _IOC_WRITE, (type), (nr), sizeof(size))
#define _IOR_BAD(type, nr, size) _IOR(type, nr, size)
#define _IOW_BAD(type, nr, size) _IOW(type, nr, size)
#define _IOWR_BAD(type, nr, size) _IOWR(type, nr, size)
#define _IOC_DIR(nr) (((nr) >> _IOC_DIRSHIFT) & _IOC_DIRMASK)
#define _IOC_TYPE(nr) (((nr) >> _IOC_TYPESHIFT) & _IOC_TYPEMASK)
#define _IOC_NR(nr) (((nr) >> _IOC_NRSHIFT) & _IOC_NRMASK)
#define _IOC_SIZE(nr) (((nr) >> _IOC_SIZESHIFT) & _IOC_SIZEMASK)

#endif
