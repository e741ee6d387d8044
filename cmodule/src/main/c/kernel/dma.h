/* What the files about DMA share with each other and with those about devices. */
#ifndef DMAKIT_KERNEL_DMA_H
#define DMAKIT_KERNEL_DMA_H

#include <dmakit/umbrella.h>

void *calloc(size_t count, size_t size);
void free(void *memory);
void abort(void) __attribute__((noreturn));

/* Memory of this process that no module sees; never NULL. */
static inline void *kernel_allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (memory == NULL)
		abort();
	return memory;
}

static inline void kernel_free(void *memory)
{
	free(memory);
}

/* Fills the masks of a device's struct with what the kernel decided, as before a probe. */
void dma_masks_refresh(struct device *dev);

/* The mask for allocations that stands in the struct now. */
u64 dma_coherent_mask_of(struct device *dev);

/* An entry of a list on its way to the kernel. */
struct wire_entry {
	u64 phys; /* without a page: virtual */
	u64 dma;
	u32 length;
	u32 dma_length; /* before it is mapped: the place of what has no page */
};

#define WIRE_COUNT_MAX ((int)(LANE_DATA_SIZE / sizeof(struct wire_entry)))

/* A list as it is now, to be freed; NULL when it is empty or too long. Counts what is there. */
struct wire_entry *wire_mapped(struct scatterlist *sgl, int nents, int *count);

/* The struct of a block that the kernel allocated, and what is left of it when it is freed. */
struct page *page_allocated(phys_addr_t phys, unsigned int order);
void page_freed(struct page *page);

#endif
