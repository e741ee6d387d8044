/*
 * Channels that queue in software. A descriptor is in one list at a time: allocated, submitted,
 * issued; then it is the driver's active one, then completed or terminated.
 */
#include <dmakit/provider.h>

#include "dmaengine.h"

static struct virt_dma_desc *to_virt_desc(struct dma_async_tx_descriptor *tx)
{
	return container_of(tx, struct virt_dma_desc, tx);
}

dma_cookie_t vchan_tx_submit(struct dma_async_tx_descriptor *tx)
{
	struct virt_dma_chan *vc = to_virt_chan(tx->chan);
	unsigned long flags;
	dma_cookie_t cookie;

	spin_lock_irqsave(&vc->lock, flags);
	cookie = dma_cookie_assign(tx);
	list_move_tail(&to_virt_desc(tx)->node, &vc->desc_submitted);
	spin_unlock_irqrestore(&vc->lock, flags);
	return cookie;
}

int vchan_tx_desc_free(struct dma_async_tx_descriptor *tx)
{
	struct virt_dma_chan *vc = to_virt_chan(tx->chan);
	struct virt_dma_desc *vd = to_virt_desc(tx);
	unsigned long flags;

	spin_lock_irqsave(&vc->lock, flags);
	list_del(&vd->node);
	spin_unlock_irqrestore(&vc->lock, flags);
	vc->desc_free(vd);
	return 0;
}

struct dma_async_tx_descriptor *vchan_tx_prep(struct virt_dma_chan *vc, struct virt_dma_desc *vd,
					      unsigned long tx_flags)
{
	unsigned long flags;

	dma_async_tx_descriptor_init(&vd->tx, &vc->chan);
	vd->tx.flags = (enum dma_ctrl_flags)tx_flags;
	vd->tx.tx_submit = vchan_tx_submit;
	vd->tx.desc_free = vchan_tx_desc_free;
	vd->tx_result = (struct dmaengine_result){DMA_TRANS_NOERROR, 0};
	spin_lock_irqsave(&vc->lock, flags);
	list_add_tail(&vd->node, &vc->desc_allocated);
	spin_unlock_irqrestore(&vc->lock, flags);
	return &vd->tx;
}

bool vchan_issue_pending(struct virt_dma_chan *vc)
{
	list_splice_tail_init(&vc->desc_submitted, &vc->desc_issued);
	return !list_empty(&vc->desc_issued);
}

struct virt_dma_desc *vchan_next_desc(struct virt_dma_chan *vc)
{
	return list_first_entry_or_null(&vc->desc_issued, struct virt_dma_desc, node);
}

struct virt_dma_desc *vchan_find_desc(struct virt_dma_chan *vc, dma_cookie_t cookie)
{
	struct virt_dma_desc *vd;

	list_for_each_entry(vd, &vc->desc_issued, node)
		if (vd->tx.cookie == cookie)
			return vd;
	return NULL;
}

void vchan_cookie_complete(struct virt_dma_desc *vd)
{
	struct virt_dma_chan *vc = to_virt_chan(vd->tx.chan);

	dma_cookie_complete(&vd->tx);
	list_add_tail(&vd->node, &vc->desc_completed);
	tasklet_schedule(&vc->task);
}

void vchan_cyclic_callback(struct virt_dma_desc *vd)
{
	struct virt_dma_chan *vc = to_virt_chan(vd->tx.chan);

	vc->cyclic = vd;
	tasklet_schedule(&vc->task);
}

void vchan_terminate_vdesc(struct virt_dma_desc *vd)
{
	struct virt_dma_chan *vc = to_virt_chan(vd->tx.chan);

	list_add_tail(&vd->node, &vc->desc_terminated);
	if (vc->cyclic == vd)
		vc->cyclic = NULL;
}

void vchan_vdesc_fini(struct virt_dma_desc *vd)
{
	struct virt_dma_chan *vc = to_virt_chan(vd->tx.chan);
	unsigned long flags;

	if (!dmaengine_desc_test_reuse(&vd->tx)) {
		vc->desc_free(vd);
		return;
	}
	spin_lock_irqsave(&vc->lock, flags);
	list_add(&vd->node, &vc->desc_allocated);
	spin_unlock_irqrestore(&vc->lock, flags);
}

void vchan_dma_desc_free_list(struct virt_dma_chan *vc, struct list_head *head)
{
	struct virt_dma_desc *vd, *next;

	(void)vc;
	list_for_each_entry_safe(vd, next, head, node) {
		list_del(&vd->node);
		vchan_vdesc_fini(vd);
	}
}

/* The tasklet. */
static void vchan_complete(struct tasklet_struct *task)
{
	struct virt_dma_chan *vc = container_of(task, struct virt_dma_chan, task);
	struct virt_dma_desc *vd, *next, *cyclic;
	LIST_HEAD(completed);

	spin_lock_irq(&vc->lock);
	list_splice_tail_init(&vc->desc_completed, &completed);
	cyclic = vc->cyclic;
	vc->cyclic = NULL;
	spin_unlock_irq(&vc->lock);
	if (cyclic)
		dmaengine_desc_get_callback_invoke(&cyclic->tx, &cyclic->tx_result);
	list_for_each_entry_safe(vd, next, &completed, node) {
		struct dmaengine_desc_callback callback;

		dmaengine_desc_get_callback(&vd->tx, &callback);
		list_del(&vd->node);
		dmaengine_desc_callback_invoke(&callback, &vd->tx_result);
		vchan_vdesc_fini(vd);
	}
}

void vchan_init(struct virt_dma_chan *vc, struct dma_device *dmadev)
{
	dma_cookie_init(&vc->chan);
	spin_lock_init(&vc->lock);
	INIT_LIST_HEAD(&vc->desc_allocated);
	INIT_LIST_HEAD(&vc->desc_submitted);
	INIT_LIST_HEAD(&vc->desc_issued);
	INIT_LIST_HEAD(&vc->desc_completed);
	INIT_LIST_HEAD(&vc->desc_terminated);
	tasklet_setup(&vc->task, vchan_complete);
	vc->chan.device = dmadev;
	vc->chan.dmakit_virtual = true;
	list_add_tail(&vc->chan.device_node, &dmadev->channels);
}

void vchan_get_all_descriptors(struct virt_dma_chan *vc, struct list_head *head)
{
	list_splice_tail_init(&vc->desc_allocated, head);
	list_splice_tail_init(&vc->desc_submitted, head);
	list_splice_tail_init(&vc->desc_issued, head);
	list_splice_tail_init(&vc->desc_completed, head);
	list_splice_tail_init(&vc->desc_terminated, head);
	vc->chan.dmakit_ended = vc->chan.cookie;
}

void vchan_free_chan_resources(struct virt_dma_chan *vc)
{
	struct virt_dma_desc *vd;
	unsigned long flags;
	LIST_HEAD(head);

	spin_lock_irqsave(&vc->lock, flags);
	vchan_get_all_descriptors(vc, &head);
	list_for_each_entry(vd, &head, node)
		dmaengine_desc_clear_reuse(&vd->tx);
	spin_unlock_irqrestore(&vc->lock, flags);
	vchan_dma_desc_free_list(vc, &head);
}

void vchan_synchronize(struct virt_dma_chan *vc)
{
	unsigned long flags;
	LIST_HEAD(head);

	tasklet_kill(&vc->task);
	spin_lock_irqsave(&vc->lock, flags);
	list_splice_tail_init(&vc->desc_terminated, &head);
	spin_unlock_irqrestore(&vc->lock, flags);
	vchan_dma_desc_free_list(vc, &head);
}

/* What waits for its client, and whether something runs: the bits that the kernel numbers. */
long vchan_left(struct dma_chan *chan)
{
	struct virt_dma_chan *vc = to_virt_chan(chan);
	dma_cookie_t issued = chan->cookie;
	struct virt_dma_desc *vd;
	long left = 0;

	/* One that is used again, or follows another, waits for good reasons. */
	list_for_each_entry(vd, &vc->desc_allocated, node)
		if (!dmaengine_desc_test_reuse(&vd->tx) && !vd->tx.parent)
			left |= LEFT_PREPARED;
	if (!list_empty(&vc->desc_submitted)) {
		vd = list_first_entry(&vc->desc_submitted, struct virt_dma_desc, node);
		issued = vd->tx.cookie - 1;
		left |= LEFT_SUBMITTED;
	}
	if (issued != chan->dmakit_ended &&
	    dma_async_is_complete(issued, chan->completed_cookie, chan->cookie) == DMA_IN_PROGRESS)
		left |= LEFT_RUNNING;
	return left;
}
