/* Memory used as it should be, in many ways: nothing is to be found. */
#include <linux/io.h>
#include <linux/mempool.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

struct item {
	struct item *next;
	u8 key[5];
	u8 rest[];
};

static int lists(void)
{
	struct item *head = NULL;
	int sum = 0;

	for (int i = 0; i < 100; i++) {
		struct item *item = kmalloc(sizeof *item + i, GFP_KERNEL);

		if (item == NULL)
			return -ENOMEM;
		*item = (struct item){.next = head, .key = {1, 2, 3, 4, (u8)i}};
		for (int j = 0; j < i; j++)
			item->rest[j] = (u8)j;
		head = item;
	}
	for (int i = 99; head != NULL; i--) {
		struct item *item = head;

		head = item->next;
		sum += item->key[4] == i;
		kfree(item);
	}
	return sum == 100 ? 0 : -EIO;
}

static int sizes(void)
{
	for (size_t size = 1; size < 20000; size = size * 3 / 2 + 1) {
		u8 *p = kmalloc(size, GFP_KERNEL);
		u8 *q;

		if (p == NULL)
			return -ENOMEM;
		for (size_t i = 0; i < size; i++)
			p[i] = (u8)i;
		q = krealloc(p, size + 77, GFP_KERNEL);
		if (q == NULL)
			return -ENOMEM;
		q[size + 76] = 1;
		for (size_t i = 0; i < size; i++)
			if (q[i] != (u8)i)
				return -EIO;
		memset(q, 0, ksize(q));
		kfree(q);
	}
	kfree(NULL);
	kfree(kmalloc(0, GFP_KERNEL));
	return 0;
}

static int pages(void)
{
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_ZERO, 2);
	struct page *single = alloc_page(GFP_KERNEL);
	u64 *va;

	if (page == NULL || single == NULL)
		return -ENOMEM;
	va = page_address(page);
	va[4 * PAGE_SIZE / 8 - 1] = 1;
	if (virt_to_page(va) != page || page_to_phys(page) != virt_to_phys(va)
	    || pfn_to_page(page_to_pfn(page)) != page || phys_to_virt(page_to_phys(page)) != va)
		return -EIO;
	get_page(single);
	put_page(single);
	memcpy(kmap(single), va, PAGE_SIZE);
	kunmap(single);
	SetPageReserved(single);
	ClearPageReserved(single);
	__free_page(single);
	__free_pages(page, 2);
	free_page(get_zeroed_page(GFP_ATOMIC));
	return 0;
}

static int areas(void)
{
	u8 *p = vmalloc(3 * PAGE_SIZE + 100);
	u8 *q = kvmalloc(8 << 20, GFP_KERNEL);
	struct page *both[2];
	u8 *view;

	if (p == NULL || q == NULL)
		return -ENOMEM;
	memset(p, 7, 3 * PAGE_SIZE + 100);
	q[(8 << 20) - 1] = 1;
	both[0] = vmalloc_to_page(p + PAGE_SIZE);
	both[1] = vmalloc_to_page(p);
	p[PAGE_SIZE] = 8;
	view = vmap(both, 2, VM_MAP, PAGE_KERNEL);
	if (view == NULL || view[0] != 8 || view[PAGE_SIZE] != 7)
		return -EIO;
	view[1] = 9;
	if (p[PAGE_SIZE + 1] != 9)
		return -EIO;
	vunmap(view);
	kvfree(q);
	vfree(p);
	return 0;
}

static void construct(void *p)
{
	memset(p, 1, 40);
}

static int pools(void)
{
	struct kmem_cache *cache = kmem_cache_create("forty", 40, 256, 0, construct);
	mempool_t *pool;
	u8 *p;
	void *element;

	if (cache == NULL)
		return -ENOMEM;
	p = kmem_cache_alloc(cache, GFP_KERNEL);
	if (p == NULL || ((unsigned long)p & 255) != 0 || p[39] != 1)
		return -EIO;
	kmem_cache_free(cache, p);
	pool = mempool_create_slab_pool(4, cache);
	if (pool == NULL)
		return -ENOMEM;
	element = mempool_alloc(pool, GFP_KERNEL);
	mempool_free(element, pool);
	mempool_destroy(pool);
	kmem_cache_destroy(cache);
	return 0;
}

static int registers(void)
{
	void __iomem *regs = ioremap(0x50000000, 16);
	u32 words[2] = {5, 6};

	if (regs == NULL)
		return -ENOMEM;
	writel(3, regs);
	writel_relaxed(4, regs + 8);
	wmb();
	if (readl(regs) != 3 || ioread32(regs + 8) != 4 || readb(regs + 8) != 4)
		return -EIO;
	iowrite32be(0x01020304, regs);
	if (readl(regs) != 0x04030201)
		return -EIO;
	iowrite32_rep(regs, words, 2);
	if (readl(regs) != 6)
		return -EIO;
	memcpy_toio(regs, words, sizeof words);
	memset(words, 0, sizeof words);
	memcpy_fromio(words, regs, 4);
	if (words[0] != 5)
		return -EIO;
	iounmap(regs);
	return 0;
}

/* The device reads the page whose address is put in its last register. */
static int order(void)
{
	void __iomem *regs = ioremap(0x50000000, 16);
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	u32 *command;

	if (page == NULL || regs == NULL)
		return -ENOMEM;
	clflush_cache_range(page_address(page), PAGE_SIZE);
	command = vmap(&page, 1, VM_MAP, pgprot_writecombine(PAGE_KERNEL));
	if (command == NULL)
		return -ENOMEM;
	command[0] = 1;
	writel_relaxed(3, regs);
	command[1] = 2;
	wmb();
	writel_relaxed(page_to_phys(page), regs + 12);
	command[2] = 3;
	writel(page_to_phys(page), regs + 12);
	if (readl(regs) != 6)
		return -EIO;
	vunmap(command);
	__free_page(page);
	iounmap(regs);
	return 0;
}

static int __init mem_clean_init(void)
{
	return lists() ?: sizes() ?: pages() ?: areas() ?: pools() ?: registers() ?: order();
}
module_init(mem_clean_init);

static void __exit mem_clean_exit(void)
{
}
module_exit(mem_clean_exit);
MODULE_LICENSE("GPL");
