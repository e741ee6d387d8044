#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/platform_device.h>

static struct platform_device *pdev;

static int mismatch_probe(struct platform_device *pdev)
{
	dma_addr_t dma;
	void *va = dmam_alloc_coherent(&pdev->dev, 2 * PAGE_SIZE, &dma, GFP_KERNEL);

	if (!va)
		return -ENOMEM;
	dmam_free_coherent(&pdev->dev, PAGE_SIZE, va, dma); /* !free-coherent-mismatch */
	return 0;
}

static struct platform_driver mismatch_driver = {
	.probe = mismatch_probe,
	.driver = {.name = "mismatch"},
};

static int __init start(void)
{
	int error;

	pdev = platform_device_register_simple("mismatch", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	error = platform_driver_register(&mismatch_driver);
	if (error)
		platform_device_unregister(pdev);
	return error;
}

static void __exit stop(void)
{
	platform_driver_unregister(&mismatch_driver);
	platform_device_unregister(pdev);
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
