/* A little of everything that a module can leave behind, and it leaves none of it. */
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

static const struct file_operations nothing_fops = {.owner = THIS_MODULE};
static struct miscdevice misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "comes_and_goes",
	.fops = &nothing_fops,
};
static DEFINE_MUTEX(lock);
static struct timer_list timer;
static struct dma_chan *chan;
static void *memory, *coherent;
static dma_addr_t dma;

static void tick(struct timer_list *unused)
{
}

static void work(struct work_struct *unused)
{
}
static DECLARE_WORK(job, work);

static int show(struct seq_file *file, void *unused)
{
	seq_puts(file, "here\n");
	return 0;
}

static int __init come(void)
{
	dma_cap_mask_t mask;
	int err, i;

	/* What is freed rests for a while: so much of it that the first rounds fill its place. */
	for (i = 0; i < 8; i++)
		kfree(kmalloc(64, GFP_KERNEL));
	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	memory = kzalloc(1000, GFP_KERNEL);
	coherent = dma_alloc_coherent(chan->device->dev, 8192, &dma, GFP_KERNEL);
	if (!memory || !coherent)
		return -ENOMEM;
	err = misc_register(&misc);
	if (err)
		return err;
	if (!proc_create_single("comes_and_goes", 0444, NULL, show))
		return -ENOMEM;
	timer_setup(&timer, tick, 0);
	mod_timer(&timer, jiffies + HZ);
	schedule_work(&job);
	mutex_lock(&lock);
	mutex_unlock(&lock);
	return 0;
}

static void __exit go(void)
{
	cancel_work_sync(&job);
	del_timer_sync(&timer);
	remove_proc_entry("comes_and_goes", NULL);
	misc_deregister(&misc);
	dma_free_coherent(chan->device->dev, 8192, coherent, dma);
	kfree(memory);
	dma_release_channel(chan);
}

module_init(come);
module_exit(go);
MODULE_LICENSE("GPL");
