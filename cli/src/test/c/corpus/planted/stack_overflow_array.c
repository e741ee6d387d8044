#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

static int count = 8;
module_param(count, int, 0);

static int __init start(void)
{
	int values[8];
	int i;
	for (i = 0; i <= count; i++)
		values[i] = i; /* !out-of-bounds */
	pr_info("%d\n", values[3]);
	return 0;
}

static void __exit stop(void)
{
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
