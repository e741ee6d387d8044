// Two buffers, mapped once and used for many copies. With sync=1 as it should be.
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/module.h>
#include <linux/slab.h>

#define BYTES 4096

static bool sync;
module_param(sync, bool, 0444);

static struct dma_chan *chan;

static void done(void *completion)
{
	complete(completion);
}

static int copy(dma_addr_t dst, dma_addr_t src)
{
	DECLARE_COMPLETION_ONSTACK(finished);
	struct dma_async_tx_descriptor *desc;

	desc = dmaengine_prep_dma_memcpy(chan, dst, src, BYTES,
					 DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
	if (!desc)
		return -EIO;
	desc->callback = done;
	desc->callback_param = &finished;
	if (dma_submit_error(dmaengine_submit(desc)))
		return -EIO;
	dma_async_issue_pending(chan);
	if (!wait_for_completion_timeout(&finished, HZ)) {
		dmaengine_terminate_sync(chan);
		return -ETIMEDOUT;
	}
	return 0;
}

static int use(struct device *dev, u8 *src, u8 *dst, dma_addr_t from, dma_addr_t to)
{
	int value, err = 0;

	for (value = 1; !err && value <= 3; value++) {
		if (sync)
			dma_sync_single_for_cpu(dev, from, BYTES, DMA_TO_DEVICE);
		memset(src, value, BYTES);
		if (sync)
			dma_sync_single_for_device(dev, from, BYTES, DMA_TO_DEVICE);
		err = copy(to, from);
		if (sync)
			dma_sync_single_for_cpu(dev, to, BYTES, DMA_FROM_DEVICE);
		pr_info("forgetful: copied %d, see %d\n", value, dst[0]);
		if (sync)
			dma_sync_single_for_device(dev, to, BYTES, DMA_FROM_DEVICE);
	}
	return err;
}

static int run(struct device *dev, u8 *src, u8 *dst)
{
	dma_addr_t from, to;
	int err;

	from = dma_map_single(dev, src, BYTES, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, from))
		return -ENOMEM;
	to = dma_map_single(dev, dst, BYTES, DMA_FROM_DEVICE);
	if (dma_mapping_error(dev, to)) {
		dma_unmap_single(dev, from, BYTES, DMA_TO_DEVICE);
		return -ENOMEM;
	}
	err = use(dev, src, dst, from, to);
	dma_unmap_single(dev, to, BYTES, DMA_FROM_DEVICE);
	dma_unmap_single(dev, from, BYTES, DMA_TO_DEVICE);
	return err;
}

static int __init forgetful_init(void)
{
	dma_cap_mask_t mask;
	u8 *src, *dst;
	int err;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	src = kzalloc(BYTES, GFP_KERNEL);
	dst = kzalloc(BYTES, GFP_KERNEL);
	err = src && dst ? run(chan->device->dev, src, dst) : -ENOMEM;
	kfree(dst);
	kfree(src);
	if (err)
		dma_release_channel(chan);
	return err;
}

static void __exit forgetful_exit(void)
{
	dma_release_channel(chan);
}

module_init(forgetful_init);
module_exit(forgetful_exit);
MODULE_LICENSE("GPL");
