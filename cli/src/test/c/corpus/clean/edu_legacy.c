// run: --board pc
// The educational device by its interrupt line, in names that the kernel has dropped since.
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/sched.h>
#include <linux/wait.h>

static DEFINE_PCI_DEVICE_TABLE(ids) = {
	{ PCI_DEVICE(0x1234, 0x11e8), },
	{ 0, },
};
MODULE_DEVICE_TABLE(pci, ids);

static void __iomem *mmio;
static DECLARE_WAIT_QUEUE_HEAD(queue);
static int fired;

static irqreturn_t handler(int irq, void *dev)
{
	u32 status = ioread32(mmio + 0x24);

	if (!status)
		return IRQ_NONE;
	iowrite32(status, mmio + 0x64);
	fired = 1;
	wake_up_interruptible(&queue);
	return IRQ_HANDLED;
}

static int copy_to_card(struct pci_dev *dev)
{
	dma_addr_t handle;
	u32 *buffer = pci_alloc_consistent(dev, 256, &handle);
	int err = 0;

	if (!buffer)
		return -ENOMEM;
	memset(buffer, 0x11, 256);
	fired = 0;
	iowrite32((u32)handle, mmio + 0x80);
	iowrite32(0x40000, mmio + 0x88);
	iowrite32(256, mmio + 0x90);
	wmb();
	iowrite32(1 | 4, mmio + 0x98);
	if (wait_event_interruptible_timeout(queue, fired, HZ) <= 0)
		err = -EIO;
	pci_free_consistent(dev, 256, buffer, handle);
	return err;
}

static int __devinit probe(struct pci_dev *dev, const struct pci_device_id *id)
{
	int err;

	if (pci_enable_device(dev) < 0)
		return -ENODEV;
	if (pci_request_region(dev, 0, "edu_legacy")) {
		err = -EBUSY;
		goto disable;
	}
	if (pci_set_dma_mask(dev, DMA_BIT_MASK(28)) || pci_set_consistent_dma_mask(dev, DMA_BIT_MASK(28))) {
		err = -EIO;
		goto release;
	}
	pci_set_master(dev);
	mmio = pci_iomap(dev, 0, pci_resource_len(dev, 0));
	if (!mmio) {
		err = -ENOMEM;
		goto release;
	}
	err = request_irq(dev->irq, handler, IRQF_SHARED, "edu_legacy", dev);
	if (err)
		goto unmap;
	iowrite32(0x12345678, mmio + 0x04);
	printk(KERN_INFO "edu: id %x, live %x\n", ioread32(mmio), ioread32(mmio + 0x04));
	err = copy_to_card(dev);
	if (!err)
		return 0;
	free_irq(dev->irq, dev);
unmap:
	pci_iounmap(dev, mmio);
release:
	pci_release_region(dev, 0);
disable:
	pci_disable_device(dev);
	return err;
}

static void __devexit remove(struct pci_dev *dev)
{
	free_irq(dev->irq, dev);
	pci_iounmap(dev, mmio);
	pci_release_region(dev, 0);
	pci_disable_device(dev);
}

static struct pci_driver driver = {
	.name = "edu_legacy",
	.id_table = ids,
	.probe = probe,
	.remove = __devexit_p(remove),
};

static int __init edu_init(void)
{
	return pci_register_driver(&driver);
}

static void __exit edu_exit(void)
{
	pci_unregister_driver(&driver);
}

module_init(edu_init);
module_exit(edu_exit);
MODULE_LICENSE("GPL");
