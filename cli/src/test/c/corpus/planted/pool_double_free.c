#include "transfer.h"
#include <linux/dmapool.h>

static int __init start(void)
{
	struct dma_pool *pool;
	dma_addr_t dma;
	void *block;
	if (transfer_begin())
		return -ENODEV;
	pool = dma_pool_create("corpus", dev, 64, 64, 0);
	block = dma_pool_alloc(pool, GFP_KERNEL, &dma);
	dma_pool_free(pool, block, dma);
	dma_pool_free(pool, block, dma); /* !pool-double-free */
	dma_pool_destroy(pool);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
