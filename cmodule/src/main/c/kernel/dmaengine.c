/*
 * Channels for those who use them. A channel of a provider in C is that provider's own struct; one
 * of a provider in Java gets a struct here, with functions that ask the kernel. Either way a module
 * may call what the structs point to.
 */
#include <dmakit/provider.h>

#include "call.h"
#include "device.h"
#include "dma.h"
#include "dmaengine.h"

#define CHANNEL_COUNT_MAX 65536
#define DESCRIPTOR_COUNT_MAX 65536
#define LIST_COUNT_MAX (LANE_DATA_SIZE / sizeof(struct wire_segment))

/* Capabilities. */

void dmakit_cap_set(unsigned int type, const char *text, dma_cap_mask_t *mask)
{
	for (const char *at = text; *at; at++)
		if (*at == '|') {
			CALL_TEXT(dma_capability_ored, text, type);
			break;
		}
	if (type < BITS_PER_LONG)
		mask->bits[0] |= 1UL << type;
}

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

void channel_is(long number, struct dma_chan *chan)
{
	channels[number] = chan;
	if (chan)
		chan->dmakit_number = number;
}

/* Descriptors of providers in Java. */

struct descriptor {
	struct dma_async_tx_descriptor desc;
	long number;
	dma_async_tx_callback callback; /* as it was submitted */
};

/* By number; the kernel gives a number anew when its descriptor has ended. */
static struct descriptor *descriptors[DESCRIPTOR_COUNT_MAX];

/* Runs when a transfer, or a period of one, has ended. */
static long transfer_ended(long number, long result, long residue, long goes_on)
{
	struct descriptor *descriptor = descriptors[number];
	struct dma_async_tx_descriptor *desc = &descriptor->desc;
	struct dmaengine_result outcome = {(enum dmaengine_tx_result)result, (u32)residue};
	struct dmaengine_desc_callback callback;
	struct dmaengine_unmap_data *unmap = desc->unmap;
	bool late;

	/* Whatever is called from here on may prepare a transfer that gets this very descriptor. */
	dmaengine_desc_get_callback(desc, &callback);
	late = callback.callback != descriptor->callback;
	if (!goes_on) {
		desc->chan->completed_cookie = desc->cookie;
		desc->cookie = 0;
		desc->unmap = NULL;
	}
	if (late)
		CALL(dma_late_callback, desc->chan->dmakit_number, number);
	if (!goes_on && unmap)
		dmaengine_unmap_put(unmap);
	dmaengine_desc_callback_invoke(&callback, &outcome);
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
		.desc = {.cookie = -EBUSY,
			 .flags = flags,
			 .chan = chan,
			 .tx_submit = java_submit,
			 .desc_free = java_desc_free},
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

static struct dma_async_tx_descriptor *java_slave_sg(struct dma_chan *chan,
						     struct scatterlist *sgl, unsigned int nents,
						     enum dma_transfer_direction direction,
						     unsigned long flags, void *context)
{
	struct wire_segment *wire;
	struct scatterlist *sg = sgl;
	unsigned int i;
	long number;

	(void)context;
	if (nents > LIST_COUNT_MAX)
		return NULL;
	wire = kernel_allocate((nents ? nents : 1) * sizeof *wire);
	for (i = 0; i < nents && sg; i++, sg = sg_next(sg))
		wire[i] = (struct wire_segment){sg_dma_address(sg), sg_dma_len(sg)};
	number = CALL_DATA(dma_prep_slave_sg, wire, i * sizeof *wire, chan->dmakit_number, i,
			   direction, flags);
	kernel_free(wire);
	return prepared(chan, flags, number);
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
	return (int)CALL(dma_slave_config, chan->dmakit_number, config->src_addr, config->dst_addr,
			 config->src_addr_width, config->dst_addr_width, config->src_maxburst,
			 config->dst_maxburst, config->direction);
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
};

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
}

static void show_channel(struct java_provider *provider, unsigned int index)
{
	struct java_channel *channel = &provider->channels[index];
	long number = CALL(dma_provider_channel, provider->device.dmakit_number, index);

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

/* Getting channels. */

struct wish {
	dma_filter_fn filter;
	void *param;
};

/* Runs when the kernel asks about one channel. */
static long ask_filter(long wish_address, long number)
{
	struct wish *wish = (struct wish *)wish_address;

	return wish->filter(channel_of(number), wish->param);
}

static struct dma_chan *got(long number, const char *name)
{
	struct dma_chan *chan = channel_of(number);

	if (chan) {
		chan->client_count++;
		chan->dbg_client_name = (char *)name;
	}
	return chan;
}

struct dma_chan *__dma_request_channel(const dma_cap_mask_t *mask, dma_filter_fn filter,
				       void *param, struct device_node *np)
{
	struct wish wish = {filter, param};

	(void)np;
	return got(CALL(dma_request_channel, mask->bits[0], filter ? (long)ask_filter : 0, &wish),
		   NULL);
}

struct dma_chan *dma_request_chan(struct device *dev, const char *name)
{
	long number = CALL_TEXT(dma_request_chan, name ? name : "", number_of(dev));

	return number < 0 ? ERR_PTR(number) : got(number, NULL);
}

struct dma_chan *dma_request_slave_channel(struct device *dev, const char *name)
{
	struct dma_chan *chan = dma_request_chan(dev, name);

	return IS_ERR(chan) ? NULL : chan;
}

struct dma_chan *dma_request_slave_channel_compat(dma_cap_mask_t mask, dma_filter_fn fn,
						  void *fn_param, struct device *dev,
						  const char *name)
{
	struct dma_chan *chan = dev ? dma_request_slave_channel(dev, name) : NULL;

	if (chan || !fn || !fn_param)
		return chan;
	return dma_request_channel(mask, fn, fn_param);
}

struct dma_chan *dma_request_chan_by_mask(const dma_cap_mask_t *mask)
{
	struct dma_chan *chan;

	if (!mask)
		return ERR_PTR(-ENODEV);
	chan = __dma_request_channel(mask, NULL, NULL, NULL);
	return chan ? chan : ERR_PTR(CALL(dma_has_providers) ? -ENODEV : -EPROBE_DEFER);
}

static void release_managed(struct device *dev, void *resource)
{
	(void)dev;
	dma_release_channel(*(struct dma_chan **)resource);
}

struct dma_chan *devm_dma_request_chan(struct device *dev, const char *name)
{
	struct dma_chan *chan = dma_request_chan(dev, name);
	struct dma_chan **managed;

	if (IS_ERR(chan))
		return chan;
	managed = devres_alloc(release_managed, sizeof *managed, GFP_KERNEL);
	if (!managed) {
		dma_release_channel(chan);
		return ERR_PTR(-ENOMEM);
	}
	*managed = chan;
	devres_add(dev, managed);
	return chan;
}

/* Modules test what they get in the wrong way; Linux dereferences it then, and so is done here. */
static void check_channel(const struct dma_chan *chan, const char *function)
{
	if (IS_ERR_OR_NULL(chan))
		CALL_TEXT(dma_bad_channel, function, chan);
}

void dma_release_channel(struct dma_chan *chan)
{
	check_channel(chan, "dma_release_channel");
	CALL(dma_release_channel, chan->dmakit_number);
	if (chan->client_count > 0)
		chan->client_count--;
}

struct dma_chan *dma_get_slave_channel(struct dma_chan *chan)
{
	return got(CALL(dma_get_slave_channel, chan->dmakit_number), NULL);
}

struct dma_chan *dma_get_any_slave_channel(struct dma_device *device)
{
	return got(CALL(dma_get_any_slave_channel, device->dmakit_number), NULL);
}

struct dma_chan *dma_find_channel(enum dma_transaction_type tx_type)
{
	return channel_of(CALL(dma_find_channel, tx_type));
}

void dmaengine_get(void)
{
	CALL(dmaengine_get);
}

void dmaengine_put(void)
{
	CALL(dmaengine_put);
}

void dma_issue_pending_all(void)
{
	CALL(dma_issue_pending_all);
}

int dma_get_slave_caps(struct dma_chan *chan, struct dma_slave_caps *caps)
{
	struct dma_device *device;

	if (!chan || !caps)
		return -EINVAL;
	device = chan->device;
	if (!(dma_has_cap(DMA_SLAVE, device->cap_mask) ||
	      dma_has_cap(DMA_CYCLIC, device->cap_mask)) ||
	    !device->directions)
		return -ENXIO;
	*caps = (struct dma_slave_caps){
		.src_addr_widths = device->src_addr_widths,
		.dst_addr_widths = device->dst_addr_widths,
		.directions = device->directions,
		.min_burst = device->min_burst,
		.max_burst = device->max_burst,
		.max_sg_burst = device->max_sg_burst,
		.cmd_pause = device->device_pause != NULL,
		.cmd_resume = device->device_resume != NULL,
		.cmd_terminate = device->device_terminate_all != NULL,
		.residue_granularity = device->residue_granularity,
		.descriptor_reuse = device->descriptor_reuse,
	};
	if (device->device_caps)
		device->device_caps(chan, caps);
	return 0;
}

/* Preparing. */

static bool lacks(struct dma_chan *chan, const void *op, const char *name)
{
	check_channel(chan, name);
	if (op)
		return false;
	CALL_TEXT(dma_op_missing, name, chan->dmakit_number);
	return true;
}

#define LACKS(chan, op)                                                                            \
	lacks(chan, IS_ERR_OR_NULL(chan) ? NULL : (const void *)(chan)->device->op, #op)

struct dma_async_tx_descriptor *dmaengine_prep_dma_memcpy(struct dma_chan *chan, dma_addr_t dest,
							  dma_addr_t src, size_t len,
							  unsigned long flags)
{
	if (LACKS(chan, device_prep_dma_memcpy))
		return NULL;
	return chan->device->device_prep_dma_memcpy(chan, dest, src, len, flags);
}

struct dma_async_tx_descriptor *dmaengine_prep_dma_memset(struct dma_chan *chan, dma_addr_t dest,
							  int value, size_t len,
							  unsigned long flags)
{
	if (LACKS(chan, device_prep_dma_memset))
		return NULL;
	return chan->device->device_prep_dma_memset(chan, dest, value, len, flags);
}

struct dma_async_tx_descriptor *dmaengine_prep_dma_interrupt(struct dma_chan *chan,
							     unsigned long flags)
{
	if (LACKS(chan, device_prep_dma_interrupt))
		return NULL;
	return chan->device->device_prep_dma_interrupt(chan, flags);
}

struct dma_async_tx_descriptor *dmaengine_prep_slave_sg(struct dma_chan *chan,
							struct scatterlist *sgl,
							unsigned int sg_len,
							enum dma_transfer_direction dir,
							unsigned long flags)
{
	if (LACKS(chan, device_prep_slave_sg))
		return NULL;
	return chan->device->device_prep_slave_sg(chan, sgl, sg_len, dir, flags, NULL);
}

struct dma_async_tx_descriptor *
dmaengine_prep_slave_single(struct dma_chan *chan, dma_addr_t buf, size_t len,
			    enum dma_transfer_direction dir, unsigned long flags)
{
	struct scatterlist sg;

	sg_init_table(&sg, 1);
	sg_dma_address(&sg) = buf;
	sg_dma_len(&sg) = (unsigned int)len;
	return dmaengine_prep_slave_sg(chan, &sg, 1, dir, flags);
}

struct dma_async_tx_descriptor *
dmaengine_prep_peripheral_dma_vec(struct dma_chan *chan, const struct dma_vec *vecs, size_t nents,
				  enum dma_transfer_direction dir, unsigned long flags)
{
	if (LACKS(chan, device_prep_peripheral_dma_vec))
		return NULL;
	return chan->device->device_prep_peripheral_dma_vec(chan, vecs, nents, dir, flags);
}

struct dma_async_tx_descriptor *dmaengine_prep_dma_cyclic(struct dma_chan *chan,
							  dma_addr_t buf_addr, size_t buf_len,
							  size_t period_len,
							  enum dma_transfer_direction dir,
							  unsigned long flags)
{
	if (LACKS(chan, device_prep_dma_cyclic))
		return NULL;
	return chan->device->device_prep_dma_cyclic(chan, buf_addr, buf_len, period_len, dir,
						    flags);
}

struct dma_async_tx_descriptor *
dmaengine_prep_interleaved_dma(struct dma_chan *chan, struct dma_interleaved_template *xt,
			       unsigned long flags)
{
	if (LACKS(chan, device_prep_interleaved_dma))
		return NULL;
	if ((flags & DMA_PREP_REPEAT) && !dma_has_cap(DMA_REPEAT, chan->device->cap_mask))
		return NULL;
	return chan->device->device_prep_interleaved_dma(chan, xt, flags);
}

int dmaengine_slave_config(struct dma_chan *chan, struct dma_slave_config *config)
{
	check_channel(chan, "dmaengine_slave_config");
	return chan->device->device_config ? chan->device->device_config(chan, config) : -ENOSYS;
}

/* Running. */

dma_cookie_t dmaengine_submit(struct dma_async_tx_descriptor *desc)
{
	if (IS_ERR_OR_NULL(desc))
		CALL(dma_null_descriptor);
	return desc->tx_submit(desc);
}

void dma_async_issue_pending(struct dma_chan *chan)
{
	check_channel(chan, "dma_async_issue_pending");
	chan->device->device_issue_pending(chan);
}

enum dma_status dmaengine_tx_status(struct dma_chan *chan, dma_cookie_t cookie,
				    struct dma_tx_state *state)
{
	check_channel(chan, "dmaengine_tx_status");
	return chan->device->device_tx_status(chan, cookie, state);
}

enum dma_status dma_async_is_tx_complete(struct dma_chan *chan, dma_cookie_t cookie,
					 dma_cookie_t *last, dma_cookie_t *used)
{
	struct dma_tx_state state;
	enum dma_status status = dmaengine_tx_status(chan, cookie, &state);

	if (last)
		*last = state.last;
	if (used)
		*used = state.used;
	return status;
}

enum dma_status dma_sync_wait(struct dma_chan *chan, dma_cookie_t cookie)
{
	unsigned long end = jiffies + msecs_to_jiffies(5000);
	enum dma_status status;

	dma_async_issue_pending(chan);
	do {
		status = dma_async_is_tx_complete(chan, cookie, NULL, NULL);
		if (time_after_eq(jiffies, end)) {
			dev_err(chan->device->dev, "dma_sync_wait: timeout!\n");
			CALL(dma_wait_timed_out, chan->dmakit_number);
			return DMA_ERROR;
		}
		if (status != DMA_IN_PROGRESS)
			break;
		cpu_relax();
	} while (1);
	return status;
}

enum dma_status dma_wait_for_async_tx(struct dma_async_tx_descriptor *tx)
{
	return tx ? dma_sync_wait(tx->chan, tx->cookie) : DMA_COMPLETE;
}

int dmaengine_pause(struct dma_chan *chan)
{
	check_channel(chan, "dmaengine_pause");
	return chan->device->device_pause ? chan->device->device_pause(chan) : -ENOSYS;
}

int dmaengine_resume(struct dma_chan *chan)
{
	check_channel(chan, "dmaengine_resume");
	return chan->device->device_resume ? chan->device->device_resume(chan) : -ENOSYS;
}

int dmaengine_terminate_all(struct dma_chan *chan)
{
	check_channel(chan, "dmaengine_terminate_all");
	return chan->device->device_terminate_all ? chan->device->device_terminate_all(chan)
						  : -ENOSYS;
}

int dmaengine_terminate_async(struct dma_chan *chan)
{
	check_channel(chan, "dmaengine_terminate_async");
	return chan->device->device_terminate_all ? chan->device->device_terminate_all(chan)
						  : -EINVAL;
}

void dmaengine_synchronize(struct dma_chan *chan)
{
	check_channel(chan, "dmaengine_synchronize");
	if (chan->device->device_synchronize)
		chan->device->device_synchronize(chan);
}

int dmaengine_terminate_sync(struct dma_chan *chan)
{
	int error = dmaengine_terminate_async(chan);

	if (!error)
		dmaengine_synchronize(chan);
	return error;
}

int dmaengine_device_control(struct dma_chan *chan, enum dma_ctrl_cmd cmd, unsigned long arg)
{
	return chan->device->device_control ? chan->device->device_control(chan, cmd, arg)
					    : -ENOSYS;
}

/* Descriptors. */

void dmaengine_desc_callback_invoke(struct dmaengine_desc_callback *cb,
				    const struct dmaengine_result *result)
{
	static const struct dmaengine_result fine = {DMA_TRANS_NOERROR, 0};

	if (cb->callback_result)
		cb->callback_result(cb->callback_param, result ? result : &fine);
	else if (cb->callback)
		cb->callback(cb->callback_param);
}

int dmaengine_desc_set_reuse(struct dma_async_tx_descriptor *tx)
{
	struct dma_slave_caps caps;
	int error = dma_get_slave_caps(tx->chan, &caps);

	if (error)
		return error;
	if (!caps.descriptor_reuse)
		return -EPERM;
	tx->flags |= DMA_CTRL_REUSE;
	return 0;
}

void dmaengine_desc_clear_reuse(struct dma_async_tx_descriptor *tx)
{
	tx->flags &= ~DMA_CTRL_REUSE;
}

int dmaengine_desc_free(struct dma_async_tx_descriptor *tx)
{
	if (!dmaengine_desc_test_reuse(tx))
		return -EPERM;
	return tx->desc_free(tx);
}

static int check_metadata(struct dma_async_tx_descriptor *desc, enum dma_desc_metadata_mode mode)
{
	if (!desc)
		return -EINVAL;
	if (!(desc->chan->device->desc_metadata_modes & mode))
		return -ENOTSUPP;
	if (desc->desc_metadata_mode && desc->desc_metadata_mode != mode)
		return -EINVAL;
	desc->desc_metadata_mode = mode;
	return 0;
}

int dmaengine_desc_attach_metadata(struct dma_async_tx_descriptor *desc, void *data, size_t len)
{
	int error = check_metadata(desc, DESC_METADATA_CLIENT);

	if (error)
		return error;
	if (!desc->metadata_ops || !desc->metadata_ops->attach)
		return -ENOTSUPP;
	return desc->metadata_ops->attach(desc, data, len);
}

void *dmaengine_desc_get_metadata_ptr(struct dma_async_tx_descriptor *desc, size_t *payload_len,
				      size_t *max_len)
{
	int error = check_metadata(desc, DESC_METADATA_ENGINE);

	if (error)
		return ERR_PTR(error);
	if (!desc->metadata_ops || !desc->metadata_ops->get_ptr)
		return ERR_PTR(-ENOTSUPP);
	return desc->metadata_ops->get_ptr(desc, payload_len, max_len);
}

int dmaengine_desc_set_metadata_len(struct dma_async_tx_descriptor *desc, size_t payload_len)
{
	int error = check_metadata(desc, DESC_METADATA_ENGINE);

	if (error)
		return error;
	if (!desc->metadata_ops || !desc->metadata_ops->set_len)
		return -ENOTSUPP;
	return desc->metadata_ops->set_len(desc, payload_len);
}

void dma_async_tx_descriptor_init(struct dma_async_tx_descriptor *tx, struct dma_chan *chan)
{
	tx->chan = chan;
	spin_lock_init(&tx->lock);
}

void dma_run_dependencies(struct dma_async_tx_descriptor *tx)
{
	struct dma_async_tx_descriptor *next = tx->next;
	struct dma_chan *chan;

	if (!next)
		return;
	chan = next->chan;
	tx->next = NULL;
	while (next && next->chan == chan) {
		struct dma_async_tx_descriptor *behind = next->next;

		next->parent = NULL;
		next->next = NULL;
		next->tx_submit(next);
		next = behind;
	}
	chan->device->device_issue_pending(chan);
}

/* Old clients' copy of kernel memory, mapped and unmapped for them. */

static dma_cookie_t copy_mapped(struct dma_chan *chan, struct dmaengine_unmap_data *unmap)
{
	struct dma_async_tx_descriptor *tx;
	dma_cookie_t cookie;

	tx = dmaengine_prep_dma_memcpy(chan, unmap->addr[1], unmap->addr[0], unmap->len,
				       DMA_CTRL_ACK);
	if (!tx) {
		dmaengine_unmap_put(unmap);
		return -ENOMEM;
	}
	dma_set_unmap(tx, unmap);
	cookie = dmaengine_submit(tx);
	dmaengine_unmap_put(unmap);
	return cookie;
}

dma_cookie_t dma_async_memcpy_buf_to_pg(struct dma_chan *chan, struct page *page,
					unsigned int offset, void *kdata, size_t len)
{
	struct device *dev = chan->device->dev;
	struct dmaengine_unmap_data *unmap = dmaengine_get_unmap_data(dev, 2, GFP_NOWAIT);

	if (!unmap)
		return -ENOMEM;
	unmap->len = len;
	unmap->addr[0] = dma_map_single(dev, kdata, len, DMA_TO_DEVICE);
	unmap->to_cnt = 1;
	unmap->addr[1] = dma_map_page(dev, page, offset, len, DMA_FROM_DEVICE);
	unmap->from_cnt = 1;
	if (dma_mapping_error(dev, unmap->addr[0]) || dma_mapping_error(dev, unmap->addr[1])) {
		dmaengine_unmap_put(unmap);
		return -ENOMEM;
	}
	return copy_mapped(chan, unmap);
}

dma_cookie_t dma_async_memcpy_buf_to_buf(struct dma_chan *chan, void *dest, void *src, size_t len)
{
	return dma_async_memcpy_buf_to_pg(chan, virt_to_page(dest),
					  (unsigned int)((unsigned long)dest & (PAGE_SIZE - 1)),
					  src, len);
}

#define UNMAP_COUNT_MAX 256

struct dmaengine_unmap_data *dmaengine_get_unmap_data(struct device *dev, int nr, gfp_t flags)
{
	struct dmaengine_unmap_data *unmap;

	(void)flags;
	if (nr < 1 || nr > UNMAP_COUNT_MAX)
		return NULL;
	unmap = kernel_allocate(sizeof *unmap + (size_t)nr * sizeof unmap->addr[0]);
	kref_init(&unmap->kref);
	unmap->dev = dev;
	unmap->map_cnt = (u16)nr;
	return unmap;
}

static void unmap_all(struct kref *kref)
{
	struct dmaengine_unmap_data *unmap = container_of(kref, struct dmaengine_unmap_data, kref);
	int at = 0;

	for (int i = 0; i < unmap->to_cnt; i++)
		dma_unmap_page(unmap->dev, unmap->addr[at++], unmap->len, DMA_TO_DEVICE);
	for (int i = 0; i < unmap->from_cnt; i++)
		dma_unmap_page(unmap->dev, unmap->addr[at++], unmap->len, DMA_FROM_DEVICE);
	for (int i = 0; i < unmap->bidi_cnt; i++, at++)
		if (unmap->addr[at])
			dma_unmap_page(unmap->dev, unmap->addr[at], unmap->len, DMA_BIDIRECTIONAL);
	kernel_free(unmap);
}

void dmaengine_unmap_put(struct dmaengine_unmap_data *unmap)
{
	if (unmap)
		kref_put(&unmap->kref, unmap_all);
}
