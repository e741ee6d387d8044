#include <linux/dmaengine.h>
#include <linux/module.h>
#include <linux/platform_device.h>

static struct platform_device *pdev;
static struct dma_device provider;

static void issue_nothing(struct dma_chan *chan)
{
}

static enum dma_status always_complete(struct dma_chan *chan, dma_cookie_t cookie,
				       struct dma_tx_state *state)
{
	return DMA_COMPLETE;
}

static int __init start(void)
{
	pdev = platform_device_register_simple("forgotten", -1, NULL, 0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	provider.dev = &pdev->dev;
	INIT_LIST_HEAD(&provider.channels);
	provider.device_issue_pending = issue_nothing;
	provider.device_tx_status = always_complete;
	return dma_async_device_register(&provider); /* !leak-device */
}

static void __exit stop(void)
{
	platform_device_unregister(pdev);
}

module_init(start);
module_exit(stop);
