/* Devices and drivers, managed resources, properties, power, clocks. */
#ifndef DMAKIT_DEVICE_H
#define DMAKIT_DEVICE_H

#include <dmakit/class.h>
#include <dmakit/irq.h>

struct bus_type;
struct device;
struct device_driver;
struct device_node;
struct device_type;
struct fwnode_handle;
struct iommu_domain;
struct iommu_group;
struct of_device_id;

struct device_dma_parameters {
	unsigned int max_segment_size;
	unsigned int min_align_mask;
	unsigned long segment_boundary_mask;
};

typedef struct pm_message {
	int event;
} pm_message_t;
#define PMSG_SUSPEND ((pm_message_t){2})
#define PMSG_ON ((pm_message_t){0})
#define PM_EVENT_SUSPEND 2
struct dev_pm_ops {
	int (*prepare)(struct device *dev);
	void (*complete)(struct device *dev);
	int (*suspend)(struct device *dev);
	int (*resume)(struct device *dev);
	int (*freeze)(struct device *dev);
	int (*thaw)(struct device *dev);
	int (*poweroff)(struct device *dev);
	int (*restore)(struct device *dev);
	int (*suspend_late)(struct device *dev);
	int (*resume_early)(struct device *dev);
	int (*freeze_late)(struct device *dev);
	int (*thaw_early)(struct device *dev);
	int (*poweroff_late)(struct device *dev);
	int (*restore_early)(struct device *dev);
	int (*suspend_noirq)(struct device *dev);
	int (*resume_noirq)(struct device *dev);
	int (*freeze_noirq)(struct device *dev);
	int (*thaw_noirq)(struct device *dev);
	int (*poweroff_noirq)(struct device *dev);
	int (*restore_noirq)(struct device *dev);
	int (*runtime_suspend)(struct device *dev);
	int (*runtime_resume)(struct device *dev);
	int (*runtime_idle)(struct device *dev);
};
#define SYSTEM_SLEEP_PM_OPS(sleep, wake)                                                           \
	.suspend = (sleep), .resume = (wake), .freeze = (sleep), .thaw = (wake),                   \
	.poweroff = (sleep), .restore = (wake),
#define LATE_SYSTEM_SLEEP_PM_OPS(sleep, wake)                                                      \
	.suspend_late = (sleep), .resume_early = (wake), .freeze_late = (sleep),                   \
	.thaw_early = (wake), .poweroff_late = (sleep), .restore_early = (wake),
#define NOIRQ_SYSTEM_SLEEP_PM_OPS(sleep, wake)                                                     \
	.suspend_noirq = (sleep), .resume_noirq = (wake), .freeze_noirq = (sleep),                 \
	.thaw_noirq = (wake), .poweroff_noirq = (sleep), .restore_noirq = (wake),
#define RUNTIME_PM_OPS(sleep, wake, idle)                                                          \
	.runtime_suspend = (sleep), .runtime_resume = (wake), .runtime_idle = (idle),
#define SET_SYSTEM_SLEEP_PM_OPS(sleep, wake) SYSTEM_SLEEP_PM_OPS(sleep, wake)
#define SET_LATE_SYSTEM_SLEEP_PM_OPS(sleep, wake) LATE_SYSTEM_SLEEP_PM_OPS(sleep, wake)
#define SET_NOIRQ_SYSTEM_SLEEP_PM_OPS(sleep, wake) NOIRQ_SYSTEM_SLEEP_PM_OPS(sleep, wake)
#define SET_RUNTIME_PM_OPS(sleep, wake, idle) RUNTIME_PM_OPS(sleep, wake, idle)
#define SIMPLE_DEV_PM_OPS(name, sleep, wake)                                                       \
	const struct dev_pm_ops __maybe_unused name = {SYSTEM_SLEEP_PM_OPS(sleep, wake)}
#define DEFINE_SIMPLE_DEV_PM_OPS(name, sleep, wake)                                                \
	const struct dev_pm_ops name = {SYSTEM_SLEEP_PM_OPS(sleep, wake)}
#define UNIVERSAL_DEV_PM_OPS(name, sleep, wake, idle)                                              \
	const struct dev_pm_ops __maybe_unused name = {                                            \
		SYSTEM_SLEEP_PM_OPS(sleep, wake) RUNTIME_PM_OPS(sleep, wake, idle)}
#define DEFINE_RUNTIME_DEV_PM_OPS(name, sleep, wake, idle)                                         \
	const struct dev_pm_ops name = {                                                           \
		.suspend = pm_runtime_force_suspend, .resume = pm_runtime_force_resume,            \
		RUNTIME_PM_OPS(sleep, wake, idle)}
#define pm_ptr(p) (p)
#define pm_sleep_ptr(p) (p)

enum probe_type { PROBE_DEFAULT_STRATEGY, PROBE_PREFER_ASYNCHRONOUS, PROBE_FORCE_SYNCHRONOUS };
struct device_driver {
	const char *name;
	const struct bus_type *bus;
	struct module *owner;
	const char *mod_name;
	bool suppress_bind_attrs;
	enum probe_type probe_type;
	const struct of_device_id *of_match_table;
	const struct acpi_device_id *acpi_match_table;
	int (*probe)(struct device *dev);
	int (*remove)(struct device *dev);
	void (*shutdown)(struct device *dev);
	int (*suspend)(struct device *dev, pm_message_t state);
	int (*resume)(struct device *dev);
	const struct attribute_group **groups;
	const struct attribute_group **dev_groups;
	const struct dev_pm_ops *pm;
	void (*coredump)(struct device *dev);
	long dmakit_number;
};
struct bus_type {
	const char *name;
	const char *dev_name;
	const struct attribute_group **bus_groups, **dev_groups, **drv_groups;
	int (*match)(struct device *dev, const struct device_driver *driver);
	int (*uevent)(const struct device *dev, struct kobj_uevent_env *env);
	int (*probe)(struct device *dev);
	void (*remove)(struct device *dev);
	void (*shutdown)(struct device *dev);
	const struct dev_pm_ops *pm;
	long dmakit_number;
};
/* Since Linux 6.9 drivers see the buses so. */
#if defined(MODULE) && LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
#define DMAKIT_CONST_FOR_MODULES const
#else
#define DMAKIT_CONST_FOR_MODULES
#endif

struct device_type {
	const char *name;
	const struct attribute_group **groups;
	int (*uevent)(const struct device *dev, struct kobj_uevent_env *env);
	char *(*devnode)(const struct device *dev, umode_t *mode, kuid_t *uid, kgid_t *gid);
	void (*release)(struct device *dev);
	const struct dev_pm_ops *pm;
};
struct dev_pm_info {
	unsigned int can_wakeup : 1;
	unsigned int runtime_auto : 1;
	int runtime_status;
	atomic_t usage_count;
};
struct dev_archdata {
	void *dma_ops;
};
struct device {
	struct kobject kobj;
	struct device *parent;
	void *p;
	const char *init_name;
	const struct device_type *type;
	const struct bus_type *bus;
	struct device_driver *driver;
	void *platform_data;
	void *driver_data;
	struct mutex mutex;
	struct dev_pm_info power;
	u64 *dma_mask;
	u64 coherent_dma_mask;
	u64 bus_dma_limit;
	struct device_dma_parameters *dma_parms;
	struct dev_archdata archdata;
	struct device_node *of_node;
	struct fwnode_handle *fwnode;
	int numa_node;
	dev_t devt;
	u32 id;
	const struct class *class;
	const struct attribute_group **groups;
	void (*release)(struct device *dev);
	struct iommu_group *iommu_group;
	bool offline_disabled : 1;
	bool dma_coherent : 1;
	unsigned long dmakit_number;
};
struct device_attribute {
	struct attribute attr;
	ssize_t (*show)(struct device *dev, struct device_attribute *attr, char *to);
	ssize_t (*store)(struct device *dev, struct device_attribute *attr, const char *from,
			 size_t count);
};
struct driver_attribute {
	struct attribute attr;
	ssize_t (*show)(struct device_driver *driver, char *to);
	ssize_t (*store)(struct device_driver *driver, const char *from, size_t count);
};
struct dev_ext_attribute {
	struct device_attribute attr;
	void *var;
};
#define DEVICE_ATTR(name, mode, show, store)                                                       \
	struct device_attribute dev_attr_##name = __ATTR(name, mode, show, store)
#define DEVICE_ATTR_RO(name) struct device_attribute dev_attr_##name = __ATTR_RO(name)
#define DEVICE_ATTR_WO(name) struct device_attribute dev_attr_##name = __ATTR_WO(name)
#define DEVICE_ATTR_RW(name) struct device_attribute dev_attr_##name = __ATTR_RW(name)
#define DEVICE_ATTR_ADMIN_RO(name)                                                                 \
	struct device_attribute dev_attr_##name = __ATTR_RO_MODE(name, 0400)
#define DEVICE_ATTR_ADMIN_RW(name)                                                                 \
	struct device_attribute dev_attr_##name = __ATTR_RW_MODE(name, 0600)
#define DRIVER_ATTR_RO(name) struct driver_attribute driver_attr_##name = __ATTR_RO(name)
#define DRIVER_ATTR_WO(name) struct driver_attribute driver_attr_##name = __ATTR_WO(name)
#define DRIVER_ATTR_RW(name) struct driver_attribute driver_attr_##name = __ATTR_RW(name)
#define DRIVER_ATTR(name, mode, show, store)                                                       \
	struct driver_attribute driver_attr_##name = __ATTR(name, mode, show, store)
ssize_t device_show_int(struct device *dev, struct device_attribute *attr, char *to);
ssize_t device_store_int(struct device *dev, struct device_attribute *attr, const char *from,
			 size_t count);
ssize_t device_show_ulong(struct device *dev, struct device_attribute *attr, char *to);
ssize_t device_store_ulong(struct device *dev, struct device_attribute *attr, const char *from,
			   size_t count);
ssize_t device_show_bool(struct device *dev, struct device_attribute *attr, char *to);
ssize_t device_store_bool(struct device *dev, struct device_attribute *attr, const char *from,
			  size_t count);
#define DEVICE_INT_ATTR(name_, mode_, var_)                                                        \
	struct dev_ext_attribute dev_attr_##name_ = {                                              \
		__ATTR(name_, mode_, device_show_int, device_store_int), &(var_)}
#define DEVICE_ULONG_ATTR(name_, mode_, var_)                                                      \
	struct dev_ext_attribute dev_attr_##name_ = {                                              \
		__ATTR(name_, mode_, device_show_ulong, device_store_ulong), &(var_)}
#define DEVICE_BOOL_ATTR(name_, mode_, var_)                                                       \
	struct dev_ext_attribute dev_attr_##name_ = {                                              \
		__ATTR(name_, mode_, device_show_bool, device_store_bool), &(var_)}

static inline const char *dev_name(const struct device *dev)
{
	return dev->init_name != NULL ? dev->init_name : kobject_name(&dev->kobj);
}

static inline void *dev_get_drvdata(const struct device *dev)
{
	return dev->driver_data;
}

static inline void dev_set_drvdata(struct device *dev, void *data)
{
	dev->driver_data = data;
}

static inline void *dev_get_platdata(const struct device *dev)
{
	return dev->platform_data;
}

static inline struct device *kobj_to_dev(struct kobject *kobj)
{
	return container_of(kobj, struct device, kobj);
}

#define dev_to_node(dev) ((dev)->numa_node)
#define set_dev_node(dev, node) ((void)((dev)->numa_node = (node)))
#define dev_of_node(dev) ((dev)->of_node)
#define dev_fwnode(dev) ((dev)->fwnode)
#define device_is_registered(dev) ((dev)->kobj.state_in_sysfs)
#define device_lock(dev) mutex_lock(&(dev)->mutex)
#define device_unlock(dev) mutex_unlock(&(dev)->mutex)
#define device_trylock(dev) mutex_trylock(&(dev)->mutex)
#define dev_bus_name(dev) ((dev)->bus != NULL ? (dev)->bus->name : "")
const char *dev_driver_string(const struct device *dev);
int dev_set_name(struct device *dev, const char *name, ...) __printf(2, 3);
void device_initialize(struct device *dev);
int device_add(struct device *dev);
void device_del(struct device *dev);
int device_register(struct device *dev);
void device_unregister(struct device *dev);
struct device *get_device(struct device *dev);
void put_device(struct device *dev);
int device_create_file(struct device *dev, const struct device_attribute *attr);
void device_remove_file(struct device *dev, const struct device_attribute *attr);
int device_create_bin_file(struct device *dev, const struct bin_attribute *attr);
void device_remove_bin_file(struct device *dev, const struct bin_attribute *attr);
int device_add_groups(struct device *dev, const struct attribute_group **groups);
void device_remove_groups(struct device *dev, const struct attribute_group **groups);
int devm_device_add_group(struct device *dev, const struct attribute_group *group);
int devm_device_add_groups(struct device *dev, const struct attribute_group **groups);
#define device_add_group(dev, group) sysfs_create_group(&(dev)->kobj, group)
#define device_remove_group(dev, group) sysfs_remove_group(&(dev)->kobj, group)
int device_for_each_child(struct device *dev, void *data,
			  int (*function)(struct device *dev, void *data));
struct device *device_find_child(struct device *dev, const void *data,
				 int (*match)(struct device *dev, const void *data));
int device_match_name(struct device *dev, const void *name);
int device_match_of_node(struct device *dev, const void *node);
struct device *root_device_register(const char *name);
void root_device_unregister(struct device *dev);
int driver_register(struct device_driver *driver);
void driver_unregister(struct device_driver *driver);
int driver_create_file(const struct device_driver *driver, const struct driver_attribute *attr);
void driver_remove_file(const struct device_driver *driver, const struct driver_attribute *attr);
struct device *driver_find_device_by_name(const struct device_driver *driver, const char *name);
struct device_driver *driver_find(const char *name, const struct bus_type *bus);
int device_attach(struct device *dev);
void device_release_driver(struct device *dev);
int bus_register(const struct bus_type *bus);
void bus_unregister(const struct bus_type *bus);
int bus_for_each_dev(const struct bus_type *bus, struct device *start, void *data,
		     int (*function)(struct device *dev, void *data));
struct device *bus_find_device(const struct bus_type *bus, struct device *start, const void *data,
			       int (*match)(struct device *dev, const void *data));
struct device *dmakit_bus_find_device_by_name(const struct bus_type *bus, const char *name);
#define bus_find_device_by_name(bus, start, name) dmakit_bus_find_device_by_name(bus, name)
struct device *class_find_device(const struct class *class, const struct device *start,
				 const void *data,
				 int (*match)(struct device *dev, const void *data));
#define class_find_device_by_name(class, name)                                                     \
	class_find_device(class, NULL, name, (void *)device_match_name)
int device_set_wakeup_capable(struct device *dev, bool capable);
#define device_init_wakeup(dev, enable) 0
#define device_may_wakeup(dev) false
#define device_wakeup_enable(dev) 0

/* Lines of the log that name a device: "driver device: text". */
#ifndef dev_fmt
#define dev_fmt(format) format
#endif
void _dev_printk(const char *level, const struct device *dev, const char *format, ...)
	__printf(3, 4);
#define dev_printk(level, dev, format, ...) _dev_printk(level, dev, dev_fmt(format), ##__VA_ARGS__)
#define dev_emerg(dev, format, ...) dev_printk(KERN_EMERG, dev, format, ##__VA_ARGS__)
#define dev_alert(dev, format, ...) dev_printk(KERN_ALERT, dev, format, ##__VA_ARGS__)
#define dev_crit(dev, format, ...) dev_printk(KERN_CRIT, dev, format, ##__VA_ARGS__)
#define dev_err(dev, format, ...) dev_printk(KERN_ERR, dev, format, ##__VA_ARGS__)
#define dev_warn(dev, format, ...) dev_printk(KERN_WARNING, dev, format, ##__VA_ARGS__)
#define dev_notice(dev, format, ...) dev_printk(KERN_NOTICE, dev, format, ##__VA_ARGS__)
#define dev_info(dev, format, ...) dev_printk(KERN_INFO, dev, format, ##__VA_ARGS__)
#define _dev_err(dev, format, ...) _dev_printk(KERN_ERR, dev, format, ##__VA_ARGS__)
#define _dev_warn(dev, format, ...) _dev_printk(KERN_WARNING, dev, format, ##__VA_ARGS__)
#define _dev_info(dev, format, ...) _dev_printk(KERN_INFO, dev, format, ##__VA_ARGS__)
#define dev_dbg(dev, format, ...)                                                                  \
	({                                                                                         \
		if (DMAKIT_DEBUG_LINES)                                                            \
			dev_printk(KERN_DEBUG, dev, format, ##__VA_ARGS__);                        \
	})
#ifdef VERBOSE_DEBUG
#define dev_vdbg(dev, format, ...) dev_dbg(dev, format, ##__VA_ARGS__)
#else
#define dev_vdbg(dev, format, ...)                                                                 \
	({                                                                                         \
		if (0)                                                                             \
			dev_printk(KERN_DEBUG, dev, format, ##__VA_ARGS__);                        \
	})
#endif
#define dev_level_once(level, dev, format, ...)                                                    \
	DO_ONCE_LITE(dev_printk, level, dev, format, ##__VA_ARGS__)
#define dev_err_once(dev, format, ...) dev_level_once(KERN_ERR, dev, format, ##__VA_ARGS__)
#define dev_warn_once(dev, format, ...) dev_level_once(KERN_WARNING, dev, format, ##__VA_ARGS__)
#define dev_notice_once(dev, format, ...) dev_level_once(KERN_NOTICE, dev, format, ##__VA_ARGS__)
#define dev_info_once(dev, format, ...) dev_level_once(KERN_INFO, dev, format, ##__VA_ARGS__)
#define dev_dbg_once(dev, format, ...) DO_ONCE_LITE(dev_dbg, dev, format, ##__VA_ARGS__)
#define dev_level_ratelimited(level, dev, format, ...)                                             \
	do {                                                                                       \
		if (printk_ratelimit())                                                            \
			dev_printk(level, dev, format, ##__VA_ARGS__);                             \
	} while (0)
#define dev_err_ratelimited(dev, format, ...)                                                      \
	dev_level_ratelimited(KERN_ERR, dev, format, ##__VA_ARGS__)
#define dev_warn_ratelimited(dev, format, ...)                                                     \
	dev_level_ratelimited(KERN_WARNING, dev, format, ##__VA_ARGS__)
#define dev_notice_ratelimited(dev, format, ...)                                                   \
	dev_level_ratelimited(KERN_NOTICE, dev, format, ##__VA_ARGS__)
#define dev_info_ratelimited(dev, format, ...)                                                     \
	dev_level_ratelimited(KERN_INFO, dev, format, ##__VA_ARGS__)
#define dev_dbg_ratelimited(dev, format, ...)                                                      \
	do {                                                                                       \
		if (DMAKIT_DEBUG_LINES)                                                            \
			dev_level_ratelimited(KERN_DEBUG, dev, format, ##__VA_ARGS__);             \
	} while (0)
int dev_err_probe(const struct device *dev, int error, const char *format, ...) __printf(3, 4);
#define dev_err_ptr_probe(dev, error, format, ...)                                                 \
	ERR_PTR(dev_err_probe(dev, error, format, ##__VA_ARGS__))
#define dev_WARN(dev, format, ...)                                                                 \
	WARN(1, "%s %s: " format, dev_driver_string(dev), dev_name(dev), ##__VA_ARGS__)
#define dev_WARN_ONCE(dev, condition, format, ...)                                                 \
	WARN_ONCE(condition, "%s %s: " format, dev_driver_string(dev), dev_name(dev), ##__VA_ARGS__)

/* Managed resources. */
typedef void (*dr_release_t)(struct device *dev, void *resource);
typedef int (*dr_match_t)(struct device *dev, void *resource, void *data);
void *devres_alloc(dr_release_t release, size_t size, gfp_t flags);
void devres_free(void *resource);
void devres_add(struct device *dev, void *resource);
void *devres_find(struct device *dev, dr_release_t release, dr_match_t match, void *data);
int devres_destroy(struct device *dev, dr_release_t release, dr_match_t match, void *data);
int devres_release(struct device *dev, dr_release_t release, dr_match_t match, void *data);
void *devres_open_group(struct device *dev, void *id, gfp_t flags);
void devres_close_group(struct device *dev, void *id);
int devres_release_group(struct device *dev, void *id);
void devres_remove_group(struct device *dev, void *id);
int devm_add_action(struct device *dev, void (*action)(void *), void *data);
int devm_add_action_or_reset(struct device *dev, void (*action)(void *), void *data);
void devm_remove_action(struct device *dev, void (*action)(void *), void *data);
void devm_release_action(struct device *dev, void (*action)(void *), void *data);
void *devm_kmalloc(struct device *dev, size_t size, gfp_t flags);
void *devm_kzalloc(struct device *dev, size_t size, gfp_t flags);
void *devm_kmalloc_array(struct device *dev, size_t count, size_t size, gfp_t flags);
void *devm_kcalloc(struct device *dev, size_t count, size_t size, gfp_t flags);
void *devm_krealloc(struct device *dev, void *p, size_t size, gfp_t flags);
void devm_kfree(struct device *dev, const void *p);
char *devm_kstrdup(struct device *dev, const char *text, gfp_t flags);
#define devm_kstrdup_const(dev, text, flags) devm_kstrdup(dev, text, flags)
void *devm_kmemdup(struct device *dev, const void *p, size_t bytes, gfp_t flags);
char *devm_kasprintf(struct device *dev, gfp_t flags, const char *format, ...) __printf(3, 4);
unsigned long devm_get_free_pages(struct device *dev, gfp_t flags, unsigned int order);
void devm_free_pages(struct device *dev, unsigned long va);
int devm_mutex_init(struct device *dev, struct mutex *lock);
int devm_kobject_release(struct device *dev, struct kobject *kobj);

/* Properties, of the device tree or of software nodes. */
struct fwnode_handle {
	struct fwnode_handle *secondary;
	struct device *dev;
	long dmakit_number;
};
struct property_entry {
	const char *name;
	size_t length;
	int type;
	bool is_inline;
	union {
		const void *pointer;
		u64 value;
	};
};
enum {
	DMAKIT_PROPERTY_NUMBER = 1,
	DMAKIT_PROPERTY_STRING = 2,
	DMAKIT_PROPERTY_STRINGS = 3,
	DMAKIT_PROPERTY_BOOL = 4,
};
#define DMAKIT_PROPERTY(name_, type_, length_, inline_, ...)                                       \
	((struct property_entry){.name = (name_),                                                  \
				 .type = (type_),                                                  \
				 .length = (length_),                                              \
				 .is_inline = (inline_),                                           \
				 {__VA_ARGS__}})
#define PROPERTY_ENTRY_U8(name, v) DMAKIT_PROPERTY(name, DMAKIT_PROPERTY_NUMBER, 1, 1, .value = (v))
#define PROPERTY_ENTRY_U16(name, v)                                                                \
	DMAKIT_PROPERTY(name, DMAKIT_PROPERTY_NUMBER, 2, 1, .value = (v))
#define PROPERTY_ENTRY_U32(name, v)                                                                \
	DMAKIT_PROPERTY(name, DMAKIT_PROPERTY_NUMBER, 4, 1, .value = (v))
#define PROPERTY_ENTRY_U64(name, v)                                                                \
	DMAKIT_PROPERTY(name, DMAKIT_PROPERTY_NUMBER, 8, 1, .value = (v))
#define PROPERTY_ENTRY_STRING(name, v)                                                             \
	DMAKIT_PROPERTY(name, DMAKIT_PROPERTY_STRING, sizeof(const char *), 1, .pointer = (v))
#define PROPERTY_ENTRY_BOOL(name) DMAKIT_PROPERTY(name, DMAKIT_PROPERTY_BOOL, 0, 1, .value = 1)
#define PROPERTY_ENTRY_U32_ARRAY(name, v)                                                          \
	DMAKIT_PROPERTY(name, DMAKIT_PROPERTY_NUMBER, sizeof(v), 0, .pointer = (v))
#define PROPERTY_ENTRY_STRING_ARRAY(name, v)                                                       \
	DMAKIT_PROPERTY(name, DMAKIT_PROPERTY_STRINGS, sizeof(v), 0, .pointer = (v))
struct software_node {
	const char *name;
	const struct software_node *parent;
	const struct property_entry *properties;
};
int device_create_managed_software_node(struct device *dev, const struct property_entry *properties,
					const struct software_node *parent);
int device_add_properties(struct device *dev, const struct property_entry *properties);
void device_remove_properties(struct device *dev);
bool device_property_present(const struct device *dev, const char *name);
bool device_property_read_bool(const struct device *dev, const char *name);
/* A number, or numbers; count 0 asks how many there are. */
int dmakit_property_numbers(const struct device *dev, const char *name, void *values, size_t count,
			    unsigned int bytes);
#define device_property_read_u8(dev, name, v) dmakit_property_numbers(dev, name, v, 1, 1)
#define device_property_read_u16(dev, name, v) dmakit_property_numbers(dev, name, v, 1, 2)
#define device_property_read_u32(dev, name, v) dmakit_property_numbers(dev, name, v, 1, 4)
#define device_property_read_u64(dev, name, v) dmakit_property_numbers(dev, name, v, 1, 8)
#define device_property_read_u8_array(dev, name, v, n) dmakit_property_numbers(dev, name, v, n, 1)
#define device_property_read_u16_array(dev, name, v, n) dmakit_property_numbers(dev, name, v, n, 2)
#define device_property_read_u32_array(dev, name, v, n) dmakit_property_numbers(dev, name, v, n, 4)
#define device_property_read_u64_array(dev, name, v, n) dmakit_property_numbers(dev, name, v, n, 8)
#define device_property_count_u32(dev, name) dmakit_property_numbers(dev, name, NULL, 0, 4)
int device_property_read_string(const struct device *dev, const char *name, const char **value);
int device_property_read_string_array(const struct device *dev, const char *name,
				      const char **values, size_t count);
#define device_property_string_array_count(dev, name)                                              \
	device_property_read_string_array(dev, name, NULL, 0)
int device_property_match_string(const struct device *dev, const char *name, const char *text);
const void *device_get_match_data(const struct device *dev);
enum dev_dma_attr { DEV_DMA_NOT_SUPPORTED, DEV_DMA_NON_COHERENT, DEV_DMA_COHERENT };
enum dev_dma_attr device_get_dma_attr(const struct device *dev);
bool fwnode_property_present(const struct fwnode_handle *node, const char *name);
#define fwnode_property_read_bool(node, name) fwnode_property_present(node, name)
int fwnode_property_read_u32_array(const struct fwnode_handle *node, const char *name, u32 *values,
				   size_t count);
#define fwnode_property_read_u32(node, name, value)                                                \
	fwnode_property_read_u32_array(node, name, value, 1)
int fwnode_irq_get(const struct fwnode_handle *node, unsigned int index);
bool device_is_compatible(const struct device *dev, const char *compatible);
unsigned int device_get_child_node_count(const struct device *dev);
struct fwnode_handle *device_get_next_child_node(const struct device *dev,
						 struct fwnode_handle *child);
void fwnode_handle_put(struct fwnode_handle *node);

/* No power domains: devices are on. */
#define dev_pm_domain_attach_by_id(dev, index) ((void)(dev), (void)(index), (struct device *)NULL)
#define dev_pm_domain_attach_by_name(dev, name) ((void)(dev), (void)(name), (struct device *)NULL)
#define dev_pm_domain_detach(dev, off) ((void)(dev), (void)(off))

/* Which device needs which: nothing goes to sleep by itself. */
#define DL_FLAG_STATELESS 1
#define DL_FLAG_AUTOREMOVE_CONSUMER 2
#define DL_FLAG_PM_RUNTIME 4
#define DL_FLAG_RPM_ACTIVE 8
#define DL_FLAG_AUTOREMOVE_SUPPLIER 16
struct device_link {
	struct device *consumer, *supplier;
};
struct device_link *device_link_add(struct device *consumer, struct device *supplier, u32 flags);
void device_link_del(struct device_link *link);
void device_link_remove(struct device *consumer, struct device *supplier);

/* Runtime power management. */
void pm_runtime_enable(struct device *dev);
void pm_runtime_disable(struct device *dev);
int dmakit_pm_get(struct device *dev, bool sync, bool resume);
int dmakit_pm_put(struct device *dev, bool sync, bool idle);
bool pm_runtime_enabled(struct device *dev);
bool pm_runtime_suspended(struct device *dev);
bool pm_runtime_active(struct device *dev);
int pm_runtime_resume_and_get(struct device *dev);
int pm_runtime_get_if_in_use(struct device *dev);
int pm_runtime_set_active(struct device *dev);
int pm_runtime_set_suspended(struct device *dev);
int pm_runtime_suspend(struct device *dev);
int pm_runtime_resume(struct device *dev);
int pm_runtime_idle(struct device *dev);
int pm_runtime_barrier(struct device *dev);
int pm_runtime_force_suspend(struct device *dev);
int pm_runtime_force_resume(struct device *dev);
int devm_pm_runtime_enable(struct device *dev);
void pm_runtime_allow(struct device *dev);
void pm_runtime_forbid(struct device *dev);
#define pm_runtime_get(dev) dmakit_pm_get(dev, false, true)
#define pm_runtime_get_sync(dev) dmakit_pm_get(dev, true, true)
#define pm_runtime_get_noresume(dev) ((void)dmakit_pm_get(dev, true, false))
#define pm_runtime_put(dev) dmakit_pm_put(dev, false, true)
#define pm_runtime_put_sync(dev) dmakit_pm_put(dev, true, true)
#define pm_runtime_put_noidle(dev) ((void)dmakit_pm_put(dev, true, false))
#define pm_runtime_put_autosuspend(dev) dmakit_pm_put(dev, false, true)
#define pm_runtime_put_sync_suspend(dev) dmakit_pm_put(dev, true, true)
#define pm_runtime_put_sync_autosuspend(dev) dmakit_pm_put(dev, true, true)
#define pm_runtime_mark_last_busy(dev) ((void)(dev))
#define pm_runtime_use_autosuspend(dev) ((void)(dev))
#define pm_runtime_dont_use_autosuspend(dev) ((void)(dev))
#define pm_runtime_set_autosuspend_delay(dev, ms) ((void)(dev))
#define pm_runtime_irq_safe(dev) ((void)(dev))
#define pm_runtime_no_callbacks(dev) ((void)(dev))
#define pm_request_resume(dev) 0
#define pm_runtime_status_suspended(dev) pm_runtime_suspended(dev)
#define pm_suspend_ignore_children(dev, enable) ((void)(dev))
#define pm_stay_awake(dev) ((void)(dev))
#define pm_relax(dev) ((void)(dev))

/* Clocks, resets, regulators, pins. */
struct clk;
struct clk *clk_get(struct device *dev, const char *id);
void clk_put(struct clk *clk);
struct clk *devm_clk_get(struct device *dev, const char *id);
struct clk *devm_clk_get_optional(struct device *dev, const char *id);
struct clk *devm_clk_get_enabled(struct device *dev, const char *id);
struct clk *devm_clk_get_optional_enabled(struct device *dev, const char *id);
void devm_clk_put(struct device *dev, struct clk *clk);
struct clk *of_clk_get(struct device_node *node, int index);
struct clk *of_clk_get_by_name(struct device_node *node, const char *name);
int clk_prepare(struct clk *clk);
void clk_unprepare(struct clk *clk);
int clk_enable(struct clk *clk);
void clk_disable(struct clk *clk);
int clk_prepare_enable(struct clk *clk);
void clk_disable_unprepare(struct clk *clk);
unsigned long clk_get_rate(struct clk *clk);
int clk_set_rate(struct clk *clk, unsigned long rate);
long clk_round_rate(struct clk *clk, unsigned long rate);
int clk_set_parent(struct clk *clk, struct clk *parent);
struct clk_bulk_data {
	const char *id;
	struct clk *clk;
};
int devm_clk_bulk_get(struct device *dev, int count, struct clk_bulk_data *clks);
int devm_clk_bulk_get_all(struct device *dev, struct clk_bulk_data **clks);
int clk_bulk_prepare_enable(int count, const struct clk_bulk_data *clks);
void clk_bulk_disable_unprepare(int count, const struct clk_bulk_data *clks);
struct reset_control;
struct reset_control *devm_reset_control_get(struct device *dev, const char *id);
struct reset_control *devm_reset_control_get_optional(struct device *dev, const char *id);
struct reset_control *reset_control_get(struct device *dev, const char *id);
#define devm_reset_control_get_exclusive(dev, id) devm_reset_control_get(dev, id)
#define devm_reset_control_get_shared(dev, id) devm_reset_control_get(dev, id)
#define devm_reset_control_get_optional_exclusive(dev, id) devm_reset_control_get_optional(dev, id)
#define devm_reset_control_get_optional_shared(dev, id) devm_reset_control_get_optional(dev, id)
#define devm_reset_control_array_get_exclusive(dev) devm_reset_control_get(dev, NULL)
#define devm_reset_control_array_get_optional_exclusive(dev)                                       \
	devm_reset_control_get_optional(dev, NULL)
#define reset_control_get_exclusive(dev, id) reset_control_get(dev, id)
void reset_control_put(struct reset_control *reset);
int reset_control_assert(struct reset_control *reset);
int reset_control_deassert(struct reset_control *reset);
int reset_control_reset(struct reset_control *reset);
int reset_control_status(struct reset_control *reset);
int reset_control_rearm(struct reset_control *reset);
int device_reset(struct device *dev);
#define device_reset_optional(dev) 0
struct regulator;
struct regulator *devm_regulator_get(struct device *dev, const char *id);
#define devm_regulator_get_optional(dev, id) devm_regulator_get(dev, id)
struct regulator *regulator_get(struct device *dev, const char *id);
#define regulator_get_optional(dev, id) regulator_get(dev, id)
void regulator_put(struct regulator *regulator);
int regulator_enable(struct regulator *regulator);
int regulator_disable(struct regulator *regulator);
struct gpio_desc;
enum gpiod_flags { GPIOD_ASIS = 0, GPIOD_IN = 1, GPIOD_OUT_LOW = 3, GPIOD_OUT_HIGH = 7 };
struct gpio_desc *devm_gpiod_get(struct device *dev, const char *id, enum gpiod_flags flags);
struct gpio_desc *devm_gpiod_get_optional(struct device *dev, const char *id,
					  enum gpiod_flags flags);
void gpiod_set_value(struct gpio_desc *gpio, int value);
int gpiod_get_value(const struct gpio_desc *gpio);
int gpiod_direction_input(struct gpio_desc *gpio);
int gpiod_direction_output(struct gpio_desc *gpio, int value);
int gpiod_to_irq(const struct gpio_desc *gpio);
#define gpiod_set_value_cansleep(gpio, value) gpiod_set_value(gpio, value)
#define gpiod_get_value_cansleep(gpio) gpiod_get_value(gpio)
#define GPIOF_DIR_OUT 0
#define GPIOF_DIR_IN 1
#define GPIOF_IN 1
#define GPIOF_OUT_INIT_LOW 0
#define GPIOF_OUT_INIT_HIGH 2
bool gpio_is_valid(int gpio);
int gpio_request(unsigned int gpio, const char *name);
int gpio_request_one(unsigned int gpio, unsigned long flags, const char *name);
int devm_gpio_request(struct device *dev, unsigned int gpio, const char *name);
int devm_gpio_request_one(struct device *dev, unsigned int gpio, unsigned long flags,
			  const char *name);
void gpio_free(unsigned int gpio);
int gpio_direction_input(unsigned int gpio);
int gpio_direction_output(unsigned int gpio, int value);
int gpio_get_value(unsigned int gpio);
void gpio_set_value(unsigned int gpio, int value);
int gpio_to_irq(unsigned int gpio);
#define gpio_get_value_cansleep(gpio) gpio_get_value(gpio)
#define gpio_set_value_cansleep(gpio, value) gpio_set_value(gpio, value)
struct pinctrl;
struct pinctrl *devm_pinctrl_get(struct device *dev);
struct pinctrl *devm_pinctrl_get_select(struct device *dev, const char *name);
#define devm_pinctrl_get_select_default(dev) devm_pinctrl_get_select(dev, "default")
#define pinctrl_pm_select_default_state(dev) 0
#define pinctrl_pm_select_sleep_state(dev) 0

struct firmware {
	size_t size;
	const u8 *data;
	void *priv;
};
int request_firmware(const struct firmware **firmware, const char *name, struct device *dev);
/* Asks at once, and tells that there is none. */
int request_firmware_nowait(struct module *module, bool uevent, const char *name,
			    struct device *dev, gfp_t gfp, void *context,
			    void (*told)(const struct firmware *firmware, void *context));
#define firmware_request_nowait_nowarn(module, name, dev, gfp, context, told)                      \
	request_firmware_nowait(module, true, name, dev, gfp, context, told)
void release_firmware(const struct firmware *firmware);
#define request_firmware_direct(firmware, name, dev) request_firmware(firmware, name, dev)
#define firmware_request_nowarn(firmware, name, dev) request_firmware(firmware, name, dev)

/* Devices whose registers and interrupt a user program drives. */
#define MAX_UIO_MAPS 5
#define UIO_MEM_NONE 0
#define UIO_MEM_PHYS 1
#define UIO_MEM_LOGICAL 2
#define UIO_MEM_VIRTUAL 3
#define UIO_MEM_IOVA 4
#define UIO_MEM_DMA_COHERENT 5
#define UIO_IRQ_CUSTOM (-1)
#define UIO_IRQ_NONE 0
struct uio_mem {
	const char *name;
	phys_addr_t addr;
	dma_addr_t dma_addr;
	unsigned long offs;
	resource_size_t size;
	int memtype;
	void __iomem *internal_addr;
	struct device *dma_device;
};
struct uio_port {
	const char *name;
	unsigned long start;
	unsigned long size;
	int porttype;
};
struct uio_device;
struct uio_info {
	struct uio_device *uio_dev;
	const char *name;
	const char *version;
	struct uio_mem mem[MAX_UIO_MAPS];
	struct uio_port port[MAX_UIO_MAPS];
	long irq;
	unsigned long irq_flags;
	void *priv;
	irqreturn_t (*handler)(int irq, struct uio_info *info);
	int (*mmap)(struct uio_info *info, struct vm_area_struct *vma);
	int (*open)(struct uio_info *info, struct inode *inode);
	int (*release)(struct uio_info *info, struct inode *inode);
	int (*irqcontrol)(struct uio_info *info, s32 on);
};
int __uio_register_device(struct module *owner, struct device *parent, struct uio_info *info);
#define uio_register_device(parent, info) __uio_register_device(THIS_MODULE, parent, info)
#define devm_uio_register_device(parent, info) __uio_register_device(THIS_MODULE, parent, info)
void uio_unregister_device(struct uio_info *info);
void uio_event_notify(struct uio_info *info);

#endif
