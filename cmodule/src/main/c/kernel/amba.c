/* Cells of AMBA and their drivers. */
#include "device.h"

#include "call.h"
#include "libc.h"

/* What the simulator says of a cell; AmbaServices knows the same order. */
enum { IS_START, IS_END, IS_IRQS, IS_COUNT = IS_IRQS + AMBA_NR_IRQS };

struct amba_made {
	struct amba_device adev;
	u64 dma_mask;
};

/* The driver's own callbacks, and the clock of the bus. */

static int runtime_suspend(struct device *dev)
{
	const struct dev_pm_ops *pm = dev->driver == NULL ? NULL : dev->driver->pm;
	int error = 0;

	if (pm != NULL && pm->runtime_suspend != NULL)
		error = pm->runtime_suspend(dev);
	if (error == 0 && dev->driver != NULL)
		clk_disable_unprepare(to_amba_device(dev)->pclk);
	return error;
}

static int runtime_resume(struct device *dev)
{
	const struct dev_pm_ops *pm = dev->driver == NULL ? NULL : dev->driver->pm;
	int error = dev->driver == NULL ? 0 : clk_prepare_enable(to_amba_device(dev)->pclk);

	if (error != 0 || pm == NULL || pm->runtime_resume == NULL)
		return error;
	return pm->runtime_resume(dev);
}

static const struct dev_pm_ops amba_pm = {
	.runtime_suspend = runtime_suspend,
	.runtime_resume = runtime_resume,
};

struct bus_type amba_bustype = {.name = "amba", .pm = &amba_pm};

struct device *amba_struct(long number)
{
	unsigned long says[IS_COUNT] = {0};
	struct amba_made *made = calloc(1, sizeof(*made));
	struct amba_device *adev;

	if (made == NULL)
		abort();
	adev = &made->adev;
	CALL_DATA(amba_describe, says, sizeof(says), number);
	device_fill(&adev->dev, number, &made->dma_mask);
	adev->dev.dma_parms = &adev->dma_parms;
	adev->res = (struct resource){
		.start = says[IS_START],
		.end = says[IS_END],
		.flags = IORESOURCE_MEM,
		.name = dev_name(&adev->dev),
	};
	for (int i = 0; i < AMBA_NR_IRQS; i++)
		adev->irq[i] = (unsigned int)says[IS_IRQS + i];
	return &adev->dev;
}

/* Drivers: the simulator decides who is probed, and when. */

static void clear_binding(struct device *dev, void *unused)
{
	(void)unused;
	dev->driver = NULL;
	dev->driver_data = NULL;
}

static int start_clock(struct amba_device *adev)
{
	int error;

	adev->pclk = clk_get(&adev->dev, "apb_pclk");
	if (IS_ERR(adev->pclk))
		return (int)PTR_ERR(adev->pclk);
	error = clk_prepare_enable(adev->pclk);
	if (error != 0)
		clk_put(adev->pclk);
	return error;
}

static void stop_clock(struct amba_device *adev)
{
	clk_disable_unprepare(adev->pclk);
	clk_put(adev->pclk);
}

static void stop_power(struct device *dev)
{
	pm_runtime_disable(dev);
	pm_runtime_set_suspended(dev);
	pm_runtime_put_noidle(dev);
}

static long probe(struct amba_driver *driver, long number, long id)
{
	struct device *dev = device_of(number);
	struct amba_device *adev = to_amba_device(dev);
	int error;

	manage(dev, clear_binding, NULL);
	dev->driver = &driver->drv;
	dma_masks_refresh(dev);
	adev->periphid = (unsigned int)CALL(amba_periphid, number);
	error = start_clock(adev);
	if (error != 0)
		return error;
	pm_runtime_get_noresume(dev);
	pm_runtime_set_active(dev);
	pm_runtime_enable(dev);
	error = driver->probe(adev, &driver->id_table[id]);
	if (error == 0 && driver->drv.dev_groups != NULL) {
		error = devm_device_add_groups(dev, driver->drv.dev_groups);
		if (error != 0 && driver->remove != NULL)
			driver->remove(adev);
	}
	if (error != 0) {
		stop_power(dev);
		stop_clock(adev);
	}
	return error;
}

static long remove(struct amba_driver *driver, long number)
{
	struct device *dev = device_of(number);

	pm_runtime_get_sync(dev);
	if (driver->remove != NULL)
		driver->remove(to_amba_device(dev));
	pm_runtime_put_noidle(dev);
	stop_power(dev);
	stop_clock(to_amba_device(dev));
	return 0;
}

int __amba_driver_register(struct amba_driver *driver, struct module *owner)
{
	const struct amba_id *id = driver->id_table;
	long number;
	int error;

	if (driver->probe == NULL)
		return -EINVAL;
	driver->drv.owner = owner;
	driver->drv.bus = &amba_bustype;
	number = CALL_TEXT(amba_driver_new, driver->drv.name, driver, probe, remove);
	if (number < 0)
		return (int)number;
	for (; id != NULL && id->mask != 0; id++)
		CALL(amba_driver_id, number, id->id, id->mask);
	error = (int)CALL(amba_driver_add, number);
	if (error == 0)
		driver->drv.dmakit_number = number;
	return error;
}

void amba_driver_unregister(struct amba_driver *driver)
{
	CALL(amba_driver_del, driver->drv.dmakit_number);
	driver->drv.dmakit_number = 0;
}

/* What a cell has. */

int amba_request_regions(struct amba_device *adev, const char *name)
{
	if (name == NULL)
		name = adev->dev.driver->name;
	return request_mem_region(adev->res.start, resource_size(&adev->res), name) == NULL
		       ? -EBUSY
		       : 0;
}

void amba_release_regions(struct amba_device *adev)
{
	release_mem_region(adev->res.start, resource_size(&adev->res));
}
