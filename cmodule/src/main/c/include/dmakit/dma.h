/* The DMA mapping API, of every age. */
#ifndef DMAKIT_DMA_H
#define DMAKIT_DMA_H

enum dma_data_direction {
	DMA_BIDIRECTIONAL = 0,
	DMA_TO_DEVICE = 1,
	DMA_FROM_DEVICE = 2,
	DMA_NONE = 3,
};

#define valid_dma_direction(direction) ((unsigned int)(direction) < DMA_NONE)

#define DMA_ATTR_WRITE_BARRIER (1UL << 0)
#define DMA_ATTR_WEAK_ORDERING (1UL << 1)
#define DMA_ATTR_WRITE_COMBINE (1UL << 2)
#define DMA_ATTR_NON_CONSISTENT (1UL << 3)
#define DMA_ATTR_NO_KERNEL_MAPPING (1UL << 4)
#define DMA_ATTR_SKIP_CPU_SYNC (1UL << 5)
#define DMA_ATTR_FORCE_CONTIGUOUS (1UL << 6)
#define DMA_ATTR_ALLOC_SINGLE_PAGES (1UL << 7)
#define DMA_ATTR_NO_WARN (1UL << 8)
#define DMA_ATTR_PRIVILEGED (1UL << 9)
#define DMA_ATTR_MMIO (1UL << 10)

#define DMA_MAPPING_ERROR (~(dma_addr_t)0)
#define DMA_ERROR_CODE DMA_MAPPING_ERROR
#define DMA_BIT_MASK(n) (((n) == 64) ? ~0ULL : ((1ULL << (n)) - 1))
#define DMA_MASK_NONE 0x0ULL
#define DMA_32BIT_MASK DMA_BIT_MASK(32)
#define DMA_64BIT_MASK DMA_BIT_MASK(64)

/* Streaming. */
dma_addr_t dma_map_single_attrs(struct device *dev, void *ptr, size_t size,
				enum dma_data_direction dir, unsigned long attrs);
void dma_unmap_single_attrs(struct device *dev, dma_addr_t addr, size_t size,
			    enum dma_data_direction dir, unsigned long attrs);
dma_addr_t dma_map_page_attrs(struct device *dev, struct page *page, size_t offset, size_t size,
			      enum dma_data_direction dir, unsigned long attrs);
void dma_unmap_page_attrs(struct device *dev, dma_addr_t addr, size_t size,
			  enum dma_data_direction dir, unsigned long attrs);
unsigned int dma_map_sg_attrs(struct device *dev, struct scatterlist *sg, int nents,
			      enum dma_data_direction dir, unsigned long attrs);
void dma_unmap_sg_attrs(struct device *dev, struct scatterlist *sg, int nents,
			enum dma_data_direction dir, unsigned long attrs);
int dma_map_sgtable(struct device *dev, struct sg_table *sgt, enum dma_data_direction dir,
		    unsigned long attrs);
dma_addr_t dma_map_resource(struct device *dev, phys_addr_t phys, size_t size,
			    enum dma_data_direction dir, unsigned long attrs);
void dma_unmap_resource(struct device *dev, dma_addr_t addr, size_t size,
			enum dma_data_direction dir, unsigned long attrs);
dma_addr_t dma_map_phys(struct device *dev, phys_addr_t phys, size_t size,
			enum dma_data_direction dir, unsigned long attrs);
void dma_unmap_phys(struct device *dev, dma_addr_t addr, size_t size, enum dma_data_direction dir,
		    unsigned long attrs);
int dma_mapping_error(struct device *dev, dma_addr_t addr);

#define dma_map_single(d, a, s, r) dma_map_single_attrs(d, (void *)(a), s, r, 0)
#define dma_unmap_single(d, a, s, r) dma_unmap_single_attrs(d, a, s, r, 0)
#define dma_map_page(d, p, o, s, r) dma_map_page_attrs(d, p, o, s, r, 0)
#define dma_unmap_page(d, a, s, r) dma_unmap_page_attrs(d, a, s, r, 0)
#define dma_map_sg(d, s, n, r) ((int)dma_map_sg_attrs(d, s, n, r, 0))
#define dma_unmap_sg(d, s, n, r) dma_unmap_sg_attrs(d, s, n, r, 0)

static inline void dma_unmap_sgtable(struct device *dev, struct sg_table *sgt,
				     enum dma_data_direction dir, unsigned long attrs)
{
	dma_unmap_sg_attrs(dev, sgt->sgl, sgt->orig_nents, dir, attrs);
}

void dma_sync_single_for_cpu(struct device *dev, dma_addr_t addr, size_t size,
			     enum dma_data_direction dir);
void dma_sync_single_for_device(struct device *dev, dma_addr_t addr, size_t size,
				enum dma_data_direction dir);
void dma_sync_sg_for_cpu(struct device *dev, struct scatterlist *sg, int nents,
			 enum dma_data_direction dir);
void dma_sync_sg_for_device(struct device *dev, struct scatterlist *sg, int nents,
			    enum dma_data_direction dir);
void dma_cache_sync(struct device *dev, void *va, size_t size, enum dma_data_direction dir);
bool dma_need_sync(struct device *dev, dma_addr_t addr);

#define dma_sync_single_range_for_cpu(dev, addr, offset, size, dir)                                \
	dma_sync_single_for_cpu(dev, (addr) + (offset), size, dir)
#define dma_sync_single_range_for_device(dev, addr, offset, size, dir)                             \
	dma_sync_single_for_device(dev, (addr) + (offset), size, dir)
#define dma_sync_single dma_sync_single_for_cpu
#define dma_sync_sg dma_sync_sg_for_cpu
#define dma_sync_sgtable_for_cpu(dev, sgt, dir)                                                    \
	dma_sync_sg_for_cpu(dev, (sgt)->sgl, (sgt)->orig_nents, dir)
#define dma_sync_sgtable_for_device(dev, sgt, dir)                                                 \
	dma_sync_sg_for_device(dev, (sgt)->sgl, (sgt)->orig_nents, dir)

/* Addresses first, then memory behind them. */
struct dma_iova_state {
	dma_addr_t addr;
	u64 __size;
};
#define DMA_IOVA_USE_SWIOTLB (1ULL << 63)
#define dma_iova_size(state) ((size_t)((state)->__size & ~DMA_IOVA_USE_SWIOTLB))
#define dma_use_iova(state) ((state)->__size != 0)
bool dma_iova_try_alloc(struct device *dev, struct dma_iova_state *state, phys_addr_t phys,
			size_t size);
void dma_iova_free(struct device *dev, struct dma_iova_state *state);
int dma_iova_link(struct device *dev, struct dma_iova_state *state, phys_addr_t phys, size_t offset,
		  size_t size, enum dma_data_direction dir, unsigned long attrs);
int dma_iova_sync(struct device *dev, struct dma_iova_state *state, size_t offset, size_t size);
void dma_iova_unlink(struct device *dev, struct dma_iova_state *state, size_t offset, size_t size,
		     enum dma_data_direction dir, unsigned long attrs);
void dma_iova_destroy(struct device *dev, struct dma_iova_state *state, size_t mapped_len,
		      enum dma_data_direction dir, unsigned long attrs);

/* Coherent memory. */
void *dma_alloc_attrs(struct device *dev, size_t size, dma_addr_t *dma, gfp_t gfp,
		      unsigned long attrs);
void dma_free_attrs(struct device *dev, size_t size, void *va, dma_addr_t dma,
		    unsigned long attrs);
void *dmam_alloc_attrs(struct device *dev, size_t size, dma_addr_t *dma, gfp_t gfp,
		       unsigned long attrs);
void dmam_free_coherent(struct device *dev, size_t size, void *va, dma_addr_t dma);
struct page *dma_alloc_pages(struct device *dev, size_t size, dma_addr_t *dma,
			     enum dma_data_direction dir, gfp_t gfp);
void dma_free_pages(struct device *dev, size_t size, struct page *page, dma_addr_t dma,
		    enum dma_data_direction dir);
void *dma_alloc_noncoherent(struct device *dev, size_t size, dma_addr_t *dma,
			    enum dma_data_direction dir, gfp_t gfp);
void dma_free_noncoherent(struct device *dev, size_t size, void *va, dma_addr_t dma,
			  enum dma_data_direction dir);
struct sg_table *dma_alloc_noncontiguous(struct device *dev, size_t size,
					 enum dma_data_direction dir, gfp_t gfp,
					 unsigned long attrs);
void dma_free_noncontiguous(struct device *dev, size_t size, struct sg_table *sgt,
			    enum dma_data_direction dir);
void *dma_vmap_noncontiguous(struct device *dev, size_t size, struct sg_table *sgt);
void dma_vunmap_noncontiguous(struct device *dev, void *va);

#define dma_alloc_coherent(dev, size, dma, gfp)                                                    \
	dma_alloc_attrs(dev, size, dma, gfp, ((gfp) & __GFP_NOWARN) ? DMA_ATTR_NO_WARN : 0)
#define dma_free_coherent(dev, size, va, dma) dma_free_attrs(dev, size, (void *)(va), dma, 0)
#define dma_zalloc_coherent(dev, size, dma, gfp)                                                   \
	dma_alloc_coherent(dev, size, dma, (gfp) | __GFP_ZERO)
#define dmam_alloc_coherent(dev, size, dma, gfp) dmam_alloc_attrs(dev, size, dma, gfp, 0)
#define dma_alloc_wc(dev, size, dma, gfp)                                                          \
	dma_alloc_attrs(dev, size, dma, gfp, DMA_ATTR_WRITE_COMBINE)
#define dma_free_wc(dev, size, va, dma)                                                            \
	dma_free_attrs(dev, size, (void *)(va), dma, DMA_ATTR_WRITE_COMBINE)
#define dma_alloc_writecombine dma_alloc_wc
#define dma_free_writecombine dma_free_wc

struct vm_area_struct;
int dma_mmap_attrs(struct device *dev, struct vm_area_struct *vma, void *va, dma_addr_t dma,
		   size_t size, unsigned long attrs);
int dma_mmap_pages(struct device *dev, struct vm_area_struct *vma, size_t size, struct page *page);
int dma_mmap_noncontiguous(struct device *dev, struct vm_area_struct *vma, size_t size,
			   struct sg_table *sgt);
int dma_get_sgtable_attrs(struct device *dev, struct sg_table *sgt, void *va, dma_addr_t dma,
			  size_t size, unsigned long attrs);
bool dma_can_mmap(struct device *dev);

#define dma_mmap_coherent(dev, vma, va, dma, size) dma_mmap_attrs(dev, vma, va, dma, size, 0)
#define dma_mmap_wc(dev, vma, va, dma, size)                                                       \
	dma_mmap_attrs(dev, vma, va, dma, size, DMA_ATTR_WRITE_COMBINE)
#define dma_mmap_writecombine dma_mmap_wc
#define dma_get_sgtable(dev, sgt, va, dma, size) dma_get_sgtable_attrs(dev, sgt, va, dma, size, 0)

/* Memory that one device has for itself; with flags as before Linux 5.1. */
#define DMA_MEMORY_EXCLUSIVE 0x01
#define dma_declare_coherent_memory(dev, phys, addr, ...)                                          \
	dmakit_declare_coherent(dev, phys, addr, DMAKIT_DECLARE_SIZE(__VA_ARGS__, 0),              \
				DMAKIT_DECLARE_FLAGS(__VA_ARGS__, DMA_MEMORY_EXCLUSIVE, 0))
#define DMAKIT_DECLARE_SIZE(size, ...) (size)
#define DMAKIT_DECLARE_FLAGS(size, flags, ...) (flags)
int dmakit_declare_coherent(struct device *dev, phys_addr_t phys, dma_addr_t addr, size_t size,
			    int flags);
void dma_release_coherent_memory(struct device *dev);
#define dma_release_declared_memory dma_release_coherent_memory
void *dma_mark_declared_memory_occupied(struct device *dev, dma_addr_t addr, size_t size);
int dmam_declare_coherent_memory(struct device *dev, phys_addr_t phys, dma_addr_t addr, size_t size,
				 int flags);
void dmam_release_declared_memory(struct device *dev);

/* Masks and limits. */
int dma_set_mask(struct device *dev, u64 mask);
int dma_set_coherent_mask(struct device *dev, u64 mask);
int dma_set_mask_and_coherent(struct device *dev, u64 mask);
int dma_coerce_mask_and_coherent(struct device *dev, u64 mask);
u64 dma_get_mask(struct device *dev);
u64 dma_get_required_mask(struct device *dev);
int dma_supported(struct device *dev, u64 mask);
bool dma_addressing_limited(struct device *dev);
size_t dma_max_mapping_size(struct device *dev);
size_t dma_opt_mapping_size(struct device *dev);
unsigned long dma_get_merge_boundary(struct device *dev);
int dma_get_cache_alignment(void);
unsigned int dma_get_max_seg_size(struct device *dev);
int dma_set_max_seg_size(struct device *dev, unsigned int size);
unsigned long dma_get_seg_boundary(struct device *dev);
int dma_set_seg_boundary(struct device *dev, unsigned long mask);
unsigned int dma_get_min_align_mask(struct device *dev);
int dma_set_min_align_mask(struct device *dev, unsigned int mask);
bool dev_is_dma_coherent(struct device *dev);
bool is_device_dma_capable(struct device *dev);
phys_addr_t dma_to_phys(struct device *dev, dma_addr_t dma);
dma_addr_t phys_to_dma(struct device *dev, phys_addr_t phys);
bool dma_capable(struct device *dev, dma_addr_t addr, size_t size, bool is_ram);

#define DEFINE_DMA_UNMAP_ADDR(name) dma_addr_t name
#define DEFINE_DMA_UNMAP_LEN(name) __u32 name
#define dma_unmap_addr(ptr, name) ((ptr)->name)
#define dma_unmap_addr_set(ptr, name, value) (((ptr)->name) = (value))
#define dma_unmap_len(ptr, name) ((ptr)->name)
#define dma_unmap_len_set(ptr, name, value) (((ptr)->name) = (value))

/* Pools of small coherent blocks. */
struct dma_pool;
struct dma_pool *dma_pool_create(const char *name, struct device *dev, size_t size, size_t align,
				 size_t boundary);
void dma_pool_destroy(struct dma_pool *pool);
void *dma_pool_alloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *handle);
void *dma_pool_zalloc(struct dma_pool *pool, gfp_t gfp, dma_addr_t *handle);
void dma_pool_free(struct dma_pool *pool, void *va, dma_addr_t handle);
struct dma_pool *dmam_pool_create(const char *name, struct device *dev, size_t size, size_t align,
				  size_t allocation);
void dmam_pool_destroy(struct dma_pool *pool);

#define pci_pool dma_pool
#define pci_pool_create(name, pdev, size, align, allocation)                                       \
	dma_pool_create(name, &(pdev)->dev, size, align, allocation)
#define pci_pool_destroy dma_pool_destroy
#define pci_pool_alloc dma_pool_alloc
#define pci_pool_zalloc dma_pool_zalloc
#define pci_pool_free dma_pool_free

/* The names PCI drivers had for it. */
#define PCI_DMA_BIDIRECTIONAL DMA_BIDIRECTIONAL
#define PCI_DMA_TODEVICE DMA_TO_DEVICE
#define PCI_DMA_FROMDEVICE DMA_FROM_DEVICE
#define PCI_DMA_NONE DMA_NONE

static inline struct device *dmakit_pci_dev(struct pci_dev *pdev)
{
	return pdev ? &pdev->dev : NULL;
}
#define pci_map_single(pdev, ptr, size, dir)                                                       \
	dma_map_single(dmakit_pci_dev(pdev), ptr, size, (enum dma_data_direction)(dir))
#define pci_unmap_single(pdev, addr, size, dir)                                                    \
	dma_unmap_single(dmakit_pci_dev(pdev), addr, size, (enum dma_data_direction)(dir))
#define pci_map_page(pdev, page, offset, size, dir)                                                \
	dma_map_page(dmakit_pci_dev(pdev), page, offset, size, (enum dma_data_direction)(dir))
#define pci_unmap_page(pdev, addr, size, dir)                                                      \
	dma_unmap_page(dmakit_pci_dev(pdev), addr, size, (enum dma_data_direction)(dir))
#define pci_map_sg(pdev, sg, nents, dir)                                                           \
	dma_map_sg(dmakit_pci_dev(pdev), sg, nents, (enum dma_data_direction)(dir))
#define pci_unmap_sg(pdev, sg, nents, dir)                                                         \
	dma_unmap_sg(dmakit_pci_dev(pdev), sg, nents, (enum dma_data_direction)(dir))
#define pci_dma_sync_single_for_cpu(pdev, addr, size, dir)                                         \
	dma_sync_single_for_cpu(dmakit_pci_dev(pdev), addr, size, (enum dma_data_direction)(dir))
#define pci_dma_sync_single_for_device(pdev, addr, size, dir)                                      \
	dma_sync_single_for_device(dmakit_pci_dev(pdev), addr, size,                               \
				   (enum dma_data_direction)(dir))
#define pci_dma_sync_sg_for_cpu(pdev, sg, nents, dir)                                              \
	dma_sync_sg_for_cpu(dmakit_pci_dev(pdev), sg, nents, (enum dma_data_direction)(dir))
#define pci_dma_sync_sg_for_device(pdev, sg, nents, dir)                                           \
	dma_sync_sg_for_device(dmakit_pci_dev(pdev), sg, nents, (enum dma_data_direction)(dir))
#define pci_dma_mapping_error(pdev, addr) dma_mapping_error(dmakit_pci_dev(pdev), addr)
#define pci_alloc_consistent(pdev, size, dma)                                                      \
	dma_alloc_coherent(dmakit_pci_dev(pdev), size, dma, GFP_ATOMIC)
#define pci_zalloc_consistent pci_alloc_consistent
#define pci_free_consistent(pdev, size, va, dma)                                                   \
	dma_free_coherent(dmakit_pci_dev(pdev), size, va, dma)
#define pci_set_dma_mask(pdev, mask) dma_set_mask(&(pdev)->dev, mask)
#define pci_set_consistent_dma_mask(pdev, mask) dma_set_coherent_mask(&(pdev)->dev, mask)
#define pci_dma_supported(pdev, mask) dma_supported(dmakit_pci_dev(pdev), mask)
#define pci_set_dma_max_seg_size(pdev, size) dma_set_max_seg_size(&(pdev)->dev, size)

#endif
