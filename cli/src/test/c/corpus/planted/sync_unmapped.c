#include "transfer.h"

static int __init start(void)
{
	u8 *buffer = kzalloc(BYTES, GFP_KERNEL);
	dma_addr_t dma;
	if (transfer_begin())
		return -ENODEV;
	dma = map_or_zero(buffer, BYTES, DMA_FROM_DEVICE);
	dma_unmap_single(dev, dma, BYTES, DMA_FROM_DEVICE);
	dma_sync_single_for_cpu(dev, dma, BYTES, DMA_FROM_DEVICE); /* !sync-unmapped */
	kfree(buffer);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
