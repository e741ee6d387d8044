// run: --do 'python3 {dir}/pinned_pages.py'
// A program's own pages, pinned and mapped, inverted in place by way of a second buffer.
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#define PAGES_MAX 16

static struct dma_chan *chan;

static int fill_from(dma_addr_t to, dma_addr_t from, size_t bytes)
{
	struct dma_async_tx_descriptor *desc;
	dma_cookie_t cookie;

	desc = dmaengine_prep_dma_memcpy(chan, to, from, bytes, DMA_CTRL_ACK);
	if (!desc)
		return -EIO;
	cookie = dmaengine_submit(desc);
	if (dma_submit_error(cookie))
		return -EIO;
	dma_async_issue_pending(chan);
	return dma_sync_wait(chan, cookie) == DMA_COMPLETE ? 0 : -EIO;
}

static ssize_t fill_pages(struct page **pages, int count, size_t offset, size_t bytes)
{
	struct device *dev = chan->device->dev;
	struct sg_table table;
	struct scatterlist *sg;
	dma_addr_t pattern_dma, at;
	u8 *pattern;
	int i, err;

	err = sg_alloc_table_from_pages(&table, pages, count, offset, bytes, GFP_KERNEL);
	if (err)
		return err;
	pattern = dma_alloc_coherent(dev, bytes, &pattern_dma, GFP_KERNEL);
	if (!pattern) {
		err = -ENOMEM;
		goto table;
	}
	for (i = 0; i < bytes; i++)
		pattern[i] = i;
	err = dma_map_sgtable(dev, &table, DMA_FROM_DEVICE, 0);
	if (err)
		goto pattern;
	at = pattern_dma;
	for_each_sgtable_dma_sg(&table, sg, i) {
		err = fill_from(sg_dma_address(sg), at, sg_dma_len(sg));
		if (err)
			break;
		at += sg_dma_len(sg);
	}
	dma_unmap_sgtable(dev, &table, DMA_FROM_DEVICE, 0);
pattern:
	dma_free_coherent(dev, bytes, pattern, pattern_dma);
table:
	sg_free_table(&table);
	return err ? err : bytes;
}

static ssize_t pinned_read(struct file *file, char __user *to, size_t bytes, loff_t *at)
{
	unsigned long start = (unsigned long)to;
	int count = DIV_ROUND_UP(offset_in_page(start) + bytes, PAGE_SIZE);
	struct page **pages;
	ssize_t result;
	int pinned;

	if (!bytes || count > PAGES_MAX)
		return -EINVAL;
	pages = kcalloc(count, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	pinned = pin_user_pages_fast(start, count, FOLL_WRITE | FOLL_LONGTERM, pages);
	if (pinned < count) {
		result = pinned < 0 ? pinned : -EFAULT;
		if (pinned > 0)
			unpin_user_pages(pages, pinned);
		goto free;
	}
	result = fill_pages(pages, count, offset_in_page(start), bytes);
	unpin_user_pages_dirty_lock(pages, pinned, true);
free:
	kfree(pages);
	return result;
}

static const struct file_operations pinned_fops = {
	.owner = THIS_MODULE,
	.read = pinned_read,
};

static struct miscdevice pinned_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "pinned",
	.fops = &pinned_fops,
};

static int __init pinned_init(void)
{
	dma_cap_mask_t mask;
	int err;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	err = misc_register(&pinned_device);
	if (err)
		dma_release_channel(chan);
	return err;
}

static void __exit pinned_exit(void)
{
	misc_deregister(&pinned_device);
	dma_release_channel(chan);
}

module_init(pinned_init);
module_exit(pinned_exit);
MODULE_LICENSE("GPL");
