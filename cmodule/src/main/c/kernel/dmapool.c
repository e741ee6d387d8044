/* Pools of small blocks of coherent memory, which the kernel keeps. */
#include <dmakit/umbrella.h>

#include "call.h"
#include "device.h"
#include "dma.h"

struct dma_pool {
	long number;
	struct device *dev;
};

struct dma_pool *dma_pool_create(const char *name, struct device *dev, size_t size, size_t align,
				 size_t boundary)
{
	struct dma_pool *pool;
	long number;

	if (!dev)
		return NULL;
	number = CALL_TEXT(dma_pool_create, name, number_of(dev), size, align, boundary);
	if (!number)
		return NULL;
	pool = kernel_allocate(sizeof *pool);
	*pool = (struct dma_pool){number, dev};
	return pool;
}

void *dma_pool_alloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *handle)
{
	struct device *dev = pool->dev;
	void *va = (void *)CALL(dma_pool_alloc, number_of(dev), pool->number, gfp,
				dma_coherent_mask_of(dev));

	if (va)
		*handle = answered(0);
	return va;
}

void *dma_pool_zalloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *handle)
{
	return dma_pool_alloc(pool, gfp | __GFP_ZERO, handle);
}

void dma_pool_free(struct dma_pool *pool, void *va, dma_addr_t handle)
{
	CALL(dma_pool_free, pool->number, va, handle);
}

void dma_pool_destroy(struct dma_pool *pool)
{
	if (!pool)
		return;
	CALL(dma_pool_destroy, pool->number);
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
