#include "transfer.h"
#include <linux/vmalloc.h>

static int __init start(void)
{
	u8 *buffer = vmalloc(BYTES);
	dma_addr_t dma;
	if (transfer_begin())
		return -ENODEV;
	memset(buffer, 0, BYTES);
	dma = dma_map_single(dev, buffer, BYTES, DMA_TO_DEVICE); /* !map-vmalloc */
	if (!dma_mapping_error(dev, dma))
		dma_unmap_single(dev, dma, BYTES, DMA_TO_DEVICE);
	vfree(buffer);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
