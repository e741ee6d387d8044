/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What the driver dma_mmap.c and its programs agree on. */
#ifndef DMA_MMAP_H
#define DMA_MMAP_H

#include <linux/ioctl.h>

/* Bytes of each buffer: dma_src lies at offset 0 of a mapping of the device, dma_dst after it. */
#define DMA_MMAP_SIZE	4096

/* Copies dma_src to dma_dst. */
#define DMA_MMAP_COPY	_IO('d', 1)

#endif
