/* IOMMUs: what drivers do with domains of their own. */
#ifndef DMAKIT_IOMMU_H
#define DMAKIT_IOMMU_H

#define IOMMU_READ (1 << 0)
#define IOMMU_WRITE (1 << 1)
#define IOMMU_CACHE (1 << 2)
#define IOMMU_NOEXEC (1 << 3)
#define IOMMU_MMIO (1 << 4)
#define IOMMU_PRIV (1 << 5)

#define IOMMU_FAULT_READ 0x0
#define IOMMU_FAULT_WRITE 0x1

#define __IOMMU_DOMAIN_PAGING (1U << 0)
#define __IOMMU_DOMAIN_DMA_API (1U << 1)
#define __IOMMU_DOMAIN_PT (1U << 2)
#define __IOMMU_DOMAIN_DMA_FQ (1U << 3)
#define IOMMU_DOMAIN_BLOCKED 0U
#define IOMMU_DOMAIN_IDENTITY __IOMMU_DOMAIN_PT
#define IOMMU_DOMAIN_UNMANAGED __IOMMU_DOMAIN_PAGING
#define IOMMU_DOMAIN_DMA (__IOMMU_DOMAIN_PAGING | __IOMMU_DOMAIN_DMA_API)
#define IOMMU_DOMAIN_DMA_FQ (IOMMU_DOMAIN_DMA | __IOMMU_DOMAIN_DMA_FQ)

enum iommu_cap { IOMMU_CAP_CACHE_COHERENCY, IOMMU_CAP_NOEXEC, IOMMU_CAP_PRE_BOOT_PROTECTION };

struct iommu_domain;
struct iommu_group;
typedef int (*iommu_fault_handler_t)(struct iommu_domain *domain, struct device *dev,
				     unsigned long iova, int flags, void *token);

struct iommu_domain_geometry {
	dma_addr_t aperture_start, aperture_end;
	bool force_aperture;
};

struct iommu_domain {
	unsigned int type;
	unsigned long pgsize_bitmap;
	struct iommu_domain_geometry geometry;
	iommu_fault_handler_t handler;
	void *handler_token;
	long dmakit_number;
	struct iommu_domain *dmakit_next;
};

struct iommu_iotlb_gather {
	unsigned long start, end;
	size_t pgsize;
	bool queued;
};

bool iommu_present(const struct bus_type *bus);
bool device_iommu_mapped(struct device *dev);
bool device_iommu_capable(struct device *dev, enum iommu_cap cap);
#define iommu_capable(bus, cap) (iommu_present(bus) && (cap) == IOMMU_CAP_NOEXEC)

struct iommu_domain *iommu_domain_alloc(const struct bus_type *bus);
struct iommu_domain *iommu_paging_domain_alloc(struct device *dev);
#define iommu_paging_domain_alloc_flags(dev, flags) ((void)(flags), iommu_paging_domain_alloc(dev))
void iommu_domain_free(struct iommu_domain *domain);
int iommu_attach_device(struct iommu_domain *domain, struct device *dev);
void iommu_detach_device(struct iommu_domain *domain, struct device *dev);
int iommu_attach_group(struct iommu_domain *domain, struct iommu_group *group);
void iommu_detach_group(struct iommu_domain *domain, struct iommu_group *group);
struct iommu_domain *iommu_get_domain_for_dev(struct device *dev);

/* The last argument came with Linux 6.3. */
int dmakit_iommu_map(struct iommu_domain *domain, unsigned long iova, phys_addr_t phys, size_t size,
		     int prot, gfp_t gfp);
#define iommu_map(domain, iova, phys, size, ...)                                                   \
	dmakit_iommu_map(domain, iova, phys, size, DMAKIT_IOMMU_PROT(__VA_ARGS__, 0),              \
			 DMAKIT_IOMMU_GFP(__VA_ARGS__, GFP_KERNEL, 0))
#define iommu_map_atomic(domain, iova, phys, size, prot)                                           \
	dmakit_iommu_map(domain, iova, phys, size, prot, GFP_ATOMIC)
#define DMAKIT_IOMMU_PROT(prot, ...) (prot)
#define DMAKIT_IOMMU_GFP(prot, gfp, ...) (gfp)
ssize_t dmakit_iommu_map_sg(struct iommu_domain *domain, unsigned long iova, struct scatterlist *sg,
			    unsigned int nents, int prot, gfp_t gfp);
#define iommu_map_sg(domain, iova, sg, nents, ...)                                                 \
	dmakit_iommu_map_sg(domain, iova, sg, nents, DMAKIT_IOMMU_PROT(__VA_ARGS__, 0),            \
			    DMAKIT_IOMMU_GFP(__VA_ARGS__, GFP_KERNEL, 0))
#define iommu_map_sgtable(domain, iova, sgt, prot)                                                 \
	dmakit_iommu_map_sg(domain, iova, (sgt)->sgl, (sgt)->orig_nents, prot, GFP_KERNEL)
size_t iommu_unmap(struct iommu_domain *domain, unsigned long iova, size_t size);
size_t iommu_unmap_fast(struct iommu_domain *domain, unsigned long iova, size_t size,
			struct iommu_iotlb_gather *gather);
void iommu_iotlb_gather_init(struct iommu_iotlb_gather *gather);
void iommu_iotlb_sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather);
phys_addr_t iommu_iova_to_phys(struct iommu_domain *domain, dma_addr_t iova);
void iommu_set_fault_handler(struct iommu_domain *domain, iommu_fault_handler_t handler,
			     void *token);

struct iommu_group *iommu_group_get(struct device *dev);
void iommu_group_put(struct iommu_group *group);
int iommu_group_id(struct iommu_group *group);
int iommu_group_for_each_dev(struct iommu_group *group, void *data,
			     int (*fn)(struct device *dev, void *data));

/* No board has NVIDIA's streams. */
#define tegra_dev_iommu_get_stream_id(dev, id) ((void)(dev), (void)(id), false)

#endif
