// also: sleep-in-atomic callback-sleeps deadlock
#include "transfer.h"

static void hasty(void *done)
{
	complete(done);
	dmaengine_terminate_sync(chan); /* !terminate-in-callback */
}

static int __init start(void)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct dma_async_tx_descriptor *desc;
	dma_addr_t dma;
	u8 *va;
	if (transfer_begin())
		return -ENODEV;
	va = dma_alloc_coherent(dev, 2 * BYTES, &dma, GFP_KERNEL);
	memset(va, 0, 2 * BYTES);
	desc = dmaengine_prep_dma_memcpy(chan, dma + BYTES, dma, BYTES, DMA_PREP_INTERRUPT);
	if (!desc)
		return -EIO;
	desc->callback = hasty;
	desc->callback_param = &done;
	if (dma_submit_error(dmaengine_submit(desc)))
		return -EIO;
	dma_async_issue_pending(chan);
	wait_for_completion(&done);
	dma_free_coherent(dev, 2 * BYTES, va, dma);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
