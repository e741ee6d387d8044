/*
 * Channels for those who use them. A channel of a provider in C is that provider's own struct; one
 * of a provider in Java gets a struct in dmajava.c. Either way a module may call what the structs
 * point to.
 */
#include <dmakit/provider.h>

#include "asynctx.h"
#include "call.h"
#include "device.h"
#include "dma.h"
#include "dmaengine.h"

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

	if (chan)
		chan->dbg_client_name = (char *)name;
	return chan;
}

struct dma_chan *__dma_request_channel(const dma_cap_mask_t *mask, dma_filter_fn filter,
				       void *param, struct device_node *np)
{
	struct wish wish = {filter, param};
	char path[NODE_PATH_SIZE];

	return got(CALL_TEXT(dma_request_channel, np ? node_path(np, path) : "", mask->bits[0],
			     filter ? (long)ask_filter : 0, &wish),
		   NULL);
}

struct dma_chan *dma_request_chan(struct device *dev, const char *name)
{
	long number = CALL_TEXT(dma_request_chan, name ? name : "", number_of(dev));
	struct dma_router *router = (struct dma_router *)answered(0);
	void *route_data = (void *)answered(1);
	struct dma_chan *chan;

	if (number < 0)
		return ERR_PTR(number);
	chan = got(number, NULL);
	chan->slave = dev;
	chan->router = router;
	chan->route_data = route_data;
	return chan;
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
	/* A provider that has left may take the channel with it: nothing is written afterwards. */
	chan->slave = NULL;
	chan->router = NULL;
	chan->route_data = NULL;
	CALL(dma_release_channel, chan->dmakit_number);
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
			dmakit_wait_timed_out();
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
	unsigned long end = jiffies + msecs_to_jiffies(5000);

	if (!tx)
		return DMA_COMPLETE;
	if (async_tx_is_handle(tx))
		return async_tx_wait(tx);
	while (tx->cookie == -EBUSY) {
		if (time_after_eq(jiffies, end)) {
			dev_err(tx->chan->device->dev,
				"dma_wait_for_async_tx timeout waiting for descriptor submission\n");
			return DMA_ERROR;
		}
		cpu_relax();
	}
	return dma_sync_wait(tx->chan, tx->cookie);
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

static int terminate(struct dma_chan *chan, const char *function, int missing)
{
	check_channel(chan, function);
	if (chan->device->device_terminate_all)
		return chan->device->device_terminate_all(chan);
	CALL(dma_terminate_refused, chan->dmakit_number);
	return missing;
}

int dmaengine_terminate_all(struct dma_chan *chan)
{
	return terminate(chan, "dmaengine_terminate_all", -ENOSYS);
}

int dmaengine_terminate_async(struct dma_chan *chan)
{
	return terminate(chan, "dmaengine_terminate_async", -EINVAL);
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
	if (desc->desc_metadata_mode)
		return desc->desc_metadata_mode == mode ? 0 : -EINVAL;
	if (!dmaengine_is_metadata_mode_supported(desc->chan, mode))
		return -ENOTSUPP;
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
	/* Known from its first use on: rings have tens of thousands of descriptors, and few use it. */
	tx->lock = (spinlock_t){0};
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

/* Clients of vendors' controllers. */

int xilinx_vdma_channel_set_config(struct dma_chan *chan, struct xilinx_vdma_config *config)
{
	(void)chan;
	(void)config;
	return -ENODEV;
}
