/* Classes, the devices in them, and misc devices. */
#include "files.h"

#include "device.h"

#define DEVICE_NAME_SIZE 64
#define MODE_OF_DEVICE_FILES 0600

const struct kobj_type dmakit_device_type = {0};

/* A device that was added here, in the order of that. */
struct added {
	struct list_head list;
	struct device *dev;
};
static LIST_HEAD(added_devices);

static struct added *find_added(const struct device *dev)
{
	struct added *added;

	list_for_each_entry(added, &added_devices, list)
		if (added->dev == dev)
			return added;
	return NULL;
}

/* Classes. */

int class_register(const struct class *class)
{
	struct class *own = (struct class *)class;
	long number = CALL_TEXT(class_create, class->name, class);

	if (number < 0)
		return (int)number;
	own->dmakit_number = number;
	for (const struct attribute_group **group = class->class_groups;
	     group != NULL && *group != NULL; group++)
		for (struct attribute **attr = (*group)->attrs; attr != NULL && *attr != NULL;
		     attr++)
			attribute_add(CALL(class_directory, number), ATTRIBUTE_CLASS, class, *attr,
				      (*attr)->mode);
	for (struct class_attribute *attr = class->class_attrs;
	     attr != NULL && attr->attr.name != NULL; attr++)
		class_create_file(class, attr);
	return 0;
}

void class_unregister(const struct class *class)
{
	CALL(class_destroy, class->dmakit_number);
}

struct class *dmakit_class_create(const char *name)
{
	struct class *class = allocate(sizeof *class);
	int result;

	class->name = copy_text(name);
	result = class_register(class);
	if (result != 0) {
		free((char *)class->name);
		free(class);
		return ERR_PTR(result);
	}
	return class;
}

void class_destroy(const struct class *class)
{
	if (IS_ERR_OR_NULL(class))
		return;
	class_unregister(class);
	free((char *)class->name);
	free((struct class *)class);
}

int class_create_file(const struct class *class, const struct class_attribute *attr)
{
	return attribute_add(CALL(class_directory, class->dmakit_number), ATTRIBUTE_CLASS, class,
			     &attr->attr, attr->attr.mode);
}

void class_remove_file(const struct class *class, const struct class_attribute *attr)
{
	attribute_remove(CALL(class_directory, class->dmakit_number), &attr->attr);
}

/* Devices of classes, of buses that modules make, and of neither. */

/* The file under /dev, where the type or class wants another than the device's name. */
static char *path_of(struct device *dev, umode_t *mode)
{
	char *path = NULL;

	if (dev->type != NULL && dev->type->devnode != NULL) {
		kuid_t uid = {0};
		kgid_t gid = {0};

		path = dev->type->devnode(dev, mode, &uid, &gid);
	}
	if (path == NULL && dev->class != NULL && dev->class->devnode != NULL)
		path = dev->class->devnode(dev, mode);
	return path;
}

/* What udev would do about a mode that the class tells it. */
static void ask_uevent(struct device *dev, umode_t *mode)
{
	struct kobj_uevent_env *env;

	if (dev->class == NULL || dev->class->dev_uevent == NULL)
		return;
	env = allocate(sizeof *env);
	dev->class->dev_uevent(dev, env);
	for (int i = 0; i < env->envp_idx; i++) {
		unsigned int told;

		if (strncmp(env->envp[i], "DEVMODE=", 8) == 0
		    && kstrtouint(env->envp[i] + 8, 0, &told) == 0)
			*mode = (umode_t)told;
	}
	free(env);
}

static int add_attributes(struct device *dev)
{
	int result = 0;

	if (dev->class != NULL) {
		for (struct device_attribute *attr = dev->class->dev_attrs;
		     result == 0 && attr != NULL && attr->attr.name != NULL; attr++)
			result = device_create_file(dev, attr);
		if (result == 0)
			result = sysfs_create_groups(&dev->kobj, dev->class->dev_groups);
	}
	if (result == 0 && dev->type != NULL)
		result = sysfs_create_groups(&dev->kobj, dev->type->groups);
	if (result == 0 && dev->bus != NULL)
		result = sysfs_create_groups(&dev->kobj, dev->bus->dev_groups);
	if (result == 0)
		result = sysfs_create_groups(&dev->kobj, dev->groups);
	return result;
}

/* The module that added it goes, and did not take it back. */
static long device_left(struct device *dev)
{
	struct added *added = find_added(dev);

	if (added != NULL) {
		list_del(&added->list);
		free(added);
	}
	device_has(number_of(dev), NULL);
	return 0;
}

static long tell_of_device(struct device *dev)
{
	const char *subsystem = dev->class != NULL ? dev->class->name
				: dev->bus != NULL ? dev->bus->name
						   : "";
	umode_t mode = 0;
	char *path = NULL;
	long number;

	if (dev->devt != 0) {
		path = path_of(dev, &mode);
		ask_uevent(dev, &mode);
	}
	number = lane_call(
		CALL_SLOT("device_add"),
		CALL_ARGS(dev->class == NULL ? 0 : dev->class->dmakit_number,
			  number_of(dev->parent), node_number(dev->of_node), dev->devt,
			  mode == 0 ? MODE_OF_DEVICE_FILES : mode, dev, device_left),
		&(struct parcel){
			.texts = {dev_name(dev), path == NULL ? dev_name(dev) : path, subsystem}});
	kfree(path);
	return number;
}

int device_add(struct device *dev)
{
	struct added *added;
	long number;
	int result;

	if (dev == NULL)
		return -EINVAL;
	if (dev->init_name != NULL) {
		dev_set_name(dev, "%s", dev->init_name);
		dev->init_name = NULL;
	}
	if (dev->kobj.name == NULL && dev->bus != NULL && dev->bus->dev_name != NULL)
		dev_set_name(dev, "%s%u", dev->bus->dev_name, dev->id);
	if (dev->kobj.name == NULL || dev->kobj.name[0] == '\0')
		return -EINVAL;
	number = tell_of_device(dev);
	if (number < 0)
		return (int)number;
	device_has(number, dev);
	get_device(dev->parent);
	dev->kobj.state_in_sysfs = 1;
	added = allocate(sizeof *added);
	added->dev = dev;
	list_add_tail(&added->list, &added_devices);
	result = add_attributes(dev);
	if (result != 0) {
		device_del(dev);
		return result;
	}
	bus_attach(dev);
	return 0;
}

void device_del(struct device *dev)
{
	struct added *added = find_added(dev);

	if (added == NULL)
		return;
	bus_detach(dev);
	device_forget(dev);
	list_del(&added->list);
	free(added);
	dev->kobj.state_in_sysfs = 0;
	CALL(device_del, number_of(dev));
	put_device(dev->parent);
}

int device_register(struct device *dev)
{
	device_initialize(dev);
	return device_add(dev);
}

void device_unregister(struct device *dev)
{
	device_del(dev);
	put_device(dev);
}

struct device *class_find_device(const struct class *class, const struct device *start,
				 const void *data,
				 int (*match)(struct device *dev, const void *data))
{
	bool behind = start == NULL;
	struct added *added;

	list_for_each_entry(added, &added_devices, list) {
		if (behind && added->dev->class == class && match(added->dev, data))
			return get_device(added->dev);
		behind |= added->dev == start;
	}
	return NULL;
}

static void free_created(struct device *dev)
{
	free(dev);
}

static struct device *create(const struct class *class, struct device *parent, dev_t devt,
			     void *data, const struct attribute_group **groups,
			     const char *format, va_list values)
{
	struct device *dev;
	char *name;
	int result;

	if (IS_ERR_OR_NULL(class))
		return ERR_PTR(-ENODEV);
	name = kvasprintf(GFP_KERNEL, format, values);
	if (name == NULL)
		return ERR_PTR(-ENOMEM);
	dev = allocate(sizeof *dev);
	device_initialize(dev);
	dev->devt = devt;
	dev->class = class;
	dev->parent = parent;
	dev->groups = groups;
	dev->release = free_created;
	dev_set_drvdata(dev, data);
	dev_set_name(dev, "%s", name);
	kfree(name);
	result = device_add(dev);
	if (result != 0) {
		put_device(dev);
		return ERR_PTR(result);
	}
	return dev;
}

struct device *device_create(const struct class *class, struct device *parent, dev_t devt,
			     void *data, const char *name, ...)
{
	struct device *dev;
	va_list values;

	va_start(values, name);
	dev = create(class, parent, devt, data, NULL, name, values);
	va_end(values);
	return dev;
}

struct device *device_create_with_groups(const struct class *class, struct device *parent,
					 dev_t devt, void *data,
					 const struct attribute_group **groups, const char *name,
					 ...)
{
	struct device *dev;
	va_list values;

	va_start(values, name);
	dev = create(class, parent, devt, data, groups, name, values);
	va_end(values);
	return dev;
}

static int has_number(struct device *dev, const void *number)
{
	return dev->devt == *(const dev_t *)number;
}

void device_destroy(const struct class *class, dev_t devt)
{
	struct device *dev = class_find_device(class, NULL, &devt, has_number);

	if (dev != NULL) {
		put_device(dev);
		device_unregister(dev);
	}
}

int device_create_file(struct device *dev, const struct device_attribute *attr)
{
	return dev == NULL ? 0 : sysfs_create_file(&dev->kobj, &attr->attr);
}

void device_remove_file(struct device *dev, const struct device_attribute *attr)
{
	if (dev != NULL)
		sysfs_remove_file(&dev->kobj, &attr->attr);
}

int device_create_bin_file(struct device *dev, const struct bin_attribute *attr)
{
	return dev == NULL ? -EINVAL : sysfs_create_bin_file(&dev->kobj, attr);
}

void device_remove_bin_file(struct device *dev, const struct bin_attribute *attr)
{
	if (dev != NULL)
		sysfs_remove_bin_file(&dev->kobj, attr);
}

int device_add_groups(struct device *dev, const struct attribute_group **groups)
{
	return sysfs_create_groups(&dev->kobj, groups);
}

void device_remove_groups(struct device *dev, const struct attribute_group **groups)
{
	sysfs_remove_groups(&dev->kobj, groups);
}

int driver_create_file(const struct device_driver *driver, const struct driver_attribute *attr)
{
	return attribute_add(CALL_TEXT2(driver_directory, driver->bus == NULL ? "platform"
									      : driver->bus->name,
					driver->name),
			     ATTRIBUTE_DRIVER, driver, &attr->attr, attr->attr.mode);
}

void driver_remove_file(const struct device_driver *driver, const struct driver_attribute *attr)
{
	long directory = CALL_TEXT2(driver_directory,
				    driver->bus == NULL ? "platform" : driver->bus->name,
				    driver->name);

	if (directory > 0)
		attribute_remove(directory, &attr->attr);
}

/* Ready-made attributes of numbers. */

#define NUMBER_ATTRIBUTE(name, type, format, parse)                                                \
	ssize_t device_show_##name(struct device *dev, struct device_attribute *attr, char *to)    \
	{                                                                                          \
		struct dev_ext_attribute *own                                                      \
			= container_of(attr, struct dev_ext_attribute, attr);                      \
                                                                                                   \
		(void)dev;                                                                         \
		return sysfs_emit(to, format, *(type *)own->var);                                  \
	}                                                                                          \
	ssize_t device_store_##name(struct device *dev, struct device_attribute *attr,             \
				    const char *from, size_t count)                                \
	{                                                                                          \
		struct dev_ext_attribute *own                                                      \
			= container_of(attr, struct dev_ext_attribute, attr);                      \
		type value;                                                                        \
		int result = parse;                                                                \
                                                                                                   \
		(void)dev;                                                                         \
		if (result != 0)                                                                   \
			return result;                                                             \
		*(type *)own->var = value;                                                         \
		return (ssize_t)count;                                                             \
	}

NUMBER_ATTRIBUTE(int, int, "%d\n", kstrtoint(from, 0, &value))
NUMBER_ATTRIBUTE(ulong, unsigned long, "%lx\n", kstrtoul(from, 0, &value))
NUMBER_ATTRIBUTE(bool, bool, "%d\n", kstrtobool(from, &value))

/* Misc devices. */

static const struct class misc_class = {.name = "misc"};

int misc_register(struct miscdevice *misc)
{
	struct device *dev;
	long number;
	int result;

	INIT_LIST_HEAD(&misc->list);
	number = CALL_TEXT2(misc_register, misc->name,
			    misc->nodename == NULL ? misc->name : misc->nodename, misc,
			    misc->minor, misc->mode == 0 ? MODE_OF_DEVICE_FILES : misc->mode,
			    number_of(misc->parent), file_call);
	if (number < 0)
		return (int)number;
	misc->dmakit_number = number;
	misc->minor = (int)answered(0);
	dev = allocate(sizeof *dev);
	device_initialize(dev);
	dev_set_name(dev, "%s", misc->name);
	dev->class = &misc_class;
	dev->parent = misc->parent;
	dev->devt = MKDEV(MISC_MAJOR, misc->minor);
	dev->release = free_created;
	device_has(number, dev);
	dev_set_drvdata(dev, misc);
	dev->kobj.state_in_sysfs = 1;
	misc->this_device = dev;
	result = sysfs_create_groups(&dev->kobj, misc->groups);
	if (result != 0)
		misc_deregister(misc);
	return result;
}

void misc_deregister(struct miscdevice *misc)
{
	CALL(misc_deregister, misc);
	if (misc->this_device != NULL)
		put_device(misc->this_device);
	misc->this_device = NULL;
}
