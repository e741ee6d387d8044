#include "transfer.h"

static const u8 table[BYTES] = {1, 2, 3};

static int __init start(void)
{
	dma_addr_t dma;
	if (transfer_begin())
		return -ENODEV;
	dma = dma_map_single(dev, table, sizeof(table), DMA_TO_DEVICE); /* !map-text */
	if (!dma_mapping_error(dev, dma))
		dma_unmap_single(dev, dma, sizeof(table), DMA_TO_DEVICE);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
