#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <linux/fs.h>
#include <linux/miscdevice.h>

static const struct file_operations fops = {.owner = THIS_MODULE};
static struct miscdevice misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "corpus_leak",
	.fops = &fops,
};

static int __init start(void)
{
	return misc_register(&misc); /* !leak-device */

	return 0;
}

static void __exit stop(void)
{
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
