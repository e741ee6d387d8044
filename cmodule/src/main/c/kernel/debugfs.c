/* Files of modules under /sys/kernel/debug. */
#include "files.h"

#define NUMBER_LENGTH_MAX 32

struct debug_entry {
	struct dentry dentry;
	struct inode inode;
	struct file_entry entry;
	struct list_head list;
	struct debug_entry *parent;
	unsigned int bytes; /* of a number; 0 for a bool */
	bool hex;
	int (*show)(struct seq_file *m, void *data);
};

static LIST_HEAD(entries);

static struct debug_entry *entry_behind(struct dentry *dentry)
{
	return container_of(dentry, struct debug_entry, dentry);
}

static void free_entry(struct file_entry *entry)
{
	free(container_of(entry, struct debug_entry, entry));
}

static struct debug_entry *new_entry(struct dentry *parent, const char *name, umode_t mode,
				     void *data)
{
	struct debug_entry *entry = allocate(sizeof *entry);

	entry->parent = parent == NULL ? NULL : entry_behind(parent);
	entry->entry.object = entry;
	entry->entry.data = data;
	entry->entry.free = free_entry;
	entry->inode.i_mode = mode;
	entry->inode.i_private = data;
	entry->dentry.d_inode = &entry->inode;
	entry->dentry.d_parent = parent == NULL ? &entry->dentry : parent;
	strscpy((char *)entry->dentry.d_iname, name, sizeof entry->dentry.d_iname);
	entry->dentry.d_name.name = entry->dentry.d_iname;
	entry->dentry.d_name.len = strlen((char *)entry->dentry.d_iname);
	return entry;
}

static long node_of(const struct dentry *dentry)
{
	return dentry == NULL ? NODE_DEBUG : dentry->dmakit_number;
}

static struct dentry *add(struct debug_entry *entry, long node)
{
	if (node < 0) {
		free(entry);
		return ERR_PTR(node);
	}
	entry->dentry.dmakit_number = node;
	list_add(&entry->list, &entries);
	return &entry->dentry;
}

static struct dentry *add_file(const char *name, umode_t mode, struct dentry *parent,
			       struct debug_entry *entry)
{
	return add(entry, node_make_file(node_of(parent), name, mode, 0, &entry->entry));
}

struct dentry *debugfs_create_dir(const char *name, struct dentry *parent)
{
	if (IS_ERR(parent))
		return parent;
	return add(new_entry(parent, name, S_IFDIR | 0755, NULL),
		   node_make_directory(node_of(parent), name));
}

struct dentry *debugfs_create_file(const char *name, umode_t mode, struct dentry *parent,
				   void *data, const struct file_operations *ops)
{
	struct debug_entry *entry;

	if (IS_ERR(parent))
		return parent;
	entry = new_entry(parent, name, S_IFREG | mode, data);
	if (ops != NULL)
		entry->entry.ops = *ops;
	return add_file(name, mode, parent, entry);
}

struct dentry *debugfs_create_symlink(const char *name, struct dentry *parent, const char *target)
{
	if (IS_ERR(parent))
		return parent;
	return add(new_entry(parent, name, 0777, NULL),
		   node_make_link(node_of(parent), name, target));
}

struct dentry *debugfs_lookup(const char *name, struct dentry *parent)
{
	struct debug_entry *entry;

	list_for_each_entry(entry, &entries, list)
		if (entry->parent == (parent == NULL ? NULL : entry_behind(parent))
		    && strcmp((char *)entry->dentry.d_iname, name) == 0)
			return &entry->dentry;
	return NULL;
}

static bool is_below(const struct debug_entry *entry, const struct debug_entry *top)
{
	while (entry != NULL && entry != top)
		entry = entry->parent;
	return entry == top;
}

void debugfs_remove(struct dentry *dentry)
{
	struct debug_entry *top, *entry, *next;
	LIST_HEAD(gone);

	if (IS_ERR_OR_NULL(dentry))
		return;
	top = entry_behind(dentry);
	node_remove(dentry->dmakit_number);
	list_for_each_entry_safe(entry, next, &entries, list)
		if (is_below(entry, top))
			list_move(&entry->list, &gone);
	list_for_each_entry_safe(entry, next, &gone, list)
		entry_removed(&entry->entry);
}

void debugfs_lookup_and_remove(const char *name, struct dentry *parent)
{
	debugfs_remove(debugfs_lookup(name, parent));
}

/* A short text from user space, with a zero behind. */
static int take_short(char *into, size_t size, const char __user *from, size_t count)
{
	if (count >= size)
		return -EINVAL;
	if (copy_from_user(into, from, count) != 0)
		return -EFAULT;
	into[count] = '\0';
	return 0;
}

/* Numbers and truth values in the driver's memory. */

static ssize_t read_number(struct file *file, char __user *to, size_t count, loff_t *position)
{
	struct debug_entry *entry = entry_of(file)->object;
	char text[NUMBER_LENGTH_MAX];
	u64 value = 0;
	int length;

	memcpy(&value, entry->entry.data, entry->bytes == 0 ? sizeof(bool) : entry->bytes);
	if (entry->bytes == 0)
		length = scnprintf(text, sizeof text, "%c\n", value != 0 ? 'Y' : 'N');
	else if (entry->hex)
		length = scnprintf(text, sizeof text, "0x%0*llx\n", 2 * (int)entry->bytes, value);
	else
		length = scnprintf(text, sizeof text, "%llu\n", value);
	return simple_read_from_buffer(to, count, position, text, (size_t)length);
}

static ssize_t write_number(struct file *file, const char __user *from, size_t count,
			    loff_t *position)
{
	struct debug_entry *entry = entry_of(file)->object;
	char text[NUMBER_LENGTH_MAX];
	int result = take_short(text, sizeof text, from, count);

	(void)position;
	if (result != 0)
		return result;
	if (entry->bytes == 0) {
		bool value;

		result = kstrtobool(text, &value);
		if (result == 0)
			memcpy(entry->entry.data, &value, sizeof value);
	} else {
		unsigned long long value;

		result = kstrtoull(text, 0, &value);
		if (result == 0)
			memcpy(entry->entry.data, &value, entry->bytes);
	}
	return result != 0 ? result : (ssize_t)count;
}

static ssize_t refuse_write(struct file *file, const char __user *from, size_t count,
			    loff_t *position)
{
	(void)file;
	(void)from;
	(void)count;
	(void)position;
	return -EACCES;
}

struct dentry *dmakit_debugfs_number(const char *name, umode_t mode, struct dentry *parent,
				     void *value, unsigned int bytes, bool hex)
{
	struct debug_entry *entry;

	if (IS_ERR(parent))
		return parent;
	entry = new_entry(parent, name, S_IFREG | mode, value);
	entry->bytes = bytes;
	entry->hex = hex;
	entry->entry.ops = (struct file_operations){
		.read = read_number,
		.write = mode & S_IWUGO ? write_number : refuse_write,
		.llseek = default_llseek,
	};
	return add_file(name, mode, parent, entry);
}

struct dentry *debugfs_create_bool(const char *name, umode_t mode, struct dentry *parent,
				   bool *value)
{
	return dmakit_debugfs_number(name, mode, parent, value, 0, false);
}

/* Data. */

static ssize_t read_blob(struct file *file, char __user *to, size_t count, loff_t *position)
{
	const struct debugfs_blob_wrapper *blob = entry_of(file)->data;

	return simple_read_from_buffer(to, count, position, blob->data, blob->size);
}

struct dentry *debugfs_create_blob(const char *name, umode_t mode, struct dentry *parent,
				   struct debugfs_blob_wrapper *blob)
{
	static const struct file_operations ops = {.read = read_blob, .llseek = default_llseek};

	return debugfs_create_file(name, mode & 0444, parent, blob, &ops);
}

/* Registers. */

void debugfs_print_regs32(struct seq_file *m, const struct debugfs_reg32 *regs, int count,
			  void __iomem *base, char *prefix)
{
	for (int i = 0; i < count; i++)
		seq_printf(m, "%s%s = 0x%08x\n", prefix == NULL ? "" : prefix, regs[i].name,
			   readl((char __iomem *)base + regs[i].offset));
}

static int show_regset(struct seq_file *m, void *unused)
{
	struct debugfs_regset32 *set = m->private;

	(void)unused;
	debugfs_print_regs32(m, set->regs, set->nregs, set->base, "");
	return 0;
}

static int open_regset(struct inode *inode, struct file *file)
{
	return single_open(file, show_regset, inode->i_private);
}

void debugfs_create_regset32(const char *name, umode_t mode, struct dentry *parent,
			     struct debugfs_regset32 *regset)
{
	static const struct file_operations ops = {
		.open = open_regset, .read = seq_read, .llseek = seq_lseek,
		.release = single_release};

	debugfs_create_file(name, mode, parent, regset, &ops);
}

static int open_device_show(struct inode *inode, struct file *file)
{
	struct debug_entry *entry = entry_of(file)->object;

	return single_open(file, entry->show, inode->i_private);
}

void debugfs_create_devm_seqfile(struct device *dev, const char *name, struct dentry *parent,
				 int (*show)(struct seq_file *m, void *data))
{
	struct debug_entry *entry;

	if (IS_ERR(parent))
		return;
	entry = new_entry(parent, name, S_IFREG | 0444, dev);
	entry->show = show;
	entry->entry.ops = (struct file_operations){.open = open_device_show,
						    .read = seq_read,
						    .llseek = seq_lseek,
						    .release = single_release};
	add_file(name, 0444, parent, entry);
}

/* Values with a function to get and one to set them. */

struct simple_attr {
	int (*get)(void *data, u64 *value);
	int (*set)(void *data, u64 value);
	void *data;
	const char *format;
	size_t length;
	char text[NUMBER_LENGTH_MAX];
};

int simple_attr_open(struct inode *inode, struct file *file, int (*get)(void *, u64 *),
		     int (*set)(void *, u64), const char *format)
{
	struct simple_attr *attr = allocate(sizeof *attr);

	attr->get = get;
	attr->set = set;
	attr->data = inode->i_private;
	attr->format = format;
	file->private_data = attr;
	return nonseekable_open(inode, file);
}

int simple_attr_release(struct inode *inode, struct file *file)
{
	(void)inode;
	free(file->private_data);
	return 0;
}

ssize_t simple_attr_read(struct file *file, char __user *to, size_t count, loff_t *position)
{
	struct simple_attr *attr = file->private_data;

	if (attr->get == NULL)
		return -EACCES;
	if (*position == 0) {
		u64 value;
		int result = attr->get(attr->data, &value);

		if (result != 0)
			return result;
		attr->length = (size_t)scnprintf(attr->text, sizeof attr->text, attr->format,
						 (unsigned long long)value);
	}
	return simple_read_from_buffer(to, count, position, attr->text, attr->length);
}

ssize_t simple_attr_write(struct file *file, const char __user *from, size_t count,
			  loff_t *position)
{
	struct simple_attr *attr = file->private_data;
	char text[NUMBER_LENGTH_MAX];
	unsigned long long value;
	int result;

	(void)position;
	if (attr->set == NULL)
		return -EACCES;
	result = take_short(text, sizeof text, from, count);
	if (result != 0)
		return result;
	result = kstrtoull(text, 0, &value);
	if (result != 0)
		return result;
	result = attr->set(attr->data, value);
	return result == 0 ? (ssize_t)count : result;
}
