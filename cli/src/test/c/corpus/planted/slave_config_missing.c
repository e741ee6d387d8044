#include "transfer.h"

static int __init start(void)
{
	dma_addr_t dma;
	u8 *va;

	if (transfer_begin())
		return -ENODEV;
	va = dma_alloc_coherent(dev, BYTES, &dma, GFP_KERNEL);
	memset(va, 0, BYTES);
	if (dmaengine_prep_slave_single(chan, dma, BYTES, DMA_MEM_TO_DEV, /* !slave-config-missing */
					DMA_PREP_INTERRUPT))
		dmaengine_terminate_sync(chan);
	dma_free_coherent(dev, BYTES, va, dma);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
