// A client that lets go of its channel with something left to do, as the parameter says.
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/module.h>

#define SIZE 4096

enum how { DONE, PREPARED, SUBMITTED, RUNNING, TERMINATED, WAITED_IN_VAIN, ISSUED_BY_HAND };

static int how;
module_param(how, int, 0444);

static int __init leaves_init(void)
{
	DECLARE_COMPLETION_ONSTACK(never);
	struct dma_async_tx_descriptor *tx;
	struct dma_chan *chan;
	dma_cap_mask_t mask;
	dma_addr_t dma;
	void *va;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_chan_by_mask(&mask);
	if (IS_ERR(chan))
		return PTR_ERR(chan);
	va = dma_alloc_coherent(chan->device->dev, 2 * SIZE, &dma, GFP_KERNEL);
	if (!va)
		return -ENOMEM;
	memset(va, 0, 2 * SIZE);
	tx = dmaengine_prep_dma_memcpy(chan, dma + SIZE, dma, SIZE, DMA_CTRL_ACK);
	if (!tx)
		return -EIO;
	if (how != PREPARED && dma_submit_error(tx->tx_submit(tx)))
		return -EIO;
	if (how == ISSUED_BY_HAND)
		chan->device->device_issue_pending(chan);
	else if (how != PREPARED && how != SUBMITTED && how != WAITED_IN_VAIN)
		dma_async_issue_pending(chan);
	if (how == DONE || how == ISSUED_BY_HAND)
		msleep(1);
	if (how == WAITED_IN_VAIN)
		wait_for_completion_timeout(&never, 1);
	if (how == TERMINATED || how == WAITED_IN_VAIN)
		dmaengine_terminate_sync(chan);
	dma_release_channel(chan);
	dma_free_coherent(chan->device->dev, 2 * SIZE, va, dma);
	return 0;
}

static void __exit leaves_exit(void)
{
}

module_init(leaves_init);
module_exit(leaves_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Lets go of a channel too early");
