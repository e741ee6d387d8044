// SPDX-License-Identifier: GPL-2.0
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>

#define EDU_DMA_SRC 0x80
#define EDU_DMA_DST 0x88
#define EDU_DMA_COUNT 0x90
#define EDU_DMA_COMMAND 0x98
#define EDU_DMA_RUN 1
#define EDU_BUFFER 0x40000
#define BYTES 256

static bool late;
module_param(late, bool, 0444);
MODULE_PARM_DESC(late, "read again when the mapping is gone");

static bool far;
module_param(far, bool, 0444);
MODULE_PARM_DESC(far, "read 16 bytes more than are mapped");

static void edu_read(void __iomem *regs, dma_addr_t from, u32 bytes)
{
	writel(lower_32_bits(from), regs + EDU_DMA_SRC);
	writel(upper_32_bits(from), regs + EDU_DMA_SRC + 4);
	writel(EDU_BUFFER, regs + EDU_DMA_DST);
	writel(bytes, regs + EDU_DMA_COUNT);
	writel(EDU_DMA_RUN, regs + EDU_DMA_COMMAND);
	while (readl(regs + EDU_DMA_COMMAND) & EDU_DMA_RUN)
		msleep(10);
}

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct device *dev = &pdev->dev;
	void __iomem *regs;
	dma_addr_t dma;
	u8 *page;
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
	page = (u8 *)get_zeroed_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	dma = dma_map_single(dev, page, BYTES, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, dma)) {
		free_page((unsigned long)page);
		return -ENOMEM;
	}
	edu_read(regs, dma, far ? BYTES + 16 : BYTES);
	dma_unmap_single(dev, dma, BYTES, DMA_TO_DEVICE);
	if (late)
		edu_read(regs, dma, BYTES);
	free_page((unsigned long)page);
	return 0;
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

MODULE_DESCRIPTION("Lets QEMU's educational device read memory");
MODULE_LICENSE("GPL");
