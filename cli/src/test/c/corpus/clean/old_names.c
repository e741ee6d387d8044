// run: --kernel 5.0 --cmdline memmap=1M$0x30000000
// What drivers for Linux 5.0 and before call: memory of one device, memory that is not coherent.
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/module.h>

#define REGION 0x30000000UL
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

static void copy(dma_addr_t dst, dma_addr_t src, size_t bytes)
{
	struct dma_async_tx_descriptor *desc =
		dmaengine_prep_dma_memcpy(chan, dst, src, bytes, DMA_CTRL_ACK);

	CHECK(desc && dma_sync_wait(chan, dmaengine_submit(desc)) == DMA_COMPLETE);
}

static void not_consistent(void)
{
	unsigned long attrs = DMA_ATTR_NON_CONSISTENT | DMA_ATTR_WRITE_BARRIER;
	dma_addr_t dma;
	u8 *va = dma_alloc_attrs(dev, 2 * PAGE_SIZE, &dma, GFP_KERNEL, attrs);

	CHECK(va);
	if (!va)
		return;
	memset(va, 3, PAGE_SIZE);
	/* The zeroes behind it are in the caches, too. */
	dma_cache_sync(dev, va, 2 * PAGE_SIZE, DMA_BIDIRECTIONAL);
	copy(dma + PAGE_SIZE, dma, PAGE_SIZE);
	dma_cache_sync(dev, va + PAGE_SIZE, PAGE_SIZE, DMA_FROM_DEVICE);
	CHECK(va[PAGE_SIZE] == 3 && va[2 * PAGE_SIZE - 1] == 3);
	dma_free_attrs(dev, 2 * PAGE_SIZE, va, dma, attrs);
}

static void old_calls(void)
{
	dma_addr_t dma;
	void *va = dma_alloc_writecombine(dev, PAGE_SIZE, &dma, GFP_KERNEL);

	CHECK(va);
	if (va)
		dma_free_writecombine(dev, PAGE_SIZE, va, dma);
	va = dma_zalloc_coherent(dev, PAGE_SIZE, &dma, GFP_KERNEL);
	CHECK(va);
	if (va)
		dma_free_coherent(dev, PAGE_SIZE, va, dma);
}

static void own_memory(void)
{
	dma_addr_t bus = 0xc0000000UL + REGION, dma, second;
	u8 *va, *more;

	CHECK(IS_ERR(dma_mark_declared_memory_occupied(dev, bus, PAGE_SIZE)));
	CHECK(dma_declare_coherent_memory(dev, REGION, bus, 16 * PAGE_SIZE,
					  DMA_MEMORY_EXCLUSIVE) == 0);
	CHECK(dma_declare_coherent_memory(dev, REGION, bus, 16 * PAGE_SIZE,
					  DMA_MEMORY_EXCLUSIVE) == -EBUSY);
	va = dma_mark_declared_memory_occupied(dev, bus, PAGE_SIZE);
	CHECK(!IS_ERR(va));
	CHECK(dma_mark_declared_memory_occupied(dev, bus, PAGE_SIZE) == ERR_PTR(-EBUSY));
	va = dma_alloc_coherent(dev, 3 * PAGE_SIZE, &dma, GFP_KERNEL);
	/* Four pages at a multiple of four, the first of which is taken. */
	CHECK(va && dma == bus + 4 * PAGE_SIZE);
	more = dma_alloc_coherent(dev, PAGE_SIZE, &second, GFP_KERNEL);
	CHECK(more && second == bus + PAGE_SIZE);
	if (va && more) {
		memset(va, 0x77, PAGE_SIZE);
		copy(second, dma, PAGE_SIZE);
		CHECK(more[0] == 0x77 && more[PAGE_SIZE - 1] == 0x77);
	}
	/* It is exclusive: there is no other memory when it is exhausted. */
	CHECK(!dma_alloc_coherent(dev, 16 * PAGE_SIZE, &second, GFP_KERNEL));
	if (more)
		dma_free_coherent(dev, PAGE_SIZE, more, bus + PAGE_SIZE);
	if (va)
		dma_free_coherent(dev, 3 * PAGE_SIZE, va, dma);
	dma_release_declared_memory(dev);
}

static int __init old_init(void)
{
	dma_cap_mask_t mask;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	dev = chan->device->dev;
	not_consistent();
	old_calls();
	own_memory();
	dma_release_channel(chan);
	return failures ? -EIO : 0;
}

static void __exit old_exit(void)
{
}

module_init(old_init);
module_exit(old_exit);
MODULE_LICENSE("GPL");
