/* The device tree. */
#ifndef DMAKIT_OF_H
#define DMAKIT_OF_H

#include <dmakit/platform.h>

typedef u32 phandle;
struct property {
	char *name;
	int length;
	void *value;
	struct property *next;
};
struct device_node {
	const char *name;
	phandle phandle;
	const char *full_name;
	struct fwnode_handle fwnode;
	struct property *properties;
	struct device_node *parent, *child, *sibling;
	void *data;
	long dmakit_number;
};
struct of_device_id {
	char name[32];
	char type[32];
	char compatible[128];
	const void *data;
};
#define MAX_PHANDLE_ARGS 16
struct of_phandle_args {
	struct device_node *np;
	int args_count;
	u32 args[MAX_PHANDLE_ARGS];
};
struct of_dev_auxdata {
	char *compatible;
	resource_size_t phys_addr;
	char *name;
	void *platform_data;
};
#define of_match_ptr(p) (p)
#define of_fwnode_handle(node) ((node) != NULL ? &(node)->fwnode : NULL)
#define of_node_to_fwnode(node) of_fwnode_handle(node)
#define to_of_node(fwnode_)                                                                        \
	((fwnode_) != NULL ? container_of(fwnode_, struct device_node, fwnode) : NULL)
#define is_of_node(fwnode) ((fwnode) != NULL)
#define of_have_populated_dt() true

struct device_node *of_node_get(struct device_node *node);
void of_node_put(struct device_node *node);
struct device_node *of_find_node_by_name(struct device_node *from, const char *name);
struct device_node *of_find_node_by_path(const char *path);
struct device_node *of_find_node_by_phandle(phandle handle);
struct device_node *of_find_compatible_node(struct device_node *from, const char *type,
					    const char *compatible);
struct device_node *of_find_matching_node_and_match(struct device_node *from,
						    const struct of_device_id *matches,
						    const struct of_device_id **match);
#define of_find_matching_node(from, matches) of_find_matching_node_and_match(from, matches, NULL)
struct device_node *of_get_parent(const struct device_node *node);
static inline struct device_node *of_get_next_parent(struct device_node *node)
{
	struct device_node *parent = of_get_parent(node);

	of_node_put(node);
	return parent;
}
struct device_node *of_get_next_child(const struct device_node *node, struct device_node *prev);
struct device_node *of_get_next_available_child(const struct device_node *node,
						struct device_node *prev);
struct device_node *of_get_compatible_child(const struct device_node *node, const char *compatible);
struct device_node *of_get_child_by_name(const struct device_node *node, const char *name);
int of_get_child_count(const struct device_node *node);
int of_get_available_child_count(const struct device_node *node);
bool of_device_is_available(const struct device_node *node);
int of_device_is_compatible(const struct device_node *node, const char *compatible);
bool of_machine_is_compatible(const char *compatible);
bool of_node_name_eq(const struct device_node *node, const char *name);
int of_alias_get_id(struct device_node *node, const char *stem);
#define for_each_child_of_node(parent, child)                                                      \
	for (child = of_get_next_child(parent, NULL); child != NULL;                               \
	     child = of_get_next_child(parent, child))
#define for_each_available_child_of_node(parent, child)                                            \
	for (child = of_get_next_available_child(parent, NULL); child != NULL;                     \
	     child = of_get_next_available_child(parent, child))
#define for_each_child_of_node_scoped(parent, child)                                               \
	for (struct device_node *child = of_get_next_child(parent, NULL); child != NULL;           \
	     child = of_get_next_child(parent, child))
#define for_each_compatible_node(node, type, compatible)                                           \
	for (node = of_find_compatible_node(NULL, type, compatible); node;                         \
	     node = of_find_compatible_node(node, type, compatible))
#define for_each_matching_node(node, matches)                                                      \
	for (node = of_find_matching_node(NULL, matches); node;                                    \
	     node = of_find_matching_node(node, matches))

struct property *of_find_property(const struct device_node *node, const char *name, int *length);
const void *of_get_property(const struct device_node *node, const char *name, int *length);
bool of_property_read_bool(const struct device_node *node, const char *name);
#define of_property_present(node, name) of_property_read_bool(node, name)
/* Numbers from an index on; values NULL asks how many there are. */
int dmakit_of_numbers(const struct device_node *node, const char *name, void *values,
		      size_t index, size_t count, unsigned int bytes);
#define of_property_read_u8(node, name, v) dmakit_of_numbers(node, name, v, 0, 1, 1)
#define of_property_read_u16(node, name, v) dmakit_of_numbers(node, name, v, 0, 1, 2)
#define of_property_read_u32(node, name, v) dmakit_of_numbers(node, name, v, 0, 1, 4)
#define of_property_read_s32(node, name, v) dmakit_of_numbers(node, name, v, 0, 1, 4)
#define of_property_read_u64(node, name, v) dmakit_of_numbers(node, name, v, 0, 1, 8)
#define of_property_read_u8_array(node, name, v, n) dmakit_of_numbers(node, name, v, 0, n, 1)
#define of_property_read_u16_array(node, name, v, n) dmakit_of_numbers(node, name, v, 0, n, 2)
#define of_property_read_u32_array(node, name, v, n) dmakit_of_numbers(node, name, v, 0, n, 4)
#define of_property_read_u64_array(node, name, v, n) dmakit_of_numbers(node, name, v, 0, n, 8)
#define of_property_read_u32_index(node, name, i, v) dmakit_of_numbers(node, name, v, i, 1, 4)
#define of_property_read_u64_index(node, name, i, v) dmakit_of_numbers(node, name, v, i, 1, 8)
#define of_property_count_u32_elems(node, name) dmakit_of_numbers(node, name, NULL, 0, 0, 4)
#define of_property_count_elems_of_size(node, name, size)                                          \
	dmakit_of_numbers(node, name, NULL, 0, 0, size)
int of_property_read_variable_u32_array(const struct device_node *node, const char *name,
					u32 *values, size_t min, size_t max);
int of_property_read_string(const struct device_node *node, const char *name, const char **value);
int of_property_read_string_index(const struct device_node *node, const char *name, int index,
				  const char **value);
int of_property_count_strings(const struct device_node *node, const char *name);
int of_property_match_string(const struct device_node *node, const char *name, const char *text);
u64 of_read_number(const __be32 *cells, int count);
int of_n_addr_cells(struct device_node *node);
int of_n_size_cells(struct device_node *node);
struct device_node *of_parse_phandle(const struct device_node *node, const char *name, int index);
int of_parse_phandle_with_args(const struct device_node *node, const char *list,
			       const char *cells, int index, struct of_phandle_args *args);
int of_parse_phandle_with_fixed_args(const struct device_node *node, const char *list, int count,
				     int index, struct of_phandle_args *args);
int of_count_phandle_with_args(const struct device_node *node, const char *list,
			       const char *cells);
const struct of_device_id *of_match_node(const struct of_device_id *matches,
					 const struct device_node *node);
const struct of_device_id *of_match_device(const struct of_device_id *matches,
					   const struct device *dev);
const void *of_device_get_match_data(const struct device *dev);

int of_address_to_resource(struct device_node *node, int index, struct resource *resource);
void __iomem *of_iomap(struct device_node *node, int index);
void __iomem *of_io_request_and_map(struct device_node *node, int index, const char *name);
u64 of_translate_address(struct device_node *node, const __be32 *address);
const __be32 *of_get_address(struct device_node *node, int index, u64 *size, unsigned int *flags);
unsigned int irq_of_parse_and_map(struct device_node *node, int index);
int of_irq_get(struct device_node *node, int index);
int of_irq_get_byname(struct device_node *node, const char *name);
int of_irq_count(struct device_node *node);
int of_irq_to_resource(struct device_node *node, int index, struct resource *resource);
int dmakit_of_dma_configure(struct device *dev, struct device_node *node, bool force);
#define of_dma_configure2(dev, node) dmakit_of_dma_configure(dev, node, true)
#define of_dma_configure3(dev, node, force) dmakit_of_dma_configure(dev, node, force)
#define of_dma_configure(...) DMAKIT_BY_COUNT(of_dma_configure, __VA_ARGS__)
bool of_dma_is_coherent(struct device_node *node);
int of_reserved_mem_device_init_by_idx(struct device *dev, struct device_node *node, int index);
#define of_reserved_mem_device_init(dev)                                                           \
	of_reserved_mem_device_init_by_idx(dev, (dev)->of_node, 0)
int of_reserved_mem_device_init_by_name(struct device *dev, struct device_node *node,
					const char *name);
void of_reserved_mem_device_release(struct device *dev);
struct reserved_mem {
	const char *name;
	phys_addr_t base;
	phys_addr_t size;
	void *priv;
};
struct reserved_mem *of_reserved_mem_lookup(struct device_node *node);
int of_get_named_gpio(const struct device_node *node, const char *list, int index);
#define of_get_named_gpio_flags(node, list, index, flags) of_get_named_gpio(node, list, index)
struct platform_device *of_find_device_by_node(struct device_node *node);
int of_platform_populate(struct device_node *root, const struct of_device_id *matches,
			 const struct of_dev_auxdata *lookup, struct device *parent);
int of_platform_default_populate(struct device_node *root, const struct of_dev_auxdata *lookup,
				 struct device *parent);
void of_platform_depopulate(struct device *parent);
int devm_of_platform_populate(struct device *dev);
struct platform_device *of_platform_device_create(struct device_node *node, const char *name,
						  struct device *parent);

#define ACPI_COMPANION(dev) ((void)(dev), (struct acpi_device *)NULL)
struct acpi_device_id {
	char id[16];
	unsigned long driver_data;
	u32 cls;
	u32 cls_msk;
};
#define ACPI_PTR(p) NULL
#define has_acpi_companion(dev) false
#define ACPI_HANDLE(dev) NULL

#endif
