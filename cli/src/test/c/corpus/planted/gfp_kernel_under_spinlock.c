#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <linux/spinlock.h>

static DEFINE_SPINLOCK(lock);

static int __init start(void)
{
	u8 *buffer;
	spin_lock(&lock);
	buffer = kmalloc(64, GFP_KERNEL); /* !sleep-in-atomic */
	spin_unlock(&lock);
	kfree(buffer);
	return 0;
}

static void __exit stop(void)
{
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
