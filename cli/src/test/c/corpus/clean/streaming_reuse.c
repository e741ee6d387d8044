// One pair of streaming mappings, kept over many transfers and handed back and forth by syncs.
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/module.h>
#include <linux/slab.h>

#define BYTES 1024
#define ROUNDS 20

static void done(void *completion)
{
	complete(completion);
}

static int copy_once(struct dma_chan *chan, dma_addr_t to, dma_addr_t from)
{
	DECLARE_COMPLETION_ONSTACK(finished);
	struct dma_async_tx_descriptor *desc;

	desc = chan->device->device_prep_dma_memcpy(chan, to, from, BYTES,
						    DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
	if (!desc)
		return -EIO;
	desc->callback = done;
	desc->callback_param = &finished;
	if (dma_submit_error(desc->tx_submit(desc)))
		return -EIO;
	dma_async_issue_pending(chan);
	if (wait_for_completion_timeout(&finished, msecs_to_jiffies(500)) == 0) {
		dmaengine_terminate_sync(chan);
		return -ETIMEDOUT;
	}
	return 0;
}

static int rounds(struct dma_chan *chan, u32 *src, u32 *dst, dma_addr_t from, dma_addr_t to)
{
	struct device *dev = chan->device->dev;
	int i, j, err;

	for (i = 0; i < ROUNDS; i++) {
		dma_sync_single_for_cpu(dev, from, BYTES, DMA_TO_DEVICE);
		for (j = 0; j < BYTES / 4; j++)
			src[j] = i * 1000 + j;
		dma_sync_single_for_device(dev, from, BYTES, DMA_TO_DEVICE);
		err = copy_once(chan, to, from);
		if (err)
			return err;
		dma_sync_single_for_cpu(dev, to, BYTES, DMA_FROM_DEVICE);
		for (j = 0; j < BYTES / 4; j++)
			if (dst[j] != i * 1000 + j)
				return -EIO;
		dma_sync_single_for_device(dev, to, BYTES, DMA_FROM_DEVICE);
	}
	return 0;
}

static int __init reuse_init(void)
{
	struct device *dev;
	struct dma_chan *chan;
	dma_cap_mask_t mask;
	dma_addr_t from, to;
	u32 *src, *dst;
	int err = -ENOMEM;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	dev = chan->device->dev;
	src = kzalloc(BYTES, GFP_KERNEL);
	dst = kzalloc(BYTES, GFP_KERNEL);
	if (!src || !dst)
		goto free;
	from = dma_map_single(dev, src, BYTES, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, from))
		goto free;
	to = dma_map_single(dev, dst, BYTES, DMA_FROM_DEVICE);
	if (dma_mapping_error(dev, to))
		goto unmap;
	err = rounds(chan, src, dst, from, to);
	pr_info("%d rounds: %d\n", ROUNDS, err);
	dma_unmap_single(dev, to, BYTES, DMA_FROM_DEVICE);
unmap:
	dma_unmap_single(dev, from, BYTES, DMA_TO_DEVICE);
free:
	kfree(dst);
	kfree(src);
	dma_release_channel(chan);
	return err;
}

static void __exit reuse_exit(void)
{
}

module_init(reuse_init);
module_exit(reuse_exit);
MODULE_LICENSE("GPL");
