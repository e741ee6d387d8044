/* The DMA controller of the BCM2835, as a module: BCM2835 ARM Peripherals, chapter 4. */
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/dmapool.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_dma.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include "virt-dma.h"

#define CHANNELS 15
#define STRIDE 0x100
#define FIRST_LITE 7

#define CS 0x00
#define CS_ACTIVE BIT(0)
#define CS_INT BIT(2)
#define CS_ERROR BIT(8)
#define CS_RESET BIT(31)
#define CONBLK_AD 0x04
#define SOURCE_AD 0x0c
#define DEST_AD 0x10
#define DEBUG 0x20
#define DEBUG_ERRORS 7

#define TI_INTEN BIT(0)
#define TI_WAIT_RESP BIT(3)
#define TI_DEST_INC BIT(4)
#define TI_DEST_DREQ BIT(6)
#define TI_SRC_INC BIT(8)
#define TI_SRC_DREQ BIT(10)
#define TI_BURST(words) (((words) - 1) << 12)
#define TI_PERMAP(line) ((line) << 16)

#define LENGTH_MAX 0x3ffffffc
#define LITE_LENGTH_MAX 0xfffc

struct block {
	u32 ti;
	u32 source;
	u32 dest;
	u32 length;
	u32 stride;
	u32 next;
	u32 reserved[2];
};

struct piece {
	struct block *block;
	dma_addr_t dma;
};

struct transfer {
	struct virt_dma_desc vd;
	struct controller_channel *channel;
	enum dma_transfer_direction direction;
	bool cyclic;
	size_t size;
	unsigned int count;
	struct piece pieces[];
};

struct controller_channel {
	struct virt_dma_chan vc;
	void __iomem *base;
	int irq;
	unsigned int number;
	u32 dreq;
	struct dma_slave_config config;
	struct dma_pool *blocks;
	struct transfer *active;
};

struct controller {
	struct dma_device dma;
	void __iomem *base;
	struct controller_channel channels[CHANNELS];
};

static struct controller_channel *to_channel(struct dma_chan *chan)
{
	return container_of(chan, struct controller_channel, vc.chan);
}

static struct transfer *to_transfer(struct virt_dma_desc *vd)
{
	return container_of(vd, struct transfer, vd);
}

static void free_transfer(struct virt_dma_desc *vd)
{
	struct transfer *transfer = to_transfer(vd);
	unsigned int i;

	for (i = 0; i < transfer->count; i++)
		dma_pool_free(transfer->channel->blocks, transfer->pieces[i].block,
			      transfer->pieces[i].dma);
	kfree(transfer);
}

static struct transfer *new_transfer(struct controller_channel *c, unsigned int count,
				     enum dma_transfer_direction direction)
{
	struct transfer *transfer = kzalloc(struct_size(transfer, pieces, count), GFP_NOWAIT);
	unsigned int i;

	if (!transfer)
		return NULL;
	transfer->channel = c;
	transfer->direction = direction;
	for (i = 0; i < count; i++) {
		struct piece *piece = &transfer->pieces[i];

		piece->block = dma_pool_zalloc(c->blocks, GFP_NOWAIT, &piece->dma);
		if (!piece->block) {
			free_transfer(&transfer->vd);
			return NULL;
		}
		transfer->count++;
		if (i)
			piece[-1].block->next = (u32)piece->dma;
	}
	return transfer;
}

static size_t length_max(struct controller_channel *c)
{
	return c->number < FIRST_LITE ? LENGTH_MAX : LITE_LENGTH_MAX;
}

/* Fills blocks for one range of memory, from index on; answers the index behind them. */
static unsigned int fill(struct transfer *transfer, unsigned int index, u32 ti, dma_addr_t source,
			 dma_addr_t dest, size_t size)
{
	size_t max = length_max(transfer->channel);

	while (size) {
		struct block *block = transfer->pieces[index++].block;
		size_t length = min(size, max);

		block->ti = ti;
		block->source = (u32)source;
		block->dest = (u32)dest;
		block->length = (u32)length;
		if (ti & TI_SRC_INC)
			source += length;
		if (ti & TI_DEST_INC)
			dest += length;
		size -= length;
		transfer->size += length;
	}
	return index;
}

static unsigned int blocks_for(struct controller_channel *c, size_t size)
{
	return DIV_ROUND_UP(size, length_max(c));
}

static struct dma_async_tx_descriptor *prep_memcpy(struct dma_chan *chan, dma_addr_t dst,
						   dma_addr_t src, size_t len, unsigned long flags)
{
	struct controller_channel *c = to_channel(chan);
	struct transfer *transfer;

	if (!len)
		return NULL;
	transfer = new_transfer(c, blocks_for(c, len), DMA_MEM_TO_MEM);
	if (!transfer)
		return NULL;
	fill(transfer, 0, TI_SRC_INC | TI_DEST_INC, src, dst, len);
	transfer->pieces[transfer->count - 1].block->ti |= TI_INTEN | TI_WAIT_RESP;
	return vchan_tx_prep(&c->vc, &transfer->vd, flags);
}

static u32 slave_ti(struct controller_channel *c, enum dma_transfer_direction direction,
		    dma_addr_t *fifo)
{
	bool read = direction == DMA_DEV_TO_MEM;
	u32 burst = read ? c->config.src_maxburst : c->config.dst_maxburst;
	phys_addr_t phys = read ? c->config.src_addr : c->config.dst_addr;

	/* The CPU's 0x3fxxxxxx is 0x7exxxxxx on the bus. */
	*fifo = (phys & 0xffffff) | 0x7e000000;
	return (read ? TI_SRC_DREQ | TI_DEST_INC : TI_DEST_DREQ | TI_SRC_INC) | TI_WAIT_RESP |
	       TI_BURST(clamp_t(u32, burst, 1, 16)) | TI_PERMAP(c->dreq);
}

static unsigned int fill_slave(struct transfer *transfer, unsigned int index, u32 ti,
			       dma_addr_t fifo, dma_addr_t memory, size_t size)
{
	if (transfer->direction == DMA_DEV_TO_MEM)
		return fill(transfer, index, ti, fifo, memory, size);
	return fill(transfer, index, ti, memory, fifo, size);
}

static struct dma_async_tx_descriptor *prep_slave_sg(struct dma_chan *chan,
						     struct scatterlist *sgl, unsigned int sg_len,
						     enum dma_transfer_direction direction,
						     unsigned long flags, void *context)
{
	struct controller_channel *c = to_channel(chan);
	struct transfer *transfer;
	struct scatterlist *sg;
	unsigned int count = 0, i;
	dma_addr_t fifo;
	u32 ti = slave_ti(c, direction, &fifo);

	for_each_sg(sgl, sg, sg_len, i)
		count += blocks_for(c, sg_dma_len(sg));
	transfer = count ? new_transfer(c, count, direction) : NULL;
	if (!transfer)
		return NULL;
	count = 0;
	for_each_sg(sgl, sg, sg_len, i)
		count = fill_slave(transfer, count, ti, fifo, sg_dma_address(sg), sg_dma_len(sg));
	transfer->pieces[count - 1].block->ti |= TI_INTEN;
	return vchan_tx_prep(&c->vc, &transfer->vd, flags);
}

static struct dma_async_tx_descriptor *prep_cyclic(struct dma_chan *chan, dma_addr_t buf,
						   size_t buf_len, size_t period_len,
						   enum dma_transfer_direction direction,
						   unsigned long flags)
{
	struct controller_channel *c = to_channel(chan);
	struct transfer *transfer;
	unsigned int index = 0;
	size_t done;
	dma_addr_t fifo;
	u32 ti = slave_ti(c, direction, &fifo);

	if (!buf_len || !period_len || buf_len % period_len)
		return NULL;
	transfer = new_transfer(c, buf_len / period_len * blocks_for(c, period_len), direction);
	if (!transfer)
		return NULL;
	for (done = 0; done < buf_len; done += period_len) {
		index = fill_slave(transfer, index, ti, fifo, buf + done, period_len);
		transfer->pieces[index - 1].block->ti |= TI_INTEN;
	}
	transfer->pieces[index - 1].block->next = (u32)transfer->pieces[0].dma;
	transfer->cyclic = true;
	return vchan_tx_prep(&c->vc, &transfer->vd, flags);
}

static void start_next(struct controller_channel *c)
{
	struct virt_dma_desc *vd = vchan_next_desc(&c->vc);

	c->active = NULL;
	if (!vd)
		return;
	list_del(&vd->node);
	c->active = to_transfer(vd);
	writel((u32)c->active->pieces[0].dma, c->base + CONBLK_AD);
	writel(CS_ACTIVE, c->base + CS);
}

static void issue_pending(struct dma_chan *chan)
{
	struct controller_channel *c = to_channel(chan);
	unsigned long flags;

	spin_lock_irqsave(&c->vc.lock, flags);
	if (vchan_issue_pending(&c->vc) && !c->active)
		start_next(c);
	spin_unlock_irqrestore(&c->vc.lock, flags);
}

static irqreturn_t interrupt(int irq, void *data)
{
	struct controller_channel *c = data;
	unsigned long flags;
	u32 cs = readl(c->base + CS);

	if (!(cs & (CS_INT | CS_ERROR)))
		return IRQ_NONE;
	spin_lock_irqsave(&c->vc.lock, flags);
	if (cs & CS_ERROR) {
		dev_err(c->vc.chan.device->dev, "channel %u: error, DEBUG 0x%08x\n", c->number,
			readl(c->base + DEBUG));
		writel(DEBUG_ERRORS, c->base + DEBUG);
		writel(CS_RESET, c->base + CS);
		if (c->active) {
			c->active->vd.tx_result.result = DMA_TRANS_READ_FAILED;
			vchan_cookie_complete(&c->active->vd);
			start_next(c);
		}
	} else {
		writel(CS_INT | CS_ACTIVE, c->base + CS);
		if (c->active && c->active->cyclic) {
			vchan_cyclic_callback(&c->active->vd);
		} else if (c->active && !readl(c->base + CONBLK_AD)) {
			dma_descriptor_unmap(&c->active->vd.tx);
			vchan_cookie_complete(&c->active->vd);
			start_next(c);
		}
	}
	spin_unlock_irqrestore(&c->vc.lock, flags);
	return IRQ_HANDLED;
}

static size_t residue_of(struct controller_channel *c, struct transfer *transfer)
{
	bool to_device = transfer->direction == DMA_MEM_TO_DEV;
	u32 current_block = readl(c->base + CONBLK_AD);
	u32 position = readl(c->base + (to_device ? SOURCE_AD : DEST_AD));
	size_t left = 0;
	unsigned int i;
	bool found = false;

	for (i = 0; i < transfer->count; i++) {
		struct block *block = transfer->pieces[i].block;
		u32 start = to_device ? block->source : block->dest;

		if (found) {
			left += block->length;
		} else if ((u32)transfer->pieces[i].dma == current_block) {
			found = true;
			left = block->length;
			if (position - start <= block->length)
				left -= position - start;
		}
	}
	return found ? left : 0;
}

static enum dma_status tx_status(struct dma_chan *chan, dma_cookie_t cookie,
				 struct dma_tx_state *state)
{
	struct controller_channel *c = to_channel(chan);
	enum dma_status status = dma_cookie_status(chan, cookie, state);
	struct virt_dma_desc *vd;
	unsigned long flags;

	if (status == DMA_COMPLETE || !state)
		return status;
	spin_lock_irqsave(&c->vc.lock, flags);
	vd = vchan_find_desc(&c->vc, cookie);
	if (vd)
		dma_set_residue(state, to_transfer(vd)->size);
	else if (c->active && c->active->vd.tx.cookie == cookie)
		dma_set_residue(state, residue_of(c, c->active));
	spin_unlock_irqrestore(&c->vc.lock, flags);
	return status;
}

static int slave_config(struct dma_chan *chan, struct dma_slave_config *config)
{
	to_channel(chan)->config = *config;
	return 0;
}

static int terminate_all(struct dma_chan *chan)
{
	struct controller_channel *c = to_channel(chan);
	unsigned long flags;
	LIST_HEAD(dropped);

	spin_lock_irqsave(&c->vc.lock, flags);
	if (c->active) {
		vchan_terminate_vdesc(&c->active->vd);
		c->active = NULL;
		writel(0, c->base + CS);
		writel(CS_RESET, c->base + CS);
	}
	vchan_get_all_descriptors(&c->vc, &dropped);
	spin_unlock_irqrestore(&c->vc.lock, flags);
	vchan_dma_desc_free_list(&c->vc, &dropped);
	return 0;
}

static void synchronize(struct dma_chan *chan)
{
	vchan_synchronize(&to_channel(chan)->vc);
}

static int alloc_chan_resources(struct dma_chan *chan)
{
	struct controller_channel *c = to_channel(chan);
	int error;

	c->blocks = dma_pool_create(dma_chan_name(chan), chan->device->dev, sizeof(struct block),
				    32, 0);
	if (!c->blocks)
		return -ENOMEM;
	error = request_irq(c->irq, interrupt, IRQF_SHARED, "bcm2835-dma in C", c);
	if (error)
		dma_pool_destroy(c->blocks);
	return error;
}

static void free_chan_resources(struct dma_chan *chan)
{
	struct controller_channel *c = to_channel(chan);

	terminate_all(chan);
	vchan_free_chan_resources(&c->vc);
	free_irq(c->irq, c);
	dma_pool_destroy(c->blocks);
	c->dreq = 0;
}

static struct dma_chan *translate(struct of_phandle_args *spec, struct of_dma *ofdma)
{
	struct controller *controller = ofdma->of_dma_data;
	struct dma_chan *chan = dma_get_any_slave_channel(&controller->dma);

	if (chan)
		to_channel(chan)->dreq = spec->args[0];
	return chan;
}

static int probe(struct platform_device *pdev)
{
	struct device *dev = &pdev->dev;
	struct controller *controller;
	struct dma_device *dma;
	u32 mask, number;
	int error;

	error = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(32));
	if (error)
		return error;
	controller = devm_kzalloc(dev, sizeof(*controller), GFP_KERNEL);
	if (!controller)
		return -ENOMEM;
	controller->base = devm_platform_ioremap_resource(pdev, 0);
	if (IS_ERR(controller->base))
		return PTR_ERR(controller->base);
	if (of_property_read_u32(dev->of_node, "brcm,dma-channel-mask", &mask))
		return -EINVAL;

	dma = &controller->dma;
	INIT_LIST_HEAD(&dma->channels);
	dma_cap_set(DMA_SLAVE, dma->cap_mask);
	dma_cap_set(DMA_PRIVATE, dma->cap_mask);
	dma_cap_set(DMA_CYCLIC, dma->cap_mask);
	dma_cap_set(DMA_MEMCPY, dma->cap_mask);
	dma->dev = dev;
	dma->device_alloc_chan_resources = alloc_chan_resources;
	dma->device_free_chan_resources = free_chan_resources;
	dma->device_prep_dma_memcpy = prep_memcpy;
	dma->device_prep_slave_sg = prep_slave_sg;
	dma->device_prep_dma_cyclic = prep_cyclic;
	dma->device_config = slave_config;
	dma->device_terminate_all = terminate_all;
	dma->device_synchronize = synchronize;
	dma->device_tx_status = tx_status;
	dma->device_issue_pending = issue_pending;
	dma->src_addr_widths = BIT(DMA_SLAVE_BUSWIDTH_4_BYTES);
	dma->dst_addr_widths = BIT(DMA_SLAVE_BUSWIDTH_4_BYTES);
	dma->directions = BIT(DMA_DEV_TO_MEM) | BIT(DMA_MEM_TO_DEV) | BIT(DMA_MEM_TO_MEM);
	dma->residue_granularity = DMA_RESIDUE_GRANULARITY_BURST;

	for (number = 0; number < CHANNELS; number++) {
		struct controller_channel *c = &controller->channels[number];
		char name[8];

		if (!(mask & BIT(number)))
			continue;
		snprintf(name, sizeof(name), "dma%u", number);
		c->irq = platform_get_irq_byname(pdev, name);
		if (c->irq < 0)
			return c->irq;
		c->number = number;
		c->base = controller->base + number * STRIDE;
		c->vc.desc_free = free_transfer;
		vchan_init(&c->vc, dma);
		writel(CS_RESET, c->base + CS);
	}

	error = dma_async_device_register(dma);
	if (error)
		return error;
	error = of_dma_controller_register(dev->of_node, translate, controller);
	if (error) {
		dma_async_device_unregister(dma);
		return error;
	}
	platform_set_drvdata(pdev, controller);
	dev_info(dev, "%u channels\n", dma->chancnt);
	return 0;
}

static void remove(struct platform_device *pdev)
{
	struct controller *controller = platform_get_drvdata(pdev);

	of_dma_controller_free(pdev->dev.of_node);
	dma_async_device_unregister(&controller->dma);
}

static const struct of_device_id matches[] = {
	{.compatible = "brcm,bcm2835-dma"},
	{},
};
MODULE_DEVICE_TABLE(of, matches);

static struct platform_driver driver = {
	.probe = probe,
	.remove = remove,
	.driver = {
		.name = "bcm2835-dma-c",
		.of_match_table = matches,
	},
};
module_platform_driver(driver);
MODULE_DESCRIPTION("The DMA controller of the BCM2835");
MODULE_LICENSE("GPL");
