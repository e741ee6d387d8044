/* What the controllers of vendors ask of their clients. */
#ifndef DMAKIT_VENDOR_H
#define DMAKIT_VENDOR_H

#include <dmakit/of.h>

enum sdma_peripheral_type {
	IMX_DMATYPE_SSI,
	IMX_DMATYPE_SSI_SP,
	IMX_DMATYPE_MMC,
	IMX_DMATYPE_SDHC,
	IMX_DMATYPE_UART,
	IMX_DMATYPE_UART_SP,
	IMX_DMATYPE_FIRI,
	IMX_DMATYPE_CSPI,
	IMX_DMATYPE_CSPI_SP,
	IMX_DMATYPE_SIM,
	IMX_DMATYPE_ATA,
	IMX_DMATYPE_CCM,
	IMX_DMATYPE_EXT,
	IMX_DMATYPE_MSHC,
	IMX_DMATYPE_MSHC_SP,
	IMX_DMATYPE_DSP,
	IMX_DMATYPE_MEMORY,
	IMX_DMATYPE_FIFO_MEMORY,
	IMX_DMATYPE_SPDIF,
	IMX_DMATYPE_IPU_MEMORY,
	IMX_DMATYPE_ASRC,
	IMX_DMATYPE_ESAI,
	IMX_DMATYPE_SSI_DUAL,
	IMX_DMATYPE_ASRC_SP,
	IMX_DMATYPE_SAI,
	IMX_DMATYPE_MULTI_SAI,
	IMX_DMATYPE_HDMI,
	IMX_DMATYPE_I2C,
};
struct sdma_peripheral_config {
	int n_fifos_src, n_fifos_dst;
	int stride_fifos_src, stride_fifos_dst;
	int words_per_fifo;
	bool sw_done;
};
enum imx_dma_prio { DMA_PRIO_HIGH = 0, DMA_PRIO_MEDIUM = 1, DMA_PRIO_LOW = 2 };
struct imx_dma_data {
	int dma_request;
	int dma_request2;
	enum sdma_peripheral_type peripheral_type;
	int priority;
};

static inline int imx_dma_is_general_purpose(struct dma_chan *chan)
{
	const struct device_driver *driver = chan->device->dev->driver;

	return driver != NULL
	       && (strcmp(driver->name, "imx-sdma") == 0 || strcmp(driver->name, "imx-dma") == 0);
}

static inline int imx_dma_is_ipu(struct dma_chan *chan)
{
	return strcmp(dev_name(chan->device->dev), "ipu-core") == 0;
}

struct dw_dma_slave {
	struct device *dma_dev;
	u8 src_id;
	u8 dst_id;
	u8 m_master;
	u8 p_master;
	u8 channels;
	bool hs_polarity;
};

struct xilinx_vdma_config {
	int frm_dly;
	int gen_lock;
	int master;
	int frm_cnt_en;
	int park;
	int park_frm;
	int coalesc;
	int delay;
	int reset;
	int ext_fsync;
	bool vflip_en;
};
/* No board has a VDMA: -ENODEV, unless the module is its driver. */
int xilinx_vdma_channel_set_config(struct dma_chan *chan, struct xilinx_vdma_config *config);

/* The cells of clients of Atmel's controllers. */
#define AT91_DMA_CFG_PER_ID_MASK 0xff
#define AT91_DMA_CFG_PER_ID(id) ((id) & AT91_DMA_CFG_PER_ID_MASK)
#define AT91_DMA_CFG_FIFOCFG_OFFSET 8
#define AT91_DMA_CFG_FIFOCFG_MASK 0xf00
#define AT91_DMA_CFG_FIFOCFG_HALF 0x000
#define AT91_DMA_CFG_FIFOCFG_ALAP 0x100
#define AT91_DMA_CFG_FIFOCFG_ASAP 0x200
#define AT91_XDMAC_DT_MEM_IF_MASK 0x1
#define AT91_XDMAC_DT_MEM_IF_OFFSET 13
#define AT91_XDMAC_DT_MEM_IF(at) (((at) & AT91_XDMAC_DT_MEM_IF_MASK) << AT91_XDMAC_DT_MEM_IF_OFFSET)
#define AT91_XDMAC_DT_GET_MEM_IF(cell)                                                             \
	(((cell) >> AT91_XDMAC_DT_MEM_IF_OFFSET) & AT91_XDMAC_DT_MEM_IF_MASK)
#define AT91_XDMAC_DT_PER_IF_MASK 0x1
#define AT91_XDMAC_DT_PER_IF_OFFSET 14
#define AT91_XDMAC_DT_PER_IF(at) (((at) & AT91_XDMAC_DT_PER_IF_MASK) << AT91_XDMAC_DT_PER_IF_OFFSET)
#define AT91_XDMAC_DT_GET_PER_IF(cell)                                                             \
	(((cell) >> AT91_XDMAC_DT_PER_IF_OFFSET) & AT91_XDMAC_DT_PER_IF_MASK)
#define AT91_XDMAC_DT_PERID_MASK 0x7f
#define AT91_XDMAC_DT_PERID_OFFSET 24
#define AT91_XDMAC_DT_PERID(id) (((id) & AT91_XDMAC_DT_PERID_MASK) << AT91_XDMAC_DT_PERID_OFFSET)
#define AT91_XDMAC_DT_GET_PERID(cell)                                                              \
	(((cell) >> AT91_XDMAC_DT_PERID_OFFSET) & AT91_XDMAC_DT_PERID_MASK)

struct mbus_dram_window {
	u8 cs_index;
	u8 mbus_attr;
	u64 base;
	u64 size;
};
struct mbus_dram_target_info {
	u8 mbus_dram_target_id;
	int num_cs;
	struct mbus_dram_window cs[4];
};
struct mv_xor_channel_data {
	dma_cap_mask_t cap_mask;
};
struct mv_xor_platform_data {
	struct mv_xor_channel_data *channels;
};

/* No board has windows of an MBus. */
#define mv_mbus_dram_info() ((const struct mbus_dram_target_info *)NULL)

static inline int mvebu_mbus_get_io_win_info(phys_addr_t phys, u32 *size, u8 *target, u8 *attr)
{
	(void)phys;
	(void)size;
	(void)target;
	(void)attr;
	return -EINVAL;
}

#endif
