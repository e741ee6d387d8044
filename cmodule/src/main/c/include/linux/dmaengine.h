#ifndef _LINUX_DMAENGINE_H
#define _LINUX_DMAENGINE_H

#include <linux/device.h>
#include <linux/err.h>
#include <linux/types.h>

typedef s32 dma_cookie_t;
#define DMA_MIN_COOKIE 1

enum dma_status { DMA_COMPLETE, DMA_IN_PROGRESS, DMA_PAUSED, DMA_ERROR, DMA_OUT_OF_ORDER };

enum dma_transaction_type {
	DMA_MEMCPY,
	DMA_XOR,
	DMA_PQ,
	DMA_XOR_VAL,
	DMA_PQ_VAL,
	DMA_MEMSET,
	DMA_MEMSET_SG,
	DMA_INTERRUPT,
	DMA_PRIVATE,
	DMA_ASYNC_TX,
	DMA_SLAVE,
	DMA_CYCLIC,
	DMA_INTERLEAVE,
	DMA_COMPLETION_NO_ORDER,
	DMA_REPEAT,
	DMA_LOAD_EOT,
	DMA_TX_TYPE_END,
};

enum dma_ctrl_flags {
	DMA_PREP_INTERRUPT = 1 << 0,
	DMA_CTRL_ACK = 1 << 1,
	DMA_PREP_PQ_DISABLE_P = 1 << 2,
	DMA_PREP_PQ_DISABLE_Q = 1 << 3,
	DMA_PREP_CONTINUE = 1 << 4,
	DMA_PREP_FENCE = 1 << 5,
	DMA_CTRL_REUSE = 1 << 6,
	DMA_PREP_CMD = 1 << 7,
	DMA_PREP_REPEAT = 1 << 8,
	DMA_PREP_LOAD_EOT = 1 << 9,
};

typedef struct {
	DECLARE_BITMAP(bits, DMA_TX_TYPE_END);
} dma_cap_mask_t;

#define dma_cap_zero(mask) ((mask).bits[0] = 0)
#define dma_cap_set(type, mask) ((mask).bits[0] |= 1UL << (type))
#define dma_cap_clear(type, mask) ((mask).bits[0] &= ~(1UL << (type)))
#define dma_has_cap(type, mask) ((int)((mask).bits[0] >> (type) & 1))

struct dma_chan;

typedef bool (*dma_filter_fn)(struct dma_chan *chan, void *param);
typedef void (*dma_async_tx_callback)(void *param);

struct dma_async_tx_descriptor {
	dma_cookie_t cookie;
	enum dma_ctrl_flags flags;
	dma_addr_t phys;
	struct dma_chan *chan;
	dma_cookie_t (*tx_submit)(struct dma_async_tx_descriptor *desc);
	dma_async_tx_callback callback;
	void *callback_param;
};

struct dma_device {
	dma_cap_mask_t cap_mask;
	int dev_id;
	struct device *dev;
	struct dma_async_tx_descriptor *(*device_prep_dma_memcpy)(struct dma_chan *chan,
								  dma_addr_t dst, dma_addr_t src,
								  size_t length,
								  unsigned long flags);
	int (*device_terminate_all)(struct dma_chan *chan);
	void (*device_issue_pending)(struct dma_chan *chan);
};

struct dma_chan_dev {
	struct dma_chan *chan;
	struct device device;
	int dev_id;
};

struct dma_chan {
	struct dma_device *device;
	dma_cookie_t cookie;
	int chan_id;
	struct dma_chan_dev *dev;
	const char *name;
	void *private;
};

struct dma_chan *__dma_request_channel(const dma_cap_mask_t *mask, dma_filter_fn filter,
				       void *param);
#define dma_request_channel(mask, filter, param) __dma_request_channel(&(mask), filter, param)
void dma_release_channel(struct dma_chan *chan);

enum dma_status dma_async_is_tx_complete(struct dma_chan *chan, dma_cookie_t cookie,
					 dma_cookie_t *last, dma_cookie_t *used);
int dmaengine_terminate_sync(struct dma_chan *chan);

static inline struct dma_async_tx_descriptor *
dmaengine_prep_dma_memcpy(struct dma_chan *chan, dma_addr_t dst, dma_addr_t src, size_t length,
			  unsigned long flags)
{
	return chan->device->device_prep_dma_memcpy(chan, dst, src, length, flags);
}

static inline dma_cookie_t dmaengine_submit(struct dma_async_tx_descriptor *desc)
{
	return desc->tx_submit(desc);
}

static inline int dma_submit_error(dma_cookie_t cookie)
{
	return cookie < 0 ? cookie : 0;
}

static inline void dma_async_issue_pending(struct dma_chan *chan)
{
	chan->device->device_issue_pending(chan);
}

static inline int dmaengine_terminate_all(struct dma_chan *chan)
{
	return chan->device->device_terminate_all(chan);
}

static inline const char *dma_chan_name(struct dma_chan *chan)
{
	return dev_name(&chan->dev->device);
}

#endif
