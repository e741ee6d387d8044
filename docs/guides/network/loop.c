// SPDX-License-Identifier: Apache-2.0 OR MIT
/* Sends a packet through an AXI DMA and takes it from the stream again. */
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#define SENT 1500
#define ROOM 4096

struct loop {
	struct completion done;
	u32 residue;
};

static void received(void *param, const struct dmaengine_result *result)
{
	struct loop *loop = param;

	loop->residue = result->residue;
	complete(&loop->done);
}

static int transfer(struct device *dev, struct dma_chan *tx, struct dma_chan *rx,
		    u8 *from, u8 *to)
{
	struct device *tx_dev = tx->device->dev, *rx_dev = rx->device->dev;
	struct dma_async_tx_descriptor *out, *in;
	struct loop loop = {};
	dma_addr_t source, target;
	int ret = -ENOMEM;

	init_completion(&loop.done);
	source = dma_map_single(tx_dev, from, SENT, DMA_TO_DEVICE);
	if (dma_mapping_error(tx_dev, source))
		return ret;
	target = dma_map_single(rx_dev, to, ROOM, DMA_FROM_DEVICE);
	if (dma_mapping_error(rx_dev, target))
		goto unmap_source;

	in = dmaengine_prep_slave_single(rx, target, ROOM, DMA_DEV_TO_MEM,
					 DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
	out = dmaengine_prep_slave_single(tx, source, SENT, DMA_MEM_TO_DEV,
					  DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
	if (!in || !out)
		goto stop;
	in->callback_result = received;
	in->callback_param = &loop;
	dmaengine_submit(in);
	dmaengine_submit(out);
	dma_async_issue_pending(rx);
	dma_async_issue_pending(tx);
	ret = wait_for_completion_timeout(&loop.done, HZ) ? 0 : -ETIMEDOUT;
stop:
	dmaengine_terminate_sync(tx);
	dmaengine_terminate_sync(rx);
	dma_unmap_single(rx_dev, target, ROOM, DMA_FROM_DEVICE);
unmap_source:
	dma_unmap_single(tx_dev, source, SENT, DMA_TO_DEVICE);
	if (!ret)
		dev_info(dev, "%d bytes came back, %u of the buffer are free: %s\n",
			 ROOM - loop.residue, loop.residue,
			 memcmp(from, to, SENT) ? "others" : "the same");
	return ret;
}

static int loop_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct dma_chan *tx, *rx;
	u8 *from, *to;
	int i;

	tx = devm_dma_request_chan(dev, "axidma0");
	if (IS_ERR(tx))
		return dev_err_probe(dev, PTR_ERR(tx), "no channel to send\n");
	rx = devm_dma_request_chan(dev, "axidma1");
	if (IS_ERR(rx))
		return dev_err_probe(dev, PTR_ERR(rx), "no channel to receive\n");
	from = devm_kmalloc(dev, SENT, GFP_KERNEL);
	to = devm_kmalloc(dev, ROOM, GFP_KERNEL);
	if (!from || !to)
		return -ENOMEM;
	for (i = 0; i < SENT; i++)
		from[i] = i * 7;
	return transfer(dev, tx, rx, from, to);
}

static const struct of_device_id loop_ids[] = {
	{ .compatible = "xlnx,axi-dma-test-1.00.a" },
	{ }
};
MODULE_DEVICE_TABLE(of, loop_ids);

static struct platform_driver loop_driver = {
	.probe = loop_probe,
	.driver = {
		.name = "axidma-loop",
		.of_match_table = loop_ids,
	},
};
module_platform_driver(loop_driver);

MODULE_DESCRIPTION("A packet through an AXI DMA and back");
MODULE_LICENSE("Dual MIT/GPL");
