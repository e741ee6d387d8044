/* A clean module that has a file of every kind. */
#include <linux/cdev.h>
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#define SIZE 4096

static int loops = 3;
module_param(loops, int, 0644);
static char *greeting = "hello";
module_param(greeting, charp, 0444);
static bool loud;
module_param(loud, bool, 0444);
static int list[4];
static int list_count;
module_param_array(list, int, &list_count, 0444);

struct fs_all {
	struct cdev cdev;
	dev_t first;
	struct class *class;
	struct device *device;
	char *text;
	size_t length;
	u32 reads;
	int value;
	struct dentry *debug;
};
static struct fs_all all;

static int all_open(struct inode *inode, struct file *file)
{
	file->private_data = container_of(inode->i_cdev, struct fs_all, cdev);
	if (iminor(inode) != MINOR(all.first))
		return -ENODEV;
	return 0;
}

static ssize_t all_read(struct file *file, char __user *to, size_t count, loff_t *position)
{
	struct fs_all *own = file->private_data;

	own->reads++;
	return simple_read_from_buffer(to, count, position, own->text, own->length);
}

static ssize_t all_write(struct file *file, const char __user *from, size_t count,
			 loff_t *position)
{
	struct fs_all *own = file->private_data;

	if (count > SIZE)
		count = SIZE;
	if (copy_from_user(own->text, from, count))
		return -EFAULT;
	own->length = count;
	return count;
}

#define ALL_GET _IOR('f', 1, int)
#define ALL_SET _IOW('f', 2, int)

static long all_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct fs_all *own = file->private_data;

	switch (command) {
	case ALL_GET:
		return put_user(own->value, (int __user *)argument);
	case ALL_SET:
		return get_user(own->value, (int __user *)argument);
	default:
		return -ENOTTY;
	}
}

static int all_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct fs_all *own = file->private_data;
	unsigned long size = vma->vm_end - vma->vm_start;

	if (size > SIZE)
		return -EINVAL;
	return remap_pfn_range(vma, vma->vm_start, virt_to_phys(own->text) >> PAGE_SHIFT, size,
			       vma->vm_page_prot);
}

static const struct file_operations all_fops = {
	.owner = THIS_MODULE,
	.open = all_open,
	.read = all_read,
	.write = all_write,
	.unlocked_ioctl = all_ioctl,
	.mmap = all_mmap,
	.llseek = default_llseek,
};

static ssize_t misc_read(struct file *file, char __user *to, size_t count, loff_t *position)
{
	struct miscdevice *misc = file->private_data;

	return simple_read_from_buffer(to, count, position, misc->name, strlen(misc->name));
}

static const struct file_operations misc_fops = {.owner = THIS_MODULE, .read = misc_read};
static struct miscdevice misc = {
	.minor = MISC_DYNAMIC_MINOR, .name = "fs_misc", .fops = &misc_fops, .mode = 0666};

static ssize_t value_show(struct device *dev, struct device_attribute *attr, char *to)
{
	struct fs_all *own = dev_get_drvdata(dev);

	return sysfs_emit(to, "%d\n", own->value);
}

static ssize_t value_store(struct device *dev, struct device_attribute *attr, const char *from,
			   size_t count)
{
	struct fs_all *own = dev_get_drvdata(dev);
	int result = kstrtoint(from, 0, &own->value);

	return result ? result : count;
}
static DEVICE_ATTR_RW(value);

static int all_show(struct seq_file *m, void *v)
{
	for (int i = 0; i < loops; i++)
		seq_printf(m, "line %d of %s\n", i, (char *)m->private);
	return 0;
}

static int all_proc_open(struct inode *inode, struct file *file)
{
	return single_open(file, all_show, pde_data(inode));
}

static const struct proc_ops all_proc_ops = {
	.proc_open = all_proc_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};

static struct kobject *object;

static ssize_t twice_show(struct kobject *kobj, struct kobj_attribute *attr, char *to)
{
	return sprintf(to, "%d\n", 2 * all.value);
}
static struct kobj_attribute twice = __ATTR_RO(twice);

static int __init all_init(void)
{
	int result;

	pr_info("%s %d %d %d\n", greeting, loops, loud, list_count);
	all.text = (char *)get_zeroed_page(GFP_KERNEL);
	if (!all.text)
		return -ENOMEM;
	result = alloc_chrdev_region(&all.first, 0, 1, "fs_all");
	if (result)
		goto no_region;
	cdev_init(&all.cdev, &all_fops);
	all.cdev.owner = THIS_MODULE;
	result = cdev_add(&all.cdev, all.first, 1);
	if (result)
		goto no_cdev;
	all.class = class_create("fs_class");
	if (IS_ERR(all.class)) {
		result = PTR_ERR(all.class);
		goto no_class;
	}
	all.device = device_create(all.class, NULL, all.first, &all, "fs_all%d", 0);
	if (IS_ERR(all.device)) {
		result = PTR_ERR(all.device);
		goto no_device;
	}
	result = device_create_file(all.device, &dev_attr_value);
	if (result)
		goto no_file;
	result = misc_register(&misc);
	if (result)
		goto no_misc;
	proc_create_data("fs_proc", 0444, NULL, &all_proc_ops, "proc");
	all.debug = debugfs_create_dir("fs_debug", NULL);
	debugfs_create_u32("reads", 0644, all.debug, &all.reads);
	object = kobject_create_and_add("fs_object", kernel_kobj);
	return sysfs_create_file(object, &twice.attr);

no_misc:
	device_remove_file(all.device, &dev_attr_value);
no_file:
	device_destroy(all.class, all.first);
no_device:
	class_destroy(all.class);
no_class:
	cdev_del(&all.cdev);
no_cdev:
	unregister_chrdev_region(all.first, 1);
no_region:
	free_page((unsigned long)all.text);
	return result;
}

static void __exit all_exit(void)
{
	kobject_put(object);
	debugfs_remove_recursive(all.debug);
	remove_proc_entry("fs_proc", NULL);
	misc_deregister(&misc);
	device_remove_file(all.device, &dev_attr_value);
	device_destroy(all.class, all.first);
	class_destroy(all.class);
	cdev_del(&all.cdev);
	unregister_chrdev_region(all.first, 1);
	free_page((unsigned long)all.text);
}

module_init(all_init);
module_exit(all_exit);
MODULE_LICENSE("GPL");
