/* PCI. */
#ifndef DMAKIT_PCI_H
#define DMAKIT_PCI_H

#include <dmakit/of.h>

#define PCI_ANY_ID (~0U)
#define PCI_STD_NUM_BARS 6
#define PCI_NUM_RESOURCES 12
#define PCI_ROM_RESOURCE 6
#define DEVICE_COUNT_RESOURCE PCI_NUM_RESOURCES
#define PCI_DEVFN(slot, function) ((((slot)&0x1f) << 3) | ((function)&0x07))
#define PCI_SLOT(devfn) (((devfn) >> 3) & 0x1f)
#define PCI_FUNC(devfn) ((devfn)&0x07)
#define PCI_DEVID(bus, devfn) ((((u16)(bus)) << 8) | (devfn))
#define PCI_BUS_NUM(x) (((x) >> 8) & 0xff)

#define PCI_VENDOR_ID 0x00
#define PCI_DEVICE_ID 0x02
#define PCI_COMMAND 0x04
#define PCI_COMMAND_IO 0x1
#define PCI_COMMAND_MEMORY 0x2
#define PCI_COMMAND_MASTER 0x4
#define PCI_COMMAND_INVALIDATE 0x10
#define PCI_COMMAND_PARITY 0x40
#define PCI_COMMAND_SERR 0x100
#define PCI_COMMAND_INTX_DISABLE 0x400
#define PCI_STATUS 0x06
#define PCI_STATUS_INTERRUPT 0x08
#define PCI_STATUS_CAP_LIST 0x10
#define PCI_CLASS_REVISION 0x08
#define PCI_REVISION_ID 0x08
#define PCI_CLASS_PROG 0x09
#define PCI_CLASS_DEVICE 0x0a
#define PCI_CACHE_LINE_SIZE 0x0c
#define PCI_LATENCY_TIMER 0x0d
#define PCI_HEADER_TYPE 0x0e
#define PCI_HEADER_TYPE_NORMAL 0
#define PCI_HEADER_TYPE_BRIDGE 1
#define PCI_BASE_ADDRESS_0 0x10
#define PCI_BASE_ADDRESS_1 0x14
#define PCI_BASE_ADDRESS_2 0x18
#define PCI_BASE_ADDRESS_3 0x1c
#define PCI_BASE_ADDRESS_4 0x20
#define PCI_BASE_ADDRESS_5 0x24
#define PCI_BASE_ADDRESS_SPACE 0x01
#define PCI_BASE_ADDRESS_SPACE_IO 0x01
#define PCI_BASE_ADDRESS_MEM_TYPE_64 0x04
#define PCI_BASE_ADDRESS_MEM_MASK (~0x0fUL)
#define PCI_SUBSYSTEM_VENDOR_ID 0x2c
#define PCI_SUBSYSTEM_ID 0x2e
#define PCI_ROM_ADDRESS 0x30
#define PCI_CAPABILITY_LIST 0x34
#define PCI_INTERRUPT_LINE 0x3c
#define PCI_INTERRUPT_PIN 0x3d
#define PCI_CAP_ID_PM 0x01
#define PCI_CAP_ID_MSI 0x05
#define PCI_CAP_ID_VNDR 0x09
#define PCI_CAP_ID_EXP 0x10
#define PCI_CAP_ID_MSIX 0x11
#define PCI_CAP_LIST_ID 0
#define PCI_CAP_LIST_NEXT 1
#define PCI_MSI_FLAGS 0x02
#define PCI_MSI_FLAGS_ENABLE 0x0001
#define PCI_MSIX_FLAGS 0x02
#define PCI_MSIX_FLAGS_QSIZE 0x07ff
#define PCI_MSIX_FLAGS_ENABLE 0x8000
#define PCI_EXP_DEVCAP 0x04
#define PCI_EXP_DEVCAP_PAYLOAD 0x07
#define PCI_EXP_DEVCTL 0x08
#define PCI_EXP_DEVCTL_RELAX_EN 0x0010
#define PCI_EXP_DEVCTL_PAYLOAD 0x00e0
#define PCI_EXP_DEVCTL_EXT_TAG 0x0100
#define PCI_EXP_DEVCTL_NOSNOOP_EN 0x0800
#define PCI_EXP_DEVCTL_READRQ 0x7000
#define PCI_EXP_DEVSTA 0x0a
#define PCI_EXP_LNKCAP 0x0c
#define PCI_EXP_LNKCTL 0x10
#define PCI_EXP_LNKCTL_RCB 0x0008
#define PCI_EXP_LNKSTA 0x12
#define PCI_EXP_LNKSTA_CLS 0x000f
#define PCI_EXP_LNKSTA_NLW 0x03f0
#define PCI_EXP_LNKSTA_NLW_SHIFT 4
#define PCI_EXP_DEVCTL2 0x28
#define PCI_EXT_CAP_ID_ERR 0x01
#define PCI_EXT_CAP_ID_VNDR 0x0b
#define PCI_EXT_CAP_ID_SRIOV 0x10

#define PCI_BASE_CLASS_MEMORY 0x05
#define PCI_CLASS_MEMORY_RAM 0x0500
#define PCI_BASE_CLASS_BRIDGE 0x06
#define PCI_CLASS_BRIDGE_HOST 0x0600
#define PCI_CLASS_BRIDGE_PCI 0x0604
#define PCI_CLASS_SYSTEM_DMA 0x0801
#define PCI_CLASS_SYSTEM_OTHER 0x0880
#define PCI_CLASS_OTHERS 0xff
#define PCI_CLASS_NETWORK_ETHERNET 0x0200
#define PCI_CLASS_DISPLAY_VGA 0x0300
typedef dma_addr_t pci_bus_addr_t;
struct pci_bus_region {
	pci_bus_addr_t start, end;
};
/* Addresses are the same on both sides of every board's host bridge. */
#define pcibios_resource_to_bus(bus, region, resource)                                             \
	((void)(bus),                                                                              \
	 (void)(*(region) = (struct pci_bus_region){(resource)->start, (resource)->end}))

#define PCI_VNDR_HEADER 4
#define PCI_VNDR_HEADER_ID(word) ((word) & 0xffff)
#define PCI_VNDR_HEADER_REV(word) ((word) >> 16 & 0xf)
#define PCI_VNDR_HEADER_LEN(word) ((word) >> 20 & 0xfff)
/* Numbers of the BIOS's, from ages before. */
#define pcibios_err_to_errno(error) ((error) <= 0 ? (error) : -EIO)
#define PCI_VENDOR_ID_AMD 0x1022
#define PCI_VENDOR_ID_TI 0x104c
#define PCI_VENDOR_ID_NVIDIA 0x10de
#define PCI_VENDOR_ID_XILINX 0x10ee
#define PCI_VENDOR_ID_ALTERA 0x1172
#define PCI_VENDOR_ID_PLX 0x10b5
#define PCI_VENDOR_ID_REDHAT_QUMRANET 0x1af4
#define PCI_VENDOR_ID_REDHAT 0x1b36
#define PCI_VENDOR_ID_INTEL 0x8086
#define PCI_VENDOR_ID_SYNOPSYS 0x16c3
#define PCI_VENDOR_ID_FREESCALE 0x1957
#define PCI_VENDOR_ID_HUAWEI 0x19e5
#define PCI_VENDOR_ID_REALTEK 0x10ec

typedef int pci_power_t;
#define PCI_D0 0
#define PCI_D1 1
#define PCI_D2 2
#define PCI_D3hot 3
#define PCI_D3cold 4
typedef unsigned int pci_channel_state_t;
#define pci_channel_io_normal 1U
#define pci_channel_io_frozen 2U
#define pci_channel_io_perm_failure 3U
typedef unsigned int pci_ers_result_t;
#define PCI_ERS_RESULT_NONE 1U
#define PCI_ERS_RESULT_CAN_RECOVER 2U
#define PCI_ERS_RESULT_NEED_RESET 3U
#define PCI_ERS_RESULT_DISCONNECT 4U
#define PCI_ERS_RESULT_RECOVERED 5U
enum pci_bus_speed { PCI_SPEED_UNKNOWN = 0xff };
enum pci_dev_flags { PCI_DEV_FLAGS_NO_D3 = 2 };
enum pci_bus_flags { PCI_BUS_FLAGS_NO_MSI = 1, PCI_BUS_FLAGS_NO_MMRBC = 2 };

struct pci_device_id {
	u32 vendor, device;
	u32 subvendor, subdevice;
	u32 class, class_mask;
	unsigned long driver_data;
	u32 override_only;
};
#define PCI_DEVICE(vendor_, device_)                                                               \
	.vendor = (vendor_), .device = (device_), .subvendor = PCI_ANY_ID, .subdevice = PCI_ANY_ID
#define PCI_DEVICE_SUB(vendor_, device_, subvendor_, subdevice_)                                   \
	.vendor = (vendor_), .device = (device_), .subvendor = (subvendor_),                       \
	.subdevice = (subdevice_)
#define PCI_DEVICE_CLASS(class_, mask_)                                                            \
	.class = (class_), .class_mask = (mask_), .vendor = PCI_ANY_ID, .device = PCI_ANY_ID,      \
	.subvendor = PCI_ANY_ID, .subdevice = PCI_ANY_ID
#define PCI_VDEVICE(vendor_, device_)                                                              \
	.vendor = PCI_VENDOR_ID_##vendor_, .device = (device_), .subvendor = PCI_ANY_ID,           \
	.subdevice = PCI_ANY_ID, 0, 0
#define PCI_DEVICE_DATA(vendor_, device_, data_)                                                   \
	.vendor = PCI_VENDOR_ID_##vendor_, .device = PCI_DEVICE_ID_##vendor_##_##device_,          \
	.subvendor = PCI_ANY_ID, .subdevice = PCI_ANY_ID, 0, 0,                                    \
	.driver_data = (unsigned long)(data_)
#define DEFINE_PCI_DEVICE_TABLE(name) const struct pci_device_id name[]

struct pci_bus {
	struct pci_bus *parent;
	struct pci_dev *self;
	struct list_head devices;
	unsigned char number;
	unsigned char primary;
	char name[48];
	unsigned short bridge_ctl;
	enum pci_bus_flags bus_flags;
	int domain_nr;
	struct device dev;
};
struct pci_dev {
	struct list_head bus_list;
	struct pci_bus *bus;
	struct pci_bus *subordinate;
	unsigned int devfn;
	unsigned short vendor;
	unsigned short device;
	unsigned short subsystem_vendor;
	unsigned short subsystem_device;
	unsigned int class;
	u8 revision;
	u8 hdr_type;
	u8 pcie_cap;
	u8 msi_cap;
	u8 msix_cap;
	u8 pin;
	u8 rom_base_reg;
	u16 pcie_flags_reg;
	struct pci_driver *driver;
	u64 dma_mask;
	struct device_dma_parameters dma_parms;
	pci_power_t current_state;
	pci_channel_state_t error_state;
	struct device dev;
	int cfg_size;
	unsigned int irq;
	struct resource resource[DEVICE_COUNT_RESOURCE];
	unsigned int is_busmaster : 1;
	unsigned int no_msi : 1;
	unsigned int msi_enabled : 1;
	unsigned int msix_enabled : 1;
	unsigned int is_managed : 1;
	unsigned int is_physfn : 1;
	unsigned int is_virtfn : 1;
	enum pci_dev_flags dev_flags;
	atomic_t enable_cnt;
	void *priv_data;
};
struct pci_error_handlers {
	pci_ers_result_t (*error_detected)(struct pci_dev *pdev, pci_channel_state_t error);
	pci_ers_result_t (*mmio_enabled)(struct pci_dev *pdev);
	pci_ers_result_t (*slot_reset)(struct pci_dev *pdev);
	void (*reset_prepare)(struct pci_dev *pdev);
	void (*reset_done)(struct pci_dev *pdev);
	void (*resume)(struct pci_dev *pdev);
	void (*cor_error_detected)(struct pci_dev *pdev);
};
struct pci_driver {
	struct list_head node;
	const char *name;
	const struct pci_device_id *id_table;
	int (*probe)(struct pci_dev *pdev, const struct pci_device_id *id);
	void (*remove)(struct pci_dev *pdev);
	int (*suspend)(struct pci_dev *pdev, pm_message_t state);
	int (*resume)(struct pci_dev *pdev);
	void (*shutdown)(struct pci_dev *pdev);
	int (*sriov_configure)(struct pci_dev *pdev, int count);
	const struct pci_error_handlers *err_handler;
	const struct attribute_group **groups;
	const struct attribute_group **dev_groups;
	struct device_driver driver;
	bool driver_managed_dma;
};
extern DMAKIT_CONST_FOR_MODULES struct bus_type pci_bus_type;
#define to_pci_dev(dev_) container_of(dev_, struct pci_dev, dev)
#define to_pci_driver(driver_) container_of(driver_, struct pci_driver, driver)
#define dev_is_pci(dev_) ((dev_)->bus == &pci_bus_type)

static inline void *pci_get_drvdata(struct pci_dev *pdev)
{
	return dev_get_drvdata(&pdev->dev);
}

static inline void pci_set_drvdata(struct pci_dev *pdev, void *data)
{
	dev_set_drvdata(&pdev->dev, data);
}

static inline const char *pci_name(const struct pci_dev *pdev)
{
	return dev_name(&pdev->dev);
}
#define pci_domain_nr(bus) ((bus)->domain_nr)
#define pci_dev_id(pdev) PCI_DEVID((pdev)->bus->number, (pdev)->devfn)
#define pci_is_pcie(pdev) ((pdev)->pcie_cap != 0)
#define pci_pcie_cap(pdev) ((pdev)->pcie_cap)
#define pci_is_bridge(pdev) ((pdev)->hdr_type == PCI_HEADER_TYPE_BRIDGE)
#define pci_is_root_bus(bus) ((bus)->parent == NULL)
#define pci_dev_msi_enabled(pdev) ((pdev)->msi_enabled || (pdev)->msix_enabled)
#define pci_channel_offline(pdev) ((pdev)->error_state > 1)
#define pci_resource_n(pdev, bar) (&(pdev)->resource[bar])
#define pci_resource_start(pdev, bar) ((pdev)->resource[bar].start)
#define pci_resource_end(pdev, bar) ((pdev)->resource[bar].end)
#define pci_resource_flags(pdev, bar) ((pdev)->resource[bar].flags)
#define pci_resource_len(pdev, bar)                                                                \
	(pci_resource_end(pdev, bar) == 0                                                          \
		 ? 0                                                                               \
		 : pci_resource_end(pdev, bar) - pci_resource_start(pdev, bar) + 1)
#define pci_emerg(pdev, format, ...) dev_emerg(&(pdev)->dev, format, ##__VA_ARGS__)
#define pci_err(pdev, format, ...) dev_err(&(pdev)->dev, format, ##__VA_ARGS__)
#define pci_warn(pdev, format, ...) dev_warn(&(pdev)->dev, format, ##__VA_ARGS__)
#define pci_notice(pdev, format, ...) dev_notice(&(pdev)->dev, format, ##__VA_ARGS__)
#define pci_info(pdev, format, ...) dev_info(&(pdev)->dev, format, ##__VA_ARGS__)
#define pci_dbg(pdev, format, ...) dev_dbg(&(pdev)->dev, format, ##__VA_ARGS__)

int __pci_register_driver(struct pci_driver *driver, struct module *owner, const char *name);
#define pci_register_driver(driver) __pci_register_driver(driver, THIS_MODULE, KBUILD_MODNAME)
#define pci_module_init(driver) pci_register_driver(driver)
void pci_unregister_driver(struct pci_driver *driver);
#define module_pci_driver(driver) module_driver(driver, pci_register_driver, pci_unregister_driver)
#define builtin_pci_driver(driver) builtin_driver(driver, pci_register_driver)
int pci_enable_device(struct pci_dev *pdev);
int pci_enable_device_mem(struct pci_dev *pdev);
int pci_enable_device_io(struct pci_dev *pdev);
int pci_reenable_device(struct pci_dev *pdev);
void pci_disable_device(struct pci_dev *pdev);
bool pci_device_is_present(struct pci_dev *pdev);
int pcim_enable_device(struct pci_dev *pdev);
void pcim_pin_device(struct pci_dev *pdev);
#define pci_is_enabled(pdev) (atomic_read(&(pdev)->enable_cnt) > 0)
void pci_set_master(struct pci_dev *pdev);
void pci_clear_master(struct pci_dev *pdev);
int pci_set_mwi(struct pci_dev *pdev);
int pci_try_set_mwi(struct pci_dev *pdev);
void pci_clear_mwi(struct pci_dev *pdev);
void pci_intx(struct pci_dev *pdev, int enable);
int pci_request_region(struct pci_dev *pdev, int bar, const char *name);
void pci_release_region(struct pci_dev *pdev, int bar);
int pci_request_regions(struct pci_dev *pdev, const char *name);
void pci_release_regions(struct pci_dev *pdev);
int pci_request_selected_regions(struct pci_dev *pdev, int bars, const char *name);
void pci_release_selected_regions(struct pci_dev *pdev, int bars);
int pci_select_bars(struct pci_dev *pdev, unsigned long flags);
int pci_assign_resource(struct pci_dev *pdev, int index);
#define pci_request_regions_exclusive(pdev, name) pci_request_regions(pdev, name)
#define pci_request_mem_regions(pdev, name)                                                        \
	pci_request_selected_regions(pdev, pci_select_bars(pdev, IORESOURCE_MEM), name)
#define pci_release_mem_regions(pdev)                                                              \
	pci_release_selected_regions(pdev, pci_select_bars(pdev, IORESOURCE_MEM))
void __iomem *pci_iomap(struct pci_dev *pdev, int bar, unsigned long max);
void __iomem *pci_iomap_wc(struct pci_dev *pdev, int bar, unsigned long max);
void __iomem *pci_iomap_range(struct pci_dev *pdev, int bar, unsigned long offset,
			      unsigned long max);
void pci_iounmap(struct pci_dev *pdev, void __iomem *va);
void __iomem *pci_ioremap_bar(struct pci_dev *pdev, int bar);
void __iomem *pci_ioremap_wc_bar(struct pci_dev *pdev, int bar);
void __iomem *pcim_iomap(struct pci_dev *pdev, int bar, unsigned long max);
void pcim_iounmap(struct pci_dev *pdev, void __iomem *va);
void __iomem *pcim_iomap_region(struct pci_dev *pdev, int bar, const char *name);
void pcim_iounmap_region(struct pci_dev *pdev, int bar);
int pcim_iomap_regions(struct pci_dev *pdev, int mask, const char *name);
int pcim_iomap_regions_request_all(struct pci_dev *pdev, int mask, const char *name);
void pcim_iounmap_regions(struct pci_dev *pdev, int mask);
void __iomem *const *pcim_iomap_table(struct pci_dev *pdev);
int pcim_request_region(struct pci_dev *pdev, int bar, const char *name);
int pcim_request_all_regions(struct pci_dev *pdev, const char *name);
int pci_read_config_byte(const struct pci_dev *pdev, int where, u8 *value);
int pci_read_config_word(const struct pci_dev *pdev, int where, u16 *value);
int pci_read_config_dword(const struct pci_dev *pdev, int where, u32 *value);
int pci_write_config_byte(const struct pci_dev *pdev, int where, u8 value);
int pci_write_config_word(const struct pci_dev *pdev, int where, u16 value);
int pci_write_config_dword(const struct pci_dev *pdev, int where, u32 value);
int pcie_capability_read_word(struct pci_dev *pdev, int where, u16 *value);
int pcie_capability_read_dword(struct pci_dev *pdev, int where, u32 *value);
int pcie_capability_write_word(struct pci_dev *pdev, int where, u16 value);
int pcie_capability_clear_and_set_word(struct pci_dev *pdev, int where, u16 clear, u16 set);
#define pcie_capability_set_word(pdev, where, set)                                                 \
	pcie_capability_clear_and_set_word(pdev, where, 0, set)
#define pcie_capability_clear_word(pdev, where, clear)                                             \
	pcie_capability_clear_and_set_word(pdev, where, clear, 0)
#define PCIBIOS_SUCCESSFUL 0
#define PCIBIOS_DEVICE_NOT_FOUND 0x86
#define PCIBIOS_BAD_REGISTER_NUMBER 0x87
u8 pci_find_capability(struct pci_dev *pdev, int capability);
u8 pci_find_next_capability(struct pci_dev *pdev, u8 position, int capability);
u16 pci_find_ext_capability(struct pci_dev *pdev, int capability);
u16 pci_find_vsec_capability(struct pci_dev *pdev, u16 vendor, int capability);
#define pci_bus_address(pdev, bar) ((pci_bus_addr_t)pci_resource_start(pdev, bar))
int pci_save_state(struct pci_dev *pdev);
void pci_restore_state(struct pci_dev *pdev);
int pci_set_power_state(struct pci_dev *pdev, pci_power_t state);
pci_power_t pci_choose_state(struct pci_dev *pdev, pm_message_t state);
int pci_enable_wake(struct pci_dev *pdev, pci_power_t state, bool enable);
int pci_wake_from_d3(struct pci_dev *pdev, bool enable);
int pci_reset_function(struct pci_dev *pdev);
int pcie_get_readrq(struct pci_dev *pdev);
int pcie_set_readrq(struct pci_dev *pdev, int bytes);
int pcie_get_mps(struct pci_dev *pdev);
int pcie_set_mps(struct pci_dev *pdev, int bytes);
void pcie_print_link_status(struct pci_dev *pdev);
#define PCIE_LINK_STATE_L0S 1
#define PCIE_LINK_STATE_L1 2
#define PCIE_LINK_STATE_CLKPM 4
int pci_disable_link_state(struct pci_dev *pdev, int state);
int pci_enable_pcie_error_reporting(struct pci_dev *pdev);
int pci_disable_pcie_error_reporting(struct pci_dev *pdev);
#define pci_aer_clear_nonfatal_status(pdev) 0
#define pci_cleanup_aer_uncorrect_error_status(pdev) 0
int pci_enable_sriov(struct pci_dev *pdev, int count);
void pci_disable_sriov(struct pci_dev *pdev);
int pci_num_vf(struct pci_dev *pdev);
int pci_vfs_assigned(struct pci_dev *pdev);
struct pci_dev *pci_get_device(unsigned int vendor, unsigned int device, struct pci_dev *from);
struct pci_dev *pci_get_class(unsigned int class, struct pci_dev *from);
struct pci_dev *pci_get_domain_bus_and_slot(int domain, unsigned int bus, unsigned int devfn);
struct pci_dev *pci_upstream_bridge(struct pci_dev *pdev);
struct pci_dev *pci_dev_get(struct pci_dev *pdev);
void pci_dev_put(struct pci_dev *pdev);
#define pci_get_subsys(vendor, device, subvendor, subdevice, from)                                 \
	pci_get_device(vendor, device, from)
#define pci_get_bus_and_slot(bus, devfn) pci_get_domain_bus_and_slot(0, bus, devfn)
#define for_each_pci_dev(d) while ((d = pci_get_device(PCI_ANY_ID, PCI_ANY_ID, d)) != NULL)
const struct pci_device_id *pci_match_id(const struct pci_device_id *ids, struct pci_dev *pdev);
void pci_stop_and_remove_bus_device_locked(struct pci_dev *pdev);
void pci_lock_rescan_remove(void);
void pci_unlock_rescan_remove(void);
#define pci_p2pdma_distance(provider, client, verbose) (-1)

struct msix_entry {
	u32 vector;
	u16 entry;
};
struct irq_affinity {
	unsigned int pre_vectors, post_vectors;
};
#define PCI_IRQ_INTX (1 << 0)
#define PCI_IRQ_LEGACY PCI_IRQ_INTX
#define PCI_IRQ_MSI (1 << 1)
#define PCI_IRQ_MSIX (1 << 2)
#define PCI_IRQ_AFFINITY (1 << 3)
#define PCI_IRQ_ALL_TYPES (PCI_IRQ_INTX | PCI_IRQ_MSI | PCI_IRQ_MSIX)
int pci_alloc_irq_vectors(struct pci_dev *pdev, unsigned int min, unsigned int max,
			  unsigned int flags);
#define pci_alloc_irq_vectors_affinity(pdev, min, max, flags, affinity)                            \
	pci_alloc_irq_vectors(pdev, min, max, flags)
void pci_free_irq_vectors(struct pci_dev *pdev);
int pci_irq_vector(struct pci_dev *pdev, unsigned int index);
const struct cpumask *pci_irq_get_affinity(struct pci_dev *pdev, int index);
int pci_request_irq(struct pci_dev *pdev, unsigned int index, irq_handler_t handler,
		    irq_handler_t thread, void *dev_id, const char *name, ...) __printf(6, 7);
void pci_free_irq(struct pci_dev *pdev, unsigned int index, void *dev_id);
int pci_enable_msi(struct pci_dev *pdev);
void pci_disable_msi(struct pci_dev *pdev);
int pci_msi_vec_count(struct pci_dev *pdev);
int pci_enable_msi_range(struct pci_dev *pdev, int min, int max);
#define pci_enable_msi_exact(pdev, count)                                                          \
	({                                                                                         \
		int msi_count = pci_enable_msi_range(pdev, count, count);                          \
		msi_count < 0 ? msi_count : 0;                                                     \
	})
#define pci_enable_msi_block(pdev, count) pci_enable_msi_exact(pdev, count)
int pci_enable_msix_range(struct pci_dev *pdev, struct msix_entry *entries, int min, int max);
#define pci_enable_msix_exact(pdev, entries, count)                                                \
	({                                                                                         \
		int msix_count = pci_enable_msix_range(pdev, entries, count, count);               \
		msix_count < 0 ? msix_count : 0;                                                   \
	})
#define pci_enable_msix(pdev, entries, count) pci_enable_msix_exact(pdev, entries, count)
void pci_disable_msix(struct pci_dev *pdev);
int pci_msix_vec_count(struct pci_dev *pdev);

#endif
