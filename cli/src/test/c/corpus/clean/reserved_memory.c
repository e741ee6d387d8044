// run: --overlay {dir}/reserved_memory.dtso
// A device whose node names memory that the tree sets aside: a pool of its own, and an area.
#include <linux/dma-mapping.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_reserved_mem.h>
#include <linux/platform_device.h>
#include <linux/sizes.h>

static bool works;

static int reserver_check(struct device *dev, phys_addr_t base, size_t size)
{
	dma_addr_t dma;
	u8 *va = dma_alloc_coherent(dev, SZ_64K, &dma, GFP_KERNEL);
	int err = 0;

	if (!va)
		return -ENOMEM;
	if (dma < base || dma + SZ_64K > base + size)
		err = dev_err_probe(dev, -ERANGE, "%pad is not in %pa\n", &dma, &base);
	memset(va, 1, SZ_64K);
	dma_free_coherent(dev, SZ_64K, va, dma);
	return err;
}

static int reserver_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct device_node *node = of_parse_phandle(dev->of_node, "memory-region", 0);
	struct reserved_mem *region = of_reserved_mem_lookup(node);
	int err;

	of_node_put(node);
	if (!region || region->size != SZ_1M)
		return -EINVAL;
	if (of_reserved_mem_device_init_by_idx(dev, dev->of_node, 2) != -ENODEV ||
	    of_reserved_mem_device_init_by_name(dev, dev->of_node, "none") != -ENODEV)
		return -EINVAL;
	err = of_reserved_mem_device_init(dev);
	if (err)
		return err;
	err = of_reserved_mem_device_init_by_idx(dev, dev->of_node, 0) == -EBUSY ? 0 : -EINVAL;
	if (!err)
		err = reserver_check(dev, region->base, region->size);
	of_reserved_mem_device_release(dev);
	if (err)
		return err;
	err = of_reserved_mem_device_init_by_name(dev, dev->of_node, "area");
	if (err)
		return err;
	err = reserver_check(dev, 0x20000000, SZ_4M);
	of_reserved_mem_device_release(dev);
	works = !err;
	return err;
}

static const struct of_device_id reserver_ids[] = {
	{.compatible = "dmakit,reserver"},
	{},
};
MODULE_DEVICE_TABLE(of, reserver_ids);

static struct platform_driver reserver_driver = {
	.probe = reserver_probe,
	.driver = {.name = "reserver", .of_match_table = reserver_ids},
};

static int __init reserver_init(void)
{
	int err = platform_driver_register(&reserver_driver);

	if (!err && !works) {
		platform_driver_unregister(&reserver_driver);
		err = -ENXIO;
	}
	return err;
}

static void __exit reserver_exit(void)
{
	platform_driver_unregister(&reserver_driver);
}

module_init(reserver_init);
module_exit(reserver_exit);
MODULE_LICENSE("GPL");
