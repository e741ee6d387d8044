/* The ISA bus: cards that nothing enumerates, and their DMA channels. */
#ifndef DMAKIT_ISA_H
#define DMAKIT_ISA_H

#include <dmakit/device.h>
#include <dmakit/io.h>
#include <dmakit/mm.h>

struct isa_driver {
	int (*match)(struct device *dev, unsigned int id);
	int (*probe)(struct device *dev, unsigned int id);
	void (*remove)(struct device *dev, unsigned int id);
	void (*shutdown)(struct device *dev, unsigned int id);
	int (*suspend)(struct device *dev, unsigned int id, pm_message_t state);
	int (*resume)(struct device *dev, unsigned int id);
	struct device_driver driver;
	struct device *devices;
};
#define to_isa_driver(driver_) container_of((driver_), struct isa_driver, driver)
int isa_register_driver(struct isa_driver *driver, unsigned int count);
void isa_unregister_driver(struct isa_driver *driver);
#define max_num_isa_dev(extent) (0x400 / (extent))
#define module_isa_driver_init(driver_, count_)                                                    \
	static int __init driver_##_init(void)                                                     \
	{                                                                                          \
		return isa_register_driver(&(driver_), (count_));                                  \
	}                                                                                          \
	module_init(driver_##_init)
#define module_isa_driver(driver_, count_)                                                         \
	module_isa_driver_init(driver_, count_);                                                   \
	static void __exit driver_##_exit(void)                                                    \
	{                                                                                          \
		isa_unregister_driver(&(driver_));                                                 \
	}                                                                                          \
	module_exit(driver_##_exit)
#define module_isa_driver_with_irq(driver, count, irq_count) module_isa_driver(driver, count)

/* DMA channels: 0 to 3 move bytes, 5 to 7 words, 4 connects the controllers. */
#define MAX_DMA_CHANNELS 8
#define MAX_DMA_PFN ((16UL * 1024 * 1024) >> PAGE_SHIFT)
#define MAX_DMA_ADDRESS ((unsigned long)__va(MAX_DMA_PFN << PAGE_SHIFT))
#define IO_DMA1_BASE 0x00
#define IO_DMA2_BASE 0xC0
#define DMA1_CMD_REG 0x08
#define DMA1_STAT_REG 0x08
#define DMA1_REQ_REG 0x09
#define DMA1_MASK_REG 0x0A
#define DMA1_MODE_REG 0x0B
#define DMA1_CLEAR_FF_REG 0x0C
#define DMA1_TEMP_REG 0x0D
#define DMA1_RESET_REG 0x0D
#define DMA1_CLR_MASK_REG 0x0E
#define DMA1_MASK_ALL_REG 0x0F
#define DMA2_CMD_REG 0xD0
#define DMA2_STAT_REG 0xD0
#define DMA2_REQ_REG 0xD2
#define DMA2_MASK_REG 0xD4
#define DMA2_MODE_REG 0xD6
#define DMA2_CLEAR_FF_REG 0xD8
#define DMA2_TEMP_REG 0xDA
#define DMA2_RESET_REG 0xDA
#define DMA2_CLR_MASK_REG 0xDC
#define DMA2_MASK_ALL_REG 0xDE
#define DMA_PAGE_0 0x87
#define DMA_PAGE_1 0x83
#define DMA_PAGE_2 0x81
#define DMA_PAGE_3 0x82
#define DMA_PAGE_5 0x8B
#define DMA_PAGE_6 0x89
#define DMA_PAGE_7 0x8A
#define DMA_MODE_READ 0x44
#define DMA_MODE_WRITE 0x48
#define DMA_MODE_CASCADE 0xC0
#define DMA_AUTOINIT 0x10
#define dma_outb(value, port) outb_p(value, port)
#define dma_inb(port) inb_p(port)

int request_dma(unsigned int channel, const char *name);
void free_dma(unsigned int channel);
unsigned long claim_dma_lock(void);
void release_dma_lock(unsigned long flags);
void enable_dma(unsigned int channel);
void disable_dma(unsigned int channel);
void clear_dma_ff(unsigned int channel);
void set_dma_mode(unsigned int channel, char mode);
void set_dma_page(unsigned int channel, char page);
void set_dma_addr(unsigned int channel, unsigned int address);
void set_dma_count(unsigned int channel, unsigned int bytes);
int get_dma_residue(unsigned int channel);
extern int isa_dma_bridge_buggy;

/* What the bus carries is what memory has: there is no translation. */
#define isa_virt_to_bus(va) ((unsigned int)virt_to_phys(va))
#define isa_bus_to_virt(bus) phys_to_virt(bus)
#define isa_page_to_bus(page) ((unsigned int)page_to_phys(page))

#endif
