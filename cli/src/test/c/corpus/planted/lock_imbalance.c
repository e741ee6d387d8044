#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <linux/mutex.h>

static DEFINE_MUTEX(lock);

static int __init start(void)
{
	mutex_lock(&lock); /* !lock-imbalance */

	return 0;
}

static void __exit stop(void)
{
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
