#include "transfer.h"

static int __init start(void)
{
	u8 buffer[BYTES];
	dma_addr_t dma;
	if (transfer_begin())
		return -ENODEV;
	memset(buffer, 0, sizeof(buffer));
	dma = dma_map_single(dev, buffer, sizeof(buffer), DMA_TO_DEVICE); /* !map-stack */
	if (dma_mapping_error(dev, dma))
		return 0;
	dma_unmap_single(dev, dma, sizeof(buffer), DMA_TO_DEVICE);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
