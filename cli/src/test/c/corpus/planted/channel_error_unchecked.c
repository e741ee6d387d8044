// also: channel-leak
#include "transfer.h"

static struct dma_chan *missing;

static int __init start(void)
{
	if (transfer_begin())
		return -ENODEV;
	missing = dma_request_chan(dev, "rx");
	if (!missing)
		return -ENODEV;
	pr_info("%s\n", dma_chan_name(missing)); /* !channel-error-unchecked|null-deref|wild-access */
	return 0;
}

static void __exit stop(void)
{
}

module_init(start);
module_exit(stop);
