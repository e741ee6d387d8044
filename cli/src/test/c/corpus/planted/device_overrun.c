#include "transfer.h"

static int __init start(void)
{
	u8 *src = kzalloc(2 * BYTES, GFP_KERNEL);
	u8 *dst = kzalloc(2 * BYTES, GFP_KERNEL);
	dma_addr_t from, to;
	if (transfer_begin())
		return -ENODEV;
	from = map_or_zero(src, 2 * BYTES, DMA_TO_DEVICE);
	to = map_or_zero(dst, BYTES, DMA_FROM_DEVICE);
	transfer(to, from, BYTES + 64); /* !device-unmapped-access any */
	dma_unmap_single(dev, to, BYTES, DMA_FROM_DEVICE);
	dma_unmap_single(dev, from, 2 * BYTES, DMA_TO_DEVICE);
	kfree(src);
	kfree(dst);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
