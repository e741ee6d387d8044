/* Objects in sysfs, their attributes, classes, misc devices, cdev, uio. */
#ifndef DMAKIT_CLASS_H
#define DMAKIT_CLASS_H

#include <dmakit/fs.h>

struct kobject;
struct kset;
struct bin_attribute;
struct kobj_uevent_env;

struct attribute {
	const char *name;
	umode_t mode;
};
struct attribute_group {
	const char *name;
	umode_t (*is_visible)(struct kobject *kobj, struct attribute *attr, int index);
	umode_t (*is_bin_visible)(struct kobject *kobj, struct bin_attribute *attr, int index);
	struct attribute **attrs;
	struct bin_attribute **bin_attrs;
};
struct bin_attribute {
	struct attribute attr;
	size_t size;
	void *private;
	struct address_space *(*f_mapping)(void);
	ssize_t (*read)(struct file *file, struct kobject *kobj, struct bin_attribute *attr,
			char *to, loff_t offset, size_t count);
	ssize_t (*write)(struct file *file, struct kobject *kobj, struct bin_attribute *attr,
			 char *from, loff_t offset, size_t count);
	int (*mmap)(struct file *file, struct kobject *kobj, struct bin_attribute *attr,
		    struct vm_area_struct *vma);
};
struct sysfs_ops {
	ssize_t (*show)(struct kobject *kobj, struct attribute *attr, char *to);
	ssize_t (*store)(struct kobject *kobj, struct attribute *attr, const char *from,
			 size_t count);
};
struct kobj_type {
	void (*release)(struct kobject *kobj);
	const struct sysfs_ops *sysfs_ops;
	struct attribute **default_attrs;
	const struct attribute_group **default_groups;
};
struct kobject {
	const char *name;
	struct list_head entry;
	struct kobject *parent;
	struct kset *kset;
	const struct kobj_type *ktype;
	struct kref kref;
	unsigned int state_initialized : 1;
	unsigned int state_in_sysfs : 1;
	unsigned int state_add_uevent_sent : 1;
	unsigned int state_remove_uevent_sent : 1;
	long dmakit_number;
};
struct kset_uevent_ops;
struct kset {
	struct list_head list;
	spinlock_t list_lock;
	struct kobject kobj;
	const struct kset_uevent_ops *uevent_ops;
};
struct kobj_attribute {
	struct attribute attr;
	ssize_t (*show)(struct kobject *kobj, struct kobj_attribute *attr, char *to);
	ssize_t (*store)(struct kobject *kobj, struct kobj_attribute *attr, const char *from,
			 size_t count);
};
struct kobj_uevent_env {
	char *argv[3];
	char *envp[64];
	int envp_idx;
	char buf[2048];
	int buflen;
};
enum kobject_action {
	KOBJ_ADD,
	KOBJ_REMOVE,
	KOBJ_CHANGE,
	KOBJ_MOVE,
	KOBJ_ONLINE,
	KOBJ_OFFLINE,
	KOBJ_BIND,
	KOBJ_UNBIND,
};
extern const struct sysfs_ops kobj_sysfs_ops;
extern struct kobject *const dmakit_kernel_kobj, *const dmakit_fs_kobj, *const dmakit_firmware_kobj;
#define kernel_kobj dmakit_kernel_kobj
#define fs_kobj dmakit_fs_kobj
#define firmware_kobj dmakit_firmware_kobj
void kobject_init(struct kobject *kobj, const struct kobj_type *type);
int kobject_add(struct kobject *kobj, struct kobject *parent, const char *name, ...)
	__printf(3, 4);
int kobject_init_and_add(struct kobject *kobj, const struct kobj_type *type,
			 struct kobject *parent, const char *name, ...) __printf(4, 5);
struct kobject *kobject_create_and_add(const char *name, struct kobject *parent);
int kobject_set_name(struct kobject *kobj, const char *name, ...) __printf(2, 3);
int kobject_rename(struct kobject *kobj, const char *name);
void kobject_del(struct kobject *kobj);
struct kobject *kobject_get(struct kobject *kobj);
void kobject_put(struct kobject *kobj);
int kobject_uevent(struct kobject *kobj, enum kobject_action action);
int kobject_uevent_env(struct kobject *kobj, enum kobject_action action, char *env[]);
int add_uevent_var(struct kobj_uevent_env *env, const char *format, ...) __printf(2, 3);
struct kset *kset_create_and_add(const char *name, const struct kset_uevent_ops *ops,
				 struct kobject *parent);
int kset_register(struct kset *kset);
void kset_unregister(struct kset *kset);
static inline const char *kobject_name(const struct kobject *kobj)
{
	return kobj->name;
}

#define __ATTR(name_, mode_, show_, store_)                                                        \
	{                                                                                          \
		.attr = {.name = #name_, .mode = (mode_)}, .show = (void *)(show_),                \
		.store = (void *)(store_)                                                          \
	}
#define __ATTR_PREALLOC(name, mode, show, store) __ATTR(name, mode, show, store)
#define __ATTR_RO(name) __ATTR(name, 0444, name##_show, NULL)
#define __ATTR_RO_MODE(name, mode) __ATTR(name, mode, name##_show, NULL)
#define __ATTR_WO(name) __ATTR(name, 0200, NULL, name##_store)
#define __ATTR_RW(name) __ATTR(name, 0644, name##_show, name##_store)
#define __ATTR_RW_MODE(name, mode) __ATTR(name, mode, name##_show, name##_store)
#define __ATTR_NULL {.attr = {.name = NULL}}
#define __ATTRIBUTE_GROUPS(name)                                                                   \
	static const struct attribute_group *name##_groups[] = {&name##_group, NULL}
#define ATTRIBUTE_GROUPS(name)                                                                     \
	static const struct attribute_group name##_group = {.attrs = name##_attrs};                \
	__ATTRIBUTE_GROUPS(name)
#define __BIN_ATTR(name_, mode_, read_, write_, size_)                                             \
	{                                                                                          \
		.attr = {.name = #name_, .mode = (mode_)}, .size = (size_),                        \
		.read = (void *)(read_), .write = (void *)(write_)                                 \
	}
#define BIN_ATTR(name, mode, read, write, size)                                                    \
	struct bin_attribute bin_attr_##name = __BIN_ATTR(name, mode, read, write, size)
#define BIN_ATTR_RO(name, size) BIN_ATTR(name, 0444, name##_read, NULL, size)
#define BIN_ATTR_WO(name, size) BIN_ATTR(name, 0200, NULL, name##_write, size)
#define BIN_ATTR_RW(name, size) BIN_ATTR(name, 0644, name##_read, name##_write, size)
#define sysfs_attr_init(attr) ((void)(attr))
#define sysfs_bin_attr_init(attr) ((void)(attr))

int sysfs_create_file(struct kobject *kobj, const struct attribute *attr);
void sysfs_remove_file(struct kobject *kobj, const struct attribute *attr);
int sysfs_create_files(struct kobject *kobj, const struct attribute *const *attrs);
void sysfs_remove_files(struct kobject *kobj, const struct attribute *const *attrs);
int sysfs_create_group(struct kobject *kobj, const struct attribute_group *group);
void sysfs_remove_group(struct kobject *kobj, const struct attribute_group *group);
int sysfs_create_groups(struct kobject *kobj, const struct attribute_group **groups);
void sysfs_remove_groups(struct kobject *kobj, const struct attribute_group **groups);
int sysfs_create_bin_file(struct kobject *kobj, const struct bin_attribute *attr);
void sysfs_remove_bin_file(struct kobject *kobj, const struct bin_attribute *attr);
int sysfs_create_link(struct kobject *kobj, struct kobject *target, const char *name);
void sysfs_remove_link(struct kobject *kobj, const char *name);
void sysfs_notify(struct kobject *kobj, const char *dir, const char *attr);
#if DMAKIT_IS_SINCE(5, 10)
int sysfs_emit(char *to, const char *format, ...) __printf(2, 3);
int sysfs_emit_at(char *to, int at, const char *format, ...) __printf(3, 4);
#endif

/* Classes. */
struct device;
struct dev_pm_ops;
struct class_attribute;
struct device_attribute;
struct class {
	const char *name;
	struct module *owner;
	const struct attribute_group **class_groups;
	const struct attribute_group **dev_groups;
	struct class_attribute *class_attrs;
	struct device_attribute *dev_attrs;
	int (*dev_uevent)(const struct device *dev, struct kobj_uevent_env *env);
	char *(*devnode)(const struct device *dev, umode_t *mode);
	void (*class_release)(const struct class *class);
	void (*dev_release)(struct device *dev);
	int (*shutdown_pre)(struct device *dev);
	const struct dev_pm_ops *pm;
	long dmakit_number;
};
struct class_attribute {
	struct attribute attr;
	ssize_t (*show)(const struct class *class, const struct class_attribute *attr, char *to);
	ssize_t (*store)(const struct class *class, const struct class_attribute *attr,
			 const char *from, size_t count);
};
#define CLASS_ATTR(name, mode, show, store)                                                        \
	struct class_attribute class_attr_##name = __ATTR(name, mode, show, store)
#define CLASS_ATTR_RO(name) struct class_attribute class_attr_##name = __ATTR_RO(name)
#define CLASS_ATTR_WO(name) struct class_attribute class_attr_##name = __ATTR_WO(name)
#define CLASS_ATTR_RW(name) struct class_attribute class_attr_##name = __ATTR_RW(name)
struct class *dmakit_class_create(const char *name);
/* With the owner before Linux 6.4. */
#define class_create1(name) dmakit_class_create(name)
#define class_create2(owner, name) ((void)(owner), dmakit_class_create(name))
#define class_create(...) DMAKIT_BY_COUNT(class_create, __VA_ARGS__)
void class_destroy(const struct class *class);
int class_register(const struct class *class);
void class_unregister(const struct class *class);
int class_create_file(const struct class *class, const struct class_attribute *attr);
void class_remove_file(const struct class *class, const struct class_attribute *attr);
struct device *device_create(const struct class *class, struct device *parent, dev_t dev,
			     void *data, const char *name, ...) __printf(5, 6);
struct device *device_create_with_groups(const struct class *class, struct device *parent,
					 dev_t dev, void *data,
					 const struct attribute_group **groups, const char *name,
					 ...) __printf(6, 7);
void device_destroy(const struct class *class, dev_t dev);
#define device_create_drvdata(class, parent, dev, data, name, ...)                                 \
	device_create(class, parent, dev, data, name, ##__VA_ARGS__)
#define class_device_create(class, parent, dev, device, name, ...)                                 \
	device_create(class, device, dev, NULL, name, ##__VA_ARGS__)
#define class_device_destroy(class, dev) device_destroy(class, dev)

struct cdev {
	struct kobject kobj;
	struct module *owner;
	const struct file_operations *ops;
	struct list_head list;
	dev_t dev;
	unsigned int count;
	long dmakit_number;
};
void cdev_init(struct cdev *cdev, const struct file_operations *ops);
struct cdev *cdev_alloc(void);
int cdev_add(struct cdev *cdev, dev_t first, unsigned int count);
void cdev_del(struct cdev *cdev);
void cdev_set_parent(struct cdev *cdev, struct kobject *parent);
int cdev_device_add(struct cdev *cdev, struct device *dev);
void cdev_device_del(struct cdev *cdev, struct device *dev);

struct miscdevice {
	int minor;
	const char *name;
	const struct file_operations *fops;
	struct list_head list;
	struct device *parent;
	struct device *this_device;
	const struct attribute_group **groups;
	const char *nodename;
	umode_t mode;
	long dmakit_number;
};
#define MISC_DYNAMIC_MINOR 255
#define MISC_MAJOR 10
#define MISC_MAJOR_NUMBER 10
int misc_register(struct miscdevice *misc);
void misc_deregister(struct miscdevice *misc);
#define module_misc_device(misc) module_driver(misc, misc_register, misc_deregister)

#endif
