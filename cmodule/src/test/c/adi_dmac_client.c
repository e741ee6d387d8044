// SPDX-License-Identifier: GPL-2.0
/* Sends vectors from one AXI-DMAC to another, and lets one repeat until another takes its place. */
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#define SIZE 65536
#define FLAGS (DMA_PREP_INTERRUPT | DMA_CTRL_ACK)

struct side {
	struct dma_chan *chan;
	enum dma_transfer_direction direction;
	void *va;
	dma_addr_t dma;
	unsigned int calls;
	struct completion done;
};

static void called(void *param)
{
	struct side *side = param;

	side->calls++;
	complete(&side->done);
}

static dma_cookie_t start(struct side *side, size_t size, unsigned long flags)
{
	struct dma_vec vecs[] = {
		{ .addr = side->dma, .len = size / 2 },
		{ .addr = side->dma + size / 2, .len = size / 2 },
	};
	struct dma_async_tx_descriptor *desc = dmaengine_prep_peripheral_dma_vec(
		side->chan, vecs, ARRAY_SIZE(vecs), side->direction, FLAGS | flags);
	dma_cookie_t cookie;

	if (!desc)
		return -ENOMEM;
	desc->callback = called;
	desc->callback_param = side;
	cookie = dmaengine_submit(desc);
	dma_async_issue_pending(side->chan);
	return cookie;
}

static int open_side(struct device *dev, struct side *side, const char *name,
		     enum dma_transfer_direction direction)
{
	side->chan = dma_request_chan(dev, name);
	if (IS_ERR(side->chan))
		return PTR_ERR(side->chan);
	side->direction = direction;
	init_completion(&side->done);
	side->va = dma_alloc_coherent(side->chan->device->dev, SIZE, &side->dma, GFP_KERNEL);
	if (side->va)
		return 0;
	dma_release_channel(side->chan);
	return -ENOMEM;
}

static void close_side(struct side *side)
{
	dmaengine_terminate_sync(side->chan);
	dma_free_coherent(side->chan->device->dev, SIZE, side->va, side->dma);
	dma_release_channel(side->chan);
}

static bool ends(struct side *side)
{
	return wait_for_completion_timeout(&side->done, msecs_to_jiffies(50));
}

static void try_both(struct device *dev, struct side *tx, struct side *rx)
{
	dma_cookie_t repeated;

	memset(tx->va, 0x5a, SIZE);
	if (start(rx, SIZE, 0) < 0 || start(tx, SIZE, 0) < 0 || !ends(rx) || !ends(tx))
		dev_err(dev, "a vector does not end\n");
	dev_info(dev, "vectors: %s\n", memcmp(tx->va, rx->va, SIZE) ? "differ" : "agree");

	tx->calls = 0;
	start(rx, SIZE, DMA_PREP_REPEAT);
	repeated = start(tx, SIZE, DMA_PREP_REPEAT);
	while (tx->calls < 3 && ends(tx))
		;
	dev_info(dev, "repeats: %d\n", dma_async_is_tx_complete(tx->chan, repeated, NULL, NULL));
	start(tx, SIZE, DMA_PREP_LOAD_EOT);
	while (dma_async_is_tx_complete(tx->chan, repeated, NULL, NULL) != DMA_COMPLETE && ends(tx))
		;
	dev_info(dev, "replaced: %d\n", dma_async_is_tx_complete(tx->chan, repeated, NULL, NULL));
}

static int adi_client_probe(struct platform_device *pdev)
{
	struct side *tx = devm_kzalloc(&pdev->dev, sizeof(*tx), GFP_KERNEL);
	struct side *rx = devm_kzalloc(&pdev->dev, sizeof(*rx), GFP_KERNEL);
	int ret;

	if (!tx || !rx)
		return -ENOMEM;
	ret = open_side(&pdev->dev, tx, "tx", DMA_MEM_TO_DEV);
	if (ret)
		return ret;
	ret = open_side(&pdev->dev, rx, "rx", DMA_DEV_TO_MEM);
	if (!ret) {
		try_both(&pdev->dev, tx, rx);
		close_side(rx);
	}
	close_side(tx);
	return ret;
}

static const struct of_device_id adi_client_match[] = {
	{ .compatible = "dmakit,adi-dmac-test" },
	{}
};
MODULE_DEVICE_TABLE(of, adi_client_match);

static struct platform_driver adi_client = {
	.probe = adi_client_probe,
	.driver = { .name = "adi-client", .of_match_table = adi_client_match },
};
module_platform_driver(adi_client);

MODULE_DESCRIPTION("A client of two AXI-DMACs");
MODULE_LICENSE("GPL");
