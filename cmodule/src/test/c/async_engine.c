/* A public engine for sums, whose controller is the CPU; it keeps what is not acknowledged. */
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#include "virt-dma.h"

#define OPERANDS 4
#define DESCRIPTORS 16

enum kind { COPY, XOR, PQ, NOTHING };

struct engine_desc {
	struct dma_async_tx_descriptor tx;
	struct list_head node;
	enum kind kind;
	dma_addr_t dst[2];
	dma_addr_t src[OPERANDS];
	u8 scf[OPERANDS];
	unsigned int count;
	size_t len;
};

static struct platform_device *pdev;
static struct dma_device engine;
static struct dma_chan chan;
static struct engine_desc descs[DESCRIPTORS];
static LIST_HEAD(unused);
static LIST_HEAD(submitted);
static LIST_HEAD(issued);
static LIST_HEAD(ended);

static u8 *at(dma_addr_t dma)
{
	return phys_to_virt(dma);
}

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

static void sums(struct engine_desc *desc)
{
	unsigned long flags = desc->tx.flags;

	for (size_t i = 0; i < desc->len; i++) {
		u8 p = 0, q = 0;

		for (unsigned int n = 0; n < desc->count; n++) {
			p ^= at(desc->src[n])[i];
			q ^= times(at(desc->src[n])[i], desc->scf[n]);
		}
		if (desc->kind == XOR) {
			at(desc->dst[0])[i] = p;
			continue;
		}
		if (!(flags & DMA_PREP_PQ_DISABLE_P))
			at(desc->dst[0])[i] = flags & DMA_PREP_CONTINUE ? at(desc->dst[0])[i] ^ p : p;
		if (!(flags & DMA_PREP_PQ_DISABLE_Q))
			at(desc->dst[1])[i] = flags & DMA_PREP_CONTINUE ? at(desc->dst[1])[i] ^ q : q;
	}
}

static void reap(void)
{
	struct engine_desc *desc, *next;

	list_for_each_entry_safe(desc, next, &ended, node)
		if (async_tx_test_ack(&desc->tx))
			list_move_tail(&desc->node, &unused);
}

static void run(unsigned long unneeded)
{
	while (!list_empty(&issued)) {
		struct engine_desc *desc = list_first_entry(&issued, struct engine_desc, node);

		list_del(&desc->node);
		if (desc->kind == COPY)
			memcpy(at(desc->dst[0]), at(desc->src[0]), desc->len);
		else if (desc->kind != NOTHING)
			sums(desc);
		dma_cookie_complete(&desc->tx);
		dma_descriptor_unmap(&desc->tx);
		dmaengine_desc_get_callback_invoke(&desc->tx, NULL);
		dma_run_dependencies(&desc->tx);
		list_add_tail(&desc->node, &ended);
	}
}

static DECLARE_TASKLET_OLD(tasklet, run);

static dma_cookie_t submit(struct dma_async_tx_descriptor *tx)
{
	list_add_tail(&container_of(tx, struct engine_desc, tx)->node, &submitted);
	return dma_cookie_assign(tx);
}

static struct engine_desc *prepare(enum kind kind, size_t len, unsigned long flags)
{
	struct engine_desc *desc;

	reap();
	desc = list_first_entry_or_null(&unused, struct engine_desc, node);
	if (!desc)
		return NULL;
	list_del_init(&desc->node);
	dma_async_tx_descriptor_init(&desc->tx, &chan);
	desc->tx.tx_submit = submit;
	desc->tx.flags = flags;
	desc->kind = kind;
	desc->len = len;
	desc->count = 0;
	return desc;
}

static struct dma_async_tx_descriptor *prep_memcpy(struct dma_chan *c, dma_addr_t dst,
						   dma_addr_t src, size_t len, unsigned long flags)
{
	struct engine_desc *desc = prepare(COPY, len, flags);

	if (!desc)
		return NULL;
	desc->dst[0] = dst;
	desc->src[0] = src;
	return &desc->tx;
}

static struct dma_async_tx_descriptor *prep_xor(struct dma_chan *c, dma_addr_t dst,
						dma_addr_t *src, unsigned int count, size_t len,
						unsigned long flags)
{
	struct engine_desc *desc = prepare(XOR, len, flags);

	if (!desc)
		return NULL;
	desc->dst[0] = dst;
	desc->count = count;
	memcpy(desc->src, src, count * sizeof(*src));
	return &desc->tx;
}

static struct dma_async_tx_descriptor *prep_pq(struct dma_chan *c, dma_addr_t *dst, dma_addr_t *src,
					       unsigned int count, const unsigned char *scf,
					       size_t len, unsigned long flags)
{
	struct engine_desc *desc = prepare(PQ, len, flags);

	if (!desc)
		return NULL;
	memcpy(desc->dst, dst, sizeof(desc->dst));
	desc->count = count;
	memcpy(desc->src, src, count * sizeof(*src));
	memcpy(desc->scf, scf, count);
	return &desc->tx;
}

static struct dma_async_tx_descriptor *prep_interrupt(struct dma_chan *c, unsigned long flags)
{
	struct engine_desc *desc = prepare(NOTHING, 0, flags);

	return desc ? &desc->tx : NULL;
}

static void issue_pending(struct dma_chan *c)
{
	list_splice_tail_init(&submitted, &issued);
	if (!list_empty(&issued))
		tasklet_schedule(&tasklet);
}

static enum dma_status tx_status(struct dma_chan *c, dma_cookie_t cookie,
				 struct dma_tx_state *state)
{
	return dma_cookie_status(c, cookie, state);
}

static int allocate(struct dma_chan *c)
{
	return DESCRIPTORS;
}

static void release(struct dma_chan *c)
{
	int kept = 0;
	struct engine_desc *desc;

	tasklet_kill(&tasklet);
	reap();
	list_for_each_entry(desc, &ended, node)
		kept++;
	pr_info("async_engine: %d descriptors kept\n", kept);
}

static int __init start(void)
{
	pdev = platform_device_register_simple("async_engine", -1, NULL, 0);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	for (int i = 0; i < DESCRIPTORS; i++)
		list_add_tail(&descs[i].node, &unused);
	engine.dev = &pdev->dev;
	INIT_LIST_HEAD(&engine.channels);
	dma_cap_set(DMA_MEMCPY, engine.cap_mask);
	dma_cap_set(DMA_XOR, engine.cap_mask);
	dma_cap_set(DMA_PQ, engine.cap_mask);
	dma_cap_set(DMA_INTERRUPT, engine.cap_mask);
	engine.max_xor = OPERANDS;
	dma_set_maxpq(&engine, OPERANDS, 1);
	engine.device_prep_dma_memcpy = prep_memcpy;
	engine.device_prep_dma_xor = prep_xor;
	engine.device_prep_dma_pq = prep_pq;
	engine.device_prep_dma_interrupt = prep_interrupt;
	engine.device_issue_pending = issue_pending;
	engine.device_tx_status = tx_status;
	engine.device_alloc_chan_resources = allocate;
	engine.device_free_chan_resources = release;
	chan.device = &engine;
	dma_cookie_init(&chan);
	list_add_tail(&chan.device_node, &engine.channels);
	return dma_async_device_register(&engine);
}

static void __exit stop(void)
{
	dma_async_device_unregister(&engine);
	platform_device_unregister(pdev);
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
