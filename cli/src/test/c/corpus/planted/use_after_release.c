#include "transfer.h"

static int __init start(void)
{
	dma_addr_t dma;
	u8 *va;
	struct device *owner;
	if (transfer_begin())
		return -ENODEV;
	owner = dev;
	va = dma_alloc_coherent(owner, 2 * BYTES, &dma, GFP_KERNEL);
	memset(va, 0, 2 * BYTES);
	dma_release_channel(chan);
	dmaengine_terminate_sync(chan); /* !channel-use-after-release */
	dma_free_coherent(owner, 2 * BYTES, va, dma);
	return 0;
}

static void __exit stop(void)
{
	;
}

module_init(start);
module_exit(stop);
