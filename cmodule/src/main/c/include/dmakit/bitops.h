/* Bits, bitmaps, powers of two and atomic numbers. */
#ifndef DMAKIT_BITOPS_H
#define DMAKIT_BITOPS_H

#include <dmakit/base.h>

#define BIT(n) (1UL << (n))
#define BIT_ULL(n) (1ULL << (n))
#define BIT_MASK(n) (1UL << ((n) % BITS_PER_LONG))
#define BIT_WORD(n) ((n) / BITS_PER_LONG)
#define BIT_ULL_MASK(n) (1ULL << ((n) % 64))
#define GENMASK(high, low) ((~0UL << (low)) & (~0UL >> (BITS_PER_LONG - 1 - (high))))
#define GENMASK_ULL(high, low) ((~0ULL << (low)) & (~0ULL >> (63 - (high))))
#define GENMASK_U32(high, low) ((u32)GENMASK(high, low))

#define __bf_shf(mask) (__builtin_ffsll(mask) - 1)
#define FIELD_MAX(mask) ((__typeof__(mask))((mask) >> __bf_shf(mask)))
#define FIELD_FIT(mask, value) (!((((__typeof__(mask))(value)) << __bf_shf(mask)) & ~(mask)))
#define FIELD_PREP(mask, value) (((__typeof__(mask))(value) << __bf_shf(mask)) & (mask))
#define FIELD_PREP_CONST(mask, value) FIELD_PREP(mask, value)
#define FIELD_GET(mask, reg) ((__typeof__(mask))(((reg) & (mask)) >> __bf_shf(mask)))
#define FIELD_MODIFY(mask, p, value) (*(p) = (*(p) & ~(mask)) | FIELD_PREP(mask, value))

static inline u32 u32_get_bits(u32 value, u32 field)
{
	return (value & field) >> __bf_shf(field);
}

static inline u32 u32_encode_bits(u32 value, u32 field)
{
	return (value << __bf_shf(field)) & field;
}

static inline u32 u32_replace_bits(u32 old, u32 value, u32 field)
{
	return (old & ~field) | u32_encode_bits(value, field);
}

static inline void u32p_replace_bits(u32 *p, u32 value, u32 field)
{
	*p = u32_replace_bits(*p, value, field);
}

static inline int dmakit_ffs(unsigned int x)
{
	return __builtin_ffs((int)x);
}

static inline int fls(unsigned int x)
{
	return x == 0 ? 0 : 32 - __builtin_clz(x);
}

static inline int fls64(u64 x)
{
	return x == 0 ? 0 : 64 - __builtin_clzll(x);
}
#define ffs(x) dmakit_ffs(x)
#define __ffs(x) ((unsigned long)__builtin_ctzl(x))
#define __ffs64(x) ((unsigned long)__builtin_ctzll(x))
#define __fls(x) ((unsigned long)(BITS_PER_LONG - 1 - __builtin_clzl(x)))
#define ffz(x) __ffs(~(unsigned long)(x))
#define fls_long(x) fls64(x)

#define hweight8(x) ((unsigned int)__builtin_popcount((u8)(x)))
#define hweight16(x) ((unsigned int)__builtin_popcount((u16)(x)))
#define hweight32(x) ((unsigned int)__builtin_popcount(x))
#define hweight64(x) ((unsigned int)__builtin_popcountll(x))
#define hweight_long(x) ((unsigned int)__builtin_popcountl(x))

static inline u8 bitrev8(u8 x)
{
	return (u8)(((x * 0x0202020202ULL) & 0x010884422010ULL) % 1023);
}

static inline u16 bitrev16(u16 x)
{
	return (u16)(bitrev8((u8)x) << 8 | bitrev8((u8)(x >> 8)));
}

static inline u32 bitrev32(u32 x)
{
	return (u32)bitrev16((u16)x) << 16 | bitrev16((u16)(x >> 16));
}

static inline u32 rol32(u32 x, unsigned int shift)
{
	return x << (shift & 31) | x >> (-shift & 31);
}

static inline u32 ror32(u32 x, unsigned int shift)
{
	return x >> (shift & 31) | x << (-shift & 31);
}

static inline u64 rol64(u64 x, unsigned int shift)
{
	return x << (shift & 63) | x >> (-shift & 63);
}

static inline u64 ror64(u64 x, unsigned int shift)
{
	return x >> (shift & 63) | x << (-shift & 63);
}

static inline u16 rol16(u16 x, unsigned int shift)
{
	return (u16)(x << (shift & 15) | x >> (-shift & 15));
}

static inline u8 rol8(u8 x, unsigned int shift)
{
	return (u8)(x << (shift & 7) | x >> (-shift & 7));
}

#define const_ilog2(n) ((n) < 2 ? 0 : 63 - __builtin_clzll((u64)(n)))
#define ilog2(n) const_ilog2(n)
#define is_power_of_2(n) ((n) != 0 && ((n) & ((n)-1)) == 0)
#define roundup_pow_of_two(n) ((n) <= 1 ? 1UL : 1UL << (64 - __builtin_clzll((u64)(n)-1)))
#define __ilog2_u32(n) ilog2((u32)(n))
#define __ilog2_u64(n) ilog2((u64)(n))
#define rounddown_pow_of_two(n) (1UL << ilog2(n))
#define order_base_2(n) ((n) > 1 ? ilog2((n)-1) + 1 : 0)
#define bits_per(n) ((n) < 2 ? 1 : ilog2(n) + 1)

/* Single bits of an array of longs. Tasks change at kernel calls alone: a plain access is atomic. */
static inline void set_bit(long nr, volatile unsigned long *p)
{
	p[BIT_WORD(nr)] |= BIT_MASK(nr);
}

static inline void clear_bit(long nr, volatile unsigned long *p)
{
	p[BIT_WORD(nr)] &= ~BIT_MASK(nr);
}

static inline void change_bit(long nr, volatile unsigned long *p)
{
	p[BIT_WORD(nr)] ^= BIT_MASK(nr);
}

static inline bool test_bit(long nr, const volatile unsigned long *p)
{
	return p[BIT_WORD(nr)] >> (nr % BITS_PER_LONG) & 1;
}

static inline bool test_and_set_bit(long nr, volatile unsigned long *p)
{
	bool was = test_bit(nr, p);

	set_bit(nr, p);
	return was;
}

static inline bool test_and_clear_bit(long nr, volatile unsigned long *p)
{
	bool was = test_bit(nr, p);

	clear_bit(nr, p);
	return was;
}

static inline bool test_and_change_bit(long nr, volatile unsigned long *p)
{
	bool was = test_bit(nr, p);

	change_bit(nr, p);
	return was;
}
#define __set_bit(nr, p) set_bit(nr, p)
#define __clear_bit(nr, p) clear_bit(nr, p)
#define __change_bit(nr, p) change_bit(nr, p)
#define __test_and_set_bit(nr, p) test_and_set_bit(nr, p)
#define __test_and_clear_bit(nr, p) test_and_clear_bit(nr, p)
#define test_and_set_bit_lock(nr, p) test_and_set_bit(nr, p)
#define clear_bit_unlock(nr, p) clear_bit(nr, p)
#define assign_bit(nr, p, value) ((value) ? set_bit(nr, p) : clear_bit(nr, p))
#define __assign_bit(nr, p, value) assign_bit(nr, p, value)

unsigned long find_next_bit(const unsigned long *p, unsigned long size, unsigned long offset);
unsigned long find_next_zero_bit(const unsigned long *p, unsigned long size, unsigned long offset);
unsigned long find_last_bit(const unsigned long *p, unsigned long size);
#define find_first_bit(p, size) find_next_bit(p, size, 0)
#define find_first_zero_bit(p, size) find_next_zero_bit(p, size, 0)
#define for_each_set_bit(bit, p, size)                                                             \
	for ((bit) = find_first_bit((p), (size)); (bit) < (size);                                  \
	     (bit) = find_next_bit((p), (size), (bit) + 1))
#define for_each_set_bit_from(bit, p, size)                                                        \
	for ((bit) = find_next_bit((p), (size), (bit)); (bit) < (size);                            \
	     (bit) = find_next_bit((p), (size), (bit) + 1))
#define for_each_clear_bit_from(bit, p, size)                                                      \
	for ((bit) = find_next_zero_bit((p), (size), (bit)); (bit) < (size);                       \
	     (bit) = find_next_zero_bit((p), (size), (bit) + 1))
#define for_each_clear_bit(bit, p, size)                                                           \
	for ((bit) = find_first_zero_bit((p), (size)); (bit) < (size);                             \
	     (bit) = find_next_zero_bit((p), (size), (bit) + 1))

#define BITMAP_LAST_WORD_MASK(bits) (~0UL >> (-(bits) & (BITS_PER_LONG - 1)))
#define BITMAP_FIRST_WORD_MASK(start) (~0UL << ((start) & (BITS_PER_LONG - 1)))
void bitmap_zero(unsigned long *p, unsigned int bits);
void bitmap_fill(unsigned long *p, unsigned int bits);
void bitmap_copy(unsigned long *to, const unsigned long *from, unsigned int bits);
void bitmap_set(unsigned long *p, unsigned int start, unsigned int bits);
void bitmap_clear(unsigned long *p, unsigned int start, unsigned int bits);
bool bitmap_and(unsigned long *to, const unsigned long *a, const unsigned long *b,
		unsigned int bits);
void bitmap_or(unsigned long *to, const unsigned long *a, const unsigned long *b,
	       unsigned int bits);
void bitmap_xor(unsigned long *to, const unsigned long *a, const unsigned long *b,
		unsigned int bits);
bool bitmap_andnot(unsigned long *to, const unsigned long *a, const unsigned long *b,
		   unsigned int bits);
void bitmap_complement(unsigned long *to, const unsigned long *from, unsigned int bits);
bool bitmap_equal(const unsigned long *a, const unsigned long *b, unsigned int bits);
bool bitmap_intersects(const unsigned long *a, const unsigned long *b, unsigned int bits);
bool bitmap_subset(const unsigned long *a, const unsigned long *b, unsigned int bits);
unsigned int bitmap_weight(const unsigned long *p, unsigned int bits);
unsigned long bitmap_find_next_zero_area(unsigned long *p, unsigned long size, unsigned long start,
					 unsigned int count, unsigned long align_mask);
int bitmap_find_free_region(unsigned long *p, unsigned int bits, int order);
void bitmap_release_region(unsigned long *p, unsigned int start, int order);
unsigned long *bitmap_alloc(unsigned int bits, gfp_t flags);
unsigned long *bitmap_zalloc(unsigned int bits, gfp_t flags);
void bitmap_free(const unsigned long *p);
#define bitmap_empty(p, bits) (find_first_bit(p, bits) >= (bits))
#define bitmap_full(p, bits) (find_first_zero_bit(p, bits) >= (bits))

/* Atomic numbers. */
typedef struct {
	int counter;
} atomic_t;

typedef struct {
	s64 counter;
} atomic64_t, atomic_long_t;

typedef atomic_t local_t;

#define ATOMIC_INIT(i) {(i)}
#define ATOMIC64_INIT(i) {(i)}
#define ATOMIC_LONG_INIT(i) {(i)}

#define DMAKIT_ATOMIC(atomic, number)                                                              \
	static inline number atomic##_read(const atomic##_t *v)                                    \
	{                                                                                          \
		return READ_ONCE(v->counter);                                                      \
	}                                                                                          \
	static inline void atomic##_set(atomic##_t *v, number i)                                   \
	{                                                                                          \
		WRITE_ONCE(v->counter, i);                                                         \
	}                                                                                          \
	static inline number atomic##_add_return(number i, atomic##_t *v)                          \
	{                                                                                          \
		number sum = v->counter + i;                                                       \
		WRITE_ONCE(v->counter, sum);                                                       \
		return sum;                                                                        \
	}                                                                                          \
	static inline number atomic##_sub_return(number i, atomic##_t *v)                          \
	{                                                                                          \
		return atomic##_add_return(-i, v);                                                 \
	}                                                                                          \
	static inline number atomic##_fetch_add(number i, atomic##_t *v)                           \
	{                                                                                          \
		return atomic##_add_return(i, v) - i;                                              \
	}                                                                                          \
	static inline number atomic##_fetch_sub(number i, atomic##_t *v)                           \
	{                                                                                          \
		return atomic##_add_return(-i, v) + i;                                             \
	}                                                                                          \
	static inline void atomic##_add(number i, atomic##_t *v)                                   \
	{                                                                                          \
		atomic##_add_return(i, v);                                                         \
	}                                                                                          \
	static inline void atomic##_sub(number i, atomic##_t *v)                                   \
	{                                                                                          \
		atomic##_add_return(-i, v);                                                        \
	}                                                                                          \
	static inline void atomic##_inc(atomic##_t *v)                                             \
	{                                                                                          \
		atomic##_add_return(1, v);                                                         \
	}                                                                                          \
	static inline void atomic##_dec(atomic##_t *v)                                             \
	{                                                                                          \
		atomic##_add_return(-1, v);                                                        \
	}                                                                                          \
	static inline number atomic##_inc_return(atomic##_t *v)                                    \
	{                                                                                          \
		return atomic##_add_return(1, v);                                                  \
	}                                                                                          \
	static inline number atomic##_dec_return(atomic##_t *v)                                    \
	{                                                                                          \
		return atomic##_add_return(-1, v);                                                 \
	}                                                                                          \
	static inline number atomic##_fetch_inc(atomic##_t *v)                                     \
	{                                                                                          \
		return atomic##_fetch_add(1, v);                                                   \
	}                                                                                          \
	static inline number atomic##_fetch_dec(atomic##_t *v)                                     \
	{                                                                                          \
		return atomic##_fetch_add(-1, v);                                                  \
	}                                                                                          \
	static inline bool atomic##_inc_and_test(atomic##_t *v)                                    \
	{                                                                                          \
		return atomic##_add_return(1, v) == 0;                                             \
	}                                                                                          \
	static inline bool atomic##_dec_and_test(atomic##_t *v)                                    \
	{                                                                                          \
		return atomic##_add_return(-1, v) == 0;                                            \
	}                                                                                          \
	static inline bool atomic##_sub_and_test(number i, atomic##_t *v)                          \
	{                                                                                          \
		return atomic##_add_return(-i, v) == 0;                                            \
	}                                                                                          \
	static inline bool atomic##_add_negative(number i, atomic##_t *v)                          \
	{                                                                                          \
		return atomic##_add_return(i, v) < 0;                                              \
	}                                                                                          \
	static inline number atomic##_xchg(atomic##_t *v, number i)                                \
	{                                                                                          \
		number was = v->counter;                                                           \
		WRITE_ONCE(v->counter, i);                                                         \
		return was;                                                                        \
	}                                                                                          \
	static inline number atomic##_cmpxchg(atomic##_t *v, number old, number i)                 \
	{                                                                                          \
		number was = v->counter;                                                           \
		if (was == old)                                                                    \
			WRITE_ONCE(v->counter, i);                                                 \
		return was;                                                                        \
	}                                                                                          \
	static inline bool atomic##_try_cmpxchg(atomic##_t *v, number *old, number i)              \
	{                                                                                          \
		number was = atomic##_cmpxchg(v, *old, i);                                         \
		bool same = was == *old;                                                           \
		*old = was;                                                                        \
		return same;                                                                       \
	}                                                                                          \
	static inline number atomic##_fetch_add_unless(atomic##_t *v, number i, number unless)     \
	{                                                                                          \
		number was = v->counter;                                                           \
		if (was != unless)                                                                 \
			WRITE_ONCE(v->counter, was + i);                                           \
		return was;                                                                        \
	}                                                                                          \
	static inline bool atomic##_add_unless(atomic##_t *v, number i, number unless)             \
	{                                                                                          \
		return atomic##_fetch_add_unless(v, i, unless) != unless;                          \
	}                                                                                          \
	static inline bool atomic##_inc_not_zero(atomic##_t *v)                                    \
	{                                                                                          \
		return atomic##_add_unless(v, 1, 0);                                               \
	}                                                                                          \
	static inline number atomic##_dec_if_positive(atomic##_t *v)                               \
	{                                                                                          \
		number less = v->counter - 1;                                                      \
		if (less >= 0)                                                                     \
			WRITE_ONCE(v->counter, less);                                              \
		return less;                                                                       \
	}                                                                                          \
	static inline void atomic##_and(number i, atomic##_t *v)                                   \
	{                                                                                          \
		WRITE_ONCE(v->counter, v->counter &i);                                             \
	}                                                                                          \
	static inline void atomic##_or(number i, atomic##_t *v)                                    \
	{                                                                                          \
		WRITE_ONCE(v->counter, v->counter | i);                                            \
	}                                                                                          \
	static inline void atomic##_xor(number i, atomic##_t *v)                                   \
	{                                                                                          \
		WRITE_ONCE(v->counter, v->counter ^ i);                                            \
	}                                                                                          \
	static inline number atomic##_fetch_or(number i, atomic##_t *v)                            \
	{                                                                                          \
		number was = v->counter;                                                           \
		WRITE_ONCE(v->counter, was | i);                                                   \
		return was;                                                                        \
	}                                                                                          \
	static inline number atomic##_fetch_and(number i, atomic##_t *v)                           \
	{                                                                                          \
		number was = v->counter;                                                           \
		WRITE_ONCE(v->counter, was &i);                                                    \
		return was;                                                                        \
	}

DMAKIT_ATOMIC(atomic, int)
DMAKIT_ATOMIC(atomic64, s64)
DMAKIT_ATOMIC(atomic_long, long)
#undef DMAKIT_ATOMIC
#define atomic_read_acquire(v) atomic_read(v)
#define atomic_set_release(v, i) atomic_set(v, i)
#define atomic_fetch_add_relaxed(i, v) atomic_fetch_add(i, v)
#define atomic_inc_return_relaxed(v) atomic_inc_return(v)
#define atomic_cmpxchg_relaxed(v, old, i) atomic_cmpxchg(v, old, i)

#define xchg(p, value)                                                                             \
	({                                                                                         \
		__typeof__(p) xchg_p = (p);                                                        \
		__typeof__(*(p)) xchg_was = *xchg_p;                                               \
		*xchg_p = (value);                                                                 \
		xchg_was;                                                                          \
	})
#define cmpxchg(p, old, value)                                                                     \
	({                                                                                         \
		__typeof__(p) cmpxchg_p = (p);                                                     \
		__typeof__(*(p)) cmpxchg_was = *cmpxchg_p;                                         \
		if (cmpxchg_was == (old))                                                          \
			*cmpxchg_p = (value);                                                      \
		cmpxchg_was;                                                                       \
	})
#define xchg_relaxed(p, value) xchg(p, value)
#define cmpxchg_relaxed(p, old, value) cmpxchg(p, old, value)
#define cmpxchg64(p, old, value) cmpxchg(p, old, value)
#define try_cmpxchg(p, old, value)                                                                 \
	({                                                                                         \
		__typeof__(*(p)) try_old = *(old);                                                 \
		__typeof__(*(p)) try_was = cmpxchg(p, try_old, value);                             \
		*(old) = try_was;                                                                  \
		try_was == try_old;                                                                \
	})

typedef struct refcount_struct {
	atomic_t refs;
} refcount_t;
#define REFCOUNT_INIT(n) {.refs = ATOMIC_INIT(n)}
#define refcount_set(r, n) atomic_set(&(r)->refs, n)
#define refcount_read(r) ((unsigned int)atomic_read(&(r)->refs))
#define refcount_inc(r) atomic_inc(&(r)->refs)
#define refcount_dec(r) atomic_dec(&(r)->refs)
#define refcount_add(n, r) atomic_add(n, &(r)->refs)
#define refcount_inc_not_zero(r) atomic_inc_not_zero(&(r)->refs)
#define refcount_dec_and_test(r) atomic_dec_and_test(&(r)->refs)
#define refcount_sub_and_test(n, r) atomic_sub_and_test(n, &(r)->refs)

struct kref {
	refcount_t refcount;
};
#define KREF_INIT(n) {.refcount = REFCOUNT_INIT(n)}

static inline void kref_init(struct kref *kref)
{
	refcount_set(&kref->refcount, 1);
}

static inline unsigned int kref_read(const struct kref *kref)
{
	return refcount_read(&kref->refcount);
}

static inline void kref_get(struct kref *kref)
{
	refcount_inc(&kref->refcount);
}

static inline int kref_get_unless_zero(struct kref *kref)
{
	return refcount_inc_not_zero(&kref->refcount);
}

static inline int kref_put(struct kref *kref, void (*release)(struct kref *kref))
{
	if (!refcount_dec_and_test(&kref->refcount))
		return 0;
	release(kref);
	return 1;
}

/* Hashes. */
#define GOLDEN_RATIO_32 0x61c88647
#define GOLDEN_RATIO_64 0x61c8864680b583ebULL

static inline u32 hash_32(u32 value, unsigned int bits)
{
	return value * GOLDEN_RATIO_32 >> (32 - bits);
}

static inline u32 hash_64(u64 value, unsigned int bits)
{
	return (u32)(value * GOLDEN_RATIO_64 >> (64 - bits));
}
#define hash_long(value, bits) hash_64(value, bits)
#define hash_ptr(p, bits) hash_64((unsigned long)(p), bits)
#define hash_min(value, bits) (sizeof(value) <= 4 ? hash_32(value, bits) : hash_64(value, bits))

#endif
