// Memory that goes with the driver of its device: blocks, buffers and a pool, in the reverse order.
#include <linux/dma-mapping.h>
#include <linux/dmapool.h>
#include <linux/module.h>
#include <linux/platform_device.h>

static struct platform_device *pdev;

static int managed_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct dma_pool *pool, *early;
	dma_addr_t first, second, third, block;
	void *a, *b, *c;
	int err = dma_coerce_mask_and_coherent(dev, DMA_BIT_MASK(32));

	if (err)
		return err;
	a = dmam_alloc_coherent(dev, 3 * PAGE_SIZE, &first, GFP_KERNEL);
	b = dmam_alloc_attrs(dev, PAGE_SIZE, &second, GFP_KERNEL, DMA_ATTR_WRITE_COMBINE);
	pool = dmam_pool_create("managed", dev, 64, 64, 0);
	early = dmam_pool_create("early", dev, 64, 64, 0);
	if (!a || !b || !pool || !early)
		return -ENOMEM;
	c = dmam_alloc_coherent(dev, 100, &third, GFP_KERNEL);
	if (!c)
		return -ENOMEM;
	dmam_free_coherent(dev, 100, c, third);
	c = dma_pool_zalloc(pool, GFP_KERNEL, &block);
	if (!c)
		return -ENOMEM;
	dma_pool_free(pool, c, block);
	dmam_pool_destroy(early);
	return 0;
}

static struct platform_driver managed_driver = {
	.probe = managed_probe,
	.driver = {.name = "managed-memory"},
};

static int __init managed_init(void)
{
	int err;

	pdev = platform_device_register_simple("managed-memory", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	err = platform_driver_register(&managed_driver);
	if (!err && !pdev->dev.driver) {
		platform_driver_unregister(&managed_driver);
		err = -ENXIO;
	}
	if (err)
		platform_device_unregister(pdev);
	return err;
}

static void __exit managed_exit(void)
{
	platform_driver_unregister(&managed_driver);
	platform_device_unregister(pdev);
}

module_init(managed_init);
module_exit(managed_exit);
MODULE_LICENSE("GPL");
