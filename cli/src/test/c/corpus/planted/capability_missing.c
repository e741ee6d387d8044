#include "transfer.h"

static int __init start(void)
{
	struct dma_interleaved_template *xt;

	if (transfer_begin())
		return -ENODEV;
	xt = kzalloc(struct_size(xt, sgl, 1), GFP_KERNEL);
	xt->dir = DMA_MEM_TO_MEM;
	xt->numf = 4;
	xt->frame_size = 1;
	xt->sgl[0].size = 16;
	if (dmaengine_prep_interleaved_dma(chan, xt, DMA_PREP_INTERRUPT)) /* !capability-missing */
		pr_err("a surprise\n");
	kfree(xt);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
