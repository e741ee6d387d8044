// run: --board pc

#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/pci.h>

static irqreturn_t handler(int irq, void *data)
{
	return IRQ_NONE;
}

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int err = pcim_enable_device(pdev);

	if (err)
		return err;
	return request_irq(pdev->irq, handler, IRQF_SHARED, "corpus", pdev); /* !leak-irq */
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
