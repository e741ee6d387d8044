/* As drivers were written for Linux 3. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/module.h>
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/platform_device.h>
#include <linux/of.h>
#include <linux/of_device.h>
#include <linux/miscdevice.h>
#include <linux/proc_fs.h>
#include <linux/kfifo.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <mach/dma.h>

static DEFINE_SEMAPHORE(guard);
static struct completion done;
static struct dma_chan *chan;
static struct dma_slave_config config = {.direction = DMA_MEM_TO_DEV, .slave_id = 3};

static bool filter(struct dma_chan *chan, void *param)
{
	return strcmp(dev_name(chan->device->dev), param) == 0;
}

static void finished(void *param)
{
	complete(param);
}

static int three_probe(struct platform_device *pdev)
{
	struct dma_async_tx_descriptor *tx;
	struct scatterlist from[1], to[1];
	struct timespec before, after;
	dma_cap_mask_t mask;
	dma_cookie_t cookie;
	dma_addr_t dma;
	void *va;

	dma_cap_zero(mask);
	dma_cap_set(DMA_SG, mask);
	chan = dma_request_channel(mask, filter, "dma");
	if (!chan)
		return -ENODEV;
	va = dma_zalloc_coherent(&pdev->dev, 64, &dma, GFP_KERNEL | __GFP_REPEAT);
	va = dma_alloc_writecombine(&pdev->dev, 64, &dma, GFP_KERNEL);
	dma_free_writecombine(&pdev->dev, 64, va, dma);
	getnstimeofday(&before);
	chan->device->device_control(chan, DMA_SLAVE_CONFIG, (unsigned long)&config);
	tx = chan->device->device_prep_dma_sg(chan, to, 1, from, 1,
					      DMA_PREP_INTERRUPT | DMA_COMPL_SKIP_SRC_UNMAP);
	tx->callback = finished;
	tx->callback_param = &done;
	cookie = tx->tx_submit(tx);
	dma_async_issue_pending(chan);
	wait_for_completion(&done);
	INIT_COMPLETION(done);
	if (dma_async_is_tx_complete(chan, cookie, NULL, NULL) != DMA_SUCCESS)
		pr_err("not complete\n");
	dmaengine_device_control(chan, DMA_TERMINATE_ALL, 0);
	getnstimeofday(&after);
	after = timespec_sub(after, before);
	pr_info("%ld.%09ld s\n", (long)after.tv_sec, after.tv_nsec);
	dev_info(&pdev->dev, "%d\n", of_dma_configure(&pdev->dev, pdev->dev.of_node));
	down(&guard);
	up(&guard);
	return 0;
}

static int three_remove(struct platform_device *pdev)
{
	dma_release_channel(chan);
	return 0;
}

static int show(struct seq_file *m, void *v)
{
	seq_printf(m, "%d\n", 3);
	return 0;
}

static int open_proc(struct inode *inode, struct file *file)
{
	return single_open(file, show, PDE_DATA(inode));
}

static const struct file_operations proc_fops = {
	.owner = THIS_MODULE,
	.open = open_proc,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};

static const struct of_device_id ids[] = {{.compatible = "dmakit,three"}, {}};
MODULE_DEVICE_TABLE(of, ids);

static struct platform_driver driver = {
	.probe = three_probe,
	.remove = three_remove,
	.driver = {.name = "three", .owner = THIS_MODULE, .of_match_table = of_match_ptr(ids)},
};

static int __init three_init(void)
{
	init_completion(&done);
	proc_create("three", S_IRUGO, NULL, &proc_fops);
	return platform_driver_register(&driver);
}

static void __exit three_exit(void)
{
	remove_proc_entry("three", NULL);
	platform_driver_unregister(&driver);
}

module_init(three_init);
module_exit(three_exit);
MODULE_LICENSE("GPL");
