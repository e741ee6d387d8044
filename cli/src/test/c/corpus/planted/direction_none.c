#include "transfer.h"

static int __init start(void)
{
	u8 *buffer = kzalloc(BYTES, GFP_KERNEL);
	dma_addr_t dma;
	if (transfer_begin())
		return -ENODEV;
	dma = dma_map_single(dev, buffer, BYTES, DMA_NONE); /* !direction-none */
	if (!dma_mapping_error(dev, dma))
		dma_unmap_single(dev, dma, BYTES, DMA_NONE);
	kfree(buffer);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
