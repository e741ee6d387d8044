/* Devices as the kernel knows them: by number. */
#ifndef DMAKIT_KERNEL_DEVICE_H
#define DMAKIT_KERNEL_DEVICE_H

#include <dmakit/umbrella.h>

static inline long number_of(const struct device *dev)
{
	return dev == NULL ? 0 : (long)dev->dmakit_number;
}

/* The struct of a device of the simulator, made when it is first asked for; NULL for 0. */
struct device *device_of(long number);

/* Which struct is a device's. A device that C code made is named by its own. */
void device_has(long number, struct device *dev);

/* Sets up what every struct device has, from the description of a device of the simulator. */
void device_fill(struct device *dev, long number, u64 *dma_mask);

/* The struct of a node of the device tree; NULL for 0. */
struct device_node *node_of(long number);

static inline long node_number(const struct device_node *node)
{
	return node == NULL ? 0 : node->dmakit_number;
}

/* Structs of devices on their buses; they lie in one of the bus's own. */
struct device *platform_struct(long number);
struct device *pci_struct(long number);
struct device *amba_struct(long number);

/* Releases what is managed for a device. */
void device_forget(struct device *dev);

/* Has the last thing that happens when a driver leaves. */
void manage(struct device *dev, dr_release_t release, void *data);

/* Drivers of buses that modules make. */
void bus_attach(struct device *dev);
void bus_detach(struct device *dev);

/* The type of every device's kobject; class.c has it. */
extern const struct kobj_type dmakit_device_type;

/* As devres_alloc, for what no module sees: it lies in this library's memory. */
void *own_alloc(dr_release_t release, size_t size);

/* What belongs to a device and modules do not see. */
struct device_private {
	struct list_head resources;
	const struct property_entry *properties;
	char *name;
};
struct device_private *private_of(struct device *dev);

/* A line of /proc/iomem and its struct. */
struct resource *resource_claim(resource_size_t start, resource_size_t size, const char *name,
				bool ports);
void resource_drop(resource_size_t start, resource_size_t size, bool ports);

/* The masks of a device: what the kernel decided goes into its struct, and the other way. */
void dma_masks_refresh(struct device *dev);
void masks_publish(struct device *dev);

/* Texts of this library's own. */
char *keep_text(const char *text);

#endif
