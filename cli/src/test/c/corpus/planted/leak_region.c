// run: --board pc

#include <linux/module.h>
#include <linux/pci.h>

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int err = pci_enable_device(pdev);

	if (err)
		return err;
	return pci_request_regions(pdev, "corpus"); /* !leak-region */
}

static void edu_remove(struct pci_dev *pdev)
{
	pci_disable_device(pdev);
}

static const struct pci_device_id ids[] = {{PCI_DEVICE(0x1234, 0x11e8)}, {}};
MODULE_DEVICE_TABLE(pci, ids);

static struct pci_driver edu = {
	.name = "corpus_edu",
	.id_table = ids,
	.probe = edu_probe,
	.remove = edu_remove,
};
module_pci_driver(edu);
MODULE_LICENSE("GPL");
