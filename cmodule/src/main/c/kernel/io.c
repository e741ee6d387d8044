/* Registers: mapping them, and one access after the other. */
#include <dmakit/umbrella.h>

#include "call.h"
#include "device.h"

void __iomem *ioremap(phys_addr_t phys, size_t size)
{
	long va = CALL(ioremap, phys, size);

	return va < 0 ? NULL : (void __iomem *)va;
}

void __iomem *ioremap_wc(phys_addr_t phys, size_t size)
{
	long va = CALL(ioremap_wc, phys, size);

	return va < 0 ? NULL : (void __iomem *)va;
}

/* Blocks of i.MX's: bit 31 resets, bit 30 stops the clock; the words behind set and clear bits. */

enum { STMP_CLOCK_OFF = 1 << 30, STMP_POLL_COUNT_MAX = 1024 };
#define STMP_RESET 0x80000000U

static int clear_and_see(void __iomem *block, u32 bit)
{
	writel(bit, block + 8);
	udelay(1);
	for (int i = 0; i < STMP_POLL_COUNT_MAX; i++)
		if ((readl(block) & bit) == 0)
			return 0;
	return -ETIMEDOUT;
}

int stmp_reset_block(void __iomem *block)
{
	int error = clear_and_see(block, STMP_RESET);

	if (error != 0)
		return error;
	writel(STMP_CLOCK_OFF, block + 8);
	writel(STMP_RESET, block + 4);
	udelay(1);
	for (int i = 0; (readl(block) & STMP_CLOCK_OFF) == 0; i++)
		if (i == STMP_POLL_COUNT_MAX)
			return -ETIMEDOUT;
	error = clear_and_see(block, STMP_RESET);
	return error != 0 ? error : clear_and_see(block, STMP_CLOCK_OFF);
}

/* Of RAM it is the linear map, as on arm64. */
void __iomem *ioremap_cache(phys_addr_t phys, size_t size)
{
	return pfn_valid(PHYS_PFN(phys)) ? (void __iomem *)phys_to_virt(phys) : ioremap(phys, size);
}

void iounmap(volatile void __iomem *va)
{
	if ((unsigned long)va - DMAKIT_LINEAR_BASE >= DMAKIT_LINEAR_SIZE)
		CALL(iounmap, va);
}

void *memremap(phys_addr_t phys, size_t size, unsigned long flags)
{
	long va = CALL(memremap, phys, size, flags);

	return va < 0 ? NULL : (void *)va;
}

void memunmap(void *va)
{
	CALL(memunmap, va);
}

static void __iomem *devm_map(struct device *dev, phys_addr_t phys, size_t size, bool combine)
{
	long va = CALL(devm_ioremap, number_of(dev), phys, size, combine);

	return va < 0 ? NULL : (void __iomem *)va;
}

void __iomem *devm_ioremap(struct device *dev, phys_addr_t phys, size_t size)
{
	return devm_map(dev, phys, size, false);
}

void __iomem *devm_ioremap_wc(struct device *dev, phys_addr_t phys, size_t size)
{
	return devm_map(dev, phys, size, true);
}

void devm_iounmap(struct device *dev, void __iomem *va)
{
	CALL(devm_iounmap, number_of(dev), va);
}

void *devm_memremap(struct device *dev, phys_addr_t phys, size_t size, unsigned long flags)
{
	long va = CALL(devm_memremap, number_of(dev), phys, size, flags);

	return va < 0 ? ERR_PTR(-ENXIO) : (void *)va;
}

void devm_memunmap(struct device *dev, void *va)
{
	CALL(devm_memunmap, number_of(dev), va);
}

int arch_phys_wc_add(unsigned long phys, unsigned long size)
{
	(void)phys;
	(void)size;
	return 0; /* write combining is a matter of the mapping here */
}

void arch_phys_wc_del(int handle)
{
	(void)handle;
}

/* Accesses. What is no address of the machine, as a global that stands for registers, is memory. */

static bool is_simulated(const volatile void __iomem *va)
{
	unsigned long end = DMAKIT_VMALLOC_BASE + DMAKIT_VMALLOC_SIZE;

	return (unsigned long)va - DMAKIT_LINEAR_BASE < end - DMAKIT_LINEAR_BASE;
}

static u64 plain_load(const volatile void *p, unsigned int bytes)
{
	switch (bytes) {
	case 1:
		return *(const volatile u8 *)p;
	case 2:
		return *(const volatile u16 *)p;
	case 4:
		return *(const volatile u32 *)p;
	default:
		return *(const volatile u64 *)p;
	}
}

static void plain_store(volatile void *p, unsigned int bytes, u64 value)
{
	switch (bytes) {
	case 1:
		*(volatile u8 *)p = (u8)value;
		break;
	case 2:
		*(volatile u16 *)p = (u16)value;
		break;
	case 4:
		*(volatile u32 *)p = (u32)value;
		break;
	default:
		*(volatile u64 *)p = value;
	}
}

u64 dmakit_mmio_read(const volatile void __iomem *va, unsigned int bytes)
{
	if (!is_simulated(va))
		return plain_load((const volatile void *)va, bytes);
	if (CALL(io_read, va, bytes))
		crash_at(0, (unsigned long)va, 0);
	return answered(0);
}

static void store(u64 value, volatile void __iomem *va, unsigned int bytes, bool ordered)
{
	if (!is_simulated(va)) {
		plain_store((volatile void *)va, bytes, value);
		return;
	}
	if (ordered)
		memory_in_order();
	else
		memory_out_of_order();
	if (CALL(io_write, va, bytes, value, ordered))
		crash_at(0, (unsigned long)va, 1);
}

void dmakit_mmio_write(u64 value, volatile void __iomem *va, unsigned int bytes)
{
	store(value, va, bytes, true);
}

void dmakit_mmio_write_relaxed(u64 value, volatile void __iomem *va, unsigned int bytes)
{
	store(value, va, bytes, false);
}

/* The widest aligned piece, as the functions of arm64 take it. */
static unsigned int piece(unsigned long va, size_t left)
{
	return left >= 8 && !(va & 7) ? 8 : 1;
}

void memcpy_fromio(void *to, const volatile void __iomem *from, size_t bytes)
{
	u8 *into = to;

	while (bytes > 0) {
		unsigned int size = piece((unsigned long)from, bytes);
		u64 value = dmakit_mmio_read(from, size);

		memcpy(into, &value, size);
		into += size;
		from += size;
		bytes -= size;
	}
}

void memcpy_toio(volatile void __iomem *to, const void *from, size_t bytes)
{
	const u8 *at = from;

	while (bytes > 0) {
		unsigned int size = piece((unsigned long)to, bytes);
		u64 value = 0;

		memcpy(&value, at, size);
		store(value, to, size, false);
		at += size;
		to += size;
		bytes -= size;
	}
}

void memset_io(volatile void __iomem *to, int value, size_t bytes)
{
	u64 word = 0x0101010101010101ULL * (u8)value;

	while (bytes > 0) {
		unsigned int size = piece((unsigned long)to, bytes);

		store(word, to, size, false);
		to += size;
		bytes -= size;
	}
}

void dmakit_mmio_repeat(volatile void __iomem *va, void *buffer, unsigned long count,
			unsigned int bytes, bool write)
{
	u8 *at = buffer;

	for (; count > 0; count--, at += bytes) {
		u64 value = 0;

		if (write) {
			memcpy(&value, at, bytes);
			store(value, va, bytes, false);
		} else {
			value = dmakit_mmio_read(va, bytes);
			memcpy(at, &value, bytes);
		}
	}
}

/* Ports cannot be mapped; isa.c has their accessors. */

void __iomem *ioport_map(unsigned long port, unsigned int count)
{
	(void)port;
	(void)count;
	return NULL;
}

void ioport_unmap(void __iomem *va)
{
	(void)va;
}
