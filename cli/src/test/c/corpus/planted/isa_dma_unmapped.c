// run: --board pc
/* Low memory, but nobody lent it to the card. */
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/isa.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <asm/dma.h>

static int probe(struct device *dev, unsigned int id)
{
	void *buffer = kzalloc(512, GFP_KERNEL | GFP_DMA);
	unsigned long flags;

	if (buffer == NULL)
		return -ENOMEM;
	if (request_dma(1, "unmapped") == 0) {
		flags = claim_dma_lock();
		disable_dma(1);
		clear_dma_ff(1);
		set_dma_mode(1, DMA_MODE_WRITE);
		set_dma_addr(1, isa_virt_to_bus(buffer));
		set_dma_count(1, 4);
		enable_dma(1); /* !device-unmapped-access */
		release_dma_lock(flags);
		outb(1, 0x222);
		msleep(10);
		outb(0, 0x222);
		disable_dma(1);
		free_dma(1);
	}
	kfree(buffer);
	return 0;
}

static struct isa_driver driver = {
	.probe = probe,
	.driver = {.name = "isa_dma_unmapped"},
};
module_isa_driver(driver, 1);
MODULE_LICENSE("GPL");
