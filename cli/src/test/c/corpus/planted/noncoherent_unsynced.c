#include "transfer.h"

static int __init start(void)
{
	dma_addr_t dma;
	u8 *va;
	int error;
	if (transfer_begin())
		return -ENODEV;
	va = dma_alloc_noncoherent(dev, 2 * PAGE_SIZE, &dma, DMA_BIDIRECTIONAL, GFP_KERNEL);
	if (!va)
		return -ENOMEM;
	memset(va, 1, PAGE_SIZE);
	dma_sync_single_for_device(dev, dma, 2 * PAGE_SIZE, DMA_BIDIRECTIONAL);
	error = transfer(dma + PAGE_SIZE, dma, PAGE_SIZE);
	pr_info("%d %d\n", error, va[PAGE_SIZE]); /* !cpu-read-while-device-owns */
	dma_free_noncoherent(dev, 2 * PAGE_SIZE, va, dma, DMA_BIDIRECTIONAL);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
