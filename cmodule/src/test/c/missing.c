#include <linux/module.h>

static int __init missing_init(void)
{
	int irq = register_framebuffer(NULL);

	netif_stop_queue(irq);
	netif_stop_queue(2);
	return 0;
}

static void __exit missing_exit(void)
{
	exit(0);
}

module_init(missing_init);
module_exit(missing_exit);
MODULE_LICENSE("GPL");
