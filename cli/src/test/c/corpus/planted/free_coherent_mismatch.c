#include "transfer.h"

static int __init start(void)
{
	dma_addr_t dma;
	void *va;
	if (transfer_begin())
		return -ENODEV;
	va = dma_alloc_coherent(dev, 2 * PAGE_SIZE, &dma, GFP_KERNEL);
	if (!va)
		return -ENOMEM;
	dma_free_coherent(dev, PAGE_SIZE, va, dma); /* !free-coherent-mismatch */
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
