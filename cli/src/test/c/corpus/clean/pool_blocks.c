// Small blocks of a pool, linked into a chain as descriptors are, and an allocator of indices.
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/dmapool.h>
#include <linux/idr.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>

struct block {
	struct list_head node;
	int id;
	__le32 *va;
	dma_addr_t dma;
};

static struct dma_chan *chan;
static struct dma_pool *pool;
static LIST_HEAD(blocks);
static DEFINE_IDA(ids);

static int add_block(void)
{
	struct block *block = kzalloc(sizeof(*block), GFP_KERNEL);

	if (!block)
		return -ENOMEM;
	block->id = ida_alloc(&ids, GFP_KERNEL);
	if (block->id < 0) {
		kfree(block);
		return -ENOSPC;
	}
	block->va = dma_pool_zalloc(pool, GFP_KERNEL, &block->dma);
	if (!block->va) {
		ida_free(&ids, block->id);
		kfree(block);
		return -ENOMEM;
	}
	block->va[0] = cpu_to_le32(block->id);
	if (!list_empty(&blocks)) {
		struct block *before = list_last_entry(&blocks, struct block, node);

		before->va[1] = cpu_to_le32(lower_32_bits(block->dma));
	}
	list_add_tail(&block->node, &blocks);
	return 0;
}

static void drop_blocks(void)
{
	struct block *block, *next;

	list_for_each_entry_safe(block, next, &blocks, node) {
		list_del(&block->node);
		dma_pool_free(pool, block->va, block->dma);
		ida_free(&ids, block->id);
		kfree(block);
	}
}

static int __init pool_init(void)
{
	struct block *block;
	dma_cap_mask_t mask;
	int i, err = 0;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	pool = dma_pool_create("blocks", chan->device->dev, 32, 32, 0);
	if (!pool) {
		dma_release_channel(chan);
		return -ENOMEM;
	}
	for (i = 0; i < 100 && !err; i++)
		err = add_block();
	i = 0;
	list_for_each_entry(block, &blocks, node)
		if (le32_to_cpu(block->va[0]) != i++)
			err = -EIO;
	pr_info("%d blocks: %d\n", i, err);
	if (err) {
		drop_blocks();
		dma_pool_destroy(pool);
		dma_release_channel(chan);
	}
	return err;
}

static void __exit pool_exit(void)
{
	drop_blocks();
	ida_destroy(&ids);
	dma_pool_destroy(pool);
	dma_release_channel(chan);
}

module_init(pool_init);
module_exit(pool_exit);
MODULE_LICENSE("GPL");
