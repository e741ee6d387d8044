#include "transfer.h"
#include <linux/dmapool.h>

static int __init start(void)
{
	struct dma_pool *pool;
	dma_addr_t first, second;
	void *a, *b;
	if (transfer_begin())
		return -ENODEV;
	pool = dma_pool_create("handles", dev, 64, 64, 0);
	a = dma_pool_alloc(pool, GFP_KERNEL, &first);
	b = dma_pool_alloc(pool, GFP_KERNEL, &second);
	dma_pool_free(pool, a, second); /* !free-coherent-mismatch */
	dma_pool_free(pool, b, second);
	dma_pool_destroy(pool);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
