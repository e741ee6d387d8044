/* The mapping API. */
#include <linux/dma-mapping.h>

#include "call.h"
#include "device.h"

void *dma_alloc_coherent(struct device *dev, size_t size, dma_addr_t *dma, gfp_t gfp)
{
	void *va = (void *)CALL(dma_alloc_coherent, number_of(dev), size, gfp);

	if (va != NULL)
		*dma = answered(0);
	return va;
}

void dma_free_coherent(struct device *dev, size_t size, void *va, dma_addr_t dma)
{
	CALL(dma_free_coherent, number_of(dev), size, va, dma);
}
