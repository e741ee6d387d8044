/* Every operation of async_tx in chains, with the forms of old and new kernels. */
#include <linux/async_tx.h>
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/raid/pq.h>
#include <linux/raid/xor.h>
#include <linux/slab.h>

#define DISKS 7
#define BLOCK 4096

static struct page *blocks[DISKS + 3];
static addr_conv_t scribble[DISKS];

static u8 *bytes_of(int block)
{
	return page_address(blocks[block]);
}

static void called(void *completion)
{
	complete(completion);
}

static int finish(struct completion *done)
{
	async_tx_issue_pending_all();
	return wait_for_completion_timeout(done, HZ) ? 0 : -ETIMEDOUT;
}

/* A copy, the sum of it and others, the check of that, and a callback behind all. */
static int chain(void)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct page *sources[3] = {blocks[1], blocks[2], blocks[DISKS]};
	enum sum_check_flags result = SUM_CHECK_Q_RESULT;
	struct dma_async_tx_descriptor *tx;
	struct async_submit_ctl submit;
	struct page *checked[4];

	init_async_submit(&submit, ASYNC_TX_FENCE, NULL, NULL, NULL, scribble);
	tx = async_memcpy(blocks[DISKS], blocks[0], 0, 0, BLOCK, &submit);
	init_async_submit(&submit, ASYNC_TX_FENCE | ASYNC_TX_XOR_ZERO_DST, tx, NULL, NULL, scribble);
	tx = async_xor(blocks[DISKS + 1], sources, 0, 3, BLOCK, &submit);
	checked[0] = blocks[DISKS + 1];
	checked[1] = blocks[0];
	checked[2] = blocks[1];
	checked[3] = blocks[2];
	init_async_submit(&submit, 0, tx, NULL, NULL, scribble);
	tx = async_xor_val(blocks[DISKS + 1], checked, 0, 4, BLOCK, &result, &submit);
	init_async_submit(&submit, ASYNC_TX_ACK, tx, called, &done, scribble);
	async_trigger_callback(&submit);
	if (finish(&done))
		return -ETIMEDOUT;
	return result == 0 && memcmp(bytes_of(DISKS), bytes_of(0), BLOCK) == 0 ? 0 : -EIO;
}

static int fill(void)
{
	struct dma_async_tx_descriptor *tx;
	struct async_submit_ctl submit;

	init_async_submit(&submit, 0, NULL, NULL, NULL, NULL);
	tx = async_memset(blocks[DISKS + 2], 0x5a, 256, 512, &submit);
	async_tx_issue_pending(tx);
	async_tx_quiesce(&tx);
	return bytes_of(DISKS + 2)[256] == 0x5a && bytes_of(DISKS + 2)[767] == 0x5a ? 0 : -EIO;
}

static int stripe(void)
{
	unsigned int offsets[DISKS] = {0};
	enum sum_check_flags result = SUM_CHECK_P_RESULT;
	DECLARE_COMPLETION_ONSTACK(done);
	struct async_submit_ctl submit;
	u8 *q = kmalloc(BLOCK, GFP_KERNEL);
	void *addresses[DISKS];
	int i, error = 0;

	if (!q)
		return -ENOMEM;
	init_async_submit(&submit, ASYNC_TX_ACK, NULL, called, &done, scribble);
	async_gen_syndrome(blocks, offsets, DISKS, BLOCK, &submit);
	if (finish(&done))
		error = -ETIMEDOUT;
	memcpy(q, bytes_of(DISKS - 1), BLOCK);
	reinit_completion(&done);
	init_async_submit(&submit, ASYNC_TX_ACK, NULL, called, &done, scribble);
	async_syndrome_val(blocks, 0, DISKS, BLOCK, &result, blocks[DISKS], &submit);
	if (finish(&done) || result)
		error = -EIO;
	memset(bytes_of(2), 0, BLOCK);
	memset(bytes_of(4), 0, BLOCK);
	reinit_completion(&done);
	init_async_submit(&submit, ASYNC_TX_ACK, NULL, called, &done, scribble);
	async_raid6_2data_recov(DISKS, BLOCK, 4, 2, blocks, &submit);
	if (finish(&done))
		error = -ETIMEDOUT;
	for (i = 0; i < DISKS; i++)
		addresses[i] = bytes_of(i);
	memset(addresses[DISKS - 1], 0, BLOCK);
	raid6_call.gen_syndrome(DISKS, BLOCK, addresses);
	if (memcmp(q, addresses[DISKS - 1], BLOCK))
		error = -EIO;
	memset(addresses[1], 0, BLOCK);
	memset(addresses[3], 0, BLOCK);
	raid6_2data_recov(DISKS, BLOCK, 1, 3, addresses);
	memset(addresses[0], 0, BLOCK);
	memset(addresses[DISKS - 2], 0, BLOCK);
	raid6_datap_recov(DISKS, BLOCK, 0, addresses);
	init_async_submit(&submit, ASYNC_TX_ACK, NULL, called, &done, scribble);
	reinit_completion(&done);
	async_syndrome_val(blocks, offsets, DISKS, BLOCK, &result, blocks[DISKS], 0, &submit);
	if (finish(&done) || result)
		error = -EIO;
	xor_blocks(1, BLOCK, bytes_of(DISKS), (void **)addresses);
	xor_blocks(1, BLOCK, bytes_of(DISKS), (void **)addresses);
	kfree(q);
	return error;
}

static int __init start(void)
{
	int i, j, error = -ENOMEM;

	for (i = 0; i < DISKS + 3; i++) {
		blocks[i] = alloc_page(GFP_KERNEL);
		if (!blocks[i])
			goto out;
		for (j = 0; j < BLOCK; j++)
			bytes_of(i)[j] = i * 29 + j * 13 + (j >> 7);
	}
	dmaengine_get();
	error = chain();
	if (!error)
		error = fill();
	if (!error)
		error = stripe();
	dmaengine_put();
out:
	while (--i >= 0)
		__free_page(blocks[i]);
	return error;
}

static void __exit stop(void)
{
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
