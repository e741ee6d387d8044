// run: --board pc

#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/pci.h>

static void *va;
static dma_addr_t dma;

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int err = pcim_enable_device(pdev);

	if (err)
		return err;
	pci_set_master(pdev);
	va = dma_alloc_coherent(&pdev->dev, 4096, &dma, GFP_KERNEL); /* !mask-missing */
	return va ? 0 : -ENOMEM;
}

static void edu_remove(struct pci_dev *pdev)
{
	dma_free_coherent(&pdev->dev, 4096, va, dma);
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
