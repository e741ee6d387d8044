/* Loops to measure: what hooks, calls and whole transfers cost a driver in C. */
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/module.h>
#include <linux/slab.h>

#define BYTES 4096

static DECLARE_COMPLETION(called);
static struct dma_chan *chan;
static u8 *src, *dst;

static __always_inline u64 walk(u64 *words, long count)
{
	u64 sum = 0;
	long i;

	for (i = 0; i < count; i++) {
		u64 word = READ_ONCE(words[i]);

		sum += word;
		WRITE_ONCE(words[i], word + 1);
	}
	return sum;
}

u64 bench_walk_hooked(u64 *words, long count)
{
	return walk(words, count);
}

u64 __attribute__((no_sanitize("thread"))) bench_walk_plain(u64 *words, long count)
{
	u64 sum = 0;
	long i;

	for (i = 0; i < count; i++) {
		u64 word = READ_ONCE(words[i]);

		sum += word;
		WRITE_ONCE(words[i], word + 1);
	}
	return sum;
}

void *bench_memory(long bytes)
{
	return (void *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, get_order(bytes));
}

long bench_calls(long count)
{
	long i;

	for (i = 0; i < count; i++)
		complete(&called);
	return count;
}

static void copied(void *done)
{
	complete(done);
}

static int copy(dma_addr_t to, dma_addr_t from)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct dma_async_tx_descriptor *desc;

	desc = dmaengine_prep_dma_memcpy(chan, to, from, BYTES, DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
	if (!desc)
		return -EIO;
	desc->callback = copied;
	desc->callback_param = &done;
	if (dma_submit_error(dmaengine_submit(desc)))
		return -EIO;
	dma_async_issue_pending(chan);
	return wait_for_completion_timeout(&done, HZ) ? 0 : -ETIMEDOUT;
}

long bench_cycles(long count)
{
	struct device *dev = chan->device->dev;
	long i;

	for (i = 0; i < count; i++) {
		dma_addr_t from, to;
		int err;

		src[0] = i;
		from = dma_map_single(dev, src, BYTES, DMA_TO_DEVICE);
		to = dma_map_single(dev, dst, BYTES, DMA_FROM_DEVICE);
		if (dma_mapping_error(dev, from) || dma_mapping_error(dev, to))
			return -ENOMEM;
		err = copy(to, from);
		dma_unmap_single(dev, to, BYTES, DMA_FROM_DEVICE);
		dma_unmap_single(dev, from, BYTES, DMA_TO_DEVICE);
		if (err || dst[0] != (u8)i)
			return -EIO;
	}
	return count;
}

static int __init figures_init(void)
{
	dma_cap_mask_t mask;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	src = kzalloc(BYTES, GFP_KERNEL);
	dst = kzalloc(BYTES, GFP_KERNEL);
	return src && dst ? 0 : -ENOMEM;
}

static void __exit figures_exit(void)
{
	kfree(dst);
	kfree(src);
	dma_release_channel(chan);
}

module_init(figures_init);
module_exit(figures_exit);
MODULE_LICENSE("GPL");
