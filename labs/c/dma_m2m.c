// SPDX-License-Identifier: Apache-2.0 OR MIT
/*
 * Memory to memory: what is written to /dev/dma_m2m_misc_dev goes to write_buf, a DMA channel
 * copies write_buf to read_buf, and the two are compared. A read gives read_buf back.
 *
 *	echo one-two-three > /dev/dma_m2m_misc_dev
 *
 * The buffers are ordinary memory that the driver lends to the channel's device for each transfer
 * (streaming mappings): between map and unmap they are not the CPU's to touch.
 */
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define BUFFER_SIZE	4096
#define TIMEOUT_MS	3000

struct dma_m2m {
	struct mutex lock;	/* one transfer at a time */
	struct completion done;
	struct dma_chan *chan;
	char *write_buf;
	char *read_buf;
	size_t length;		/* of what read_buf holds */
};

static struct dma_m2m m2m;

static void transfer_done(void *param)
{
	complete(param);
}

static int transfer(dma_addr_t dst, dma_addr_t src, size_t length)
{
	struct dma_async_tx_descriptor *desc;
	dma_cookie_t cookie;
	int ret;

	desc = dmaengine_prep_dma_memcpy(m2m.chan, dst, src, length,
					 DMA_CTRL_ACK | DMA_PREP_INTERRUPT);
	if (!desc)
		return -ENOMEM;
	reinit_completion(&m2m.done);
	desc->callback = transfer_done;
	desc->callback_param = &m2m.done;

	cookie = dmaengine_submit(desc);
	ret = dma_submit_error(cookie);
	if (ret)
		return ret;
	dma_async_issue_pending(m2m.chan);

	if (!wait_for_completion_timeout(&m2m.done, msecs_to_jiffies(TIMEOUT_MS))) {
		dmaengine_terminate_sync(m2m.chan);
		return -ETIMEDOUT;
	}
	if (dma_async_is_tx_complete(m2m.chan, cookie, NULL, NULL) != DMA_COMPLETE)
		return -EIO;
	return 0;
}

/* Lends both buffers to the device that moves the bytes, which is the channel's, not ours. */
static int copy_by_dma(size_t length)
{
	struct device *dev = m2m.chan->device->dev;
	dma_addr_t src, dst;
	int ret = -ENOMEM;

	src = dma_map_single(dev, m2m.write_buf, length, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, src))
		return ret;
	dst = dma_map_single(dev, m2m.read_buf, length, DMA_FROM_DEVICE);
	if (dma_mapping_error(dev, dst))
		goto unmap_src;

	ret = transfer(dst, src, length);

	dma_unmap_single(dev, dst, length, DMA_FROM_DEVICE);
unmap_src:
	dma_unmap_single(dev, src, length, DMA_TO_DEVICE);
	return ret;
}

static ssize_t dma_m2m_write(struct file *file, const char __user *text, size_t count,
			     loff_t *offset)
{
	ssize_t ret;

	if (!count)
		return 0;
	if (count > BUFFER_SIZE)
		return -EINVAL;
	if (mutex_lock_interruptible(&m2m.lock))
		return -ERESTARTSYS;

	m2m.length = 0;
	ret = -EFAULT;
	if (copy_from_user(m2m.write_buf, text, count))
		goto unlock;
	ret = copy_by_dma(count);
	if (ret) {
		pr_err("dma_m2m: the transfer failed: %zd\n", ret);
		goto unlock;
	}
	ret = -EIO;
	if (memcmp(m2m.write_buf, m2m.read_buf, count)) {
		pr_err("dma_m2m: read_buf differs from write_buf\n");
		goto unlock;
	}
	pr_info("dma_m2m: %zu bytes copied, read_buf equals write_buf\n", count);
	m2m.length = count;
	ret = count;
unlock:
	mutex_unlock(&m2m.lock);
	return ret;
}

static ssize_t dma_m2m_read(struct file *file, char __user *text, size_t count, loff_t *offset)
{
	ssize_t ret;

	if (mutex_lock_interruptible(&m2m.lock))
		return -ERESTARTSYS;
	ret = simple_read_from_buffer(text, count, offset, m2m.read_buf, m2m.length);
	mutex_unlock(&m2m.lock);
	return ret;
}

static const struct file_operations dma_m2m_fops = {
	.owner = THIS_MODULE,
	.write = dma_m2m_write,
	.read = dma_m2m_read,
};

static struct miscdevice dma_m2m_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "dma_m2m_misc_dev",
	.fops = &dma_m2m_fops,
};

static int __init dma_m2m_init(void)
{
	dma_cap_mask_t mask;
	int ret = -ENOMEM;

	mutex_init(&m2m.lock);
	init_completion(&m2m.done);
	m2m.write_buf = kzalloc(BUFFER_SIZE, GFP_KERNEL);
	m2m.read_buf = kzalloc(BUFFER_SIZE, GFP_KERNEL);
	if (!m2m.write_buf || !m2m.read_buf)
		goto free_buffers;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	m2m.chan = dma_request_channel(mask, NULL, NULL);
	if (!m2m.chan) {
		ret = -ENODEV;
		goto free_buffers;
	}
	/* Last: from here on, processes may open the device. */
	ret = misc_register(&dma_m2m_misc);
	if (ret)
		goto release_channel;
	pr_info("dma_m2m: /dev/%s ready, %s of %s\n", dma_m2m_misc.name,
		dma_chan_name(m2m.chan), dev_name(m2m.chan->device->dev));
	return 0;

release_channel:
	dma_release_channel(m2m.chan);
free_buffers:
	kfree(m2m.read_buf);
	kfree(m2m.write_buf);
	return ret;
}

static void __exit dma_m2m_exit(void)
{
	misc_deregister(&dma_m2m_misc);
	dmaengine_terminate_sync(m2m.chan);
	dma_release_channel(m2m.chan);
	kfree(m2m.read_buf);
	kfree(m2m.write_buf);
}

module_init(dma_m2m_init);
module_exit(dma_m2m_exit);

MODULE_DESCRIPTION("Lab: a misc device whose write copies memory by DMA");
MODULE_LICENSE("Dual MIT/GPL");
