// SPDX-License-Identifier: Apache-2.0 OR MIT
/* A module that says hello. */
#include <linux/module.h>

static int __init first_init(void)
{
	pr_info("hello\n");
	return 0;
}

static void __exit first_exit(void)
{
	pr_info("goodbye\n");
}

module_init(first_init);
module_exit(first_exit);
MODULE_LICENSE("GPL");
