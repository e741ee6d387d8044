// SPDX-License-Identifier: Apache-2.0 OR MIT
/*
 * RAM to RAM: while the module loads, a DMA channel copies one buffer to another.
 *
 * The buffers are coherent, so no cache has to be cleaned or invalidated. The channel calls back
 * from its interrupt; the module waits for that, but not for ever, and compares.
 */
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/module.h>
#include <linux/string.h>

#define LENGTH		1024
#define PATTERN		0x5a
#define TIMEOUT_MS	3000

static void transfer_done(void *param)
{
	complete(param);
}

static int transfer(struct dma_chan *chan, dma_addr_t dst, dma_addr_t src)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct dma_async_tx_descriptor *desc;
	dma_cookie_t cookie;
	int ret;

	desc = dmaengine_prep_dma_memcpy(chan, dst, src, LENGTH,
					 DMA_CTRL_ACK | DMA_PREP_INTERRUPT);
	if (!desc)
		return -ENOMEM;
	desc->callback = transfer_done;
	desc->callback_param = &done;

	cookie = dmaengine_submit(desc);
	ret = dma_submit_error(cookie);
	if (ret)
		return ret;
	dma_async_issue_pending(chan);

	if (!wait_for_completion_timeout(&done, msecs_to_jiffies(TIMEOUT_MS))) {
		/* The callback must not find the completion's stack frame gone. */
		dmaengine_terminate_sync(chan);
		return -ETIMEDOUT;
	}
	if (dma_async_is_tx_complete(chan, cookie, NULL, NULL) != DMA_COMPLETE)
		return -EIO;
	return 0;
}

static int copy_and_compare(struct dma_chan *chan)
{
	struct device *dev = chan->device->dev;
	dma_addr_t src_dma, dst_dma;
	u8 *src, *dst;
	int ret = -ENOMEM;

	src = dma_alloc_coherent(dev, LENGTH, &src_dma, GFP_KERNEL);
	if (!src)
		return ret;
	dst = dma_alloc_coherent(dev, LENGTH, &dst_dma, GFP_KERNEL);
	if (!dst)
		goto free_src;

	memset(src, PATTERN, LENGTH);
	memset(dst, 0, LENGTH);
	pr_info("dma_ram2ram: %d bytes from %pad to %pad on %s\n",
		LENGTH, &src_dma, &dst_dma, dma_chan_name(chan));

	ret = transfer(chan, dst_dma, src_dma);
	if (ret)
		pr_err("dma_ram2ram: the transfer failed: %d\n", ret);
	else if (memcmp(src, dst, LENGTH))
		ret = -EIO;
	else
		pr_info("dma_ram2ram: the buffers are equal, dst[%d] = 0x%02x\n",
			LENGTH - 1, dst[LENGTH - 1]);

	dma_free_coherent(dev, LENGTH, dst, dst_dma);
free_src:
	dma_free_coherent(dev, LENGTH, src, src_dma);
	return ret;
}

static int __init dma_ram2ram_init(void)
{
	struct dma_chan *chan;
	dma_cap_mask_t mask;
	int ret;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	ret = copy_and_compare(chan);
	dma_release_channel(chan);
	return ret;
}

static void __exit dma_ram2ram_exit(void)
{
	pr_info("dma_ram2ram: unloaded\n");
}

module_init(dma_ram2ram_init);
module_exit(dma_ram2ram_exit);

MODULE_DESCRIPTION("Lab: one DMA transfer between two coherent buffers");
MODULE_LICENSE("Dual MIT/GPL");
