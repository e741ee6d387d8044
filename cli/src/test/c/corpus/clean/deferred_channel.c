// A device without a node waits for the provider whose map names it.
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/dmaengine.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#include "virt-dma.h"

static struct platform_device *client, *controller;
static struct dma_device ticker;
static struct virt_dma_chan ticks;
static int probes, released;
static bool works;

/* A provider that completes descriptors and moves nothing. */

static void ticker_free_desc(struct virt_dma_desc *vd)
{
	kfree(vd);
}

static struct dma_async_tx_descriptor *ticker_interrupt(struct dma_chan *chan, unsigned long flags)
{
	struct virt_dma_desc *vd = kzalloc(sizeof(*vd), GFP_NOWAIT);

	return vd ? vchan_tx_prep(&ticks, vd, flags) : NULL;
}

static void ticker_issue_pending(struct dma_chan *chan)
{
	struct virt_dma_desc *vd;
	unsigned long flags;

	spin_lock_irqsave(&ticks.lock, flags);
	if (vchan_issue_pending(&ticks))
		while ((vd = vchan_next_desc(&ticks))) {
			list_del(&vd->node);
			vchan_cookie_complete(vd);
		}
	spin_unlock_irqrestore(&ticks.lock, flags);
}

static enum dma_status ticker_tx_status(struct dma_chan *chan, dma_cookie_t cookie,
					struct dma_tx_state *state)
{
	return dma_cookie_status(chan, cookie, state);
}

static void ticker_synchronize(struct dma_chan *chan)
{
	vchan_synchronize(&ticks);
}

static void ticker_free(struct dma_chan *chan)
{
	vchan_free_chan_resources(&ticks);
}

static bool ticker_filter(struct dma_chan *chan, void *param)
{
	return !strcmp(param, "only");
}

static void ticker_release(struct dma_device *device)
{
	released++;
}

static const struct dma_slave_map ticker_map[] = {
	{"clock.0", "tick", "only"},
};

static int ticker_probe(struct platform_device *pdev)
{
	ticker.dev = &pdev->dev;
	INIT_LIST_HEAD(&ticker.channels);
	dma_cap_set(DMA_INTERRUPT, ticker.cap_mask);
	dma_cap_set(DMA_SLAVE, ticker.cap_mask);
	dma_cap_set(DMA_PRIVATE, ticker.cap_mask);
	ticker.filter = (struct dma_filter){ticker_filter, ARRAY_SIZE(ticker_map), ticker_map};
	ticker.device_prep_dma_interrupt = ticker_interrupt;
	ticker.device_issue_pending = ticker_issue_pending;
	ticker.device_tx_status = ticker_tx_status;
	ticker.device_synchronize = ticker_synchronize;
	ticker.device_free_chan_resources = ticker_free;
	ticker.device_release = ticker_release;
	ticks.desc_free = ticker_free_desc;
	vchan_init(&ticks, &ticker);
	return dma_async_device_register(&ticker);
}

static int ticker_remove(struct platform_device *pdev)
{
	dma_async_device_unregister(&ticker);
	return 0;
}

static struct platform_driver ticker_driver = {
	.probe = ticker_probe,
	.remove = ticker_remove,
	.driver = {.name = "ticker"},
};

/* The client. */

static void ticked(void *done)
{
	complete(done);
}

static bool tick(struct dma_chan *chan)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct dma_async_tx_descriptor *desc;

	desc = dmaengine_prep_dma_interrupt(chan, DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
	if (!desc)
		return false;
	desc->callback = ticked;
	desc->callback_param = &done;
	if (dma_submit_error(dmaengine_submit(desc)))
		return false;
	dma_async_issue_pending(chan);
	return wait_for_completion_timeout(&done, HZ) > 0;
}

static int clock_probe(struct platform_device *pdev)
{
	struct dma_chan *chan;

	probes++;
	chan = dma_request_chan(&pdev->dev, "tick");
	if (IS_ERR(chan))
		return dev_err_probe(&pdev->dev, PTR_ERR(chan), "no channel\n");
	works = tick(chan) && !dma_request_slave_channel(&pdev->dev, "tock");
	dma_release_channel(chan);
	return works ? 0 : -EIO;
}

static struct platform_driver clock_driver = {
	.probe = clock_probe,
	.driver = {.name = "clock"},
};

static void leave(void)
{
	if (!IS_ERR_OR_NULL(controller))
		platform_device_unregister(controller);
	platform_driver_unregister(&ticker_driver);
	if (!IS_ERR_OR_NULL(client))
		platform_device_unregister(client);
	platform_driver_unregister(&clock_driver);
}

static int __init deferred_channel_init(void)
{
	int err = platform_driver_register(&clock_driver);

	if (err)
		return err;
	err = platform_driver_register(&ticker_driver);
	if (err) {
		platform_driver_unregister(&clock_driver);
		return err;
	}
	client = platform_device_register_simple("clock", 0, NULL, 0);
	controller = platform_device_register_simple("ticker", -1, NULL, 0);
	msleep(20);
	pr_info("deferred_channel: %d probes, works %d\n", probes, works);
	if (probes > 1 && works)
		return 0;
	leave();
	return -ENODEV;
}

static void __exit deferred_channel_exit(void)
{
	leave();
	pr_info("deferred_channel: released %d times\n", released);
}

module_init(deferred_channel_init);
module_exit(deferred_channel_exit);
MODULE_LICENSE("GPL");
