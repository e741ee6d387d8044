/*
 * The device tree: one struct for each node that C code has met. The simulator finds nodes and
 * follows references; what the cells of a property mean is read here.
 */
#include "device.h"

#include "call.h"
#include "libc.h"

#define PROPERTY_SIZE_MAX 65536

/* Ways to look for a node; OfServices knows the same numbers. */
enum find { FIND_NAME, FIND_PATH, FIND_PHANDLE, FIND_COMPATIBLE, FIND_NEXT, FIND_CHILD, FIND_SIBLING };

static struct device_node **nodes;
static unsigned long node_count;

struct device_node *node_of(long number)
{
	struct device_node *node, **grown;
	unsigned long wanted = node_count == 0 ? 64 : node_count;
	char *names, *path;

	if (number <= 0)
		return NULL;
	while ((unsigned long)number >= wanted)
		wanted *= 2;
	if (wanted != node_count) {
		grown = calloc(wanted, sizeof(*grown));
		if (grown == NULL)
			abort();
		if (node_count != 0)
			memcpy(grown, nodes, node_count * sizeof(*grown));
		free(nodes);
		nodes = grown;
		node_count = wanted;
	}
	if (nodes[number] != NULL)
		return nodes[number];
	node = calloc(1, sizeof(*node));
	if (node == NULL)
		abort();
	nodes[number] = node;
	node->dmakit_number = number;
	CALL(of_describe, number);
	node->phandle = (phandle)answered(0);
	long parent = (long)answered(1);

	/* The name without its unit address, and the one with it. */
	names = keep_text(lane_text());
	path = strchr(names, '\n');
	*path++ = '\0';
	node->name = names;
	node->full_name = path;
	node->parent = node_of(parent);
	return node;
}

struct device_node *of_node_get(struct device_node *node)
{
	return node;
}

void of_node_put(struct device_node *node)
{
	(void)node;
}

static struct device_node *find(enum find how, const struct device_node *from, const char *text,
				long number)
{
	return node_of(CALL_TEXT(of_find, text != NULL ? text : "", how, node_number(from), number));
}

struct device_node *of_find_node_by_name(struct device_node *from, const char *name)
{
	return find(FIND_NAME, from, name, 0);
}

struct device_node *of_find_node_by_path(const char *path)
{
	return find(FIND_PATH, NULL, path, 0);
}

struct device_node *of_find_node_by_phandle(phandle handle)
{
	return find(FIND_PHANDLE, NULL, NULL, handle);
}

struct device_node *of_find_compatible_node(struct device_node *from, const char *type,
					    const char *compatible)
{
	(void)type;
	return find(FIND_COMPATIBLE, from, compatible, 0);
}

struct device_node *of_find_matching_node_and_match(struct device_node *from,
						    const struct of_device_id *matches,
						    const struct of_device_id **match)
{
	struct device_node *node = find(FIND_NEXT, from, NULL, 0);

	for (; node != NULL; node = find(FIND_NEXT, node, NULL, 0)) {
		const struct of_device_id *found = of_match_node(matches, node);

		if (found != NULL) {
			if (match != NULL)
				*match = found;
			return node;
		}
	}
	return NULL;
}

struct device_node *of_get_parent(const struct device_node *node)
{
	return node == NULL ? NULL : node->parent;
}

struct device_node *of_get_next_child(const struct device_node *node, struct device_node *prev)
{
	if (node == NULL)
		return NULL;
	return prev == NULL ? find(FIND_CHILD, node, NULL, 0) : find(FIND_SIBLING, prev, NULL, 0);
}

struct device_node *of_get_next_available_child(const struct device_node *node,
						struct device_node *prev)
{
	do
		prev = of_get_next_child(node, prev);
	while (prev != NULL && !of_device_is_available(prev));
	return prev;
}

struct device_node *of_get_child_by_name(const struct device_node *node, const char *name)
{
	struct device_node *child;

	for_each_child_of_node(node, child)
		if (of_node_name_eq(child, name))
			break;
	return child;
}

struct device_node *of_get_compatible_child(const struct device_node *node, const char *compatible)
{
	struct device_node *child;

	for_each_child_of_node(node, child)
		if (of_device_is_compatible(child, compatible))
			break;
	return child;
}

int of_get_child_count(const struct device_node *node)
{
	struct device_node *child;
	int count = 0;

	for_each_child_of_node(node, child)
		count++;
	return count;
}

int of_get_available_child_count(const struct device_node *node)
{
	struct device_node *child;
	int count = 0;

	for_each_available_child_of_node(node, child)
		count++;
	return count;
}

bool of_device_is_available(const struct device_node *node)
{
	const char *status = of_get_property(node, "status", NULL);

	return node != NULL
	       && (status == NULL || strcmp(status, "okay") == 0 || strcmp(status, "ok") == 0);
}

bool of_machine_is_compatible(const char *compatible)
{
	return of_device_is_compatible(of_find_node_by_path("/"), compatible) > 0;
}

bool of_node_name_eq(const struct device_node *node, const char *name)
{
	return node != NULL && strcmp(node->name, name) == 0;
}

int of_alias_get_id(struct device_node *node, const char *stem)
{
	return (int)CALL_TEXT(of_alias_id, stem, node_number(node));
}

/* Properties. */

struct property *of_find_property(const struct device_node *node, const char *name, int *length)
{
	static char buffer[PROPERTY_SIZE_MAX];
	struct property *property;
	long bytes;

	if (node == NULL)
		return NULL;
	for (property = node->properties; property != NULL; property = property->next)
		if (strcmp(property->name, name) == 0)
			break;
	if (property == NULL) {
		bytes = CALL_TEXT_DATA(of_property, name, buffer, 4, node_number(node), 0);
		if (bytes < 0)
			return NULL;
		if (bytes > 4)
			CALL_TEXT_DATA(of_property, name, buffer, bytes, node_number(node), 1);
		property = calloc(1, sizeof(*property) + bytes + 1);
		if (property == NULL)
			abort();
		property->name = keep_text(name);
		property->length = (int)bytes;
		property->value = memcpy(property + 1, buffer, bytes);
		property->next = node->properties;
		((struct device_node *)node)->properties = property;
	}
	if (length != NULL)
		*length = property->length;
	return property;
}

const void *of_get_property(const struct device_node *node, const char *name, int *length)
{
	struct property *property = of_find_property(node, name, length);

	return property == NULL ? NULL : property->value;
}

bool of_property_read_bool(const struct device_node *node, const char *name)
{
	return of_find_property(node, name, NULL) != NULL;
}

u64 of_read_number(const __be32 *cells, int count)
{
	u64 number = 0;

	while (count-- > 0)
		number = number << 32 | be32_to_cpu(*cells++);
	return number;
}

static void take_number(void *values, size_t i, const u8 *from, unsigned int bytes)
{
	u64 number = 0;

	for (unsigned int k = 0; k < bytes; k++)
		number = number << 8 | from[k];
	switch (bytes) {
	case 1:
		((u8 *)values)[i] = (u8)number;
		break;
	case 2:
		((u16 *)values)[i] = (u16)number;
		break;
	case 4:
		((u32 *)values)[i] = (u32)number;
		break;
	default:
		((u64 *)values)[i] = number;
	}
}

int dmakit_of_numbers(const struct device_node *node, const char *name, void *values, size_t index,
		      size_t count, unsigned int bytes)
{
	int length;
	const u8 *from = of_get_property(node, name, &length);

	if (from == NULL)
		return -EINVAL;
	if (values == NULL) {
		if (length % bytes != 0) {
			pr_err("size of %s in node %pOF is not a multiple of %u\n", name, node,
			       bytes);
			return -EINVAL;
		}
		return length / (int)bytes;
	}
	if (length == 0)
		return -ENODATA;
	if ((index + count) * bytes > (size_t)length)
		return -EOVERFLOW;
	for (size_t i = 0; i < count; i++)
		take_number(values, i, from + (index + i) * bytes, bytes);
	return 0;
}

int of_property_read_variable_u32_array(const struct device_node *node, const char *name,
					u32 *values, size_t min, size_t max)
{
	int count = dmakit_of_numbers(node, name, NULL, 0, 0, 4);
	int error;

	if (count < 0)
		return count;
	if ((size_t)count < min)
		return -EOVERFLOW;
	if (max == 0)
		max = min;
	if ((size_t)count > max)
		count = (int)max;
	error = dmakit_of_numbers(node, name, values, 0, count, 4);
	return error != 0 ? error : count;
}

/* The text at an index; -1 asks how many there are. */
static int text_at(const struct device_node *node, const char *name, int index, const char **text)
{
	int length, count = 0;
	const char *at = of_get_property(node, name, &length);
	const char *end;

	if (at == NULL)
		return -EINVAL;
	if (length == 0)
		return -ENODATA;
	for (end = at + length; at < end; at += strlen(at) + 1, count++) {
		if (strnlen(at, end - at) == (size_t)(end - at))
			return -EILSEQ;
		if (count == index) {
			*text = at;
			return 0;
		}
	}
	return index < 0 ? count : -ENODATA;
}

int of_property_read_string(const struct device_node *node, const char *name, const char **value)
{
	return text_at(node, name, 0, value);
}

int of_property_read_string_index(const struct device_node *node, const char *name, int index,
				  const char **value)
{
	return text_at(node, name, index, value);
}

int of_property_count_strings(const struct device_node *node, const char *name)
{
	return text_at(node, name, -1, NULL);
}

int of_property_match_string(const struct device_node *node, const char *name, const char *text)
{
	int count = of_property_count_strings(node, name);
	const char *found;

	for (int i = 0; i < count; i++)
		if (text_at(node, name, i, &found) == 0 && strcmp(found, text) == 0)
			return i;
	return count < 0 ? count : -ENODATA;
}

int of_n_addr_cells(struct device_node *node)
{
	u32 cells = 1;

	for (node = node->parent; node != NULL; node = node->parent)
		if (of_property_read_u32(node, "#address-cells", &cells) == 0)
			break;
	return (int)cells;
}

int of_n_size_cells(struct device_node *node)
{
	u32 cells = 1;

	for (node = node->parent; node != NULL; node = node->parent)
		if (of_property_read_u32(node, "#size-cells", &cells) == 0)
			break;
	return (int)cells;
}

/* References. */

static int parse(const struct device_node *node, const char *list, const char *cells, int fixed,
		 int index, struct of_phandle_args *args)
{
	long found = CALL_TEXT2(of_parse_phandle, list, cells != NULL ? cells : "",
				node_number(node), index, fixed);

	if (found < 0)
		return (int)found;
	if (args != NULL) {
		args->args_count = (int)answered(0);
		for (int i = 0; i < args->args_count; i++)
			args->args[i] = (u32)answered(1 + i);
		args->np = node_of(found);
	}
	return 0;
}

struct device_node *of_parse_phandle(const struct device_node *node, const char *name, int index)
{
	struct of_phandle_args args;

	return node == NULL || parse(node, name, NULL, 0, index, &args) != 0 ? NULL : args.np;
}

int of_parse_phandle_with_args(const struct device_node *node, const char *list,
			       const char *cells, int index, struct of_phandle_args *args)
{
	return parse(node, list, cells, -1, index, args);
}

int of_parse_phandle_with_fixed_args(const struct device_node *node, const char *list, int count,
				     int index, struct of_phandle_args *args)
{
	return parse(node, list, NULL, count, index, args);
}

int of_count_phandle_with_args(const struct device_node *node, const char *list, const char *cells)
{
	return (int)CALL_TEXT2(of_count_phandle, list, cells != NULL ? cells : "",
			       node_number(node));
}

/* Matching. */

int of_device_is_compatible(const struct device_node *node, const char *compatible)
{
	int at = of_property_match_string(node, "compatible", compatible);

	return at < 0 ? 0 : INT_MAX / 2 - (at << 2);
}

const struct of_device_id *of_match_node(const struct of_device_id *matches,
					 const struct device_node *node)
{
	const struct of_device_id *best = NULL;
	int best_score = 0;

	if (matches == NULL || node == NULL)
		return NULL;
	for (; matches->name[0] || matches->type[0] || matches->compatible[0]; matches++) {
		int score = 0;

		if (matches->compatible[0] != '\0')
			score = of_device_is_compatible(node, matches->compatible);
		else if (matches->name[0] != '\0')
			score = of_node_name_eq(node, matches->name);
		if (score > best_score) {
			best = matches;
			best_score = score;
		}
	}
	return best;
}

const struct of_device_id *of_match_device(const struct of_device_id *matches,
					   const struct device *dev)
{
	return matches == NULL || dev->of_node == NULL ? NULL : of_match_node(matches, dev->of_node);
}

const void *of_device_get_match_data(const struct device *dev)
{
	const struct of_device_id *match =
		dev->driver == NULL ? NULL : of_match_device(dev->driver->of_match_table, dev);

	return match == NULL ? NULL : match->data;
}

/* Addresses and interrupts. */

int of_address_to_resource(struct device_node *node, int index, struct resource *resource)
{
	long error = CALL(of_address, node_number(node), index);

	if (error < 0)
		return (int)error;
	*resource = (struct resource){
		.start = answered(0),
		.end = answered(1),
		.flags = IORESOURCE_MEM,
		.name = node->full_name,
	};
	if (of_property_read_string_index(node, "reg-names", index, &resource->name) != 0)
		resource->name = node->full_name;
	return 0;
}

void __iomem *of_iomap(struct device_node *node, int index)
{
	struct resource resource;

	if (node == NULL || of_address_to_resource(node, index, &resource) != 0)
		return NULL;
	return ioremap(resource.start, resource_size(&resource));
}

void __iomem *of_io_request_and_map(struct device_node *node, int index, const char *name)
{
	struct resource resource;
	void __iomem *va;

	if (of_address_to_resource(node, index, &resource) != 0)
		return (void __iomem *)ERR_PTR(-EINVAL);
	if (request_mem_region(resource.start, resource_size(&resource),
			       name != NULL ? name : resource.name)
	    == NULL)
		return (void __iomem *)ERR_PTR(-EBUSY);
	va = ioremap(resource.start, resource_size(&resource));
	if (va == NULL) {
		release_mem_region(resource.start, resource_size(&resource));
		return (void __iomem *)ERR_PTR(-ENOMEM);
	}
	return va;
}

const __be32 *of_get_address(struct device_node *node, int index, u64 *size, unsigned int *flags)
{
	int length, address = of_n_addr_cells(node), sizes = of_n_size_cells(node);
	const __be32 *cells = of_get_property(node, "reg", &length);
	int tuple = address + sizes;

	if (cells == NULL || (index + 1) * tuple * 4 > length)
		return NULL;
	cells += index * tuple;
	if (size != NULL)
		*size = of_read_number(cells + address, sizes);
	if (flags != NULL)
		*flags = IORESOURCE_MEM;
	return cells;
}

u64 of_translate_address(struct device_node *node, const __be32 *address)
{
	u64 cells = of_read_number(address, of_n_addr_cells(node));

	return (u64)CALL(of_translate, node_number(node), cells);
}

int of_irq_get(struct device_node *node, int index)
{
	return (int)CALL(of_irq, node_number(node), index);
}

int of_irq_get_byname(struct device_node *node, const char *name)
{
	int index = of_property_match_string(node, "interrupt-names", name);

	return index < 0 ? index : of_irq_get(node, index);
}

unsigned int irq_of_parse_and_map(struct device_node *node, int index)
{
	int irq = of_irq_get(node, index);

	return irq < 0 ? 0 : (unsigned int)irq;
}

int of_irq_count(struct device_node *node)
{
	int count = 0;

	while (of_irq_get(node, count) > 0)
		count++;
	return count;
}

int of_irq_to_resource(struct device_node *node, int index, struct resource *resource)
{
	int irq = of_irq_get(node, index);

	if (irq > 0 && resource != NULL) {
		*resource = DEFINE_RES_IRQ(irq);
		resource->name = node->full_name;
		of_property_read_string_index(node, "interrupt-names", index, &resource->name);
	}
	return irq;
}

int dmakit_of_dma_configure(struct device *dev, struct device_node *node, bool force)
{
	int error = (int)CALL(of_dma_configure, number_of(dev), node_number(node), force);

	if (error == 0)
		dma_masks_refresh(dev);
	return error;
}

bool of_dma_is_coherent(struct device_node *node)
{
	return CALL(of_dma_is_coherent, node_number(node)) != 0;
}

/* Memory set aside. */

int of_reserved_mem_device_init_by_idx(struct device *dev, struct device_node *node, int index)
{
	return (int)CALL(of_reserved_mem_device_init, number_of(dev), node_number(node), index);
}

int of_reserved_mem_device_init_by_name(struct device *dev, struct device_node *node,
					const char *name)
{
	return (int)CALL_TEXT(of_reserved_mem_device_init_by_name, name, number_of(dev),
			      node_number(node));
}

void of_reserved_mem_device_release(struct device *dev)
{
	CALL(of_reserved_mem_device_release, number_of(dev));
}

struct reserved_mem *of_reserved_mem_lookup(struct device_node *node)
{
	struct reserved_mem *memory;

	if (node == NULL || !CALL(of_reserved_mem_lookup, node_number(node)))
		return NULL;
	if (node->data == NULL) {
		memory = calloc(1, sizeof(*memory));
		if (memory == NULL)
			abort();
		*memory = (struct reserved_mem){
			.name = node->full_name,
			.base = answered(0),
			.size = answered(1),
		};
		node->data = memory;
	}
	return node->data;
}

/* Devices of nodes. */

struct platform_device *of_find_device_by_node(struct device_node *node)
{
	struct device *dev = device_of(CALL(of_device, node_number(node)));

	return dev == NULL ? NULL : to_platform_device(get_device(dev));
}

int of_platform_populate(struct device_node *root, const struct of_device_id *matches,
			 const struct of_dev_auxdata *lookup, struct device *parent)
{
	(void)matches;
	(void)lookup;
	return (int)CALL(of_populate, node_number(root), number_of(parent));
}

int of_platform_default_populate(struct device_node *root, const struct of_dev_auxdata *lookup,
				 struct device *parent)
{
	return of_platform_populate(root, NULL, lookup, parent);
}

void of_platform_depopulate(struct device *parent)
{
	CALL(of_depopulate, number_of(parent));
}

static void depopulate(void *parent)
{
	of_platform_depopulate(parent);
}

int devm_of_platform_populate(struct device *dev)
{
	int error = of_platform_populate(dev->of_node, NULL, NULL, dev);

	return error != 0 ? error : devm_add_action_or_reset(dev, depopulate, dev);
}

struct platform_device *of_platform_device_create(struct device_node *node, const char *name,
						  struct device *parent)
{
	struct device *dev;

	(void)name;
	dev = device_of(CALL(of_create, node_number(node), number_of(parent)));
	return dev == NULL ? NULL : to_platform_device(dev);
}
