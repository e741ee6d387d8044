/* PCI functions and drivers. */
#include "device.h"

#include "call.h"
#include "libc.h"

struct bus_type pci_bus_type = {.name = "pci"};

/* What the simulator says of a function; PciServices knows the same order. */
enum {
	IS_VENDOR,
	IS_DEVICE,
	IS_SUBVENDOR,
	IS_SUBDEVICE,
	IS_CLASS,
	IS_REVISION,
	IS_DEVFN,
	IS_IRQ,
	IS_PIN,
	IS_DOMAIN,
	IS_REGIONS,
	IS_COUNT = IS_REGIONS + 3 * PCI_STD_NUM_BARS,
};

/* How interrupts come; PciServices knows the same numbers. */
enum { MODE_PIN, MODE_MSI, MODE_MSIX };

#define DOMAIN_COUNT_MAX 64

static struct pci_bus *root_buses[DOMAIN_COUNT_MAX];

static struct pci_bus *root_bus(int domain, struct device *bridge)
{
	struct pci_bus *bus = root_buses[domain];

	if (bus == NULL) {
		bus = calloc(1, sizeof(*bus));
		if (bus == NULL)
			abort();
		INIT_LIST_HEAD(&bus->devices);
		bus->domain_nr = domain;
		bus->dev.parent = bridge;
		snprintf(bus->name, sizeof(bus->name), "PCI Bus %04x:00", domain);
		bus->dev.init_name = bus->name + 8;
		root_buses[domain] = bus;
	}
	return bus;
}

struct device *pci_struct(long number)
{
	unsigned long says[IS_COUNT] = {0};
	struct pci_dev *pdev = calloc(1, sizeof(*pdev));

	if (pdev == NULL)
		abort();
	CALL_DATA(pci_describe, says, sizeof(says), number);
	pdev->vendor = says[IS_VENDOR];
	pdev->device = says[IS_DEVICE];
	pdev->subsystem_vendor = says[IS_SUBVENDOR];
	pdev->subsystem_device = says[IS_SUBDEVICE];
	pdev->class = says[IS_CLASS];
	pdev->revision = says[IS_REVISION];
	pdev->devfn = says[IS_DEVFN];
	pdev->irq = says[IS_IRQ];
	pdev->pin = says[IS_PIN];
	pdev->hdr_type = PCI_HEADER_TYPE_NORMAL;
	pdev->cfg_size = 4096;
	pdev->error_state = pci_channel_io_normal;
	device_fill(&pdev->dev, number, &pdev->dma_mask);
	pdev->dev.dma_parms = &pdev->dma_parms;
	pdev->bus = root_bus((int)says[IS_DOMAIN], pdev->dev.parent);
	list_add_tail(&pdev->bus_list, &pdev->bus->devices);
	for (int i = 0; i < PCI_STD_NUM_BARS; i++) {
		const unsigned long *region = &says[IS_REGIONS + 3 * i];

		pdev->resource[i] = (struct resource){
			.start = region[0],
			.end = region[1],
			.flags = region[2],
			.name = dev_name(&pdev->dev),
		};
	}
	pdev->pcie_cap = pci_find_capability(pdev, PCI_CAP_ID_EXP);
	pdev->msi_cap = pci_find_capability(pdev, PCI_CAP_ID_MSI);
	pdev->msix_cap = pci_find_capability(pdev, PCI_CAP_ID_MSIX);
	return &pdev->dev;
}

static long pci_number(const struct pci_dev *pdev)
{
	return number_of(&pdev->dev);
}

/* Drivers. */

static void clear_binding(struct device *dev, void *unused)
{
	struct pci_dev *pdev = to_pci_dev(dev);

	(void)unused;
	dev->driver = NULL;
	dev->driver_data = NULL;
	pdev->driver = NULL;
}

/* Without a table of matches: the id whose number the simulator says. */
static long probe(struct pci_driver *driver, long number, long id)
{
	struct device *dev = device_of(number);
	struct pci_dev *pdev = to_pci_dev(dev);
	int error;

	manage(dev, clear_binding, NULL);
	dev->driver = &driver->driver;
	pdev->driver = driver;
	pdev->irq = (unsigned int)CALL(pci_irq, number);
	dma_masks_refresh(dev);
	error = driver->probe == NULL ? -EINVAL : driver->probe(pdev, &driver->id_table[id]);
	if (error > 0) {
		pci_warn(pdev, "Driver probe function unexpectedly returned %d\n", error);
		error = 0;
	}
	if (error == 0 && driver->dev_groups != NULL)
		error = devm_device_add_groups(dev, driver->dev_groups);
	return error;
}

static long remove(struct pci_driver *driver, long number)
{
	if (driver->remove != NULL)
		driver->remove(to_pci_dev(device_of(number)));
	return 0;
}

static long shutdown(struct pci_driver *driver, long number)
{
	if (driver->shutdown != NULL)
		driver->shutdown(to_pci_dev(device_of(number)));
	return 0;
}

int __pci_register_driver(struct pci_driver *driver, struct module *owner, const char *name)
{
	const struct pci_device_id *id = driver->id_table;
	long number;
	int error;

	driver->driver.name = driver->name != NULL ? driver->name : name;
	driver->driver.bus = &pci_bus_type;
	driver->driver.owner = owner;
	number = CALL_TEXT(pci_driver_new, driver->driver.name, driver, probe, remove, shutdown);
	if (number < 0)
		return (int)number;
	for (; id != NULL && (id->vendor || id->subvendor || id->class_mask); id++)
		CALL(pci_driver_id, number, (int)id->vendor, (int)id->device, (int)id->subvendor,
		     (int)id->subdevice, id->class, id->class_mask);
	error = (int)CALL(pci_driver_add, number);
	if (error == 0)
		driver->driver.dmakit_number = number;
	return error;
}

void pci_unregister_driver(struct pci_driver *driver)
{
	CALL(pci_driver_del, driver->driver.dmakit_number);
	driver->driver.dmakit_number = 0;
}

static bool fits(u32 wanted, u32 found)
{
	return wanted == PCI_ANY_ID || wanted == found;
}

const struct pci_device_id *pci_match_id(const struct pci_device_id *ids, struct pci_dev *pdev)
{
	for (; ids != NULL && (ids->vendor || ids->subvendor || ids->class_mask); ids++)
		if (fits(ids->vendor, pdev->vendor) && fits(ids->device, pdev->device)
		    && fits(ids->subvendor, pdev->subsystem_vendor)
		    && fits(ids->subdevice, pdev->subsystem_device)
		    && ((ids->class ^ pdev->class) & ids->class_mask) == 0)
			return ids;
	return NULL;
}

/* Enabling. */

int pci_enable_device(struct pci_dev *pdev)
{
	int error = (int)CALL(pci_enable, pci_number(pdev));

	if (error == 0)
		atomic_inc(&pdev->enable_cnt);
	return error;
}

int pci_enable_device_mem(struct pci_dev *pdev)
{
	return pci_enable_device(pdev);
}

int pci_enable_device_io(struct pci_dev *pdev)
{
	return pci_enable_device(pdev);
}

int pci_reenable_device(struct pci_dev *pdev)
{
	return pci_is_enabled(pdev) ? (int)CALL(pci_reenable, pci_number(pdev)) : 0;
}

void pci_disable_device(struct pci_dev *pdev)
{
	CALL(pci_disable, pci_number(pdev));
	if (atomic_read(&pdev->enable_cnt) > 0 && atomic_dec_and_test(&pdev->enable_cnt))
		pdev->is_busmaster = 0;
}

bool pci_device_is_present(struct pci_dev *pdev)
{
	u16 vendor;

	return pci_read_config_word(pdev, PCI_VENDOR_ID, &vendor) == 0 && vendor != 0xffff;
}

/* What pcim_enable_device makes managed: the function, its regions, its vectors. */
struct pcim {
	bool pinned;
	int requested;
};

static void release_pcim(struct device *dev, void *resource)
{
	struct pcim *pcim = resource;
	struct pci_dev *pdev = to_pci_dev(dev);

	if (pci_dev_msi_enabled(pdev))
		pci_free_irq_vectors(pdev);
	pci_release_selected_regions(pdev, pcim->requested);
	if (pci_is_enabled(pdev) && !pcim->pinned)
		pci_disable_device(pdev);
	pdev->is_managed = 0;
}

static struct pcim *pcim_of(struct pci_dev *pdev)
{
	return devres_find(&pdev->dev, release_pcim, NULL, NULL);
}

int pcim_enable_device(struct pci_dev *pdev)
{
	struct pcim *pcim = pcim_of(pdev);
	int error;

	if (pcim != NULL)
		return 0;
	pcim = own_alloc(release_pcim, sizeof(*pcim));
	error = pci_enable_device(pdev);
	if (error != 0) {
		devres_free(pcim);
		return error;
	}
	pdev->is_managed = 1;
	devres_add(&pdev->dev, pcim);
	return 0;
}

void pcim_pin_device(struct pci_dev *pdev)
{
	struct pcim *pcim = pcim_of(pdev);

	if (pcim != NULL)
		pcim->pinned = true;
}

void pci_set_master(struct pci_dev *pdev)
{
	CALL(pci_master, pci_number(pdev), 1);
	pdev->is_busmaster = 1;
}

void pci_clear_master(struct pci_dev *pdev)
{
	CALL(pci_master, pci_number(pdev), 0);
	pdev->is_busmaster = 0;
}

int pci_set_mwi(struct pci_dev *pdev)
{
	CALL(pci_mwi, pci_number(pdev), 1);
	return 0;
}

int pci_try_set_mwi(struct pci_dev *pdev)
{
	return pci_set_mwi(pdev);
}

void pci_clear_mwi(struct pci_dev *pdev)
{
	CALL(pci_mwi, pci_number(pdev), 0);
}

void pci_intx(struct pci_dev *pdev, int enable)
{
	CALL(pci_intx, pci_number(pdev), enable != 0);
}

/* Regions. */

int pci_request_region(struct pci_dev *pdev, int bar, const char *name)
{
	int error = (int)CALL_TEXT(pci_request_region, name != NULL ? name : "", pci_number(pdev),
				   bar);
	struct pcim *pcim = pcim_of(pdev);

	if (error == 0 && pcim != NULL)
		pcim->requested |= 1 << bar;
	return error;
}

void pci_release_region(struct pci_dev *pdev, int bar)
{
	struct pcim *pcim = pcim_of(pdev);

	if (pcim != NULL)
		pcim->requested &= ~(1 << bar);
	CALL(pci_release_region, pci_number(pdev), bar);
}

int pci_request_selected_regions(struct pci_dev *pdev, int bars, const char *name)
{
	for (int i = 0; i < PCI_STD_NUM_BARS; i++) {
		if ((bars & (1 << i)) == 0 || pci_request_region(pdev, i, name) == 0)
			continue;
		while (--i >= 0)
			if ((bars & (1 << i)) != 0)
				pci_release_region(pdev, i);
		return -EBUSY;
	}
	return 0;
}

void pci_release_selected_regions(struct pci_dev *pdev, int bars)
{
	for (int i = 0; i < PCI_STD_NUM_BARS; i++)
		if ((bars & (1 << i)) != 0)
			pci_release_region(pdev, i);
}

int pci_request_regions(struct pci_dev *pdev, const char *name)
{
	return pci_request_selected_regions(pdev, (1 << PCI_STD_NUM_BARS) - 1, name);
}

void pci_release_regions(struct pci_dev *pdev)
{
	pci_release_selected_regions(pdev, (1 << PCI_STD_NUM_BARS) - 1);
}

int pci_select_bars(struct pci_dev *pdev, unsigned long flags)
{
	int bars = 0;

	for (int i = 0; i < PCI_NUM_RESOURCES; i++)
		if ((pci_resource_flags(pdev, i) & flags) != 0)
			bars |= 1 << i;
	return bars;
}

int pci_assign_resource(struct pci_dev *pdev, int index)
{
	return (pci_resource_flags(pdev, index) & IORESOURCE_UNSET) != 0 ? -ENOSPC : 0;
}

void __iomem *pci_iomap_range(struct pci_dev *pdev, int bar, unsigned long offset,
			      unsigned long max)
{
	resource_size_t bytes;

	if (bar < 0 || bar >= PCI_STD_NUM_BARS)
		return NULL;
	bytes = pci_resource_len(pdev, bar);
	if (bytes <= offset || pci_resource_start(pdev, bar) == 0)
		return NULL;
	bytes -= offset;
	if (max != 0 && bytes > max)
		bytes = max;
	return ioremap(pci_resource_start(pdev, bar) + offset, bytes);
}

void __iomem *pci_iomap(struct pci_dev *pdev, int bar, unsigned long max)
{
	return pci_iomap_range(pdev, bar, 0, max);
}

void __iomem *pci_iomap_wc(struct pci_dev *pdev, int bar, unsigned long max)
{
	return pci_iomap_range(pdev, bar, 0, max);
}

void pci_iounmap(struct pci_dev *pdev, void __iomem *va)
{
	(void)pdev;
	iounmap(va);
}

void __iomem *pci_ioremap_bar(struct pci_dev *pdev, int bar)
{
	if ((pci_resource_flags(pdev, bar) & IORESOURCE_MEM) == 0
	    || (pci_resource_flags(pdev, bar) & IORESOURCE_UNSET) != 0) {
		pci_warn(pdev, "can't ioremap BAR %d: %pR\n", bar, &pdev->resource[bar]);
		return NULL;
	}
	return ioremap(pci_resource_start(pdev, bar), pci_resource_len(pdev, bar));
}

void __iomem *pci_ioremap_wc_bar(struct pci_dev *pdev, int bar)
{
	return pci_ioremap_bar(pdev, bar);
}

struct pcim_table {
	void __iomem *va[PCI_STD_NUM_BARS];
};

static void release_table(struct device *dev, void *resource)
{
	struct pcim_table *table = resource;

	(void)dev;
	for (int i = 0; i < PCI_STD_NUM_BARS; i++)
		if (table->va[i] != NULL)
			iounmap(table->va[i]);
}

static struct pcim_table *table_of(struct pci_dev *pdev)
{
	struct pcim_table *table = devres_find(&pdev->dev, release_table, NULL, NULL);

	if (table == NULL) {
		table = own_alloc(release_table, sizeof(*table));
		devres_add(&pdev->dev, table);
	}
	return table;
}

void __iomem *const *pcim_iomap_table(struct pci_dev *pdev)
{
	return table_of(pdev)->va;
}

void __iomem *pcim_iomap(struct pci_dev *pdev, int bar, unsigned long max)
{
	struct pcim_table *table = table_of(pdev);

	if (table == NULL || bar < 0 || bar >= PCI_STD_NUM_BARS || table->va[bar] != NULL)
		return NULL;
	table->va[bar] = pci_iomap(pdev, bar, max);
	return table->va[bar];
}

void pcim_iounmap(struct pci_dev *pdev, void __iomem *va)
{
	struct pcim_table *table = table_of(pdev);

	for (int i = 0; table != NULL && i < PCI_STD_NUM_BARS; i++)
		if (table->va[i] == va)
			table->va[i] = NULL;
	iounmap(va);
}

static void release_region_of(struct device *dev, void *resource)
{
	CALL(pci_release_region, number_of(dev), *(int *)resource);
}

static int is_region(struct device *dev, void *resource, void *wanted)
{
	(void)dev;
	return *(int *)resource == *(int *)wanted;
}

int pcim_request_region(struct pci_dev *pdev, int bar, const char *name)
{
	int *managed = own_alloc(release_region_of, sizeof(*managed));
	int error;

	error = (int)CALL_TEXT(pci_request_region, name != NULL ? name : "", pci_number(pdev), bar);
	if (error != 0) {
		devres_free(managed);
		return error;
	}
	*managed = bar;
	devres_add(&pdev->dev, managed);
	return 0;
}

int pcim_request_all_regions(struct pci_dev *pdev, const char *name)
{
	int error = 0;

	for (int i = 0; i < PCI_STD_NUM_BARS && error == 0; i++)
		error = pcim_request_region(pdev, i, name);
	return error;
}

void __iomem *pcim_iomap_region(struct pci_dev *pdev, int bar, const char *name)
{
	int error = pcim_request_region(pdev, bar, name);
	void __iomem *va;

	if (error != 0)
		return (void __iomem *)ERR_PTR(error);
	va = pcim_iomap(pdev, bar, 0);
	if (va == NULL) {
		devres_release(&pdev->dev, release_region_of, is_region, &bar);
		return (void __iomem *)ERR_PTR(-EINVAL);
	}
	return va;
}

void pcim_iounmap_region(struct pci_dev *pdev, int bar)
{
	struct pcim_table *table = table_of(pdev);

	if (table != NULL && table->va[bar] != NULL)
		pcim_iounmap(pdev, table->va[bar]);
	devres_release(&pdev->dev, release_region_of, is_region, &bar);
}

int pcim_iomap_regions(struct pci_dev *pdev, int mask, const char *name)
{
	for (int i = 0; i < PCI_STD_NUM_BARS; i++) {
		void __iomem *va;

		if ((mask & (1 << i)) == 0)
			continue;
		va = pci_resource_len(pdev, i) == 0 ? (void __iomem *)ERR_PTR(-EINVAL)
						    : pcim_iomap_region(pdev, i, name);
		if (IS_ERR(va)) {
			pcim_iounmap_regions(pdev, mask & ((1 << i) - 1));
			return (int)PTR_ERR(va);
		}
	}
	return 0;
}

int pcim_iomap_regions_request_all(struct pci_dev *pdev, int mask, const char *name)
{
	int error = pcim_iomap_regions(pdev, mask, name);

	for (int i = 0; i < PCI_STD_NUM_BARS && error == 0; i++)
		if ((mask & (1 << i)) == 0)
			error = pcim_request_region(pdev, i, name);
	return error;
}

void pcim_iounmap_regions(struct pci_dev *pdev, int mask)
{
	for (int i = 0; i < PCI_STD_NUM_BARS; i++)
		if ((mask & (1 << i)) != 0)
			pcim_iounmap_region(pdev, i);
}

/* Configuration space. */

static int read_config(const struct pci_dev *pdev, int where, int bytes, u32 *value)
{
	long error;

	if (where < 0 || where + bytes > pdev->cfg_size || (where & (bytes - 1)) != 0) {
		*value = ~0U;
		return PCIBIOS_BAD_REGISTER_NUMBER;
	}
	error = CALL(pci_read_config, pci_number(pdev), where, bytes);
	*value = (u32)answered(0);
	return error < 0 ? PCIBIOS_DEVICE_NOT_FOUND : PCIBIOS_SUCCESSFUL;
}

static int write_config(const struct pci_dev *pdev, int where, int bytes, u32 value)
{
	if (where < 0 || where + bytes > pdev->cfg_size || (where & (bytes - 1)) != 0)
		return PCIBIOS_BAD_REGISTER_NUMBER;
	return CALL(pci_write_config, pci_number(pdev), where, bytes, value) < 0
		       ? PCIBIOS_DEVICE_NOT_FOUND
		       : PCIBIOS_SUCCESSFUL;
}

int pci_read_config_byte(const struct pci_dev *pdev, int where, u8 *value)
{
	u32 word;
	int error = read_config(pdev, where, 1, &word);

	*value = (u8)word;
	return error;
}

int pci_read_config_word(const struct pci_dev *pdev, int where, u16 *value)
{
	u32 word;
	int error = read_config(pdev, where, 2, &word);

	*value = (u16)word;
	return error;
}

int pci_read_config_dword(const struct pci_dev *pdev, int where, u32 *value)
{
	return read_config(pdev, where, 4, value);
}

int pci_write_config_byte(const struct pci_dev *pdev, int where, u8 value)
{
	return write_config(pdev, where, 1, value);
}

int pci_write_config_word(const struct pci_dev *pdev, int where, u16 value)
{
	return write_config(pdev, where, 2, value);
}

int pci_write_config_dword(const struct pci_dev *pdev, int where, u32 value)
{
	return write_config(pdev, where, 4, value);
}

u8 pci_find_capability(struct pci_dev *pdev, int capability)
{
	return (u8)CALL(pci_capability, pci_number(pdev), capability, 0);
}

u8 pci_find_next_capability(struct pci_dev *pdev, u8 position, int capability)
{
	return (u8)CALL(pci_capability, pci_number(pdev), capability, position);
}

/* Behind 0x100 a function here has nothing: its first word is 0. */
u16 pci_find_ext_capability(struct pci_dev *pdev, int capability)
{
	u32 header;
	int where = 0x100;

	for (int i = 0; i < 960 && where != 0; i++) {
		if (pci_read_config_dword(pdev, where, &header) != 0 || header == 0 || header == ~0U)
			return 0;
		if ((int)(header & 0xffff) == capability)
			return (u16)where;
		where = (header >> 20) & 0xffc;
	}
	return 0;
}

/* A function has one of a vendor here, if any. */
u16 pci_find_vsec_capability(struct pci_dev *pdev, u16 vendor, int capability)
{
	u16 where = pdev->vendor == vendor ? pci_find_ext_capability(pdev, PCI_EXT_CAP_ID_VNDR) : 0;
	u32 header;

	if (where == 0 || pci_read_config_dword(pdev, where + PCI_VNDR_HEADER, &header) != 0)
		return 0;
	return PCI_VNDR_HEADER_ID(header) == (u32)capability ? where : 0;
}

int pcie_capability_read_word(struct pci_dev *pdev, int where, u16 *value)
{
	*value = 0;
	return pdev->pcie_cap == 0 ? 0
				   : pci_read_config_word(pdev, pdev->pcie_cap + where, value);
}

int pcie_capability_read_dword(struct pci_dev *pdev, int where, u32 *value)
{
	*value = 0;
	return pdev->pcie_cap == 0 ? 0
				   : pci_read_config_dword(pdev, pdev->pcie_cap + where, value);
}

int pcie_capability_write_word(struct pci_dev *pdev, int where, u16 value)
{
	return pdev->pcie_cap == 0 ? 0
				   : pci_write_config_word(pdev, pdev->pcie_cap + where, value);
}

int pcie_capability_clear_and_set_word(struct pci_dev *pdev, int where, u16 clear, u16 set)
{
	u16 value;
	int error = pcie_capability_read_word(pdev, where, &value);

	return error != 0 ? error
			  : pcie_capability_write_word(pdev, where, (value & ~clear) | set);
}

int pcie_get_readrq(struct pci_dev *pdev)
{
	u16 control;

	pcie_capability_read_word(pdev, PCI_EXP_DEVCTL, &control);
	return 128 << ((control & PCI_EXP_DEVCTL_READRQ) >> 12);
}

int pcie_set_readrq(struct pci_dev *pdev, int bytes)
{
	if (bytes < 128 || bytes > 4096 || !is_power_of_2(bytes))
		return -EINVAL;
	return pcie_capability_clear_and_set_word(pdev, PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_READRQ,
						  (u16)((ilog2(bytes) - 7) << 12));
}

int pcie_get_mps(struct pci_dev *pdev)
{
	u16 control;

	pcie_capability_read_word(pdev, PCI_EXP_DEVCTL, &control);
	return 128 << ((control & PCI_EXP_DEVCTL_PAYLOAD) >> 5);
}

int pcie_set_mps(struct pci_dev *pdev, int bytes)
{
	u32 can;

	pcie_capability_read_dword(pdev, PCI_EXP_DEVCAP, &can);
	if (bytes < 128 || bytes > 4096 || !is_power_of_2(bytes)
	    || ilog2(bytes) - 7 > (int)(can & PCI_EXP_DEVCAP_PAYLOAD))
		return -EINVAL;
	return pcie_capability_clear_and_set_word(pdev, PCI_EXP_DEVCTL, PCI_EXP_DEVCTL_PAYLOAD,
						  (u16)((ilog2(bytes) - 7) << 5));
}

void pcie_print_link_status(struct pci_dev *pdev)
{
	u16 status;

	pcie_capability_read_word(pdev, PCI_EXP_LNKSTA, &status);
	if (pdev->pcie_cap != 0)
		pci_info(pdev, "%u.%03u Gb/s available PCIe bandwidth (%s PCIe x%d link)\n", 2, 0,
			 "2.5 GT/s", (status & PCI_EXP_LNKSTA_NLW) >> PCI_EXP_LNKSTA_NLW_SHIFT);
}

int pci_disable_link_state(struct pci_dev *pdev, int state)
{
	u16 clear = 0;

	if ((state & PCIE_LINK_STATE_L0S) != 0)
		clear |= 1;
	if ((state & PCIE_LINK_STATE_L1) != 0)
		clear |= 2;
	return pcie_capability_clear_and_set_word(pdev, PCI_EXP_LNKCTL, clear, 0);
}

/* There is no AER here: no extended capability answers. */
int pci_enable_pcie_error_reporting(struct pci_dev *pdev)
{
	return pci_find_ext_capability(pdev, PCI_EXT_CAP_ID_ERR) == 0 ? -EIO : 0;
}

int pci_disable_pcie_error_reporting(struct pci_dev *pdev)
{
	return pci_enable_pcie_error_reporting(pdev);
}

/* No function here has SR-IOV. */
int pci_enable_sriov(struct pci_dev *pdev, int count)
{
	(void)pdev;
	(void)count;
	return -ENODEV;
}

void pci_disable_sriov(struct pci_dev *pdev)
{
	(void)pdev;
}

int pci_num_vf(struct pci_dev *pdev)
{
	(void)pdev;
	return 0;
}

int pci_vfs_assigned(struct pci_dev *pdev)
{
	(void)pdev;
	return 0;
}

/* Power and state. */

int pci_save_state(struct pci_dev *pdev)
{
	CALL(pci_save_state, pci_number(pdev));
	return 0;
}

void pci_restore_state(struct pci_dev *pdev)
{
	CALL(pci_restore_state, pci_number(pdev));
}

int pci_set_power_state(struct pci_dev *pdev, pci_power_t state)
{
	if (pci_find_capability(pdev, PCI_CAP_ID_PM) == 0)
		return state == PCI_D0 ? 0 : -EIO;
	CALL(pci_power, pci_number(pdev), min(state, PCI_D3hot));
	pdev->current_state = state;
	return 0;
}

pci_power_t pci_choose_state(struct pci_dev *pdev, pm_message_t state)
{
	(void)pdev;
	return state.event == PM_EVENT_SUSPEND ? PCI_D3hot : PCI_D0;
}

int pci_enable_wake(struct pci_dev *pdev, pci_power_t state, bool enable)
{
	(void)pdev;
	(void)state;
	return enable ? -EINVAL : 0;
}

int pci_wake_from_d3(struct pci_dev *pdev, bool enable)
{
	return pci_enable_wake(pdev, PCI_D3hot, enable);
}

/* No function here can be reset alone. */
int pci_reset_function(struct pci_dev *pdev)
{
	(void)pdev;
	return -ENOTTY;
}

/* Looking for functions. */

struct pci_dev *pci_dev_get(struct pci_dev *pdev)
{
	if (pdev != NULL)
		get_device(&pdev->dev);
	return pdev;
}

void pci_dev_put(struct pci_dev *pdev)
{
	if (pdev != NULL)
		put_device(&pdev->dev);
}

static struct pci_dev *next_function(struct pci_dev *from)
{
	long number = CALL_TEXT(device_next, "pci", from == NULL ? 0 : pci_number(from));
	struct device *dev = number <= 0 ? NULL : device_of(number);

	return dev == NULL ? NULL : to_pci_dev(dev);
}

struct pci_dev *pci_get_device(unsigned int vendor, unsigned int device, struct pci_dev *from)
{
	struct pci_dev *pdev = next_function(from);

	while (pdev != NULL && !(fits(vendor, pdev->vendor) && fits(device, pdev->device)))
		pdev = next_function(pdev);
	pci_dev_put(from);
	return pci_dev_get(pdev);
}

struct pci_dev *pci_get_class(unsigned int class, struct pci_dev *from)
{
	struct pci_dev *pdev = next_function(from);

	while (pdev != NULL && pdev->class != class)
		pdev = next_function(pdev);
	pci_dev_put(from);
	return pci_dev_get(pdev);
}

struct pci_dev *pci_get_domain_bus_and_slot(int domain, unsigned int bus, unsigned int devfn)
{
	struct pci_dev *pdev = next_function(NULL);

	while (pdev != NULL
	       && !(pci_domain_nr(pdev->bus) == domain && pdev->bus->number == bus
		    && pdev->devfn == devfn))
		pdev = next_function(pdev);
	return pci_dev_get(pdev);
}

struct pci_dev *pci_upstream_bridge(struct pci_dev *pdev)
{
	return pdev->bus->self;
}

void pci_stop_and_remove_bus_device_locked(struct pci_dev *pdev)
{
	CALL(device_release_driver, pci_number(pdev));
}

void pci_lock_rescan_remove(void)
{
}

void pci_unlock_rescan_remove(void)
{
}

/* Interrupts. */

static void note_mode(struct pci_dev *pdev)
{
	long mode = CALL(pci_interrupt_mode, pci_number(pdev));

	pdev->msi_enabled = mode == MODE_MSI;
	pdev->msix_enabled = mode == MODE_MSIX;
	pdev->irq = (unsigned int)CALL(pci_irq, pci_number(pdev));
}

int pci_alloc_irq_vectors(struct pci_dev *pdev, unsigned int min, unsigned int max,
			  unsigned int flags)
{
	unsigned int kinds = flags & PCI_IRQ_ALL_TYPES;
	int count;

	if (pdev->no_msi)
		kinds &= PCI_IRQ_INTX;
	count = (int)CALL(pci_alloc_vectors, pci_number(pdev), min, max, kinds);
	if (count > 0)
		note_mode(pdev);
	return count;
}

void pci_free_irq_vectors(struct pci_dev *pdev)
{
	CALL(pci_free_vectors, pci_number(pdev));
	note_mode(pdev);
}

int pci_irq_vector(struct pci_dev *pdev, unsigned int index)
{
	return (int)CALL(pci_vector, pci_number(pdev), index);
}

/* Nobody spreads interrupts over the one CPU. */
const struct cpumask *pci_irq_get_affinity(struct pci_dev *pdev, int index)
{
	(void)pdev;
	(void)index;
	return NULL;
}

int pci_request_irq(struct pci_dev *pdev, unsigned int index, irq_handler_t handler,
		    irq_handler_t thread, void *dev_id, const char *format, ...)
{
	unsigned long flags = IRQF_SHARED | (handler == NULL ? IRQF_ONESHOT : 0);
	char *name;
	va_list args;
	int error;

	va_start(args, format);
	name = kvasprintf(GFP_KERNEL, format, args);
	va_end(args);
	if (name == NULL)
		return -ENOMEM;
	error = request_threaded_irq(pci_irq_vector(pdev, index), handler, thread, flags, name,
				     dev_id);
	if (error != 0)
		kfree(name);
	return error;
}

void pci_free_irq(struct pci_dev *pdev, unsigned int index, void *dev_id)
{
	kfree(free_irq(pci_irq_vector(pdev, index), dev_id));
}

static int enable_messages(struct pci_dev *pdev, bool table, int least, int most)
{
	int count;

	if (pdev->no_msi)
		return -EINVAL;
	count = (int)CALL(pci_enable_messages, pci_number(pdev), table, least, most);
	if (count > 0)
		note_mode(pdev);
	return count;
}

int pci_enable_msi(struct pci_dev *pdev)
{
	int count = enable_messages(pdev, false, 1, 1);

	return count < 0 ? count : 0;
}

int pci_enable_msi_range(struct pci_dev *pdev, int min, int max)
{
	return enable_messages(pdev, false, min, max);
}

void pci_disable_msi(struct pci_dev *pdev)
{
	if (pdev->msi_enabled)
		pci_free_irq_vectors(pdev);
}

int pci_msi_vec_count(struct pci_dev *pdev)
{
	int count = (int)CALL(pci_message_count, pci_number(pdev), 0);

	return count == 0 ? -EINVAL : count;
}

int pci_enable_msix_range(struct pci_dev *pdev, struct msix_entry *entries, int min, int max)
{
	int count = enable_messages(pdev, true, min, max);

	for (int i = 0; entries != NULL && i < count; i++)
		entries[i].vector = pci_irq_vector(pdev, i);
	return count;
}

void pci_disable_msix(struct pci_dev *pdev)
{
	if (pdev->msix_enabled)
		pci_free_irq_vectors(pdev);
}

int pci_msix_vec_count(struct pci_dev *pdev)
{
	int count = (int)CALL(pci_message_count, pci_number(pdev), 1);

	return count == 0 ? -EINVAL : count;
}
