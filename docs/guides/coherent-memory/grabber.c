// Takes coherent memory when its device appears, and says where it lies for the device.
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/of_reserved_mem.h>
#include <linux/platform_device.h>

static int kib = 64;
module_param(kib, int, 0444);
MODULE_PARM_DESC(kib, "how much, in KiB");

static bool atomic;
module_param(atomic, bool, 0444);
MODULE_PARM_DESC(atomic, "as from where nobody may sleep");

struct grabber {
	void *frames;
	dma_addr_t handle;
	size_t bytes;
};

static int grabber_probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct grabber *grabber;
	int err;

	grabber = devm_kzalloc(dev, sizeof(*grabber), GFP_KERNEL);
	if (!grabber)
		return -ENOMEM;
	err = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(32));
	if (err)
		return err;
	err = of_reserved_mem_device_init(dev); // what memory-region names, if anything
	if (err && err != -ENODEV)
		return err;

	grabber->bytes = kib * 1024;
	grabber->frames = dma_alloc_coherent(dev, grabber->bytes, &grabber->handle,
					     atomic ? GFP_ATOMIC : GFP_KERNEL);
	if (!grabber->frames) {
		of_reserved_mem_device_release(dev);
		return -ENOMEM;
	}
	platform_set_drvdata(pdev, grabber);
	dev_info(dev, "%d KiB at %pad\n", kib, &grabber->handle);
	return 0;
}

static void grabber_remove(struct platform_device *pdev)
{
	struct grabber *grabber = platform_get_drvdata(pdev);

	dma_free_coherent(&pdev->dev, grabber->bytes, grabber->frames, grabber->handle);
	of_reserved_mem_device_release(&pdev->dev);
}

static const struct of_device_id grabber_of_match[] = {
	{ .compatible = "acme,grabber" },
	{ }
};
MODULE_DEVICE_TABLE(of, grabber_of_match);

static struct platform_driver grabber_driver = {
	.probe = grabber_probe,
	.remove = grabber_remove,
	.driver = {
		.name = "grabber",
		.of_match_table = grabber_of_match,
	},
};
module_platform_driver(grabber_driver);

MODULE_LICENSE("GPL");
