// A list of as many entries as a large buffer of a program has pages.
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/scatterlist.h>

#define ENTRIES 6000
#define ENTRY_BYTES 64

static int long_list_map(struct device *dev, struct sg_table *table, u8 *bytes)
{
	struct scatterlist *sg;
	int i, err;

	for_each_sgtable_sg(table, sg, i)
		sg_set_buf(sg, bytes + i * ENTRY_BYTES, ENTRY_BYTES);
	err = dma_map_sgtable(dev, table, DMA_TO_DEVICE, DMA_ATTR_NO_WARN);
	if (err == -EIO)
		return 0; /* more than there are bounce buffers */
	if (err)
		return err;
	dma_sync_sgtable_for_cpu(dev, table, DMA_TO_DEVICE);
	dma_sync_sgtable_for_device(dev, table, DMA_TO_DEVICE);
	dma_unmap_sgtable(dev, table, DMA_TO_DEVICE, 0);
	return 0;
}

static int __init long_list_init(void)
{
	int order = get_order(ENTRIES * ENTRY_BYTES);
	struct sg_table table;
	struct dma_chan *chan;
	dma_cap_mask_t mask;
	u8 *bytes;
	int err;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_chan_by_mask(&mask);
	if (IS_ERR(chan))
		return PTR_ERR(chan);
	err = sg_alloc_table(&table, ENTRIES, GFP_KERNEL);
	if (err)
		goto release;
	bytes = (u8 *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, order);
	err = bytes ? long_list_map(chan->device->dev, &table, bytes) : -ENOMEM;
	free_pages((unsigned long)bytes, order);
	sg_free_table(&table);
release:
	dma_release_channel(chan);
	return err;
}

static void __exit long_list_exit(void)
{
}

module_init(long_list_init);
module_exit(long_list_exit);
MODULE_LICENSE("Dual MIT/GPL");
