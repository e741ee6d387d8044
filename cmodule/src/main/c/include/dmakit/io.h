/* Registers of devices. */
#ifndef DMAKIT_IO_H
#define DMAKIT_IO_H

#include <dmakit/mm.h>

struct device;

struct resource {
	resource_size_t start;
	resource_size_t end;
	const char *name;
	unsigned long flags;
	unsigned long desc;
	struct resource *parent, *sibling, *child;
};
#define IORESOURCE_BITS 0x000000ff
#define IORESOURCE_TYPE_BITS 0x00001f00
#define IORESOURCE_IO 0x00000100
#define IORESOURCE_MEM 0x00000200
#define IORESOURCE_REG 0x00000300
#define IORESOURCE_IRQ 0x00000400
#define IORESOURCE_DMA 0x00000800
#define IORESOURCE_BUS 0x00001000
#define IORESOURCE_PREFETCH 0x00002000
#define IORESOURCE_READONLY 0x00004000
#define IORESOURCE_CACHEABLE 0x00008000
#define IORESOURCE_MEM_64 0x00100000
#define IORESOURCE_EXCLUSIVE 0x08000000
#define IORESOURCE_DISABLED 0x10000000
#define IORESOURCE_UNSET 0x20000000
#define IORESOURCE_BUSY 0x80000000
#define IORESOURCE_IRQ_HIGHEDGE 1
#define IORESOURCE_IRQ_LOWEDGE 2
#define IORESOURCE_IRQ_HIGHLEVEL 4
#define IORESOURCE_IRQ_LOWLEVEL 8
#define IORESOURCE_IRQ_SHAREABLE 16
#define DEFINE_RES_NAMED(start_, size_, name_, flags_)                                             \
	(struct resource){                                                                         \
		.start = (start_), .end = (start_) + (size_)-1, .name = (name_), .flags = (flags_)}
#define DEFINE_RES_MEM(start, size) DEFINE_RES_NAMED(start, size, NULL, IORESOURCE_MEM)
#define DEFINE_RES_MEM_NAMED(start, size, name) DEFINE_RES_NAMED(start, size, name, IORESOURCE_MEM)
#define DEFINE_RES_IRQ(irq) DEFINE_RES_NAMED(irq, 1, NULL, IORESOURCE_IRQ)
#define DEFINE_RES_IRQ_NAMED(irq, name) DEFINE_RES_NAMED(irq, 1, name, IORESOURCE_IRQ)
#define DEFINE_RES_DMA(dma) DEFINE_RES_NAMED(dma, 1, NULL, IORESOURCE_DMA)
#define DEFINE_RES_IO(start, size) DEFINE_RES_NAMED(start, size, NULL, IORESOURCE_IO)
extern struct resource iomem_resource, ioport_resource;

static inline resource_size_t resource_size(const struct resource *resource)
{
	return resource->end - resource->start + 1;
}

static inline unsigned long resource_type(const struct resource *resource)
{
	return resource->flags & IORESOURCE_TYPE_BITS;
}
struct resource *request_mem_region(resource_size_t start, resource_size_t size, const char *name);
void release_mem_region(resource_size_t start, resource_size_t size);
struct resource *request_region(resource_size_t start, resource_size_t size, const char *name);
void release_region(resource_size_t start, resource_size_t size);
struct resource *devm_request_mem_region(struct device *dev, resource_size_t start,
					 resource_size_t size, const char *name);
struct resource *devm_request_region(struct device *dev, resource_size_t start,
				     resource_size_t size, const char *name);
void devm_release_mem_region(struct device *dev, resource_size_t start, resource_size_t size);
int request_resource(struct resource *root, struct resource *resource);
int insert_resource(struct resource *root, struct resource *resource);
int release_resource(struct resource *resource);
#define request_mem_region_exclusive(start, size, name) request_mem_region(start, size, name)
#define check_mem_region(start, size) 0

void __iomem *ioremap(phys_addr_t phys, size_t size);
void __iomem *ioremap_wc(phys_addr_t phys, size_t size);
void __iomem *ioremap_cache(phys_addr_t phys, size_t size);
void iounmap(volatile void __iomem *va);
#define ioremap_nocache(phys, size) ioremap(phys, size)
#define ioremap_uc(phys, size) ioremap(phys, size)
#define ioremap_np(phys, size) ioremap(phys, size)
#define ioremap_wt(phys, size) ioremap_wc(phys, size)
#define ioremap_prot(phys, size, prot) ioremap(phys, size)
#define ioremap_cached(phys, size) ioremap_cache(phys, size)
enum { MEMREMAP_WB = 1, MEMREMAP_WT = 2, MEMREMAP_WC = 4 };
void *memremap(phys_addr_t phys, size_t size, unsigned long flags);
void memunmap(void *va);
void *devm_memremap(struct device *dev, phys_addr_t phys, size_t size, unsigned long flags);
void devm_memunmap(struct device *dev, void *va);
void __iomem *devm_ioremap(struct device *dev, phys_addr_t phys, size_t size);
void __iomem *devm_ioremap_wc(struct device *dev, phys_addr_t phys, size_t size);
#define devm_ioremap_nocache(dev, phys, size) devm_ioremap(dev, phys, size)
#define devm_ioremap_uc(dev, phys, size) devm_ioremap(dev, phys, size)
void __iomem *devm_ioremap_resource(struct device *dev, const struct resource *resource);
#define devm_ioremap_resource_wc(dev, resource) devm_ioremap_resource(dev, resource)
void devm_iounmap(struct device *dev, void __iomem *va);
#define devm_request_and_ioremap(dev, resource) devm_ioremap_resource(dev, resource)
int arch_phys_wc_add(unsigned long phys, unsigned long size);
void arch_phys_wc_del(int handle);

/* One access each, of 1, 2, 4 or 8 bytes. */
u64 dmakit_mmio_read(const volatile void __iomem *va, unsigned int bytes);
void dmakit_mmio_write(u64 value, volatile void __iomem *va, unsigned int bytes);
void dmakit_mmio_write_relaxed(u64 value, volatile void __iomem *va, unsigned int bytes);
#define readb(va) ((u8)dmakit_mmio_read(va, 1))
#define readw(va) ((u16)dmakit_mmio_read(va, 2))
#define readl(va) ((u32)dmakit_mmio_read(va, 4))
#define readq(va) ((u64)dmakit_mmio_read(va, 8))
#define writeb(value, va) dmakit_mmio_write((u8)(value), va, 1)
#define writew(value, va) dmakit_mmio_write((u16)(value), va, 2)
#define writel(value, va) dmakit_mmio_write((u32)(value), va, 4)
#define writeq(value, va) dmakit_mmio_write((u64)(value), va, 8)
#define readb_relaxed(va) readb(va)
#define readw_relaxed(va) readw(va)
#define readl_relaxed(va) readl(va)
#define readq_relaxed(va) readq(va)
#define writeb_relaxed(value, va) dmakit_mmio_write_relaxed((u8)(value), va, 1)
#define writew_relaxed(value, va) dmakit_mmio_write_relaxed((u16)(value), va, 2)
#define writel_relaxed(value, va) dmakit_mmio_write_relaxed((u32)(value), va, 4)
#define writeq_relaxed(value, va) dmakit_mmio_write_relaxed((u64)(value), va, 8)
#define __raw_readb(va) readb(va)
#define __raw_readw(va) readw(va)
#define __raw_readl(va) readl(va)
#define __raw_readq(va) readq(va)
#define __raw_writeb(value, va) writeb_relaxed(value, va)
#define __raw_writew(value, va) writew_relaxed(value, va)
#define __raw_writel(value, va) writel_relaxed(value, va)
#define __raw_writeq(value, va) writeq_relaxed(value, va)
#define ioread8(va) ((unsigned int)readb(va))
#define ioread16(va) ((unsigned int)readw(va))
#define ioread32(va) ((unsigned int)readl(va))
#define ioread64(va) readq(va)
#define ioread64_lo_hi(va) lo_hi_readq(va)
#define ioread64_hi_lo(va) hi_lo_readq(va)
#define iowrite8(value, va) writeb(value, va)
#define iowrite16(value, va) writew(value, va)
#define iowrite32(value, va) writel(value, va)
#define iowrite64(value, va) writeq(value, va)
#define iowrite64_lo_hi(value, va) lo_hi_writeq(value, va)
#define iowrite64_hi_lo(value, va) hi_lo_writeq(value, va)
#define ioread16be(va) ((unsigned int)swab16(readw(va)))
#define ioread32be(va) ((unsigned int)swab32(readl(va)))
#define ioread64be(va) swab64(readq(va))
#define iowrite16be(value, va) writew(swab16(value), va)
#define iowrite32be(value, va) writel(swab32(value), va)
#define iowrite64be(value, va) writeq(swab64(value), va)
#define in_be32(va) ioread32be(va)
#define __iormb(...) barrier()
#define __iowmb() barrier()
#define out_be32(va, value) iowrite32be(value, va)
#define in_le32(va) readl(va)
#define out_le32(va, value) writel(value, va)
#define in_8(va) readb(va)
#define out_8(va, value) writeb(value, va)

static inline u64 lo_hi_readq(const volatile void __iomem *va)
{
	u32 low = readl(va);

	return low | (u64)readl(va + 4) << 32;
}

static inline void lo_hi_writeq(u64 value, volatile void __iomem *va)
{
	writel((u32)value, va);
	writel((u32)(value >> 32), va + 4);
}

static inline u64 hi_lo_readq(const volatile void __iomem *va)
{
	u32 high = readl(va + 4);

	return (u64)high << 32 | readl(va);
}

static inline void hi_lo_writeq(u64 value, volatile void __iomem *va)
{
	writel((u32)(value >> 32), va + 4);
	writel((u32)value, va);
}
#define lo_hi_readq_relaxed(va) lo_hi_readq(va)
#define lo_hi_writeq_relaxed(value, va) lo_hi_writeq(value, va)
#define hi_lo_readq_relaxed(va) hi_lo_readq(va)
#define hi_lo_writeq_relaxed(value, va) hi_lo_writeq(value, va)

void memcpy_fromio(void *to, const volatile void __iomem *from, size_t bytes);
void memcpy_toio(volatile void __iomem *to, const void *from, size_t bytes);
void memset_io(volatile void __iomem *to, int value, size_t bytes);
void dmakit_mmio_repeat(volatile void __iomem *va, void *buffer, unsigned long count,
			unsigned int bytes, bool write);
#define __iowrite32_copy(to, from, count) memcpy_toio(to, from, (count)*4)
#define __iowrite64_copy(to, from, count) memcpy_toio(to, from, (count)*8)
#define __ioread32_copy(to, from, count) memcpy_fromio(to, from, (count)*4)
#define ioread8_rep(va, buffer, count) dmakit_mmio_repeat(va, buffer, count, 1, false)
#define ioread16_rep(va, buffer, count) dmakit_mmio_repeat(va, buffer, count, 2, false)
#define ioread32_rep(va, buffer, count) dmakit_mmio_repeat(va, buffer, count, 4, false)
#define iowrite8_rep(va, buffer, count) dmakit_mmio_repeat(va, (void *)(buffer), count, 1, true)
#define iowrite16_rep(va, buffer, count) dmakit_mmio_repeat(va, (void *)(buffer), count, 2, true)
#define iowrite32_rep(va, buffer, count) dmakit_mmio_repeat(va, (void *)(buffer), count, 4, true)
#define readsb(va, buffer, count) ioread8_rep(va, buffer, count)
#define readsw(va, buffer, count) ioread16_rep(va, buffer, count)
#define readsl(va, buffer, count) ioread32_rep(va, buffer, count)
#define writesb(va, buffer, count) iowrite8_rep(va, buffer, count)
#define writesw(va, buffer, count) iowrite16_rep(va, buffer, count)
#define writesl(va, buffer, count) iowrite32_rep(va, buffer, count)

/* Ports. */
u32 dmakit_port_read(unsigned long port, unsigned int bytes);
void dmakit_port_write(u32 value, unsigned long port, unsigned int bytes);
#define inb(port) ((u8)dmakit_port_read(port, 1))
#define inw(port) ((u16)dmakit_port_read(port, 2))
#define inl(port) ((u32)dmakit_port_read(port, 4))
#define outb(value, port) dmakit_port_write((u8)(value), port, 1)
#define outw(value, port) dmakit_port_write((u16)(value), port, 2)
#define outl(value, port) dmakit_port_write((u32)(value), port, 4)
#define inb_p(port) inb(port)
#define inw_p(port) inw(port)
#define inl_p(port) inl(port)
#define outb_p(value, port) outb(value, port)
#define outw_p(value, port) outw(value, port)
#define outl_p(value, port) outl(value, port)
void dmakit_port_repeat(unsigned long port, void *buffer, unsigned long count, unsigned int bytes,
			bool write);
#define insb(port, buffer, count) dmakit_port_repeat(port, buffer, count, 1, false)
#define insw(port, buffer, count) dmakit_port_repeat(port, buffer, count, 2, false)
#define insl(port, buffer, count) dmakit_port_repeat(port, buffer, count, 4, false)
#define outsb(port, buffer, count) dmakit_port_repeat(port, (void *)(buffer), count, 1, true)
#define outsw(port, buffer, count) dmakit_port_repeat(port, (void *)(buffer), count, 2, true)
#define outsl(port, buffer, count) dmakit_port_repeat(port, (void *)(buffer), count, 4, true)
void __iomem *ioport_map(unsigned long port, unsigned int count);
void ioport_unmap(void __iomem *va);

/* Polling; the delays are in microseconds. */
#define DMAKIT_POLL(operation, value, condition, pause, timeout_us, pause_before)                  \
	({                                                                                         \
		u64 poll_timeout = (timeout_us);                                                   \
		u64 poll_end = ktime_get_ns() + poll_timeout * NSEC_PER_USEC;                      \
		if (pause_before)                                                                  \
			pause;                                                                     \
		for (;;) {                                                                         \
			(value) = operation;                                                       \
			if (condition)                                                             \
				break;                                                             \
			if (poll_timeout != 0 && ktime_get_ns() > poll_end) {                      \
				(value) = operation;                                               \
				break;                                                             \
			}                                                                          \
			pause;                                                                     \
			cpu_relax();                                                               \
		}                                                                                  \
		(condition) ? 0 : -ETIMEDOUT;                                                      \
	})
#define read_poll_timeout(op, value, condition, sleep_us, timeout_us, sleep_before, args...)       \
	({                                                                                         \
		might_sleep_if((sleep_us) != 0);                                                   \
		DMAKIT_POLL(op(args), value, condition,                                            \
			    (sleep_us) != 0 ? usleep_range(((sleep_us) >> 2) + 1, sleep_us)        \
					    : (void)0,                                             \
			    timeout_us, sleep_before);                                             \
	})
#define read_poll_timeout_atomic(op, value, condition, delay_us, timeout_us, delay_before, args...)\
	DMAKIT_POLL(op(args), value, condition, (delay_us) != 0 ? udelay(delay_us) : (void)0,      \
		    timeout_us, delay_before)
#define readx_poll_timeout(op, va, value, condition, sleep_us, timeout_us)                         \
	read_poll_timeout(op, value, condition, sleep_us, timeout_us, false, va)
#define readx_poll_timeout_atomic(op, va, value, condition, delay_us, timeout_us)                  \
	read_poll_timeout_atomic(op, value, condition, delay_us, timeout_us, false, va)
#define poll_timeout_us(op, condition, sleep_us, timeout_us, sleep_before)                         \
	({                                                                                         \
		int poll_unused;                                                                   \
		DMAKIT_POLL(({ op; 0; }), poll_unused, condition, usleep_range(1, sleep_us),       \
			    timeout_us, sleep_before);                                             \
	})
#define readb_poll_timeout(va, v, c, s, t) readx_poll_timeout(readb, va, v, c, s, t)
#define readw_poll_timeout(va, v, c, s, t) readx_poll_timeout(readw, va, v, c, s, t)
#define readl_poll_timeout(va, v, c, s, t) readx_poll_timeout(readl, va, v, c, s, t)
#define readq_poll_timeout(va, v, c, s, t) readx_poll_timeout(readq, va, v, c, s, t)
#define readl_relaxed_poll_timeout(va, v, c, s, t) readx_poll_timeout(readl, va, v, c, s, t)
#define readb_poll_timeout_atomic(va, v, c, s, t) readx_poll_timeout_atomic(readb, va, v, c, s, t)
#define readl_poll_timeout_atomic(va, v, c, s, t) readx_poll_timeout_atomic(readl, va, v, c, s, t)
#define readl_relaxed_poll_timeout_atomic(va, v, c, s, t)                                          \
	readx_poll_timeout_atomic(readl, va, v, c, s, t)

#endif
