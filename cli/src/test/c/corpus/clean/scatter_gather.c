// A scattered buffer, mapped as a list and copied piece by piece; half of it is checked by a miter.
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#define PIECES 5

static int copy_list(struct dma_chan *chan, struct sg_table *table, int mapped, dma_addr_t to)
{
	struct scatterlist *sg;
	dma_cookie_t cookie = 0;
	int i;

	for_each_sg(table->sgl, sg, mapped, i) {
		struct dma_async_tx_descriptor *desc;

		desc = dmaengine_prep_dma_memcpy(chan, to, sg_dma_address(sg), sg_dma_len(sg),
						 DMA_CTRL_ACK);
		if (!desc)
			return -EIO;
		cookie = dmaengine_submit(desc);
		if (dma_submit_error(cookie))
			return -EIO;
		to += sg_dma_len(sg);
	}
	dma_async_issue_pending(chan);
	return dma_sync_wait(chan, cookie) == DMA_COMPLETE ? 0 : -EIO;
}

static int fill(struct sg_table *table)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(table->sgl, sg, PIECES, i) {
		u8 *page = (u8 *)__get_free_page(GFP_KERNEL);

		if (!page)
			return -ENOMEM;
		memset(page, 'a' + i, PAGE_SIZE);
		sg_set_buf(sg, page, PAGE_SIZE - 64 * i);
	}
	return 0;
}

static void empty(struct sg_table *table)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(table->sgl, sg, PIECES, i)
		if (sg_page(sg))
			__free_page(sg_page(sg));
}

static int check(struct sg_table *table, const u8 *copy)
{
	struct sg_mapping_iter miter;
	int err = 0;

	sg_miter_start(&miter, table->sgl, PIECES, SG_MITER_FROM_SG);
	while (sg_miter_next(&miter)) {
		if (memcmp(copy, miter.addr, miter.length))
			err = -EIO;
		copy += miter.length;
	}
	sg_miter_stop(&miter);
	return err;
}

static int __init sg_init(void)
{
	struct sg_table table;
	struct dma_chan *chan;
	struct device *dev;
	dma_cap_mask_t mask;
	dma_addr_t dma;
	u8 *copy;
	int mapped, err;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	dev = chan->device->dev;
	err = sg_alloc_table(&table, PIECES, GFP_KERNEL);
	if (err)
		goto release;
	err = fill(&table);
	if (err)
		goto free;
	copy = dma_alloc_coherent(dev, PIECES * PAGE_SIZE, &dma, GFP_KERNEL);
	if (!copy) {
		err = -ENOMEM;
		goto free;
	}
	mapped = dma_map_sg(dev, table.sgl, table.orig_nents, DMA_TO_DEVICE);
	if (!mapped) {
		err = -EIO;
		goto coherent;
	}
	err = copy_list(chan, &table, mapped, dma);
	dma_unmap_sg(dev, table.sgl, table.orig_nents, DMA_TO_DEVICE);
	if (!err)
		err = check(&table, copy);
	pr_info("list of %d: %d\n", PIECES, err);
coherent:
	dma_free_coherent(dev, PIECES * PAGE_SIZE, copy, dma);
free:
	empty(&table);
	sg_free_table(&table);
release:
	dma_release_channel(chan);
	return err;
}

static void __exit sg_exit(void)
{
}

module_init(sg_init);
module_exit(sg_exit);
MODULE_LICENSE("GPL");
