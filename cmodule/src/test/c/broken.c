#include <linux/module.h>

static int __init broken_init(void)
{
	return unknown_variable;
}

module_init(broken_init);
