/* Lists of struct members. */
#ifndef DMAKIT_LIST_H
#define DMAKIT_LIST_H

#include <dmakit/base.h>

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

#define LIST_POISON1 ((void *)0xdead000000000100UL)
#define LIST_POISON2 ((void *)0xdead000000000122UL)

#define LIST_HEAD_INIT(name) {&(name), &(name)}
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list;
	list->prev = list;
}

static inline void __list_add(struct list_head *entry, struct list_head *prev,
			      struct list_head *next)
{
	next->prev = entry;
	entry->next = next;
	entry->prev = prev;
	prev->next = entry;
}

static inline void list_add(struct list_head *entry, struct list_head *head)
{
	__list_add(entry, head, head->next);
}

static inline void list_add_tail(struct list_head *entry, struct list_head *head)
{
	__list_add(entry, head->prev, head);
}

static inline void __list_del(struct list_head *prev, struct list_head *next)
{
	next->prev = prev;
	prev->next = next;
}

static inline void __list_del_entry(struct list_head *entry)
{
	__list_del(entry->prev, entry->next);
}

static inline void list_del(struct list_head *entry)
{
	__list_del_entry(entry);
	entry->next = LIST_POISON1;
	entry->prev = LIST_POISON2;
}

static inline void list_del_init(struct list_head *entry)
{
	__list_del_entry(entry);
	INIT_LIST_HEAD(entry);
}

static inline void list_replace(struct list_head *old, struct list_head *entry)
{
	entry->next = old->next;
	entry->next->prev = entry;
	entry->prev = old->prev;
	entry->prev->next = entry;
}

static inline void list_replace_init(struct list_head *old, struct list_head *entry)
{
	list_replace(old, entry);
	INIT_LIST_HEAD(old);
}

static inline void list_swap(struct list_head *a, struct list_head *b)
{
	struct list_head *before = b->prev;

	__list_del_entry(b);
	list_replace(a, b);
	if (before == a)
		before = b;
	list_add(a, before);
}

static inline void list_move(struct list_head *entry, struct list_head *head)
{
	__list_del_entry(entry);
	list_add(entry, head);
}

static inline void list_move_tail(struct list_head *entry, struct list_head *head)
{
	__list_del_entry(entry);
	list_add_tail(entry, head);
}

static inline int list_empty(const struct list_head *head)
{
	return READ_ONCE(head->next) == head;
}
#define list_empty_careful(head) list_empty(head)

static inline int list_is_first(const struct list_head *entry, const struct list_head *head)
{
	return entry->prev == head;
}

static inline int list_is_last(const struct list_head *entry, const struct list_head *head)
{
	return entry->next == head;
}

static inline int list_is_head(const struct list_head *entry, const struct list_head *head)
{
	return entry == head;
}

static inline int list_is_singular(const struct list_head *head)
{
	return !list_empty(head) && head->next == head->prev;
}

static inline void list_bulk_move_tail(struct list_head *head, struct list_head *first,
				       struct list_head *last)
{
	first->prev->next = last->next;
	last->next->prev = first->prev;
	head->prev->next = first;
	first->prev = head->prev;
	last->next = head;
	head->prev = last;
}

static inline void list_rotate_left(struct list_head *head)
{
	if (!list_empty(head))
		list_move_tail(head->next, head);
}

static inline void __list_splice(const struct list_head *list, struct list_head *prev,
				 struct list_head *next)
{
	struct list_head *first = list->next;
	struct list_head *last = list->prev;

	first->prev = prev;
	prev->next = first;
	last->next = next;
	next->prev = last;
}

static inline void list_splice(const struct list_head *list, struct list_head *head)
{
	if (!list_empty(list))
		__list_splice(list, head, head->next);
}

static inline void list_splice_tail(struct list_head *list, struct list_head *head)
{
	if (!list_empty(list))
		__list_splice(list, head->prev, head);
}

static inline void list_splice_init(struct list_head *list, struct list_head *head)
{
	list_splice(list, head);
	INIT_LIST_HEAD(list);
}

static inline void list_splice_tail_init(struct list_head *list, struct list_head *head)
{
	list_splice_tail(list, head);
	INIT_LIST_HEAD(list);
}

static inline void list_cut_position(struct list_head *list, struct list_head *head,
				     struct list_head *entry)
{
	if (list_empty(head) || entry == head) {
		INIT_LIST_HEAD(list);
		return;
	}
	list->next = head->next;
	list->next->prev = list;
	head->next = entry->next;
	head->next->prev = head;
	list->prev = entry;
	entry->next = list;
}

static inline size_t list_count_nodes(struct list_head *head)
{
	size_t count = 0;

	for (struct list_head *at = head->next; at != head; at = at->next)
		count++;
	return count;
}

#define list_entry(pointer, type, member) container_of(pointer, type, member)
#define list_first_entry(head, type, member) list_entry((head)->next, type, member)
#define list_last_entry(head, type, member) list_entry((head)->prev, type, member)
#define list_first_entry_or_null(head, type, member)                                               \
	({                                                                                         \
		struct list_head *first_head = (head);                                             \
		struct list_head *first_at = READ_ONCE(first_head->next);                          \
		first_at != first_head ? list_entry(first_at, type, member) : NULL;                \
	})
#define list_next_entry(at, member) list_entry((at)->member.next, __typeof__(*(at)), member)
#define list_prev_entry(at, member) list_entry((at)->member.prev, __typeof__(*(at)), member)
#define list_entry_is_head(at, head, member) (&(at)->member == (head))

#define list_for_each(at, head) for (at = (head)->next; at != (head); at = at->next)
#define list_for_each_prev(at, head) for (at = (head)->prev; at != (head); at = at->prev)
#define list_for_each_safe(at, n, head)                                                            \
	for (at = (head)->next, n = at->next; at != (head); at = n, n = at->next)
#define list_for_each_prev_safe(at, n, head)                                                       \
	for (at = (head)->prev, n = at->prev; at != (head); at = n, n = at->prev)
#define list_for_each_entry(at, head, member)                                                      \
	for (at = list_first_entry(head, __typeof__(*at), member);                                 \
	     !list_entry_is_head(at, head, member); at = list_next_entry(at, member))
#define list_for_each_entry_reverse(at, head, member)                                              \
	for (at = list_last_entry(head, __typeof__(*at), member);                                  \
	     !list_entry_is_head(at, head, member); at = list_prev_entry(at, member))
#define list_for_each_entry_continue(at, head, member)                                             \
	for (at = list_next_entry(at, member); !list_entry_is_head(at, head, member);              \
	     at = list_next_entry(at, member))
#define list_for_each_entry_continue_reverse(at, head, member)                                     \
	for (at = list_prev_entry(at, member); !list_entry_is_head(at, head, member);              \
	     at = list_prev_entry(at, member))
#define list_for_each_entry_from(at, head, member)                                                 \
	for (; !list_entry_is_head(at, head, member); at = list_next_entry(at, member))
#define list_for_each_entry_safe(at, n, head, member)                                              \
	for (at = list_first_entry(head, __typeof__(*at), member), n = list_next_entry(at, member);\
	     !list_entry_is_head(at, head, member); at = n, n = list_next_entry(n, member))
#define list_for_each_entry_safe_continue(at, n, head, member)                                     \
	for (at = list_next_entry(at, member), n = list_next_entry(at, member);                    \
	     !list_entry_is_head(at, head, member); at = n, n = list_next_entry(n, member))
#define list_for_each_entry_safe_from(at, n, head, member)                                         \
	for (n = list_next_entry(at, member); !list_entry_is_head(at, head, member);               \
	     at = n, n = list_next_entry(n, member))
#define list_for_each_entry_safe_reverse(at, n, head, member)                                      \
	for (at = list_last_entry(head, __typeof__(*at), member), n = list_prev_entry(at, member); \
	     !list_entry_is_head(at, head, member); at = n, n = list_prev_entry(n, member))
#define list_prepare_entry(at, head, member)                                                       \
	((at) ? (at) : list_entry(head, __typeof__(*(at)), member))
#define list_safe_reset_next(at, n, member) n = list_next_entry(at, member)

#define list_add_rcu(entry, head) list_add(entry, head)
#define list_add_tail_rcu(entry, head) list_add_tail(entry, head)
#define list_del_rcu(entry) __list_del_entry(entry)
#define list_replace_rcu(old, entry) list_replace(old, entry)
#define list_entry_rcu(pointer, type, member) list_entry(pointer, type, member)
#define list_first_or_null_rcu(head, type, member) list_first_entry_or_null(head, type, member)
#define list_for_each_entry_rcu(at, head, member, ...) list_for_each_entry(at, head, member)

#define HLIST_HEAD_INIT {.first = NULL}
#define HLIST_HEAD(name) struct hlist_head name = HLIST_HEAD_INIT
#define INIT_HLIST_HEAD(head) ((head)->first = NULL)

static inline void INIT_HLIST_NODE(struct hlist_node *node)
{
	node->next = NULL;
	node->pprev = NULL;
}

static inline int hlist_unhashed(const struct hlist_node *node)
{
	return node->pprev == NULL;
}

static inline int hlist_empty(const struct hlist_head *head)
{
	return READ_ONCE(head->first) == NULL;
}

static inline void hlist_add_head(struct hlist_node *node, struct hlist_head *head)
{
	node->next = head->first;
	if (node->next != NULL)
		node->next->pprev = &node->next;
	head->first = node;
	node->pprev = &head->first;
}

static inline void hlist_add_before(struct hlist_node *node, struct hlist_node *next)
{
	node->pprev = next->pprev;
	node->next = next;
	next->pprev = &node->next;
	*node->pprev = node;
}

static inline void hlist_add_behind(struct hlist_node *node, struct hlist_node *prev)
{
	node->next = prev->next;
	prev->next = node;
	node->pprev = &prev->next;
	if (node->next != NULL)
		node->next->pprev = &node->next;
}

static inline void __hlist_del(struct hlist_node *node)
{
	*node->pprev = node->next;
	if (node->next != NULL)
		node->next->pprev = node->pprev;
}

static inline void hlist_del(struct hlist_node *node)
{
	__hlist_del(node);
	node->next = LIST_POISON1;
	node->pprev = LIST_POISON2;
}

static inline void hlist_del_init(struct hlist_node *node)
{
	if (!hlist_unhashed(node)) {
		__hlist_del(node);
		INIT_HLIST_NODE(node);
	}
}
#define hlist_add_head_rcu(node, head) hlist_add_head(node, head)
#define hlist_del_rcu(node) hlist_del(node)
#define hlist_entry(pointer, type, member) container_of(pointer, type, member)
#define hlist_entry_safe(pointer, type, member)                                                    \
	({                                                                                         \
		__typeof__(pointer) entry_pointer = (pointer);                                     \
		entry_pointer ? hlist_entry(entry_pointer, type, member) : NULL;                   \
	})
#define hlist_for_each(at, head) for (at = (head)->first; at; at = at->next)
#define hlist_for_each_safe(at, n, head)                                                           \
	for (at = (head)->first; at && ({ n = at->next; 1; }); at = n)
#define hlist_for_each_entry(at, head, member)                                                     \
	for (at = hlist_entry_safe((head)->first, __typeof__(*(at)), member); at;                  \
	     at = hlist_entry_safe((at)->member.next, __typeof__(*(at)), member))
#define hlist_for_each_entry_safe(at, n, head, member)                                             \
	for (at = hlist_entry_safe((head)->first, __typeof__(*at), member);                        \
	     at && ({ n = at->member.next; 1; });                                                  \
	     at = hlist_entry_safe(n, __typeof__(*at), member))
#define hlist_for_each_entry_rcu(at, head, member, ...) hlist_for_each_entry(at, head, member)

/* Lock-less lists. */
struct llist_node {
	struct llist_node *next;
};

struct llist_head {
	struct llist_node *first;
};
#define LLIST_HEAD_INIT(name) {NULL}
#define LLIST_HEAD(name) struct llist_head name = LLIST_HEAD_INIT(name)
#define init_llist_head(list) ((list)->first = NULL)
#define llist_entry(pointer, type, member) container_of(pointer, type, member)
#define llist_empty(head) (READ_ONCE((head)->first) == NULL)
#define llist_for_each(at, node) for (at = (node); at; at = at->next)
#define llist_for_each_safe(at, n, node)                                                           \
	for (at = (node); at && ({ n = at->next; 1; }); at = n)
#define llist_for_each_entry(at, node, member)                                                     \
	for (at = llist_entry((node), __typeof__(*(at)), member); (uintptr_t)&(at)->member != 0;         \
	     at = llist_entry((at)->member.next, __typeof__(*(at)), member))
#define llist_for_each_entry_safe(at, n, node, member)                                             \
	for (at = llist_entry((node), __typeof__(*at), member);                                    \
	     (uintptr_t)&at->member != 0                                                              \
	     && ({ n = llist_entry(at->member.next, __typeof__(*n), member); 1; });                \
	     at = n)

static inline bool llist_add(struct llist_node *node, struct llist_head *head)
{
	node->next = head->first;
	head->first = node;
	return node->next == NULL;
}

static inline struct llist_node *llist_del_all(struct llist_head *head)
{
	struct llist_node *first = head->first;

	head->first = NULL;
	return first;
}

static inline struct llist_node *llist_del_first(struct llist_head *head)
{
	struct llist_node *first = head->first;

	if (first != NULL)
		head->first = first->next;
	return first;
}

static inline struct llist_node *llist_reverse_order(struct llist_node *at)
{
	struct llist_node *reversed = NULL;

	while (at != NULL) {
		struct llist_node *next = at->next;

		at->next = reversed;
		reversed = at;
		at = next;
	}
	return reversed;
}

typedef int (*list_cmp_func_t)(void *, const struct list_head *, const struct list_head *);
void list_sort(void *priv, struct list_head *head, list_cmp_func_t compare);

#endif
