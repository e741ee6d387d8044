// run: -p names=one,two -p verbose=1 --do 'cat /sys/kernel/debug/debug_files/table' --do 'echo 5 > /sys/kernel/debug/debug_files/level' --do 'cat /sys/kernel/debug/debug_files/level'
// Files in debugfs, array parameters, a sequence file over a red-black tree, string handling.
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/rbtree.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

struct entry {
	struct rb_node node;
	u32 key;
	char *name;
};

static char *names[4] = {"nobody"};
static int name_count = 1;
module_param_array(names, charp, &name_count, 0444);
static bool verbose;
module_param(verbose, bool, 0644);

static struct rb_root tree = RB_ROOT;
static struct dentry *folder;
static u32 level = 2;

static void insert(struct entry *entry)
{
	struct rb_node **link = &tree.rb_node, *parent = NULL;

	while (*link) {
		struct entry *at = rb_entry(*link, struct entry, node);

		parent = *link;
		link = entry->key < at->key ? &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&entry->node, parent, link);
	rb_insert_color(&entry->node, &tree);
}

static int table_show(struct seq_file *file, void *unused)
{
	struct rb_node *node;

	for (node = rb_first(&tree); node; node = rb_next(node)) {
		struct entry *entry = rb_entry(node, struct entry, node);

		seq_printf(file, "%5u %-10s\n", entry->key, entry->name);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(table);

static void free_all(void)
{
	struct rb_node *node;

	while ((node = rb_first(&tree))) {
		struct entry *entry = rb_entry(node, struct entry, node);

		rb_erase(node, &tree);
		kfree(entry->name);
		kfree(entry);
	}
}

static int __init files_init(void)
{
	int i;

	for (i = 0; i < 40; i++) {
		struct entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);

		if (!entry)
			goto fail;
		entry->key = (i * 37) % 101;
		entry->name = kasprintf(GFP_KERNEL, "%s-%02d", names[i % name_count], i);
		if (!entry->name) {
			kfree(entry);
			goto fail;
		}
		insert(entry);
	}
	folder = debugfs_create_dir("debug_files", NULL);
	debugfs_create_file("table", 0444, folder, NULL, &table_fops);
	debugfs_create_u32("level", 0644, folder, &level);
	if (verbose)
		pr_info("%d names, first %s\n", name_count, names[0]);
	return 0;
fail:
	free_all();
	return -ENOMEM;
}

static void __exit files_exit(void)
{
	debugfs_remove_recursive(folder);
	free_all();
}

module_init(files_init);
module_exit(files_exit);
MODULE_LICENSE("GPL");
