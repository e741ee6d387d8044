// run: --board rpi3
// also: device-wrong-direction
#include "transfer.h"

static int __init start(void)
{
	u8 *src = kzalloc(BYTES, GFP_KERNEL);
	u8 *dst = kzalloc(BYTES, GFP_KERNEL);
	dma_addr_t from, to;
	if (transfer_begin())
		return -ENODEV;
	memset(dst, 1, BYTES);
	from = map_or_zero(src, BYTES, DMA_TO_DEVICE);
	to = map_or_zero(dst, BYTES, DMA_TO_DEVICE);
	transfer(to, from, BYTES); /* writes through a mapping that is TO_DEVICE */
	dma_unmap_single(dev, to, BYTES, DMA_TO_DEVICE);
	dma_unmap_single(dev, from, BYTES, DMA_TO_DEVICE);
	pr_info("got %d\n", dst[0]); /* !stale-read */
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
