/* A provider whose controller is the CPU: every operation there is, on physical addresses. */
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "virt-dma.h"

#define OPERANDS 16
#define CHANNELS 2
#define OWN_METADATA 16

enum kind { COPY, FILL, XOR, XOR_VAL, PQ, PQ_VAL, PIECES, NOTHING, VALUE, FRAMES };

struct piece {
	dma_addr_t addr;
	size_t len;
};

struct soft_desc {
	struct virt_dma_desc vd;
	enum kind kind;
	dma_addr_t dst[2];
	dma_addr_t src[OPERANDS];
	u8 scf[OPERANDS];
	struct piece pieces[OPERANDS];
	unsigned int count;
	size_t len;
	u64 value;
	enum sum_check_flags *sum;
	struct dma_interleaved_template *xt;
	u8 *attached;
	size_t attached_len;
	u8 own[OWN_METADATA];
	size_t own_len;
};

struct soft_chan {
	struct virt_dma_chan vc;
	struct dma_slave_config config;
};

static struct platform_device *pdev;
static struct dma_device soft;
static struct kobject *about;
static struct soft_chan chans[CHANNELS];

static struct soft_desc *to_soft(struct dma_async_tx_descriptor *tx)
{
	return container_of(tx, struct soft_desc, vd.tx);
}

static u8 *at(dma_addr_t dma)
{
	return phys_to_virt(dma);
}

/* Operations. */

static u8 times(u8 a, u8 b)
{
	u8 product = 0;

	for (; b; b >>= 1) {
		if (b & 1)
			product ^= a;
		a = (a << 1) ^ (a & 0x80 ? 0x1d : 0);
	}
	return product;
}

static void sum_at(const struct soft_desc *desc, size_t i, u8 *p, u8 *q)
{
	*p = 0;
	*q = 0;
	for (unsigned int n = 0; n < desc->count; n++) {
		*p ^= at(desc->src[n])[i];
		*q ^= times(at(desc->src[n])[i], desc->scf[n]);
	}
}

static void sums(struct soft_desc *desc)
{
	bool with_p = !(desc->vd.tx.flags & DMA_PREP_PQ_DISABLE_P);
	bool with_q = !(desc->vd.tx.flags & DMA_PREP_PQ_DISABLE_Q);
	u8 p, q;

	if (desc->sum)
		*desc->sum = 0;
	for (size_t i = 0; i < desc->len; i++) {
		sum_at(desc, i, &p, &q);
		switch (desc->kind) {
		case XOR:
			at(desc->dst[0])[i] = p;
			break;
		case XOR_VAL:
			*desc->sum |= p ? SUM_CHECK_P_RESULT : 0;
			break;
		case PQ:
			if (with_p)
				at(desc->dst[0])[i] = p;
			if (with_q)
				at(desc->dst[1])[i] = q;
			break;
		default:
			if (with_p && at(desc->dst[0])[i] != p)
				*desc->sum |= SUM_CHECK_P_RESULT;
			if (with_q && at(desc->dst[1])[i] != q)
				*desc->sum |= SUM_CHECK_Q_RESULT;
		}
	}
}

static void frames(struct dma_interleaved_template *xt)
{
	dma_addr_t src = xt->src_start, dst = xt->dst_start;

	for (size_t frame = 0; frame < xt->numf; frame++)
		for (size_t i = 0; i < xt->frame_size; i++) {
			struct data_chunk *chunk = &xt->sgl[i];

			memcpy(at(dst), at(src), chunk->size);
			src += chunk->size + dmaengine_get_src_icg(xt, chunk);
			dst += chunk->size + dmaengine_get_dst_icg(xt, chunk);
		}
}

static void work(struct soft_desc *desc)
{
	switch (desc->kind) {
	case COPY:
		memcpy(at(desc->dst[0]), at(desc->src[0]), desc->len);
		break;
	case FILL:
		memset(at(desc->dst[0]), (int)desc->value, desc->len);
		break;
	case PIECES:
		for (unsigned int i = 0; i < desc->count; i++)
			memset(at(desc->pieces[i].addr), (int)desc->value, desc->pieces[i].len);
		break;
	case VALUE:
		memcpy(at(desc->dst[0]), &desc->value, sizeof(desc->value));
		break;
	case FRAMES:
		frames(desc->xt);
		break;
	case NOTHING:
		break;
	default:
		sums(desc);
	}
	for (size_t i = 0; i < desc->attached_len; i++)
		desc->attached[i] ^= 0xff;
	dma_descriptor_unmap(&desc->vd.tx);
}

/* Metadata. */

static int soft_attach(struct dma_async_tx_descriptor *tx, void *data, size_t len)
{
	to_soft(tx)->attached = data;
	to_soft(tx)->attached_len = len;
	return 0;
}

static void *soft_get_ptr(struct dma_async_tx_descriptor *tx, size_t *payload, size_t *max)
{
	*payload = to_soft(tx)->own_len;
	*max = OWN_METADATA;
	return to_soft(tx)->own;
}

static int soft_set_len(struct dma_async_tx_descriptor *tx, size_t payload)
{
	if (payload > OWN_METADATA)
		return -EINVAL;
	to_soft(tx)->own_len = payload;
	return 0;
}

static struct dma_descriptor_metadata_ops metadata_ops = {
	.attach = soft_attach,
	.get_ptr = soft_get_ptr,
	.set_len = soft_set_len,
};

/* Preparing. */

static struct soft_desc *begin(enum kind kind, size_t len)
{
	struct soft_desc *desc = kzalloc(sizeof(*desc), GFP_NOWAIT);

	if (desc) {
		desc->kind = kind;
		desc->len = len;
	}
	return desc;
}

static struct dma_async_tx_descriptor *end(struct dma_chan *chan, struct soft_desc *desc,
					   unsigned long flags)
{
	struct dma_async_tx_descriptor *tx;

	if (!desc)
		return NULL;
	tx = vchan_tx_prep(to_virt_chan(chan), &desc->vd, flags);
	tx->metadata_ops = &metadata_ops;
	return tx;
}

static struct soft_desc *with_sources(struct soft_desc *desc, dma_addr_t *src, unsigned int count,
				      const unsigned char *scf)
{
	if (!desc || count > OPERANDS) {
		kfree(desc);
		return NULL;
	}
	memcpy(desc->src, src, count * sizeof(*src));
	if (scf)
		memcpy(desc->scf, scf, count);
	desc->count = count;
	return desc;
}

static struct dma_async_tx_descriptor *soft_memcpy(struct dma_chan *chan, dma_addr_t dst,
						   dma_addr_t src, size_t len, unsigned long flags)
{
	struct soft_desc *desc = begin(COPY, len);

	if (desc) {
		desc->dst[0] = dst;
		desc->src[0] = src;
	}
	return end(chan, desc, flags);
}

static struct dma_async_tx_descriptor *soft_memset(struct dma_chan *chan, dma_addr_t dst, int value,
						   size_t len, unsigned long flags)
{
	struct soft_desc *desc = begin(FILL, len);

	if (desc) {
		desc->dst[0] = dst;
		desc->value = value;
	}
	return end(chan, desc, flags);
}

static struct dma_async_tx_descriptor *soft_interrupt(struct dma_chan *chan, unsigned long flags)
{
	return end(chan, begin(NOTHING, 0), flags);
}

static struct dma_async_tx_descriptor *soft_imm(struct dma_chan *chan, dma_addr_t dst, u64 data,
						unsigned long flags)
{
	struct soft_desc *desc = begin(VALUE, 0);

	if (desc) {
		desc->dst[0] = dst;
		desc->value = data;
	}
	return end(chan, desc, flags);
}

static struct dma_async_tx_descriptor *soft_xor(struct dma_chan *chan, dma_addr_t dst,
						dma_addr_t *src, unsigned int count, size_t len,
						unsigned long flags)
{
	struct soft_desc *desc = with_sources(begin(XOR, len), src, count, NULL);

	if (desc)
		desc->dst[0] = dst;
	return end(chan, desc, flags);
}

static struct dma_async_tx_descriptor *soft_xor_val(struct dma_chan *chan, dma_addr_t *src,
						    unsigned int count, size_t len,
						    enum sum_check_flags *result,
						    unsigned long flags)
{
	struct soft_desc *desc = with_sources(begin(XOR_VAL, len), src, count, NULL);

	if (desc)
		desc->sum = result;
	return end(chan, desc, flags);
}

static struct dma_async_tx_descriptor *soft_pq(struct dma_chan *chan, dma_addr_t *dst,
					       dma_addr_t *src, unsigned int count,
					       const unsigned char *scf, size_t len,
					       unsigned long flags)
{
	struct soft_desc *desc = with_sources(begin(PQ, len), src, count, scf);

	if (desc)
		memcpy(desc->dst, dst, sizeof(desc->dst));
	return end(chan, desc, flags);
}

static struct dma_async_tx_descriptor *soft_pq_val(struct dma_chan *chan, dma_addr_t *pq,
						   dma_addr_t *src, unsigned int count,
						   const unsigned char *scf, size_t len,
						   enum sum_check_flags *result,
						   unsigned long flags)
{
	struct soft_desc *desc = with_sources(begin(PQ_VAL, len), src, count, scf);

	if (desc) {
		memcpy(desc->dst, pq, sizeof(desc->dst));
		desc->sum = result;
	}
	return end(chan, desc, flags);
}

static struct dma_async_tx_descriptor *soft_memset_sg(struct dma_chan *chan, struct scatterlist *sg,
						      unsigned int nents, int value,
						      unsigned long flags)
{
	struct soft_desc *desc = nents > OPERANDS ? NULL : begin(PIECES, 0);

	for (; desc && desc->count < nents; sg = sg_next(sg), desc->count++)
		desc->pieces[desc->count] = (struct piece){sg_dma_address(sg), sg_dma_len(sg)};
	if (desc)
		desc->value = value;
	return end(chan, desc, flags);
}

static struct dma_async_tx_descriptor *soft_vec(struct dma_chan *chan, const struct dma_vec *vecs,
						size_t nents,
						enum dma_transfer_direction direction,
						unsigned long flags)
{
	struct soft_desc *desc;

	if (direction != DMA_DEV_TO_MEM || nents > OPERANDS)
		return NULL;
	desc = begin(PIECES, 0);
	for (; desc && desc->count < nents; desc->count++)
		desc->pieces[desc->count] =
			(struct piece){vecs[desc->count].addr, vecs[desc->count].len};
	if (desc)
		desc->value = 0x77;
	return end(chan, desc, flags);
}

static struct dma_async_tx_descriptor *soft_slave_sg(struct dma_chan *chan, struct scatterlist *sg,
						     unsigned int nents,
						     enum dma_transfer_direction direction,
						     unsigned long flags, void *context)
{
	return direction == DMA_DEV_TO_MEM ? soft_memset_sg(chan, sg, nents, 0x77, flags) : NULL;
}

static struct dma_async_tx_descriptor *soft_interleaved(struct dma_chan *chan,
							struct dma_interleaved_template *xt,
							unsigned long flags)
{
	size_t bytes = struct_size(xt, sgl, xt->frame_size);
	struct soft_desc *desc = begin(FRAMES, 0);

	if (desc)
		desc->xt = kmemdup(xt, bytes, GFP_NOWAIT);
	return end(chan, desc, flags);
}

static int soft_config(struct dma_chan *chan, struct dma_slave_config *config)
{
	struct soft_chan *sc = container_of(to_virt_chan(chan), struct soft_chan, vc);

	if (config->src_addr_width == DMA_SLAVE_BUSWIDTH_3_BYTES)
		return -EINVAL;
	sc->config = *config;
	return 0;
}

/* Shows what it was configured with. */
static void soft_caps(struct dma_chan *chan, struct dma_slave_caps *caps)
{
	struct soft_chan *sc = container_of(to_virt_chan(chan), struct soft_chan, vc);

	caps->max_sg_burst = sc->config.src_port_window_size;
	caps->min_burst = sc->config.device_fc ? 7 : 1;
	if (sc->config.peripheral_size)
		caps->max_burst = *(u8 *)sc->config.peripheral_config;
}

/* Running. */

static void soft_free_desc(struct virt_dma_desc *vd)
{
	struct soft_desc *desc = container_of(vd, struct soft_desc, vd);

	kfree(desc->xt);
	kfree(desc);
}

static void soft_issue_pending(struct dma_chan *chan)
{
	struct virt_dma_chan *vc = to_virt_chan(chan);
	struct virt_dma_desc *vd;
	unsigned long flags;

	spin_lock_irqsave(&vc->lock, flags);
	if (vchan_issue_pending(vc))
		while ((vd = vchan_next_desc(vc))) {
			list_del(&vd->node);
			work(to_soft(&vd->tx));
			vchan_cookie_complete(vd);
		}
	spin_unlock_irqrestore(&vc->lock, flags);
}

static enum dma_status soft_tx_status(struct dma_chan *chan, dma_cookie_t cookie,
				      struct dma_tx_state *state)
{
	return dma_cookie_status(chan, cookie, state);
}

static int soft_terminate(struct dma_chan *chan)
{
	struct virt_dma_chan *vc = to_virt_chan(chan);
	unsigned long flags;
	LIST_HEAD(head);

	spin_lock_irqsave(&vc->lock, flags);
	vchan_get_all_descriptors(vc, &head);
	spin_unlock_irqrestore(&vc->lock, flags);
	vchan_dma_desc_free_list(vc, &head);
	return 0;
}

static void soft_synchronize(struct dma_chan *chan)
{
	vchan_synchronize(to_virt_chan(chan));
}

static void soft_free(struct dma_chan *chan)
{
	vchan_free_chan_resources(to_virt_chan(chan));
}

static void soft_release(struct dma_device *device)
{
	pr_info("dma_soft: released\n");
}

static void soft_summary(struct seq_file *s, struct dma_device *device)
{
	for (int i = 0; i < CHANNELS; i++)
		seq_printf(s, " soft%d: %d clients\n", i, chans[i].vc.chan.client_count);
}

static bool soft_filter(struct dma_chan *chan, void *param)
{
	return chan->chan_id == (long)param;
}

static const struct dma_slave_map soft_map[] = {
	{"dma_soft_user", "tx", (void *)1},
};

static int __init soft_init(void)
{
	int error;

	pdev = platform_device_register_simple("dma_soft", -1, NULL, 0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	soft.dev = &pdev->dev;
	INIT_LIST_HEAD(&soft.channels);
	soft.cap_mask.bits[0] = BIT(DMA_MEMCPY) | BIT(DMA_MEMSET) | BIT(DMA_XOR) |
				BIT(DMA_XOR_VAL) | BIT(DMA_PQ) | BIT(DMA_PQ_VAL) |
				BIT(DMA_MEMSET_SG) | BIT(DMA_INTERRUPT) | BIT(DMA_INTERLEAVE) |
				BIT(DMA_SLAVE) | BIT(DMA_PRIVATE);
	soft.max_xor = OPERANDS;
	dma_set_maxpq(&soft, OPERANDS, 0);
	soft.xor_align = DMAENGINE_ALIGN_4_BYTES;
	soft.pq_align = DMAENGINE_ALIGN_8_BYTES;
	soft.desc_metadata_modes = DESC_METADATA_CLIENT | DESC_METADATA_ENGINE;
	soft.directions = BIT(DMA_DEV_TO_MEM);
	soft.src_addr_widths = BIT(DMA_SLAVE_BUSWIDTH_1_BYTE) | BIT(DMA_SLAVE_BUSWIDTH_3_BYTES);
	soft.dst_addr_widths = BIT(DMA_SLAVE_BUSWIDTH_1_BYTE);
	soft.filter.fn = soft_filter;
	soft.filter.map = soft_map;
	soft.filter.mapcnt = ARRAY_SIZE(soft_map);
	soft.device_prep_dma_memcpy = soft_memcpy;
	soft.device_prep_dma_memset = soft_memset;
	soft.device_prep_dma_interrupt = soft_interrupt;
	soft.device_prep_dma_imm_data = soft_imm;
	soft.device_prep_dma_xor = soft_xor;
	soft.device_prep_dma_xor_val = soft_xor_val;
	soft.device_prep_dma_pq = soft_pq;
	soft.device_prep_dma_pq_val = soft_pq_val;
	soft.device_prep_dma_memset_sg = soft_memset_sg;
	soft.device_prep_peripheral_dma_vec = soft_vec;
	soft.device_prep_slave_sg = soft_slave_sg;
	soft.device_prep_interleaved_dma = soft_interleaved;
	soft.device_config = soft_config;
	soft.device_caps = soft_caps;
	soft.device_issue_pending = soft_issue_pending;
	soft.device_tx_status = soft_tx_status;
	soft.device_terminate_all = soft_terminate;
	soft.device_synchronize = soft_synchronize;
	soft.device_free_chan_resources = soft_free;
	soft.device_release = soft_release;
	soft.dbg_summary_show = soft_summary;
	for (int i = 0; i < CHANNELS; i++) {
		chans[i].vc.desc_free = soft_free_desc;
		vchan_init(&chans[i].vc, &soft);
	}
	error = dma_async_device_register(&soft);
	if (!error)
		about = kobject_create_and_add("about", &chans[0].vc.chan.dev->device.kobj);
	return error;
}

static void __exit soft_exit(void)
{
	kobject_put(about);
	dma_async_device_unregister(&soft);
	platform_device_unregister(pdev);
}

module_init(soft_init);
module_exit(soft_exit);
MODULE_LICENSE("GPL");
