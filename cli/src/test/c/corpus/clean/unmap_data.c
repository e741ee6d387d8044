// Buffers that are unmapped with their transfer, and a descriptor that is used again.
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/module.h>
#include <linux/slab.h>

#define BYTES 1024

static struct dma_chan *chan;
static u8 *src, *dst;

static void done(void *completion)
{
	complete(completion);
}

static int copy_unmapped(struct device *dev)
{
	DECLARE_COMPLETION_ONSTACK(finished);
	struct dma_async_tx_descriptor *desc;
	struct dmaengine_unmap_data *unmap = dmaengine_get_unmap_data(dev, 2, GFP_KERNEL);
	int err = -EIO;

	if (!unmap)
		return -ENOMEM;
	unmap->len = BYTES;
	unmap->addr[0] = dma_map_single(dev, src, BYTES, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, unmap->addr[0]))
		goto put;
	unmap->to_cnt = 1;
	unmap->addr[1] = dma_map_single(dev, dst, BYTES, DMA_FROM_DEVICE);
	if (dma_mapping_error(dev, unmap->addr[1]))
		goto put;
	unmap->from_cnt = 1;
	desc = dmaengine_prep_dma_memcpy(chan, unmap->addr[1], unmap->addr[0], BYTES,
					 DMA_PREP_INTERRUPT);
	if (!desc)
		goto put;
	desc->callback = done;
	desc->callback_param = &finished;
	dma_set_unmap(desc, unmap);
	if (dma_submit_error(dmaengine_submit(desc)))
		goto put;
	dma_async_issue_pending(chan);
	if (wait_for_completion_timeout(&finished, HZ))
		err = 0;
	else
		dmaengine_terminate_sync(chan);
put:
	dmaengine_unmap_put(unmap);
	return err;
}

static int copy_again(struct device *dev)
{
	DECLARE_COMPLETION_ONSTACK(finished);
	struct dma_async_tx_descriptor *desc;
	dma_addr_t dma;
	u8 *va = dma_alloc_coherent(dev, 2 * BYTES, &dma, GFP_KERNEL);
	int err = -EIO;

	if (!va)
		return -ENOMEM;
	desc = dmaengine_prep_dma_memcpy(chan, dma + BYTES, dma, BYTES, DMA_PREP_INTERRUPT);
	if (!desc || dmaengine_desc_set_reuse(desc))
		goto free;
	for (int round = 1; round <= 3; round++) {
		memset(va, round, BYTES);
		reinit_completion(&finished);
		desc->callback = done;
		desc->callback_param = &finished;
		if (dma_submit_error(dmaengine_submit(desc)))
			goto free;
		dma_async_issue_pending(chan);
		if (!wait_for_completion_timeout(&finished, HZ) || va[2 * BYTES - 1] != round)
			goto free;
	}
	err = dmaengine_desc_free(desc);
free:
	dmaengine_terminate_sync(chan);
	dma_free_coherent(dev, 2 * BYTES, va, dma);
	return err;
}

static int __init unmap_data_init(void)
{
	dma_cap_mask_t mask;
	int err = -ENOMEM;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_chan_by_mask(&mask);
	if (IS_ERR(chan))
		return PTR_ERR(chan);
	src = kmalloc(BYTES, GFP_KERNEL);
	dst = kzalloc(BYTES, GFP_KERNEL);
	if (!src || !dst)
		goto free;
	memset(src, 0x5a, BYTES);
	err = copy_unmapped(dmaengine_get_dma_device(chan));
	if (!err && memcmp(src, dst, BYTES))
		err = -EIO;
	if (!err)
		err = copy_again(dmaengine_get_dma_device(chan));
free:
	kfree(dst);
	kfree(src);
	if (err)
		dma_release_channel(chan);
	return err;
}

static void __exit unmap_data_exit(void)
{
	dmaengine_terminate_sync(chan);
	dma_release_channel(chan);
}

module_init(unmap_data_init);
module_exit(unmap_data_exit);
MODULE_LICENSE("GPL");
