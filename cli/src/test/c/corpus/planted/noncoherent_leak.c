#include "transfer.h"

static int __init start(void)
{
	dma_addr_t dma;
	if (transfer_begin())
		return -ENODEV;
	dma_alloc_noncoherent(dev, PAGE_SIZE, &dma, DMA_TO_DEVICE, GFP_KERNEL); /* !unmap-missing */
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
