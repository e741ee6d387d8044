// run: --board pc --cmdline 'intel_iommu=on iommu.strict=1'
// Behind VT-d: memory above 4 GiB for a device with 28 address bits, four pages that become one.
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/scatterlist.h>

#define EDU_DMA_SRC 0x80
#define EDU_DMA_DST 0x88
#define EDU_DMA_COUNT 0x90
#define EDU_DMA_COMMAND 0x98
#define EDU_DMA_RUN 1
#define EDU_DMA_TO_RAM 2
#define EDU_BUFFER 0x40000
#define PAGES 4

static int edu_dma(void __iomem *regs, u32 src, u32 dst, u32 count, u32 command)
{
	int tries = 100;

	writel(src, regs + EDU_DMA_SRC);
	writel(0, regs + EDU_DMA_SRC + 4);
	writel(dst, regs + EDU_DMA_DST);
	writel(0, regs + EDU_DMA_DST + 4);
	writel(count, regs + EDU_DMA_COUNT);
	writel(EDU_DMA_RUN | command, regs + EDU_DMA_COMMAND);
	while (readl(regs + EDU_DMA_COMMAND) & EDU_DMA_RUN) {
		if (!tries--)
			return -ETIMEDOUT;
		msleep(10);
	}
	return 0;
}

static int edu_stream(struct device *dev, void __iomem *regs)
{
	u8 *page = (u8 *)__get_free_page(GFP_KERNEL);
	dma_addr_t dma;
	int err;

	if (!page)
		return -ENOMEM;
	dev_info(dev, "memory at %pap\n", &(phys_addr_t){ virt_to_phys(page) });
	memset(page, 0x5a, PAGE_SIZE);
	dma = dma_map_single(dev, page, PAGE_SIZE, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, dma)) {
		err = -ENOMEM;
		goto out;
	}
	err = edu_dma(regs, dma, EDU_BUFFER, PAGE_SIZE, 0);
	dma_unmap_single(dev, dma, PAGE_SIZE, DMA_TO_DEVICE);
	if (err)
		goto out;
	memset(page, 0, PAGE_SIZE);
	dma = dma_map_single(dev, page, PAGE_SIZE, DMA_FROM_DEVICE);
	if (dma_mapping_error(dev, dma)) {
		err = -ENOMEM;
		goto out;
	}
	err = edu_dma(regs, EDU_BUFFER, dma, PAGE_SIZE, EDU_DMA_TO_RAM);
	dma_unmap_single(dev, dma, PAGE_SIZE, DMA_FROM_DEVICE);
	if (!err && memchr_inv(page, 0x5a, PAGE_SIZE))
		err = -EIO;
out:
	free_page((unsigned long)page);
	return err;
}

static int edu_gather(struct device *dev, void __iomem *regs)
{
	struct scatterlist sg[PAGES], *piece;
	int i, n, err = -ENOMEM;
	u8 *page[PAGES] = { };

	dev_info(dev, "merge boundary 0x%lx\n", dma_get_merge_boundary(dev));
	sg_init_table(sg, PAGES);
	for (i = 0; i < PAGES; i++) {
		page[i] = (u8 *)get_zeroed_page(GFP_KERNEL);
		if (!page[i])
			goto out;
		sg_set_buf(&sg[i], page[i], PAGE_SIZE);
	}
	n = dma_map_sg(dev, sg, PAGES, DMA_FROM_DEVICE);
	dev_info(dev, "%d pages, %d segment\n", PAGES, n);
	if (!n)
		goto out;
	err = 0;
	for_each_sg(sg, piece, n, i)
		if (!err)
			err = edu_dma(regs, EDU_BUFFER, sg_dma_address(piece) + PAGE_SIZE / 2,
				      PAGE_SIZE, EDU_DMA_TO_RAM);
	dma_unmap_sg(dev, sg, PAGES, DMA_FROM_DEVICE);
	if (!err && (page[0][PAGE_SIZE - 1] != 0x5a || page[1][0] != 0x5a))
		err = -EIO;
out:
	for (i = 0; i < PAGES; i++)
		free_page((unsigned long)page[i]);
	return err;
}

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct device *dev = &pdev->dev;
	void __iomem *regs;
	int err;

	err = pcim_enable_device(pdev);
	if (!err)
		err = pcim_iomap_regions(pdev, BIT(0), KBUILD_MODNAME);
	if (!err)
		err = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(28));
	if (err)
		return err;
	regs = pcim_iomap_table(pdev)[0];
	pci_set_master(pdev);
	err = edu_stream(dev, regs);
	if (!err)
		err = edu_gather(dev, regs);
	if (!err)
		dev_info(dev, "works\n");
	return err;
}

static const struct pci_device_id edu_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{ }
};
MODULE_DEVICE_TABLE(pci, edu_ids);

static struct pci_driver edu_driver = {
	.name = KBUILD_MODNAME,
	.id_table = edu_ids,
	.probe = edu_probe,
};
module_pci_driver(edu_driver);

MODULE_LICENSE("GPL");
