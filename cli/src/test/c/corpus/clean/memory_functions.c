// run: --cmdline memmap=1M$0x30000000
// Where memory for buffers comes from: pages, objects, caches of them, areas, what was set aside.
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#define REGION 0x30000000UL
#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			pr_err("line %d: %s\n", __LINE__, #condition);                             \
			failures++;                                                                \
		}                                                                                  \
	} while (0)

struct packet {
	u32 length;
	u8 header[80];
};

static int failures, constructed;
static struct dma_chan *chan;
static struct device *dev;

static bool all(const u8 *bytes, size_t count, u8 value)
{
	while (count--)
		if (*bytes++ != value)
			return false;
	return true;
}

/* Whether a device can use it: bytes go there and back. */
static bool lends(void *buffer, size_t bytes)
{
	dma_addr_t dma = dma_map_single(dev, buffer, bytes, DMA_BIDIRECTIONAL);

	if (dma_mapping_error(dev, dma))
		return false;
	dma_unmap_single(dev, dma, bytes, DMA_BIDIRECTIONAL);
	return true;
}

static void pages(void)
{
	unsigned long va = __get_free_page(GFP_KERNEL), two = __get_free_pages(GFP_KERNEL, 1);
	unsigned long zeroed = get_zeroed_page(GFP_ATOMIC);
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_ZERO, 2), *one = alloc_page(GFP_KERNEL);
	void *exact = alloc_pages_exact(3 * PAGE_SIZE, GFP_KERNEL | __GFP_ZERO);

	CHECK(va && two && zeroed && page && one && exact);
	CHECK(!(va & ~PAGE_MASK) && !(two & (2 * PAGE_SIZE - 1)));
	CHECK(all((u8 *)zeroed, PAGE_SIZE, 0));
	CHECK(all(page_address(page), 4 * PAGE_SIZE, 0));
	CHECK(page_to_phys(page) == virt_to_phys(page_address(page)));
	CHECK(virt_to_page(page_address(one)) == one && pfn_valid(page_to_pfn(one)));
	CHECK(lends((void *)zeroed, PAGE_SIZE) && lends(page_address(page), 4 * PAGE_SIZE));
	free_pages_exact(exact, 3 * PAGE_SIZE);
	__free_page(one);
	__free_pages(page, 2);
	free_page(zeroed);
	free_pages(two, 1);
	free_page(va);
}

static void objects(void)
{
	u8 *a = kmalloc(100, GFP_KERNEL), *b = kzalloc(4096, GFP_KERNEL);
	u8 *c = kcalloc(10, 30, GFP_KERNEL), *d = kmalloc_array(8, 512, GFP_ATOMIC);

	CHECK(a && b && c && d);
	CHECK(ksize(a) >= 100 && all(b, 4096, 0) && all(c, 300, 0));
	CHECK(!((unsigned long)b & 4095));
	CHECK(!kmalloc_array(SIZE_MAX / 2, 16, GFP_KERNEL | __GFP_NOWARN));
	memset(a, 1, 100);
	a = krealloc(a, 1000, GFP_KERNEL);
	CHECK(a && all(a, 100, 1));
	CHECK(lends(b, 4096) && lends(d, 4096));
	kfree(d);
	kfree(c);
	kfree(b);
	kfree(a);
	kfree(NULL);
}

static void construct(void *object)
{
	constructed++;
}

static void caches(void)
{
	struct kmem_cache *packets =
		kmem_cache_create("packets", sizeof(struct packet), 0, SLAB_HWCACHE_ALIGN, NULL);
	struct kmem_cache *aligned = kmem_cache_create("aligned", 48, 256, 0, construct);
	struct kmem_cache *typed = KMEM_CACHE(packet, 0);
	struct packet *a, *b, *c;
	void *d;

	CHECK(packets && aligned && typed);
	if (!packets || !aligned || !typed)
		return;
	a = kmem_cache_alloc(packets, GFP_KERNEL);
	b = kmem_cache_zalloc(packets, GFP_ATOMIC);
	c = kmem_cache_alloc(typed, GFP_KERNEL);
	d = kmem_cache_alloc(aligned, GFP_KERNEL);
	CHECK(a && b && c && d && a != b);
	CHECK(!((unsigned long)a & 63) && !((unsigned long)b & 63));
	CHECK(!((unsigned long)d & 255) && constructed >= 1);
	CHECK(b && !b->length && all(b->header, sizeof(b->header), 0));
	CHECK(kmem_cache_size(packets) == sizeof(struct packet));
	kmem_cache_free(aligned, d);
	kmem_cache_free(typed, c);
	kmem_cache_free(packets, b);
	kmem_cache_free(packets, a);
	kmem_cache_destroy(typed);
	kmem_cache_destroy(aligned);
	kmem_cache_destroy(packets);
}

static void areas(void)
{
	u8 *a = vmalloc(3 * PAGE_SIZE), *b = vzalloc(PAGE_SIZE + 1), *c = vmalloc_32(PAGE_SIZE);
	u8 *d = kvmalloc(64, GFP_KERNEL), *e = vmalloc_user(PAGE_SIZE);
	struct page *two[2];
	u8 *joined;

	CHECK(a && b && c && d && e);
	CHECK(is_vmalloc_addr(a) && !is_vmalloc_addr(d));
	CHECK(all(b, PAGE_SIZE + 1, 0) && all(e, PAGE_SIZE, 0));
	/* Its pages can be lent, one by one. */
	memset(a, 6, 3 * PAGE_SIZE);
	CHECK(lends(page_address(vmalloc_to_page(a + PAGE_SIZE)), PAGE_SIZE));
	two[0] = vmalloc_to_page(a + PAGE_SIZE);
	two[1] = vmalloc_to_page(a);
	joined = vmap(two, 2, VM_MAP, PAGE_KERNEL);
	CHECK(joined && all(joined, 2 * PAGE_SIZE, 6));
	vunmap(joined);
	vfree(e);
	kvfree(d);
	vfree(c);
	vfree(b);
	vfree(a);
	vfree(NULL);
}

static void remapped(void)
{
	struct page *page = alloc_page(GFP_KERNEL);
	u8 *cached, *uncached;

	if (!page) {
		failures++;
		return;
	}
	/* Memory of the kernel has one mapping. */
	cached = memremap(page_to_phys(page), PAGE_SIZE, MEMREMAP_WB);
	CHECK(cached == page_address(page));
	memunmap(cached);
	/* What was set aside has none until it is asked for. */
	uncached = memremap(REGION + 16, PAGE_SIZE, MEMREMAP_WC);
	CHECK(uncached && offset_in_page(uncached) == 16);
	if (uncached) {
		memset(uncached, 0x3c, PAGE_SIZE);
		CHECK(all(uncached, PAGE_SIZE, 0x3c));
		memunmap(uncached);
	}
	cached = memremap(REGION, PAGE_SIZE, MEMREMAP_WB);
	CHECK(cached && cached[16] == 0x3c);
	if (cached)
		memunmap(cached);
	__free_page(page);
}

static void registers(void)
{
	struct resource *res;
	void __iomem *plain, *combined;

	if (!dev_is_platform(dev))
		return;
	res = platform_get_resource(to_platform_device(dev), IORESOURCE_MEM, 0);
	if (!res)
		return;
	plain = ioremap(res->start, resource_size(res));
	combined = ioremap_wc(res->start, resource_size(res));
	CHECK(plain && combined && plain != combined);
	if (plain && combined)
		CHECK(readl(plain + 4) == readl(combined + 4));
	if (combined)
		iounmap(combined);
	if (plain)
		iounmap(plain);
}

static int __init memory_init(void)
{
	dma_cap_mask_t mask;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	dev = chan->device->dev;
	pages();
	objects();
	caches();
	areas();
	remapped();
	registers();
	dma_release_channel(chan);
	return failures ? -EIO : 0;
}

static void __exit memory_exit(void)
{
}

module_init(memory_init);
module_exit(memory_exit);
MODULE_LICENSE("GPL");
