#include "transfer.h"

static int __init start(void)
{
	struct dma_async_tx_descriptor *desc;
	if (transfer_begin())
		return -ENODEV;
	desc = chan->device->device_prep_dma_memcpy(chan, 0, 0, 0, 0);
	desc->callback = transfer_done; /* !prep-null-unchecked|null-deref */
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
