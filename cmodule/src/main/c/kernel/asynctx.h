/* What dmaengine has to know of async_tx: some descriptors are operations of the kernel's. */
#ifndef DMAKIT_KERNEL_ASYNCTX_H
#define DMAKIT_KERNEL_ASYNCTX_H

bool async_tx_is_handle(const struct dma_async_tx_descriptor *desc);
enum dma_status async_tx_wait(struct dma_async_tx_descriptor *tx);

#endif
