/* Containers and calculations. */
#ifndef DMAKIT_LIB_H
#define DMAKIT_LIB_H

#include <dmakit/bitops.h>
#include <dmakit/list.h>
#include <dmakit/string.h>
#include <dmakit/sync.h>

/* Numbers. */
unsigned long gcd(unsigned long a, unsigned long b);
unsigned long lcm(unsigned long a, unsigned long b);
unsigned long int_sqrt(unsigned long x);
u64 int_pow(u64 base, unsigned int exponent);
typedef int (*cmp_func_t)(const void *, const void *);
typedef void (*swap_func_t)(void *, void *, int);
void sort(void *base, size_t count, size_t size, cmp_func_t compare, swap_func_t swap_function);
void *bsearch(const void *key, const void *base, size_t count, size_t size, cmp_func_t compare)
	DMAKIT_OWN_NAME(bsearch);
u32 crc32_le(u32 crc, const unsigned char *p, size_t bytes);
u32 crc32_be(u32 crc, const unsigned char *p, size_t bytes);
u32 crc32c(u32 crc, const void *p, size_t bytes);
u16 crc16(u16 crc, const u8 *p, size_t bytes);
u16 crc_ccitt(u16 crc, const u8 *p, size_t bytes);
u16 crc_itu_t(u16 crc, const u8 *p, size_t bytes);
u8 crc8(const u8 *table, const u8 *p, size_t bytes, u8 crc);
#define crc32(seed, p, bytes) crc32_le(seed, (const unsigned char *)(p), bytes)
u32 jhash(const void *key, u32 length, u32 initial);
u16 ip_compute_csum(const void *p, int bytes);
bool glob_match(const char *pattern, const char *text);

/* Random numbers, all from the seed of the run. */
void get_random_bytes(void *p, size_t bytes);
u32 get_random_u32(void);
u64 get_random_u64(void);
u32 get_random_u32_below(u32 limit);
#define get_random_u8() ((u8)get_random_u32())
#define get_random_u16() ((u16)get_random_u32())
#define get_random_u32_inclusive(low, high)                                                        \
	((low) + get_random_u32_below((u32)(high) - (u32)(low) + 1))
#define get_random_int() get_random_u32()
#define get_random_long() get_random_u64()
#define prandom_u32() get_random_u32()
#define prandom_u32_max(limit) get_random_u32_below(limit)
#define prandom_bytes(p, bytes) get_random_bytes(p, bytes)
#define random32() get_random_u32()
#define wait_for_random_bytes() 0
struct rnd_state {
	u32 s1, s2, s3, s4;
};
void prandom_seed_state(struct rnd_state *state, u64 seed);
u32 prandom_u32_state(struct rnd_state *state);
void prandom_bytes_state(struct rnd_state *state, void *p, size_t bytes);

/* Identifiers. */
#define UUID_SIZE 16
#define UUID_STRING_LEN 36
typedef struct {
	u8 b[UUID_SIZE];
} uuid_t, guid_t;
typedef guid_t uuid_le;
#define UUID_INIT(a, b, c, ...)                                                                    \
	((uuid_t){{(u8)((a) >> 24), (u8)((a) >> 16), (u8)((a) >> 8), (u8)(a), (u8)((b) >> 8),      \
		   (u8)(b), (u8)((c) >> 8), (u8)(c), __VA_ARGS__}})
#define GUID_INIT(a, b, c, ...)                                                                    \
	((guid_t){{(u8)(a), (u8)((a) >> 8), (u8)((a) >> 16), (u8)((a) >> 24), (u8)(b),             \
		   (u8)((b) >> 8), (u8)(c), (u8)((c) >> 8), __VA_ARGS__}})
#define UUID_LE(a, b, c, ...) GUID_INIT(a, b, c, __VA_ARGS__)
#define uuid_equal(a, b) (memcmp(a, b, UUID_SIZE) == 0)
#define guid_equal(a, b) (memcmp(a, b, UUID_SIZE) == 0)
#define uuid_copy(to, from) ((void)memcpy(to, from, UUID_SIZE))
#define guid_copy(to, from) ((void)memcpy(to, from, UUID_SIZE))
#define uuid_is_null(u) mem_is_zero(u, UUID_SIZE)
#define guid_is_null(u) mem_is_zero(u, UUID_SIZE)
void uuid_gen(uuid_t *u);
void guid_gen(guid_t *u);
void generate_random_uuid(unsigned char u[UUID_SIZE]);
bool uuid_is_valid(const char *text);
int uuid_parse(const char *text, uuid_t *u);
int guid_parse(const char *text, guid_t *u);

/* Trees. */
struct rb_node {
	unsigned long __rb_parent_color;
	struct rb_node *rb_right;
	struct rb_node *rb_left;
} __aligned(sizeof(long));

struct rb_root {
	struct rb_node *rb_node;
};

struct rb_root_cached {
	struct rb_root rb_root;
	struct rb_node *rb_leftmost;
};
#define RB_ROOT ((struct rb_root){NULL})
#define RB_ROOT_CACHED ((struct rb_root_cached){{NULL}, NULL})
#define RB_EMPTY_ROOT(root) (READ_ONCE((root)->rb_node) == NULL)
#define RB_EMPTY_NODE(node) ((node)->__rb_parent_color == (unsigned long)(node))
#define RB_CLEAR_NODE(node) ((node)->__rb_parent_color = (unsigned long)(node))
#define rb_parent(node) ((struct rb_node *)((node)->__rb_parent_color & ~3UL))
#define rb_entry(pointer, type, member) container_of(pointer, type, member)
#define rb_entry_safe(pointer, type, member)                                                       \
	({                                                                                         \
		__typeof__(pointer) entry_pointer = (pointer);                                     \
		entry_pointer ? rb_entry(entry_pointer, type, member) : NULL;                      \
	})

static inline void rb_link_node(struct rb_node *node, struct rb_node *parent,
				struct rb_node **link)
{
	node->__rb_parent_color = (unsigned long)parent;
	node->rb_left = NULL;
	node->rb_right = NULL;
	*link = node;
}
void rb_insert_color(struct rb_node *node, struct rb_root *root);
void rb_erase(struct rb_node *node, struct rb_root *root);
void rb_replace_node(struct rb_node *old, struct rb_node *node, struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_first_postorder(const struct rb_root *root);
struct rb_node *rb_next_postorder(const struct rb_node *node);
void rb_insert_color_cached(struct rb_node *node, struct rb_root_cached *root, bool leftmost);
struct rb_node *rb_erase_cached(struct rb_node *node, struct rb_root_cached *root);
#define rb_first_cached(root) ((root)->rb_leftmost)
#define rbtree_postorder_for_each_entry_safe(at, n, root, member)                                  \
	for (at = rb_entry_safe(rb_first_postorder(root), __typeof__(*at), member);                \
	     at && ({                                                                              \
		     n = rb_entry_safe(rb_next_postorder(&at->member), __typeof__(*at), member);   \
		     1;                                                                            \
	     });                                                                                   \
	     at = n)

/* Hash tables of lists. */
#define DEFINE_HASHTABLE(name, bits)                                                               \
	struct hlist_head name[1 << (bits)] = {[0 ...((1 << (bits)) - 1)] = HLIST_HEAD_INIT}
#define DECLARE_HASHTABLE(name, bits) struct hlist_head name[1 << (bits)]
#define HASH_SIZE(name) (ARRAY_SIZE(name))
#define HASH_BITS(name) ilog2(HASH_SIZE(name))
#define hash_init(table) ((void)memset(table, 0, sizeof(table)))
#define hash_add(table, node, key) hlist_add_head(node, &table[hash_min(key, HASH_BITS(table))])
#define hash_del(node) hlist_del_init(node)
#define hash_hashed(node) (!hlist_unhashed(node))
#define hash_for_each(table, bucket, at, member)                                                   \
	for ((bucket) = 0, at = NULL; at == NULL && (bucket) < HASH_SIZE(table); (bucket)++)       \
		hlist_for_each_entry(at, &table[bucket], member)
#define hash_for_each_safe(table, bucket, n, at, member)                                           \
	for ((bucket) = 0, at = NULL; at == NULL && (bucket) < HASH_SIZE(table); (bucket)++)       \
		hlist_for_each_entry_safe(at, n, &table[bucket], member)
#define hash_for_each_possible(table, at, member, key)                                             \
	hlist_for_each_entry(at, &table[hash_min(key, HASH_BITS(table))], member)
#define hash_for_each_possible_safe(table, at, n, member, key)                                     \
	hlist_for_each_entry_safe(at, n, &table[hash_min(key, HASH_BITS(table))], member)

/* Arrays of pointers by number, of any size. The entries are kept in order of their numbers. */
struct dmakit_slot {
	unsigned long index;
	void *entry;
	unsigned int marks;
};

struct xarray {
	spinlock_t xa_lock;
	unsigned int xa_flags;
	unsigned int count;
	unsigned int room;
	struct dmakit_slot *slots;
};
typedef unsigned int xa_mark_t;
#define XA_MARK_0 1U
#define XA_MARK_1 2U
#define XA_MARK_2 4U
#define XA_PRESENT 8U
#define XA_FLAGS_LOCK_IRQ 1U
#define XA_FLAGS_LOCK_BH 2U
#define XA_FLAGS_ALLOC 16U
#define XA_FLAGS_ALLOC1 48U
#define XARRAY_INIT(name, flags) {.xa_flags = (flags)}
#define DEFINE_XARRAY_FLAGS(name, flags) struct xarray name = XARRAY_INIT(name, flags)
#define DEFINE_XARRAY(name) DEFINE_XARRAY_FLAGS(name, 0)
#define DEFINE_XARRAY_ALLOC(name) DEFINE_XARRAY_FLAGS(name, XA_FLAGS_ALLOC)
#define DEFINE_XARRAY_ALLOC1(name) DEFINE_XARRAY_FLAGS(name, XA_FLAGS_ALLOC1)
struct xa_limit {
	u32 max;
	u32 min;
};
#define XA_LIMIT(low, high) ((struct xa_limit){.min = (low), .max = (high)})
#define xa_limit_32b XA_LIMIT(0, UINT_MAX)
#define xa_limit_31b XA_LIMIT(0, INT_MAX)
#define xa_limit_16b XA_LIMIT(0, USHRT_MAX)
void xa_init_flags(struct xarray *xa, gfp_t flags);
#define xa_init(xa) xa_init_flags(xa, 0)
void *xa_load(struct xarray *xa, unsigned long index);
void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t flags);
void *xa_erase(struct xarray *xa, unsigned long index);
void *xa_cmpxchg(struct xarray *xa, unsigned long index, void *old, void *entry, gfp_t flags);
int xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t flags);
int xa_alloc(struct xarray *xa, u32 *index, void *entry, struct xa_limit limit, gfp_t flags);
int xa_alloc_cyclic(struct xarray *xa, u32 *index, void *entry, struct xa_limit limit, u32 *next,
		    gfp_t flags);
void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max, xa_mark_t filter);
void *xa_find_after(struct xarray *xa, unsigned long *index, unsigned long max, xa_mark_t filter);
bool xa_get_mark(struct xarray *xa, unsigned long index, xa_mark_t mark);
void xa_set_mark(struct xarray *xa, unsigned long index, xa_mark_t mark);
void xa_clear_mark(struct xarray *xa, unsigned long index, xa_mark_t mark);
void xa_destroy(struct xarray *xa);
#define xa_empty(xa) ((xa)->count == 0)
#define xa_is_err(entry) IS_ERR(entry)
#define xa_err(entry) PTR_ERR_OR_ZERO(entry)
#define xa_mk_value(value) ((void *)(((unsigned long)(value) << 1) | 1))
#define xa_to_value(entry) ((unsigned long)(entry) >> 1)
#define xa_is_value(entry) ((unsigned long)(entry)&1)
#define xa_for_each_range(xa, at, entry, start, last)                                              \
	for (at = (start), entry = xa_find(xa, &at, last, XA_PRESENT); entry;                      \
	     entry = xa_find_after(xa, &at, last, XA_PRESENT))
#define xa_for_each(xa, at, entry) xa_for_each_range(xa, at, entry, 0, ULONG_MAX)
#define xa_for_each_start(xa, at, entry, start) xa_for_each_range(xa, at, entry, start, ULONG_MAX)
#define xa_for_each_marked(xa, at, entry, filter)                                                  \
	for (at = 0, entry = xa_find(xa, &at, ULONG_MAX, filter); entry;                           \
	     entry = xa_find_after(xa, &at, ULONG_MAX, filter))
#define xa_lock(xa) spin_lock(&(xa)->xa_lock)
#define xa_unlock(xa) spin_unlock(&(xa)->xa_lock)
#define xa_lock_irq(xa) spin_lock_irq(&(xa)->xa_lock)
#define xa_unlock_irq(xa) spin_unlock_irq(&(xa)->xa_lock)
#define xa_lock_irqsave(xa, flags) spin_lock_irqsave(&(xa)->xa_lock, flags)
#define xa_unlock_irqrestore(xa, flags) spin_unlock_irqrestore(&(xa)->xa_lock, flags)
#define __xa_store(xa, index, entry, flags) xa_store(xa, index, entry, flags)
#define __xa_erase(xa, index) xa_erase(xa, index)
#define xa_store_irq(xa, index, entry, flags) xa_store(xa, index, entry, flags)
#define xa_erase_irq(xa, index) xa_erase(xa, index)

#define radix_tree_root xarray
#define RADIX_TREE(name, mask) struct xarray name = XARRAY_INIT(name, 0)
#define INIT_RADIX_TREE(root, mask) xa_init(root)
#define radix_tree_insert(root, index, item) xa_insert(root, index, item, 0)
#define radix_tree_lookup(root, index) xa_load(root, index)
#define radix_tree_delete(root, index) xa_erase(root, index)

struct idr {
	struct xarray idr_rt;
	unsigned int idr_base;
	unsigned int idr_next;
};
#define IDR_INIT(name) {.idr_rt = XARRAY_INIT(name, 0)}
#define DEFINE_IDR(name) struct idr name = IDR_INIT(name)
void idr_init(struct idr *idr);
void idr_init_base(struct idr *idr, int base);
int idr_alloc(struct idr *idr, void *entry, int start, int end, gfp_t flags);
int idr_alloc_u32(struct idr *idr, void *entry, u32 *id, unsigned long max, gfp_t flags);
int idr_alloc_cyclic(struct idr *idr, void *entry, int start, int end, gfp_t flags);
void *idr_remove(struct idr *idr, unsigned long id);
void *idr_find(const struct idr *idr, unsigned long id);
void *idr_replace(struct idr *idr, void *entry, unsigned long id);
int idr_for_each(const struct idr *idr, int (*function)(int id, void *p, void *data), void *data);
void *idr_get_next(struct idr *idr, int *id);
void idr_destroy(struct idr *idr);
#define idr_is_empty(idr) xa_empty(&(idr)->idr_rt)
#define idr_preload(flags) ((void)(flags))
#define idr_preload_end() ((void)0)
#define idr_for_each_entry(idr, entry, id)                                                         \
	for (id = 0; ((entry) = idr_get_next(idr, (int *)&(id))) != NULL; id += 1)

struct ida {
	struct xarray xa;
};
#define IDA_INIT(name) {.xa = XARRAY_INIT(name, 0)}
#define DEFINE_IDA(name) struct ida name = IDA_INIT(name)
void ida_init(struct ida *ida);
int ida_alloc_range(struct ida *ida, unsigned int low, unsigned int high, gfp_t flags);
void ida_free(struct ida *ida, unsigned int id);
void ida_destroy(struct ida *ida);
#define ida_alloc(ida, flags) ida_alloc_range(ida, 0, INT_MAX, flags)
#define ida_alloc_min(ida, low, flags) ida_alloc_range(ida, low, INT_MAX, flags)
#define ida_alloc_max(ida, high, flags) ida_alloc_range(ida, 0, high, flags)
#define ida_simple_get(ida, start, end, flags)                                                     \
	ida_alloc_range(ida, start, (end) == 0 ? INT_MAX : (unsigned int)(end)-1, flags)
#define ida_simple_remove(ida, id) ida_free(ida, id)
#define ida_is_empty(ida) xa_empty(&(ida)->xa)

/* Rings. */
struct circ_buf {
	char *buf;
	int head;
	int tail;
};
#define CIRC_CNT(head, tail, size) (((head) - (tail)) & ((size)-1))
#define CIRC_SPACE(head, tail, size) CIRC_CNT((tail), ((head) + 1), (size))
#define CIRC_CNT_TO_END(head, tail, size)                                                          \
	({                                                                                         \
		int circ_end = (size) - (tail);                                                    \
		int circ_n = ((head) + circ_end) & ((size)-1);                                     \
		circ_n < circ_end ? circ_n : circ_end;                                             \
	})
#define CIRC_SPACE_TO_END(head, tail, size)                                                        \
	({                                                                                         \
		int circ_end = (size)-1 - (head);                                                  \
		int circ_n = (circ_end + (tail)) & ((size)-1);                                     \
		circ_n <= circ_end ? circ_n : circ_end + 1;                                        \
	})

#endif
