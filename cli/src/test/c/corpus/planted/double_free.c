#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

static int __init start(void)
{
	u8 *buffer = kzalloc(64, GFP_KERNEL);
	kfree(buffer);
	kfree(buffer); /* !double-free */
	return 0;
}

static void __exit stop(void)
{
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
