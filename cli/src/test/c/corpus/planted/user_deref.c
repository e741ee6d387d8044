// run: --do 'echo x > /dev/corpus'

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/uaccess.h>

static ssize_t corpus_write(struct file *file, const char __user *text, size_t count, loff_t *at)
{
	char first = *(const volatile char *)text; /* !user-deref */

	pr_info("%c\n", first);
	return count;
}

static const struct file_operations fops = {
	.owner = THIS_MODULE,
	.write = corpus_write,
};

static struct miscdevice misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "corpus",
	.fops = &fops,
};

static int __init start(void)
{
	return misc_register(&misc);
	return 0;
}

static void __exit stop(void)
{
	misc_deregister(&misc);
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
