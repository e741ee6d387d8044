/* Platform devices and drivers. */
#include "device.h"

#include "call.h"
#include "libc.h"

#define RESOURCE_COUNT_MAX 64

struct bus_type platform_bus_type = {.name = "platform"};
struct device platform_bus = {.init_name = "platform"};

/* One that the simulator made. */
struct platform_made {
	struct platform_device pdev;
	char names[];
};

/* One that platform_device_alloc made. */
struct platform_object {
	struct platform_device pdev;
	bool owns_resources;
	char name[];
};

struct row {
	u64 start, end, flags;
};

struct device *platform_struct(long number)
{
	struct row rows[RESOURCE_COUNT_MAX] = {0};
	long count = CALL_DATA(platform_describe, rows, sizeof(rows), number);
	const char *names = lane_text();
	size_t bytes = strlen(names) + 1;
	struct platform_made *made = calloc(1, sizeof(*made) + bytes);
	struct platform_device *pdev;
	char *name;

	if (made == NULL)
		abort();
	pdev = &made->pdev;
	name = memcpy(made->names, names, bytes);
	pdev->id = PLATFORM_DEVID_NONE;
	pdev->num_resources = (u32)count;
	pdev->resource = calloc(count + 1, sizeof(*pdev->resource));
	for (long i = 0; i < count; i++) {
		char *end = strchr(name, '\n');

		*end = '\0';
		pdev->resource[i].start = rows[i].start;
		pdev->resource[i].end = rows[i].end;
		pdev->resource[i].flags = rows[i].flags;
		pdev->resource[i].name = name;
		name = end + 1;
	}
	device_fill(&pdev->dev, number, &pdev->platform_dma_mask);
	pdev->dev.dma_parms = &pdev->dma_parms;
	pdev->name = dev_name(&pdev->dev);
	for (long i = 0; i < count; i++)
		if (pdev->resource[i].name[0] == '\0')
			pdev->resource[i].name = pdev->name;
	return &pdev->dev;
}

/* Drivers: the simulator decides who is probed, and when. */

static void clear_binding(struct device *dev, void *unused)
{
	(void)unused;
	dev->driver = NULL;
	dev->driver_data = NULL;
	to_platform_device(dev)->id_entry = NULL;
}

static const struct platform_device_id *id_of(const struct platform_driver *driver,
					      const char *name)
{
	const struct platform_device_id *id = driver->id_table;

	for (; id != NULL && id->name[0] != '\0'; id++)
		if (strcmp(id->name, name) == 0)
			return id;
	return NULL;
}

static long probe(struct platform_driver *driver, long number)
{
	struct device *dev = device_of(number);
	struct platform_device *pdev = to_platform_device(dev);
	int error;

	manage(dev, clear_binding, NULL);
	dev->driver = &driver->driver;
	pdev->id_entry = id_of(driver, pdev->name);
	dma_masks_refresh(dev);
	if (driver->probe == NULL)
		return 0;
	error = driver->probe(pdev);
	if (error == 0 && driver->driver.dev_groups != NULL)
		error = devm_device_add_groups(dev, driver->driver.dev_groups);
	return error;
}

static long remove(struct platform_driver *driver, long number)
{
	if (driver->remove != NULL)
		driver->remove(to_platform_device(device_of(number)));
	return 0;
}

static long shutdown(struct platform_driver *driver, long number)
{
	if (driver->shutdown != NULL)
		driver->shutdown(to_platform_device(device_of(number)));
	return 0;
}

static int register_driver(struct platform_driver *driver, bool now)
{
	const struct of_device_id *of = driver->driver.of_match_table;
	const struct platform_device_id *id = driver->id_table;
	long number = CALL_TEXT(platform_driver_new, driver->driver.name, driver, probe, remove,
				shutdown);
	int error;

	if (number < 0)
		return (int)number;
	driver->driver.bus = &platform_bus_type;
	for (; of != NULL && (of->compatible[0] != '\0' || of->name[0] || of->type[0]); of++)
		CALL_TEXT(platform_driver_of, of->compatible, number);
	for (; id != NULL && id->name[0] != '\0'; id++)
		CALL_TEXT(platform_driver_id, id->name, number);
	error = (int)CALL(platform_driver_add, number, now);
	if (error == 0)
		driver->driver.dmakit_number = number;
	return error;
}

int __platform_driver_register(struct platform_driver *driver, struct module *owner)
{
	driver->driver.owner = owner;
	return register_driver(driver, false);
}

void platform_driver_unregister(struct platform_driver *driver)
{
	CALL(platform_driver_del, driver->driver.dmakit_number);
	driver->driver.dmakit_number = 0;
}

int __platform_driver_probe(struct platform_driver *driver,
			    int (*probe_)(struct platform_device *pdev), struct module *owner)
{
	int bound;

	driver->probe = probe_;
	driver->driver.owner = owner;
	bound = register_driver(driver, true);
	if (bound < 0)
		return bound;
	if (CALL(platform_driver_device_count, driver->driver.dmakit_number) == 0) {
		platform_driver_unregister(driver);
		return -ENODEV;
	}
	return 0;
}

/* Devices that modules make. */

static void setup(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;

	if (dev->coherent_dma_mask == 0)
		dev->coherent_dma_mask = DMA_BIT_MASK(32);
	if (dev->dma_mask == NULL) {
		pdev->platform_dma_mask = DMA_BIT_MASK(32);
		dev->dma_mask = &pdev->platform_dma_mask;
	}
	dev->dma_parms = &pdev->dma_parms;
}

static void release_object(struct device *dev)
{
	struct platform_object *object =
		container_of(to_platform_device(dev), struct platform_object, pdev);

	CALL(platform_device_free, dev);
	if (object->owns_resources)
		free(object->pdev.resource);
	free(object->pdev.dev.platform_data);
	free(object);
}

struct platform_device *platform_device_alloc(const char *name, int id)
{
	struct platform_object *object = calloc(1, sizeof(*object) + strlen(name) + 1);

	if (object == NULL)
		abort();
	strcpy(object->name, name);
	object->pdev.name = object->name;
	object->pdev.id = id;
	device_initialize(&object->pdev.dev);
	object->pdev.dev.release = release_object;
	setup(&object->pdev);
	CALL_TEXT(platform_device_alloc, name, &object->pdev.dev);
	return &object->pdev;
}

int platform_device_add_resources(struct platform_device *pdev, const struct resource *resources,
				  unsigned int count)
{
	struct platform_object *object = container_of(pdev, struct platform_object, pdev);
	struct resource *copy = NULL;

	if (resources != NULL && count != 0) {
		copy = calloc(count, sizeof(*copy));
		if (copy == NULL)
			abort();
		memcpy(copy, resources, count * sizeof(*copy));
	}
	if (object->owns_resources)
		free(pdev->resource);
	object->owns_resources = true;
	pdev->resource = copy;
	pdev->num_resources = count;
	return 0;
}

int platform_device_add_data(struct platform_device *pdev, const void *data, size_t size)
{
	void *copy = NULL;

	if (data != NULL) {
		copy = calloc(1, size);
		if (copy == NULL)
			abort();
		memcpy(copy, data, size);
	}
	free(pdev->dev.platform_data);
	pdev->dev.platform_data = copy;
	return 0;
}

/* The module that made a device is gone, and its struct with it. */
static long drop(long number)
{
	device_has(number, NULL);
	return 0;
}

int platform_device_add(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	char match[64];
	long number;

	switch (pdev->id) {
	case PLATFORM_DEVID_NONE:
		dev_set_name(dev, "%s", pdev->name);
		break;
	case PLATFORM_DEVID_AUTO:
		pdev->id = (int)CALL(platform_device_auto_id);
		pdev->id_auto = true;
		dev_set_name(dev, "%s.%d.auto", pdev->name, pdev->id);
		break;
	default:
		dev_set_name(dev, "%s.%d", pdev->name, pdev->id);
	}
	strscpy(match, pdev->driver_override != NULL ? pdev->driver_override : pdev->name,
		sizeof(match));
	dev->bus = &platform_bus_type;
	for (u32 i = 0; i < pdev->num_resources; i++)
		if (pdev->resource[i].name == NULL)
			pdev->resource[i].name = dev_name(dev);
	number = CALL_TEXT2(platform_device_new, dev_name(dev), match, number_of(dev->parent),
			    node_number(dev->of_node), dev, drop);
	if (number < 0)
		return (int)number;
	device_has(number, dev);
	masks_publish(dev);
	if (dev->parent != NULL)
		get_device(dev->parent);
	dev->kobj.state_in_sysfs = 1;
	CALL(platform_device_add, number);
	return 0;
}

void platform_device_del(struct platform_device *pdev)
{
	if (IS_ERR_OR_NULL(pdev) || !pdev->dev.kobj.state_in_sysfs)
		return;
	CALL(platform_device_del, number_of(&pdev->dev));
	pdev->dev.kobj.state_in_sysfs = 0;
	device_forget(&pdev->dev);
	if (pdev->dev.parent != NULL)
		put_device(pdev->dev.parent);
	if (pdev->id_auto)
		pdev->id = PLATFORM_DEVID_AUTO;
}

void platform_device_put(struct platform_device *pdev)
{
	if (!IS_ERR_OR_NULL(pdev))
		put_device(&pdev->dev);
}

int platform_device_register(struct platform_device *pdev)
{
	device_initialize(&pdev->dev);
	setup(pdev);
	return platform_device_add(pdev);
}

void platform_device_unregister(struct platform_device *pdev)
{
	platform_device_del(pdev);
	platform_device_put(pdev);
}

int platform_add_devices(struct platform_device **pdevs, int count)
{
	for (int i = 0; i < count; i++) {
		int error = platform_device_register(pdevs[i]);

		if (error != 0) {
			while (--i >= 0)
				platform_device_unregister(pdevs[i]);
			return error;
		}
	}
	return 0;
}

struct platform_device *platform_device_register_full(const struct platform_device_info *info)
{
	struct platform_device *pdev = platform_device_alloc(info->name, info->id);
	int error;

	pdev->dev.parent = info->parent;
	if (info->fwnode != NULL) {
		pdev->dev.fwnode = info->fwnode;
		pdev->dev.of_node = to_of_node(info->fwnode);
	}
	if (info->dma_mask != 0) {
		pdev->platform_dma_mask = info->dma_mask;
		pdev->dev.dma_mask = &pdev->platform_dma_mask;
		pdev->dev.coherent_dma_mask = info->dma_mask;
	}
	error = platform_device_add_resources(pdev, info->res, info->num_res);
	if (error == 0)
		error = platform_device_add_data(pdev, info->data, info->size_data);
	if (error == 0 && info->properties != NULL)
		error = device_add_properties(&pdev->dev, info->properties);
	if (error == 0)
		error = platform_device_add(pdev);
	if (error != 0) {
		platform_device_put(pdev);
		return ERR_PTR(error);
	}
	return pdev;
}

struct platform_device *
platform_device_register_resndata(struct device *parent, const char *name, int id,
				  const struct resource *resources, unsigned int count,
				  const void *data, size_t size)
{
	return platform_device_register_full(&(struct platform_device_info){
		.parent = parent,
		.name = name,
		.id = id,
		.res = resources,
		.num_res = count,
		.data = data,
		.size_data = size,
	});
}

struct platform_device *platform_device_register_simple(const char *name, int id,
							const struct resource *resources,
							unsigned int count)
{
	return platform_device_register_resndata(NULL, name, id, resources, count, NULL, 0);
}

struct platform_device *platform_device_register_data(struct device *parent, const char *name,
						      int id, const void *data, size_t size)
{
	return platform_device_register_resndata(parent, name, id, NULL, 0, data, size);
}

struct platform_device *platform_create_bundle(struct platform_driver *driver,
					       int (*probe_)(struct platform_device *),
					       struct resource *resources, unsigned int count,
					       const void *data, size_t size)
{
	struct platform_device *pdev = platform_device_register_resndata(
		NULL, driver->driver.name, PLATFORM_DEVID_NONE, resources, count, data, size);
	int error;

	if (IS_ERR(pdev))
		return pdev;
	error = __platform_driver_probe(driver, probe_, driver->driver.owner);
	if (error != 0) {
		platform_device_unregister(pdev);
		return ERR_PTR(error);
	}
	return pdev;
}

/* What a device has. */

struct resource *platform_get_resource(struct platform_device *pdev, unsigned int type,
				       unsigned int index)
{
	for (u32 i = 0; i < pdev->num_resources; i++)
		if (resource_type(&pdev->resource[i]) == type && index-- == 0)
			return &pdev->resource[i];
	return NULL;
}

struct resource *platform_get_resource_byname(struct platform_device *pdev, unsigned int type,
					      const char *name)
{
	for (u32 i = 0; i < pdev->num_resources; i++)
		if (resource_type(&pdev->resource[i]) == type && pdev->resource[i].name != NULL
		    && strcmp(pdev->resource[i].name, name) == 0)
			return &pdev->resource[i];
	return NULL;
}

static int irq_of(const struct resource *irq)
{
	return irq == NULL ? -ENXIO : (int)irq->start;
}

int platform_get_irq_optional(struct platform_device *pdev, unsigned int index)
{
	return irq_of(platform_get_resource(pdev, IORESOURCE_IRQ, index));
}

int platform_get_irq(struct platform_device *pdev, unsigned int index)
{
	int irq = platform_get_irq_optional(pdev, index);

	return irq < 0 ? dev_err_probe(&pdev->dev, irq, "IRQ index %u not found\n", index) : irq;
}

int platform_get_irq_byname_optional(struct platform_device *pdev, const char *name)
{
	return irq_of(platform_get_resource_byname(pdev, IORESOURCE_IRQ, name));
}

int platform_get_irq_byname(struct platform_device *pdev, const char *name)
{
	int irq = platform_get_irq_byname_optional(pdev, name);

	return irq < 0 ? dev_err_probe(&pdev->dev, irq, "IRQ %s not found\n", name) : irq;
}

int platform_irq_count(struct platform_device *pdev)
{
	int count = 0;

	while (platform_get_resource(pdev, IORESOURCE_IRQ, count) != NULL)
		count++;
	return count;
}

void __iomem *devm_platform_get_and_ioremap_resource(struct platform_device *pdev,
						     unsigned int index,
						     struct resource **resource)
{
	struct resource *found = platform_get_resource(pdev, IORESOURCE_MEM, index);

	if (resource != NULL)
		*resource = found;
	return devm_ioremap_resource(&pdev->dev, found);
}

void __iomem *devm_platform_ioremap_resource(struct platform_device *pdev, unsigned int index)
{
	return devm_platform_get_and_ioremap_resource(pdev, index, NULL);
}

void __iomem *devm_platform_ioremap_resource_byname(struct platform_device *pdev, const char *name)
{
	return devm_ioremap_resource(&pdev->dev,
				     platform_get_resource_byname(pdev, IORESOURCE_MEM, name));
}
