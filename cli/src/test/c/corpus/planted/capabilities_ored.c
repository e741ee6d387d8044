#include "transfer.h"

static int __init start(void)
{
	dma_cap_mask_t mask;

	dma_cap_zero(mask);
	dma_cap_set(DMA_SLAVE | DMA_PRIVATE, mask); /* !capability-missing */
	chan = dma_request_channel(mask, NULL, NULL);
	if (chan)
		dma_release_channel(chan);
	return 0;
}

static void __exit stop(void)
{
}

module_init(start);
module_exit(stop);
