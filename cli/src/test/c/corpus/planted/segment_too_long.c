#include "transfer.h"
#include <linux/scatterlist.h>

static int __init start(void)
{
	struct scatterlist one;
	u8 *pages = (u8 *)__get_free_pages(GFP_KERNEL, 2);
	if (transfer_begin())
		return -ENODEV;
	memset(pages, 0, 4 * PAGE_SIZE);
	dma_set_max_seg_size(dev, PAGE_SIZE);
	sg_init_one(&one, pages, 4 * PAGE_SIZE);
	if (dma_map_sg(dev, &one, 1, DMA_TO_DEVICE) == 0) /* !sg-segment-too-long */
		return -EIO;
	dma_unmap_sg(dev, &one, 1, DMA_TO_DEVICE);
	free_pages((unsigned long)pages, 2);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
