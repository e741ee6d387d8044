#include "transfer.h"

static struct dma_chan *missing;

static int __init start(void)
{
	struct device *owner = NULL;

	missing = dma_request_chan(owner, "rx");
	if (!missing)
		return -ENODEV;
	pr_info("%s\n", dma_chan_name(missing)); /* !channel-error-unchecked|wild-access */
	return 0;
}

static void __exit stop(void)
{
}

module_init(start);
module_exit(stop);
