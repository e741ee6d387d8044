#include "transfer.h"
#include <linux/io.h>

static int __init start(void)
{
	u8 *src = kzalloc(BYTES, GFP_KERNEL);
	u8 *dst = kzalloc(BYTES, GFP_KERNEL);
	if (transfer_begin())
		return -ENODEV;
	transfer(virt_to_phys(dst), virt_to_phys(src), BYTES); /* !bus-error|device-unreachable|device-unmapped-access any */
	kfree(src);
	kfree(dst);
	return 0;
}

static void __exit stop(void)
{
	transfer_end();
}

module_init(start);
module_exit(stop);
