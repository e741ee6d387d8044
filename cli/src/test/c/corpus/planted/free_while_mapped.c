#include "transfer.h"

static int __init start(void)
{
	u8 *buffer = kzalloc(BYTES, GFP_KERNEL);
	dma_addr_t dma;
	if (transfer_begin())
		return -ENODEV;
	dma = map_or_zero(buffer, BYTES, DMA_TO_DEVICE);
	kfree(buffer); /* !buffer-freed-while-mapped */
	dma_unmap_single(dev, dma, BYTES, DMA_TO_DEVICE);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
