// Copies for as long as it is loaded: each callback starts the next copy.
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/module.h>
#include <linux/slab.h>

#define SIZE 4096

static struct dma_chan *chan;
static void *src, *dst;
static dma_addr_t src_dma, dst_dma;
static bool stopping;
static unsigned int copies;

static int start(void);

static void copied(void *param)
{
	copies++;
	if (!READ_ONCE(stopping))
		start();
}

static int start(void)
{
	struct dma_async_tx_descriptor *tx;
	dma_cookie_t cookie;

	tx = dmaengine_prep_dma_memcpy(chan, dst_dma, src_dma, SIZE,
				       DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
	if (!tx)
		return -ENOMEM;
	tx->callback = copied;
	cookie = dmaengine_submit(tx);
	if (dma_submit_error(cookie))
		return -EIO;
	dma_async_issue_pending(chan);
	return 0;
}

static int __init always_init(void)
{
	dma_cap_mask_t mask;
	struct device *dev;
	int ret = -ENOMEM;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_chan_by_mask(&mask);
	if (IS_ERR(chan))
		return PTR_ERR(chan);
	dev = chan->device->dev;
	src = kzalloc(SIZE, GFP_KERNEL);
	dst = kzalloc(SIZE, GFP_KERNEL);
	if (!src || !dst)
		goto free;
	src_dma = dma_map_single(dev, src, SIZE, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, src_dma))
		goto free;
	dst_dma = dma_map_single(dev, dst, SIZE, DMA_FROM_DEVICE);
	if (dma_mapping_error(dev, dst_dma))
		goto unmap_src;
	ret = start();
	if (!ret)
		return 0;
	dma_unmap_single(dev, dst_dma, SIZE, DMA_FROM_DEVICE);
unmap_src:
	dma_unmap_single(dev, src_dma, SIZE, DMA_TO_DEVICE);
free:
	kfree(dst);
	kfree(src);
	dma_release_channel(chan);
	return ret;
}

static void __exit always_exit(void)
{
	struct device *dev = chan->device->dev;

	WRITE_ONCE(stopping, true);
	dmaengine_terminate_sync(chan);
	dma_unmap_single(dev, dst_dma, SIZE, DMA_FROM_DEVICE);
	dma_unmap_single(dev, src_dma, SIZE, DMA_TO_DEVICE);
	kfree(dst);
	kfree(src);
	dma_release_channel(chan);
	pr_info("%u copies\n", copies);
}

module_init(always_init);
module_exit(always_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Copies for as long as it is loaded");
