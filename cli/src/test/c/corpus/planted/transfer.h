/* A channel that copies memory, used as it should be; the modules here make their own mistakes. */
#ifndef TRANSFER_H
#define TRANSFER_H

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/module.h>
#include <linux/slab.h>

#define BYTES 256

static struct dma_chan *chan;
static struct device *dev;

static inline int transfer_begin(void)
{
	dma_cap_mask_t mask;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	dev = chan->device->dev;
	return 0;
}

static inline void transfer_end(void)
{
	dmaengine_terminate_sync(chan);
	dma_release_channel(chan);
}

static inline void transfer_done(void *completion)
{
	complete(completion);
}

static inline int transfer(dma_addr_t dst, dma_addr_t src, size_t bytes)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct dma_async_tx_descriptor *desc;
	dma_cookie_t cookie;

	desc = dmaengine_prep_dma_memcpy(chan, dst, src, bytes, DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
	if (!desc)
		return -EIO;
	desc->callback = transfer_done;
	desc->callback_param = &done;
	cookie = dmaengine_submit(desc);
	if (dma_submit_error(cookie))
		return -EIO;
	dma_async_issue_pending(chan);
	if (!wait_for_completion_timeout(&done, msecs_to_jiffies(1000))) {
		dmaengine_terminate_sync(chan);
		return -ETIMEDOUT;
	}
	return 0;
}

static inline dma_addr_t map_or_zero(void *buffer, size_t bytes, enum dma_data_direction direction)
{
	dma_addr_t dma = dma_map_single(dev, buffer, bytes, direction);

	return dma_mapping_error(dev, dma) ? 0 : dma;
}

MODULE_LICENSE("GPL");

#endif
