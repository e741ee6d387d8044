// SPDX-License-Identifier: GPL-2.0
/* Looks at who holds a channel, as the structs say. */
#include <linux/dmaengine.h>
#include <linux/module.h>

static int failures;

#define EXPECT(condition)                                                                          \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			pr_err("line %d: %s\n", __LINE__, #condition);                             \
			failures++;                                                                \
		}                                                                                  \
	} while (0)

static bool is_private(struct dma_chan *chan)
{
	return dma_has_cap(DMA_PRIVATE, chan->device->cap_mask);
}

static bool is_one_of_many(struct dma_chan *chan, void *unused)
{
	return chan->device->chancnt > 1 && chan->client_count == 0;
}

static void exclusive(void)
{
	struct dma_chan *first, *second;
	dma_cap_mask_t mask;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	first = dma_request_channel(mask, is_one_of_many, NULL);
	EXPECT(first != NULL);
	EXPECT(first->client_count == 1);
	EXPECT(is_private(first));
	EXPECT(first->device->privatecnt == 1);
	second = dma_request_channel(mask, is_one_of_many, NULL);
	EXPECT(second != NULL);
	EXPECT(second != first);
	EXPECT(second->device == first->device);
	EXPECT(second->device->privatecnt == 2);
	dma_release_channel(first);
	EXPECT(first->client_count == 0);
	EXPECT(second->client_count == 1);
	EXPECT(is_private(second));
	dma_release_channel(second);
	EXPECT(second->client_count == 0);
	EXPECT(!is_private(second));
	EXPECT(second->device->privatecnt == 0);
}

static void everybody(void)
{
	struct dma_chan *chan;

	dmaengine_get();
	dmaengine_get();
	chan = dma_find_channel(DMA_MEMCPY);
	EXPECT(chan != NULL);
	EXPECT(chan->client_count == 2);
	EXPECT(!is_private(chan));
	dmaengine_put();
	EXPECT(chan->client_count == 1);
	dmaengine_put();
	EXPECT(chan->client_count == 0);
}

static int __init usage_init(void)
{
	exclusive();
	everybody();
	pr_info("dma_usage: %d failures\n", failures);
	return 0;
}

static void __exit usage_exit(void)
{
}

module_init(usage_init);
module_exit(usage_exit);
MODULE_LICENSE("GPL");
