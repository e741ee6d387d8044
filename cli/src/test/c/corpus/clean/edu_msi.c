// run: --board pc
// QEMU's educational device by MSI: a threaded interrupt, a factorial, and DMA both ways.
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/pci.h>

#define EDU_IDENTIFICATION 0x00
#define EDU_FACTORIAL 0x08
#define EDU_STATUS 0x20
#define EDU_STATUS_IRQ 0x80
#define EDU_IRQ_STATUS 0x24
#define EDU_IRQ_ACK 0x64
#define EDU_DMA_SRC 0x80
#define EDU_DMA_DST 0x88
#define EDU_DMA_COUNT 0x90
#define EDU_DMA_COMMAND 0x98
#define EDU_DMA_RUN 1
#define EDU_DMA_TO_RAM 2
#define EDU_DMA_IRQ 4
#define EDU_BUFFER 0x40000

struct edu {
	struct pci_dev *pdev;
	void __iomem *regs;
	struct completion done;
	u32 last_irq;
	int irq;
};

static irqreturn_t edu_hard(int irq, void *data)
{
	struct edu *edu = data;
	u32 status = readl(edu->regs + EDU_IRQ_STATUS);

	if (!status)
		return IRQ_NONE;
	edu->last_irq = status;
	writel(status, edu->regs + EDU_IRQ_ACK);
	return IRQ_WAKE_THREAD;
}

static irqreturn_t edu_thread(int irq, void *data)
{
	struct edu *edu = data;

	complete(&edu->done);
	return IRQ_HANDLED;
}

static int edu_wait(struct edu *edu)
{
	return wait_for_completion_timeout(&edu->done, 5 * HZ) ? 0 : -ETIMEDOUT;
}

static int edu_dma(struct edu *edu, u64 src, u64 dst, u32 count, u32 command)
{
	reinit_completion(&edu->done);
	writel(lower_32_bits(src), edu->regs + EDU_DMA_SRC);
	writel(upper_32_bits(src), edu->regs + EDU_DMA_SRC + 4);
	writel(lower_32_bits(dst), edu->regs + EDU_DMA_DST);
	writel(upper_32_bits(dst), edu->regs + EDU_DMA_DST + 4);
	writel(count, edu->regs + EDU_DMA_COUNT);
	writel(EDU_DMA_RUN | EDU_DMA_IRQ | command, edu->regs + EDU_DMA_COMMAND);
	return edu_wait(edu);
}

static int edu_copy(struct edu *edu)
{
	struct device *dev = &edu->pdev->dev;
	dma_addr_t dma;
	u8 *out, *in;
	int err;

	out = dma_alloc_coherent(dev, 2048, &dma, GFP_KERNEL);
	if (!out)
		return -ENOMEM;
	in = out + 1024;
	memset(out, 0x5a, 1024);
	memset(in, 0, 1024);
	err = edu_dma(edu, dma, EDU_BUFFER, 1024, 0);
	if (!err)
		err = edu_dma(edu, EDU_BUFFER, dma + 1024, 1024, EDU_DMA_TO_RAM);
	if (!err && memcmp(in, out, 1024))
		err = -EIO;
	dma_free_coherent(dev, 2048, out, dma);
	return err;
}

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct edu *edu;
	int err;

	edu = devm_kzalloc(&pdev->dev, sizeof(*edu), GFP_KERNEL);
	if (!edu)
		return -ENOMEM;
	edu->pdev = pdev;
	init_completion(&edu->done);
	pci_set_drvdata(pdev, edu);
	err = pcim_enable_device(pdev);
	if (err)
		return dev_err_probe(&pdev->dev, err, "cannot enable\n");
	err = pcim_iomap_regions(pdev, BIT(0), KBUILD_MODNAME);
	if (err)
		return err;
	edu->regs = pcim_iomap_table(pdev)[0];
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(28));
	if (err)
		return err;
	pci_set_master(pdev);
	err = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_MSI);
	if (err < 0)
		return err;
	edu->irq = pci_irq_vector(pdev, 0);
	err = request_threaded_irq(edu->irq, edu_hard, edu_thread, 0, KBUILD_MODNAME, edu);
	if (err)
		goto vectors;
	dev_info(&pdev->dev, "identification %08x\n", readl(edu->regs + EDU_IDENTIFICATION));
	writel(EDU_STATUS_IRQ, edu->regs + EDU_STATUS);
	writel(5, edu->regs + EDU_FACTORIAL);
	err = edu_wait(edu);
	if (!err && readl(edu->regs + EDU_FACTORIAL) != 120)
		err = -EIO;
	if (!err)
		err = edu_copy(edu);
	if (err)
		goto irq;
	dev_info(&pdev->dev, "works\n");
	return 0;
irq:
	free_irq(edu->irq, edu);
vectors:
	pci_free_irq_vectors(pdev);
	return err;
}

static void edu_remove(struct pci_dev *pdev)
{
	struct edu *edu = pci_get_drvdata(pdev);

	writel(0, edu->regs + EDU_STATUS);
	free_irq(edu->irq, edu);
	pci_free_irq_vectors(pdev);
}

static const struct pci_device_id edu_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{ }
};
MODULE_DEVICE_TABLE(pci, edu_ids);

static struct pci_driver edu_driver = {
	.name = "edu_msi",
	.id_table = edu_ids,
	.probe = edu_probe,
	.remove = edu_remove,
};
module_pci_driver(edu_driver);
MODULE_LICENSE("GPL");
