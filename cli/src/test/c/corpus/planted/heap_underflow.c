#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

static int __init start(void)
{
	u8 *other = kmalloc(100, GFP_KERNEL);
	u8 *buffer = kmalloc(100, GFP_KERNEL);

	buffer[-1] = 1; /* !out-of-bounds */
	kfree(buffer);
	kfree(other);
	return 0;
}

static void __exit stop(void)
{
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
