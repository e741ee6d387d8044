#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

static int __init start(void)
{
	int *somewhere = (int *)0x123456789000UL;
	*somewhere = 1; /* !wild-access */
	return 0;
}

static void __exit stop(void)
{
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
