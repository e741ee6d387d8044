/* A client of a channel that copies, in the usual idiom; says what came of it. */
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/module.h>
#include <linux/slab.h>

#ifndef ROUNDS
#define ROUNDS 3
#endif
#ifndef BYTES
#define BYTES 5000
#endif

static struct dma_chan *chan;

static void done(void *completion)
{
	complete(completion);
}

static int copy(struct device *dev, u8 *dst, u8 *src)
{
	DECLARE_COMPLETION_ONSTACK(finished);
	struct dma_async_tx_descriptor *desc;
	dma_addr_t from, to;
	dma_cookie_t cookie;
	int error = -EIO;

	from = dma_map_single(dev, src, BYTES, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, from))
		return -ENOMEM;
	to = dma_map_single(dev, dst, BYTES, DMA_FROM_DEVICE);
	if (dma_mapping_error(dev, to)) {
		dma_unmap_single(dev, from, BYTES, DMA_TO_DEVICE);
		return -ENOMEM;
	}
	desc = dmaengine_prep_dma_memcpy(chan, to, from, BYTES, DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
	if (!desc)
		goto unmap;
	desc->callback = done;
	desc->callback_param = &finished;
	cookie = dmaengine_submit(desc);
	if (dma_submit_error(cookie))
		goto unmap;
	dma_async_issue_pending(chan);
	if (wait_for_completion_timeout(&finished, msecs_to_jiffies(1000)))
		error = dma_async_is_tx_complete(chan, cookie, NULL, NULL) == DMA_COMPLETE ? 0 : -EIO;
	else
		dmaengine_terminate_sync(chan);
unmap:
	dma_unmap_single(dev, to, BYTES, DMA_FROM_DEVICE);
	dma_unmap_single(dev, from, BYTES, DMA_TO_DEVICE);
	return error;
}

static int __init dma_client_init(void)
{
	dma_cap_mask_t mask;
	u8 *src, *dst;
	unsigned int i;
	int error = 0;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	src = kmalloc(BYTES, GFP_KERNEL);
	dst = kzalloc(BYTES, GFP_KERNEL);
	for (i = 0; i < ROUNDS && !error && src && dst; i++) {
		memset(src, (int)i + 1, BYTES);
		error = copy(chan->device->dev, dst, src);
		if (!error && memcmp(src, dst, BYTES))
			error = -EIO;
	}
	pr_info("dma_client: %u copies on %s, %d\n", i, dma_chan_name(chan), error);
	kfree(dst);
	kfree(src);
	dma_release_channel(chan);
	return error;
}

static void __exit dma_client_exit(void)
{
}

module_init(dma_client_init);
module_exit(dma_client_exit);
MODULE_LICENSE("GPL");
