// run: --board pc
#include "async.h"

static int __init start(void)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct async_submit_ctl submit;

	if (async_begin())
		return -ENOMEM;
	init_async_submit(&submit, ASYNC_TX_ACK, NULL, async_done, &done, NULL);
	async_memcpy(to, from, 0, 0, PAGE_SIZE, &submit);
	if (wait_for_completion_timeout(&done, HZ)) /* !issue-pending-missing */
		return -EIO;
	async_tx_issue_pending_all();
	return wait_for_completion_timeout(&done, HZ) ? 0 : -ETIMEDOUT;
}

static void __exit stop(void)
{
	async_end();
}

module_init(start);
module_exit(stop);
