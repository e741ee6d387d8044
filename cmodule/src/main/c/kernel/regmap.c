/* Registers of system controllers, which drivers share: mapped once for each node. */
#include "device.h"

#include "call.h"
#include "libc.h"

struct regmap {
	struct device_node *node;
	void __iomem *regs;
	spinlock_t lock;
	struct regmap *next;
};

static struct regmap *maps;

static void free_nothing(struct device *dev, void *resource)
{
	(void)dev;
	(void)resource;
}

struct regmap *devm_regmap_init_mmio(struct device *dev, void __iomem *regs,
				     const struct regmap_config *config)
{
	struct regmap *map;

	if (config == NULL || config->reg_bits != 32 || config->val_bits != 32)
		return ERR_PTR(-EINVAL);
	map = own_alloc(free_nothing, sizeof(*map));
	map->regs = regs;
	spin_lock_init(&map->lock);
	devres_add(dev, map);
	return map;
}

int regmap_read(struct regmap *map, unsigned int reg, unsigned int *value)
{
	*value = readl(map->regs + reg);
	return 0;
}

int regmap_write(struct regmap *map, unsigned int reg, unsigned int value)
{
	writel(value, map->regs + reg);
	return 0;
}

int regmap_update_bits(struct regmap *map, unsigned int reg, unsigned int mask,
		       unsigned int value)
{
	unsigned long flags;
	unsigned int was, wanted;

	spin_lock_irqsave(&map->lock, flags);
	was = readl(map->regs + reg);
	wanted = (was & ~mask) | (value & mask);
	if (wanted != was)
		writel(wanted, map->regs + reg);
	spin_unlock_irqrestore(&map->lock, flags);
	return 0;
}

int regmap_bulk_read(struct regmap *map, unsigned int reg, void *values, size_t count)
{
	u32 *words = values;

	for (size_t i = 0; i < count; i++)
		words[i] = readl(map->regs + reg + 4 * i);
	return 0;
}

int regmap_bulk_write(struct regmap *map, unsigned int reg, const void *values, size_t count)
{
	const u32 *words = values;

	for (size_t i = 0; i < count; i++)
		writel(words[i], map->regs + reg + 4 * i);
	return 0;
}

struct regmap *syscon_node_to_regmap(struct device_node *node)
{
	struct regmap *map;
	struct resource registers;
	long va;

	for (map = maps; map != NULL; map = map->next)
		if (map->node == node)
			return map;
	if (!of_device_is_compatible(node, "syscon"))
		return ERR_PTR(-EINVAL);
	if (of_address_to_resource(node, 0, &registers) != 0)
		return ERR_PTR(-ENOMEM);
	va = CALL_OWN(ioremap, registers.start, resource_size(&registers));
	if (va < 0)
		return ERR_PTR(-ENOMEM);
	map = calloc(1, sizeof(*map));
	if (map == NULL)
		abort();
	map->node = node;
	map->regs = (void __iomem *)va;
	map->next = maps;
	spin_lock_init(&map->lock);
	maps = map;
	return map;
}

struct regmap *syscon_regmap_lookup_by_compatible(const char *compatible)
{
	struct device_node *node = of_find_compatible_node(NULL, NULL, compatible);

	return node == NULL ? ERR_PTR(-ENODEV) : syscon_node_to_regmap(node);
}

struct regmap *syscon_regmap_lookup_by_phandle(struct device_node *node, const char *property)
{
	struct device_node *controller = of_parse_phandle(node, property, 0);

	return controller == NULL ? ERR_PTR(-ENODEV) : syscon_node_to_regmap(controller);
}
