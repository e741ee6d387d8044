#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

static int values[8];
static int count = 8;
module_param(count, int, 0);

static int __init start(void)
{
	int i;
	for (i = 0; i <= count; i++)
		values[i] = i; /* !out-of-bounds */
	return 0;
}

static void __exit stop(void)
{
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
