// run: --board pc
/* A DMA channel that is never given back. */
#include <linux/module.h>
#include <asm/dma.h>

static int __init leak_init(void)
{
	return request_dma(6, "leak"); /* !channel-leak */
}
module_init(leak_init);

static void __exit leak_exit(void)
{
}
module_exit(leak_exit);
MODULE_LICENSE("GPL");
