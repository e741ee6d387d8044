// Each function of the mapping API, its answers checked; what is lent is used by a real transfer.
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/dmapool.h>
#include <linux/highmem.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#define BYTES 4096
#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			pr_err("line %d: %s\n", __LINE__, #condition);                             \
			failures++;                                                                \
		}                                                                                  \
	} while (0)

static int failures;
static struct dma_chan *chan;
static struct device *dev;

static void copied(void *done)
{
	complete(done);
}

static void copy(dma_addr_t dst, dma_addr_t src, size_t bytes)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct dma_async_tx_descriptor *desc =
		dmaengine_prep_dma_memcpy(chan, dst, src, bytes, DMA_PREP_INTERRUPT | DMA_CTRL_ACK);

	if (!desc) {
		failures++;
		return;
	}
	desc->callback = copied;
	desc->callback_param = &done;
	if (dma_submit_error(dmaengine_submit(desc))) {
		failures++;
		return;
	}
	dma_async_issue_pending(chan);
	if (!wait_for_completion_timeout(&done, msecs_to_jiffies(1000))) {
		dmaengine_terminate_sync(chan);
		failures++;
	}
}

static bool all(const u8 *bytes, size_t count, u8 value)
{
	while (count--)
		if (*bytes++ != value)
			return false;
	return true;
}

/* Copies one half of coherent memory to the other, as the device sees it. */
static void use_coherent(u8 *va, dma_addr_t dma)
{
	CHECK(all(va, BYTES, 0));
	memset(va, 0x5a, BYTES / 2);
	copy(dma + BYTES / 2, dma, BYTES / 2);
	CHECK(all(va + BYTES / 2, BYTES / 2, 0x5a));
}

static void coherent(void)
{
	static const unsigned long attrs[] = {
		0,
		DMA_ATTR_WRITE_COMBINE,
		DMA_ATTR_WEAK_ORDERING,
		DMA_ATTR_FORCE_CONTIGUOUS,
		DMA_ATTR_ALLOC_SINGLE_PAGES,
		DMA_ATTR_NO_WARN,
		DMA_ATTR_SKIP_CPU_SYNC,
	};
	dma_addr_t dma;
	void *va;
	int i;

	va = dma_alloc_coherent(dev, BYTES, &dma, GFP_KERNEL);
	CHECK(va && !(dma & ~PAGE_MASK));
	if (va) {
		use_coherent(va, dma);
		dma_free_coherent(dev, BYTES, va, dma);
	}
	va = dma_alloc_coherent(dev, BYTES, &dma, GFP_ATOMIC);
	CHECK(va);
	if (va) {
		use_coherent(va, dma);
		dma_free_coherent(dev, BYTES, va, dma);
	}
	va = dma_alloc_wc(dev, BYTES, &dma, GFP_KERNEL);
	CHECK(va);
	if (va) {
		use_coherent(va, dma);
		dma_free_wc(dev, BYTES, va, dma);
	}
	for (i = 0; i < ARRAY_SIZE(attrs); i++) {
		va = dma_alloc_attrs(dev, BYTES, &dma, GFP_KERNEL, attrs[i]);
		CHECK(va);
		if (!va)
			continue;
		use_coherent(va, dma);
		dma_free_attrs(dev, BYTES, va, dma, attrs[i]);
	}
	/* For masters whose accesses are privileged, which this one's need not be. */
	va = dma_alloc_attrs(dev, BYTES, &dma, GFP_KERNEL, DMA_ATTR_PRIVILEGED);
	CHECK(va && all(va, BYTES, 0));
	if (va)
		dma_free_attrs(dev, BYTES, va, dma, DMA_ATTR_PRIVILEGED);
	va = dma_alloc_attrs(dev, BYTES, &dma, GFP_KERNEL, DMA_ATTR_NO_KERNEL_MAPPING);
	CHECK(va);
	if (va)
		dma_free_attrs(dev, BYTES, va, dma, DMA_ATTR_NO_KERNEL_MAPPING);
	/* More than there is; NULL is nothing to free. */
	CHECK(!dma_alloc_coherent(dev, 1UL << 40, &dma, GFP_KERNEL | __GFP_NOWARN));
	dma_free_coherent(dev, BYTES, NULL, 0);
}

static void exported(void)
{
	struct sg_table table;
	struct scatterlist *sg;
	size_t bytes = 0;
	dma_addr_t dma;
	void *va = dma_alloc_coherent(dev, 3 * BYTES, &dma, GFP_KERNEL);
	int i;

	if (!va) {
		failures++;
		return;
	}
	CHECK(dma_can_mmap(dev));
	CHECK(dma_get_sgtable(dev, &table, va, dma, 3 * BYTES) == 0);
	for_each_sgtable_sg(&table, sg, i)
		bytes += sg->length;
	CHECK(bytes == 3 * BYTES);
	sg_free_table(&table);
	CHECK(dma_get_sgtable_attrs(dev, &table, va, dma, 3 * BYTES, 0) == 0);
	sg_free_table(&table);
	dma_free_coherent(dev, 3 * BYTES, va, dma);
}

static void synced_pages(void)
{
	dma_addr_t dma;
	struct page *page;
	u8 *va;

	page = dma_alloc_pages(dev, 2 * BYTES, &dma, DMA_BIDIRECTIONAL, GFP_KERNEL);
	CHECK(page);
	if (page) {
		va = page_address(page);
		CHECK(all(va, 2 * BYTES, 0));
		memset(va, 7, BYTES);
		dma_sync_single_for_device(dev, dma, 2 * BYTES, DMA_BIDIRECTIONAL);
		copy(dma + BYTES, dma, BYTES);
		dma_sync_single_for_cpu(dev, dma, 2 * BYTES, DMA_BIDIRECTIONAL);
		CHECK(all(va + BYTES, BYTES, 7));
		dma_free_pages(dev, 2 * BYTES, page, dma, DMA_BIDIRECTIONAL);
	}
	va = dma_alloc_noncoherent(dev, 2 * BYTES, &dma, DMA_BIDIRECTIONAL, GFP_KERNEL);
	CHECK(va);
	if (va) {
		memset(va, 9, BYTES);
		dma_sync_single_range_for_device(dev, dma, 0, BYTES, DMA_BIDIRECTIONAL);
		dma_sync_single_range_for_device(dev, dma, BYTES, BYTES, DMA_BIDIRECTIONAL);
		copy(dma + BYTES, dma, BYTES);
		dma_sync_single_range_for_cpu(dev, dma, BYTES, BYTES, DMA_BIDIRECTIONAL);
		CHECK(all(va + BYTES, BYTES, 9));
		dma_free_noncoherent(dev, 2 * BYTES, va, dma, DMA_BIDIRECTIONAL);
	}
}

static void scattered_pages(void)
{
	static const unsigned long attrs[] = {0, DMA_ATTR_ALLOC_SINGLE_PAGES};
	struct sg_table *table;
	dma_addr_t dma;
	u8 *va;
	int i;

	for (i = 0; i < ARRAY_SIZE(attrs); i++) {
		table = dma_alloc_noncontiguous(dev, 4 * BYTES, DMA_BIDIRECTIONAL, GFP_KERNEL,
						attrs[i]);
		CHECK(table && table->nents == 1 && table->orig_nents >= 1);
		if (!table)
			continue;
		dma = sg_dma_address(table->sgl);
		CHECK(sg_dma_len(table->sgl) == 4 * BYTES);
		va = dma_vmap_noncontiguous(dev, 4 * BYTES, table);
		CHECK(va && all(va, 4 * BYTES, 0));
		if (va) {
			memset(va, 0x11, 2 * BYTES);
			flush_kernel_vmap_range(va, 4 * BYTES);
			dma_sync_sgtable_for_device(dev, table, DMA_BIDIRECTIONAL);
			copy(dma + 2 * BYTES, dma, 2 * BYTES);
			dma_sync_sgtable_for_cpu(dev, table, DMA_BIDIRECTIONAL);
			invalidate_kernel_vmap_range(va, 4 * BYTES);
			CHECK(all(va + 2 * BYTES, 2 * BYTES, 0x11));
			dma_vunmap_noncontiguous(dev, va);
		}
		dma_free_noncontiguous(dev, 4 * BYTES, table, DMA_BIDIRECTIONAL);
	}
}

static void small_blocks(void)
{
	struct dma_pool *pool = dma_pool_create("functions", dev, 96, 32, 256);
	dma_addr_t dma[5];
	u8 *va[5];
	int i;

	CHECK(!dma_pool_create("step", dev, 96, 24, 0));
	CHECK(!dma_pool_create("empty", dev, 0, 0, 0));
	CHECK(!dma_pool_create("narrow", dev, 96, 32, 64));
	CHECK(pool);
	if (!pool)
		return;
	for (i = 0; i < 5; i++) {
		va[i] = i & 1 ? dma_pool_zalloc(pool, GFP_KERNEL, &dma[i])
			      : dma_pool_alloc(pool, GFP_ATOMIC, &dma[i]);
		CHECK(va[i] && !(dma[i] & 31) && dma[i] / 256 == (dma[i] + 95) / 256);
		CHECK(!(i & 1) || all(va[i], 96, 0));
		memset(va[i], i, 96);
	}
	copy(dma[4], dma[3], 96);
	CHECK(all(va[4], 96, 3));
	for (i = 0; i < 5; i++)
		dma_pool_free(pool, va[i], dma[i]);
	/* The one that was freed last comes first. */
	va[0] = dma_pool_alloc(pool, GFP_KERNEL, &dma[0]);
	CHECK(va[0] == va[4] && dma[0] == dma[4]);
	dma_pool_free(pool, va[0], dma[0]);
	dma_pool_destroy(pool);
	dma_pool_destroy(NULL);
}

static void limits(void)
{
	CHECK(dma_set_mask_and_coherent(dev, DMA_BIT_MASK(32)) == 0);
	CHECK(dma_set_mask(dev, DMA_BIT_MASK(32)) == 0);
	CHECK(dma_set_coherent_mask(dev, DMA_BIT_MASK(32)) == 0);
	CHECK(dma_get_mask(dev) == DMA_BIT_MASK(32));
	CHECK(dev->coherent_dma_mask == DMA_BIT_MASK(32));
	CHECK(dma_get_required_mask(dev) >= DMA_BIT_MASK(24));
	CHECK(dma_max_mapping_size(dev) >= SZ_64K);
	CHECK(dma_opt_mapping_size(dev) >= SZ_64K &&
	      dma_opt_mapping_size(dev) <= dma_max_mapping_size(dev));
	CHECK((dma_get_merge_boundary(dev) & (dma_get_merge_boundary(dev) + 1)) == 0);
	CHECK(dma_get_cache_alignment() >= 1 && dma_get_cache_alignment() <= 128);
	dma_set_max_seg_size(dev, SZ_32K);
	CHECK(dma_get_max_seg_size(dev) == SZ_32K);
	dma_set_max_seg_size(dev, SZ_1G);
	dma_set_seg_boundary(dev, SZ_64K - 1);
	CHECK(dma_get_seg_boundary(dev) == SZ_64K - 1);
	dma_set_seg_boundary(dev, ULONG_MAX);
	dma_set_min_align_mask(dev, 4095);
	CHECK(dma_get_min_align_mask(dev) == 4095);
	dma_set_min_align_mask(dev, 0);
	/* Whether there is RAM that it does not reach depends on the board. */
	if (dma_addressing_limited(dev))
		CHECK(dma_max_mapping_size(dev) > 0);
}

static void ranges(void)
{
	u8 *src = kmalloc(BYTES, GFP_KERNEL), *dst = kzalloc(BYTES, GFP_KERNEL);
	dma_addr_t from, to;
	int way;

	if (!src || !dst) {
		failures++;
		goto out;
	}
	for (way = 0; way < 4; way++) {
		memset(src, 0x20 + way, BYTES);
		switch (way) {
		case 0:
			from = dma_map_single(dev, src, BYTES, DMA_TO_DEVICE);
			to = dma_map_single(dev, dst, BYTES, DMA_FROM_DEVICE);
			break;
		case 1:
			from = dma_map_single_attrs(dev, src, BYTES, DMA_TO_DEVICE,
						    DMA_ATTR_WEAK_ORDERING);
			to = dma_map_single_attrs(dev, dst, BYTES, DMA_BIDIRECTIONAL, 0);
			break;
		case 2:
			from = dma_map_page(dev, virt_to_page(src), offset_in_page(src), BYTES,
					    DMA_TO_DEVICE);
			to = dma_map_page(dev, virt_to_page(dst), offset_in_page(dst), BYTES,
					  DMA_FROM_DEVICE);
			break;
		default:
			from = dma_map_page_attrs(dev, virt_to_page(src), offset_in_page(src),
						  BYTES, DMA_BIDIRECTIONAL, 0);
			to = dma_map_page_attrs(dev, virt_to_page(dst), offset_in_page(dst), BYTES,
						DMA_BIDIRECTIONAL, DMA_ATTR_WEAK_ORDERING);
			break;
		}
		CHECK(dma_mapping_error(dev, from) == 0);
		CHECK(dma_mapping_error(dev, to) == 0);
		copy(to, from, BYTES);
		dma_sync_single_for_cpu(dev, to, BYTES,
					way & 1 ? DMA_BIDIRECTIONAL : DMA_FROM_DEVICE);
		CHECK(all(dst, BYTES, 0x20 + way));
		if (dma_need_sync(dev, to))
			dma_sync_single_for_device(dev, to, BYTES,
						   way & 1 ? DMA_BIDIRECTIONAL : DMA_FROM_DEVICE);
		switch (way) {
		case 0:
			dma_unmap_single(dev, from, BYTES, DMA_TO_DEVICE);
			dma_unmap_single(dev, to, BYTES, DMA_FROM_DEVICE);
			break;
		case 1:
			dma_unmap_single_attrs(dev, from, BYTES, DMA_TO_DEVICE,
					       DMA_ATTR_WEAK_ORDERING);
			dma_unmap_single_attrs(dev, to, BYTES, DMA_BIDIRECTIONAL, 0);
			break;
		case 2:
			dma_unmap_page(dev, from, BYTES, DMA_TO_DEVICE);
			dma_unmap_page(dev, to, BYTES, DMA_FROM_DEVICE);
			break;
		default:
			dma_unmap_page_attrs(dev, from, BYTES, DMA_BIDIRECTIONAL, 0);
			dma_unmap_page_attrs(dev, to, BYTES, DMA_BIDIRECTIONAL,
					     DMA_ATTR_WEAK_ORDERING);
			break;
		}
		CHECK(all(dst, BYTES, 0x20 + way));
	}
	/* The driver syncs by itself what the attribute leaves out. */
	memset(src, 0x44, BYTES);
	from = dma_map_single_attrs(dev, src, BYTES, DMA_TO_DEVICE, DMA_ATTR_SKIP_CPU_SYNC);
	CHECK(dma_mapping_error(dev, from) == 0);
	dma_sync_single_for_device(dev, from, BYTES, DMA_TO_DEVICE);
	to = dma_map_single(dev, dst, BYTES, DMA_FROM_DEVICE);
	CHECK(dma_mapping_error(dev, to) == 0);
	copy(to, from, BYTES);
	dma_unmap_single(dev, to, BYTES, DMA_FROM_DEVICE);
	dma_unmap_single_attrs(dev, from, BYTES, DMA_TO_DEVICE, DMA_ATTR_SKIP_CPU_SYNC);
	CHECK(all(dst, BYTES, 0x44));
	CHECK(dma_mapping_error(dev, DMA_MAPPING_ERROR) == -ENOMEM);
out:
	kfree(src);
	kfree(dst);
}

static void lists(void)
{
	struct scatterlist sgl[3], *sg;
	struct sg_table table;
	u8 *buffers = kmalloc(4 * BYTES, GFP_KERNEL);
	size_t done = 0;
	dma_addr_t to;
	int i, mapped;

	if (!buffers) {
		failures++;
		return;
	}
	memset(buffers + 3 * BYTES, 0, BYTES);
	sg_init_table(sgl, 3);
	for (i = 0; i < 3; i++) {
		memset(buffers + i * BYTES, 0x31 + i, 1024);
		sg_set_buf(&sgl[i], buffers + i * BYTES, 1024);
	}
	mapped = dma_map_sg(dev, sgl, 3, DMA_TO_DEVICE);
	CHECK(mapped >= 1 && mapped <= 3);
	to = dma_map_single(dev, buffers + 3 * BYTES, BYTES, DMA_FROM_DEVICE);
	CHECK(dma_mapping_error(dev, to) == 0);
	for_each_sg(sgl, sg, mapped, i) {
		copy(to + done, sg_dma_address(sg), sg_dma_len(sg));
		done += sg_dma_len(sg);
	}
	CHECK(done == 3 * 1024);
	dma_sync_sg_for_cpu(dev, sgl, 3, DMA_TO_DEVICE);
	dma_sync_sg_for_device(dev, sgl, 3, DMA_TO_DEVICE);
	dma_unmap_sg(dev, sgl, 3, DMA_TO_DEVICE);
	dma_unmap_single(dev, to, BYTES, DMA_FROM_DEVICE);
	for (i = 0; i < 3; i++)
		CHECK(all(buffers + 3 * BYTES + i * 1024, 1024, 0x31 + i));

	mapped = dma_map_sg_attrs(dev, sgl, 3, DMA_BIDIRECTIONAL, DMA_ATTR_WEAK_ORDERING);
	CHECK(mapped >= 1);
	dma_unmap_sg_attrs(dev, sgl, 3, DMA_BIDIRECTIONAL, DMA_ATTR_WEAK_ORDERING);

	CHECK(sg_alloc_table(&table, 3, GFP_KERNEL) == 0);
	for_each_sgtable_sg(&table, sg, i)
		sg_set_buf(sg, buffers + i * BYTES, BYTES);
	CHECK(dma_map_sgtable(dev, &table, DMA_BIDIRECTIONAL, 0) == 0);
	CHECK(table.nents >= 1 && table.nents <= 3 && table.orig_nents == 3);
	done = 0;
	for_each_sgtable_dma_sg(&table, sg, i)
		done += sg_dma_len(sg);
	CHECK(done == 3 * BYTES);
	dma_sync_sgtable_for_cpu(dev, &table, DMA_BIDIRECTIONAL);
	dma_sync_sgtable_for_device(dev, &table, DMA_BIDIRECTIONAL);
	dma_unmap_sgtable(dev, &table, DMA_BIDIRECTIONAL, 0);
	sg_free_table(&table);
	kfree(buffers);
}

static void registers(void)
{
	/* The first page of the controller itself. */
	struct platform_device *pdev;
	struct resource *res;
	dma_addr_t dma;

	if (!dev_is_platform(dev))
		return;
	pdev = to_platform_device(dev);
	res = platform_get_resource(pdev, IORESOURCE_MEM, 0);
	if (!res)
		return;
	dma = dma_map_resource(dev, res->start, 256, DMA_BIDIRECTIONAL, 0);
	CHECK(dma_mapping_error(dev, dma) == 0);
	dma_unmap_resource(dev, dma, 256, DMA_BIDIRECTIONAL, 0);
}

static int __init functions_init(void)
{
	dma_cap_mask_t mask;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	dev = chan->device->dev;
	limits();
	coherent();
	exported();
	synced_pages();
	scattered_pages();
	small_blocks();
	ranges();
	lists();
	registers();
	dmaengine_terminate_sync(chan);
	dma_release_channel(chan);
	return failures ? -EIO : 0;
}

static void __exit functions_exit(void)
{
}

module_init(functions_init);
module_exit(functions_exit);
MODULE_LICENSE("GPL");
