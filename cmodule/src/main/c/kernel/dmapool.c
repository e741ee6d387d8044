/* Pools of small blocks of coherent memory. */
#include <dmakit/umbrella.h>

#include "call.h"
#include "device.h"
#include "dma.h"

#define BLOCK_MIN 16

struct chunk {
	struct chunk *next;
	u8 *va;
	dma_addr_t dma;
	bool *used;
};

struct block {
	struct chunk *chunk;
	size_t index;
};

struct dma_pool {
	char name[32];
	struct device *dev;
	size_t size;
	size_t allocation;
	size_t boundary;
	size_t per_chunk;
	struct chunk *chunks;
	struct block *free; /* a stack: the block freed last goes first */
	size_t free_count;
	size_t room;
	size_t active;
};

/* Where a block lies in its chunk: none crosses a boundary. */
static size_t offset_of(const struct dma_pool *pool, size_t index)
{
	size_t per_part = pool->boundary / pool->size;

	return index / per_part * pool->boundary + index % per_part * pool->size;
}

struct dma_pool *dma_pool_create(const char *name, struct device *dev, size_t size, size_t align,
				 size_t boundary)
{
	struct dma_pool *pool;
	size_t allocation;

	if (!dev || !size || size > INT_MAX)
		return NULL;
	if (!align)
		align = 1;
	if (align & (align - 1))
		return NULL;
	if (size < BLOCK_MIN)
		size = BLOCK_MIN;
	size = (size + align - 1) & ~(align - 1);
	allocation = size > PAGE_SIZE ? size : PAGE_SIZE;
	if (!boundary)
		boundary = allocation;
	else if (boundary < size || (boundary & (boundary - 1)))
		return NULL;
	if (boundary > allocation)
		boundary = allocation;
	pool = kernel_allocate(sizeof *pool);
	snprintf(pool->name, sizeof pool->name, "%s", name);
	pool->dev = dev;
	pool->size = size;
	pool->allocation = allocation;
	pool->boundary = boundary;
	while (offset_of(pool, pool->per_chunk) + size <= allocation)
		pool->per_chunk++;
	return pool;
}

static bool grow(struct dma_pool *pool, gfp_t gfp)
{
	struct chunk *chunk;
	struct block *room;
	dma_addr_t dma;
	void *va = dma_alloc_coherent(pool->dev, pool->allocation, &dma, gfp);

	if (!va)
		return false;
	chunk = kernel_allocate(sizeof *chunk + pool->per_chunk * sizeof *chunk->used);
	*chunk = (struct chunk){pool->chunks, va, dma, (bool *)(chunk + 1)};
	pool->chunks = chunk;
	pool->room += pool->per_chunk;
	room = kernel_allocate(pool->room * sizeof *room);
	for (size_t i = 0; i < pool->free_count; i++)
		room[i] = pool->free[i];
	kernel_free(pool->free);
	pool->free = room;
	for (size_t i = pool->per_chunk; i-- > 0;)
		pool->free[pool->free_count++] = (struct block){chunk, i};
	return true;
}

void *dma_pool_alloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *handle)
{
	struct block block;
	size_t offset;

	if (!pool->free_count && !grow(pool, gfp))
		return NULL;
	block = pool->free[--pool->free_count];
	block.chunk->used[block.index] = true;
	pool->active++;
	offset = offset_of(pool, block.index);
	*handle = block.chunk->dma + offset;
	if (gfp & __GFP_ZERO)
		memset(block.chunk->va + offset, 0, pool->size);
	return block.chunk->va + offset;
}

void *dma_pool_zalloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *handle)
{
	return dma_pool_alloc(pool, gfp | __GFP_ZERO, handle);
}

enum { FAULT_FOREIGN, FAULT_HANDLE, FAULT_TWICE, FAULT_BUSY };

void dma_pool_free(struct dma_pool *pool, void *va, dma_addr_t handle)
{
	struct chunk *chunk = pool->chunks;
	size_t index = 0;
	size_t offset;

	while (chunk && ((u8 *)va < chunk->va || (u8 *)va - chunk->va >= (long)pool->allocation))
		chunk = chunk->next;
	offset = chunk ? (size_t)((u8 *)va - chunk->va) : 0;
	while (chunk && index < pool->per_chunk && offset_of(pool, index) != offset)
		index++;
	if (!chunk || index == pool->per_chunk) {
		CALL_TEXT(dma_pool_fault, pool->name, number_of(pool->dev), FAULT_FOREIGN, va,
			  handle);
		return;
	}
	if (chunk->dma + offset != handle)
		CALL_TEXT(dma_pool_fault, pool->name, number_of(pool->dev), FAULT_HANDLE, va, handle,
			  chunk->dma + offset);
	if (!chunk->used[index]) {
		CALL_TEXT(dma_pool_fault, pool->name, number_of(pool->dev), FAULT_TWICE, va, handle);
		return;
	}
	chunk->used[index] = false;
	pool->active--;
	pool->free[pool->free_count++] = (struct block){chunk, index};
}

void dma_pool_destroy(struct dma_pool *pool)
{
	struct chunk *next;

	if (!pool)
		return;
	if (pool->active)
		CALL_TEXT(dma_pool_fault, pool->name, number_of(pool->dev), FAULT_BUSY, pool->active,
			  0);
	for (struct chunk *chunk = pool->chunks; chunk; chunk = next) {
		next = chunk->next;
		dma_free_coherent(pool->dev, pool->allocation, chunk->va, chunk->dma);
		kernel_free(chunk);
	}
	kernel_free(pool->free);
	kernel_free(pool);
}

static void destroy_managed(struct device *dev, void *resource)
{
	(void)dev;
	dma_pool_destroy(*(struct dma_pool **)resource);
}

static int is_managed(struct device *dev, void *resource, void *pool)
{
	(void)dev;
	return *(struct dma_pool **)resource == pool;
}

struct dma_pool *dmam_pool_create(const char *name, struct device *dev, size_t size, size_t align,
				  size_t allocation)
{
	struct dma_pool **managed = devres_alloc(destroy_managed, sizeof *managed, GFP_KERNEL);

	if (!managed)
		return NULL;
	*managed = dma_pool_create(name, dev, size, align, allocation);
	if (!*managed) {
		devres_free(managed);
		return NULL;
	}
	devres_add(dev, managed);
	return *managed;
}

void dmam_pool_destroy(struct dma_pool *pool)
{
	struct device *dev = pool->dev;

	WARN_ON(devres_release(dev, destroy_managed, is_managed, pool));
}
