/* Memory: objects, pages, virtual areas, and what struct page stands for. */
#include <dmakit/umbrella.h>

#include "call.h"
#include "device.h"
#include "dma.h"

/* Objects. */

void *kmalloc(size_t size, gfp_t flags)
{
	return (void *)CALL(kmalloc, size, flags);
}

void *kzalloc(size_t size, gfp_t flags)
{
	return (void *)CALL(kmalloc, size, flags | __GFP_ZERO);
}

void *kmalloc_array(size_t count, size_t size, gfp_t flags)
{
	return kmalloc(array_size(count, size), flags);
}

void *kcalloc(size_t count, size_t size, gfp_t flags)
{
	return kzalloc(array_size(count, size), flags);
}

void *krealloc(const void *p, size_t size, gfp_t flags)
{
	return (void *)CALL(krealloc, p, size, flags);
}

void *krealloc_array(void *p, size_t count, size_t size, gfp_t flags)
{
	return krealloc(p, array_size(count, size), flags);
}

void kfree(const void *p)
{
	if (!ZERO_OR_NULL_PTR(p))
		CALL(kfree, p);
}

void kfree_sensitive(const void *p)
{
	if (!ZERO_OR_NULL_PTR(p))
		memset((void *)p, 0, ksize(p));
	kfree(p);
}

size_t ksize(const void *p)
{
	return ZERO_OR_NULL_PTR(p) ? 0 : (size_t)CALL(ksize, p);
}

/* For dmakit/checked.h. */
size_t dmakit_object_violation(const char *function, size_t bytes, size_t room, bool store)
{
	CALL_TEXT(object_violation, function, bytes, room, store);
	return room;
}

/* Virtual areas. */

bool is_vmalloc_addr(const void *p)
{
	return (unsigned long)p - DMAKIT_VMALLOC_BASE < DMAKIT_VMALLOC_SIZE;
}

void *vmalloc(unsigned long size)
{
	return (void *)CALL(vmalloc, size, false);
}

void *vzalloc(unsigned long size)
{
	return (void *)CALL(vmalloc, size, true);
}

void *vmalloc_user(unsigned long size)
{
	return vzalloc(size);
}

void *vmalloc_32(unsigned long size)
{
	return vmalloc(size);
}

void *vmalloc_32_user(unsigned long size)
{
	return vzalloc(size);
}

void vfree(const void *p)
{
	if (p != NULL)
		CALL(vfree, p);
}

void *kvmalloc(size_t size, gfp_t flags)
{
	void *p = size > KMALLOC_MAX_SIZE ? NULL : kmalloc(size, flags | __GFP_NOWARN);

	if (p != NULL || size <= PAGE_SIZE)
		return p;
	return flags & __GFP_ZERO ? vzalloc(size) : vmalloc(size);
}

void *kvzalloc(size_t size, gfp_t flags)
{
	return kvmalloc(size, flags | __GFP_ZERO);
}

void *kvmalloc_array(size_t count, size_t size, gfp_t flags)
{
	return kvmalloc(array_size(count, size), flags);
}

void *kvcalloc(size_t count, size_t size, gfp_t flags)
{
	return kvzalloc(array_size(count, size), flags);
}

void kvfree(const void *p)
{
	if (is_vmalloc_addr(p))
		vfree(p);
	else
		kfree(p);
}

void *vmap(struct page **pages, unsigned int count, unsigned long flags, pgprot_t prot)
{
	unsigned long frames[256];
	bool uncached = pgprot_val(prot) & (DMAKIT_PROT_NONCACHED | DMAKIT_PROT_WRITECOMBINE);
	unsigned long *all = frames;
	void *va;

	(void)flags;
	if (count == 0 || count > LANE_DATA_SIZE / sizeof *all)
		return NULL;
	if (count > ARRAY_SIZE(frames))
		all = kmalloc_array(count, sizeof *all, GFP_KERNEL);
	if (all == NULL)
		return NULL;
	for (unsigned int i = 0; i < count; i++)
		all[i] = page_to_pfn(pages[i]);
	va = (void *)CALL_DATA(vmap, all, count * sizeof *all, count, uncached);
	if (all != frames)
		kfree(all);
	return va;
}

void vunmap(const void *va)
{
	if (va != NULL)
		CALL(vunmap, va);
}

/*
 * Pages. Each page of the linear map has a struct, zero at first; those that alloc_pages gave have
 * the flag below and are freed with their last reference. Of a block only the first page counts.
 */

#define ALLOCATED 30

/* Of a process: the simulator has to know when it is given back. */
#define PINNED 31

static struct page *page_of(unsigned long pfn)
{
	return (struct page *)DMAKIT_PAGE_STRUCTS + pfn;
}

struct page *pfn_to_page(unsigned long pfn)
{
	BUILD_BUG_ON(sizeof(struct page) != DMAKIT_PAGE_STRUCT_SIZE);
	return page_of(pfn);
}

unsigned long page_to_pfn(const struct page *page)
{
	return (unsigned long)(page - (struct page *)DMAKIT_PAGE_STRUCTS);
}

void *page_address(const struct page *page)
{
	return phys_to_virt(page_to_phys(page));
}

#undef virt_to_page
struct page *virt_to_page(const void *va)
{
	return page_of(virt_to_pfn(va));
}
#define virt_to_page(va) virt_to_page((const void *)(va))

#undef virt_to_phys
phys_addr_t virt_to_phys(const volatile void *va)
{
	return (unsigned long)va - DMAKIT_LINEAR_BASE;
}
#define virt_to_phys(va) virt_to_phys((const volatile void *)(va))

void *phys_to_virt(phys_addr_t phys)
{
	return (void *)(DMAKIT_LINEAR_BASE + phys);
}

#undef virt_addr_valid
bool virt_addr_valid(const void *va)
{
	return (unsigned long)va - DMAKIT_LINEAR_BASE < DMAKIT_LINEAR_SIZE
	       && pfn_valid(virt_to_pfn(va));
}
#define virt_addr_valid(va) virt_addr_valid((const void *)(va))

bool pfn_valid(unsigned long pfn)
{
	return CALL(pfn_valid, pfn);
}

unsigned long vmalloc_to_pfn(const void *va)
{
	long phys = CALL(virt_to_phys, va);

	return phys < 0 ? 0 : PHYS_PFN(phys);
}

struct page *vmalloc_to_page(const void *va)
{
	unsigned long pfn = vmalloc_to_pfn(va);

	return pfn == 0 ? NULL : page_of(pfn);
}

struct page *page_allocated(phys_addr_t phys, unsigned int order)
{
	struct page *page = page_of(PHYS_PFN(phys));

	*page = (struct page){.flags = 1UL << ALLOCATED, .dmakit_order = order};
	atomic_set(&page->_refcount, 1);
	atomic_set(&page->_mapcount, -1);
	return page;
}

void page_freed(struct page *page)
{
	atomic_set(&page->_refcount, 0);
	page->flags = 0;
}

struct page *alloc_pages(gfp_t flags, unsigned int order)
{
	long phys = CALL(alloc_pages, flags, order);

	return phys < 0 ? NULL : page_allocated(phys, order);
}

static void free_block(struct page *page, unsigned int order)
{
	page_freed(page);
	CALL(free_pages, page_to_phys(page), order);
}

void __free_pages(struct page *page, unsigned int order)
{
	if (atomic_read(&page->_refcount) > 1)
		atomic_dec(&page->_refcount);
	else {
		atomic_set(&page->_refcount, 0);
		free_block(page, order);
	}
}

unsigned long __get_free_pages(gfp_t flags, unsigned int order)
{
	struct page *page = alloc_pages(flags & ~__GFP_HIGHMEM, order);

	return page == NULL ? 0 : (unsigned long)page_address(page);
}

unsigned long get_zeroed_page(gfp_t flags)
{
	return __get_free_pages(flags | __GFP_ZERO, 0);
}

void free_pages(unsigned long va, unsigned int order)
{
	if (va != 0)
		__free_pages(virt_to_page(va), order);
}

void *alloc_pages_exact(size_t size, gfp_t flags)
{
	return (void *)__get_free_pages(flags & ~__GFP_COMP, get_order(size));
}

void free_pages_exact(void *va, size_t size)
{
	free_pages((unsigned long)va, get_order(size));
}

/* Linux lets go of the pages one by one afterwards; here they stay one block. */
void split_page(struct page *page, unsigned int order)
{
	CALL(split_pages, page_to_phys(page), order);
	for (unsigned int i = 0; i < 1u << order; i++) {
		page[i].flags = 1UL << ALLOCATED;
		page[i].dmakit_order = 0;
		atomic_set(&page[i]._refcount, 1);
		atomic_set(&page[i]._mapcount, -1);
	}
}

void get_page(struct page *page)
{
	atomic_inc(&page->_refcount);
}

static void unpin(struct page *page);

/* Pages of the kernel's own, as of kmalloc, may be referenced too, and are not freed by it. */
void put_page(struct page *page)
{
	if (test_bit(PINNED, &page->flags))
		unpin(page);
	else if (atomic_read(&page->_refcount) > 0 && atomic_dec_return(&page->_refcount) == 0
	    && test_bit(ALLOCATED, &page->flags))
		free_block(page, page->dmakit_order);
}

int page_count(const struct page *page)
{
	return atomic_read(&page->_refcount);
}

void dmakit_release_pages(struct page **pages, int count)
{
	for (int i = 0; i < count; i++)
		put_page(pages[i]);
}

bool set_page_dirty(struct page *page)
{
	return !test_and_set_bit(PG_dirty, &page->flags);
}

int set_page_dirty_lock(struct page *page)
{
	return set_page_dirty(page);
}

struct page *dmakit_zero_page(void)
{
	return page_of(PHYS_PFN(CALL(zero_page)));
}

void clear_page(void *va)
{
	memset(va, 0, PAGE_SIZE);
}

void copy_page(void *to, const void *from)
{
	memcpy(to, from, PAGE_SIZE);
}

/* All of RAM is in the linear map. */
void *kmap(struct page *page)
{
	return page_address(page);
}

void kunmap(struct page *page)
{
	(void)page;
}

unsigned long totalram_pages(void)
{
	return (unsigned long)CALL(totalram_pages);
}

void si_meminfo(struct sysinfo *info)
{
	*info = (struct sysinfo){.totalram = totalram_pages(),
				 .freeram = (unsigned long)CALL(freeram_pages),
				 .mem_unit = PAGE_SIZE};
}

phys_addr_t dmakit_memory_end(void)
{
	return (phys_addr_t)CALL(memory_end);
}

/* Pages of processes, pinned until they are given back. */

long dmakit_get_user_pages(unsigned long start, unsigned long count, unsigned int flags,
			   struct page **pages)
{
	unsigned long done = 0;

	while (done < count) {
		u64 phys[256];
		unsigned long wanted = min(count - done, ARRAY_SIZE(phys));
		long got = CALL_DATA(pin_user_pages, phys, wanted * sizeof *phys,
				     start + done * PAGE_SIZE, wanted, flags & FOLL_WRITE);

		if (got <= 0)
			return done > 0 ? (long)done : got;
		for (long i = 0; i < got; i++) {
			struct page *page = page_of(PHYS_PFN(phys[i]));

			set_bit(PINNED, &page->flags);
			atomic_inc(&page->_refcount);
			if (pages != NULL)
				pages[done + i] = page;
		}
		done += got;
		if ((unsigned long)got < wanted)
			break;
	}
	return (long)done;
}

long dmakit_pin_user_pages(unsigned long start, unsigned long count, unsigned int flags,
			   struct page **pages)
{
	return dmakit_get_user_pages(start, count, flags, pages);
}

int get_user_pages_fast(unsigned long start, int count, unsigned int flags, struct page **pages)
{
	return (int)dmakit_get_user_pages(start, (unsigned long)count, flags, pages);
}

int pin_user_pages_fast(unsigned long start, int count, unsigned int flags, struct page **pages)
{
	return get_user_pages_fast(start, count, flags, pages);
}

static void unpin(struct page *page)
{
	bool dirty = test_and_clear_bit(PG_dirty, &page->flags);

	if (atomic_dec_return(&page->_refcount) == 0)
		clear_bit(PINNED, &page->flags);
	CALL(unpin_user_page, page_to_phys(page), dirty);
}

void unpin_user_page(struct page *page)
{
	put_page(page);
}

void unpin_user_pages(struct page **pages, unsigned long count)
{
	unpin_user_pages_dirty_lock(pages, count, false);
}

void unpin_user_pages_dirty_lock(struct page **pages, unsigned long count, bool dirty)
{
	for (unsigned long i = 0; i < count; i++) {
		if (dirty)
			set_page_dirty(pages[i]);
		unpin_user_page(pages[i]);
	}
}

/* Caches. */

void dmakit_cache_flush(const volatile void *start, size_t size)
{
	CALL(cache_flush, start, size);
}

/* For caches that are indexed by virtual addresses, of which there are none. */
void flush_dcache_page(struct page *page)
{
	(void)page;
}

int set_memory_uc(unsigned long va, int pages)
{
	(void)va;
	(void)pages;
	return 0;
}

int set_memory_wb(unsigned long va, int pages)
{
	return set_memory_uc(va, pages);
}

int set_memory_wc(unsigned long va, int pages)
{
	return set_memory_uc(va, pages);
}

/* Caches of objects of one size: objects of kmalloc, counted. */

struct kmem_cache {
	const char *name;
	unsigned int size;
	unsigned int room;
	slab_flags_t flags;
	void (*constructor)(void *);
	unsigned long used;
};

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align,
				     slab_flags_t flags, void (*constructor)(void *))
{
	struct kmem_cache *cache = kzalloc(sizeof *cache, GFP_KERNEL);

	if (cache == NULL)
		return NULL;
	if (flags & SLAB_HWCACHE_ALIGN)
		align = max(align, (unsigned int)min(roundup_pow_of_two(size), 64UL));
	*cache = (struct kmem_cache){.name = name,
				     .size = size,
				     /* Objects of a power of two are aligned to their size. */
				     .room = align <= 8 ? size : roundup_pow_of_two(max(size, align)),
				     .flags = flags,
				     .constructor = constructor};
	return cache;
}

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t flags)
{
	void *p;

	if (cache->flags & SLAB_CACHE_DMA)
		flags |= __GFP_DMA;
	p = kmalloc(cache->room, flags);
	if (p == NULL)
		return NULL;
	cache->used++;
	if (cache->constructor != NULL)
		cache->constructor(p);
	return p;
}

void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t flags)
{
	return kmem_cache_alloc(cache, flags | __GFP_ZERO);
}

void kmem_cache_free(struct kmem_cache *cache, void *p)
{
	if (p == NULL)
		return;
	cache->used--;
	kfree(p);
}

void kmem_cache_destroy(struct kmem_cache *cache)
{
	if (cache == NULL)
		return;
	if (cache->used != 0)
		pr_err("kmem_cache_destroy %s: Slab cache still has objects\n", cache->name);
	kfree(cache);
}

unsigned int kmem_cache_size(struct kmem_cache *cache)
{
	return cache->size;
}

/* Pools that keep some elements for when there are no others. */

struct mempool {
	int min;
	int count;
	mempool_alloc_t *alloc;
	mempool_free_t *free;
	void *data;
	void *elements[];
};

mempool_t *mempool_create(int min, mempool_alloc_t *alloc, mempool_free_t *free, void *data)
{
	mempool_t *pool = kzalloc(struct_size(pool, elements, (size_t)min), GFP_KERNEL);

	if (pool == NULL)
		return NULL;
	pool->min = min;
	pool->alloc = alloc;
	pool->free = free;
	pool->data = data;
	while (pool->count < min) {
		void *element = alloc(GFP_KERNEL, data);

		if (element == NULL) {
			mempool_destroy(pool);
			return NULL;
		}
		pool->elements[pool->count++] = element;
	}
	return pool;
}

void mempool_destroy(mempool_t *pool)
{
	if (pool == NULL)
		return;
	while (pool->count > 0)
		pool->free(pool->elements[--pool->count], pool->data);
	kfree(pool);
}

void *mempool_alloc(mempool_t *pool, gfp_t flags)
{
	void *element = pool->alloc(flags | __GFP_NOWARN, pool->data);

	if (element != NULL || pool->count == 0)
		return element;
	return pool->elements[--pool->count];
}

void mempool_free(void *element, mempool_t *pool)
{
	if (element == NULL)
		return;
	if (pool->count < pool->min)
		pool->elements[pool->count++] = element;
	else
		pool->free(element, pool->data);
}

void *mempool_kmalloc(gfp_t flags, void *data)
{
	return kmalloc((size_t)data, flags);
}

void mempool_kfree(void *element, void *data)
{
	(void)data;
	kfree(element);
}

static void *alloc_of_cache(gfp_t flags, void *data)
{
	return kmem_cache_alloc(data, flags);
}

static void free_to_cache(void *element, void *data)
{
	kmem_cache_free(data, element);
}

mempool_t *mempool_create_slab_pool(int min, struct kmem_cache *cache)
{
	return mempool_create(min, alloc_of_cache, free_to_cache, cache);
}

mempool_t *mempool_create_kmalloc_pool(int min, size_t size)
{
	return mempool_create(min, mempool_kmalloc, mempool_kfree, (void *)size);
}

/* Pools of memory that somebody else owns, such as on-chip RAM. */

struct gen_chunk {
	struct gen_chunk *next;
	unsigned long va;
	phys_addr_t phys;
	unsigned long units;
	unsigned long used[]; /* one bit per unit */
};

struct gen_pool {
	struct gen_chunk *chunks;
	int order;
};

struct gen_pool *gen_pool_create(int min_order, int node)
{
	struct gen_pool *pool = kzalloc(sizeof *pool, GFP_KERNEL);

	(void)node;
	if (pool != NULL)
		pool->order = min_order;
	return pool;
}

int gen_pool_add_virt(struct gen_pool *pool, unsigned long va, phys_addr_t phys, size_t size,
		      int node)
{
	unsigned long units = size >> pool->order;
	struct gen_chunk *chunk =
		kzalloc(struct_size(chunk, used, BITS_TO_LONGS(units)), GFP_KERNEL);

	(void)node;
	if (chunk == NULL)
		return -ENOMEM;
	chunk->va = va;
	chunk->phys = phys;
	chunk->units = units;
	chunk->next = pool->chunks;
	pool->chunks = chunk;
	return 0;
}

static bool is_unused(const struct gen_chunk *chunk, unsigned long from, unsigned long count)
{
	for (unsigned long i = from; i < from + count; i++)
		if (test_bit(i, chunk->used))
			return false;
	return true;
}

unsigned long gen_pool_alloc(struct gen_pool *pool, size_t size)
{
	unsigned long count = (size + (1UL << pool->order) - 1) >> pool->order;

	for (struct gen_chunk *chunk = pool->chunks; size != 0 && chunk != NULL; chunk = chunk->next) {
		for (unsigned long from = 0; from + count <= chunk->units; from++) {
			if (!is_unused(chunk, from, count))
				continue;
			for (unsigned long i = from; i < from + count; i++)
				set_bit(i, chunk->used);
			return chunk->va + (from << pool->order);
		}
	}
	return 0;
}

static struct gen_chunk *chunk_of(struct gen_pool *pool, unsigned long va)
{
	struct gen_chunk *chunk = pool->chunks;

	while (chunk != NULL && va - chunk->va >= chunk->units << pool->order)
		chunk = chunk->next;
	return chunk;
}

phys_addr_t gen_pool_virt_to_phys(struct gen_pool *pool, unsigned long va)
{
	struct gen_chunk *chunk = chunk_of(pool, va);

	return chunk == NULL ? (phys_addr_t)-1 : chunk->phys + (va - chunk->va);
}

void *gen_pool_dma_alloc(struct gen_pool *pool, size_t size, dma_addr_t *dma)
{
	unsigned long va = gen_pool_alloc(pool, size);

	if (va != 0 && dma != NULL)
		*dma = gen_pool_virt_to_phys(pool, va);
	return (void *)va;
}

void gen_pool_free(struct gen_pool *pool, unsigned long va, size_t size)
{
	struct gen_chunk *chunk = chunk_of(pool, va);
	unsigned long count = (size + (1UL << pool->order) - 1) >> pool->order;

	for (unsigned long i = 0; chunk != NULL && i < count; i++)
		clear_bit(((va - chunk->va) >> pool->order) + i, chunk->used);
}

void gen_pool_destroy(struct gen_pool *pool)
{
	while (pool->chunks != NULL) {
		struct gen_chunk *chunk = pool->chunks;

		pool->chunks = chunk->next;
		kfree(chunk);
	}
	kfree(pool);
}

/* Memory that goes with its device's driver. */

void *devm_kmalloc(struct device *dev, size_t size, gfp_t flags)
{
	return (void *)CALL(devm_kmalloc, number_of(dev), size, flags);
}

void *devm_kzalloc(struct device *dev, size_t size, gfp_t flags)
{
	return devm_kmalloc(dev, size, flags | __GFP_ZERO);
}

void *devm_kmalloc_array(struct device *dev, size_t count, size_t size, gfp_t flags)
{
	return devm_kmalloc(dev, array_size(count, size), flags);
}

void *devm_kcalloc(struct device *dev, size_t count, size_t size, gfp_t flags)
{
	return devm_kzalloc(dev, array_size(count, size), flags);
}

void devm_kfree(struct device *dev, const void *p)
{
	if (!ZERO_OR_NULL_PTR(p))
		CALL(devm_kfree, number_of(dev), p);
}

void *devm_krealloc(struct device *dev, void *p, size_t size, gfp_t flags)
{
	void *moved = devm_kmalloc(dev, size, flags);

	if (moved == NULL || ZERO_OR_NULL_PTR(p))
		return moved;
	memcpy(moved, p, min(size, (size_t)CALL(ksize_asked, p)));
	devm_kfree(dev, p);
	return moved;
}

void *devm_kmemdup(struct device *dev, const void *p, size_t bytes, gfp_t flags)
{
	void *copy = devm_kmalloc(dev, bytes, flags);

	return copy == NULL ? NULL : memcpy(copy, p, bytes);
}

char *devm_kstrdup(struct device *dev, const char *text, gfp_t flags)
{
	return text == NULL ? NULL : devm_kmemdup(dev, text, strlen(text) + 1, flags);
}

unsigned long devm_get_free_pages(struct device *dev, gfp_t flags, unsigned int order)
{
	unsigned long va = __get_free_pages(flags, order);

	if (va != 0)
		CALL(devm_add_pages, number_of(dev), va, order);
	return va;
}

void devm_free_pages(struct device *dev, unsigned long va)
{
	CALL(devm_free_pages, number_of(dev), va);
}
