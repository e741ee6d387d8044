#include "transfer.h"

static int __init start(void)
{
	u8 *src = kzalloc(BYTES, GFP_KERNEL);
	u8 *dst = kzalloc(BYTES, GFP_KERNEL);
	dma_addr_t from, to;
	if (transfer_begin())
		return -ENODEV;
	from = dma_map_single(dev, src, BYTES, DMA_TO_DEVICE); /* !map-error-unchecked */
	to = map_or_zero(dst, BYTES, DMA_FROM_DEVICE);
	transfer(to, from, BYTES);
	dma_unmap_single(dev, to, BYTES, DMA_FROM_DEVICE);
	dma_unmap_single(dev, from, BYTES, DMA_TO_DEVICE);
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
