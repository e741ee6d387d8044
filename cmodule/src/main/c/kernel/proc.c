/* Files of modules under /proc. */
#include "files.h"

struct proc_dir_entry {
	struct file_entry entry;
	struct list_head list;
	struct proc_dir_entry *parent;
	long node;
	int (*show)(struct seq_file *m, void *v);
	const struct seq_operations *seq;
	unsigned int state_size;
};

static LIST_HEAD(entries);

static long node_of(const struct proc_dir_entry *entry)
{
	return entry == NULL ? NODE_PROC : entry->node;
}

static void free_entry(struct file_entry *entry)
{
	free(container_of(entry, struct proc_dir_entry, entry));
}

static struct proc_dir_entry *new_entry(struct proc_dir_entry *parent, void *data)
{
	struct proc_dir_entry *entry = allocate(sizeof *entry);

	entry->parent = parent;
	entry->entry.object = entry;
	entry->entry.data = data;
	entry->entry.free = free_entry;
	return entry;
}

/* Answers the entry, or NULL when the simulator refused its node. */
static struct proc_dir_entry *add(struct proc_dir_entry *entry, long node)
{
	if (node < 0) {
		free(entry);
		return NULL;
	}
	entry->node = node;
	list_add(&entry->list, &entries);
	return entry;
}

static struct proc_dir_entry *add_file(struct proc_dir_entry *entry, const char *name,
				       umode_t mode)
{
	mode = (mode & S_IRWXUGO) == 0 ? mode | S_IRUGO : mode;
	return add(entry,
		   node_make_file(node_of(entry->parent), name, mode, 0, &entry->entry));
}

struct proc_dir_entry *dmakit_proc_create(const char *name, umode_t mode,
					  struct proc_dir_entry *parent,
					  const struct proc_ops *ops, void *data)
{
	struct proc_dir_entry *entry = new_entry(parent, data);

	entry->entry.ops = (struct file_operations){
		.open = ops->proc_open,
		.read = ops->proc_read,
		.read_iter = ops->proc_read_iter,
		.write = ops->proc_write,
		.llseek = ops->proc_lseek,
		.release = ops->proc_release,
		.poll = ops->proc_poll,
		.unlocked_ioctl = ops->proc_ioctl,
		.mmap = ops->proc_mmap,
	};
	return add_file(entry, name, mode);
}

struct proc_dir_entry *dmakit_proc_create_files(const char *name, umode_t mode,
						struct proc_dir_entry *parent,
						const struct file_operations *ops, void *data)
{
	struct proc_dir_entry *entry = new_entry(parent, data);

	entry->entry.ops = *ops;
	return add_file(entry, name, mode);
}

static int open_single(struct inode *inode, struct file *file)
{
	struct proc_dir_entry *entry = entry_of(file)->object;

	return single_open(file, entry->show, inode->i_private);
}

struct proc_dir_entry *proc_create_single_data(const char *name, umode_t mode,
					       struct proc_dir_entry *parent,
					       int (*show)(struct seq_file *m, void *v), void *data)
{
	struct proc_dir_entry *entry = new_entry(parent, data);

	entry->show = show;
	entry->entry.ops = (struct file_operations){.open = open_single,
						    .read = seq_read,
						    .llseek = seq_lseek,
						    .release = single_release};
	return add_file(entry, name, mode);
}

static int open_seq(struct inode *inode, struct file *file)
{
	struct proc_dir_entry *entry = entry_of(file)->object;

	(void)inode;
	return entry->state_size == 0
		       ? seq_open(file, entry->seq)
		       : seq_open_private(file, entry->seq, (int)entry->state_size);
}

static int release_seq(struct inode *inode, struct file *file)
{
	struct proc_dir_entry *entry = entry_of(file)->object;

	return entry->state_size == 0 ? seq_release(inode, file)
				      : seq_release_private(inode, file);
}

struct proc_dir_entry *proc_create_seq_private(const char *name, umode_t mode,
					       struct proc_dir_entry *parent,
					       const struct seq_operations *ops,
					       unsigned int state_size, void *data)
{
	struct proc_dir_entry *entry = new_entry(parent, data);

	entry->seq = ops;
	entry->state_size = state_size;
	entry->entry.ops = (struct file_operations){
		.open = open_seq, .read = seq_read, .llseek = seq_lseek, .release = release_seq};
	return add_file(entry, name, mode);
}

struct proc_dir_entry *proc_mkdir(const char *name, struct proc_dir_entry *parent)
{
	return add(new_entry(parent, NULL), node_make_directory(node_of(parent), name));
}

struct proc_dir_entry *proc_mkdir_mode(const char *name, umode_t mode,
				       struct proc_dir_entry *parent)
{
	(void)mode;
	return proc_mkdir(name, parent);
}

struct proc_dir_entry *proc_symlink(const char *name, struct proc_dir_entry *parent,
				    const char *target)
{
	return add(new_entry(parent, NULL), node_make_link(node_of(parent), name, target));
}

static bool is_below(const struct proc_dir_entry *entry, const struct proc_dir_entry *top)
{
	while (entry != NULL && entry != top)
		entry = entry->parent;
	return entry == top;
}

void proc_remove(struct proc_dir_entry *top)
{
	struct proc_dir_entry *entry, *next;
	LIST_HEAD(gone);

	if (top == NULL)
		return;
	node_remove(top->node);
	list_for_each_entry_safe(entry, next, &entries, list)
		if (is_below(entry, top))
			list_move(&entry->list, &gone);
	list_for_each_entry_safe(entry, next, &gone, list)
		entry_removed(&entry->entry);
}

static struct proc_dir_entry *find(const char *name, struct proc_dir_entry *parent)
{
	long node = CALL_TEXT(node_find, name, node_of(parent));
	struct proc_dir_entry *entry;

	list_for_each_entry(entry, &entries, list)
		if (entry->node == node)
			return entry;
	return NULL;
}

void remove_proc_entry(const char *name, struct proc_dir_entry *parent)
{
	struct proc_dir_entry *entry = find(name, parent);

	WARN(entry == NULL, "name '%s'\n", name);
	proc_remove(entry);
}

int remove_proc_subtree(const char *name, struct proc_dir_entry *parent)
{
	struct proc_dir_entry *entry = find(name, parent);

	if (entry == NULL)
		return -ENOENT;
	proc_remove(entry);
	return 0;
}

void *pde_data(const struct inode *inode)
{
	return inode->i_private;
}
