/* Objects with a directory in sysfs, and attributes in it. */
#include "files.h"

#include "device.h"

static struct kobject kernel_object = {.name = "kernel", .dmakit_number = NODE_SYS_KERNEL};
static struct kobject fs_object = {.name = "fs", .dmakit_number = NODE_SYS_FS};
static struct kobject firmware_object = {.name = "firmware", .dmakit_number = NODE_SYS_FIRMWARE};
struct kobject *const dmakit_kernel_kobj = &kernel_object;
struct kobject *const dmakit_fs_kobj = &fs_object;
struct kobject *const dmakit_firmware_kobj = &firmware_object;

/* Life. */

static void set_name(struct kobject *kobj, const char *format, va_list values)
{
	char *name = kvasprintf(GFP_KERNEL, format, values);

	if (name == NULL)
		return;
	kfree_const(kobj->name);
	for (char *c = name; *c != '\0'; c++)
		if (*c == '/')
			*c = '!';
	kobj->name = name;
}

int kobject_set_name(struct kobject *kobj, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	set_name(kobj, format, values);
	va_end(values);
	return kobj->name == NULL ? -ENOMEM : 0;
}

void kobject_init(struct kobject *kobj, const struct kobj_type *type)
{
	if (kobj->state_initialized)
		pr_err("kobject (%p): tried to init an initialized object, something is seriously "
		       "wrong.\n",
		       kobj);
	kref_init(&kobj->kref);
	INIT_LIST_HEAD(&kobj->entry);
	kobj->state_in_sysfs = 0;
	kobj->state_initialized = 1;
	kobj->ktype = type;
	kobj->dmakit_number = 0;
}

long kobject_directory(const struct kobject *kobj)
{
	if (kobj->dmakit_number != 0)
		return kobj->dmakit_number;
	if (kobj->ktype == NULL || kobj->ktype == &dmakit_device_type)
		return CALL(device_directory, kobj_to_dev(kobj)->dmakit_number);
	return -ENOENT;
}

static int add_default_attributes(struct kobject *kobj)
{
	const struct kobj_type *type = kobj->ktype;
	int result = 0;

	if (type == NULL)
		return 0;
	for (struct attribute **attr = type->default_attrs; attr != NULL && *attr != NULL; attr++) {
		result = sysfs_create_file(kobj, *attr);
		if (result != 0)
			return result;
	}
	if (type->default_groups != NULL)
		result = sysfs_create_groups(kobj, type->default_groups);
	return result;
}

static int add(struct kobject *kobj, struct kobject *parent)
{
	long directory;
	int result;

	if (kobj->name == NULL || kobj->name[0] == '\0') {
		WARN(1, "kobject: attempted to be registered with empty name!\n");
		return -EINVAL;
	}
	if (parent == NULL && kobj->kset != NULL)
		parent = &kobj->kset->kobj;
	directory = CALL_TEXT(kobject_add, kobj->name,
			      parent == NULL ? NODE_SYS : kobject_directory(parent));
	if (directory < 0) {
		pr_err("kobject_add_internal failed for %s (error: %ld parent: %s)\n", kobj->name,
		       directory, parent == NULL ? "'none'" : parent->name);
		return (int)directory;
	}
	kobj->parent = kobject_get(parent);
	kobj->dmakit_number = directory;
	kobj->state_in_sysfs = 1;
	result = add_default_attributes(kobj);
	if (result != 0)
		kobject_del(kobj);
	return result;
}

int kobject_add(struct kobject *kobj, struct kobject *parent, const char *name, ...)
{
	va_list values;

	if (kobj == NULL)
		return -EINVAL;
	if (!kobj->state_initialized) {
		pr_err("kobject '%s' (%p): tried to add an uninitialized object, something is "
		       "seriously wrong.\n",
		       name, kobj);
		return -EINVAL;
	}
	va_start(values, name);
	set_name(kobj, name, values);
	va_end(values);
	return add(kobj, parent);
}

int kobject_init_and_add(struct kobject *kobj, const struct kobj_type *type,
			 struct kobject *parent, const char *name, ...)
{
	va_list values;

	kobject_init(kobj, type);
	va_start(values, name);
	set_name(kobj, name, values);
	va_end(values);
	return add(kobj, parent);
}

static ssize_t show_plain(struct kobject *kobj, struct attribute *attr, char *to)
{
	struct kobj_attribute *own = container_of(attr, struct kobj_attribute, attr);

	return own->show == NULL ? -EIO : own->show(kobj, own, to);
}

static ssize_t store_plain(struct kobject *kobj, struct attribute *attr, const char *from,
			   size_t count)
{
	struct kobj_attribute *own = container_of(attr, struct kobj_attribute, attr);

	return own->store == NULL ? -EIO : own->store(kobj, own, from, count);
}

const struct sysfs_ops kobj_sysfs_ops = {.show = show_plain, .store = store_plain};

static void free_plain(struct kobject *kobj)
{
	kfree(kobj);
}

static const struct kobj_type plain_type = {.release = free_plain, .sysfs_ops = &kobj_sysfs_ops};

struct kobject *kobject_create_and_add(const char *name, struct kobject *parent)
{
	struct kobject *kobj = kzalloc(sizeof *kobj, GFP_KERNEL);

	if (kobj == NULL)
		return NULL;
	if (kobject_init_and_add(kobj, &plain_type, parent, "%s", name) != 0) {
		kobject_put(kobj);
		return NULL;
	}
	return kobj;
}

int kobject_rename(struct kobject *kobj, const char *name)
{
	(void)kobj;
	(void)name;
	return -EOPNOTSUPP;
}

void kobject_del(struct kobject *kobj)
{
	struct kobject *parent;

	if (kobj == NULL || !kobj->state_in_sysfs)
		return;
	CALL(kobject_del, kobj->dmakit_number);
	kobj->dmakit_number = 0;
	kobj->state_in_sysfs = 0;
	parent = kobj->parent;
	kobj->parent = NULL;
	kobject_put(parent);
}

struct kobject *kobject_get(struct kobject *kobj)
{
	if (kobj != NULL && kobj->state_initialized)
		kref_get(&kobj->kref);
	return kobj;
}

static void release_kobject(struct kref *kref)
{
	struct kobject *kobj = container_of(kref, struct kobject, kref);
	const struct kobj_type *type = kobj->ktype;
	const char *name = kobj->name;

	kobject_del(kobj);
	if (type != NULL && type->release != NULL)
		type->release(kobj);
	kfree_const(name);
}

void kobject_put(struct kobject *kobj)
{
	if (kobj == NULL)
		return;
	if (kobj == &kernel_object || kobj == &fs_object || kobj == &firmware_object)
		return;
	if (!kobj->state_initialized) {
		WARN(1,
		     "kobject: '%s' (%p): is not initialized, yet kobject_put() is being called.\n",
		     kobject_name(kobj), kobj);
		return;
	}
	kref_put(&kobj->kref, release_kobject);
}

/* Nobody listens to these. */

int kobject_uevent(struct kobject *kobj, enum kobject_action action)
{
	return kobject_uevent_env(kobj, action, NULL);
}

int kobject_uevent_env(struct kobject *kobj, enum kobject_action action, char *env[])
{
	(void)env;
	if (action == KOBJ_ADD)
		kobj->state_add_uevent_sent = 1;
	return 0;
}

int add_uevent_var(struct kobj_uevent_env *env, const char *format, ...)
{
	size_t room = sizeof env->buf - (size_t)env->buflen;
	va_list values;
	int length;

	if (env->envp_idx >= (int)ARRAY_SIZE(env->envp)) {
		WARN(1, "add_uevent_var: too many keys\n");
		return -ENOMEM;
	}
	va_start(values, format);
	length = vsnprintf(&env->buf[env->buflen], room, format, values);
	va_end(values);
	if (length < 0 || (size_t)length >= room) {
		WARN(1, "add_uevent_var: buffer size too small\n");
		return -ENOMEM;
	}
	env->envp[env->envp_idx++] = &env->buf[env->buflen];
	env->buflen += length + 1;
	return 0;
}

/* Sets. */

static void free_kset(struct kobject *kobj)
{
	kfree(container_of(kobj, struct kset, kobj));
}

static const struct kobj_type kset_type = {.release = free_kset, .sysfs_ops = &kobj_sysfs_ops};

static void init_kset(struct kset *kset, const struct kobj_type *type)
{
	INIT_LIST_HEAD(&kset->list);
	spin_lock_init(&kset->list_lock);
	kobject_init(&kset->kobj, type);
}

struct kset *kset_create_and_add(const char *name, const struct kset_uevent_ops *ops,
				 struct kobject *parent)
{
	struct kset *kset = kzalloc(sizeof *kset, GFP_KERNEL);

	if (kset == NULL)
		return NULL;
	init_kset(kset, &kset_type);
	kset->uevent_ops = ops;
	if (kobject_add(&kset->kobj, parent, "%s", name) != 0) {
		kobject_put(&kset->kobj);
		return NULL;
	}
	return kset;
}

int kset_register(struct kset *kset)
{
	init_kset(kset, kset->kobj.ktype);
	return add(&kset->kobj, kset->kobj.parent);
}

void kset_unregister(struct kset *kset)
{
	if (kset == NULL)
		return;
	kobject_del(&kset->kobj);
	kobject_put(&kset->kobj);
}

/* Attributes. */

enum { ATTRIBUTE_STORE = 0x100 };

static ssize_t show(enum attribute_kind kind, void *object, struct attribute *attr, char *to)
{
	struct kobject *kobj = object;

	switch (kind) {
	case ATTRIBUTE_KOBJECT:
		return kobj->ktype->sysfs_ops == NULL || kobj->ktype->sysfs_ops->show == NULL
			       ? -EIO
			       : kobj->ktype->sysfs_ops->show(kobj, attr, to);
	case ATTRIBUTE_DEVICE: {
		struct device_attribute *own = container_of(attr, struct device_attribute, attr);

		return own->show == NULL ? -EIO : own->show(object, own, to);
	}
	case ATTRIBUTE_DRIVER: {
		struct driver_attribute *own = container_of(attr, struct driver_attribute, attr);

		return own->show == NULL ? -EIO : own->show(object, to);
	}
	case ATTRIBUTE_CLASS: {
		struct class_attribute *own = container_of(attr, struct class_attribute, attr);

		return own->show == NULL ? -EIO : own->show(object, own, to);
	}
	case ATTRIBUTE_PARAM: {
		const struct kernel_param *param = object;

		return param->ops->get == NULL ? -EPERM : param->ops->get(to, param);
	}
	}
	return -EIO;
}

static ssize_t store(enum attribute_kind kind, void *object, struct attribute *attr,
		     const char *from, size_t count)
{
	struct kobject *kobj = object;

	switch (kind) {
	case ATTRIBUTE_KOBJECT:
		return kobj->ktype->sysfs_ops == NULL || kobj->ktype->sysfs_ops->store == NULL
			       ? -EIO
			       : kobj->ktype->sysfs_ops->store(kobj, attr, from, count);
	case ATTRIBUTE_DEVICE: {
		struct device_attribute *own = container_of(attr, struct device_attribute, attr);

		return own->store == NULL ? -EIO : own->store(object, own, from, count);
	}
	case ATTRIBUTE_DRIVER: {
		struct driver_attribute *own = container_of(attr, struct driver_attribute, attr);

		return own->store == NULL ? -EIO : own->store(object, from, count);
	}
	case ATTRIBUTE_CLASS: {
		struct class_attribute *own = container_of(attr, struct class_attribute, attr);

		return own->store == NULL ? -EIO : own->store(object, own, from, count);
	}
	case ATTRIBUTE_PARAM: {
		const struct kernel_param *param = object;
		int result = param->ops->set(from, param);

		return result < 0 ? result : (ssize_t)count;
	}
	}
	return -EIO;
}

/* The simulator's way to attributes: they get a page of kernel memory, as in the kernel. */
long dmakit_attribute_call(long what, void *object, struct attribute *attr, long exchange)
{
	enum attribute_kind kind = (enum attribute_kind)(what & (ATTRIBUTE_STORE - 1));
	char *page = (char *)get_zeroed_page(GFP_KERNEL);
	long result;

	if (page == NULL)
		return -ENOMEM;
	if (what & ATTRIBUTE_STORE) {
		long length = take_text(exchange, page, PAGE_SIZE);

		result = store(kind, object, attr, page, (size_t)length);
	} else {
		result = show(kind, object, attr, page);
		if (result >= (long)PAGE_SIZE) {
			pr_err("fill_read_buffer: show returned bad count\n");
			result = PAGE_SIZE - 1;
		}
		if (result > 0)
			give_text(exchange, page, (size_t)result);
	}
	free_page((unsigned long)page);
	return result;
}

int attribute_add(long directory, enum attribute_kind kind, const void *object,
		  const struct attribute *attr, umode_t mode)
{
	if (directory < 0)
		return (int)directory;
	return (int)CALL_TEXT(attribute_add, attr->name, directory, mode, kind, object, attr,
			      dmakit_attribute_call);
}

void attribute_remove(long directory, const struct attribute *attr)
{
	CALL_TEXT(attribute_remove, attr->name, directory);
}

/* Devices have attributes of their own kind. */
static enum attribute_kind kind_of(const struct kobject *kobj)
{
	return kobj->ktype == NULL || kobj->ktype == &dmakit_device_type ? ATTRIBUTE_DEVICE
									 : ATTRIBUTE_KOBJECT;
}

static const void *object_of(const struct kobject *kobj)
{
	return kind_of(kobj) == ATTRIBUTE_DEVICE ? (const void *)kobj_to_dev(kobj) : kobj;
}

int sysfs_create_file(struct kobject *kobj, const struct attribute *attr)
{
	if (kobj == NULL || attr == NULL)
		return -EINVAL;
	return attribute_add(kobject_directory(kobj), kind_of(kobj), object_of(kobj), attr,
			     attr->mode);
}

void sysfs_remove_file(struct kobject *kobj, const struct attribute *attr)
{
	attribute_remove(kobject_directory(kobj), attr);
}

int sysfs_create_files(struct kobject *kobj, const struct attribute *const *attrs)
{
	int result = 0;
	int i;

	for (i = 0; result == 0 && attrs[i] != NULL; i++)
		result = sysfs_create_file(kobj, attrs[i]);
	if (result != 0)
		for (i -= 2; i >= 0; i--)
			sysfs_remove_file(kobj, attrs[i]);
	return result;
}

void sysfs_remove_files(struct kobject *kobj, const struct attribute *const *attrs)
{
	for (int i = 0; attrs[i] != NULL; i++)
		sysfs_remove_file(kobj, attrs[i]);
}

/* Files of bytes. */

struct bin_file {
	struct file_entry entry;
	struct kobject *kobj;
	struct bin_attribute *attr;
};

static struct bin_file *bin_of(struct file *file)
{
	return entry_of(file)->object;
}

static ssize_t clip(const struct bin_attribute *attr, loff_t position, size_t count)
{
	if (count > PAGE_SIZE)
		count = PAGE_SIZE;
	if (attr->size == 0)
		return (ssize_t)count;
	if (position >= (loff_t)attr->size)
		return 0;
	return (ssize_t)(count < attr->size - position ? count : attr->size - position);
}

static ssize_t read_bin(struct file *file, char __user *to, size_t count, loff_t *position)
{
	struct bin_file *bin = bin_of(file);
	ssize_t result = clip(bin->attr, *position, count);
	char *page;

	if (result == 0)
		return 0;
	if (bin->attr->read == NULL)
		return -EIO;
	page = (char *)get_zeroed_page(GFP_KERNEL);
	if (page == NULL)
		return -ENOMEM;
	result = bin->attr->read(file, bin->kobj, bin->attr, page, *position, (size_t)result);
	if (result > 0 && copy_to_user(to, page, (size_t)result) != 0)
		result = -EFAULT;
	if (result > 0)
		*position += result;
	free_page((unsigned long)page);
	return result;
}

static ssize_t write_bin(struct file *file, const char __user *from, size_t count,
			 loff_t *position)
{
	struct bin_file *bin = bin_of(file);
	ssize_t result = clip(bin->attr, *position, count);
	char *page;

	if (result == 0)
		return count == 0 ? 0 : -EFBIG;
	if (bin->attr->write == NULL)
		return -EIO;
	page = (char *)get_zeroed_page(GFP_KERNEL);
	if (page == NULL)
		return -ENOMEM;
	if (copy_from_user(page, from, (size_t)result) != 0)
		result = -EFAULT;
	else
		result = bin->attr->write(file, bin->kobj, bin->attr, page, *position,
					  (size_t)result);
	if (result > 0)
		*position += result;
	free_page((unsigned long)page);
	return result;
}

static int mmap_bin(struct file *file, struct vm_area_struct *vma)
{
	struct bin_file *bin = bin_of(file);

	return bin->attr->mmap == NULL ? -ENODEV
				       : bin->attr->mmap(file, bin->kobj, bin->attr, vma);
}

static loff_t llseek_bin(struct file *file, loff_t offset, int whence)
{
	return fixed_size_llseek(file, offset, whence, (loff_t)bin_of(file)->attr->size);
}

static void free_bin(struct file_entry *entry)
{
	free(container_of(entry, struct bin_file, entry));
}

static int add_bin(struct kobject *kobj, long directory, const struct bin_attribute *attr,
		   umode_t mode)
{
	struct bin_file *bin;
	long node;

	if (directory < 0)
		return (int)directory;
	bin = allocate(sizeof *bin);
	bin->kobj = kobj;
	bin->attr = (struct bin_attribute *)attr;
	bin->entry.object = bin;
	bin->entry.data = attr->private;
	bin->entry.free = free_bin;
	bin->entry.ops = (struct file_operations){.read = read_bin,
						  .write = write_bin,
						  .mmap = mmap_bin,
						  .llseek = llseek_bin};
	node = node_make_file(directory, attr->attr.name, mode, attr->size, &bin->entry);
	if (node < 0) {
		free(bin);
		return (int)node;
	}
	return 0;
}

int sysfs_create_bin_file(struct kobject *kobj, const struct bin_attribute *attr)
{
	if (kobj == NULL || attr == NULL)
		return -EINVAL;
	return add_bin(kobj, kobject_directory(kobj), attr, attr->attr.mode);
}

void sysfs_remove_bin_file(struct kobject *kobj, const struct bin_attribute *attr)
{
	attribute_remove(kobject_directory(kobj), &attr->attr);
}

/* Groups. */

static int add_group(struct kobject *kobj, long directory, const struct attribute_group *group)
{
	int result = 0;

	for (int i = 0; group->attrs != NULL && group->attrs[i] != NULL && result == 0; i++) {
		struct attribute *attr = group->attrs[i];
		umode_t mode = group->is_visible == NULL ? attr->mode
							 : group->is_visible(kobj, attr, i);

		if (mode != 0)
			result = attribute_add(directory, kind_of(kobj), object_of(kobj), attr,
					       mode);
	}
	for (int i = 0; group->bin_attrs != NULL && group->bin_attrs[i] != NULL && result == 0;
	     i++) {
		struct bin_attribute *attr = group->bin_attrs[i];
		umode_t mode = group->is_bin_visible == NULL
				       ? attr->attr.mode
				       : group->is_bin_visible(kobj, attr, i);

		if (mode != 0)
			result = add_bin(kobj, directory, attr, mode);
	}
	return result;
}

static void remove_group(long directory, const struct attribute_group *group)
{
	for (int i = 0; group->attrs != NULL && group->attrs[i] != NULL; i++)
		attribute_remove(directory, group->attrs[i]);
	for (int i = 0; group->bin_attrs != NULL && group->bin_attrs[i] != NULL; i++)
		attribute_remove(directory, &group->bin_attrs[i]->attr);
}

int sysfs_create_group(struct kobject *kobj, const struct attribute_group *group)
{
	long directory = kobject_directory(kobj);
	int result;

	if (directory > 0 && group->name != NULL)
		directory = node_make_directory(directory, group->name);
	if (directory < 0)
		return (int)directory;
	result = add_group(kobj, directory, group);
	if (result != 0) {
		if (group->name != NULL)
			node_remove(directory);
		else
			remove_group(directory, group);
	}
	return result;
}

void sysfs_remove_group(struct kobject *kobj, const struct attribute_group *group)
{
	long directory = kobject_directory(kobj);

	if (directory < 0)
		return;
	if (group->name == NULL) {
		remove_group(directory, group);
		return;
	}
	directory = CALL_TEXT(node_find, group->name, directory);
	if (directory > 0)
		node_remove(directory);
}

int sysfs_create_groups(struct kobject *kobj, const struct attribute_group **groups)
{
	int result = 0;
	int i;

	if (groups == NULL)
		return 0;
	for (i = 0; result == 0 && groups[i] != NULL; i++)
		result = sysfs_create_group(kobj, groups[i]);
	if (result != 0)
		for (i -= 2; i >= 0; i--)
			sysfs_remove_group(kobj, groups[i]);
	return result;
}

void sysfs_remove_groups(struct kobject *kobj, const struct attribute_group **groups)
{
	for (int i = 0; groups != NULL && groups[i] != NULL; i++)
		sysfs_remove_group(kobj, groups[i]);
}

int sysfs_create_link(struct kobject *kobj, struct kobject *target, const char *name)
{
	return (int)CALL_TEXT(sysfs_link, name, kobject_directory(kobj), kobject_directory(target));
}

void sysfs_remove_link(struct kobject *kobj, const char *name)
{
	CALL_TEXT(attribute_remove, name, kobject_directory(kobj));
}

void sysfs_notify(struct kobject *kobj, const char *dir, const char *attr)
{
	long directory = kobject_directory(kobj);

	if (directory > 0 && dir != NULL)
		directory = CALL_TEXT(node_find, dir, directory);
	if (directory > 0 && attr != NULL)
		CALL_TEXT(sysfs_notify, attr, directory);
}

static int emit(char *to, int at, const char *format, va_list values)
{
	if (to == NULL || offset_in_page(to) || at < 0 || at >= (int)PAGE_SIZE) {
		WARN(1, "invalid sysfs_emit_at: buf:%p at:%d\n", to, at);
		return 0;
	}
	return vscnprintf(to + at, PAGE_SIZE - (size_t)at, format, values);
}

int sysfs_emit(char *to, const char *format, ...)
{
	va_list values;
	int length;

	va_start(values, format);
	length = emit(to, 0, format, values);
	va_end(values);
	return length;
}

int sysfs_emit_at(char *to, int at, const char *format, ...)
{
	va_list values;
	int length;

	va_start(values, format);
	length = emit(to, at, format, values);
	va_end(values);
	return length;
}
