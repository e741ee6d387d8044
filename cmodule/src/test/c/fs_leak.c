/* Registers one of each and takes nothing back: a planted mistake on each marked line. */
#include <linux/cdev.h>
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

static const struct file_operations fops = {.owner = THIS_MODULE};
static struct miscdevice misc = {
	.minor = MISC_DYNAMIC_MINOR, .name = "fs_leak_misc", .fops = &fops};
static struct cdev cdev;
static dev_t first;

static int show(struct seq_file *m, void *v)
{
	seq_puts(m, "x\n");
	return 0;
}

static int __init leak_init(void)
{
	struct class *class;

	alloc_chrdev_region(&first, 0, 2, "fs_leak"); /* leak: region */
	cdev_init(&cdev, &fops);
	cdev_add(&cdev, first, 1); /* leak: cdev */
	class = class_create("fs_leak_class"); /* leak: class */
	device_create(class, NULL, first, NULL, "fs_leak0"); /* leak: device */
	misc_register(&misc); /* leak: misc */
	proc_create_single("fs_leak_proc", 0, NULL, show); /* leak: proc */
	debugfs_create_dir("fs_leak_debug", NULL); /* leak: debugfs */
	return 0;
}

static void __exit leak_exit(void)
{
}

module_init(leak_init);
module_exit(leak_exit);
MODULE_LICENSE("GPL");
