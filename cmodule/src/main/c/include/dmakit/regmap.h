/* Registers that several devices share, as far as they lie in memory. */
#ifndef DMAKIT_REGMAP_H
#define DMAKIT_REGMAP_H

#include <dmakit/of.h>

struct regmap;
struct regmap_config {
	const char *name;
	int reg_bits, reg_stride, val_bits;
	unsigned int max_register;
	bool fast_io;
};
struct regmap *devm_regmap_init_mmio(struct device *dev, void __iomem *regs,
				     const struct regmap_config *config);
int regmap_read(struct regmap *map, unsigned int reg, unsigned int *value);
int regmap_write(struct regmap *map, unsigned int reg, unsigned int value);
int regmap_update_bits(struct regmap *map, unsigned int reg, unsigned int mask,
		       unsigned int value);
#define regmap_set_bits(map, reg, bits) regmap_update_bits(map, reg, bits, bits)
#define regmap_clear_bits(map, reg, bits) regmap_update_bits(map, reg, bits, 0)

/* What a node of a system controller has; an error when it cannot be had. */
struct regmap *syscon_node_to_regmap(struct device_node *node);
#define device_node_to_regmap(node) syscon_node_to_regmap(node)
struct regmap *syscon_regmap_lookup_by_compatible(const char *compatible);
struct regmap *syscon_regmap_lookup_by_phandle(struct device_node *node, const char *property);

#endif
