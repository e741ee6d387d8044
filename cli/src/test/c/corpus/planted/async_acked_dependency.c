// run: --board pc
#include "async.h"

static int __init start(void)
{
	struct dma_async_tx_descriptor *tx;
	struct async_submit_ctl submit;

	if (async_begin())
		return -ENOMEM;
	init_async_submit(&submit, ASYNC_TX_ACK, NULL, NULL, NULL, NULL);
	tx = async_memcpy(to, from, 0, 0, PAGE_SIZE, &submit);
	async_tx_issue_pending_all();
	init_async_submit(&submit, ASYNC_TX_ACK, tx, NULL, NULL, NULL);
	async_memcpy(from, to, 0, 0, PAGE_SIZE, &submit); /* !oops */
	return 0;
}

static void __exit stop(void)
{
	async_end();
}

module_init(start);
module_exit(stop);
