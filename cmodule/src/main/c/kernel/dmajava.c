/*
 * Providers in Java, as structs: one for each provider and each channel, whose functions ask the
 * kernel.
 */
#include <dmakit/provider.h>

#include "call.h"
#include "device.h"
#include "dma.h"
#include "dmaengine.h"

#define CHANNEL_COUNT_MAX 65536
#define DESCRIPTOR_COUNT_MAX 65536
#define LIST_COUNT_MAX (LANE_DATA_SIZE / sizeof(struct wire_segment))
#define SOURCE_COUNT_MAX 256

/* Channels by their numbers. */

struct java_provider {
	struct dma_device device;
	struct java_provider *next;
	struct java_channel *channels;
};

struct java_channel {
	struct dma_chan chan;
	struct dma_chan_dev dev;
	struct dma_chan_percpu local;
	char name[32];
};

static struct java_provider *providers;
static struct dma_chan *channels[CHANNEL_COUNT_MAX];

/* Runs when a channel changes hands. */
static long note_usage(long number, int client_count, unsigned long caps,
		       unsigned int private_count)
{
	struct dma_chan *chan = channels[number];

	if (!chan)
		return 0;
	chan->client_count = client_count;
	chan->device->privatecnt = private_count;
	if (caps & 1UL << DMA_PRIVATE)
		dma_cap_set(DMA_PRIVATE, chan->device->cap_mask);
	else
		dma_cap_clear(DMA_PRIVATE, chan->device->cap_mask);
	return 0;
}

void channel_is(long number, struct dma_chan *chan)
{
	static bool told;

	if (!told) {
		told = true;
		CALL(dma_usage_goes_to, note_usage);
	}
	channels[number] = chan;
	if (chan)
		chan->dmakit_number = number;
}

/* Descriptors of providers in Java. */

struct descriptor {
	struct dma_async_tx_descriptor desc;
	long number;
	dma_async_tx_callback callback; /* as it was submitted */
	enum sum_check_flags *sum;	/* where a check tells what it found, until it has */
};

/* By number; the kernel gives a number anew when its descriptor has ended. */
static struct descriptor *descriptors[DESCRIPTOR_COUNT_MAX];

static void tell_sum(long number, unsigned long bits)
{
	struct descriptor *descriptor = descriptors[number];

	if (descriptor->sum)
		*descriptor->sum = (enum sum_check_flags)bits;
	descriptor->sum = NULL;
}

/* Runs when a transfer, or a period of one, has ended. */
static long transfer_ended(long number, long result, long residue, long goes_on, long sum)
{
	struct descriptor *descriptor = descriptors[number];
	struct dma_async_tx_descriptor *desc = &descriptor->desc;
	struct dmaengine_result outcome = {(enum dmaengine_tx_result)result, (u32)residue};
	struct dmaengine_desc_callback callback;
	struct dmaengine_unmap_data *unmap = desc->unmap;
	struct dma_async_tx_descriptor before = {.next = desc->next};
	bool late;

	/* Whatever is called from here on may prepare a transfer that gets this very descriptor. */
	dmaengine_desc_get_callback(desc, &callback);
	late = callback.callback != descriptor->callback;
	tell_sum(number, (unsigned long)sum);
	if (!goes_on) {
		desc->chan->completed_cookie = desc->cookie;
		desc->cookie = 0;
		desc->unmap = NULL;
		desc->next = NULL;
	}
	if (late)
		CALL(dma_late_callback, desc->chan->dmakit_number, number);
	if (!goes_on && unmap)
		dmaengine_unmap_put(unmap);
	dmaengine_desc_callback_invoke(&callback, &outcome);
	if (!goes_on)
		dma_run_dependencies(&before);
	return 0;
}

static dma_cookie_t java_submit(struct dma_async_tx_descriptor *desc)
{
	struct descriptor *descriptor = container_of(desc, struct descriptor, desc);
	dma_cookie_t cookie;

	descriptor->callback = desc->callback;
	cookie = (dma_cookie_t)CALL(dma_submit, descriptor->number, transfer_ended, desc->flags);
	if (cookie >= DMA_MIN_COOKIE) {
		desc->cookie = cookie;
		desc->chan->cookie = cookie;
	}
	return cookie;
}

static int java_desc_free(struct dma_async_tx_descriptor *desc)
{
	return (int)CALL(dma_desc_free, container_of(desc, struct descriptor, desc)->number);
}

static int java_attach(struct dma_async_tx_descriptor *desc, void *data, size_t len)
{
	return (int)CALL(dma_desc_attach, container_of(desc, struct descriptor, desc)->number, data,
			 len);
}

static void *java_metadata(struct dma_async_tx_descriptor *desc, size_t *payload_len,
			   size_t *max_len)
{
	long va = CALL(dma_desc_metadata, container_of(desc, struct descriptor, desc)->number);

	if (IS_ERR_VALUE(va))
		return ERR_PTR(va);
	*payload_len = answered(0);
	*max_len = answered(1);
	return (void *)va;
}

static int java_metadata_len(struct dma_async_tx_descriptor *desc, size_t payload_len)
{
	return (int)CALL(dma_desc_metadata_len, container_of(desc, struct descriptor, desc)->number,
			 payload_len);
}

static struct dma_descriptor_metadata_ops java_metadata_ops = {
	.attach = java_attach,
	.get_ptr = java_metadata,
	.set_len = java_metadata_len,
};

static struct dma_async_tx_descriptor *prepared(struct dma_chan *chan, unsigned long flags,
						long number)
{
	struct descriptor *descriptor;

	if (number <= 0)
		return NULL;
	if (!descriptors[number])
		descriptors[number] = kernel_allocate(sizeof(struct descriptor));
	descriptor = descriptors[number];
	*descriptor = (struct descriptor){
		.desc = {.flags = flags,
			 .chan = chan,
			 .tx_submit = java_submit,
			 .desc_free = java_desc_free,
			 .metadata_ops = chan->device->desc_metadata_modes ? &java_metadata_ops
									   : NULL},
		.number = number,
	};
	return &descriptor->desc;
}

/* The functions of providers in Java. */

static struct dma_async_tx_descriptor *java_memcpy(struct dma_chan *chan, dma_addr_t dst,
						   dma_addr_t src, size_t len, unsigned long flags)
{
	return prepared(chan, flags,
			CALL(dma_prep_memcpy, chan->dmakit_number, dst, src, len, flags));
}

static struct dma_async_tx_descriptor *java_memset(struct dma_chan *chan, dma_addr_t dst,
						   int value, size_t len, unsigned long flags)
{
	return prepared(chan, flags,
			CALL(dma_prep_memset, chan->dmakit_number, dst, value, len, flags));
}

static struct dma_async_tx_descriptor *java_interrupt(struct dma_chan *chan, unsigned long flags)
{
	return prepared(chan, flags, CALL(dma_prep_interrupt, chan->dmakit_number, flags));
}

struct wire_segment {
	u64 address;
	u64 length;
};

/* The mapped entries of a list, to be freed; NULL when there are too many. Counts them. */
static struct wire_segment *wire_of(struct scatterlist *sgl, unsigned int nents,
				    unsigned int *count)
{
	struct wire_segment *wire;
	struct scatterlist *sg = sgl;

	*count = 0;
	if (nents > LIST_COUNT_MAX)
		return NULL;
	wire = kernel_allocate((nents ? nents : 1) * sizeof *wire);
	for (; *count < nents && sg; sg = sg_next(sg))
		wire[(*count)++] = (struct wire_segment){sg_dma_address(sg), sg_dma_len(sg)};
	return wire;
}

static struct dma_async_tx_descriptor *java_slave_sg(struct dma_chan *chan,
						     struct scatterlist *sgl, unsigned int nents,
						     enum dma_transfer_direction direction,
						     unsigned long flags, void *context)
{
	unsigned int count;
	struct wire_segment *wire = wire_of(sgl, nents, &count);
	long number;

	(void)context;
	if (!wire)
		return NULL;
	number = CALL_DATA(dma_prep_slave_sg, wire, count * sizeof *wire, chan->dmakit_number,
			   count, direction, flags);
	kernel_free(wire);
	return prepared(chan, flags, number);
}

static struct dma_async_tx_descriptor *java_memset_sg(struct dma_chan *chan,
						      struct scatterlist *sgl, unsigned int nents,
						      int value, unsigned long flags)
{
	unsigned int count;
	struct wire_segment *wire = wire_of(sgl, nents, &count);
	long number;

	if (!wire)
		return NULL;
	number = CALL_DATA(dma_prep_memset_sg, wire, count * sizeof *wire, chan->dmakit_number,
			   count, value, flags);
	kernel_free(wire);
	return prepared(chan, flags, number);
}

static struct dma_async_tx_descriptor *java_vec(struct dma_chan *chan, const struct dma_vec *vecs,
						size_t nents,
						enum dma_transfer_direction direction,
						unsigned long flags)
{
	if (nents > LIST_COUNT_MAX)
		return NULL;
	return prepared(chan, flags,
			CALL_DATA(dma_prep_vec, vecs, nents * sizeof *vecs, chan->dmakit_number,
				  nents, direction, flags));
}

static struct dma_async_tx_descriptor *java_imm_data(struct dma_chan *chan, dma_addr_t dst,
						     u64 data, unsigned long flags)
{
	return prepared(chan, flags,
			CALL(dma_prep_imm_data, chan->dmakit_number, dst, data, flags));
}

static struct dma_async_tx_descriptor *java_interleaved(struct dma_chan *chan,
							struct dma_interleaved_template *xt,
							unsigned long flags)
{
	unsigned long sides = xt->src_inc | xt->dst_inc << 1 | xt->src_sgl << 2 | xt->dst_sgl << 3;

	if (xt->frame_size > LANE_DATA_SIZE / sizeof xt->sgl[0])
		return NULL;
	return prepared(chan, flags,
			CALL_DATA(dma_prep_interleaved, xt->sgl,
				  xt->frame_size * sizeof xt->sgl[0], chan->dmakit_number,
				  xt->src_start, xt->dst_start, xt->dir, sides, xt->numf, flags));
}

/* Operands of sums: results, sources and the coefficients of these, as far as there are some. */
struct wire_sum {
	u64 address[2 + SOURCE_COUNT_MAX];
	u8 coefficient[SOURCE_COUNT_MAX];
};

static struct dma_async_tx_descriptor *sum_prepared(struct dma_chan *chan, dma_addr_t *results,
						    dma_addr_t *src, unsigned int src_cnt,
						    const unsigned char *scf, size_t len,
						    enum sum_check_flags *sum,
						    unsigned long flags)
{
	struct wire_sum *wire;
	struct dma_async_tx_descriptor *desc;

	if (src_cnt > SOURCE_COUNT_MAX)
		return NULL;
	wire = kernel_allocate(sizeof *wire);
	if (results)
		memcpy(wire->address, results, (scf ? 2 : 1) * sizeof *results);
	memcpy(wire->address + 2, src, src_cnt * sizeof *src);
	if (scf)
		memcpy(wire->coefficient, scf, src_cnt);
	desc = prepared(chan, flags,
			CALL_DATA(dma_prep_sum, wire, sizeof *wire, chan->dmakit_number, src_cnt,
				  len, flags, scf != NULL, sum != NULL));
	kernel_free(wire);
	if (desc)
		container_of(desc, struct descriptor, desc)->sum = sum;
	return desc;
}

static struct dma_async_tx_descriptor *java_xor(struct dma_chan *chan, dma_addr_t dst,
						dma_addr_t *src, unsigned int src_cnt, size_t len,
						unsigned long flags)
{
	return sum_prepared(chan, &dst, src, src_cnt, NULL, len, NULL, flags);
}

static struct dma_async_tx_descriptor *java_xor_val(struct dma_chan *chan, dma_addr_t *src,
						    unsigned int src_cnt, size_t len,
						    enum sum_check_flags *result,
						    unsigned long flags)
{
	return sum_prepared(chan, NULL, src, src_cnt, NULL, len, result, flags);
}

static struct dma_async_tx_descriptor *java_pq(struct dma_chan *chan, dma_addr_t *dst,
					       dma_addr_t *src, unsigned int src_cnt,
					       const unsigned char *scf, size_t len,
					       unsigned long flags)
{
	return sum_prepared(chan, dst, src, src_cnt, scf, len, NULL, flags);
}

static struct dma_async_tx_descriptor *java_pq_val(struct dma_chan *chan, dma_addr_t *pq,
						   dma_addr_t *src, unsigned int src_cnt,
						   const unsigned char *scf, size_t len,
						   enum sum_check_flags *pqres,
						   unsigned long flags)
{
	return sum_prepared(chan, pq, src, src_cnt, scf, len, pqres, flags);
}

static struct dma_async_tx_descriptor *java_cyclic(struct dma_chan *chan, dma_addr_t buf_addr,
						   size_t buf_len, size_t period_len,
						   enum dma_transfer_direction direction,
						   unsigned long flags)
{
	return prepared(chan, flags,
			CALL(dma_prep_cyclic, chan->dmakit_number, buf_addr, buf_len, period_len,
			     direction, flags));
}

static int java_config(struct dma_chan *chan, struct dma_slave_config *config)
{
	u64 wire[] = {
		config->src_addr,
		config->dst_addr,
		config->src_addr_width,
		config->dst_addr_width,
		config->src_maxburst,
		config->dst_maxburst,
		config->direction,
		config->src_port_window_size,
		config->dst_port_window_size,
		config->device_fc,
		(u64)config->peripheral_config,
		config->peripheral_size,
	};

	return (int)CALL_DATA(dma_slave_config, wire, sizeof wire, chan->dmakit_number);
}

/* Where a channel offers something else than its provider. */
static void java_caps(struct dma_chan *chan, struct dma_slave_caps *caps)
{
	if (CALL(dma_slave_caps, chan->dmakit_number))
		return;
	caps->src_addr_widths = (u32)answered(0);
	caps->dst_addr_widths = (u32)(answered(0) >> 32);
	caps->directions = (u32)answered(1);
	caps->min_burst = (u32)answered(2);
	caps->max_burst = (u32)(answered(2) >> 32);
	caps->max_sg_burst = (u32)answered(3);
	caps->residue_granularity = (enum dma_residue_granularity)(answered(4) & 0xff);
	caps->descriptor_reuse = answered(4) >> 8 & 1;
	caps->cmd_pause = answered(4) >> 9 & 1;
	caps->cmd_resume = answered(4) >> 10 & 1;
	caps->cmd_terminate = answered(4) >> 11 & 1;
}

enum control { CONTROL_PAUSE, CONTROL_RESUME, CONTROL_TERMINATE, CONTROL_SYNCHRONIZE };

static int java_pause(struct dma_chan *chan)
{
	return (int)CALL(dma_control, chan->dmakit_number, CONTROL_PAUSE);
}

static int java_resume(struct dma_chan *chan)
{
	return (int)CALL(dma_control, chan->dmakit_number, CONTROL_RESUME);
}

static int java_terminate(struct dma_chan *chan)
{
	return (int)CALL(dma_control, chan->dmakit_number, CONTROL_TERMINATE);
}

static void java_synchronize(struct dma_chan *chan)
{
	CALL(dma_control, chan->dmakit_number, CONTROL_SYNCHRONIZE);
}

static int java_device_control(struct dma_chan *chan, enum dma_ctrl_cmd cmd, unsigned long arg)
{
	switch (cmd) {
	case DMA_TERMINATE_ALL:
		return java_terminate(chan);
	case DMA_PAUSE:
		return java_pause(chan);
	case DMA_RESUME:
		return java_resume(chan);
	case DMA_SLAVE_CONFIG:
		return java_config(chan, (struct dma_slave_config *)arg);
	default:
		return -ENXIO;
	}
}

static void java_issue_pending(struct dma_chan *chan)
{
	CALL(dma_issue_pending, chan->dmakit_number);
}

static enum dma_status java_tx_status(struct dma_chan *chan, dma_cookie_t cookie,
				      struct dma_tx_state *state)
{
	enum dma_status status =
		(enum dma_status)CALL(dma_tx_status, chan->dmakit_number, cookie);

	chan->completed_cookie = (dma_cookie_t)answered(0);
	chan->cookie = (dma_cookie_t)answered(1);
	if (state)
		*state = (struct dma_tx_state){chan->completed_cookie, chan->cookie,
					       (u32)answered(2), (u32)answered(3)};
	if (answered(4))
		tell_sum((long)answered(4), answered(5));
	return status;
}

static int nothing_to_allocate(struct dma_chan *chan)
{
	(void)chan;
	return 0;
}

static void nothing_to_free(struct dma_chan *chan)
{
	(void)chan;
}

/* Which functions a provider in Java has, by bits that the handler sets. */
enum {
	HAS_MEMCPY = 1,
	HAS_MEMSET = 2,
	HAS_INTERRUPT = 4,
	HAS_SLAVE_SG = 8,
	HAS_CYCLIC = 16,
	HAS_CONFIG = 32,
	HAS_PAUSE = 64,
	HAS_RESUME = 128,
	HAS_TERMINATE = 256,
	HAS_SYNCHRONIZE = 512,
	HAS_MEMSET_SG = 1024,
	HAS_XOR = 2048,
	HAS_XOR_VAL = 4096,
	HAS_PQ = 8192,
	HAS_PQ_VAL = 16384,
	HAS_INTERLEAVED = 32768,
	HAS_VEC = 65536,
	HAS_IMM_DATA = 131072,
};

static void describe_limits(struct dma_device *device)
{
	CALL(dma_provider_limits, device->dmakit_number);
	device->max_xor = (unsigned short)answered(0);
	device->max_pq = (unsigned short)answered(1);
	device->xor_align = (enum dmaengine_alignment)answered(2);
	device->pq_align = (enum dmaengine_alignment)answered(3);
	device->max_sg_burst = (u32)answered(4);
	device->desc_metadata_modes = (enum dma_desc_metadata_mode)answered(5);
	device->device_caps = answered(6) ? java_caps : NULL;
	device->privatecnt = (unsigned int)answered(7);
}

static void describe(struct dma_device *device)
{
	unsigned long has = answered(7);

	device->chancnt = (unsigned int)answered(0);
	device->cap_mask.bits[0] = answered(1);
	device->dev_id = (int)answered(3);
	device->src_addr_widths = (u32)answered(4);
	device->dst_addr_widths = (u32)(answered(4) >> 32);
	device->directions = (u32)answered(5);
	device->max_burst = (u32)(answered(5) >> 32);
	device->residue_granularity = (enum dma_residue_granularity)(answered(6) & 0xff);
	device->descriptor_reuse = answered(6) >> 8 & 0xff;
	device->copy_align = (enum dmaengine_alignment)(answered(6) >> 16 & 0xff);
	device->fill_align = (enum dmaengine_alignment)(answered(6) >> 24 & 0xff);
	device->min_burst = (u32)(answered(6) >> 32);
	device->device_alloc_chan_resources = nothing_to_allocate;
	device->device_free_chan_resources = nothing_to_free;
	device->device_issue_pending = java_issue_pending;
	device->device_tx_status = java_tx_status;
	device->device_control = java_device_control;
	device->device_prep_dma_memcpy = has & HAS_MEMCPY ? java_memcpy : NULL;
	device->device_prep_dma_memset = has & HAS_MEMSET ? java_memset : NULL;
	device->device_prep_dma_interrupt = has & HAS_INTERRUPT ? java_interrupt : NULL;
	device->device_prep_slave_sg = has & HAS_SLAVE_SG ? java_slave_sg : NULL;
	device->device_prep_dma_cyclic = has & HAS_CYCLIC ? java_cyclic : NULL;
	device->device_config = has & HAS_CONFIG ? java_config : NULL;
	device->device_pause = has & HAS_PAUSE ? java_pause : NULL;
	device->device_resume = has & HAS_RESUME ? java_resume : NULL;
	device->device_terminate_all = has & HAS_TERMINATE ? java_terminate : NULL;
	device->device_synchronize = has & HAS_SYNCHRONIZE ? java_synchronize : NULL;
	device->device_prep_dma_memset_sg = has & HAS_MEMSET_SG ? java_memset_sg : NULL;
	device->device_prep_dma_xor = has & HAS_XOR ? java_xor : NULL;
	device->device_prep_dma_xor_val = has & HAS_XOR_VAL ? java_xor_val : NULL;
	device->device_prep_dma_pq = has & HAS_PQ ? java_pq : NULL;
	device->device_prep_dma_pq_val = has & HAS_PQ_VAL ? java_pq_val : NULL;
	device->device_prep_interleaved_dma = has & HAS_INTERLEAVED ? java_interleaved : NULL;
	device->device_prep_peripheral_dma_vec = has & HAS_VEC ? java_vec : NULL;
	device->device_prep_dma_imm_data = has & HAS_IMM_DATA ? java_imm_data : NULL;
}

static void show_channel(struct java_provider *provider, unsigned int index)
{
	struct java_channel *channel = &provider->channels[index];
	long number = CALL(dma_provider_channel, provider->device.dmakit_number, index);

	channel->chan.client_count = (int)answered(0);
	snprintf(channel->name, sizeof channel->name, "%s", lane_text());
	channel->chan.device = &provider->device;
	channel->chan.dev = &channel->dev;
	channel->chan.chan_id = (int)index;
	channel->chan.name = channel->name;
	channel->chan.local = &channel->local;
	dma_cookie_init(&channel->chan);
	channel->dev.chan = &channel->chan;
	channel->dev.dev_id = provider->device.dev_id;
	channel->dev.device.init_name = channel->name;
	channel->dev.device.parent = provider->device.dev;
	list_add_tail(&channel->chan.device_node, &provider->device.channels);
	channel_is(number, &channel->chan);
}

/* One struct for each provider in Java, with all of its channels, when the first is asked for. */
static void show_provider(long provider_number)
{
	struct java_provider *provider = kernel_allocate(sizeof *provider);
	long device_number;

	CALL(dma_provider, provider_number);
	provider->device.dmakit_number = provider_number;
	INIT_LIST_HEAD(&provider->device.channels);
	describe(&provider->device);
	device_number = (long)answered(2);
	provider->device.dev = device_of(device_number);
	describe_limits(&provider->device);
	provider->channels = kernel_allocate(provider->device.chancnt * sizeof *provider->channels);
	provider->next = providers;
	providers = provider;
	for (unsigned int i = 0; i < provider->device.chancnt; i++)
		show_channel(provider, i);
}

struct dma_chan *channel_of(long number)
{
	if (number <= 0)
		return NULL;
	if (!channels[number])
		show_provider(CALL(dma_provider_of, number));
	return channels[number];
}
