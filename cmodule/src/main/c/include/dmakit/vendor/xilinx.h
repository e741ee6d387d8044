/* Of Xilinx' kernels before their drivers went upstream, where these names mean other things. */
#ifndef DMAKIT_VENDOR_XILINX_H
#define DMAKIT_VENDOR_XILINX_H

#include <dmakit/umbrella.h>

struct xilinx_dma_config {
	enum dma_transfer_direction direction;
	unsigned int coalesc;
	unsigned int delay;
	unsigned int reset;
};
#define XILINX_DMA_IP_DMA 0x00100000
#define XILINX_DMA_IP_CDMA 0x00200000
#define XILINX_DMA_IP_VDMA 0x00400000
#define XILINX_DMA_IP_MASK 0x00700000
#define XILINX_DMA_DEVICE_ID_SHIFT 28
#define XILINX_DMA_DEVICE_ID_MASK 0xf0000000

#endif
