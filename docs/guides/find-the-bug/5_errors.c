// SPDX-License-Identifier: Apache-2.0 OR MIT
/* The last step: mappings may fail, and transfers may not end. */
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define BUFFER_SIZE	4096

struct m2m_private {
	struct miscdevice misc;
	struct device *dev;
	struct dma_chan *chan;
	struct completion done;
	char *wbuf;
	char *rbuf;
};

static void m2m_callback(void *data)
{
	struct m2m_private *priv = data;

	complete(&priv->done);
}

static ssize_t m2m_write(struct file *file, const char __user *text, size_t count,
			 loff_t *offset)
{
	struct m2m_private *priv = container_of(file->private_data, struct m2m_private, misc);
	struct device *dma_dev = priv->chan->device->dev;
	struct dma_async_tx_descriptor *desc;
	dma_addr_t src, dst;
	dma_cookie_t cookie;
	ssize_t ret = count;

	if (count > BUFFER_SIZE)
		return -EINVAL;
	if (copy_from_user(priv->wbuf, text, count))
		return -EFAULT;

	src = dma_map_single(dma_dev, priv->wbuf, BUFFER_SIZE, DMA_TO_DEVICE);
	if (dma_mapping_error(dma_dev, src))
		return -ENOMEM;
	dst = dma_map_single(dma_dev, priv->rbuf, BUFFER_SIZE, DMA_FROM_DEVICE);
	if (dma_mapping_error(dma_dev, dst)) {
		dma_unmap_single(dma_dev, src, BUFFER_SIZE, DMA_TO_DEVICE);
		return -ENOMEM;
	}

	desc = dmaengine_prep_dma_memcpy(priv->chan, dst, src, BUFFER_SIZE,
					 DMA_CTRL_ACK | DMA_PREP_INTERRUPT);
	if (!desc) {
		dev_err(priv->dev, "no descriptor\n");
		ret = -EINVAL;
		goto unmap;
	}
	init_completion(&priv->done);
	desc->callback = m2m_callback;
	desc->callback_param = priv;

	cookie = dmaengine_submit(desc);
	if (dma_submit_error(cookie)) {
		dev_err(priv->dev, "no cookie\n");
		ret = -EINVAL;
		goto unmap;
	}
	dma_async_issue_pending(priv->chan);
	if (!wait_for_completion_timeout(&priv->done, msecs_to_jiffies(1000))) {
		dmaengine_terminate_sync(priv->chan);
		ret = -ETIMEDOUT;
	}

unmap:
	dma_unmap_single(dma_dev, dst, BUFFER_SIZE, DMA_FROM_DEVICE);
	dma_unmap_single(dma_dev, src, BUFFER_SIZE, DMA_TO_DEVICE);
	if (ret < 0)
		return ret;
	if (memcmp(priv->wbuf, priv->rbuf, count)) {
		dev_err(priv->dev, "the buffers differ\n");
		return -EIO;
	}
	dev_info(priv->dev, "the buffers are equal\n");
	return ret;
}

static const struct file_operations m2m_fops = {
	.owner = THIS_MODULE,
	.write = m2m_write,
};

static int m2m_probe(struct platform_device *pdev)
{
	struct m2m_private *priv;
	dma_cap_mask_t mask;
	int ret;

	priv = devm_kzalloc(&pdev->dev, sizeof(*priv), GFP_KERNEL);
	if (!priv)
		return -ENOMEM;
	priv->dev = &pdev->dev;
	priv->wbuf = devm_kzalloc(&pdev->dev, BUFFER_SIZE, GFP_KERNEL);
	priv->rbuf = devm_kzalloc(&pdev->dev, BUFFER_SIZE, GFP_KERNEL);
	if (!priv->wbuf || !priv->rbuf)
		return -ENOMEM;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	priv->chan = dma_request_channel(mask, NULL, NULL);
	if (!priv->chan)
		return -ENODEV;

	priv->misc.minor = MISC_DYNAMIC_MINOR;
	priv->misc.name = "dma_m2m_misc_dev";
	priv->misc.fops = &m2m_fops;
	ret = misc_register(&priv->misc);
	if (ret) {
		dma_release_channel(priv->chan);
		return ret;
	}
	platform_set_drvdata(pdev, priv);
	return 0;
}

static int m2m_remove(struct platform_device *pdev)
{
	struct m2m_private *priv = platform_get_drvdata(pdev);

	misc_deregister(&priv->misc);
	dma_release_channel(priv->chan);
	return 0;
}

static const struct of_device_id m2m_of_match[] = {
	{ .compatible = "dmakit,lab-m2m" },
	{ }
};
MODULE_DEVICE_TABLE(of, m2m_of_match);

static struct platform_driver m2m_driver = {
	.probe = m2m_probe,
	.remove = m2m_remove,
	.driver = {
		.name = "dma_m2m",
		.of_match_table = m2m_of_match,
	},
};
module_platform_driver(m2m_driver);

MODULE_DESCRIPTION("Lab: a misc device whose write copies memory by DMA, with mistakes");
MODULE_LICENSE("Dual MIT/GPL");
