/* What transfers' buffers are unmapped by, and the old calls that map them for their clients. */
#include <dmakit/provider.h>

#include "dma.h"

/* Old clients' copy of kernel memory, mapped and unmapped for them. */

static dma_cookie_t copy_mapped(struct dma_chan *chan, struct dmaengine_unmap_data *unmap)
{
	struct dma_async_tx_descriptor *tx;
	dma_cookie_t cookie;

	tx = dmaengine_prep_dma_memcpy(chan, unmap->addr[1], unmap->addr[0], unmap->len,
				       DMA_CTRL_ACK);
	if (!tx) {
		dmaengine_unmap_put(unmap);
		return -ENOMEM;
	}
	dma_set_unmap(tx, unmap);
	cookie = dmaengine_submit(tx);
	dmaengine_unmap_put(unmap);
	return cookie;
}

dma_cookie_t dma_async_memcpy_buf_to_pg(struct dma_chan *chan, struct page *page,
					unsigned int offset, void *kdata, size_t len)
{
	struct device *dev = chan->device->dev;
	struct dmaengine_unmap_data *unmap = dmaengine_get_unmap_data(dev, 2, GFP_NOWAIT);

	if (!unmap)
		return -ENOMEM;
	unmap->len = len;
	unmap->addr[0] = dma_map_single(dev, kdata, len, DMA_TO_DEVICE);
	unmap->to_cnt = 1;
	unmap->addr[1] = dma_map_page(dev, page, offset, len, DMA_FROM_DEVICE);
	unmap->from_cnt = 1;
	if (dma_mapping_error(dev, unmap->addr[0]) || dma_mapping_error(dev, unmap->addr[1])) {
		dmaengine_unmap_put(unmap);
		return -ENOMEM;
	}
	return copy_mapped(chan, unmap);
}

dma_cookie_t dma_async_memcpy_buf_to_buf(struct dma_chan *chan, void *dest, void *src, size_t len)
{
	return dma_async_memcpy_buf_to_pg(chan, virt_to_page(dest),
					  (unsigned int)((unsigned long)dest & (PAGE_SIZE - 1)),
					  src, len);
}

#define UNMAP_COUNT_MAX 256

struct dmaengine_unmap_data *dmaengine_get_unmap_data(struct device *dev, int nr, gfp_t flags)
{
	struct dmaengine_unmap_data *unmap;

	(void)flags;
	BUG_ON(nr < 0 || nr > UNMAP_COUNT_MAX);
	unmap = kernel_allocate(sizeof *unmap + (size_t)nr * sizeof unmap->addr[0]);
	kref_init(&unmap->kref);
	unmap->dev = dev;
	unmap->map_cnt = (u16)nr;
	return unmap;
}

static void unmap_all(struct kref *kref)
{
	struct dmaengine_unmap_data *unmap = container_of(kref, struct dmaengine_unmap_data, kref);
	int at = 0;

	for (int i = 0; i < unmap->to_cnt; i++)
		dma_unmap_page(unmap->dev, unmap->addr[at++], unmap->len, DMA_TO_DEVICE);
	for (int i = 0; i < unmap->from_cnt; i++)
		dma_unmap_page(unmap->dev, unmap->addr[at++], unmap->len, DMA_FROM_DEVICE);
	for (int i = 0; i < unmap->bidi_cnt; i++, at++)
		if (unmap->addr[at])
			dma_unmap_page(unmap->dev, unmap->addr[at], unmap->len, DMA_BIDIRECTIONAL);
	kernel_free(unmap);
}

void dmaengine_unmap_put(struct dmaengine_unmap_data *unmap)
{
	if (unmap)
		kref_put(&unmap->kref, unmap_all);
}
