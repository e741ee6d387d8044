/*
 * Devices and what the device tree says of them, used as documented. Each check answers its line when
 * it fails.
 */
#include <linux/clk.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/of_irq.h>
#include <linux/platform_device.h>
#include <linux/pm_runtime.h>
#include <linux/property.h>
#include <linux/slab.h>

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			return __LINE__;                                                           \
	} while (0)

static int resumed, suspended, removed, released, probed;

static int thing_resume(struct device *dev)
{
	resumed++;
	return 0;
}

static int thing_suspend(struct device *dev)
{
	suspended++;
	return 0;
}

static int check_resources(struct platform_device *pdev)
{
	struct resource *first = platform_get_resource(pdev, IORESOURCE_MEM, 0);
	struct resource *fifo = platform_get_resource_byname(pdev, IORESOURCE_MEM, "fifo");
	struct resource own;

	CHECK(first && first->start == 0x5000000 && resource_size(first) == 0x1000);
	CHECK(fifo && fifo->start == 0x5002000);
	CHECK(!platform_get_resource(pdev, IORESOURCE_MEM, 2));
	CHECK(platform_get_irq(pdev, 0) == 9);
	CHECK(platform_get_irq_byname(pdev, "done") == 10);
	CHECK(platform_get_irq_optional(pdev, 2) == -ENXIO);
	CHECK(platform_irq_count(pdev) == 2);
	CHECK(of_irq_get(pdev->dev.of_node, 1) == 10);
	CHECK(irq_of_parse_and_map(pdev->dev.of_node, 7) == 0);
	CHECK(of_address_to_resource(pdev->dev.of_node, 1, &own) == 0 && own.end == 0x5002fff);
	CHECK(of_address_to_resource(pdev->dev.of_node, 2, &own) == -EINVAL);
	return 0;
}

static int check_properties(struct device *dev)
{
	struct device_node *np = dev->of_node, *child;
	struct of_phandle_args args;
	const char *text;
	u32 one, three[3];
	u64 wide;
	u8 bytes[4];
	int children = 0;

	CHECK(of_property_read_u32(np, "depth", &one) == 0 && one == 64);
	CHECK(of_property_read_u32(np, "nothing", &one) == -EINVAL);
	CHECK(of_property_read_u32(np, "flag", &one) == -ENODATA);
	CHECK(of_property_read_u32_array(np, "table", three, 3) == 0 && three[2] == 0x30);
	CHECK(of_property_read_u32_array(np, "table", three, 4) == -EOVERFLOW);
	CHECK(of_property_read_u32_index(np, "table", 1, &one) == 0 && one == 0x20);
	CHECK(of_property_count_u32_elems(np, "table") == 3);
	CHECK(of_property_read_u64(np, "wide", &wide) == 0 && wide == 0x100000002ULL);
	CHECK(of_property_read_u8_array(np, "mac", bytes, 4) == 0 && bytes[3] == 0xdd);
	CHECK(of_property_read_bool(np, "flag") && !of_property_read_bool(np, "other"));
	CHECK(of_property_count_strings(np, "names") == 2);
	CHECK(of_property_read_string_index(np, "names", 1, &text) == 0 && !strcmp(text, "two"));
	CHECK(of_property_match_string(np, "names", "two") == 1);
	CHECK(of_property_match_string(np, "names", "three") == -ENODATA);
	CHECK(device_property_read_u32(dev, "depth", &one) == 0 && one == 64);
	CHECK(device_property_read_string(dev, "names", &text) == 0 && !strcmp(text, "one"));
	CHECK(of_parse_phandle_with_args(np, "links", "#link-cells", 1, &args) == 0);
	CHECK(args.args_count == 2 && args.args[1] == 8 && of_node_name_eq(args.np, "other"));
	CHECK(of_parse_phandle_with_args(np, "links", "#link-cells", 2, &args) == -ENOENT);
	CHECK(of_count_phandle_with_args(np, "links", "#link-cells") == 2);
	CHECK(of_parse_phandle(np, "friend", 0) == args.np);
	CHECK(of_get_child_count(np) == 2);
	for_each_child_of_node(np, child)
		children++;
	CHECK(children == 2 && of_get_available_child_count(np) == 1);
	CHECK(of_get_child_by_name(np, "port") && of_get_parent(args.np) == np->parent);
	CHECK(of_find_node_by_path("/other@1") == args.np);
	CHECK(of_find_compatible_node(NULL, NULL, "test,other") == args.np);
	CHECK(of_alias_get_id(args.np, "other") == 3);
	CHECK(of_machine_is_compatible("test,board"));
	CHECK(of_device_is_compatible(np, "test,thing") && !of_device_is_compatible(np, "none"));
	CHECK(device_get_match_data(dev) == &probed);
	return 0;
}

static int check_power(struct device *dev)
{
	pm_runtime_enable(dev);
	CHECK(pm_runtime_suspended(dev));
	CHECK(pm_runtime_get_sync(dev) == 0 && resumed == 1);
	CHECK(pm_runtime_get_sync(dev) == 1 && resumed == 1);
	CHECK(pm_runtime_put_sync(dev) == 0 && suspended == 0);
	CHECK(pm_runtime_put_sync(dev) == 0 && suspended == 1);
	CHECK(pm_runtime_put_sync(dev) == -EINVAL);
	pm_runtime_disable(dev);
	return 0;
}

static int check_clocks(struct device *dev)
{
	struct clk *clk = devm_clk_get(dev, "bus");

	CHECK(!IS_ERR(clk) && clk_get_rate(clk) == 19200000);
	CHECK(clk_set_rate(clk, 1) == 0 && clk_get_rate(clk) == 19200000);
	CHECK(clk_prepare_enable(clk) == 0);
	clk_disable_unprepare(clk);
	CHECK(devm_clk_get(dev, "none") == ERR_PTR(-ENOENT));
	CHECK(devm_clk_get_optional(dev, "none") == NULL);
	CHECK(clk_prepare_enable(NULL) == 0);
	return 0;
}

static int order[2], ordered;

static void note(void *data)
{
	if (ordered < 2)
		order[ordered++] = *(int *)data;
}

static void forget(struct device *dev, void *resource)
{
	released += *(int *)resource;
}

static int check_managed(struct device *dev)
{
	static int one = 1, two = 2;
	int *resource = devres_alloc(forget, sizeof(*resource), GFP_KERNEL);
	int *gone = devres_alloc(forget, sizeof(*gone), GFP_KERNEL);

	CHECK(resource && gone);
	*resource = 5;
	*gone = 100;
	devres_add(dev, resource);
	devres_add(dev, gone);
	CHECK(devres_find(dev, forget, NULL, NULL) == gone);
	CHECK(devres_destroy(dev, forget, NULL, NULL) == 0);
	CHECK(devres_find(dev, forget, NULL, NULL) == resource && released == 0);
	CHECK(devm_add_action(dev, note, &one) == 0);
	CHECK(devm_add_action_or_reset(dev, note, &two) == 0);
	CHECK(devm_kstrdup(dev, "text", GFP_KERNEL));
	CHECK(!strcmp(devm_kasprintf(dev, GFP_KERNEL, "%d-%s", 7, "x"), "7-x"));
	return 0;
}

static int thing_probe(struct platform_device *pdev)
{
	void __iomem *regs = devm_platform_ioremap_resource(pdev, 0);
	int failed;

	CHECK(!IS_ERR(regs));
	CHECK(devm_platform_ioremap_resource(pdev, 5) == ERR_PTR(-EINVAL));
	CHECK(!request_mem_region(0x5000800, 16, "busy"));
	failed = check_resources(pdev);
	if (failed == 0)
		failed = check_properties(&pdev->dev);
	if (failed == 0)
		failed = check_power(&pdev->dev);
	if (failed == 0)
		failed = check_clocks(&pdev->dev);
	if (failed == 0)
		failed = check_managed(&pdev->dev);
	if (failed != 0)
		dev_err(&pdev->dev, "line %d\n", failed);
	platform_set_drvdata(pdev, &probed);
	probed++;
	return failed == 0 ? 0 : -EIO;
}

static void thing_remove(struct platform_device *pdev)
{
	removed += platform_get_drvdata(pdev) == &probed;
}

static const struct dev_pm_ops thing_pm = {SET_RUNTIME_PM_OPS(thing_suspend, thing_resume, NULL)};
static const struct of_device_id thing_ids[] = {
	{.compatible = "test,never"},
	{.compatible = "test,thing", .data = &probed},
	{},
};
static struct platform_driver thing = {
	.probe = thing_probe,
	.remove = thing_remove,
	.driver = {.name = "thing", .of_match_table = thing_ids, .pm = &thing_pm},
};

/* Devices that the module brings itself. */
static int made_probed, made_id;
static bool ready;

static int made_probe(struct platform_device *pdev)
{
	const struct platform_device_id *id = platform_get_device_id(pdev);
	u32 depth = 0;

	if (!ready)
		return -EPROBE_DEFER;
	device_property_read_u32(&pdev->dev, "depth", &depth);
	made_id = id == NULL ? -1 : (int)id->driver_data;
	if (depth == 12 && *(int *)dev_get_platdata(&pdev->dev) == 77
	    && platform_get_resource(pdev, IORESOURCE_MEM, 0)->start == 0x6000000)
		made_probed++;
	return 0;
}

static const struct platform_device_id made_ids[] = {{"made-a", 1}, {"made-b", 2}, {}};
static struct platform_driver made = {
	.probe = made_probe,
	.driver = {.name = "made"},
	.id_table = made_ids,
};

int check_made_devices(void)
{
	static const struct resource resource = DEFINE_RES_MEM(0x6000000, 0x100);
	static const int data = 77;
	const struct property_entry properties[] = {PROPERTY_ENTRY_U32("depth", 12), {}};
	const struct platform_device_info info = {
		.name = "made-b",
		.id = PLATFORM_DEVID_AUTO,
		.res = &resource,
		.num_res = 1,
		.data = &data,
		.size_data = sizeof(data),
		.properties = properties,
	};
	struct platform_device *pdev, *twin;

	CHECK(platform_driver_register(&made) == 0);
	pdev = platform_device_register_full(&info);
	CHECK(!IS_ERR(pdev) && made_probed == 0);
	ready = true;
	twin = platform_device_register_simple("made-a", 4, &resource, 1);
	CHECK(!IS_ERR(twin) && !strcmp(dev_name(&twin->dev), "made-a.4"));
	CHECK(made_probed == 1 && made_id == 2);
	CHECK(IS_ERR(platform_device_register_simple("made-a", 4, NULL, 0)));
	platform_device_unregister(twin);
	platform_device_unregister(pdev);
	platform_driver_unregister(&made);
	return 0;
}

/* What removing the driver did. */
int check_removed(void)
{
	platform_driver_unregister(&thing);
	CHECK(probed == 1 && removed == 1 && released == 5);
	CHECK(ordered == 2 && order[0] == 2 && order[1] == 1);
	return 0;
}

int check_probed(void)
{
	CHECK(platform_driver_register(&thing) == 0);
	CHECK(platform_driver_register(&thing) == -EBUSY);
	CHECK(probed == 1);
	return 0;
}

static int __init start(void)
{
	return 0;
}

static void __exit stop(void)
{
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
