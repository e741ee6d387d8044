// run: --board pc

#include <linux/module.h>
#include <linux/pci.h>

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	volatile u32 *regs;
	int err = pcim_enable_device(pdev);

	if (err)
		return err;
	regs = (volatile u32 *)pci_iomap(pdev, 0, 0);
	if (!regs)
		return -ENOMEM;
	pr_info("identification %x\n", regs[0]); /* !iomem-deref */
	pci_iounmap(pdev, (void __iomem *)regs);
	return 0;
}

static const struct pci_device_id ids[] = {{PCI_DEVICE(0x1234, 0x11e8)}, {}};
MODULE_DEVICE_TABLE(pci, ids);

static struct pci_driver edu = {
	.name = "corpus_edu",
	.id_table = ids,
	.probe = edu_probe,
};
module_pci_driver(edu);
MODULE_LICENSE("GPL");
