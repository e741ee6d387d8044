/* The mapping API: the kernel makes and checks addresses; structs are read and filled here. */
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

u64 dma_coherent_mask_of(struct device *dev)
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
	CALL(dma_unmap_page, number_of(dev), addr, size, dir, attrs);
}

dma_addr_t dma_map_phys(struct device *dev, phys_addr_t phys, size_t size,
			enum dma_data_direction dir, unsigned long attrs)
{
	return (dma_addr_t)CALL(dma_map_phys, number_of(dev), phys, size, dir, attrs,
				streaming_mask(dev));
}

void dma_unmap_phys(struct device *dev, dma_addr_t addr, size_t size, enum dma_data_direction dir,
		    unsigned long attrs)
{
	CALL(dma_unmap_phys, number_of(dev), addr, size, dir, attrs);
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
	CALL(dma_cache_sync, number_of(dev), va, size, dir);
}

/* Lists go as a block of what the kernel needs of each entry, and come back filled. */

static struct wire_entry *wire_new(int nents)
{
	if (nents < 1 || nents > WIRE_COUNT_MAX)
		return NULL;
	return kernel_allocate((size_t)nents * sizeof(struct wire_entry));
}

/* Answers how many entries the device sees, or a negative error number. */
static int map_list(struct device *dev, struct scatterlist *sgl, int nents,
		    enum dma_data_direction dir, unsigned long attrs)
{
	struct wire_entry *wire = wire_new(nents);
	struct scatterlist *sg = sgl;
	int i, mapped;

	if (!wire) {
		CALL(dma_list_refused, number_of(dev), nents, WIRE_COUNT_MAX);
		return -EINVAL;
	}
	for (i = 0; i < nents && sg; i++, sg = sg_next(sg)) {
		wire[i].length = sg->length;
		if (sg_page(sg)) {
			wire[i].phys = sg_phys(sg);
		} else {
			wire[i].phys = sg->dma_address;
			wire[i].dma_length = 1 + place_of(sg->dma_address);
		}
	}
	mapped = (int)CALL_DATA(dma_map_sg, wire, (size_t)nents * sizeof *wire, number_of(dev), i,
				dir, attrs, streaming_mask(dev), nents);
	sg = sgl;
	for (i = 0; mapped > 0 && i < nents; i++, sg = sg_next(sg)) {
		sg->dma_address = wire[i].dma;
		sg->dma_length = wire[i].dma_length;
	}
	kernel_free(wire);
	return mapped;
}

unsigned int dma_map_sg_attrs(struct device *dev, struct scatterlist *sg, int nents,
			      enum dma_data_direction dir, unsigned long attrs)
{
	int mapped = map_list(dev, sg, nents, dir, attrs);

	return mapped < 0 ? 0 : (unsigned int)mapped;
}

int dma_map_sgtable(struct device *dev, struct sg_table *sgt, enum dma_data_direction dir,
		    unsigned long attrs)
{
	int mapped = map_list(dev, sgt->sgl, (int)sgt->orig_nents, dir, attrs);

	if (mapped < 0)
		return mapped;
	sgt->nents = (unsigned int)mapped;
	return 0;
}

struct wire_entry *wire_mapped(struct scatterlist *sgl, int nents, int *count)
{
	struct wire_entry *wire = wire_new(nents);
	struct scatterlist *sg = sgl;
	int i;

	for (i = 0; wire && i < nents && sg; i++, sg = sg_next(sg)) {
		wire[i].phys = sg_page(sg) ? sg_phys(sg) : 0;
		wire[i].dma = sg->dma_address;
		wire[i].length = sg->length;
		wire[i].dma_length = sg->dma_length;
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

/* Addresses first, then memory behind them. */

bool dma_iova_try_alloc(struct device *dev, struct dma_iova_state *state, phys_addr_t phys,
			size_t size)
{
	memset(state, 0, sizeof *state);
	if (!CALL(dma_iova_try_alloc, number_of(dev), phys, size, streaming_mask(dev)))
		return false;
	state->addr = answered(0);
	state->__size = answered(1);
	return true;
}

void dma_iova_free(struct device *dev, struct dma_iova_state *state)
{
	CALL(dma_iova_free, number_of(dev), state->addr);
}

int dma_iova_link(struct device *dev, struct dma_iova_state *state, phys_addr_t phys, size_t offset,
		  size_t size, enum dma_data_direction dir, unsigned long attrs)
{
	return (int)CALL(dma_iova_link, number_of(dev), state->addr, phys, offset, size, dir,
			 attrs);
}

int dma_iova_sync(struct device *dev, struct dma_iova_state *state, size_t offset, size_t size)
{
	return (int)CALL(dma_iova_sync, number_of(dev), state->addr, offset, size);
}

void dma_iova_unlink(struct device *dev, struct dma_iova_state *state, size_t offset, size_t size,
		     enum dma_data_direction dir, unsigned long attrs)
{
	CALL(dma_iova_unlink, number_of(dev), state->addr, offset, size, dir, attrs);
}

void dma_iova_destroy(struct device *dev, struct dma_iova_state *state, size_t mapped_len,
		      enum dma_data_direction dir, unsigned long attrs)
{
	CALL(dma_iova_destroy, number_of(dev), state->addr, mapped_len, dir, attrs);
}

/* Coherent memory. */

void *dma_alloc_attrs(struct device *dev, size_t size, dma_addr_t *dma, gfp_t gfp,
		      unsigned long attrs)
{
	void *va = (void *)CALL(dma_alloc, number_of(dev), size, gfp, attrs, dma_coherent_mask_of(dev));

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

static int is_managed(struct device *dev, void *resource, void *wanted)
{
	struct managed *managed = resource, *match = wanted;

	(void)dev;
	if (managed->va != match->va)
		return 0;
	WARN_ON(managed->size != match->size || managed->dma != match->dma);
	return 1;
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
	struct managed match = {size, va, dma, 0};

	WARN_ON(devres_destroy(dev, free_managed, is_managed, &match));
	dma_free_coherent(dev, size, va, dma);
}

/* Pages that are synced. */

struct page *dma_alloc_pages(struct device *dev, size_t size, dma_addr_t *dma,
			     enum dma_data_direction dir, gfp_t gfp)
{
	long phys;

	if (WARN_ON_ONCE(gfp & (__GFP_DMA | __GFP_DMA32 | __GFP_HIGHMEM | __GFP_COMP)))
		return NULL;
	if (WARN_ON_ONCE(!dma_coherent_mask_of(dev)))
		return NULL;
	phys = CALL(dma_alloc_pages, number_of(dev), size, dir, gfp, dma_coherent_mask_of(dev));
	if (phys < 0)
		return NULL;
	*dma = answered(0);
	return page_allocated(phys, get_order(size));
}

void dma_free_pages(struct device *dev, size_t size, struct page *page, dma_addr_t dma,
		    enum dma_data_direction dir)
{
	CALL(dma_free_pages, number_of(dev), size, page_to_phys(page), dma, dir);
	page_freed(page);
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

/* The kernel knows an allocation of scattered pages by a number. */
struct scattered {
	struct sg_table table;
	long number;
};

static int fill_table(struct sg_table *table, const struct wire_entry *wire, int count)
{
	int error = sg_alloc_table(table, (unsigned int)count, GFP_KERNEL);
	struct scatterlist *sg;
	int i;

	if (error)
		return error;
	for_each_sgtable_sg(table, sg, i) {
		sg_set_page(sg, pfn_to_page(PHYS_PFN(wire[i].phys)), wire[i].length,
			    offset_in_page(wire[i].phys));
		sg->dma_address = wire[i].dma;
		sg->dma_length = wire[i].dma_length;
	}
	return 0;
}

static struct wire_entry *wire_for(size_t size, int *room)
{
	unsigned long pages = PAGE_ALIGN(size) >> PAGE_SHIFT;

	*room = (int)min_t(unsigned long, pages, WIRE_COUNT_MAX);
	return wire_new(*room);
}

struct sg_table *dma_alloc_noncontiguous(struct device *dev, size_t size,
					 enum dma_data_direction dir, gfp_t gfp,
					 unsigned long attrs)
{
	struct scattered *made;
	struct wire_entry *wire;
	int room, count;

	if (WARN_ON_ONCE(attrs & ~DMA_ATTR_ALLOC_SINGLE_PAGES) || WARN_ON_ONCE(gfp & __GFP_COMP))
		return NULL;
	wire = wire_for(size, &room);
	if (!wire)
		return NULL;
	made = kernel_allocate(sizeof *made);
	count = (int)CALL_DATA(dma_alloc_noncontiguous, wire, (size_t)room * sizeof *wire,
			       number_of(dev), size, dir, gfp, attrs, dma_coherent_mask_of(dev));
	if (count > 0)
		made->number = (long)answered(0);
	if (count > 0 && fill_table(&made->table, wire, count)) {
		CALL(dma_free_noncontiguous, number_of(dev), size, made->number, dir);
		count = 0;
	}
	kernel_free(wire);
	if (count <= 0) {
		kernel_free(made);
		return NULL;
	}
	made->table.nents = 1;
	return &made->table;
}

static long number_of_table(struct sg_table *sgt)
{
	return container_of(sgt, struct scattered, table)->number;
}

void dma_free_noncontiguous(struct device *dev, size_t size, struct sg_table *sgt,
			    enum dma_data_direction dir)
{
	CALL(dma_free_noncontiguous, number_of(dev), size, number_of_table(sgt), dir);
	sg_free_table(sgt);
	kernel_free(container_of(sgt, struct scattered, table));
}

void *dma_vmap_noncontiguous(struct device *dev, size_t size, struct sg_table *sgt)
{
	return (void *)CALL(dma_vmap_noncontiguous, number_of(dev), size, number_of_table(sgt));
}

void dma_vunmap_noncontiguous(struct device *dev, void *va)
{
	CALL(dma_vunmap_noncontiguous, number_of(dev), va);
}

/* Memory for processes and other devices. */

static int area_outside(const struct vm_area_struct *vma, size_t size)
{
	unsigned long pages = PAGE_ALIGN(size) >> PAGE_SHIFT;
	unsigned long wanted = (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;

	return vma->vm_pgoff >= pages || wanted > pages - vma->vm_pgoff;
}

/* Maps from the page on that the area asks for. */
static int map_segments(struct vm_area_struct *vma, const struct wire_entry *wire, int count)
{
	unsigned long skip = vma->vm_pgoff << PAGE_SHIFT;
	unsigned long va = vma->vm_start;
	int i, error;

	for (i = 0; i < count && va < vma->vm_end; i++) {
		unsigned long inside = min_t(unsigned long, skip, wire[i].length);
		unsigned long bytes =
			min_t(unsigned long, wire[i].length - inside, vma->vm_end - va);

		skip -= inside;
		if (!bytes)
			continue;
		error = remap_pfn_range(vma, va, PHYS_PFN(wire[i].phys + inside), bytes,
					vma->vm_page_prot);
		if (error)
			return error;
		va += bytes;
	}
	return 0;
}

int dma_mmap_attrs(struct device *dev, struct vm_area_struct *vma, void *va, dma_addr_t dma,
		   size_t size, unsigned long attrs)
{
	struct wire_entry *wire;
	int room, count;

	if (area_outside(vma, size))
		return -ENXIO;
	wire = wire_for(size, &room);
	if (!wire)
		return -ENXIO;
	count = (int)CALL_DATA(dma_mmap, wire, (size_t)room * sizeof *wire, number_of(dev), va, dma,
			       size, attrs);
	if (count > 0) {
		if (!answered(0))
			vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot);
		count = map_segments(vma, wire, count);
	} else if (count == 0) {
		count = -ENXIO;
	}
	kernel_free(wire);
	return count;
}

int dma_mmap_pages(struct device *dev, struct vm_area_struct *vma, size_t size, struct page *page)
{
	(void)dev;
	if (area_outside(vma, size))
		return -ENXIO;
	return remap_pfn_range(vma, vma->vm_start, page_to_pfn(page) + vma->vm_pgoff,
			       vma->vm_end - vma->vm_start, vma->vm_page_prot);
}

int dma_mmap_noncontiguous(struct device *dev, struct vm_area_struct *vma, size_t size,
			   struct sg_table *sgt)
{
	struct wire_entry *wire;
	int count, error;

	(void)dev;
	if (area_outside(vma, size))
		return -ENXIO;
	wire = wire_mapped(sgt->sgl, (int)sgt->orig_nents, &count);
	error = wire ? map_segments(vma, wire, count) : -ENXIO;
	kernel_free(wire);
	return error;
}

int dma_get_sgtable_attrs(struct device *dev, struct sg_table *sgt, void *va, dma_addr_t dma,
			  size_t size, unsigned long attrs)
{
	int room, result;
	struct wire_entry *wire = wire_for(size, &room);

	if (!wire)
		return -ENXIO;
	result = (int)CALL_DATA(dma_get_sgtable, wire, (size_t)room * sizeof *wire, number_of(dev),
				va, dma, size, attrs);
	if (result >= 0)
		result = result ? fill_table(sgt, wire, result) : -ENXIO;
	kernel_free(wire);
	return result;
}

bool dma_can_mmap(struct device *dev)
{
	return CALL(dma_can_mmap, number_of(dev));
}

/* Memory that one device has for itself. */

int dmakit_declare_coherent(struct device *dev, phys_addr_t phys, dma_addr_t addr, size_t size,
			    int flags)
{
	return (int)CALL(dma_declare_coherent_memory, number_of(dev), phys, addr, size, flags);
}

void dma_release_coherent_memory(struct device *dev)
{
	CALL(dma_release_coherent_memory, number_of(dev));
}

void *dma_mark_declared_memory_occupied(struct device *dev, dma_addr_t addr, size_t size)
{
	return (void *)CALL(dma_mark_declared_memory_occupied, number_of(dev), addr, size);
}

static void release_declared(struct device *dev, void *resource)
{
	(void)resource;
	dma_release_coherent_memory(dev);
}

int dmam_declare_coherent_memory(struct device *dev, phys_addr_t phys, dma_addr_t addr, size_t size,
				 int flags)
{
	void *managed = devres_alloc(release_declared, 0, GFP_KERNEL);
	int error;

	if (!managed)
		return -ENOMEM;
	error = dmakit_declare_coherent(dev, phys, addr, size, flags);
	if (error)
		devres_free(managed);
	else
		devres_add(dev, managed);
	return error;
}

void dmam_release_declared_memory(struct device *dev)
{
	WARN_ON(devres_release(dev, release_declared, NULL, NULL));
}

/* Masks and limits. */

int dma_set_mask(struct device *dev, u64 mask)
{
	int error;

	streaming_mask(dev);
	error = (int)CALL(dma_set_mask, number_of(dev), mask, dev->dma_mask ? *dev->dma_mask : 0);
	if (!error)
		*dev->dma_mask = mask != 0 ? mask : DMA_BIT_MASK(32);
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

bool dma_addressing_limited(struct device *dev)
{
	return CALL(dma_addressing_limited, number_of(dev), streaming_mask(dev));
}

size_t dma_max_mapping_size(struct device *dev)
{
	return (size_t)CALL(dma_max_mapping_size, number_of(dev));
}

size_t dma_opt_mapping_size(struct device *dev)
{
	return (size_t)CALL(dma_opt_mapping_size, number_of(dev));
}

unsigned long dma_get_merge_boundary(struct device *dev)
{
	return (unsigned long)CALL(dma_get_merge_boundary, number_of(dev));
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
	u64 limit = dma_get_mask(dev);

	(void)is_ram;
	if (dev->bus_dma_limit)
		limit = min(limit, dev->bus_dma_limit);
	return addr != DMA_MAPPING_ERROR && addr + size - 1 <= limit;
}
