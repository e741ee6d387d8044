/* What is left behind when a module goes; the line says what is to be found there. */
#include <linux/clk.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/platform_device.h>

void leave_region(void)
{
	request_mem_region(0x7000000, 0x1000, "left"); /* leaks: leak-region */
}

void leave_clock(void)
{
	struct clk *clk = of_clk_get(of_find_node_by_path("/thing@5000000"), 0); /* leaks: leak-clk */

	clk_prepare_enable(clk);
}

void put_running_clock(void)
{
	struct clk *clk = of_clk_get(of_find_node_by_path("/thing@5000000"), 0);

	clk_prepare_enable(clk);
	clk_put(clk); /* leaks: leak-clk */
}

void leave_device(void)
{
	platform_device_register_simple("left", 0, NULL, 0); /* leaks: leak-device */
}

void leave_device_unadded(void)
{
	platform_device_alloc("left", 0); /* leaks: leak-device */
}

static struct platform_driver left = {.driver = {.name = "left"}};

void leave_driver(void)
{
	platform_driver_register(&left); /* leaks: leak-device */
}

static int __init start(void)
{
	return 0;
}

module_init(start);
MODULE_LICENSE("GPL");
