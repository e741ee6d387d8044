// also: leak-memory unmap-missing
#include "transfer.h"

static void late(void *done)
{
	complete(done); /* !completion-gone */
}

static noinline void begin(void)
{
	DECLARE_COMPLETION_ONSTACK(done);
	static dma_addr_t dma;
	static u8 *va;
	struct dma_async_tx_descriptor *desc;

	va = dmam_alloc_coherent(dev, 2048 * 1024, &dma, GFP_KERNEL);
	if (!va)
		return;
	memset(va, 0, 2048 * 1024);
	desc = dmaengine_prep_dma_memcpy(chan, dma + 1024 * 1024, dma, 1024 * 1024, DMA_PREP_INTERRUPT);
	if (!desc)
		return;
	desc->callback = late;
	desc->callback_param = &done;
	if (dma_submit_error(dmaengine_submit(desc)))
		return;
	dma_async_issue_pending(chan);
}

static int __init start(void)
{
	if (transfer_begin())
		return -ENODEV;
	begin();
	msleep(100);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
