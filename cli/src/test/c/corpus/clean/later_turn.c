// A transfer that waits for its turn while a thread looks after something else now and then.
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/kthread.h>
#include <linux/module.h>

static struct dma_chan *chan;
static DECLARE_COMPLETION(never);

static int looks_after(void *data)
{
	while (!kthread_should_stop())
		wait_for_completion_timeout(&never, 1);
	return 0;
}

static void done(void *arg)
{
	complete(arg);
}

static int __init later_init(void)
{
	DECLARE_COMPLETION_ONSTACK(finished);
	struct dma_async_tx_descriptor *desc;
	struct task_struct *thread;
	dma_cap_mask_t mask;
	dma_addr_t at;
	int err = -EIO;
	u8 *memory;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	memory = dma_alloc_coherent(chan->device->dev, 4096, &at, GFP_KERNEL);
	thread = kthread_run(looks_after, NULL, "looks_after");
	if (!memory || IS_ERR(thread))
		return -ENOMEM;
	desc = dmaengine_prep_dma_memcpy(chan, at + 2048, at, 2048, DMA_PREP_INTERRUPT);
	msleep(30);
	if (desc) {
		desc->callback = done;
		desc->callback_param = &finished;
		dmaengine_submit(desc);
		msleep(30);
		dma_async_issue_pending(chan);
		if (wait_for_completion_timeout(&finished, HZ))
			err = 0;
		else
			dmaengine_terminate_sync(chan);
	}
	kthread_stop(thread);
	dma_free_coherent(chan->device->dev, 4096, memory, at);
	if (err)
		dma_release_channel(chan);
	return err;
}

static void __exit later_exit(void)
{
	dma_release_channel(chan);
}

module_init(later_init);
module_exit(later_exit);
MODULE_LICENSE("GPL");
