#include <linux/io.h>
#include <linux/module.h>

static int __init unanswered_init(void)
{
	void __iomem *regs = ioremap(0xfffc0000, 0x1000);

	if (!regs)
		return -ENOMEM;
	writel(1, regs); /* !bus-error */
	iounmap(regs);
	return 0;
}

static void __exit unanswered_exit(void)
{
}

module_init(unanswered_init);
module_exit(unanswered_exit);
MODULE_LICENSE("GPL");
