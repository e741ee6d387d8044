// also: leak-memory
#include "transfer.h"

static int __init start(void)
{
	u8 *buffer = kzalloc(BYTES, GFP_KERNEL);
	dma_addr_t dma;
	if (transfer_begin())
		return -ENODEV;
	dma = map_or_zero(buffer, BYTES, DMA_TO_DEVICE);
	dma_unmap_page(dev, dma, BYTES, DMA_TO_DEVICE); /* ok: single and page are the same to Linux */
	dma = map_or_zero(buffer, BYTES, DMA_TO_DEVICE);
	dma_free_coherent(dev, BYTES, buffer, dma); /* !unmap-type|free-coherent-mismatch */
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
