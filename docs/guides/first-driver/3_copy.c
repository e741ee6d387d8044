// SPDX-License-Identifier: Apache-2.0 OR MIT
/* The text is copied by DMA, and not yet as it should be. */
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#define TEXT_SIZE 64

static struct dma_chan *chan;
static char *in, *out;

static void first_done(void *done)
{
	complete(done);
}

static int first_copy(dma_addr_t to, dma_addr_t from, size_t count)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct dma_async_tx_descriptor *desc;

	desc = dmaengine_prep_dma_memcpy(chan, to, from, count, DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
	if (!desc)
		return -EIO;
	desc->callback = first_done;
	desc->callback_param = &done;
	if (dma_submit_error(dmaengine_submit(desc)))
		return -EIO;
	dma_async_issue_pending(chan);
	if (!wait_for_completion_timeout(&done, msecs_to_jiffies(100))) {
		dmaengine_terminate_sync(chan);
		return -ETIMEDOUT;
	}
	return 0;
}

static ssize_t first_write(struct file *file, const char __user *text, size_t count, loff_t *at)
{
	if (count > TEXT_SIZE)
		return -EINVAL;
	if (copy_from_user(in, text, count))
		return -EFAULT;
	if (first_copy(virt_to_phys(out), virt_to_phys(in), count))
		return -EIO;
	return count;
}

static ssize_t first_read(struct file *file, char __user *to, size_t count, loff_t *at)
{
	return simple_read_from_buffer(to, count, at, out, strnlen(out, TEXT_SIZE));
}

static const struct file_operations first_fops = {
	.owner = THIS_MODULE,
	.read = first_read,
	.write = first_write,
};

static struct miscdevice first_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "first",
	.fops = &first_fops,
};

static int __init first_init(void)
{
	dma_cap_mask_t mask;
	int err = -ENOMEM;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	in = kzalloc(TEXT_SIZE, GFP_KERNEL);
	out = kzalloc(TEXT_SIZE, GFP_KERNEL);
	if (in && out)
		err = misc_register(&first_device);
	if (!err)
		return 0;
	kfree(out);
	kfree(in);
	dma_release_channel(chan);
	return err;
}

static void __exit first_exit(void)
{
	misc_deregister(&first_device);
	dma_release_channel(chan);
}

module_init(first_init);
module_exit(first_exit);
MODULE_LICENSE("GPL");
