// SPDX-License-Identifier: Apache-2.0 OR MIT
/* A device file that keeps what was written to it. */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#define TEXT_SIZE 64

static char text[TEXT_SIZE];

static ssize_t first_write(struct file *file, const char __user *from, size_t count, loff_t *at)
{
	if (count > TEXT_SIZE)
		return -EINVAL;
	if (copy_from_user(text, from, count))
		return -EFAULT;
	pr_info("got %zu bytes\n", count);
	return count;
}

static ssize_t first_read(struct file *file, char __user *to, size_t count, loff_t *at)
{
	return simple_read_from_buffer(to, count, at, text, strnlen(text, TEXT_SIZE));
}

static const struct file_operations first_fops = {
	.owner = THIS_MODULE,
	.read = first_read,
	.write = first_write,
};

static struct miscdevice first_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "first",
	.fops = &first_fops,
};

module_misc_device(first_device);
MODULE_LICENSE("GPL");
