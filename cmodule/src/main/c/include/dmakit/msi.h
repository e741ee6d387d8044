/* Interrupts by message, of devices on no PCI bus. */
#ifndef DMAKIT_MSI_H
#define DMAKIT_MSI_H

#include <dmakit/device.h>

struct msi_msg {
	u32 address_lo, address_hi, data;
};
struct msi_desc {
	unsigned int irq;
	unsigned int nvec_used;
	struct device *dev;
	struct msi_msg msg;
	u16 msi_index;
};
#define msi_desc_to_dev(desc) ((desc)->dev)
typedef void (*irq_write_msi_msg_t)(struct msi_desc *desc, struct msi_msg *msg);

/* No board has a controller of messages for them: -EINVAL, as without msi-parent. */
int platform_device_msi_init_and_alloc_irqs(struct device *dev, unsigned int count,
					    irq_write_msi_msg_t write);
void platform_device_msi_free_irqs_all(struct device *dev);
#define platform_msi_domain_alloc_irqs(dev, count, write)                                          \
	platform_device_msi_init_and_alloc_irqs(dev, count, write)
#define platform_msi_domain_free_irqs(dev) platform_device_msi_free_irqs_all(dev)
unsigned int msi_get_virq(struct device *dev, unsigned int index);
struct msi_desc *irq_get_msi_desc(unsigned int irq);
void get_cached_msi_msg(unsigned int irq, struct msi_msg *msg);

#endif
