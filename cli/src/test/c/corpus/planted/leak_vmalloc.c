#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <linux/vmalloc.h>

static int __init start(void)
{
	static u8 *buffer;
	buffer = vmalloc(10000); /* !leak-memory */
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
