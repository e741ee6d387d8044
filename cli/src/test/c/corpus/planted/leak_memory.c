#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

static int __init start(void)
{
	static u8 *buffer;
	buffer = kzalloc(64, GFP_KERNEL); /* !leak-memory */
	if (!buffer)
		return -ENOMEM;
	return 0;
}

static void __exit stop(void)
{
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
