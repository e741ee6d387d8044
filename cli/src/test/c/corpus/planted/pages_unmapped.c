#include "transfer.h"

static int __init start(void)
{
	dma_addr_t dma;
	struct page *page;
	if (transfer_begin())
		return -ENODEV;
	page = dma_alloc_pages(dev, PAGE_SIZE, &dma, DMA_BIDIRECTIONAL, GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	dma_unmap_page(dev, dma, PAGE_SIZE, DMA_BIDIRECTIONAL); /* !unmap-type */
	__free_page(page);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
