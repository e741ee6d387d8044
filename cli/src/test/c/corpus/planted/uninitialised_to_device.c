#include "transfer.h"

static int __init start(void)
{
	u8 *src = kmalloc(BYTES, GFP_KERNEL); /* !uninitialised-to-device allocated */
	u8 *dst = kzalloc(BYTES, GFP_KERNEL);
	dma_addr_t from, to;
	if (transfer_begin())
		return -ENODEV;
	memset(src, 1, BYTES / 2); /* half of what the device reads */
	from = map_or_zero(src, BYTES, DMA_TO_DEVICE);
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
