// run: --board pc
// Sums and syndromes on a controller that can, over streaming mappings; checked here byte by byte.
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/module.h>
#include <linux/slab.h>

#define DISKS 4
#define BYTES 4096

static struct dma_chan *chan;
static struct device *dev;
static u8 *data[DISKS], *p, *q;
static dma_addr_t src[DISKS], pq[2];
static const unsigned char powers[DISKS] = {1, 2, 4, 8};

static void done(void *completion)
{
	complete(completion);
}

static int wait_for(struct dma_async_tx_descriptor *desc)
{
	DECLARE_COMPLETION_ONSTACK(finished);

	if (!desc)
		return -ENOMEM;
	desc->callback = done;
	desc->callback_param = &finished;
	if (dma_submit_error(dmaengine_submit(desc)))
		return -EIO;
	dma_async_issue_pending(chan);
	if (wait_for_completion_timeout(&finished, HZ))
		return 0;
	dmaengine_terminate_sync(chan);
	return -ETIMEDOUT;
}

static void unmap(int sources, int results)
{
	while (results--)
		dma_unmap_single(dev, pq[results], BYTES, DMA_BIDIRECTIONAL);
	while (sources--)
		dma_unmap_single(dev, src[sources], BYTES, DMA_TO_DEVICE);
}

static int map(void)
{
	u8 *results[2] = {p, q};

	for (int i = 0; i < DISKS; i++) {
		src[i] = dma_map_single(dev, data[i], BYTES, DMA_TO_DEVICE);
		if (dma_mapping_error(dev, src[i])) {
			unmap(i, 0);
			return -ENOMEM;
		}
	}
	for (int i = 0; i < 2; i++) {
		pq[i] = dma_map_single(dev, results[i], BYTES, DMA_BIDIRECTIONAL);
		if (dma_mapping_error(dev, pq[i])) {
			unmap(DISKS, i);
			return -ENOMEM;
		}
	}
	return 0;
}

static u8 twice(u8 x)
{
	return (u8)((x << 1) ^ (x & 0x80 ? 0x1d : 0));
}

/* Horner's way: the last disk has the highest power. */
static int compare(bool with_q)
{
	for (int i = 0; i < BYTES; i++) {
		u8 sum = 0, syndrome = 0;

		for (int disk = DISKS - 1; disk >= 0; disk--) {
			sum ^= data[disk][i];
			syndrome = twice(syndrome) ^ data[disk][i];
		}
		if (p[i] != sum || (with_q && q[i] != syndrome)) {
			pr_err("raid_channel: byte %d: %02x %02x, wanted %02x %02x\n", i, p[i],
			       q[i], sum, syndrome);
			return -EIO;
		}
	}
	return 0;
}

/* Results, and whether they fit; then with one byte of P spoilt. */
static int check(bool with_q, bool spoilt)
{
	struct dma_device *ops = chan->device;
	unsigned long flags = DMA_PREP_INTERRUPT | DMA_CTRL_ACK;
	enum sum_check_flags found = SUM_CHECK_Q_RESULT;
	dma_addr_t all[DISKS + 1];
	int err = map();

	if (err)
		return err;
	memcpy(all, src, sizeof(src));
	all[DISKS] = pq[0];
	if (with_q)
		err = wait_for(ops->device_prep_dma_pq_val(chan, pq, src, DISKS, powers, BYTES,
							   &found, flags));
	else
		err = wait_for(ops->device_prep_dma_xor_val(chan, all, DISKS + 1, BYTES, &found,
							    flags));
	unmap(DISKS, 2);
	if (err)
		return err;
	return found == (spoilt ? SUM_CHECK_P_RESULT : 0) ? 0 : -EIO;
}

static int sums(bool with_q)
{
	struct dma_device *ops = chan->device;
	unsigned long flags = DMA_PREP_INTERRUPT | DMA_CTRL_ACK;
	int err = map();

	if (err)
		return err;
	if (with_q)
		err = wait_for(ops->device_prep_dma_pq(chan, pq, src, DISKS, powers, BYTES, flags));
	else
		err = wait_for(ops->device_prep_dma_xor(chan, pq[0], src, DISKS, BYTES, flags));
	unmap(DISKS, 2);
	if (!err)
		err = compare(with_q);
	if (!err)
		err = check(with_q, false);
	if (err)
		return err;
	p[17] ^= 0x40;
	err = check(with_q, true);
	p[17] ^= 0x40;
	return err;
}

static int run(void)
{
	int err = -ENOMEM;

	for (int i = 0; i < DISKS; i++) {
		data[i] = kmalloc(BYTES, GFP_KERNEL);
		if (!data[i])
			goto free;
		for (int at = 0; at < BYTES; at++)
			data[i][at] = (u8)(at * (i + 3) + (at >> 5));
	}
	p = kzalloc(BYTES, GFP_KERNEL);
	q = kzalloc(BYTES, GFP_KERNEL);
	if (!p || !q)
		goto free;
	err = sums(false);
	if (!err)
		err = sums(true);
free:
	kfree(q);
	kfree(p);
	for (int i = 0; i < DISKS; i++)
		kfree(data[i]);
	return err;
}

static int __init raid_channel_init(void)
{
	dma_cap_mask_t mask;
	int err;

	dma_cap_zero(mask);
	dma_cap_set(DMA_XOR, mask);
	dma_cap_set(DMA_XOR_VAL, mask);
	dma_cap_set(DMA_PQ, mask);
	dma_cap_set(DMA_PQ_VAL, mask);
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	dev = dmaengine_get_dma_device(chan);
	err = chan->device->max_xor > DISKS && dma_maxpq(chan->device, 0) >= DISKS ? run() : -ERANGE;
	if (err) {
		dmaengine_terminate_sync(chan);
		dma_release_channel(chan);
	}
	return err;
}

static void __exit raid_channel_exit(void)
{
	dmaengine_terminate_sync(chan);
	dma_release_channel(chan);
}

module_init(raid_channel_init);
module_exit(raid_channel_exit);
MODULE_LICENSE("GPL");
