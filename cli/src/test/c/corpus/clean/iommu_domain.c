// run: --board rpi3-smmu
// A driver that fills the page tables of its device itself, in the place of the mapping API.
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/scatterlist.h>

#define IOVA 0x10000000UL
#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			pr_err("line %d: %s\n", __LINE__, #condition);                             \
			failures++;                                                                \
		}                                                                                  \
	} while (0)

static int failures;
static struct dma_chan *chan;
static struct device *dev;

static int count_device(struct device *member, void *count)
{
	CHECK(member == dev);
	++*(int *)count;
	return 0;
}

static int refused(struct iommu_domain *domain, struct device *master, unsigned long iova,
		   int flags, void *token)
{
	return -ENOSYS;
}

static void map_pages(struct iommu_domain *domain, struct page *page)
{
	phys_addr_t phys = page_to_phys(page);

	CHECK(iommu_map(domain, IOVA, phys, 2 * PAGE_SIZE, IOMMU_READ | IOMMU_WRITE,
			GFP_KERNEL) == 0);
	CHECK(iommu_iova_to_phys(domain, IOVA + PAGE_SIZE + 5) == phys + PAGE_SIZE + 5);
	CHECK(iommu_iova_to_phys(domain, IOVA + 2 * PAGE_SIZE) == 0);
	CHECK(iommu_map(domain, IOVA + 5, phys, PAGE_SIZE, IOMMU_READ, GFP_KERNEL) == -EINVAL);
	CHECK(iommu_map(domain, IOVA + SZ_1M, phys, PAGE_SIZE, 0, GFP_KERNEL) == -EINVAL);
	CHECK(iommu_unmap(domain, IOVA + 1, PAGE_SIZE) == 0);
	CHECK(iommu_unmap(domain, IOVA, PAGE_SIZE) == PAGE_SIZE);
	CHECK(iommu_iova_to_phys(domain, IOVA) == 0);
	CHECK(iommu_unmap(domain, IOVA + PAGE_SIZE, PAGE_SIZE) == PAGE_SIZE);
}

static void map_list(struct iommu_domain *domain, struct page *page)
{
	struct iommu_iotlb_gather gather;
	struct scatterlist sgl[2];

	sg_init_table(sgl, 2);
	sg_set_page(&sgl[0], page, PAGE_SIZE, 0);
	sg_set_page(&sgl[1], page + 1, PAGE_SIZE, 0);
	CHECK(iommu_map_sg(domain, IOVA, sgl, 2, IOMMU_READ | IOMMU_WRITE, GFP_KERNEL) ==
	      2 * PAGE_SIZE);
	CHECK(iommu_iova_to_phys(domain, IOVA + PAGE_SIZE) == page_to_phys(page) + PAGE_SIZE);
	iommu_iotlb_gather_init(&gather);
	CHECK(iommu_unmap_fast(domain, IOVA, 2 * PAGE_SIZE, &gather) == 2 * PAGE_SIZE);
	iommu_iotlb_sync(domain, &gather);
	CHECK(iommu_iova_to_phys(domain, IOVA) == 0);
}

static void attach(struct iommu_domain *domain, struct iommu_group *group)
{
	struct iommu_domain *before = iommu_get_domain_for_dev(dev);

	CHECK(before && before->type != IOMMU_DOMAIN_UNMANAGED);
	iommu_set_fault_handler(domain, refused, NULL);
	CHECK(iommu_attach_device(domain, dev) == 0);
	CHECK(iommu_get_domain_for_dev(dev) == domain);
	CHECK(iommu_attach_device(domain, dev) == -EBUSY);
	iommu_detach_device(domain, dev);
	CHECK(iommu_get_domain_for_dev(dev) == before);
	CHECK(iommu_attach_group(domain, group) == 0);
	CHECK(iommu_get_domain_for_dev(dev) == domain);
	iommu_detach_group(domain, group);
	CHECK(iommu_get_domain_for_dev(dev) == before);
}

static void own_domain(void)
{
	struct iommu_domain *domain = iommu_paging_domain_alloc(dev);
	struct iommu_group *group = iommu_group_get(dev);
	struct page *page = alloc_pages(GFP_KERNEL | __GFP_ZERO, 1);
	int members = 0;

	CHECK(device_iommu_mapped(dev));
	CHECK(group && iommu_group_id(group) >= 0);
	if (IS_ERR(domain) || !group || !page) {
		failures++;
		goto out;
	}
	CHECK(domain->pgsize_bitmap & PAGE_SIZE);
	CHECK(domain->geometry.aperture_end > IOVA);
	CHECK(iommu_group_for_each_dev(group, &members, count_device) == 0 && members == 1);
	map_pages(domain, page);
	map_list(domain, page);
	attach(domain, group);
	iommu_domain_free(domain);
out:
	if (page)
		__free_pages(page, 1);
	if (group)
		iommu_group_put(group);
}

static int __init domain_init(void)
{
	dma_cap_mask_t mask;

	dma_cap_zero(mask);
	dma_cap_set(DMA_MEMCPY, mask);
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	dev = chan->device->dev;
	own_domain();
	dma_release_channel(chan);
	return failures ? -EIO : 0;
}

static void __exit domain_exit(void)
{
}

module_init(domain_init);
module_exit(domain_exit);
MODULE_LICENSE("GPL");
