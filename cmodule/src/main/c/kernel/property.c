/* Properties of devices: of their node, or given by who made them. */
#include "device.h"

#include "call.h"
#include "libc.h"

static const struct property_entry *entry_of(const struct device *dev, const char *name)
{
	const struct device_private *private = dev->p;
	const struct property_entry *entry = private == NULL ? NULL : private->properties;

	for (; entry != NULL && entry->name != NULL; entry++)
		if (strcmp(entry->name, name) == 0)
			return entry;
	return NULL;
}

int device_add_properties(struct device *dev, const struct property_entry *properties)
{
	struct device_private *private = private_of(dev);
	struct property_entry *copy;
	size_t count = 0;

	while (properties != NULL && properties[count].name != NULL)
		count++;
	copy = calloc(count + 1, sizeof(*copy));
	if (copy == NULL)
		abort();
	memcpy(copy, properties, count * sizeof(*copy));
	free((void *)private->properties);
	private->properties = copy;
	return 0;
}

void device_remove_properties(struct device *dev)
{
	struct device_private *private = private_of(dev);

	free((void *)private->properties);
	private->properties = NULL;
}

int device_create_managed_software_node(struct device *dev,
					const struct property_entry *properties,
					const struct software_node *parent)
{
	(void)parent;
	return device_add_properties(dev, properties);
}

bool device_property_present(const struct device *dev, const char *name)
{
	return of_property_read_bool(dev->of_node, name) || entry_of(dev, name) != NULL;
}

bool device_property_read_bool(const struct device *dev, const char *name)
{
	return device_property_present(dev, name);
}

bool fwnode_property_present(const struct fwnode_handle *node, const char *name)
{
	return node != NULL && of_property_read_bool(to_of_node((struct fwnode_handle *)node), name);
}

int fwnode_property_read_u32_array(const struct fwnode_handle *node, const char *name, u32 *values,
				   size_t count)
{
	const struct device_node *of = to_of_node((struct fwnode_handle *)node);

	if (of == NULL)
		return -EINVAL;
	return values == NULL ? of_property_count_u32_elems(of, name)
			      : of_property_read_u32_array(of, name, values, count);
}

int fwnode_irq_get(const struct fwnode_handle *node, unsigned int index)
{
	return node == NULL ? -EINVAL
			    : of_irq_get(to_of_node((struct fwnode_handle *)node), (int)index);
}

bool device_is_compatible(const struct device *dev, const char *compatible)
{
	return dev->of_node != NULL && of_device_is_compatible(dev->of_node, compatible);
}

static u64 number_at(const void *from, size_t i, unsigned int bytes)
{
	switch (bytes) {
	case 1:
		return ((const u8 *)from)[i];
	case 2:
		return ((const u16 *)from)[i];
	case 4:
		return ((const u32 *)from)[i];
	default:
		return ((const u64 *)from)[i];
	}
}

int dmakit_property_numbers(const struct device *dev, const char *name, void *values, size_t count,
			    unsigned int bytes)
{
	const struct property_entry *entry;
	const void *from;

	if (of_property_read_bool(dev->of_node, name))
		return dmakit_of_numbers(dev->of_node, name, values, 0, count, bytes);
	entry = entry_of(dev, name);
	if (entry == NULL)
		return -EINVAL;
	if (values == NULL)
		return (int)(entry->length / bytes);
	if (entry->type != DMAKIT_PROPERTY_NUMBER)
		return -EPROTO;
	if (count * bytes > entry->length)
		return -EOVERFLOW;
	from = entry->is_inline ? &entry->value : entry->pointer;
	for (size_t i = 0; i < count; i++) {
		u64 number = number_at(from, i, bytes);

		memcpy((u8 *)values + i * bytes, &number, bytes);
	}
	return 0;
}

int device_property_read_string_array(const struct device *dev, const char *name,
				      const char **values, size_t count)
{
	const struct property_entry *entry;
	const char *const *from;
	size_t has;

	if (of_property_read_bool(dev->of_node, name)) {
		int there = of_property_count_strings(dev->of_node, name);

		if (values == NULL || there < 0)
			return there;
		for (size_t i = 0; i < count && i < (size_t)there; i++)
			of_property_read_string_index(dev->of_node, name, (int)i, &values[i]);
		return min((int)count, there);
	}
	entry = entry_of(dev, name);
	if (entry == NULL)
		return -EINVAL;
	if (entry->type != DMAKIT_PROPERTY_STRING && entry->type != DMAKIT_PROPERTY_STRINGS)
		return -EPROTO;
	has = entry->length / sizeof(const char *);
	from = entry->type == DMAKIT_PROPERTY_STRING ? (const char *const *)&entry->pointer
						     : entry->pointer;
	if (values == NULL)
		return (int)has;
	if (count > has)
		count = has;
	for (size_t i = 0; i < count; i++)
		values[i] = from[i];
	return (int)count;
}

int device_property_read_string(const struct device *dev, const char *name, const char **value)
{
	int count = device_property_read_string_array(dev, name, value, 1);

	return count < 0 ? count : 0;
}

int device_property_match_string(const struct device *dev, const char *name, const char *text)
{
	const char *texts[64];
	int count = device_property_read_string_array(dev, name, texts, ARRAY_SIZE(texts));

	for (int i = 0; i < count; i++)
		if (strcmp(texts[i], text) == 0)
			return i;
	return count < 0 ? count : -ENODATA;
}

const void *device_get_match_data(const struct device *dev)
{
	if (dev->of_node != NULL)
		return of_device_get_match_data(dev);
	if (dev_is_platform(dev)) {
		const struct platform_device_id *id =
			to_platform_device((struct device *)dev)->id_entry;

		return id == NULL ? NULL : (const void *)id->driver_data;
	}
	return NULL;
}

enum dev_dma_attr device_get_dma_attr(const struct device *dev)
{
	if (dev->of_node == NULL)
		return DEV_DMA_NOT_SUPPORTED;
	return of_dma_is_coherent(dev->of_node) ? DEV_DMA_COHERENT : DEV_DMA_NON_COHERENT;
}

unsigned int device_get_child_node_count(const struct device *dev)
{
	return (unsigned int)of_get_available_child_count(dev->of_node);
}

struct fwnode_handle *device_get_next_child_node(const struct device *dev,
						 struct fwnode_handle *child)
{
	struct device_node *next = of_get_next_available_child(dev->of_node, to_of_node(child));

	return of_fwnode_handle(next);
}

void fwnode_handle_put(struct fwnode_handle *node)
{
	(void)node;
}
