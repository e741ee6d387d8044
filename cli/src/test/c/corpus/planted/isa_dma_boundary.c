// run: --board pc
/* The buffer crosses a multiple of 64 KiB, where the channel's address starts again. */
#include <linux/dma-mapping.h>
#include <linux/isa.h>
#include <linux/module.h>
#include <asm/dma.h>

static int probe(struct device *dev, unsigned int id)
{
	dma_addr_t address;
	void *buffer = dma_alloc_coherent(dev, 0x20000, &address, GFP_KERNEL);
	unsigned long flags;

	if (buffer == NULL)
		return -ENOMEM;
	if (request_dma(1, "boundary") == 0) {
		flags = claim_dma_lock();
		disable_dma(1);
		clear_dma_ff(1);
		set_dma_mode(1, DMA_MODE_WRITE);
		set_dma_addr(1, address + 0x8000);
		set_dma_count(1, 0x9000);
		enable_dma(1); /* !device-unreachable */
		disable_dma(1);
		release_dma_lock(flags);
		free_dma(1);
	}
	dma_free_coherent(dev, 0x20000, buffer, address);
	return 0;
}

static struct isa_driver driver = {
	.probe = probe,
	.driver = {.name = "isa_dma_boundary"},
};
module_isa_driver(driver, 1);
MODULE_LICENSE("GPL");
