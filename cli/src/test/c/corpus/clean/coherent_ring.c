// A ring of descriptors in coherent memory, copied by the engine block by block.
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/module.h>

#define BLOCKS 8
#define BLOCK_BYTES 512

struct ring {
	u8 in[BLOCKS][BLOCK_BYTES];
	u8 out[BLOCKS][BLOCK_BYTES];
};

static struct dma_chan *chan;
static struct ring *ring;
static dma_addr_t ring_dma;
static struct completion blocks_done;

static void block_done(void *unused)
{
	complete(&blocks_done);
}

static int submit_block(int i)
{
	dma_addr_t from = ring_dma + offsetof(struct ring, in) + i * BLOCK_BYTES;
	dma_addr_t to = ring_dma + offsetof(struct ring, out) + i * BLOCK_BYTES;
	struct dma_async_tx_descriptor *desc;

	desc = dmaengine_prep_dma_memcpy(chan, to, from, BLOCK_BYTES, DMA_PREP_INTERRUPT);
	if (!desc)
		return -ENOMEM;
	desc->callback = block_done;
	return dma_submit_error(dmaengine_submit(desc));
}

static int __init ring_init(void)
{
	dma_cap_mask_t mask;
	int i, err = 0;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_chan_by_mask(&mask);
	if (IS_ERR(chan))
		return PTR_ERR(chan);
	ring = dma_alloc_coherent(chan->device->dev, sizeof(*ring), &ring_dma, GFP_KERNEL);
	if (!ring) {
		err = -ENOMEM;
		goto release;
	}
	memset(ring->out, 0, sizeof(ring->out));
	for (i = 0; i < BLOCKS; i++)
		memset(ring->in[i], i + 1, BLOCK_BYTES);
	init_completion(&blocks_done);
	for (i = 0; i < BLOCKS && !err; i++)
		err = submit_block(i);
	if (err)
		goto stop;
	dma_async_issue_pending(chan);
	for (i = 0; i < BLOCKS; i++) {
		if (!wait_for_completion_timeout(&blocks_done, HZ)) {
			err = -ETIMEDOUT;
			goto stop;
		}
	}
	if (memcmp(ring->in, ring->out, sizeof(ring->in)))
		err = -EIO;
	else
		pr_info("%d blocks are equal\n", BLOCKS);
	if (!err)
		return 0;
stop:
	dmaengine_terminate_sync(chan);
	dma_free_coherent(chan->device->dev, sizeof(*ring), ring, ring_dma);
release:
	dma_release_channel(chan);
	return err;
}

static void __exit ring_exit(void)
{
	dmaengine_terminate_sync(chan);
	dma_free_coherent(chan->device->dev, sizeof(*ring), ring, ring_dma);
	dma_release_channel(chan);
}

module_init(ring_init);
module_exit(ring_exit);
MODULE_LICENSE("GPL");
