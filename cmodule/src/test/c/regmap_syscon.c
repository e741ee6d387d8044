// SPDX-License-Identifier: GPL-2.0
/* Registers that two drivers share through a regmap. */
#include <linux/mfd/syscon.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/regmap.h>

int check_syscon(void)
{
	struct device_node *node = of_find_compatible_node(NULL, NULL, "test,syscon");
	struct regmap *map = syscon_node_to_regmap(node);
	unsigned int value;
	u32 words[2] = {7, 8};

	if (IS_ERR(map))
		return __LINE__;
	if (syscon_regmap_lookup_by_compatible("test,syscon") != map)
		return __LINE__;
	if (PTR_ERR(syscon_regmap_lookup_by_compatible("test,none")) != -ENODEV)
		return __LINE__;
	if (PTR_ERR(syscon_node_to_regmap(of_find_node_by_path("/"))) != -EINVAL)
		return __LINE__;
	regmap_write(map, 8, 0xff);
	regmap_update_bits(map, 8, 0xf0, 0x50);
	regmap_read(map, 8, &value);
	if (value != 0x5f)
		return __LINE__;
	regmap_bulk_write(map, 16, words, 2);
	words[1] = 0;
	regmap_bulk_read(map, 16, words, 2);
	if (words[0] != 7 || words[1] != 8)
		return __LINE__;
	return regmap_read_poll_timeout(map, 20, value, value == 8, 1, 10) == 0 ? 0 : __LINE__;
}

static int __init syscon_init(void)
{
	return 0;
}
module_init(syscon_init);

static void __exit syscon_exit(void)
{
}
module_exit(syscon_exit);
MODULE_LICENSE("GPL");
