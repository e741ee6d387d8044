/* One mistake with memory in each function; its line says what is to be found there. */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#define REGISTERS 0x50000000

struct pair {
	u64 first;
	u64 second;
};

static u8 table[16];
static volatile int sixteen = 16;

/* The compiler is not to know better. */
static noinline void *hidden(void *p)
{
	barrier();
	return p;
}

void store_behind_object(void)
{
	u8 *p = kmalloc(13, GFP_KERNEL);

	for (int i = 0; i <= 13; i++)
		p[i] = i; /* finds: out-of-bounds */
	kfree(p);
}

void load_before_object(void)
{
	u32 *first = kmalloc(64, GFP_KERNEL);
	u32 *p = kzalloc(64, GFP_KERNEL);

	pr_info("%d\n", p[-1]); /* finds: out-of-bounds */
	kfree(p);
	kfree(first);
}

void store_behind_round_size(void)
{
	u64 *p = hidden(kmalloc(4096, GFP_KERNEL));

	p[512] = 1; /* finds: out-of-bounds */
	kfree(p);
}

void copy_behind_object(void)
{
	u8 *from = kzalloc(128, GFP_KERNEL);
	u8 *to = kmalloc(100, GFP_KERNEL);

	memcpy(hidden(to), hidden(from), 101); /* finds: out-of-bounds */
	kfree(from);
	kfree(to);
}

void set_behind_object(void)
{
	u8 *p = kmalloc(256, GFP_KERNEL);

	memset(hidden(p), 0, 257); /* finds: out-of-bounds */
	kfree(p);
}

void assign_behind_object(void)
{
	struct pair *p = hidden(kzalloc(3 * sizeof *p, GFP_KERNEL));
	struct pair *last = hidden(p + 3);

	*last = p[0]; /* finds: out-of-bounds */
	kfree(p);
}

void update_behind_object(void)
{
	unsigned long *p = hidden(kzalloc(24, GFP_KERNEL));

	p[3] |= 1; /* finds: out-of-bounds */
	kfree(p);
}

void use_after_free(void)
{
	struct pair *p = hidden(kzalloc(sizeof *p, GFP_KERNEL));

	kfree(p);
	p->second = 1; /* finds: use-after-free */
}

void use_after_krealloc(void)
{
	u8 *p = hidden(kzalloc(64, GFP_KERNEL));
	u8 *moved = krealloc(p, 1000, GFP_KERNEL);

	p[0] = 1; /* finds: use-after-free */
	kfree(moved);
}

void use_after_free_page(void)
{
	unsigned long page = __get_free_page(GFP_KERNEL);
	u32 *p = hidden((void *)page);

	free_page(page);
	*p = 1; /* finds: use-after-free */
}

void use_after_cache_free(void)
{
	struct kmem_cache *cache = kmem_cache_create("pairs", sizeof(struct pair), 0, 0, NULL);
	struct pair *p = hidden(kmem_cache_alloc(cache, GFP_KERNEL));

	p->first = 1;
	kmem_cache_free(cache, p);
	p->first++; /* finds: use-after-free */
	kmem_cache_destroy(cache);
}

void double_free(void)
{
	void *p = hidden(kmalloc(40, GFP_KERNEL));

	kfree(p);
	kfree(p); /* finds: double-free */
}

void double_free_of_page(void)
{
	unsigned long page = __get_free_pages(GFP_KERNEL, 1);

	free_pages(page, 1);
	free_pages(page, 1); /* finds: double-free */
}

void free_inside_object(void)
{
	u8 *p = hidden(kmalloc(40, GFP_KERNEL));

	kfree(p + 8); /* finds: invalid-free */
	kfree(p);
}

void free_of_area_as_object(void)
{
	void *p = hidden(vmalloc(40));

	kfree(p); /* finds: invalid-free */
	vfree(p);
}

void free_of_global(void)
{
	kfree(hidden(table)); /* finds: invalid-free */
}

void store_behind_area(void)
{
	u8 *p = hidden(vmalloc(5000));

	p[5000] = 1; /* finds: out-of-bounds */
	vfree(p);
}

void index_behind_stack_array(void)
{
	int numbers[16] = {0};

	hidden(numbers);
	pr_info("%d\n", numbers[sixteen]); /* finds: out-of-bounds */
}

void index_behind_global_array(void)
{
	table[sixteen] = 1; /* finds: out-of-bounds */
}

void copy_behind_stack_array(void)
{
	char text[16];

	memcpy(text, table, sixteen + 1); /* finds: out-of-bounds */
	hidden(text);
}

void copy_behind_global_array(void)
{
	memset(table, 1, sixteen + 1); /* finds: out-of-bounds */
}

void text_behind_stack_array(void)
{
	char text[8];

	strcpy(text, "thirteen chars"); /* finds: out-of-bounds */
	hidden(text);
}

void format_behind_stack_array(void)
{
	char text[8];

	sprintf(text, "%d thirteen", sixteen); /* finds: out-of-bounds */
	hidden(text);
}

void load_from_free_page(void)
{
	u32 *p = hidden(phys_to_virt(48 << 20));

	pr_info("%u\n", *p); /* finds: wild-access */
}

void load_from_registers(void)
{
	volatile u32 __iomem *p = ioremap(REGISTERS, 16);

	pr_info("register %u\n", p[1]); /* finds: iomem-deref */
	iounmap(p);
}

void store_to_registers(void)
{
	volatile u32 *p = ioremap(REGISTERS, 16);

	p[2] = 77; /* finds: iomem-deref */
	pr_info("register %u\n", readl(p + 2));
	iounmap(p);
}

struct overlay {
	u32 control;
	u32 ticks;
	u32 data;
};

void poll_registers(void)
{
	volatile struct overlay *regs = ioremap(REGISTERS, sizeof *regs);
	int rounds = 0;

	while (regs->ticks < 40) /* finds: iomem-deref */
		rounds++;
	pr_info("register %d\n", rounds);
	iounmap(regs);
}

static struct page *page_for_device;

static u32 *uncached_page(void)
{
	page_for_device = alloc_page(GFP_KERNEL | __GFP_ZERO);
	clflush_cache_range(page_address(page_for_device), PAGE_SIZE);
	return vmap(&page_for_device, 1, VM_MAP, pgprot_writecombine(PAGE_KERNEL));
}

/* The device reads the page whose address is put in its last register. */
void doorbell_without_barrier(void)
{
	void __iomem *regs = ioremap(REGISTERS, 16);
	u32 *command = uncached_page();

	command[3] = 7;
	wmb();
	command[5] = 8; /* finds: missing-barrier */
	writel_relaxed(page_to_phys(page_for_device), regs + 12);
	vunmap(command);
	__free_page(page_for_device);
	iounmap(regs);
}

void leak_object(void)
{
	void *p = kmalloc(77, GFP_KERNEL); /* leaks: leak-memory */

	hidden(p);
}

void leak_area(void)
{
	void *p = vzalloc(77); /* leaks: leak-memory */

	hidden(p);
}

void leak_page(void)
{
	struct page *page = alloc_page(GFP_KERNEL); /* leaks: leak-memory */

	hidden(page);
}

/* What ends the process. */

void null_pointer(void)
{
	struct pair *p = hidden(NULL);

	p->second = 1; /* ends: null-deref */
}

void call_of_null(void)
{
	void (*function)(void) = hidden(NULL);

	function(); /* ends: null-deref */
}

void address_of_nothing(void)
{
	u32 *p = hidden((void *)0x123456789000);

	*p = 1; /* ends: wild-access */
}

void address_without_ram(void)
{
	u32 *p = hidden(phys_to_virt(1UL << 38));

	*p = 1; /* ends: wild-access */
}

void address_of_user(void)
{
	u32 *p = hidden((void *)0x300000001000);

	*p = 1; /* ends: user-deref */
}

void far_behind_area(void)
{
	u8 *p = hidden(vmalloc(PAGE_SIZE));

	p[PAGE_SIZE] = 1; /* ends: out-of-bounds */
}

void use_after_vfree(void)
{
	u8 *p = hidden(vmalloc(PAGE_SIZE));

	vfree(p);
	p[1] = 1; /* ends: use-after-free */
}

void use_after_iounmap(void)
{
	u32 __iomem *p = ioremap(REGISTERS, 16);

	iounmap(p);
	writel(1, p); /* ends: use-after-free */
}

void division_by_zero(void)
{
	sixteen /= sixteen - 16; /* ends: oops */
}

static noinline long deep(long n)
{
	volatile char room[512];

	room[n & 511] = (char)n; /* ends: oops */
	return n == 0 ? 0 : deep(n + 1) + room[1];
}

void stack_overflow(void)
{
	deep(1);
}

/* What no kernel has: the computer that all of this runs on. */
void call_of_host(void)
{
	long result = 2; /* open() on x86-64 */

	__asm__ volatile("syscall" /* ends: oops */
			 : "+a"(result)
			 : "D"("/etc/passwd"), "S"(0L), "d"(0L)
			 : "rcx", "r11", "memory");
	pr_info("opened %ld\n", result);
}
