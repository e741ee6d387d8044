// run: --kernel 6.18
#include "transfer.h"

/* Without an IOMMU there are no addresses to link memory to, and the answer says so. */
static int __init start(void)
{
	struct dma_iova_state state;
	void *buffer = kmalloc(PAGE_SIZE, GFP_KERNEL);
	phys_addr_t phys;
	if (!buffer || transfer_begin())
		return -ENODEV;
	phys = virt_to_phys(buffer);
	dma_iova_try_alloc(dev, &state, phys, PAGE_SIZE);
	dma_iova_link(dev, &state, phys, 0, PAGE_SIZE, DMA_TO_DEVICE, 0); /* !null-deref */
	kfree(buffer);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
