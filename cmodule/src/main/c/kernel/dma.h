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

/* The struct of a block that the kernel allocated, and what is left of it when it is freed. */
struct page *page_allocated(phys_addr_t phys, unsigned int order);
void page_freed(struct page *page);

#endif
