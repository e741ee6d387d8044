/* What the controllers of vendors share with their platforms: asked for by its names only. */
#ifndef DMAKIT_VENDOR_PROVIDERS_H
#define DMAKIT_VENDOR_PROVIDERS_H

#include <dmakit/umbrella.h>

/* Synopsys: DW_ahb_dmac. */
#define DW_DMA_MAX_NR_MASTERS 4
#define DW_DMA_MAX_NR_CHANNELS 8
#define DW_DMA_MIN_BURST 1
#define DW_DMA_MAX_BURST 256
#define CHAN_ALLOCATION_ASCENDING 0
#define CHAN_ALLOCATION_DESCENDING 1
#define CHAN_PRIORITY_ASCENDING 0
#define CHAN_PRIORITY_DESCENDING 1
#define CHAN_PROTCTL_PRIVILEGED 1
#define CHAN_PROTCTL_BUFFERABLE 2
#define CHAN_PROTCTL_CACHEABLE 4
#define CHAN_PROTCTL_MASK 7
#define DW_DMA_QUIRK_XBAR_PRESENT 1
struct dw_dma_platform_data {
	u32 nr_masters, nr_channels, chan_allocation_order, chan_priority, block_size;
	u32 data_width[DW_DMA_MAX_NR_MASTERS];
	u32 multi_block[DW_DMA_MAX_NR_CHANNELS];
	u32 max_burst[DW_DMA_MAX_NR_CHANNELS];
	u32 protctl, quirks;
};
struct dw_dma;
struct dw_dma_chip {
	struct device *dev;
	int id, irq;
	void __iomem *regs;
	struct clk *clk;
	struct dw_dma *dw;
	const struct dw_dma_platform_data *pdata;
};
int dw_dma_probe(struct dw_dma_chip *chip);
int dw_dma_remove(struct dw_dma_chip *chip);
int idma32_dma_probe(struct dw_dma_chip *chip);
int idma32_dma_remove(struct dw_dma_chip *chip);

/* Synopsys: the engine of DesignWare's PCIe. */
#define EDMA_MAX_WR_CH 8
#define EDMA_MAX_RD_CH 8
enum dw_edma_map_format {
	EDMA_MF_EDMA_LEGACY = 0,
	EDMA_MF_EDMA_UNROLL = 1,
	EDMA_MF_HDMA_COMPAT = 5,
	EDMA_MF_HDMA_NATIVE = 7,
};
enum dw_edma_chip_flags { DW_EDMA_CHIP_LOCAL = 1 };
struct dw_edma;
struct dw_edma_region {
	u64 paddr;
	union {
		void *mem;
		void __iomem *io;
	} vaddr;
	size_t sz;
};
struct dw_edma_plat_ops {
	int (*irq_vector)(struct device *dev, unsigned int nr);
	u64 (*pci_address)(struct device *dev, phys_addr_t cpu_addr);
};
struct dw_edma_chip {
	struct device *dev;
	int nr_irqs;
	const struct dw_edma_plat_ops *ops;
	u32 flags;
	void __iomem *reg_base;
	u16 ll_wr_cnt, ll_rd_cnt;
	struct dw_edma_region ll_region_wr[EDMA_MAX_WR_CH];
	struct dw_edma_region ll_region_rd[EDMA_MAX_RD_CH];
	struct dw_edma_region dt_region_wr[EDMA_MAX_WR_CH];
	struct dw_edma_region dt_region_rd[EDMA_MAX_RD_CH];
	enum dw_edma_map_format mf;
	struct dw_edma *dw;
};
int dw_edma_probe(struct dw_edma_chip *chip);
int dw_edma_remove(struct dw_edma_chip *chip);

/* Texas Instruments: EDMA3. */
enum dma_event_q { EVENTQ_0, EVENTQ_1, EVENTQ_2, EVENTQ_3, EVENTQ_DEFAULT = -1 };
#define EDMA_CTLR_CHAN(controller, chan) ((controller) << 16 | (chan))
#define EDMA_CTLR(number) ((number) >> 16)
#define EDMA_CHAN_SLOT(number) ((number) & 0xffff)
#define EDMA_FILTER_PARAM(controller, chan) ((int[]){EDMA_CTLR_CHAN(controller, chan)})
struct edma_rsv_info {
	const s16 (*rsv_chans)[2];
	const s16 (*rsv_slots)[2];
};
struct edma_soc_info {
	enum dma_event_q default_queue;
	struct edma_rsv_info *rsv;
	s32 *memcpy_channels;
	s8 (*queue_priority_mapping)[2];
	const s16 (*xbar_chans)[2];
	const struct dma_slave_map *slave_map;
	int slavecnt;
};

/* Spreadtrum. */
#define SPRD_DMA_REQ_SHIFT 8
#define SPRD_DMA_TRG_MODE_SHIFT 16
#define SPRD_DMA_CHN_MODE_SHIFT 24
#define SPRD_DMA_FLAGS(chn_mode, trg_mode, req_mode, int_type)                                     \
	((chn_mode) << SPRD_DMA_CHN_MODE_SHIFT | (trg_mode) << SPRD_DMA_TRG_MODE_SHIFT             \
	 | (req_mode) << SPRD_DMA_REQ_SHIFT | (int_type))
enum sprd_dma_chn_mode {
	SPRD_DMA_CHN_MODE_NONE,
	SPRD_DMA_SRC_CHN0,
	SPRD_DMA_SRC_CHN1,
	SPRD_DMA_DST_CHN0,
	SPRD_DMA_DST_CHN1,
};
enum sprd_dma_trg_mode {
	SPRD_DMA_NO_TRG,
	SPRD_DMA_FRAG_DONE_TRG,
	SPRD_DMA_BLOCK_DONE_TRG,
	SPRD_DMA_TRANS_DONE_TRG,
	SPRD_DMA_LIST_DONE_TRG,
};
enum sprd_dma_req_mode {
	SPRD_DMA_FRAG_REQ,
	SPRD_DMA_BLK_REQ,
	SPRD_DMA_TRANS_REQ,
	SPRD_DMA_LIST_REQ,
};
enum sprd_dma_int_type {
	SPRD_DMA_NO_INT,
	SPRD_DMA_FRAG_INT,
	SPRD_DMA_BLK_INT,
	SPRD_DMA_BLK_FRAG_INT,
	SPRD_DMA_TRANS_INT,
	SPRD_DMA_TRANS_FRAG_INT,
	SPRD_DMA_TRANS_BLK_INT,
	SPRD_DMA_LIST_INT,
	SPRD_DMA_CFGERR_INT,
};
struct sprd_dma_linklist {
	unsigned long virt_addr;
	phys_addr_t phy_addr, wrap_addr;
};

/* Qualcomm. */
struct qcom_adm_peripheral_config {
	u32 crci, mux;
};
#define QCOM_GPI_SPI 1
#define QCOM_GPI_UART 2
#define QCOM_GPI_I2C 3
enum spi_transfer_cmd { SPI_TX = 1, SPI_RX, SPI_DUPLEX };
struct gpi_spi_config {
	u8 set_config, loopback_en, clock_pol_high, data_pol_high, pack_en, word_len;
	u8 fragmentation, cs;
	u32 clk_div, clk_src;
	enum spi_transfer_cmd cmd;
	u32 rx_len;
};
enum i2c_op { I2C_WRITE = 1, I2C_READ };
struct gpi_i2c_config {
	u8 set_config, pack_enable, cycle_count, high_count, low_count, addr, stretch;
	u16 clk_div;
	u32 rx_len;
	enum i2c_op op;
	bool multi_msg;
};

/* AMD and Xilinx. */
struct qdma_queue_info {
	enum dma_transfer_direction dir;
};
#define QDMA_FILTER_PARAM(info) ((void *)(info))
struct qdma_platdata {
	u32 max_mm_channels, irq_index;
	struct dma_slave_map *device_map;
	struct device *dma_dev;
};
struct xdma_chan_info {
	enum dma_transfer_direction dir;
};
#define XDMA_FILTER_PARAM(info) ((void *)(info))
struct xdma_platdata {
	u32 max_dma_channels, device_map_cnt;
	struct dma_slave_map *device_map;
};
int xdma_enable_user_irq(struct platform_device *pdev, u32 irq_num);
void xdma_disable_user_irq(struct platform_device *pdev, u32 irq_num);
int xdma_get_user_irq(struct platform_device *pdev, u32 user_irq_index);
#define ZYNQMP_DPDMA_VIDEO0 0
#define ZYNQMP_DPDMA_VIDEO1 1
#define ZYNQMP_DPDMA_VIDEO2 2
#define ZYNQMP_DPDMA_GRAPHICS 3
#define ZYNQMP_DPDMA_AUDIO0 4
#define ZYNQMP_DPDMA_AUDIO1 5
struct xilinx_dpdma_peripheral_config {
	bool video_group;
};

/* Analog Devices: the version register of its cores. */
#define AXI_DMAC_BUS_TYPE_AXI_MM 0
#define AXI_DMAC_BUS_TYPE_AXI_STREAM 1
#define AXI_DMAC_BUS_TYPE_FIFO 2
#define ADI_AXI_REG_VERSION 0
#define ADI_AXI_PCORE_VER(major, minor, patch) ((major) << 16 | (minor) << 8 | (patch))
#define ADI_AXI_PCORE_VER_MAJOR(version) ((version) >> 16 & 0xff)
#define ADI_AXI_PCORE_VER_MINOR(version) ((version) >> 8 & 0xff)
#define ADI_AXI_PCORE_VER_PATCH(version) ((version) & 0xff)

/* Intel. */
#define LPSS_IDMA64_DRIVER_NAME "idma64"
struct hsu_dma_slave {
	struct device *dma_dev;
	int chan_id;
};
struct hsu_dma;
struct hsu_dma_chip {
	struct device *dev;
	int irq;
	void __iomem *regs;
	unsigned int length, offset;
	struct hsu_dma *hsu;
};
int hsu_dma_get_status(struct hsu_dma_chip *chip, unsigned short nr, u32 *status);
int hsu_dma_do_irq(struct hsu_dma_chip *chip, unsigned short nr, u32 status);
int hsu_dma_probe(struct hsu_dma_chip *chip);
int hsu_dma_remove(struct hsu_dma_chip *chip);
enum pch_dma_width { PCH_DMA_WIDTH_1_BYTE, PCH_DMA_WIDTH_2_BYTES, PCH_DMA_WIDTH_4_BYTES };
struct pch_dma_slave {
	struct device *dma_dev;
	unsigned int chan_id;
	dma_addr_t tx_reg, rx_reg;
	enum pch_dma_width width;
};

/* Marvell. */
#define MV_XOR_NAME "mv_xor"
enum pxad_chan_prio { PXAD_PRIO_HIGHEST, PXAD_PRIO_NORMAL, PXAD_PRIO_LOW, PXAD_PRIO_LOWEST };
struct pxad_param {
	unsigned int drcmr;
	enum pxad_chan_prio prio;
};
struct mmp_dma_platdata {
	int dma_channels, nb_requestors, slave_map_cnt;
	const struct dma_slave_map *slave_map;
};

/* Freescale. */
#define STMP_OFFSET_REG_SET 4
#define STMP_OFFSET_REG_CLR 8
#define STMP_OFFSET_REG_TOG 12
int stmp_reset_block(void __iomem *reset);
#define FSL_EDMA_RX 0x01
#define FSL_EDMA_REMOTE 0x02
#define FSL_EDMA_MULTI_FIFO 0x04
#define FSL_EDMA_EVEN_CH 0x08
#define FSL_EDMA_ODD_CH 0x10
#define MXS_DMA_CTRL_WAIT4END 0x80000000UL
#define MXS_DMA_CTRL_WAIT4RDY 0x40000000UL

static inline struct dma_async_tx_descriptor *
mxs_dmaengine_prep_pio(struct dma_chan *chan, u32 *words, unsigned int count,
		       enum dma_transfer_direction direction, unsigned long flags)
{
	return dmaengine_prep_slave_sg(chan, (struct scatterlist *)words, count, direction, flags);
}
struct mcf_edma_platform_data {
	int dma_channels;
	const struct dma_slave_map *slave_map;
	int slavecnt;
};
bool mcf_edma_filter_fn(struct dma_chan *chan, void *param);
#define MCF_EDMA_FILTER_PARAM(number) ((void *)(number))

/* Renesas. */
#define NBPF_SLAVE_RQ_HIGH 1
#define NBPF_SLAVE_RQ_LOW 2
#define NBPF_SLAVE_RQ_LEVEL 4

static inline int r9a06g032_sysctrl_set_dmamux(u32 mask, u32 value)
{
	(void)mask;
	(void)value;
	return -ENODEV;
}
enum shdma_pm_state { SHDMA_PM_ESTABLISHED, SHDMA_PM_BUSY, SHDMA_PM_PENDING };
struct shdma_slave {
	int slave_id;
};
struct shdma_desc {
	struct list_head node;
	struct dma_async_tx_descriptor async_tx;
	enum dma_transfer_direction direction;
	size_t partial;
	dma_cookie_t cookie;
	int chunks, mark;
	bool cyclic;
};
struct shdma_chan {
	spinlock_t chan_lock;
	struct list_head ld_queue, ld_free;
	struct dma_chan dma_chan;
	struct device *dev;
	void *desc;
	int desc_num;
	size_t max_xfer_len;
	int id, irq, slave_id, real_slave_id, hw_req;
	enum shdma_pm_state pm_state;
};
struct shdma_ops {
	bool (*desc_completed)(struct shdma_chan *chan, struct shdma_desc *desc);
	void (*halt_channel)(struct shdma_chan *chan);
	bool (*channel_busy)(struct shdma_chan *chan);
	dma_addr_t (*slave_addr)(struct shdma_chan *chan);
	int (*desc_setup)(struct shdma_chan *chan, struct shdma_desc *desc, dma_addr_t src,
			  dma_addr_t dst, size_t *len);
	int (*set_slave)(struct shdma_chan *chan, int slave_id, dma_addr_t addr, bool try);
	int (*setup_xfer)(struct shdma_chan *chan, int slave_id);
	void (*start_xfer)(struct shdma_chan *chan, struct shdma_desc *desc);
	struct shdma_desc *(*embedded_desc)(void *memory, int index);
	bool (*chan_irq)(struct shdma_chan *chan, int irq);
	size_t (*get_partial)(struct shdma_chan *chan, struct shdma_desc *desc);
};
struct shdma_dev {
	struct dma_device dma_dev;
	struct shdma_chan **schan;
	const struct shdma_ops *ops;
	size_t desc_size;
};
#define shdma_for_each_chan(chan, sdev, i)                                                         \
	for (i = 0, chan = (sdev)->schan[0]; i < (sdev)->dma_dev.chancnt; chan = (sdev)->schan[++i])
int shdma_request_irq(struct shdma_chan *chan, int irq, unsigned long flags, const char *name);
bool shdma_reset(struct shdma_dev *sdev);
void shdma_chan_probe(struct shdma_dev *sdev, struct shdma_chan *chan, int id);
void shdma_chan_remove(struct shdma_chan *chan);
int shdma_init(struct device *dev, struct shdma_dev *sdev, int chan_num);
void shdma_cleanup(struct shdma_dev *sdev);
bool shdma_chan_filter(struct dma_chan *chan, void *arg);

/* Mailboxes, of which no board has one. */
struct mbox_client {
	struct device *dev;
	bool tx_block;
	unsigned long tx_tout;
	bool knows_txdone;
	void (*rx_callback)(struct mbox_client *client, void *message);
	void (*tx_prepare)(struct mbox_client *client, void *message);
	void (*tx_done)(struct mbox_client *client, void *message, int status);
};
struct mbox_chan;
#define mbox_request_channel(client, index)                                                        \
	((void)(client), (void)(index), (struct mbox_chan *)ERR_PTR(-ENODEV))
#define mbox_free_channel(chan) ((void)(chan))
#define mbox_send_message(chan, message) ((void)(chan), (void)(message), -ENODEV)
#define mbox_client_txdone(chan, status) ((void)(chan), (void)(status))
#define mbox_client_peek_data(chan) ((void)(chan), false)

/* Broadcom: what goes through a mailbox. */
enum brcm_message_type {
	BRCM_MESSAGE_UNKNOWN,
	BRCM_MESSAGE_BATCH,
	BRCM_MESSAGE_SPU,
	BRCM_MESSAGE_SBA,
	BRCM_MESSAGE_MAX,
};
#define BRCM_SBA_CMD_TYPE_A 1
#define BRCM_SBA_CMD_TYPE_B 2
#define BRCM_SBA_CMD_TYPE_C 4
#define BRCM_SBA_CMD_HAS_RESP 8
#define BRCM_SBA_CMD_HAS_OUTPUT 16
struct brcm_sba_command {
	u64 cmd;
	u64 *cmd_dma;
	dma_addr_t cmd_dma_addr;
	u64 flags;
	dma_addr_t resp;
	size_t resp_len;
	dma_addr_t data;
	size_t data_len;
};
struct brcm_message {
	enum brcm_message_type type;
	union {
		struct {
			struct brcm_message *msgs;
			unsigned int msgs_queued, msgs_count;
		} batch;
		struct {
			struct scatterlist *src, *dst;
		} spu;
		struct {
			struct brcm_sba_command *cmds;
			unsigned int cmds_count;
		} sba;
	};
	void *ctx;
	int error;
};

/* Timberdale. */
struct timb_dma_platform_data_channel {
	bool rx;
	unsigned int bytes_per_line, descriptors, descriptor_elements;
};
struct timb_dma_platform_data {
	unsigned int nr_channels;
	struct timb_dma_platform_data_channel channels[32];
};

/* Of x86, if the processor had it. */
#define X86_FEATURE_DCA 18
#define boot_cpu_has(feature) ((void)(feature), 0)
#define cpuid_eax(leaf) ((void)(leaf), 0U)
#define cpuid_ebx(leaf) ((void)(leaf), 0U)

/* Direct cache access of Intel's chipsets, which have gone: no provider has a place here. */
#define DCA_PROVIDER_ADD 1
#define DCA_PROVIDER_REMOVE 2
struct dca_ops;
struct dca_provider {
	struct list_head node;
	const struct dca_ops *ops;
	struct device *cd;
	int id;
};
struct dca_ops {
	int (*add_requester)(struct dca_provider *dca, struct device *dev);
	int (*remove_requester)(struct dca_provider *dca, struct device *dev);
	u8 (*get_tag)(struct dca_provider *dca, struct device *dev, int cpu);
	int (*dev_managed)(struct dca_provider *dca, struct device *dev);
};
#define alloc_dca_provider(ops, size) ((void)(ops), (void)(size), (struct dca_provider *)NULL)
#define register_dca_provider(dca, dev) ((void)(dca), (void)(dev), -ENODEV)
#define unregister_dca_provider(dca, dev) ((void)(dca), (void)(dev))
#define free_dca_provider(dca) ((void)(dca))
#define dca_priv(dca) ((void *)((dca) + 1))

/* Requests by ACPI, of which no board has tables. */
struct acpi_dma_spec {
	int chan_id, slave_id;
	struct device *dev;
};
struct acpi_dma_filter_info {
	dma_cap_mask_t dma_cap;
	dma_filter_fn filter_fn;
};
#define acpi_dma_simple_xlate NULL
#define acpi_dma_controller_register(dev, xlate, data) ((void)(dev), (void)(data), -ENODEV)
#define acpi_dma_controller_free(dev) ((void)(dev), -ENODEV)

/* Numbers of regions, which Linux keeps with those of endpoints. */
enum pci_barno { NO_BAR = -1, BAR_0, BAR_1, BAR_2, BAR_3, BAR_4, BAR_5 };

/* Notes of NVIDIA's driver for a tracer. */
#define trace_tegra_dma_complete_cb(chan, count, ptr) ((void)(chan), (void)(count), (void)(ptr))
#define trace_tegra_dma_isr(chan, irq) ((void)(chan), (void)(irq))
#define trace_tegra_dma_tx_status(chan, cookie, state)                                             \
	((void)(chan), (void)(cookie), (void)(state))

#endif
