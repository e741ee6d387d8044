#include "transfer.h"

static int __init start(void)
{
	dma_cap_mask_t mask;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_channel(mask, NULL, NULL); /* !channel-leak */
	return chan ? 0 : -ENODEV;
}

static void __exit stop(void)
{
}

module_init(start);
module_exit(stop);
