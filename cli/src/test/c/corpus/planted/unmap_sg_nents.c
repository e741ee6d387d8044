#include "transfer.h"
#include <linux/scatterlist.h>

static int __init start(void)
{
	struct scatterlist list[2];
	u8 *pages = (u8 *)__get_free_pages(GFP_KERNEL, 1);
	if (transfer_begin())
		return -ENODEV;
	memset(pages, 0, 2 * PAGE_SIZE);
	sg_init_table(list, 2);
	sg_set_buf(&list[0], pages, PAGE_SIZE);
	sg_set_buf(&list[1], pages + PAGE_SIZE, PAGE_SIZE);
	if (dma_map_sg(dev, list, 2, DMA_TO_DEVICE) == 0)
		return -EIO;
	dma_unmap_sg(dev, list, 1, DMA_TO_DEVICE); /* !unmap-sg-nents */
	free_pages((unsigned long)pages, 1);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
