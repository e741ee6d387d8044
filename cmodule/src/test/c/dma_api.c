/* Uses what the mapping API and dmaengine offer, and says which step went wrong. */
#include <linux/completion.h>
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/dmapool.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#define WANT(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			pr_err("dma_api: line %d: %s\n", __LINE__, #condition);                    \
			failures++;                                                                \
		}                                                                                  \
	} while (0)

static int failures;
static struct dma_chan *chan;
static struct device *dev;

static void masks(void)
{
	u64 before = dma_get_mask(dev);

	WANT(before == DMA_BIT_MASK(32));
	WANT(dma_set_mask_and_coherent(dev, DMA_BIT_MASK(32)) == 0);
	WANT(*dev->dma_mask == DMA_BIT_MASK(32));
	WANT(dma_supported(dev, DMA_BIT_MASK(64)));
	WANT(dma_get_required_mask(dev) != 0);
	WANT(dma_max_mapping_size(dev) >= SZ_64K);
	WANT(dma_get_cache_alignment() == 64);
	dma_set_seg_boundary(dev, 0xffff);
	WANT(dma_get_seg_boundary(dev) == 0xffff);
	dma_set_seg_boundary(dev, ULONG_MAX);
	WANT(dma_get_max_seg_size(dev) >= 65536);
}

static void coherent(void)
{
	dma_addr_t dma;
	u8 *va = dma_alloc_coherent(dev, 5000, &dma, GFP_KERNEL);

	WANT(va && !va[0] && !va[4999]);
	va[4999] = 1;
	dma_free_coherent(dev, 5000, va, dma);
	va = dma_alloc_wc(dev, 100, &dma, GFP_KERNEL);
	WANT(va);
	dma_free_wc(dev, 100, va, dma);
	va = dma_alloc_coherent(dev, 100, &dma, GFP_ATOMIC);
	WANT(va);
	dma_free_coherent(dev, 100, va, dma);
	va = dma_zalloc_coherent(dev, 100, &dma, GFP_KERNEL);
	WANT(va && !va[99]);
	dma_free_attrs(dev, 100, va, dma, 0);
	va = dma_alloc_noncoherent(dev, 4096, &dma, DMA_FROM_DEVICE, GFP_KERNEL);
	WANT(va);
	dma_sync_single_for_device(dev, dma, 4096, DMA_FROM_DEVICE);
	dma_sync_single_for_cpu(dev, dma, 4096, DMA_FROM_DEVICE);
	WANT(!va[17]);
	dma_free_noncoherent(dev, 4096, va, dma, DMA_FROM_DEVICE);
	dma_free_coherent(dev, 4096, NULL, 0);
}

static void pools(void)
{
	struct dma_pool *pool = dma_pool_create("small", dev, 48, 32, 256);
	dma_addr_t dma[8];
	u8 *va[8];
	int i;

	WANT(pool);
	WANT(!dma_pool_create("bad", dev, 48, 3, 0));
	WANT(!dma_pool_create("bad", dev, 0, 0, 0));
	for (i = 0; i < 8; i++) {
		va[i] = dma_pool_zalloc(pool, GFP_KERNEL, &dma[i]);
		WANT(va[i] && !(dma[i] & 31) && dma[i] / 256 == (dma[i] + 47) / 256);
		memset(va[i], i, 48);
	}
	WANT(dma[4] - dma[0] == 256);
	for (i = 0; i < 8; i++) {
		WANT(va[i][47] == i);
		dma_pool_free(pool, va[i], dma[i]);
	}
	va[0] = dma_pool_alloc(pool, GFP_KERNEL, &dma[0]);
	WANT(va[0] == va[7]);
	dma_pool_free(pool, va[0], dma[0]);
	dma_pool_destroy(pool);
}

static void lists(void)
{
	static struct scatterlist first[3], second[3];
	struct sg_mapping_iter miter;
	struct scatterlist *sg;
	struct sg_table table;
	struct page *pages[4];
	u8 *buffer = kmalloc(1024, GFP_KERNEL), copy[300];
	size_t total = 0;
	int i, mapped;

	sg_init_table(first, 3);
	sg_init_table(second, 3);
	sg_set_buf(&first[0], buffer, 64);
	sg_set_buf(&first[1], buffer + 128, 64);
	sg_chain(first, 3, second);
	for (i = 0; i < 3; i++)
		sg_set_buf(&second[i], buffer + 256 + 128 * i, 64);
	WANT(sg_nents(first) == 5);
	WANT(sg_nents_for_len(first, 129) == 3);
	WANT(sg_nents_for_len(first, 1000) == -EINVAL);
	memset(copy, 7, sizeof(copy));
	WANT(sg_copy_from_buffer(first, 5, copy, sizeof(copy)) == 300);
	WANT(buffer[0] == 7 && buffer[128 + 63] == 7 && buffer[256] == 7);
	memset(copy, 0, sizeof(copy));
	WANT(sg_pcopy_to_buffer(first, 5, copy, 100, 60) == 100 && copy[99] == 7);
	sg_miter_start(&miter, first, 5, SG_MITER_FROM_SG);
	while (sg_miter_next(&miter))
		total += miter.length;
	sg_miter_stop(&miter);
	WANT(total == 320);
	memset(buffer, 1, 1024);
	mapped = dma_map_sg(dev, first, 5, DMA_TO_DEVICE);
	WANT(mapped == 5);
	for_each_sg(first, sg, mapped, i)
		WANT(sg_dma_len(sg) == 64 && sg_dma_address(sg));
	dma_sync_sg_for_cpu(dev, first, 5, DMA_TO_DEVICE);
	dma_sync_sg_for_device(dev, first, 5, DMA_TO_DEVICE);
	dma_unmap_sg(dev, first, 5, DMA_TO_DEVICE);
	kfree(buffer);

	WANT(sg_alloc_table(&table, 300, GFP_KERNEL) == 0);
	WANT(sg_nents(table.sgl) == 300 && table.orig_nents == 300);
	sg_free_table(&table);
	for (i = 0; i < 4; i++)
		pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
	WANT(sg_alloc_table_from_pages(&table, pages, 4, 100, 4 * PAGE_SIZE - 200, GFP_KERNEL) == 0);
	total = 0;
	for_each_sgtable_sg(&table, sg, i)
		total += sg->length;
	WANT(total == 4 * PAGE_SIZE - 200);
	WANT(dma_map_sgtable(dev, &table, DMA_TO_DEVICE, 0) == 0);
	dma_unmap_sgtable(dev, &table, DMA_TO_DEVICE, 0);
	sg_free_table(&table);
	for (i = 0; i < 4; i++)
		__free_page(pages[i]);
}

static void finished(void *param)
{
	complete(param);
}

static void finished_with(void *param, const struct dmaengine_result *result)
{
	WANT(result->result == DMA_TRANS_NOERROR && !result->residue);
	complete(param);
}

static void transfers(void)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct dma_async_tx_descriptor *desc;
	struct dmaengine_unmap_data *unmap;
	struct dma_tx_state state;
	dma_cookie_t cookie;
	dma_addr_t dma;
	u8 *va = dma_alloc_coherent(dev, 8192, &dma, GFP_KERNEL);
	u8 *buffers;

	memset(va, 5, 4096);
	/* The functions of the struct, as many modules call them. */
	desc = chan->device->device_prep_dma_memcpy(chan, dma + 4096, dma, 4096,
						    DMA_PREP_INTERRUPT);
	WANT(desc && desc->chan == chan);
	desc->callback_result = finished_with;
	desc->callback_param = &done;
	cookie = desc->tx_submit(desc);
	WANT(cookie >= DMA_MIN_COOKIE);
	WANT(dmaengine_tx_status(chan, cookie, &state) == DMA_IN_PROGRESS);
	chan->device->device_issue_pending(chan);
	WANT(wait_for_completion_timeout(&done, HZ));
	WANT(dmaengine_tx_status(chan, cookie, &state) == DMA_COMPLETE && !state.residue);
	WANT(state.last == cookie && state.used == cookie);
	WANT(va[4096] == 5 && va[8191] == 5);

	desc = dmaengine_prep_dma_memcpy(chan, dma, dma + 4096, 64, DMA_PREP_INTERRUPT);
	cookie = dmaengine_submit(desc);
	WANT(dma_sync_wait(chan, cookie) == DMA_COMPLETE);

	buffers = kmalloc(8192, GFP_KERNEL);
	memset(buffers, 9, 4096);
	memset(buffers + 4096, 0, 4096);
	unmap = dmaengine_get_unmap_data(dev, 2, GFP_KERNEL);
	unmap->len = 4096;
	unmap->to_cnt = 1;
	unmap->from_cnt = 1;
	unmap->addr[0] = dma_map_single(dev, buffers, 4096, DMA_TO_DEVICE);
	WANT(!dma_mapping_error(dev, unmap->addr[0]));
	unmap->addr[1] = dma_map_single(dev, buffers + 4096, 4096, DMA_FROM_DEVICE);
	WANT(!dma_mapping_error(dev, unmap->addr[1]));
	desc = dmaengine_prep_dma_memcpy(chan, unmap->addr[1], unmap->addr[0], 4096,
					 DMA_PREP_INTERRUPT);
	dma_set_unmap(desc, unmap);
	desc->callback = finished;
	desc->callback_param = &done;
	dmaengine_submit(desc);
	dmaengine_unmap_put(unmap);
	dma_async_issue_pending(chan);
	WANT(wait_for_completion_timeout(&done, HZ));
	WANT(buffers[4096] == 9 && buffers[8191] == 9);
	kfree(buffers);

	dma_free_coherent(dev, 8192, va, dma);
}

static struct sg_table *map_exported(struct dma_buf_attachment *attach, enum dma_data_direction dir)
{
	struct sg_table *table = kzalloc(sizeof(*table), GFP_KERNEL);

	sg_alloc_table(table, 1, GFP_KERNEL);
	sg_set_buf(table->sgl, attach->dmabuf->priv, attach->dmabuf->size);
	if (dma_map_sgtable(attach->dev, table, dir, 0))
		return ERR_PTR(-ENOMEM);
	return table;
}

static void unmap_exported(struct dma_buf_attachment *attach, struct sg_table *table,
			   enum dma_data_direction dir)
{
	dma_unmap_sgtable(attach->dev, table, dir, 0);
	sg_free_table(table);
	kfree(table);
}

static void release_exported(struct dma_buf *dmabuf)
{
	kfree(dmabuf->priv);
}

static int vmap_exported(struct dma_buf *dmabuf, struct iosys_map *map)
{
	iosys_map_set_vaddr(map, dmabuf->priv);
	return 0;
}

static const struct dma_buf_ops exported = {
	.map_dma_buf = map_exported,
	.unmap_dma_buf = unmap_exported,
	.release = release_exported,
	.vmap = vmap_exported,
};

static void shared_buffers(void)
{
	DEFINE_DMA_BUF_EXPORT_INFO(info);
	struct dma_buf_attachment *attach;
	struct dma_buf *dmabuf, *imported;
	struct sg_table *table;
	struct iosys_map map;
	int fd;

	info.ops = &exported;
	info.size = 4096;
	info.priv = kzalloc(4096, GFP_KERNEL);
	dmabuf = dma_buf_export(&info);
	WANT(!IS_ERR(dmabuf));
	fd = dma_buf_fd(dmabuf, 0);
	WANT(fd >= 0);
	imported = dma_buf_get(fd);
	WANT(imported == dmabuf);
	WANT(IS_ERR(dma_buf_get(fd + 1)));
	attach = dma_buf_attach(imported, dev);
	table = dma_buf_map_attachment(attach, DMA_TO_DEVICE);
	WANT(!IS_ERR(table) && table->nents == 1);
	dma_buf_unmap_attachment(attach, table, DMA_TO_DEVICE);
	WANT(dma_buf_vmap(imported, &map) == 0 && map.vaddr == info.priv);
	dma_buf_vunmap(imported, &map);
	dma_buf_detach(imported, attach);
	dma_buf_put(imported);
	dma_buf_put(dmabuf);
}

static int __init dma_api_init(void)
{
	struct dma_slave_caps caps;
	dma_cap_mask_t mask;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	WANT(dma_has_cap(DMA_MEMCPY, mask) && !dma_has_cap(DMA_SLAVE, mask));
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	dev = chan->device->dev;
	if (!dma_get_slave_caps(chan, &caps))
		WANT(caps.directions && caps.cmd_terminate);
	masks();
	coherent();
	pools();
	lists();
	transfers();
	shared_buffers();
	dmaengine_terminate_sync(chan);
	dma_release_channel(chan);
	pr_info("dma_api: %d failures\n", failures);
	return failures ? -EIO : 0;
}

static void __exit dma_api_exit(void)
{
}

module_init(dma_api_init);
module_exit(dma_api_exit);
MODULE_LICENSE("GPL");
