#include "transfer.h"
#include <linux/dmapool.h>

static int __init start(void)
{
	struct dma_pool *rings, *descriptors;
	dma_addr_t dma;
	void *block;
	if (transfer_begin())
		return -ENODEV;
	rings = dma_pool_create("rings", dev, 256, 64, 0);
	descriptors = dma_pool_create("descriptors", dev, 64, 64, 0);
	block = dma_pool_alloc(descriptors, GFP_KERNEL, &dma);
	dma_pool_free(rings, block, dma); /* !free-coherent-mismatch */
	dma_pool_free(descriptors, block, dma);
	dma_pool_destroy(descriptors);
	dma_pool_destroy(rings);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
