/* Uses every operation of a channel that has them all, and says which step went wrong. */
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#define WANT(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			pr_err("dma_ops: line %d: %s\n", __LINE__, #condition);                    \
			failures++;                                                                \
		}                                                                                  \
	} while (0)

#define LEN 64
#define FLAGS (DMA_PREP_INTERRUPT | DMA_CTRL_ACK)

static int failures;
static struct dma_chan *chan;
static struct dma_device *ops;
static u8 *a, *b, *c, *p, *q;
static dma_addr_t src[3], pq[2];
static const u8 scf[] = {1, 2, 4};

static void finished(void *done)
{
	complete(done);
}

static void ends(struct dma_async_tx_descriptor *desc)
{
	DECLARE_COMPLETION_ONSTACK(done);

	WANT(desc);
	if (!desc)
		return;
	desc->callback = finished;
	desc->callback_param = &done;
	WANT(!dma_submit_error(dmaengine_submit(desc)));
	dma_async_issue_pending(chan);
	if (!wait_for_completion_timeout(&done, HZ)) {
		WANT(!"a callback");
		dmaengine_terminate_sync(chan);
	}
}

static void limits(void)
{
	WANT(ops->max_xor == 16);
	WANT(dma_maxpq(ops, 0) == 16);
	WANT(dma_maxpq(ops, DMA_PREP_CONTINUE) == 13);
	WANT(dma_maxpq(ops, DMA_PREP_CONTINUE | DMA_PREP_PQ_DISABLE_P) == 15);
	WANT(!dma_dev_has_pq_continue(ops));
	WANT(is_dma_xor_aligned(ops, 4, 8, 12) && !is_dma_xor_aligned(ops, 2, 8, 12));
	WANT(is_dma_pq_aligned(ops, 8, 8, 8) && !is_dma_pq_aligned(ops, 4, 8, 12));
	WANT(dmaengine_is_metadata_mode_supported(chan, DESC_METADATA_CLIENT));
}

static void xors(void)
{
	enum sum_check_flags sum = 3;
	struct dma_async_tx_descriptor *desc;
	dma_cookie_t cookie;

	ends(ops->device_prep_dma_xor(chan, pq[0], src, 3, LEN, FLAGS));
	for (int i = 0; i < LEN; i++)
		WANT(p[i] == (a[i] ^ b[i] ^ c[i]));
	dma_addr_t all[] = {src[0], src[1], src[2], pq[0]};

	ends(ops->device_prep_dma_xor_val(chan, all, 4, LEN, &sum, FLAGS));
	WANT(sum == 0);
	p[LEN - 1] ^= 1;
	ends(ops->device_prep_dma_xor_val(chan, all, 4, LEN, &sum, FLAGS));
	WANT(sum == SUM_CHECK_P_RESULT);
	p[LEN - 1] ^= 1;
	sum = 3;
	desc = ops->device_prep_dma_xor_val(chan, all, 4, LEN, &sum, DMA_CTRL_ACK);
	cookie = dmaengine_submit(desc);
	WANT(dma_sync_wait(chan, cookie) == DMA_COMPLETE);
	WANT(sum == 0);
	WANT(!ops->device_prep_dma_xor(chan, pq[0], (dma_addr_t[17]){0}, 17, LEN, FLAGS));
}

static void syndromes(void)
{
	enum sum_check_flags sum = 3;

	memset(p, 0, LEN);
	ends(ops->device_prep_dma_pq(chan, pq, src, 3, scf, LEN, FLAGS));
	WANT(p[5] == (a[5] ^ b[5] ^ c[5]));
	/* 2 * 0x81 and 4 * 0x81 leave the field's eight bits, and come back as 0x1d and 0x3a. */
	a[0] = 0;
	b[0] = c[0] = 0x81;
	ends(ops->device_prep_dma_pq(chan, pq, src, 3, scf, LEN, FLAGS));
	WANT(p[0] == 0 && q[0] == ((0x02 ^ 0x1d) ^ (0x04 ^ 0x3a)));
	ends(ops->device_prep_dma_pq_val(chan, pq, src, 3, scf, LEN, &sum, FLAGS));
	WANT(sum == 0);
	q[1] ^= 1;
	ends(ops->device_prep_dma_pq_val(chan, pq, src, 3, scf, LEN, &sum, FLAGS));
	WANT(sum == SUM_CHECK_Q_RESULT);
	p[1] ^= 1;
	ends(ops->device_prep_dma_pq_val(chan, pq, src, 3, scf, LEN, &sum, FLAGS));
	WANT(sum == (SUM_CHECK_P_RESULT | SUM_CHECK_Q_RESULT));
	ends(ops->device_prep_dma_pq_val(chan, pq, src, 3, scf, LEN, &sum,
					 FLAGS | DMA_PREP_PQ_DISABLE_Q));
	WANT(sum == SUM_CHECK_P_RESULT);
	p[2] = 0xaa;
	ends(ops->device_prep_dma_pq(chan, pq, src, 3, scf, LEN, FLAGS | DMA_PREP_PQ_DISABLE_P));
	WANT(p[2] == 0xaa);
}

static void lists(void)
{
	struct scatterlist sg[2];
	struct dma_vec vecs[] = {{pq[0] + 8, 4}, {pq[1] + 16, 4}};

	sg_init_table(sg, 2);
	sg_dma_address(&sg[0]) = pq[0];
	sg_dma_len(&sg[0]) = 3;
	sg_dma_address(&sg[1]) = pq[1];
	sg_dma_len(&sg[1]) = 5;
	ends(ops->device_prep_dma_memset_sg(chan, sg, 2, 0x5a, FLAGS));
	WANT(p[2] == 0x5a && q[4] == 0x5a && q[5] != 0x5a);
	ends(dmaengine_prep_peripheral_dma_vec(chan, vecs, 2, DMA_DEV_TO_MEM, FLAGS));
	WANT(p[8] == 0x77 && p[11] == 0x77 && q[16] == 0x77 && q[19] == 0x77);
	ends(dmaengine_prep_slave_sg(chan, sg, 2, DMA_DEV_TO_MEM, FLAGS));
	WANT(p[0] == 0x77 && q[4] == 0x77);
	ends(ops->device_prep_dma_imm_data(chan, pq[0], 0x1122334455667788, FLAGS));
	WANT(*(u64 *)p == 0x1122334455667788);
	ends(ops->device_prep_dma_memset(chan, pq[0], 0x11, 8, FLAGS));
	WANT(*(u64 *)p == 0x1111111111111111);
	ends(dmaengine_prep_dma_interrupt(chan, FLAGS));
}

static void rectangles(void)
{
	struct dma_interleaved_template *xt = kzalloc(struct_size(xt, sgl, 2), GFP_KERNEL);

	memset(p, 0, LEN);
	xt->src_start = src[0];
	xt->dst_start = pq[0];
	xt->dir = DMA_MEM_TO_MEM;
	xt->src_inc = xt->dst_inc = true;
	xt->src_sgl = true;
	xt->numf = 2;
	xt->frame_size = 2;
	xt->sgl[0] = (struct data_chunk){.size = 2, .icg = 6};
	xt->sgl[1] = (struct data_chunk){.size = 4, .icg = 4, .dst_icg = 2};
	ends(dmaengine_prep_interleaved_dma(chan, xt, FLAGS));
	WANT(!memcmp(p, a, 2) && !memcmp(p + 2, a + 8, 4));
	WANT(!memcmp(p + 8, a + 16, 2) && !memcmp(p + 10, a + 24, 4) && !p[14]);
	WANT(!dmaengine_prep_interleaved_dma(chan, xt, FLAGS | DMA_PREP_REPEAT));
	kfree(xt);
}

static void config(void)
{
	u8 *opaque = kmalloc(1, GFP_KERNEL);
	struct dma_slave_caps caps;
	struct dma_slave_config config = {
		.direction = DMA_DEV_TO_MEM,
		.src_addr = 0x3f201000,
		.src_addr_width = DMA_SLAVE_BUSWIDTH_1_BYTE,
		.src_maxburst = 4,
		.src_port_window_size = 33,
		.device_fc = true,
		.peripheral_config = opaque,
		.peripheral_size = 1,
	};

	*opaque = 99;
	WANT(!dmaengine_slave_config(chan, &config));
	WANT(!dma_get_slave_caps(chan, &caps));
	WANT(caps.max_sg_burst == 33 && caps.min_burst == 7 && caps.max_burst == 99);
	WANT(caps.cmd_terminate && !caps.cmd_pause && caps.directions == BIT(DMA_DEV_TO_MEM));
	config.src_addr_width = DMA_SLAVE_BUSWIDTH_3_BYTES;
	WANT(dmaengine_slave_config(chan, &config) == -EINVAL);
	config = (struct dma_slave_config){.src_addr = 0x3f201000,
					   .src_addr_width = DMA_SLAVE_BUSWIDTH_1_BYTE};
	WANT(!dmaengine_slave_config(chan, &config));
	WANT(!dma_get_slave_caps(chan, &caps) && caps.min_burst == 1);
	kfree(opaque);
}

static struct dma_async_tx_descriptor *asked;
static u8 seen;

static void looks_at_metadata(void *done)
{
	size_t payload, max;
	u8 *own = dmaengine_desc_get_metadata_ptr(asked, &payload, &max);

	WANT(!IS_ERR(own) && payload == 3);
	seen = IS_ERR(own) ? 0 : own[2];
	complete(done);
}

static void metadata(void)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct dma_async_tx_descriptor *desc;
	u8 *tag = kmalloc(4, GFP_KERNEL);
	size_t payload, max;
	u8 *own;

	memset(tag, 0x0f, 4);
	desc = dmaengine_prep_dma_memcpy(chan, pq[0], src[0], 4, FLAGS);
	WANT(!dmaengine_desc_attach_metadata(desc, tag, 4));
	WANT(dmaengine_desc_set_metadata_len(desc, 4) == -EINVAL);
	ends(desc);
	WANT(tag[0] == 0xf0 && tag[3] == 0xf0);
	kfree(tag);

	desc = asked = dmaengine_prep_dma_memcpy(chan, pq[0], src[0], 4, FLAGS);
	own = dmaengine_desc_get_metadata_ptr(desc, &payload, &max);
	WANT(!IS_ERR(own) && payload == 0 && max == 16);
	own[2] = 0x3c;
	WANT(dmaengine_desc_set_metadata_len(desc, 17) == -EINVAL);
	WANT(!dmaengine_desc_set_metadata_len(desc, 3));
	WANT(dmaengine_desc_attach_metadata(desc, own, 4) == -EINVAL);
	WANT(dmaengine_desc_attach_metadata(NULL, own, 4) == -EINVAL);
	desc->callback = looks_at_metadata;
	desc->callback_param = &done;
	dmaengine_submit(desc);
	dma_async_issue_pending(chan);
	WANT(wait_for_completion_timeout(&done, HZ));
	WANT(seen == 0x3c);
}

static void waits(void)
{
	struct dma_async_tx_descriptor *desc;

	WANT(dma_wait_for_async_tx(NULL) == DMA_COMPLETE);
	desc = dmaengine_prep_dma_memcpy(chan, pq[0], src[0], 4, FLAGS);
	dmaengine_submit(desc);
	WANT(dma_wait_for_async_tx(desc) == DMA_COMPLETE);
	/* What waits for something else to submit it says so in its cookie. */
	desc = dmaengine_prep_dma_memcpy(chan, pq[0], src[0], 4, FLAGS);
	desc->cookie = -EBUSY;
	WANT(dma_wait_for_async_tx(desc) == DMA_ERROR);
	dmaengine_terminate_sync(chan);
}

static int __init dma_ops_init(void)
{
	dma_cap_mask_t mask;

	dma_cap_zero(mask);
	dma_cap_set(DMA_XOR, mask);
	dma_cap_set(DMA_PQ_VAL, mask);
	chan = dma_request_channel(mask, NULL, NULL);
	if (!chan)
		return -ENODEV;
	ops = chan->device;
	a = kmalloc(5 * LEN, GFP_KERNEL);
	for (int i = 0; i < 5 * LEN; i++)
		a[i] = (u8)(i * 7 + (i >> 6));
	b = a + LEN;
	c = b + LEN;
	p = c + LEN;
	q = p + LEN;
	for (int i = 0; i < 3; i++)
		src[i] = virt_to_phys(a + i * LEN);
	pq[0] = virt_to_phys(p);
	pq[1] = virt_to_phys(q);
	limits();
	config();
	xors();
	syndromes();
	lists();
	rectangles();
	metadata();
	waits();
	pr_info("dma_ops: %d failures\n", failures);
	return 0;
}

static void __exit dma_ops_exit(void)
{
	dmaengine_terminate_sync(chan);
	dma_release_channel(chan);
	kfree(a);
}

module_init(dma_ops_init);
module_exit(dma_ops_exit);
MODULE_LICENSE("GPL");
