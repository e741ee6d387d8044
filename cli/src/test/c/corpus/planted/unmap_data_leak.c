// also: buffer-freed-while-mapped
#include "transfer.h"

static u8 *buffer;

static int __init start(void)
{
	struct dmaengine_unmap_data *unmap;

	if (transfer_begin())
		return -ENODEV;
	buffer = kzalloc(2 * BYTES, GFP_KERNEL);
	unmap = dmaengine_get_unmap_data(dev, 2, GFP_KERNEL);
	unmap->len = BYTES;
	unmap->addr[0] = dma_map_single(dev, buffer, BYTES, DMA_TO_DEVICE); /* !unmap-missing */
	unmap->to_cnt = dma_mapping_error(dev, unmap->addr[0]) ? 0 : 1;
	kref_get(&unmap->kref);
	dmaengine_unmap_put(unmap);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
	kfree(buffer);
}

module_init(start);
module_exit(stop);
