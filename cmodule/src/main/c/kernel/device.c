/*
 * Devices: one struct for each device of the simulator that C code has met, found by its number.
 * Those that C code makes have structs of its own.
 */
#include "device.h"

#include "call.h"
#include "libc.h"

/* What the simulator says of a device; DeviceServices knows the same order. */
enum { IS_KIND, IS_PARENT, IS_NODE, IS_MASK, IS_COHERENT_MASK, IS_COUNT };
enum { KIND_PLAIN, KIND_PLATFORM, KIND_PCI, KIND_AMBA };

static struct device **structs;
static unsigned long struct_count;

/* class.c shows what devices have in sysfs. */
__attribute__((weak)) const struct kobj_type dmakit_device_type = {0};

static const struct bus_type *const buses[] = {&platform_bus_type, &pci_bus_type, &amba_bustype};

char *keep_text(const char *text)
{
	size_t bytes = strlen(text) + 1;
	char *kept = calloc(1, bytes);

	if (kept == NULL)
		abort();
	return memcpy(kept, text, bytes);
}

/* Numbers. */

void device_has(long number, struct device *dev)
{
	unsigned long wanted = struct_count == 0 ? 64 : struct_count;
	struct device **grown;

	while ((unsigned long)number >= wanted)
		wanted *= 2;
	if (wanted != struct_count) {
		grown = calloc(wanted, sizeof(*grown));
		if (grown == NULL)
			abort();
		if (struct_count != 0)
			memcpy(grown, structs, struct_count * sizeof(*grown));
		free(structs);
		structs = grown;
		struct_count = wanted;
	}
	structs[number] = dev;
	if (dev != NULL)
		dev->dmakit_number = number;
}

struct device_private *private_of(struct device *dev)
{
	struct device_private *private = dev->p;

	if (private == NULL) {
		private = calloc(1, sizeof(*private));
		if (private == NULL)
			abort();
		INIT_LIST_HEAD(&private->resources);
		dev->p = private;
	}
	return private;
}

static void name_device(struct device *dev, char *name)
{
	struct device_private *private = private_of(dev);

	free(private->name);
	private->name = name;
	dev->kobj.name = name;
}

static void initialize(struct device *dev)
{
	kref_init(&dev->kobj.kref);
	INIT_LIST_HEAD(&dev->kobj.entry);
	dev->kobj.ktype = &dmakit_device_type;
	dev->kobj.state_initialized = 1;
	dev->numa_node = NUMA_NO_NODE;
	mutex_init(&dev->mutex);
}

static const struct bus_type *bus_of(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(buses); i++)
		if (strcmp(buses[i]->name, name) == 0)
			return buses[i];
	return NULL;
}

static void describe(long number, unsigned long says[IS_COUNT])
{
	CALL_DATA(device_describe, says, IS_COUNT * sizeof(*says), number);
}

void device_fill(struct device *dev, long number, u64 *dma_mask)
{
	unsigned long says[IS_COUNT] = {0};
	char *name, *subsystem;

	describe(number, says);
	name = keep_text(lane_text());
	subsystem = strchr(name, '\n');
	*subsystem++ = '\0';
	initialize(dev);
	device_has(number, dev);
	dev->bus = bus_of(subsystem);
	name_device(dev, name);
	dev->kobj.state_in_sysfs = 1;
	dev->parent = device_of((long)says[IS_PARENT]);
	dev->of_node = node_of((long)says[IS_NODE]);
	dev->fwnode = of_fwnode_handle(dev->of_node);
	if (dma_mask != NULL) {
		*dma_mask = says[IS_MASK];
		dev->dma_mask = dma_mask;
	}
	dev->coherent_dma_mask = says[IS_COHERENT_MASK];
}

void masks_publish(struct device *dev)
{
	CALL(device_masks, number_of(dev), dev->dma_mask != NULL ? *dev->dma_mask : 0,
	     dev->coherent_dma_mask);
}

/* A device of neither bus, that the simulator made. */
static struct device *plain_struct(long number)
{
	struct {
		struct device dev;
		u64 dma_mask;
	} *made = calloc(1, sizeof(*made));

	if (made == NULL)
		abort();
	device_fill(&made->dev, number, &made->dma_mask);
	return &made->dev;
}

struct device *device_of(long number)
{
	unsigned long says[IS_COUNT] = {0};

	if (number == 0)
		return NULL;
	if ((unsigned long)number < struct_count && structs[number] != NULL)
		return structs[number];
	describe(number, says);
	switch (says[IS_KIND]) {
	case KIND_PLATFORM:
		return platform_struct(number);
	case KIND_PCI:
		return pci_struct(number);
	case KIND_AMBA:
		return amba_struct(number);
	default:
		return plain_struct(number);
	}
}

/* Names. */

int dev_set_name(struct device *dev, const char *format, ...)
{
	char name[256];
	va_list args;

	va_start(args, format);
	vsnprintf(name, sizeof(name), format, args);
	va_end(args);
	name_device(dev, keep_text(name));
	return 0;
}

const char *dev_driver_string(const struct device *dev)
{
	if (dev->driver != NULL)
		return dev->driver->name;
	if (dev->bus != NULL)
		return dev->bus->name;
	return dev->class != NULL ? dev->class->name : "";
}

/* Coming and going. */

void device_initialize(struct device *dev)
{
	initialize(dev);
	dev->p = NULL;
	dev->dmakit_number = 0;
	if (dev->kobj.name != NULL)
		name_device(dev, keep_text(dev->kobj.name));
}

struct device *get_device(struct device *dev)
{
	if (dev != NULL)
		kref_get(&dev->kobj.kref);
	return dev;
}

static void release_device(struct device *dev)
{
	struct device_private *private = dev->p;
	long number = number_of(dev);
	char *name = private == NULL ? NULL : private->name;

	if (private != NULL)
		device_forget(dev);
	if (number != 0) {
		CALL(device_free, number);
		device_has(number, NULL);
		dev->dmakit_number = 0;
	}
	dev->p = NULL;
	if (dev->release != NULL)
		dev->release(dev);
	else if (dev->type != NULL && dev->type->release != NULL)
		dev->type->release(dev);
	else if (dev->class != NULL && dev->class->dev_release != NULL)
		dev->class->dev_release(dev);
	else
		WARN(1,
		     "Device '%s' does not have a release() function, it is broken and must be "
		     "fixed. See Documentation/core-api/kobject.rst.\n",
		     name != NULL ? name : "");
	free(private);
	free(name);
}

static void release_kref(struct kref *kref)
{
	release_device(container_of(kref, struct device, kobj.kref));
}

void put_device(struct device *dev)
{
	if (dev != NULL)
		kref_put(&dev->kobj.kref, release_kref);
}

static void free_root(struct device *dev)
{
	free(dev);
}

struct device *root_device_register(const char *name)
{
	struct device *root = calloc(1, sizeof(*root));
	int error;

	if (root == NULL)
		abort();
	device_initialize(root);
	root->release = free_root;
	dev_set_name(root, "%s", name);
	error = device_add(root);
	if (error != 0) {
		put_device(root);
		return ERR_PTR(error);
	}
	return root;
}

void root_device_unregister(struct device *dev)
{
	device_unregister(dev);
}

/* Looking for devices. */

static struct device *next_struct(unsigned long *at)
{
	while (*at < struct_count) {
		struct device *dev = structs[(*at)++];

		if (dev != NULL && dev->kobj.state_in_sysfs)
			return dev;
	}
	return NULL;
}

int device_for_each_child(struct device *parent, void *data,
			  int (*function)(struct device *dev, void *data))
{
	unsigned long at = 0;
	struct device *dev;
	int result = 0;

	while (result == 0 && (dev = next_struct(&at)) != NULL)
		if (dev->parent == parent)
			result = function(dev, data);
	return result;
}

struct device *device_find_child(struct device *parent, const void *data,
				 int (*match)(struct device *dev, const void *data))
{
	unsigned long at = 0;
	struct device *dev;

	while ((dev = next_struct(&at)) != NULL)
		if (dev->parent == parent && match(dev, data))
			return get_device(dev);
	return NULL;
}

int device_match_name(struct device *dev, const void *name)
{
	return strcmp(dev_name(dev), name) == 0;
}

int device_match_of_node(struct device *dev, const void *node)
{
	return dev->of_node == node;
}

/* A bus's devices of the simulator get their structs first. */
static void meet_all(const struct bus_type *bus)
{
	long number = 0;

	while ((number = CALL_TEXT(device_next, bus->name, number)) > 0)
		device_of(number);
}

int bus_for_each_dev(const struct bus_type *bus, struct device *start, void *data,
		     int (*function)(struct device *dev, void *data))
{
	unsigned long at = start == NULL ? 0 : start->dmakit_number + 1;
	struct device *dev;
	int result = 0;

	meet_all(bus);
	while (result == 0 && (dev = next_struct(&at)) != NULL)
		if (dev->bus == bus)
			result = function(dev, data);
	return result;
}

struct device *bus_find_device(const struct bus_type *bus, struct device *start, const void *data,
			       int (*match)(struct device *dev, const void *data))
{
	unsigned long at = start == NULL ? 0 : start->dmakit_number + 1;
	struct device *dev;

	meet_all(bus);
	while ((dev = next_struct(&at)) != NULL)
		if (dev->bus == bus && match(dev, data))
			return get_device(dev);
	return NULL;
}

struct device *dmakit_bus_find_device_by_name(const struct bus_type *bus, const char *name)
{
	return bus_find_device(bus, NULL, name, device_match_name);
}

/* Buses and drivers of modules' own. */

struct bus_driver {
	struct list_head entry;
	struct device_driver *driver;
};
static LIST_HEAD(bus_drivers);

static int bind(struct device *dev, struct device_driver *driver)
{
	int error = 0;

	if (driver->bus->match != NULL && !driver->bus->match(dev, driver))
		return 0;
	dev->driver = driver;
	if (driver->bus->probe != NULL)
		error = driver->bus->probe(dev);
	else if (driver->probe != NULL)
		error = driver->probe(dev);
	if (error != 0) {
		device_forget(dev);
		dev->driver = NULL;
		dev->driver_data = NULL;
	}
	return error;
}

static bool is_own(const struct bus_type *bus)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(buses); i++)
		if (bus == buses[i])
			return false;
	return bus != NULL;
}

void bus_attach(struct device *dev)
{
	struct bus_driver *known;

	if (!is_own(dev->bus))
		return;
	list_for_each_entry(known, &bus_drivers, entry)
		if (dev->driver == NULL && known->driver->bus == dev->bus)
			bind(dev, known->driver);
}

static void leave(struct device *dev)
{
	if (dev->bus->remove != NULL)
		dev->bus->remove(dev);
	else if (dev->driver->remove != NULL)
		dev->driver->remove(dev);
	device_forget(dev);
	dev->driver = NULL;
	dev->driver_data = NULL;
}

void bus_detach(struct device *dev)
{
	if (is_own(dev->bus) && dev->driver != NULL)
		leave(dev);
}

int bus_register(const struct bus_type *bus)
{
	return (int)CALL_TEXT(bus_register, bus->name);
}

void bus_unregister(const struct bus_type *bus)
{
	CALL_TEXT(bus_unregister, bus->name);
}

int driver_register(struct device_driver *driver)
{
	struct bus_driver *known;
	struct device *dev;
	unsigned long at = 0;

	if (!is_own(driver->bus))
		return -EINVAL;
	known = calloc(1, sizeof(*known));
	if (known == NULL)
		abort();
	known->driver = driver;
	list_add_tail(&known->entry, &bus_drivers);
	while ((dev = next_struct(&at)) != NULL)
		if (dev->bus == driver->bus && dev->driver == NULL)
			bind(dev, driver);
	return 0;
}

void driver_unregister(struct device_driver *driver)
{
	struct bus_driver *known, *next;
	struct device *dev;
	unsigned long at = 0;

	while ((dev = next_struct(&at)) != NULL)
		if (dev->driver == driver)
			leave(dev);
	list_for_each_entry_safe(known, next, &bus_drivers, entry) {
		if (known->driver == driver) {
			list_del(&known->entry);
			free(known);
		}
	}
}

struct device_driver *driver_find(const char *name, const struct bus_type *bus)
{
	struct bus_driver *known;

	list_for_each_entry(known, &bus_drivers, entry)
		if (known->driver->bus == bus && strcmp(known->driver->name, name) == 0)
			return known->driver;
	return NULL;
}

struct device *driver_find_device_by_name(const struct device_driver *driver, const char *name)
{
	unsigned long at = 0;
	struct device *dev;

	while ((dev = next_struct(&at)) != NULL)
		if (dev->driver == driver && strcmp(dev_name(dev), name) == 0)
			return get_device(dev);
	return NULL;
}

int device_attach(struct device *dev)
{
	if (is_own(dev->bus))
		bus_attach(dev);
	else
		CALL(device_attach, number_of(dev));
	return dev->driver != NULL;
}

void device_release_driver(struct device *dev)
{
	if (is_own(dev->bus))
		bus_detach(dev);
	else
		CALL(device_release_driver, number_of(dev));
}

int device_set_wakeup_capable(struct device *dev, bool capable)
{
	dev->power.can_wakeup = capable;
	return 0;
}

/* Groups of attributes that go with the driver. */

static void remove_group(struct device *dev, void *resource)
{
	sysfs_remove_group(&dev->kobj, *(const struct attribute_group **)resource);
}

int devm_device_add_group(struct device *dev, const struct attribute_group *group)
{
	const struct attribute_group **kept =
		own_alloc(remove_group, sizeof(*kept));
	int error;

	if (kept == NULL)
		return -ENOMEM;
	error = sysfs_create_group(&dev->kobj, group);
	if (error != 0) {
		devres_free(kept);
		return error;
	}
	*kept = group;
	devres_add(dev, kept);
	return 0;
}

int devm_device_add_groups(struct device *dev, const struct attribute_group **groups)
{
	int error = 0;

	for (; groups != NULL && *groups != NULL && error == 0; groups++)
		error = devm_device_add_group(dev, *groups);
	return error;
}
