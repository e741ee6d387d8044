/* async_tx, and parity on the CPU: linux/async_tx.h, linux/raid/pq.h, linux/raid/xor.h. */
#ifndef DMAKIT_ASYNCTX_H
#define DMAKIT_ASYNCTX_H

#include <dmakit/dmaengine.h>
#include <dmakit/mm.h>

/* Exclusive or. */

#define MAX_XOR_BLOCKS 4

void xor_blocks(unsigned int count, unsigned int bytes, void *dest, void **srcs);

/* Syndromes. */

#define RAID6_MAX_DISKS 257
#define RAID6_OK 0
#define RAID6_P_BAD 1
#define RAID6_Q_BAD 2
#define RAID6_PQ_BAD 3

struct raid6_calls {
	void (*gen_syndrome)(int disks, size_t bytes, void **ptrs);
	void (*xor_syndrome)(int disks, int start, int stop, size_t bytes, void **ptrs);
	int (*valid)(void);
	const char *name;
	int priority;
};

extern struct raid6_calls raid6_call;
extern void (*raid6_2data_recov)(int disks, size_t bytes, int faila, int failb, void **ptrs);
extern void (*raid6_datap_recov)(int disks, size_t bytes, int faila, void **ptrs);

extern u8 raid6_gfmul[256][256];
extern u8 raid6_gfexp[256];
extern u8 raid6_gflog[256];
extern u8 raid6_gfinv[256];
extern u8 raid6_gfexi[256];
extern char raid6_empty_zero_page[PAGE_SIZE];

#define raid6_get_zero_page() ((void *)raid6_empty_zero_page)

/* Operations that an engine does, or the CPU. */

enum async_tx_flags {
	ASYNC_TX_XOR_ZERO_DST = 1,
	ASYNC_TX_XOR_DROP_DST = 2,
	ASYNC_TX_ACK = 4,
	ASYNC_TX_FENCE = 8,
	ASYNC_TX_PQ_XOR_DST = 16,
};

typedef union addr_conv {
	unsigned long addr;
	struct page *page;
	dma_addr_t dma;
} addr_conv_t;

struct async_submit_ctl {
	enum async_tx_flags flags;
	struct dma_async_tx_descriptor *depend_tx;
	dma_async_tx_callback cb_fn;
	void *cb_param;
	void *scribble;
};

static inline void init_async_submit(struct async_submit_ctl *args, enum async_tx_flags flags,
				     struct dma_async_tx_descriptor *tx,
				     dma_async_tx_callback cb_fn, void *cb_param,
				     addr_conv_t *scribble)
{
	args->flags = flags;
	args->depend_tx = tx;
	args->cb_fn = cb_fn;
	args->cb_param = cb_param;
	args->scribble = scribble;
}

struct dma_async_tx_descriptor *async_memcpy(struct page *dest, struct page *src,
					     unsigned int dest_offset, unsigned int src_offset,
					     size_t len, struct async_submit_ctl *submit);
struct dma_async_tx_descriptor *async_memset(struct page *dest, int val, unsigned int offset,
					     size_t len, struct async_submit_ctl *submit);
struct dma_async_tx_descriptor *async_xor(struct page *dest, struct page **src_list,
					  unsigned int offset, int src_cnt, size_t len,
					  struct async_submit_ctl *submit);
struct dma_async_tx_descriptor *async_xor_offs(struct page *dest, unsigned int offset,
					       struct page **src_list, unsigned int *src_offset,
					       int src_cnt, size_t len,
					       struct async_submit_ctl *submit);
struct dma_async_tx_descriptor *async_xor_val(struct page *dest, struct page **src_list,
					      unsigned int offset, int src_cnt, size_t len,
					      enum sum_check_flags *result,
					      struct async_submit_ctl *submit);
struct dma_async_tx_descriptor *async_xor_val_offs(struct page *dest, unsigned int offset,
						   struct page **src_list,
						   unsigned int *src_offset, int src_cnt,
						   size_t len, enum sum_check_flags *result,
						   struct async_submit_ctl *submit);
struct dma_async_tx_descriptor *async_trigger_callback(struct async_submit_ctl *submit);

/* Since Linux 5.10 every block has an offset of its own; before, all had one. */
struct dma_async_tx_descriptor *dmakit_gen_syndrome(struct page **blocks, unsigned int *offsets,
						    int disks, size_t len,
						    struct async_submit_ctl *submit);
struct dma_async_tx_descriptor *dmakit_gen_syndrome_at(struct page **blocks, unsigned int offset,
						       int disks, size_t len,
						       struct async_submit_ctl *submit);
struct dma_async_tx_descriptor *
dmakit_syndrome_val(struct page **blocks, unsigned int *offsets, int disks, size_t len,
		    enum sum_check_flags *pqres, struct page *spare, unsigned int s_off,
		    struct async_submit_ctl *submit);
struct dma_async_tx_descriptor *
dmakit_syndrome_val_at(struct page **blocks, unsigned int offset, int disks, size_t len,
		       enum sum_check_flags *pqres, struct page *spare,
		       struct async_submit_ctl *submit);
struct dma_async_tx_descriptor *dmakit_2data_recov(int disks, size_t bytes, int faila, int failb,
						   struct page **blocks, unsigned int *offs,
						   struct async_submit_ctl *submit);
struct dma_async_tx_descriptor *dmakit_2data_recov_at(int disks, size_t bytes, int faila,
						      int failb, struct page **blocks,
						      struct async_submit_ctl *submit);
struct dma_async_tx_descriptor *dmakit_datap_recov(int disks, size_t bytes, int faila,
						   struct page **blocks, unsigned int *offs,
						   struct async_submit_ctl *submit);
struct dma_async_tx_descriptor *dmakit_datap_recov_at(int disks, size_t bytes, int faila,
						      struct page **blocks,
						      struct async_submit_ctl *submit);

#define async_gen_syndrome(blocks, offsets, ...)                                                   \
	_Generic((offsets), unsigned int *: dmakit_gen_syndrome,                                   \
		default: dmakit_gen_syndrome_at)(blocks, offsets, __VA_ARGS__)
#define async_syndrome_val(blocks, offsets, ...)                                                   \
	_Generic((offsets), unsigned int *: dmakit_syndrome_val,                                   \
		default: dmakit_syndrome_val_at)(blocks, offsets, __VA_ARGS__)
#define async_raid6_2data_recov(disks, bytes, faila, failb, blocks, at, ...)                       \
	_Generic((at), unsigned int *: dmakit_2data_recov, default: dmakit_2data_recov_at)(        \
		disks, bytes, faila, failb, blocks, at, ##__VA_ARGS__)
#define async_raid6_datap_recov(disks, bytes, faila, blocks, at, ...)                              \
	_Generic((at), unsigned int *: dmakit_datap_recov, default: dmakit_datap_recov_at)(        \
		disks, bytes, faila, blocks, at, ##__VA_ARGS__)

void async_tx_quiesce(struct dma_async_tx_descriptor **tx);
void async_tx_submit(struct dma_chan *chan, struct dma_async_tx_descriptor *tx,
		     struct async_submit_ctl *submit);
struct dma_chan *__async_tx_find_channel(struct async_submit_ctl *submit,
					 enum dma_transaction_type tx_type);

#define async_tx_issue_pending_all dma_issue_pending_all
#define async_dmaengine_get() dmaengine_get()
#define async_dmaengine_put() dmaengine_put()
#define async_dma_find_channel(type) dma_find_channel(type)
#define async_tx_find_channel(submit, type, dst, dst_count, src, src_count, len)                   \
	__async_tx_find_channel(submit, type)

static inline void async_tx_issue_pending(struct dma_async_tx_descriptor *tx)
{
	if (tx)
		dma_async_issue_pending(tx->chan);
}

static inline void async_tx_sync_epilog(struct async_submit_ctl *submit)
{
	if (submit->cb_fn)
		submit->cb_fn(submit->cb_param);
}

#endif
