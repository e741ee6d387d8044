// One DMA transfer between two coherent buffers, waited for with a timeout.
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/module.h>

#define LENGTH 1024

static void transfer_done(void *param)
{
	complete(param);
}

static int transfer(struct dma_chan *chan, struct device *dev)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct dma_async_tx_descriptor *desc;
	dma_addr_t src_dma, dst_dma;
	int ret = -ENOMEM;
	u8 *src = dma_alloc_coherent(dev, LENGTH, &src_dma, GFP_KERNEL);
	u8 *dst = dma_alloc_coherent(dev, LENGTH, &dst_dma, GFP_KERNEL);

	if (!src || !dst)
		goto free;
	memset(src, 0x12, LENGTH);
	memset(dst, 0x00, LENGTH);
	pr_info("memcpy_once: %s, %pad to %pad\n", dma_chan_name(chan), &src_dma, &dst_dma);
	desc = dmaengine_prep_dma_memcpy(chan, dst_dma, src_dma, LENGTH, DMA_PREP_INTERRUPT);
	if (!desc)
		goto free;
	desc->callback = transfer_done;
	desc->callback_param = &done;
	ret = dma_submit_error(dmaengine_submit(desc));
	if (ret)
		goto free;
	dma_async_issue_pending(chan);
	if (!wait_for_completion_timeout(&done, msecs_to_jiffies(3000))) {
		dmaengine_terminate_sync(chan);
		ret = -ETIMEDOUT;
	} else {
		ret = memcmp(src, dst, LENGTH) ? -EIO : 0;
	}
free:
	if (dst)
		dma_free_coherent(dev, LENGTH, dst, dst_dma);
	if (src)
		dma_free_coherent(dev, LENGTH, src, src_dma);
	return ret;
}

static int __init memcpy_once_init(void)
{
	struct dma_chan *chan;
	dma_cap_mask_t mask;
	int ret;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	ret = transfer(chan, chan->device->dev);
	pr_info("memcpy_once: %s\n", ret ? "failed" : "the buffers are equal");
	dma_release_channel(chan);
	return ret;
}

static void __exit memcpy_once_exit(void)
{
	pr_info("memcpy_once: unloaded\n");
}

module_init(memcpy_once_init);
module_exit(memcpy_once_exit);
MODULE_LICENSE("GPL");
