/* The mapping API: addresses are made and checked by the kernel, structs are read and filled here. */
#include <dmakit/umbrella.h>

#include "call.h"
#include "device.h"
#include "dma.h"

/* Where memory without a physical address lies; the handlers know these numbers. */
enum place { PLACE_KERNEL, PLACE_STACK, PLACE_IMAGE, PLACE_ELSEWHERE };

static enum place place_of(unsigned long va)
{
	if (va - LINEAR_BASE < LINEAR_SIZE || va - VMALLOC_BASE < VMALLOC_SIZE)
		return PLACE_KERNEL;
	if (va >= lane_stack_start && va < lane_stack_end)
		return PLACE_STACK;
	if (module_site(va))
		return PLACE_IMAGE;
	return PLACE_ELSEWHERE;
}

/* Masks: those in the struct count, because old drivers set them there. */

void dma_masks_refresh(struct device *dev)
{
	u64 streaming = (u64)CALL(dma_masks, number_of(dev));
	u64 coherent = answered(0);

	if (!dev->dma_mask && streaming)
		dev->dma_mask = kernel_allocate(sizeof *dev->dma_mask);
	if (dev->dma_mask)
		*dev->dma_mask = streaming;
	dev->coherent_dma_mask = coherent;
	dev->dma_coherent = answered(1);
	dev->bus_dma_limit = answered(2);
}

static u64 streaming_mask(struct device *dev)
{
	if (!dev)
		return DMA_BIT_MASK(32);
	if (!dev->dma_mask && number_of(dev))
		dma_masks_refresh(dev);
	return dev->dma_mask ? *dev->dma_mask : 0;
}

static u64 coherent_mask(struct device *dev)
{
	if (!dev)
		return DMA_BIT_MASK(32);
	if (!dev->coherent_dma_mask && !dev->dma_mask && number_of(dev))
		dma_masks_refresh(dev);
	return dev->coherent_dma_mask;
}

/* Streaming. */

dma_addr_t dma_map_single_attrs(struct device *dev, void *ptr, size_t size,
				enum dma_data_direction dir, unsigned long attrs)
{
	return (dma_addr_t)CALL(dma_map_single, number_of(dev), ptr, size, dir, attrs,
				streaming_mask(dev), place_of((unsigned long)ptr));
}

void dma_unmap_single_attrs(struct device *dev, dma_addr_t addr, size_t size,
			    enum dma_data_direction dir, unsigned long attrs)
{
	CALL(dma_unmap_single, number_of(dev), addr, size, dir, attrs);
}

dma_addr_t dma_map_page_attrs(struct device *dev, struct page *page, size_t offset, size_t size,
			      enum dma_data_direction dir, unsigned long attrs)
{
	return (dma_addr_t)CALL(dma_map_page, number_of(dev), page_to_phys(page) + offset, size, dir,
				attrs, streaming_mask(dev));
}

void dma_unmap_page_attrs(struct device *dev, dma_addr_t addr, size_t size,
			  enum dma_data_direction dir, unsigned long attrs)
{
	CALL(dma_unmap_single, number_of(dev), addr, size, dir, attrs);
}

dma_addr_t dma_map_phys(struct device *dev, phys_addr_t phys, size_t size,
			enum dma_data_direction dir, unsigned long attrs)
{
	return (dma_addr_t)CALL(dma_map_page, number_of(dev), phys, size, dir, attrs,
				streaming_mask(dev));
}

void dma_unmap_phys(struct device *dev, dma_addr_t addr, size_t size, enum dma_data_direction dir,
		    unsigned long attrs)
{
	CALL(dma_unmap_single, number_of(dev), addr, size, dir, attrs);
}

dma_addr_t dma_map_resource(struct device *dev, phys_addr_t phys, size_t size,
			    enum dma_data_direction dir, unsigned long attrs)
{
	return (dma_addr_t)CALL(dma_map_resource, number_of(dev), phys, size, dir, attrs,
				streaming_mask(dev));
}

void dma_unmap_resource(struct device *dev, dma_addr_t addr, size_t size,
			enum dma_data_direction dir, unsigned long attrs)
{
	CALL(dma_unmap_resource, number_of(dev), addr, size, dir, attrs);
}

int dma_mapping_error(struct device *dev, dma_addr_t addr)
{
	return CALL(dma_mapping_error, number_of(dev), addr) ? -ENOMEM : 0;
}

void dma_sync_single_for_cpu(struct device *dev, dma_addr_t addr, size_t size,
			     enum dma_data_direction dir)
{
	CALL(dma_sync_single, number_of(dev), addr, size, dir, true);
}

void dma_sync_single_for_device(struct device *dev, dma_addr_t addr, size_t size,
				enum dma_data_direction dir)
{
	CALL(dma_sync_single, number_of(dev), addr, size, dir, false);
}

bool dma_need_sync(struct device *dev, dma_addr_t addr)
{
	return CALL(dma_need_sync, number_of(dev), addr);
}

void dma_cache_sync(struct device *dev, void *va, size_t size, enum dma_data_direction dir)
{
	CALL(dma_sync_single, number_of(dev), phys_to_dma(dev, virt_to_phys(va)), size, dir, false);
}

/* Lists go as a block of what the kernel needs of each entry, and come back filled. */

struct wire_entry {
	u64 address; /* physical, of the bus or, without a page, virtual */
	u32 length;
	u32 place;
};

#define WIRE_COUNT_MAX (LANE_DATA_SIZE / sizeof(struct wire_entry))

static struct wire_entry *wire_new(int nents)
{
	if (nents < 1 || (size_t)nents > WIRE_COUNT_MAX)
		return NULL;
	return kernel_allocate((size_t)nents * sizeof(struct wire_entry));
}

static int map_list(struct device *dev, struct scatterlist *sgl, int nents,
		    enum dma_data_direction dir, unsigned long attrs)
{
	struct wire_entry *wire = wire_new(nents);
	struct scatterlist *sg = sgl;
	int i, mapped;

	if (!wire) {
		CALL(dma_list_refused, number_of(dev), nents, WIRE_COUNT_MAX);
		return 0;
	}
	for (i = 0; i < nents && sg; i++, sg = sg_next(sg)) {
		wire[i].length = sg->length;
		if (sg_page(sg)) {
			wire[i].address = sg_phys(sg);
		} else {
			wire[i].address = sg->dma_address;
			wire[i].place = 1 + place_of(sg->dma_address);
		}
	}
	mapped = (int)CALL_DATA(dma_map_sg, wire, (size_t)nents * sizeof *wire, number_of(dev), i,
				dir, attrs, streaming_mask(dev), nents);
	sg = sgl;
	for (i = 0; i < mapped; i++, sg = sg_next(sg)) {
		sg->dma_address = wire[i].address;
		sg->dma_length = wire[i].length;
	}
	kernel_free(wire);
	return mapped;
}

unsigned int dma_map_sg_attrs(struct device *dev, struct scatterlist *sg, int nents,
			      enum dma_data_direction dir, unsigned long attrs)
{
	return (unsigned int)map_list(dev, sg, nents, dir, attrs);
}

int dma_map_sgtable(struct device *dev, struct sg_table *sgt, enum dma_data_direction dir,
		    unsigned long attrs)
{
	int mapped = map_list(dev, sgt->sgl, (int)sgt->orig_nents, dir, attrs);

	if (mapped == 0)
		return -EIO;
	sgt->nents = (unsigned int)mapped;
	return 0;
}

static struct wire_entry *wire_mapped(struct scatterlist *sgl, int nents, int *count)
{
	struct wire_entry *wire = wire_new(nents);
	struct scatterlist *sg = sgl;
	int i;

	for (i = 0; wire && i < nents && sg; i++, sg = sg_next(sg)) {
		wire[i].address = sg->dma_address;
		wire[i].length = sg->length;
	}
	*count = i;
	return wire;
}

void dma_unmap_sg_attrs(struct device *dev, struct scatterlist *sg, int nents,
			enum dma_data_direction dir, unsigned long attrs)
{
	int count;
	struct wire_entry *wire = wire_mapped(sg, nents, &count);

	if (wire)
		CALL_DATA(dma_unmap_sg, wire, (size_t)count * sizeof *wire, number_of(dev), nents,
			  dir, attrs);
	kernel_free(wire);
}

static void sync_list(struct device *dev, struct scatterlist *sg, int nents,
		      enum dma_data_direction dir, bool to_cpu)
{
	int count;
	struct wire_entry *wire = wire_mapped(sg, nents, &count);

	if (wire)
		CALL_DATA(dma_sync_sg, wire, (size_t)count * sizeof *wire, number_of(dev), nents,
			  dir, to_cpu);
	kernel_free(wire);
}

void dma_sync_sg_for_cpu(struct device *dev, struct scatterlist *sg, int nents,
			 enum dma_data_direction dir)
{
	sync_list(dev, sg, nents, dir, true);
}

void dma_sync_sg_for_device(struct device *dev, struct scatterlist *sg, int nents,
			    enum dma_data_direction dir)
{
	sync_list(dev, sg, nents, dir, false);
}

/* Coherent memory. */

void *dma_alloc_attrs(struct device *dev, size_t size, dma_addr_t *dma, gfp_t gfp,
		      unsigned long attrs)
{
	void *va = (void *)CALL(dma_alloc, number_of(dev), size, gfp, attrs, coherent_mask(dev));

	if (va)
		*dma = answered(0);
	return va;
}

void dma_free_attrs(struct device *dev, size_t size, void *va, dma_addr_t dma, unsigned long attrs)
{
	CALL(dma_free, number_of(dev), size, va, dma, attrs);
}

struct managed {
	size_t size;
	void *va;
	dma_addr_t dma;
	unsigned long attrs;
};

static void free_managed(struct device *dev, void *resource)
{
	struct managed *managed = resource;

	dma_free_attrs(dev, managed->size, managed->va, managed->dma, managed->attrs);
}

static int is_managed(struct device *dev, void *resource, void *va)
{
	(void)dev;
	return ((struct managed *)resource)->va == va;
}

void *dmam_alloc_attrs(struct device *dev, size_t size, dma_addr_t *dma, gfp_t gfp,
		       unsigned long attrs)
{
	struct managed *managed = devres_alloc(free_managed, sizeof *managed, gfp);
	void *va;

	if (!managed)
		return NULL;
	va = dma_alloc_attrs(dev, size, dma, gfp, attrs);
	if (!va) {
		devres_free(managed);
		return NULL;
	}
	*managed = (struct managed){size, va, *dma, attrs};
	devres_add(dev, managed);
	return va;
}

void dmam_free_coherent(struct device *dev, size_t size, void *va, dma_addr_t dma)
{
	WARN_ON(devres_destroy(dev, free_managed, is_managed, va));
	dma_free_coherent(dev, size, va, dma);
}

struct page *dma_alloc_pages(struct device *dev, size_t size, dma_addr_t *dma,
			     enum dma_data_direction dir, gfp_t gfp)
{
	struct page *page;

	if (WARN_ON(gfp & (__GFP_DMA | __GFP_DMA32 | __GFP_HIGHMEM | __GFP_COMP)))
		return NULL;
	page = alloc_pages(gfp | __GFP_ZERO, get_order(size));
	if (!page)
		return NULL;
	*dma = dma_map_page_attrs(dev, page, 0, PAGE_ALIGN(size), dir, DMA_ATTR_SKIP_CPU_SYNC);
	if (dma_mapping_error(dev, *dma)) {
		__free_pages(page, get_order(size));
		return NULL;
	}
	return page;
}

void dma_free_pages(struct device *dev, size_t size, struct page *page, dma_addr_t dma,
		    enum dma_data_direction dir)
{
	dma_unmap_page_attrs(dev, dma, PAGE_ALIGN(size), dir, DMA_ATTR_SKIP_CPU_SYNC);
	__free_pages(page, get_order(size));
}

void *dma_alloc_noncoherent(struct device *dev, size_t size, dma_addr_t *dma,
			    enum dma_data_direction dir, gfp_t gfp)
{
	struct page *page = dma_alloc_pages(dev, size, dma, dir, gfp);

	return page ? page_address(page) : NULL;
}

void dma_free_noncoherent(struct device *dev, size_t size, void *va, dma_addr_t dma,
			  enum dma_data_direction dir)
{
	dma_free_pages(dev, size, virt_to_page(va), dma, dir);
}

/* Coherent memory for processes and other devices. */

int dma_mmap_attrs(struct device *dev, struct vm_area_struct *vma, void *va, dma_addr_t dma,
		   size_t size, unsigned long attrs)
{
	unsigned long pages = PAGE_ALIGN(size) >> PAGE_SHIFT;
	unsigned long wanted = (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
	phys_addr_t phys = (phys_addr_t)CALL(dma_mmap, number_of(dev), va, dma, size, attrs);
	bool cached = answered(0);

	if (vma->vm_pgoff >= pages || wanted > pages - vma->vm_pgoff)
		return -ENXIO;
	if (!cached)
		vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot);
	return remap_pfn_range(vma, vma->vm_start, PHYS_PFN(phys) + vma->vm_pgoff,
			       vma->vm_end - vma->vm_start, vma->vm_page_prot);
}

int dma_mmap_pages(struct device *dev, struct vm_area_struct *vma, size_t size, struct page *page)
{
	unsigned long pages = PAGE_ALIGN(size) >> PAGE_SHIFT;
	unsigned long wanted = (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;

	(void)dev;
	if (vma->vm_pgoff >= pages || wanted > pages - vma->vm_pgoff)
		return -ENXIO;
	return remap_pfn_range(vma, vma->vm_start, page_to_pfn(page) + vma->vm_pgoff,
			       vma->vm_end - vma->vm_start, vma->vm_page_prot);
}

int dma_get_sgtable_attrs(struct device *dev, struct sg_table *sgt, void *va, dma_addr_t dma,
			  size_t size, unsigned long attrs)
{
	phys_addr_t phys = (phys_addr_t)CALL(dma_mmap, number_of(dev), va, dma, size, attrs);
	int error = sg_alloc_table(sgt, 1, GFP_KERNEL);

	if (error)
		return error;
	sg_set_page(sgt->sgl, pfn_to_page(PHYS_PFN(phys)), PAGE_ALIGN(size), 0);
	return 0;
}

bool dma_can_mmap(struct device *dev)
{
	(void)dev;
	return true;
}

/* Masks and limits. */

int dma_set_mask(struct device *dev, u64 mask)
{
	int error;

	streaming_mask(dev);
	error = (int)CALL(dma_set_mask, number_of(dev), mask, dev->dma_mask ? *dev->dma_mask : 0);
	if (!error)
		*dev->dma_mask = mask;
	return error;
}

int dma_set_coherent_mask(struct device *dev, u64 mask)
{
	int error = (int)CALL(dma_set_coherent_mask, number_of(dev), mask);

	if (!error)
		dev->coherent_dma_mask = mask;
	return error;
}

int dma_set_mask_and_coherent(struct device *dev, u64 mask)
{
	int error = dma_set_mask(dev, mask);

	if (!error)
		dma_set_coherent_mask(dev, mask);
	return error;
}

int dma_coerce_mask_and_coherent(struct device *dev, u64 mask)
{
	dev->dma_mask = &dev->coherent_dma_mask;
	if (!*dev->dma_mask)
		*dev->dma_mask = DMA_BIT_MASK(32);
	return dma_set_mask_and_coherent(dev, mask);
}

u64 dma_get_mask(struct device *dev)
{
	u64 mask = streaming_mask(dev);

	return mask ? mask : DMA_BIT_MASK(32);
}

u64 dma_get_required_mask(struct device *dev)
{
	return (u64)CALL(dma_get_required_mask, number_of(dev));
}

int dma_supported(struct device *dev, u64 mask)
{
	return (int)CALL(dma_supported, number_of(dev), mask);
}

static u64 min_not_zero_mask(u64 a, u64 b)
{
	return !a || !b ? a | b : a < b ? a : b;
}

bool dma_addressing_limited(struct device *dev)
{
	return min_not_zero_mask(dma_get_mask(dev), dev->bus_dma_limit) <
	       dma_get_required_mask(dev);
}

size_t dma_max_mapping_size(struct device *dev)
{
	(void)dev;
	return SIZE_MAX;
}

size_t dma_opt_mapping_size(struct device *dev)
{
	return dma_max_mapping_size(dev);
}

unsigned long dma_get_merge_boundary(struct device *dev)
{
	(void)dev;
	return 0;
}

int dma_get_cache_alignment(void)
{
	return 64;
}

enum { LIMIT_SEG_SIZE, LIMIT_SEG_BOUNDARY, LIMIT_MIN_ALIGN };

unsigned int dma_get_max_seg_size(struct device *dev)
{
	return (unsigned int)CALL(dma_get_limit, number_of(dev), LIMIT_SEG_SIZE);
}

int dma_set_max_seg_size(struct device *dev, unsigned int size)
{
	return (int)CALL(dma_set_limit, number_of(dev), LIMIT_SEG_SIZE, size);
}

unsigned long dma_get_seg_boundary(struct device *dev)
{
	return (unsigned long)CALL(dma_get_limit, number_of(dev), LIMIT_SEG_BOUNDARY);
}

int dma_set_seg_boundary(struct device *dev, unsigned long mask)
{
	return (int)CALL(dma_set_limit, number_of(dev), LIMIT_SEG_BOUNDARY, mask);
}

unsigned int dma_get_min_align_mask(struct device *dev)
{
	return (unsigned int)CALL(dma_get_limit, number_of(dev), LIMIT_MIN_ALIGN);
}

int dma_set_min_align_mask(struct device *dev, unsigned int mask)
{
	return (int)CALL(dma_set_limit, number_of(dev), LIMIT_MIN_ALIGN, mask);
}

bool dev_is_dma_coherent(struct device *dev)
{
	CALL(dma_masks, number_of(dev));
	return answered(1);
}

bool is_device_dma_capable(struct device *dev)
{
	return streaming_mask(dev) != 0;
}

phys_addr_t dma_to_phys(struct device *dev, dma_addr_t dma)
{
	return (phys_addr_t)CALL(dma_to_phys, number_of(dev), dma);
}

dma_addr_t phys_to_dma(struct device *dev, phys_addr_t phys)
{
	return (dma_addr_t)CALL(phys_to_dma, number_of(dev), phys);
}

bool dma_capable(struct device *dev, dma_addr_t addr, size_t size, bool is_ram)
{
	(void)is_ram;
	return addr + size - 1 <= min_not_zero_mask(dma_get_mask(dev), dev->bus_dma_limit);
}
