#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

struct thing {
	int key;
	int value;
};

static noinline struct thing *find(void)
{
	return NULL;
}

static int __init start(void)
{
	struct thing *thing = find();
	thing->value = 1; /* !null-deref */
	return 0;
}

static void __exit stop(void)
{
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
