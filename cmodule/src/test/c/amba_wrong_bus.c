// SPDX-License-Identifier: GPL-2.0
/* A platform driver that names a cell of AMBA: Linux never probes it. */
#include <linux/module.h>
#include <linux/platform_device.h>

static int wrong_probe(struct platform_device *pdev)
{
	dev_info(&pdev->dev, "probed\n");
	return 0;
}

static const struct of_device_id wrong_match[] = { { .compatible = "arm,pl330" }, {} };

static struct platform_driver wrong_driver = {
	.driver = { .name = "wrong", .of_match_table = wrong_match },
	.probe = wrong_probe,
};
module_platform_driver(wrong_driver);
MODULE_LICENSE("GPL");
