// run: --do 'python3 {dir}/mmap_functions.py'
// All memory for devices that a process can map, one kind for each minor number.
#include <linux/cdev.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/fs.h>
#include <linux/module.h>

#define SIZE (4 * PAGE_SIZE)

enum kind { COHERENT, WRITE_COMBINE, ATTRS, PAGES, SCATTERED, KINDS };

static struct dma_chan *chan;
static struct device *dev;
static void *va[KINDS];
static dma_addr_t dma[KINDS];
static struct page *page;
static struct sg_table *table;
static dev_t devt;
static struct cdev cdev;
static struct class *class;

static int kinds_mmap(struct file *file, struct vm_area_struct *vma)
{
	switch (iminor(file_inode(file))) {
	case COHERENT:
		return dma_mmap_coherent(dev, vma, va[COHERENT], dma[COHERENT], SIZE);
	case WRITE_COMBINE:
		return dma_mmap_wc(dev, vma, va[WRITE_COMBINE], dma[WRITE_COMBINE], SIZE);
	case ATTRS:
		return dma_mmap_attrs(dev, vma, va[ATTRS], dma[ATTRS], SIZE,
				      DMA_ATTR_FORCE_CONTIGUOUS);
	case PAGES:
		return dma_mmap_pages(dev, vma, SIZE, page);
	default:
		return dma_mmap_noncontiguous(dev, vma, SIZE, table);
	}
}

/* What the process wrote, moved by one page; the device does it where caches are in the way. */
static ssize_t kinds_write(struct file *file, const char __user *buf, size_t count, loff_t *pos)
{
	int kind = iminor(file_inode(file));
	struct dma_async_tx_descriptor *desc;
	dma_addr_t at = kind == SCATTERED ? sg_dma_address(table->sgl) : dma[kind];

	if (kind == PAGES)
		dma_sync_single_for_device(dev, at, SIZE, DMA_BIDIRECTIONAL);
	else if (kind == SCATTERED)
		dma_sync_sgtable_for_device(dev, table, DMA_BIDIRECTIONAL);
	desc = dmaengine_prep_dma_memcpy(chan, at + PAGE_SIZE, at, PAGE_SIZE, DMA_CTRL_ACK);
	if (!desc || dma_sync_wait(chan, dmaengine_submit(desc)) != DMA_COMPLETE)
		return -EIO;
	if (kind == PAGES)
		dma_sync_single_for_cpu(dev, at, SIZE, DMA_BIDIRECTIONAL);
	else if (kind == SCATTERED)
		dma_sync_sgtable_for_cpu(dev, table, DMA_BIDIRECTIONAL);
	return count;
}

static const struct file_operations kinds_fops = {
	.owner = THIS_MODULE,
	.mmap = kinds_mmap,
	.write = kinds_write,
};

static void release(void)
{
	if (table)
		dma_free_noncontiguous(dev, SIZE, table, DMA_BIDIRECTIONAL);
	if (page)
		dma_free_pages(dev, SIZE, page, dma[PAGES], DMA_BIDIRECTIONAL);
	if (va[ATTRS])
		dma_free_attrs(dev, SIZE, va[ATTRS], dma[ATTRS], DMA_ATTR_FORCE_CONTIGUOUS);
	if (va[WRITE_COMBINE])
		dma_free_wc(dev, SIZE, va[WRITE_COMBINE], dma[WRITE_COMBINE]);
	if (va[COHERENT])
		dma_free_coherent(dev, SIZE, va[COHERENT], dma[COHERENT]);
	dma_release_channel(chan);
}

static int __init kinds_init(void)
{
	dma_cap_mask_t mask;
	int i, err = -ENOMEM;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	dev = chan->device->dev;
	va[COHERENT] = dma_alloc_coherent(dev, SIZE, &dma[COHERENT], GFP_KERNEL);
	va[WRITE_COMBINE] = dma_alloc_wc(dev, SIZE, &dma[WRITE_COMBINE], GFP_KERNEL);
	va[ATTRS] = dma_alloc_attrs(dev, SIZE, &dma[ATTRS], GFP_KERNEL, DMA_ATTR_FORCE_CONTIGUOUS);
	page = dma_alloc_pages(dev, SIZE, &dma[PAGES], DMA_BIDIRECTIONAL, GFP_KERNEL);
	table = dma_alloc_noncontiguous(dev, SIZE, DMA_BIDIRECTIONAL, GFP_KERNEL, 0);
	if (!va[COHERENT] || !va[WRITE_COMBINE] || !va[ATTRS] || !page || !table)
		goto free;
	err = alloc_chrdev_region(&devt, 0, KINDS, "kinds");
	if (err)
		goto free;
	cdev_init(&cdev, &kinds_fops);
	err = cdev_add(&cdev, devt, KINDS);
	if (err)
		goto region;
	class = class_create("kinds");
	if (IS_ERR(class)) {
		err = PTR_ERR(class);
		goto del;
	}
	for (i = 0; i < KINDS; i++)
		device_create(class, NULL, devt + i, NULL, "kind%d", i);
	return 0;
del:
	cdev_del(&cdev);
region:
	unregister_chrdev_region(devt, KINDS);
free:
	release();
	return err;
}

static void __exit kinds_exit(void)
{
	int i;

	for (i = 0; i < KINDS; i++)
		device_destroy(class, devt + i);
	class_destroy(class);
	cdev_del(&cdev);
	unregister_chrdev_region(devt, KINDS);
	release();
}

module_init(kinds_init);
module_exit(kinds_exit);
MODULE_LICENSE("GPL");
