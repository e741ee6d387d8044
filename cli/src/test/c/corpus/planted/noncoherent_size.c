#include "transfer.h"

static int __init start(void)
{
	dma_addr_t dma;
	void *va;
	if (transfer_begin())
		return -ENODEV;
	va = dma_alloc_noncoherent(dev, 4 * PAGE_SIZE, &dma, DMA_TO_DEVICE, GFP_KERNEL);
	if (!va)
		return -ENOMEM;
	dma_free_noncoherent(dev, PAGE_SIZE, va, dma, DMA_TO_DEVICE); /* !free-coherent-mismatch */
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
