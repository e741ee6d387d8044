/* The mapping API. */
#include <dmakit/umbrella.h>

#include "call.h"
#include "device.h"

void *dma_alloc_attrs(struct device *dev, size_t size, dma_addr_t *dma, gfp_t gfp,
		      unsigned long attrs)
{
	void *va = (void *)CALL(dma_alloc_coherent, number_of(dev), size, gfp);

	(void)attrs;
	if (va != NULL)
		*dma = answered(0);
	return va;
}

void dma_free_attrs(struct device *dev, size_t size, void *va, dma_addr_t dma, unsigned long attrs)
{
	(void)attrs;
	CALL(dma_free_coherent, number_of(dev), size, va, dma);
}
