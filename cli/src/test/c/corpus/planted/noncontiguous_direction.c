#include "transfer.h"

static int __init start(void)
{
	struct sg_table *table;
	if (transfer_begin())
		return -ENODEV;
	table = dma_alloc_noncontiguous(dev, 4 * PAGE_SIZE, DMA_TO_DEVICE, GFP_KERNEL, 0);
	if (!table)
		return -ENOMEM;
	dma_free_noncontiguous(dev, 4 * PAGE_SIZE, table, DMA_BIDIRECTIONAL); /* !unmap-direction */
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
