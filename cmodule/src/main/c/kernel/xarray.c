/* Pointers by number: xarray, and idr and ida on top of it. Slots are kept in order of number. */
#include <dmakit/umbrella.h>

#include "libc.h"

#define SLOTS_AT_FIRST 8

void xa_init_flags(struct xarray *xa, gfp_t flags)
{
	*xa = (struct xarray){.xa_flags = flags};
	spin_lock_init(&xa->xa_lock);
}

/* The first slot of this number or a higher one. */
static unsigned int slot_from(const struct xarray *xa, unsigned long index)
{
	unsigned int low = 0, high = xa->count;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (xa->slots[middle].index < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct dmakit_slot *slot_of(const struct xarray *xa, unsigned long index)
{
	unsigned int at = slot_from(xa, index);

	return at < xa->count && xa->slots[at].index == index ? &xa->slots[at] : NULL;
}

static int add_slot(struct xarray *xa, unsigned long index, void *entry)
{
	unsigned int at = slot_from(xa, index);

	if (xa->count == xa->room) {
		unsigned int room = xa->room == 0 ? SLOTS_AT_FIRST : 2 * xa->room;
		struct dmakit_slot *slots = realloc(xa->slots, room * sizeof *slots);

		if (slots == NULL)
			return -ENOMEM;
		xa->slots = slots;
		xa->room = room;
	}
	for (unsigned int i = xa->count; i > at; i--)
		xa->slots[i] = xa->slots[i - 1];
	xa->slots[at] = (struct dmakit_slot){.index = index, .entry = entry};
	xa->count++;
	return 0;
}

/* The memory of slots goes with the last of them: an array that is empty needs no goodbye. */
static void remove_slot(struct xarray *xa, struct dmakit_slot *slot)
{
	unsigned int at = (unsigned int)(slot - xa->slots);

	xa->count--;
	for (; at < xa->count; at++)
		xa->slots[at] = xa->slots[at + 1];
	if (xa->count == 0)
		xa_destroy(xa);
}

void xa_destroy(struct xarray *xa)
{
	free(xa->slots);
	xa->slots = NULL;
	xa->count = 0;
	xa->room = 0;
}

void *xa_load(struct xarray *xa, unsigned long index)
{
	struct dmakit_slot *slot = slot_of(xa, index);

	return slot != NULL ? slot->entry : NULL;
}

void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t flags)
{
	struct dmakit_slot *slot = slot_of(xa, index);
	void *old = slot != NULL ? slot->entry : NULL;

	(void)flags;
	if (entry == NULL)
		return xa_erase(xa, index);
	if (slot == NULL) {
		int result = add_slot(xa, index, entry);

		return result != 0 ? ERR_PTR(result) : NULL;
	}
	slot->entry = entry;
	return old;
}

void *xa_erase(struct xarray *xa, unsigned long index)
{
	struct dmakit_slot *slot = slot_of(xa, index);
	void *old;

	if (slot == NULL)
		return NULL;
	old = slot->entry;
	remove_slot(xa, slot);
	return old;
}

void *xa_cmpxchg(struct xarray *xa, unsigned long index, void *old, void *entry, gfp_t flags)
{
	void *now = xa_load(xa, index);

	if (now == old)
		xa_store(xa, index, entry, flags);
	return now;
}

int xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t flags)
{
	(void)flags;
	return slot_of(xa, index) != NULL ? -EBUSY : add_slot(xa, index, entry);
}

/* The lowest free number; above "high" when there is none. */
static unsigned long free_number(const struct xarray *xa, unsigned long low, unsigned long high)
{
	for (unsigned int at = slot_from(xa, low);
	     low <= high && at < xa->count && xa->slots[at].index == low; at++)
		low++;
	return low;
}

int xa_alloc(struct xarray *xa, u32 *index, void *entry, struct xa_limit limit, gfp_t flags)
{
	u32 first = (xa->xa_flags & XA_FLAGS_ALLOC1) == XA_FLAGS_ALLOC1;
	unsigned long low = max(limit.min, first);
	unsigned long number = free_number(xa, low, limit.max);

	(void)flags;
	if (number > limit.max)
		return -EBUSY;
	*index = (u32)number;
	return add_slot(xa, number, entry);
}

int xa_alloc_cyclic(struct xarray *xa, u32 *index, void *entry, struct xa_limit limit, u32 *next,
		    gfp_t flags)
{
	struct xa_limit from_next = {.max = limit.max, .min = max(limit.min, *next)};
	int result = xa_alloc(xa, index, entry, from_next, flags);
	int wrapped = 0;

	if (result == -EBUSY && from_next.min > limit.min) {
		wrapped = 1;
		result = xa_alloc(xa, index, entry, limit, flags);
	}
	if (result != 0)
		return result;
	*next = *index + 1;
	return wrapped;
}

static void *find_marked(struct xarray *xa, unsigned long *index, unsigned long from,
			 unsigned long max, xa_mark_t filter)
{
	for (unsigned int at = slot_from(xa, from); at < xa->count; at++) {
		struct dmakit_slot *slot = &xa->slots[at];

		if (slot->index > max)
			break;
		if (filter == XA_PRESENT || slot->marks & filter) {
			*index = slot->index;
			return slot->entry;
		}
	}
	return NULL;
}

void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max, xa_mark_t filter)
{
	return find_marked(xa, index, *index, max, filter);
}

void *xa_find_after(struct xarray *xa, unsigned long *index, unsigned long max, xa_mark_t filter)
{
	return *index == ULONG_MAX ? NULL : find_marked(xa, index, *index + 1, max, filter);
}

bool xa_get_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	struct dmakit_slot *slot = slot_of(xa, index);

	return slot != NULL && slot->marks & mark;
}

void xa_set_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	struct dmakit_slot *slot = slot_of(xa, index);

	if (slot != NULL)
		slot->marks |= mark;
}

void xa_clear_mark(struct xarray *xa, unsigned long index, xa_mark_t mark)
{
	struct dmakit_slot *slot = slot_of(xa, index);

	if (slot != NULL)
		slot->marks &= ~mark;
}

/* idr. */

void idr_init_base(struct idr *idr, int base)
{
	*idr = (struct idr){.idr_base = (unsigned int)base};
}

void idr_init(struct idr *idr)
{
	idr_init_base(idr, 0);
}

int idr_alloc_u32(struct idr *idr, void *entry, u32 *id, unsigned long max, gfp_t flags)
{
	unsigned long number = free_number(&idr->idr_rt, *id, max);
	int result;

	(void)flags;
	if (number > max)
		return -ENOSPC;
	result = add_slot(&idr->idr_rt, number, entry);
	if (result == 0)
		*id = (u32)number;
	return result;
}

/* An "end" that is not positive is none. */
static unsigned long last_before(int end)
{
	return end > 0 ? (unsigned long)end - 1 : INT_MAX;
}

int idr_alloc(struct idr *idr, void *entry, int start, int end, gfp_t flags)
{
	u32 id = (u32)start;
	int result;

	if (WARN_ON_ONCE(start < 0))
		return -EINVAL;
	result = idr_alloc_u32(idr, entry, &id, last_before(end), flags);
	return result != 0 ? result : (int)id;
}

int idr_alloc_cyclic(struct idr *idr, void *entry, int start, int end, gfp_t flags)
{
	u32 id = max(idr->idr_next, (unsigned int)start);
	int result = idr_alloc_u32(idr, entry, &id, last_before(end), flags);

	if (result == -ENOSPC && id > (u32)start) {
		id = (u32)start;
		result = idr_alloc_u32(idr, entry, &id, last_before(end), flags);
	}
	if (result != 0)
		return result;
	idr->idr_next = id + 1;
	return (int)id;
}

void *idr_remove(struct idr *idr, unsigned long id)
{
	return xa_erase(&idr->idr_rt, id);
}

void *idr_find(const struct idr *idr, unsigned long id)
{
	return xa_load((struct xarray *)&idr->idr_rt, id);
}

void *idr_replace(struct idr *idr, void *entry, unsigned long id)
{
	struct dmakit_slot *slot = slot_of(&idr->idr_rt, id);
	void *old;

	if (slot == NULL)
		return ERR_PTR(-ENOENT);
	old = slot->entry;
	slot->entry = entry;
	return old;
}

int idr_for_each(const struct idr *idr, int (*function)(int id, void *p, void *data), void *data)
{
	int id = 0;

	for (void *entry; (entry = idr_get_next((struct idr *)idr, &id)) != NULL; id++) {
		int result = function(id, entry, data);

		if (result != 0)
			return result;
	}
	return 0;
}

void *idr_get_next(struct idr *idr, int *id)
{
	unsigned long index = (unsigned long)*id;
	void *entry = xa_find(&idr->idr_rt, &index, INT_MAX, XA_PRESENT);

	if (entry != NULL)
		*id = (int)index;
	return entry;
}

void idr_destroy(struct idr *idr)
{
	xa_destroy(&idr->idr_rt);
}

/* ida: its entries tell nothing. */

void ida_init(struct ida *ida)
{
	*ida = (struct ida){};
}

int ida_alloc_range(struct ida *ida, unsigned int low, unsigned int high, gfp_t flags)
{
	unsigned long number;
	int result;

	(void)flags;
	if ((int)low < 0)
		return -ENOSPC;
	if ((int)high < 0)
		high = INT_MAX;
	number = free_number(&ida->xa, low, high);
	if (number > high)
		return -ENOSPC;
	result = add_slot(&ida->xa, number, ida);
	return result != 0 ? result : (int)number;
}

void ida_free(struct ida *ida, unsigned int id)
{
	struct dmakit_slot *slot = slot_of(&ida->xa, id);

	if (WARN(slot == NULL, "ida_free called for id=%u which is not allocated.\n", id))
		return;
	remove_slot(&ida->xa, slot);
}

void ida_destroy(struct ida *ida)
{
	xa_destroy(&ida->xa);
}
