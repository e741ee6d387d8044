/* Cells of AMBA: devices that say in their registers what they are. */
#ifndef DMAKIT_AMBA_H
#define DMAKIT_AMBA_H

#include <dmakit/platform.h>

#define AMBA_NR_IRQS 9
#define AMBA_CID 0xb105f00d
#define CORESIGHT_CID 0xb105900d
#define UCI_REG_DEVTYPE_OFFSET 0xfcc
#define UCI_REG_DEVARCH_OFFSET 0xfbc

enum amba_vendor {
	AMBA_VENDOR_ARM = 0x41,
	AMBA_VENDOR_QCOM = 0x51,
	AMBA_VENDOR_ST = 0x80,
	AMBA_VENDOR_LSI = 0xb6,
};
struct amba_cs_uci_id {
	unsigned int devarch;
	unsigned int devarch_mask;
	unsigned int devtype;
	void *data;
};
struct amba_id {
	unsigned int id;
	unsigned int mask;
	void *data;
};
struct amba_device {
	struct device dev;
	struct resource res;
	struct clk *pclk;
	struct device_dma_parameters dma_parms;
	unsigned int periphid;
	unsigned int cid;
	struct amba_cs_uci_id uci;
	unsigned int irq[AMBA_NR_IRQS];
	const char *driver_override;
};
/* Until Linux 5.11 remove answered a number, which nobody used. */
struct amba_driver {
	struct device_driver drv;
	int (*probe)(struct amba_device *adev, const struct amba_id *id);
	void (*remove)(struct amba_device *adev);
	void (*shutdown)(struct amba_device *adev);
	const struct amba_id *id_table;
	bool driver_managed_dma;
};
extern DMAKIT_CONST_FOR_MODULES struct bus_type amba_bustype;
#define to_amba_device(dev_) container_of((dev_), struct amba_device, dev)
#define to_amba_driver(driver_) container_of((driver_), struct amba_driver, drv)
#define dev_is_amba(dev_) ((dev_)->bus == &amba_bustype)
#define amba_get_drvdata(adev) dev_get_drvdata(&(adev)->dev)
#define amba_set_drvdata(adev, data) dev_set_drvdata(&(adev)->dev, data)

#define AMBA_CONFIG_BITS(periphid) (((periphid) >> 24) & 0xff)
#define AMBA_REV_BITS(periphid) (((periphid) >> 20) & 0x0f)
#define AMBA_MANF_BITS(periphid) (((periphid) >> 12) & 0xff)
#define AMBA_PART_BITS(periphid) ((periphid) & 0xfff)
#define amba_config(adev) AMBA_CONFIG_BITS((adev)->periphid)
#define amba_rev(adev) AMBA_REV_BITS((adev)->periphid)
#define amba_manf(adev) AMBA_MANF_BITS((adev)->periphid)
#define amba_part(adev) AMBA_PART_BITS((adev)->periphid)

int __amba_driver_register(struct amba_driver *driver, struct module *owner);
#define amba_driver_register(driver) __amba_driver_register(driver, THIS_MODULE)
void amba_driver_unregister(struct amba_driver *driver);
int amba_request_regions(struct amba_device *adev, const char *name);
void amba_release_regions(struct amba_device *adev);
#define module_amba_driver(driver)                                                                 \
	module_driver(driver, amba_driver_register, amba_driver_unregister)
#define builtin_amba_driver(driver) builtin_driver(driver, amba_driver_register)

#endif
