// SPDX-License-Identifier: GPL-2.0
/* A driver of AMBA cells that says what it was given. */
#include <linux/amba/bus.h>
#include <linux/clk.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/pm_runtime.h>
#include <linux/slab.h>

struct cell {
	void __iomem *base;
	int resumes;
};

static int cell_resume(struct device *dev)
{
	struct cell *cell = dev_get_drvdata(dev);

	cell->resumes++;
	return 0;
}

static int cell_probe(struct amba_device *adev, const struct amba_id *id)
{
	struct device *dev = &adev->dev;
	struct cell *cell = devm_kzalloc(dev, sizeof(*cell), GFP_KERNEL);
	int error;

	if (!cell)
		return -ENOMEM;
	error = amba_request_regions(adev, NULL);
	if (error)
		return error;
	if (amba_request_regions(adev, NULL) != -EBUSY)
		dev_err(dev, "regions are had twice\n");
	amba_release_regions(adev);
	cell->base = devm_ioremap_resource(dev, &adev->res);
	if (IS_ERR(cell->base))
		return PTR_ERR(cell->base);
	amba_set_drvdata(adev, cell);
	dev_info(dev, "%s: part %03x of %02x, revision %u, irqs %d, id in registers %02x\n",
		 (const char *)id->data, amba_part(adev), amba_manf(adev), amba_rev(adev),
		 (adev->irq[0] != 0) + (adev->irq[8] != 0),
		 readl(cell->base + resource_size(&adev->res) - 0x20) & 0xff);
	dev_info(dev, "bus %s, %s, clock %s\n", dev->bus->name,
		 pm_runtime_active(dev) ? "active" : "suspended",
		 clk_get_rate(adev->pclk) ? "runs" : "has no rate");
	pm_runtime_put_sync(dev);
	if (!pm_runtime_suspended(dev))
		dev_err(dev, "is still active\n");
	return 0;
}

static void cell_remove(struct amba_device *adev)
{
	struct cell *cell = amba_get_drvdata(adev);

	dev_info(&adev->dev, "resumed %d times\n", cell->resumes);
	/* The reference that probe put, for the bus. */
	pm_runtime_get_noresume(&adev->dev);
}

static const struct dev_pm_ops cell_pm = { SET_RUNTIME_PM_OPS(NULL, cell_resume, NULL) };

static const struct amba_id cell_ids[] = {
	{ .id = 0x00041080, .mask = 0x000fffff, .data = "PL080" },
	{ .id = 0x00041330, .mask = 0x000fffff, .data = "PL330" },
	{ .id = 0x00041011, .mask = 0x000fffff, .data = "PL011" },
	{},
};
MODULE_DEVICE_TABLE(amba, cell_ids);

static struct amba_driver cell_driver = {
	.drv = { .name = "cell", .pm = &cell_pm },
	.id_table = cell_ids,
	.probe = cell_probe,
	.remove = cell_remove,
};
module_amba_driver(cell_driver);
MODULE_LICENSE("GPL");
