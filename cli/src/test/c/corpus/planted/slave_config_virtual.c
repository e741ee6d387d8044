#include "transfer.h"
#include <linux/io.h>

static int __init start(void)
{
	void __iomem *fifo = ioremap(0x3f203000, 0x1000);
	struct dma_slave_config config = {
		.direction = DMA_MEM_TO_DEV,
		.dst_addr = (phys_addr_t)(unsigned long)fifo,
		.dst_addr_width = DMA_SLAVE_BUSWIDTH_4_BYTES,
	};
	dma_addr_t dma;
	u8 *va;

	if (transfer_begin())
		return -ENODEV;
	va = dma_alloc_coherent(dev, BYTES, &dma, GFP_KERNEL);
	memset(va, 0, BYTES);
	dmaengine_slave_config(chan, &config);
	if (dmaengine_prep_slave_single(chan, dma, BYTES, DMA_MEM_TO_DEV, /* !slave-config-invalid */
					DMA_PREP_INTERRUPT))
		dmaengine_terminate_sync(chan);
	dma_free_coherent(dev, BYTES, va, dma);
	iounmap(fifo);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
