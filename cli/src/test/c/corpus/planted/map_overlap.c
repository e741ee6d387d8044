#include "transfer.h"

static int __init start(void)
{
	u8 *buffer = kzalloc(BYTES, GFP_KERNEL);
	dma_addr_t one, two;
	if (transfer_begin())
		return -ENODEV;
	one = map_or_zero(buffer, BYTES, DMA_FROM_DEVICE);
	two = dma_map_single(dev, buffer + 32, 64, DMA_FROM_DEVICE); /* !map-overlap */
	if (!dma_mapping_error(dev, two))
		dma_unmap_single(dev, two, 64, DMA_FROM_DEVICE);
	dma_unmap_single(dev, one, BYTES, DMA_FROM_DEVICE);
	kfree(buffer);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
