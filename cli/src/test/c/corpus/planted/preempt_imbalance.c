#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <linux/preempt.h>

/* !atomic-imbalance any */
static int __init start(void)
{
	preempt_disable();
	return 0;
}

static void __exit stop(void)
{
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
