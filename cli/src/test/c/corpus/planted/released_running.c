// run: --board pc
#include "transfer.h"

/* The controller of this board has no call that terminates: its client has to wait. */
static int __init start(void)
{
	struct dma_async_tx_descriptor *desc;
	dma_addr_t dma;
	u8 *va;
	if (transfer_begin())
		return -ENODEV;
	va = dma_alloc_coherent(dev, 512 * 1024, &dma, GFP_KERNEL);
	memset(va, 0, 512 * 1024);
	desc = dmaengine_prep_dma_memcpy(chan, dma + 256 * 1024, dma, 256 * 1024, DMA_PREP_INTERRUPT);
	if (!desc || dma_submit_error(dmaengine_submit(desc)))
		return -EIO;
	dma_async_issue_pending(chan);
	dma_release_channel(chan); /* !terminate-missing */
	dma_free_coherent(dev, 512 * 1024, va, dma);
	return 0;
}

static void __exit stop(void)
{
}

module_init(start);
module_exit(stop);
