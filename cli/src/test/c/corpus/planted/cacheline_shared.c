// run: --board rpi3
// also: lost-write
#include "transfer.h"

struct port {
	int count; /* in the first line of rx */
	u8 rx[BYTES];
};

static int __init start(void)
{
	struct port *port = kzalloc(sizeof(*port), GFP_KERNEL);
	u8 *src = kzalloc(BYTES, GFP_KERNEL);
	dma_addr_t from, to;
	if (transfer_begin())
		return -ENODEV;
	from = map_or_zero(src, BYTES, DMA_TO_DEVICE);
	to = map_or_zero(port->rx, BYTES, DMA_FROM_DEVICE);
	port->count = 1; /* while the device owns what lies beside it */
	transfer(to, from, BYTES);
	dma_unmap_single(dev, to, BYTES, DMA_FROM_DEVICE); /* !map-cacheline-shared */
	dma_unmap_single(dev, from, BYTES, DMA_TO_DEVICE);
	kfree(src);
	kfree(port);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
