// also: leak-memory
#include "transfer.h"

static int __init start(void)
{
	static u8 *buffer;
	if (transfer_begin())
		return -ENODEV;
	buffer = kzalloc(BYTES, GFP_KERNEL);
	if (dma_mapping_error(dev, dma_map_single(dev, buffer, BYTES, DMA_TO_DEVICE))) /* !unmap-missing */
		return -ENOMEM;
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
