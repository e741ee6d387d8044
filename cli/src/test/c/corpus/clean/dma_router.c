// run: --overlay {dir}/dma_router.dtso
// A crossbar between a device and the board's controller: a route lives as long as its channel.
#include <linux/dmaengine.h>
#include <linux/err.h>
#include <linux/mod_devicetable.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_dma.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#define CONTROLLER_LINE 5

struct route {
	u32 request;
};

static struct dma_router router;
static int routes;
static bool works;

static void *crossbar_allocate(struct of_phandle_args *spec, struct of_dma *ofdma)
{
	struct route *route;

	if (spec->args_count != 1 || spec->args[0] >= 8)
		return ERR_PTR(-EINVAL);
	spec->np = of_parse_phandle(ofdma->of_node, "dma-masters", 0);
	if (!spec->np)
		return ERR_PTR(-EINVAL);
	route = kzalloc(sizeof(*route), GFP_KERNEL);
	if (!route)
		return ERR_PTR(-ENOMEM);
	route->request = spec->args[0];
	spec->args[0] = CONTROLLER_LINE;
	routes++;
	return route;
}

static void crossbar_free(struct device *dev, void *data)
{
	struct route *route = data;

	dev_info(dev, "request %u is free again\n", route->request);
	routes--;
	kfree(route);
}

static int crossbar_probe(struct platform_device *pdev)
{
	router.dev = &pdev->dev;
	router.route_free = crossbar_free;
	return of_dma_router_register(pdev->dev.of_node, crossbar_allocate, &router);
}

static int crossbar_remove(struct platform_device *pdev)
{
	of_dma_controller_free(pdev->dev.of_node);
	return 0;
}

static const struct of_device_id crossbar_ids[] = {
	{.compatible = "dmakit,crossbar"},
	{},
};

static struct platform_driver crossbar_driver = {
	.probe = crossbar_probe,
	.remove = crossbar_remove,
	.driver = {.name = "crossbar", .of_match_table = crossbar_ids},
};

/* Comes first, and has to wait for the crossbar. */
static int routed_probe(struct platform_device *pdev)
{
	struct dma_chan *chan = dma_request_chan(&pdev->dev, "rx");

	if (IS_ERR(chan))
		return dev_err_probe(&pdev->dev, PTR_ERR(chan), "no channel\n");
	works = routes == 1 && chan->router == &router &&
		((struct route *)chan->route_data)->request == 3 && chan->slave == &pdev->dev;
	platform_set_drvdata(pdev, chan);
	return 0;
}

static int routed_remove(struct platform_device *pdev)
{
	struct dma_chan *chan = platform_get_drvdata(pdev);

	dma_release_channel(chan);
	if (routes || chan->router)
		pr_err("dma_router: %d routes are left\n", routes);
	return 0;
}

static const struct of_device_id routed_ids[] = {
	{.compatible = "dmakit,routed"},
	{},
};

static struct platform_driver routed_driver = {
	.probe = routed_probe,
	.remove = routed_remove,
	.driver = {.name = "routed", .of_match_table = routed_ids},
};

static int __init dma_router_init(void)
{
	int err = platform_driver_register(&routed_driver);

	if (err)
		return err;
	err = platform_driver_register(&crossbar_driver);
	if (err)
		goto unregister;
	if (works)
		return 0;
	err = -ENODEV;
	platform_driver_unregister(&crossbar_driver);
unregister:
	platform_driver_unregister(&routed_driver);
	return err;
}

static void __exit dma_router_exit(void)
{
	platform_driver_unregister(&routed_driver);
	platform_driver_unregister(&crossbar_driver);
}

module_init(dma_router_init);
module_exit(dma_router_exit);
MODULE_LICENSE("GPL");
