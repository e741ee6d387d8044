// SPDX-License-Identifier: Apache-2.0 OR MIT
/*
 * mmap and ioctl: a process maps two buffers of the driver, writes into the first, and has the
 * driver copy it to the second by DMA. No byte is copied by the CPU. mmap_test.c is such a process.
 *
 * Process, kernel and device share the buffers all the time, so they are coherent memory.
 */
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>

#include "dma_mmap.h"

#define TIMEOUT_MS	3000

struct dma_mmap {
	struct mutex lock;	/* one transfer at a time */
	struct completion done;
	struct dma_chan *chan;
	void *memory;		/* dma_src, then dma_dst */
	dma_addr_t dma;
};

static struct dma_mmap lab;

static void transfer_done(void *param)
{
	complete(param);
}

static int copy_by_dma(void)
{
	struct dma_async_tx_descriptor *desc;
	dma_cookie_t cookie;
	int ret;

	desc = dmaengine_prep_dma_memcpy(lab.chan, lab.dma + DMA_MMAP_SIZE, lab.dma,
					 DMA_MMAP_SIZE, DMA_CTRL_ACK | DMA_PREP_INTERRUPT);
	if (!desc)
		return -ENOMEM;
	reinit_completion(&lab.done);
	desc->callback = transfer_done;
	desc->callback_param = &lab.done;

	cookie = dmaengine_submit(desc);
	ret = dma_submit_error(cookie);
	if (ret)
		return ret;
	dma_async_issue_pending(lab.chan);

	if (!wait_for_completion_timeout(&lab.done, msecs_to_jiffies(TIMEOUT_MS))) {
		dmaengine_terminate_sync(lab.chan);
		return -ETIMEDOUT;
	}
	if (dma_async_is_tx_complete(lab.chan, cookie, NULL, NULL) != DMA_COMPLETE)
		return -EIO;
	pr_info("dma_mmap: dma_src copied to dma_dst\n");
	return 0;
}

static long dma_mmap_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	long ret;

	if (command != DMA_MMAP_COPY)
		return -ENOTTY;
	if (mutex_lock_interruptible(&lab.lock))
		return -ERESTARTSYS;
	ret = copy_by_dma();
	mutex_unlock(&lab.lock);
	return ret;
}

static int dma_mmap_mmap(struct file *file, struct vm_area_struct *vma)
{
	return dma_mmap_coherent(lab.chan->device->dev, vma, lab.memory, lab.dma,
				 2 * DMA_MMAP_SIZE);
}

static const struct file_operations dma_mmap_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = dma_mmap_ioctl,
	.mmap = dma_mmap_mmap,
};

static struct miscdevice dma_mmap_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "dma_mmap",
	.fops = &dma_mmap_fops,
};

static int __init dma_mmap_init(void)
{
	dma_cap_mask_t mask;
	int ret;

	mutex_init(&lab.lock);
	init_completion(&lab.done);
	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	lab.chan = dma_request_channel(mask, NULL, NULL);
	if (!lab.chan)
		return -ENODEV;

	ret = -ENOMEM;
	lab.memory = dma_alloc_coherent(lab.chan->device->dev, 2 * DMA_MMAP_SIZE, &lab.dma,
					GFP_KERNEL);
	if (!lab.memory)
		goto release_channel;
	ret = misc_register(&dma_mmap_misc);
	if (ret)
		goto free_memory;
	pr_info("dma_mmap: /dev/%s ready, %s of %s\n", dma_mmap_misc.name,
		dma_chan_name(lab.chan), dev_name(lab.chan->device->dev));
	return 0;

free_memory:
	dma_free_coherent(lab.chan->device->dev, 2 * DMA_MMAP_SIZE, lab.memory, lab.dma);
release_channel:
	dma_release_channel(lab.chan);
	return ret;
}

static void __exit dma_mmap_exit(void)
{
	misc_deregister(&dma_mmap_misc);
	dmaengine_terminate_sync(lab.chan);
	dma_free_coherent(lab.chan->device->dev, 2 * DMA_MMAP_SIZE, lab.memory, lab.dma);
	dma_release_channel(lab.chan);
}

module_init(dma_mmap_init);
module_exit(dma_mmap_exit);

MODULE_DESCRIPTION("Lab: buffers that a process maps and a DMA channel copies");
MODULE_LICENSE("Dual MIT/GPL");
