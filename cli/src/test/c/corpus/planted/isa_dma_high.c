// run: --board pc
/* Memory above 16 MiB, given by its physical address: the channel has 24 address lines. */
#include <linux/io.h>
#include <linux/isa.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <asm/dma.h>

static int probe(struct device *dev, unsigned int id)
{
	void *buffer = kzalloc(512, GFP_KERNEL);
	unsigned long flags;

	if (buffer == NULL)
		return -ENOMEM;
	if (request_dma(3, "high") == 0) {
		flags = claim_dma_lock();
		disable_dma(3);
		clear_dma_ff(3);
		set_dma_mode(3, DMA_MODE_READ);
		set_dma_addr(3, isa_virt_to_bus(buffer) | 0x10000000);
		set_dma_count(3, 512);
		enable_dma(3); /* !device-unreachable */
		disable_dma(3);
		release_dma_lock(flags);
		free_dma(3);
	}
	kfree(buffer);
	return 0;
}

static struct isa_driver driver = {
	.probe = probe,
	.driver = {.name = "isa_dma_high"},
};
module_isa_driver(driver, 1);
MODULE_LICENSE("GPL");
