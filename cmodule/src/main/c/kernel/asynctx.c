/*
 * async_tx: the kernel does it all; here pages become addresses, and descriptors numbers. What an
 * operation answers is a struct of its own, which is good for waiting and for being depended on.
 */
#include <dmakit/umbrella.h>

#include "asynctx.h"
#include "call.h"
#include "dma.h"
#include "dmaengine.h"

#define BLOCK_COUNT_MAX 256
#define HANDLE_COUNT_MAX 65536
#define NO_PAGE (-1L)

/* Numbers of operations, as the handler knows them. */
enum operation {
	MEMCPY,
	MEMSET,
	XOR,
	XOR_VAL,
	GEN_SYNDROME,
	SYNDROME_VAL,
	TWO_DATA_RECOV,
	DATA_P_RECOV,
	TRIGGER_CALLBACK,
};

/* An operation on its way there, and what it left of itself on its way back. */
struct wire {
	u64 operation;
	u64 flags;
	u64 depend; /* a number; 0 for none */
	u64 callback;
	u64 callback_param;
	u64 has_scribble;
	u64 result; /* address of what a check found */
	u64 bytes;
	u64 count; /* of blocks */
	u64 page;
	u64 offset;
	u64 a;
	u64 b;
	u64 finished; /* address of finished() */
	u64 blocks[BLOCK_COUNT_MAX];
	u64 offsets[BLOCK_COUNT_MAX];
};

struct handle {
	struct dma_async_tx_descriptor desc;
	long number;
};

/* By number; the kernel gives a number anew long after its descriptor was acknowledged. */
static struct handle *handles[HANDLE_COUNT_MAX];

/* Marks the descriptors of operations: they are submitted already. */
static dma_cookie_t submitted(struct dma_async_tx_descriptor *desc)
{
	return desc->cookie;
}

static long number_of_handle(const struct dma_async_tx_descriptor *desc)
{
	return desc && desc->tx_submit == submitted
		       ? container_of(desc, struct handle, desc)->number
		       : 0;
}

bool async_tx_is_handle(const struct dma_async_tx_descriptor *desc)
{
	return number_of_handle(desc) != 0;
}

/* Runs when an operation is done: what a check found is there before its client hears of it. */
static long finished(long result, long found, long callback, long param)
{
	if (result)
		*(enum sum_check_flags *)result = (enum sum_check_flags)found;
	if (callback)
		((dma_async_tx_callback)callback)((void *)param);
	return 0;
}

static u64 address_of(struct page *page)
{
	return page ? page_to_phys(page) : (u64)NO_PAGE;
}

/* A block of a table that the CPU's way has overwritten. */
static struct page *overwritten(u64 block)
{
	if (block == (u64)NO_PAGE)
		return NULL;
	return block >= PAGE_OFFSET ? (struct page *)block : phys_to_page(block);
}

static struct dma_async_tx_descriptor *handle_of(long number, bool acked)
{
	struct handle *handle;

	if (number <= 0)
		return NULL;
	if (!handles[number])
		handles[number] = kernel_allocate(sizeof *handle);
	handle = handles[number];
	*handle = (struct handle){
		.desc = {.cookie = (dma_cookie_t)answered(1),
			 .flags = acked ? DMA_CTRL_ACK : 0,
			 .chan = channel_of((long)answered(0)),
			 .tx_submit = submitted},
		.number = number,
	};
	return &handle->desc;
}

static struct wire *begin(enum operation operation, size_t bytes, struct async_submit_ctl *submit)
{
	struct wire *wire = kernel_allocate(sizeof *wire);

	wire->operation = operation;
	wire->bytes = bytes;
	wire->flags = submit->flags;
	wire->callback = (u64)submit->cb_fn;
	wire->callback_param = (u64)submit->cb_param;
	wire->has_scribble = submit->scribble != NULL;
	wire->finished = (u64)finished;
	if (submit->depend_tx) {
		if (!async_tx_is_handle(submit->depend_tx)) {
			/* Not one of an operation: waited for, not chained. */
			BUG_ON(async_tx_test_ack(submit->depend_tx));
			dma_wait_for_async_tx(submit->depend_tx);
			async_tx_ack(submit->depend_tx);
			submit->depend_tx = NULL;
		}
		wire->depend = (u64)number_of_handle(submit->depend_tx);
	}
	return wire;
}

static void with_blocks(struct wire *wire, struct page **blocks, const unsigned int *offsets,
			unsigned int offset, int count)
{
	BUG_ON(count < 0 || count > BLOCK_COUNT_MAX);
	wire->count = (u64)count;
	for (int i = 0; i < count; i++) {
		wire->blocks[i] = address_of(blocks[i]);
		wire->offsets[i] = offsets ? offsets[i] : offset;
	}
}

static struct dma_async_tx_descriptor *run(struct wire *wire, struct page **blocks,
					   unsigned int *offsets, struct async_submit_ctl *submit)
{
	long number = CALL_DATA(async_tx_operation, wire, sizeof *wire);
	struct dma_async_tx_descriptor *tx = handle_of(number, wire->flags & ASYNC_TX_ACK);

	if (submit->depend_tx)
		submit->depend_tx->flags |= DMA_CTRL_ACK;
	submit->flags = (enum async_tx_flags)wire->flags;
	submit->depend_tx = wire->depend ? tx : NULL;
	for (u64 i = 0; blocks && i < wire->count; i++) {
		if (wire->blocks[i] != address_of(blocks[i]))
			blocks[i] = overwritten(wire->blocks[i]);
		if (offsets)
			offsets[i] = (unsigned int)wire->offsets[i];
	}
	kernel_free(wire);
	return tx;
}

struct dma_async_tx_descriptor *async_memcpy(struct page *dest, struct page *src,
					     unsigned int dest_offset, unsigned int src_offset,
					     size_t len, struct async_submit_ctl *submit)
{
	struct wire *wire = begin(MEMCPY, len, submit);

	wire->page = address_of(dest);
	wire->offset = dest_offset;
	wire->a = address_of(src);
	wire->b = src_offset;
	return run(wire, NULL, NULL, submit);
}

struct dma_async_tx_descriptor *async_memset(struct page *dest, int val, unsigned int offset,
					     size_t len, struct async_submit_ctl *submit)
{
	struct wire *wire = begin(MEMSET, len, submit);

	wire->page = address_of(dest);
	wire->offset = offset;
	wire->a = (u64)val;
	return run(wire, NULL, NULL, submit);
}

struct dma_async_tx_descriptor *async_xor_offs(struct page *dest, unsigned int offset,
					       struct page **src_list, unsigned int *src_offset,
					       int src_cnt, size_t len,
					       struct async_submit_ctl *submit)
{
	struct wire *wire = begin(XOR, len, submit);

	wire->page = address_of(dest);
	wire->offset = offset;
	with_blocks(wire, src_list, src_offset, offset, src_cnt);
	return run(wire, src_list, NULL, submit);
}

struct dma_async_tx_descriptor *async_xor(struct page *dest, struct page **src_list,
					  unsigned int offset, int src_cnt, size_t len,
					  struct async_submit_ctl *submit)
{
	return async_xor_offs(dest, offset, src_list, NULL, src_cnt, len, submit);
}

struct dma_async_tx_descriptor *async_xor_val_offs(struct page *dest, unsigned int offset,
						   struct page **src_list,
						   unsigned int *src_offset, int src_cnt,
						   size_t len, enum sum_check_flags *result,
						   struct async_submit_ctl *submit)
{
	struct wire *wire = begin(XOR_VAL, len, submit);

	wire->page = address_of(dest);
	wire->offset = offset;
	wire->result = (u64)result;
	with_blocks(wire, src_list, src_offset, offset, src_cnt);
	return run(wire, src_list, NULL, submit);
}

struct dma_async_tx_descriptor *async_xor_val(struct page *dest, struct page **src_list,
					      unsigned int offset, int src_cnt, size_t len,
					      enum sum_check_flags *result,
					      struct async_submit_ctl *submit)
{
	return async_xor_val_offs(dest, offset, src_list, NULL, src_cnt, len, result, submit);
}

static struct dma_async_tx_descriptor *stripe(enum operation operation, struct page **blocks,
					      unsigned int *offsets, unsigned int offset, int disks,
					      size_t len, u64 a, u64 b,
					      struct async_submit_ctl *submit)
{
	struct wire *wire = begin(operation, len, submit);

	wire->a = a;
	wire->b = b;
	with_blocks(wire, blocks, offsets, offset, disks);
	return run(wire, blocks, offsets, submit);
}

struct dma_async_tx_descriptor *dmakit_gen_syndrome(struct page **blocks, unsigned int *offsets,
						    int disks, size_t len,
						    struct async_submit_ctl *submit)
{
	return stripe(GEN_SYNDROME, blocks, offsets, 0, disks, len, 0, 0, submit);
}

struct dma_async_tx_descriptor *dmakit_gen_syndrome_at(struct page **blocks, unsigned int offset,
						       int disks, size_t len,
						       struct async_submit_ctl *submit)
{
	return stripe(GEN_SYNDROME, blocks, NULL, offset, disks, len, 0, 0, submit);
}

static struct dma_async_tx_descriptor *check(struct page **blocks, unsigned int *offsets,
					     unsigned int offset, int disks, size_t len,
					     enum sum_check_flags *pqres, struct page *spare,
					     unsigned int s_off, struct async_submit_ctl *submit)
{
	struct wire *wire = begin(SYNDROME_VAL, len, submit);

	wire->page = address_of(spare);
	wire->offset = s_off;
	wire->result = (u64)pqres;
	with_blocks(wire, blocks, offsets, offset, disks);
	return run(wire, blocks, offsets, submit);
}

struct dma_async_tx_descriptor *
dmakit_syndrome_val(struct page **blocks, unsigned int *offsets, int disks, size_t len,
		    enum sum_check_flags *pqres, struct page *spare, unsigned int s_off,
		    struct async_submit_ctl *submit)
{
	return check(blocks, offsets, 0, disks, len, pqres, spare, s_off, submit);
}

struct dma_async_tx_descriptor *
dmakit_syndrome_val_at(struct page **blocks, unsigned int offset, int disks, size_t len,
		       enum sum_check_flags *pqres, struct page *spare,
		       struct async_submit_ctl *submit)
{
	return check(blocks, NULL, offset, disks, len, pqres, spare, offset, submit);
}

struct dma_async_tx_descriptor *dmakit_2data_recov(int disks, size_t bytes, int faila, int failb,
						   struct page **blocks, unsigned int *offs,
						   struct async_submit_ctl *submit)
{
	return stripe(TWO_DATA_RECOV, blocks, offs, 0, disks, bytes, (u64)faila, (u64)failb,
		      submit);
}

struct dma_async_tx_descriptor *dmakit_2data_recov_at(int disks, size_t bytes, int faila,
						      int failb, struct page **blocks,
						      struct async_submit_ctl *submit)
{
	return stripe(TWO_DATA_RECOV, blocks, NULL, 0, disks, bytes, (u64)faila, (u64)failb,
		      submit);
}

struct dma_async_tx_descriptor *dmakit_datap_recov(int disks, size_t bytes, int faila,
						   struct page **blocks, unsigned int *offs,
						   struct async_submit_ctl *submit)
{
	return stripe(DATA_P_RECOV, blocks, offs, 0, disks, bytes, (u64)faila, 0, submit);
}

struct dma_async_tx_descriptor *dmakit_datap_recov_at(int disks, size_t bytes, int faila,
						      struct page **blocks,
						      struct async_submit_ctl *submit)
{
	return stripe(DATA_P_RECOV, blocks, NULL, 0, disks, bytes, (u64)faila, 0, submit);
}

struct dma_async_tx_descriptor *async_trigger_callback(struct async_submit_ctl *submit)
{
	return run(begin(TRIGGER_CALLBACK, 0, submit), NULL, NULL, submit);
}

/* Descriptors. */

void async_tx_ack(struct dma_async_tx_descriptor *tx)
{
	tx->flags |= DMA_CTRL_ACK;
	if (async_tx_is_handle(tx))
		CALL(async_tx_ack, number_of_handle(tx));
}

enum dma_status async_tx_wait(struct dma_async_tx_descriptor *tx)
{
	enum dma_status status = (enum dma_status)CALL(async_tx_wait, number_of_handle(tx));

	tx->cookie = (dma_cookie_t)answered(0);
	return status;
}

void async_tx_quiesce(struct dma_async_tx_descriptor **tx)
{
	if (!*tx)
		return;
	BUG_ON(async_tx_test_ack(*tx));
	if (async_tx_is_handle(*tx)) {
		CALL(async_tx_quiesce, number_of_handle(*tx));
		(*tx)->flags |= DMA_CTRL_ACK;
	} else {
		if (dma_wait_for_async_tx(*tx) != DMA_COMPLETE)
			panic("%s: DMA error waiting for transaction\n", __func__);
		async_tx_ack(*tx);
	}
	*tx = NULL;
}

/* Descriptors that a module prepared by itself wait for what they depend on before they go. */
void async_tx_submit(struct dma_chan *chan, struct dma_async_tx_descriptor *tx,
		     struct async_submit_ctl *submit)
{
	(void)chan;
	tx->callback = submit->cb_fn;
	tx->callback_param = submit->cb_param;
	async_tx_quiesce(&submit->depend_tx);
	tx->tx_submit(tx);
	if (submit->flags & ASYNC_TX_ACK)
		async_tx_ack(tx);
}

struct dma_chan *__async_tx_find_channel(struct async_submit_ctl *submit,
					 enum dma_transaction_type tx_type)
{
	struct dma_async_tx_descriptor *depend = submit->depend_tx;

	if (depend && dma_has_cap(tx_type, depend->chan->device->cap_mask))
		return depend->chan;
	return dma_find_channel(tx_type);
}
