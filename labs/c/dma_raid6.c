// SPDX-License-Identifier: Apache-2.0 OR MIT
/*
 * A RAID-6 stripe: written, checked, two of its disks lost, and recovered.
 *
 * async_tx gives the work to a DMA engine that can do it, and to the CPU where there is none. The
 * module does everything twice: first without public channels, so that the CPU has to do it, then
 * with whatever engine the board has. It prints how long each step took, and compares every byte.
 */
#include <linux/async_tx.h>
#include <linux/completion.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/slab.h>

#define DISKS		8	/* P and Q among them */
#define BLOCK		4096
#define LOST		1
#define ALSO_LOST	4
#define TIMEOUT_MS	3000

struct stripe {
	struct page *blocks[DISKS];
	struct page *spare;
	unsigned int offsets[DISKS];
	addr_conv_t scribble[DISKS];
	u8 *kept[DISKS];	/* what the blocks should hold */
};

static void step_done(void *param)
{
	complete(param);
}

/* Starts what was submitted and waits for the last of it. */
static int finish(const char *what, struct dma_async_tx_descriptor *tx, struct completion *done,
		  ktime_t start)
{
	async_tx_issue_pending_all();
	if (!wait_for_completion_timeout(done, msecs_to_jiffies(TIMEOUT_MS)))
		return -ETIMEDOUT;
	pr_info("raid6: %-22s %6lld us, by %s\n", what, ktime_us_delta(ktime_get(), start),
		tx ? dma_chan_name(tx->chan) : "the CPU");
	return 0;
}

static int generate(struct stripe *s)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct dma_async_tx_descriptor *tx;
	struct async_submit_ctl submit;
	ktime_t start = ktime_get();

	init_async_submit(&submit, ASYNC_TX_ACK, NULL, step_done, &done, s->scribble);
	tx = async_gen_syndrome(s->blocks, s->offsets, DISKS, BLOCK, &submit);
	return finish("P and Q", tx, &done, start);
}

static int check(struct stripe *s, enum sum_check_flags expected)
{
	DECLARE_COMPLETION_ONSTACK(done);
	enum sum_check_flags result = SUM_CHECK_P_RESULT | SUM_CHECK_Q_RESULT;
	struct dma_async_tx_descriptor *tx;
	struct async_submit_ctl submit;
	ktime_t start = ktime_get();
	int ret;

	init_async_submit(&submit, ASYNC_TX_ACK, NULL, step_done, &done, s->scribble);
	tx = async_syndrome_val(s->blocks, s->offsets, DISKS, BLOCK, &result, s->spare, 0,
				&submit);
	ret = finish("check", tx, &done, start);
	if (ret)
		return ret;
	return result == expected ? 0 : -EIO;
}

static int recover_data(struct stripe *s)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct dma_async_tx_descriptor *tx;
	struct async_submit_ctl submit;
	ktime_t start = ktime_get();

	init_async_submit(&submit, ASYNC_TX_ACK, NULL, step_done, &done, s->scribble);
	tx = async_raid6_2data_recov(DISKS, BLOCK, LOST, ALSO_LOST, s->blocks, s->offsets,
				     &submit);
	return finish("two data disks", tx, &done, start);
}

static int recover_data_and_p(struct stripe *s)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct dma_async_tx_descriptor *tx;
	struct async_submit_ctl submit;
	ktime_t start = ktime_get();

	init_async_submit(&submit, ASYNC_TX_ACK, NULL, step_done, &done, s->scribble);
	tx = async_raid6_datap_recov(DISKS, BLOCK, LOST, s->blocks, s->offsets, &submit);
	return finish("a data disk and P", tx, &done, start);
}

static void lose(struct stripe *s, int disk)
{
	memset(page_address(s->blocks[disk]), 0xee, BLOCK);
}

static int compare(struct stripe *s)
{
	int disk;

	for (disk = 0; disk < DISKS; disk++) {
		if (memcmp(page_address(s->blocks[disk]), s->kept[disk], BLOCK)) {
			pr_err("raid6: disk %d is not what it was\n", disk);
			return -EIO;
		}
	}
	return 0;
}

static int exercise(struct stripe *s)
{
	int ret;

	lose(s, DISKS - 2);
	lose(s, DISKS - 1);
	ret = generate(s);
	if (!ret)
		ret = compare(s);
	if (!ret)
		ret = check(s, 0);
	if (ret)
		return ret;

	lose(s, LOST);
	lose(s, ALSO_LOST);
	ret = check(s, SUM_CHECK_P_RESULT | SUM_CHECK_Q_RESULT);
	if (!ret)
		ret = recover_data(s);
	if (!ret)
		ret = compare(s);
	if (ret)
		return ret;

	lose(s, LOST);
	lose(s, DISKS - 2);
	ret = recover_data_and_p(s);
	return ret ? ret : compare(s);
}

/* The whole stripe as it should be, P and Q by the library. */
static int prepare(struct stripe *s)
{
	void *kept[DISKS];
	int disk, i;

	s->spare = alloc_page(GFP_KERNEL);
	if (!s->spare)
		return -ENOMEM;
	for (disk = 0; disk < DISKS; disk++) {
		s->blocks[disk] = alloc_page(GFP_KERNEL);
		s->kept[disk] = kmalloc(BLOCK, GFP_KERNEL);
		if (!s->blocks[disk] || !s->kept[disk])
			return -ENOMEM;
		for (i = 0; i < BLOCK; i++)
			s->kept[disk][i] = disk * 37 + i * 11 + (i >> 8);
		memcpy(page_address(s->blocks[disk]), s->kept[disk], BLOCK);
		kept[disk] = s->kept[disk];
	}
	raid6_call.gen_syndrome(DISKS, BLOCK, kept);
	return 0;
}

static void give_back(struct stripe *s)
{
	int disk;

	for (disk = 0; disk < DISKS; disk++) {
		kfree(s->kept[disk]);
		if (s->blocks[disk])
			__free_page(s->blocks[disk]);
	}
	if (s->spare)
		__free_page(s->spare);
}

static int __init dma_raid6_init(void)
{
	struct stripe *s = kzalloc(sizeof(*s), GFP_KERNEL);
	int ret;

	if (!s)
		return -ENOMEM;
	ret = prepare(s);
	if (ret)
		goto out;

	/* Nobody has asked for public channels: there are none. */
	ret = exercise(s);
	if (ret)
		goto out;

	dmaengine_get();
	ret = exercise(s);
	dmaengine_put();
out:
	give_back(s);
	kfree(s);
	if (ret)
		pr_err("raid6: failed with %d\n", ret);
	else
		pr_info("raid6: all as it was\n");
	return ret;
}

static void __exit dma_raid6_exit(void)
{
}

module_init(dma_raid6_init);
module_exit(dma_raid6_exit);

MODULE_DESCRIPTION("RAID-6 by DMA engine and by CPU");
MODULE_LICENSE("Dual MIT/GPL");
