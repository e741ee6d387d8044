// run: --board pc --cmdline intel_iommu=on
// QEMU's educational device behind page tables of its driver: it finds two pages side by side that
// lie anywhere in memory.
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/pci.h>

#define EDU_DMA_SRC 0x80
#define EDU_DMA_DST 0x88
#define EDU_DMA_COUNT 0x90
#define EDU_DMA_COMMAND 0x98
#define EDU_DMA_RUN 1
#define EDU_DMA_TO_RAM 2
#define EDU_BUFFER 0x40000
#define IOVA 0x100000UL

struct edu {
	struct pci_dev *pdev;
	void __iomem *regs;
	struct iommu_domain *domain;
	unsigned long pages[2];
};

static int edu_dma(struct edu *edu, u64 src, u64 dst, u32 count, u32 command)
{
	int i;

	writel(lower_32_bits(src), edu->regs + EDU_DMA_SRC);
	writel(upper_32_bits(src), edu->regs + EDU_DMA_SRC + 4);
	writel(lower_32_bits(dst), edu->regs + EDU_DMA_DST);
	writel(upper_32_bits(dst), edu->regs + EDU_DMA_DST + 4);
	writel(count, edu->regs + EDU_DMA_COUNT);
	writel(EDU_DMA_RUN | command, edu->regs + EDU_DMA_COMMAND);
	for (i = 0; i < 1000; i++) {
		if (!(readl(edu->regs + EDU_DMA_COMMAND) & EDU_DMA_RUN))
			return 0;
		usleep_range(1000, 2000);
	}
	return -ETIMEDOUT;
}

static int edu_map(struct edu *edu)
{
	int i, err = 0;

	for (i = 0; !err && i < 2; i++)
		err = iommu_map(edu->domain, IOVA + i * PAGE_SIZE,
				virt_to_phys((void *)edu->pages[i]), PAGE_SIZE,
				IOMMU_READ | IOMMU_WRITE | IOMMU_CACHE, GFP_KERNEL);
	return err;
}

/* The last half of one page and the first half of the next, there and back. */
static int edu_copy(struct edu *edu)
{
	u8 *first = (u8 *)edu->pages[0], *second = (u8 *)edu->pages[1];
	int err;

	memset(first + PAGE_SIZE / 2, 0x11, PAGE_SIZE / 2);
	memset(second, 0x22, PAGE_SIZE / 2);
	err = edu_dma(edu, IOVA + PAGE_SIZE / 2, EDU_BUFFER, PAGE_SIZE, 0);
	if (err)
		return err;
	memset(first, 0, PAGE_SIZE);
	err = edu_dma(edu, EDU_BUFFER, IOVA, PAGE_SIZE, EDU_DMA_TO_RAM);
	if (!err && (first[0] != 0x11 || first[PAGE_SIZE - 1] != 0x22))
		err = -EIO;
	return err;
}

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct edu *edu = devm_kzalloc(&pdev->dev, sizeof(*edu), GFP_KERNEL);
	int err;

	if (!edu)
		return -ENOMEM;
	edu->pdev = pdev;
	err = pci_enable_device(pdev);
	if (err)
		return err;
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(28));
	if (err)
		goto disable;
	pci_set_master(pdev);
	edu->regs = pci_ioremap_bar(pdev, 0);
	err = -ENOMEM;
	if (!edu->regs)
		goto disable;
	edu->pages[0] = get_zeroed_page(GFP_KERNEL);
	edu->pages[1] = get_zeroed_page(GFP_KERNEL);
	if (!edu->pages[0] || !edu->pages[1])
		goto pages;
	edu->domain = iommu_paging_domain_alloc(&pdev->dev);
	if (IS_ERR(edu->domain)) {
		err = PTR_ERR(edu->domain);
		goto pages;
	}
	err = edu_map(edu);
	if (err)
		goto domain;
	err = iommu_attach_device(edu->domain, &pdev->dev);
	if (err)
		goto domain;
	err = edu_copy(edu);
	iommu_detach_device(edu->domain, &pdev->dev);
domain:
	iommu_unmap(edu->domain, IOVA, 2 * PAGE_SIZE);
	iommu_domain_free(edu->domain);
pages:
	free_page(edu->pages[0]);
	free_page(edu->pages[1]);
	iounmap(edu->regs);
disable:
	if (err)
		pci_disable_device(pdev);
	return err;
}

static void edu_remove(struct pci_dev *pdev)
{
	pci_disable_device(pdev);
}

static const struct pci_device_id edu_ids[] = {
	{PCI_DEVICE(0x1234, 0x11e8)},
	{},
};
MODULE_DEVICE_TABLE(pci, edu_ids);

static struct pci_driver edu_driver = {
	.name = "edu-own-domain",
	.id_table = edu_ids,
	.probe = edu_probe,
	.remove = edu_remove,
};

module_pci_driver(edu_driver);
MODULE_LICENSE("GPL");
