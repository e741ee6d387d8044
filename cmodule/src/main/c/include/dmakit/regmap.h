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
	bool (*readable_reg)(struct device *dev, unsigned int reg);
	bool (*writeable_reg)(struct device *dev, unsigned int reg);
	bool (*volatile_reg)(struct device *dev, unsigned int reg);
	bool (*precious_reg)(struct device *dev, unsigned int reg);
};
struct regmap *devm_regmap_init_mmio(struct device *dev, void __iomem *regs,
				     const struct regmap_config *config);
int regmap_read(struct regmap *map, unsigned int reg, unsigned int *value);
int regmap_write(struct regmap *map, unsigned int reg, unsigned int value);
int regmap_update_bits(struct regmap *map, unsigned int reg, unsigned int mask,
		       unsigned int value);
int regmap_bulk_read(struct regmap *map, unsigned int reg, void *values, size_t count);
int regmap_bulk_write(struct regmap *map, unsigned int reg, const void *values, size_t count);
#define regmap_read_poll_timeout(map, reg, value, condition, sleep_us, timeout_us)                 \
	({                                                                                         \
		int read_error_ = 0;                                                               \
		int poll_error_ = read_poll_timeout(regmap_read, read_error_,                      \
						    read_error_ != 0 || (condition), sleep_us,     \
						    timeout_us, false, map, reg, &(value));        \
		poll_error_ != 0 ? poll_error_ : read_error_;                                      \
	})
#define regmap_set_bits(map, reg, bits) regmap_update_bits(map, reg, bits, bits)
#define regmap_clear_bits(map, reg, bits) regmap_update_bits(map, reg, bits, 0)

/* What a node of a system controller has; an error when it cannot be had. */
struct regmap *syscon_node_to_regmap(struct device_node *node);
#define device_node_to_regmap(node) syscon_node_to_regmap(node)
struct regmap *syscon_regmap_lookup_by_compatible(const char *compatible);
struct regmap *syscon_regmap_lookup_by_phandle(struct device_node *node, const char *property);

#endif
