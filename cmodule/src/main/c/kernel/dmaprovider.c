/* Controllers whose drivers are in C: they serve C clients by their structs, and Java ones here. */
#include <dmakit/provider.h>

#include "call.h"
#include "device.h"
#include "dma.h"
#include "dmaengine.h"

/* What a client in Java wants of a channel of a provider in C. */

/* The end of a transfer of a client in Java. */
static void ended_for_java(void *number, const struct dmaengine_result *result)
{
	CALL(dma_java_callback, number, result ? result->result : DMA_TRANS_NOERROR,
	     result ? result->residue : 0);
}

static long serve_memcpy(struct dma_chan *chan, dma_addr_t dst, dma_addr_t src, size_t len,
			 unsigned long flags)
{
	return (long)chan->device->device_prep_dma_memcpy(chan, dst, src, len, flags);
}

static long serve_memset(struct dma_chan *chan, dma_addr_t dst, long value, size_t len,
			 unsigned long flags)
{
	return (long)chan->device->device_prep_dma_memset(chan, dst, (int)value, len, flags);
}

static long serve_interrupt(struct dma_chan *chan, unsigned long flags)
{
	return (long)chan->device->device_prep_dma_interrupt(chan, flags);
}

static long serve_cyclic(struct dma_chan *chan, dma_addr_t buf, size_t len, size_t period,
			 long direction, unsigned long flags)
{
	return (long)chan->device->device_prep_dma_cyclic(
		chan, buf, len, period, (enum dma_transfer_direction)direction, flags);
}

/*
 * Operands that are many come on demand, as words, for a ticket: an interrupt may have another
 * transfer prepared in between.
 */
static u64 *operands(long ticket, unsigned long count)
{
	u64 *words = kernel_allocate((count ? count : 1) * sizeof *words);

	if (count)
		CALL_DATA(dma_operands, words, count * sizeof *words, ticket);
	return words;
}

/* A list of address and length by turns. */
static struct scatterlist *list_of(long ticket, unsigned long count)
{
	u64 *words = operands(ticket, 2 * count);
	struct scatterlist *list = kernel_allocate(count * sizeof *list);

	sg_init_table(list, (unsigned int)count);
	for (unsigned long i = 0; i < count; i++) {
		sg_dma_address(&list[i]) = words[2 * i];
		sg_dma_len(&list[i]) = (unsigned int)words[2 * i + 1];
		list[i].length = (unsigned int)words[2 * i + 1];
	}
	kernel_free(words);
	return list;
}

static long serve_slave_sg(struct dma_chan *chan, long direction, unsigned long flags, long ticket,
			   unsigned long count)
{
	struct scatterlist *list = list_of(ticket, count);
	long desc = (long)chan->device->device_prep_slave_sg(
		chan, list, (unsigned int)count, (enum dma_transfer_direction)direction, flags,
		NULL);

	kernel_free(list);
	return desc;
}

static long serve_memset_sg(struct dma_chan *chan, long value, unsigned long flags, long ticket,
			    unsigned long count)
{
	struct scatterlist *list = list_of(ticket, count);
	long desc = (long)chan->device->device_prep_dma_memset_sg(
		chan, list, (unsigned int)count, (int)value, flags);

	kernel_free(list);
	return desc;
}

static long serve_vec(struct dma_chan *chan, long direction, unsigned long flags, long ticket,
		      unsigned long count)
{
	u64 *words = operands(ticket, 2 * count);
	long desc = (long)chan->device->device_prep_peripheral_dma_vec(
		chan, (struct dma_vec *)words, count, (enum dma_transfer_direction)direction,
		flags);

	kernel_free(words);
	return desc;
}

static long serve_imm_data(struct dma_chan *chan, dma_addr_t dst, u64 data, unsigned long flags)
{
	return (long)chan->device->device_prep_dma_imm_data(chan, dst, data, flags);
}

static long serve_xor(struct dma_chan *chan, dma_addr_t dst, size_t len, unsigned long flags,
		      long ticket, unsigned long count)
{
	u64 *src = operands(ticket, count);
	long desc = (long)chan->device->device_prep_dma_xor(chan, dst, src, (unsigned int)count,
							    len, flags);

	kernel_free(src);
	return desc;
}

static long serve_xor_val(struct dma_chan *chan, enum sum_check_flags *sum, size_t len,
			  unsigned long flags, long ticket, unsigned long count)
{
	u64 *src = operands(ticket, count);
	long desc = (long)chan->device->device_prep_dma_xor_val(chan, src, (unsigned int)count,
								len, sum, flags);

	kernel_free(src);
	return desc;
}

/* P, Q, the sources, and as many coefficients: each a word. */
static unsigned char *coefficients(const u64 *words, unsigned long count)
{
	unsigned char *scf = kernel_allocate(count + 1);

	for (unsigned long i = 0; i < count; i++)
		scf[i] = (unsigned char)words[2 + count + i];
	return scf;
}

static long serve_pq(struct dma_chan *chan, size_t len, unsigned long flags, long ticket,
		     unsigned long count)
{
	u64 *words = operands(ticket, 2 + 2 * count);
	unsigned char *scf = coefficients(words, count);
	long desc = (long)chan->device->device_prep_dma_pq(
		chan, words, words + 2, (unsigned int)count, scf, len, flags);

	kernel_free(scf);
	kernel_free(words);
	return desc;
}

static long serve_pq_val(struct dma_chan *chan, enum sum_check_flags *sum, size_t len,
			 unsigned long flags, long ticket, unsigned long count)
{
	u64 *words = operands(ticket, 2 + 2 * count);
	unsigned char *scf = coefficients(words, count);
	long desc = (long)chan->device->device_prep_dma_pq_val(
		chan, words, words + 2, (unsigned int)count, scf, len, sum, flags);

	kernel_free(scf);
	kernel_free(words);
	return desc;
}

/* Where a check in C tells what it found; taken when it is over. */
static long serve_sum(enum sum_check_flags *sum)
{
	long found;

	if (!sum)
		return (long)kernel_allocate(sizeof *sum);
	found = *sum;
	kernel_free(sum);
	return found;
}

enum { TEMPLATE_WORDS = 5 };

static long serve_interleaved(struct dma_chan *chan, unsigned long flags, long ticket,
			      unsigned long chunks)
{
	u64 *words = operands(ticket, TEMPLATE_WORDS + 4 * chunks);
	struct dma_interleaved_template *xt =
		kernel_allocate(sizeof *xt + chunks * sizeof xt->sgl[0]);
	long desc;

	xt->src_start = words[0];
	xt->dst_start = words[1];
	xt->dir = (enum dma_transfer_direction)words[2];
	xt->src_inc = words[3] & 1;
	xt->dst_inc = words[3] >> 1 & 1;
	xt->src_sgl = words[3] >> 2 & 1;
	xt->dst_sgl = words[3] >> 3 & 1;
	xt->numf = words[4];
	xt->frame_size = chunks;
	memcpy(xt->sgl, words + TEMPLATE_WORDS, chunks * sizeof xt->sgl[0]);
	kernel_free(words);
	desc = (long)chan->device->device_prep_interleaved_dma(chan, xt, flags);
	kernel_free(xt);
	return desc;
}

static long serve_submit(struct dma_async_tx_descriptor *desc, void *number)
{
	desc->callback_result = ended_for_java;
	desc->callback_param = number;
	return desc->tx_submit(desc);
}

static long serve_ack(struct dma_async_tx_descriptor *desc)
{
	desc->flags |= DMA_CTRL_ACK;
	return 0;
}

static long serve_desc_free(struct dma_async_tx_descriptor *desc)
{
	desc->flags |= DMA_CTRL_REUSE;
	return desc->desc_free ? desc->desc_free(desc) : 0;
}

static long serve_config(struct dma_chan *chan, long ticket)
{
	u64 *words = operands(ticket, 12);
	struct dma_slave_config config = {
		.src_addr = words[0],
		.dst_addr = words[1],
		.src_addr_width = (enum dma_slave_buswidth)words[2],
		.dst_addr_width = (enum dma_slave_buswidth)words[3],
		.src_maxburst = (u32)words[4],
		.dst_maxburst = (u32)words[5],
		.direction = (enum dma_transfer_direction)words[6],
		.src_port_window_size = (u32)words[7],
		.dst_port_window_size = (u32)words[8],
		.device_fc = words[9],
		.peripheral_config = (void *)words[10],
		.peripheral_size = words[11],
	};

	kernel_free(words);
	return chan->device->device_config(chan, &config);
}

static long serve_caps(struct dma_chan *chan)
{
	struct dma_slave_caps caps;
	int error = dma_get_slave_caps(chan, &caps);

	if (error)
		return error;
	CALL(dma_caps_are, caps.src_addr_widths | (u64)caps.dst_addr_widths << 32, caps.directions,
	     caps.min_burst | (u64)caps.max_burst << 32, caps.max_sg_burst,
	     caps.residue_granularity | (u64)caps.descriptor_reuse << 8 | (u64)caps.cmd_pause << 9 |
		     (u64)caps.cmd_resume << 10 | (u64)caps.cmd_terminate << 11);
	return 0;
}

enum { METADATA_ATTACH, METADATA_POINTER, METADATA_LENGTH };

static long serve_metadata(struct dma_async_tx_descriptor *desc, long what, void *data, size_t len)
{
	struct dma_descriptor_metadata_ops *ops = desc->metadata_ops;
	size_t payload = 0, max = 0;
	void *va;

	switch (what) {
	case METADATA_ATTACH:
		return ops && ops->attach ? ops->attach(desc, data, len) : -ENOTSUPP;
	case METADATA_LENGTH:
		return ops && ops->set_len ? ops->set_len(desc, len) : -ENOTSUPP;
	default:
		if (!ops || !ops->get_ptr)
			return -ENOTSUPP;
		va = ops->get_ptr(desc, &payload, &max);
		CALL(dma_metadata_is, payload, max);
		return (long)va;
	}
}

static long serve_routed(struct dma_chan *chan, struct dma_router *router, void *route_data)
{
	chan->router = router;
	chan->route_data = route_data;
	if (!router || !chan->device->device_router_config)
		return 0;
	return chan->device->device_router_config(chan);
}

static void forget_channel(struct dma_chan *chan);

/* Nobody refers to a provider any more that could outlive its driver. */
static long serve_release(struct dma_device *device)
{
	struct dma_chan *chan;

	list_for_each_entry(chan, &device->channels, device_node)
		forget_channel(chan);
	device->device_release(device);
	return 0;
}

enum { CONTROL_PAUSE, CONTROL_RESUME, CONTROL_TERMINATE, CONTROL_SYNCHRONIZE, CONTROL_ISSUE,
       CONTROL_ALLOCATE, CONTROL_FREE };

static long serve_control(struct dma_chan *chan, long what)
{
	struct dma_device *device = chan->device;

	switch (what) {
	case CONTROL_PAUSE:
		return device->device_pause(chan);
	case CONTROL_RESUME:
		return device->device_resume(chan);
	case CONTROL_TERMINATE:
		return device->device_terminate_all(chan);
	case CONTROL_SYNCHRONIZE:
		device->device_synchronize(chan);
		return 0;
	case CONTROL_ISSUE:
		device->device_issue_pending(chan);
		return 0;
	case CONTROL_ALLOCATE:
		return device->device_alloc_chan_resources(chan);
	default: /* CONTROL_FREE */
		device->device_free_chan_resources(chan);
		return 0;
	}
}

static long serve_status(struct dma_chan *chan, dma_cookie_t cookie)
{
	struct dma_tx_state state = {0};
	long status = chan->device->device_tx_status(chan, cookie, &state);

	CALL(dma_status_is, state.last, state.used, state.residue, state.in_flight_bytes);
	return status;
}

/* What a provider writes about itself into the summary in debugfs. */
static long serve_summary(struct dma_device *device)
{
	struct seq_file text = {.size = LANE_TEXT_SIZE};

	text.buf = kernel_allocate(text.size);
	device->dbg_summary_show(&text, device);
	text.buf[text.count < text.size ? text.count : text.size - 1] = '\0';
	CALL_TEXT(dma_summary_is, text.buf);
	kernel_free(text.buf);
	return 0;
}

/* What a client in C, of which the kernel sees nothing, has not brought to its end. */
static long serve_left(struct dma_chan *chan)
{
	return chan->dmakit_virtual ? vchan_left(chan) : 0;
}

/* The functions above, in the order in which the kernel numbers them. */
static const void *const served[] = {
	serve_memcpy,	 serve_memset,	    serve_interrupt, serve_cyclic,   serve_slave_sg,
	serve_submit,	 serve_desc_free,   serve_config,    serve_control,  serve_status,
	serve_memset_sg, serve_vec,	    serve_imm_data,  serve_xor,	     serve_xor_val,
	serve_pq,	 serve_pq_val,	    serve_sum,	     serve_interleaved, serve_caps,
	serve_metadata,	 serve_routed,	    serve_release,   serve_ack,
	serve_summary,	 serve_left,
};

/* Registration. */

static unsigned long ops_of(const struct dma_device *device)
{
	const void *const ops[] = {
		device->device_prep_dma_memcpy,	     device->device_prep_dma_memset,
		device->device_prep_dma_interrupt,   device->device_prep_slave_sg,
		device->device_prep_dma_cyclic,	     device->device_config,
		device->device_pause,		     device->device_resume,
		device->device_terminate_all,	     device->device_synchronize,
		device->device_alloc_chan_resources, device->device_free_chan_resources,
		device->device_prep_dma_xor,	     device->device_prep_dma_xor_val,
		device->device_prep_dma_pq,	     device->device_prep_dma_pq_val,
		device->device_prep_interleaved_dma, device->device_prep_dma_memset_sg,
		device->device_prep_peripheral_dma_vec, device->device_prep_dma_imm_data,
		device->device_caps,		     device->device_release,
		device->dbg_summary_show,
	};
	unsigned long mask = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++)
		if (ops[i])
			mask |= 1UL << i;
	return mask;
}

/* Capabilities that stand for a function, in the order in which Linux looks for it. */
static int check_capabilities(struct dma_device *device)
{
	const struct {
		enum dma_transaction_type type;
		const char *name;
		const void *op;
	} wanted[] = {
#define WANTED(type, op) {type, #type, device->device_prep_##op}
		WANTED(DMA_MEMCPY, dma_memcpy),
		WANTED(DMA_XOR, dma_xor),
		WANTED(DMA_XOR_VAL, dma_xor_val),
		WANTED(DMA_PQ, dma_pq),
		WANTED(DMA_PQ_VAL, dma_pq_val),
		WANTED(DMA_MEMSET, dma_memset),
		WANTED(DMA_INTERRUPT, dma_interrupt),
		WANTED(DMA_CYCLIC, dma_cyclic),
		WANTED(DMA_INTERLEAVE, interleaved_dma),
#undef WANTED
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(wanted); i++)
		if (dma_has_cap(wanted[i].type, device->cap_mask) && !wanted[i].op) {
			dev_err(device->dev,
				"Device claims capability %s, but op is not defined\n",
				wanted[i].name);
			return -EIO;
		}
	return 0;
}

static int refuse(struct dma_device *device, const char *what)
{
	dev_err(device->dev, "Device %s is not defined\n", what);
	return -EIO;
}

static int check(struct dma_device *device)
{
	if (!device)
		return -ENODEV;
	if (!device->dev) {
		pr_err("DMAdevice must have dev\n");
		return -EIO;
	}
	if (check_capabilities(device))
		return -EIO;
	if (!device->device_tx_status)
		return refuse(device, "tx_status");
	if (!device->device_issue_pending)
		return refuse(device, "issue_pending");
	return 0;
}

/* Gives a channel, which is registered, its name and class device. */
static void name_channel(struct dma_device *device, struct dma_chan *chan, int index,
			 const char *given)
{
	struct dma_chan_dev *dev = kernel_allocate(sizeof *dev);
	char *name = kernel_allocate(64);

	if (given)
		snprintf(name, 64, "%s", given);
	else
		snprintf(name, 64, "dma%dchan%d", device->dev_id, index);
	dev->chan = chan;
	dev->dev_id = device->dev_id;
	dev->device.parent = device->dev;
	device_initialize(&dev->device);
	device_has(CALL(dma_channel_device, chan->dmakit_number), &dev->device);
	dev->device.init_name = name;
	dev->device.kobj.name = name;
	chan->dev = dev;
	chan->chan_id = index;
	chan->name = name;
	chan->local = kernel_allocate(sizeof *chan->local);
}

/* Says which devices get which channels by the name of the device. Runs for one entry. */
static long ask_map(dma_filter_fn filter, void *param, long number)
{
	return filter(channel_of(number), param);
}

static void tell_map(struct dma_device *device)
{
	const struct dma_slave_map *map = device->filter.map;

	for (int i = 0; i < device->filter.mapcnt; i++)
		CALL_TEXT2(dma_device_map, map[i].devname, map[i].slave, device->dmakit_number,
			   ask_map, device->filter.fn, map[i].param);
}

/* The kernel looks at both cookies at once. */
_Static_assert(offsetof(struct dma_chan, cookie) % 8 == 0 &&
		       offsetof(struct dma_chan, completed_cookie) ==
			       offsetof(struct dma_chan, cookie) + sizeof(dma_cookie_t),
	       "cookies lie in one word");

static int add_channel(struct dma_device *device, struct dma_chan *chan)
{
	long number = CALL(dma_device_channel, device->dmakit_number, chan, &chan->cookie);

	if (number < 0)
		return (int)number;
	chan->client_count = 0;
	channel_is(number, chan);
	return 0;
}

int dma_async_device_register(struct dma_device *device)
{
	struct dma_chan *chan;
	int error = check(device);
	int index = 0;

	if (error)
		return error;
	const u64 words[] = {
		number_of(device->dev),
		device->cap_mask.bits[0],
		(u64)device->src_addr_widths | (u64)device->dst_addr_widths << 32,
		(u64)device->directions | (u64)device->max_burst << 32,
		(u64)device->residue_granularity | (u64)device->descriptor_reuse << 8 |
			(u64)device->copy_align << 16 | (u64)device->fill_align << 20 |
			(u64)device->xor_align << 24 | (u64)device->pq_align << 28 |
			(u64)device->min_burst << 32,
		(u64)device->max_xor | (u64)device->max_pq << 16 | (u64)device->max_sg_burst << 32,
		device->desc_metadata_modes,
		ops_of(device),
		(u64)device,
	};
	u64 wire[ARRAY_SIZE(served) + ARRAY_SIZE(words)];

	memcpy(wire, served, sizeof served);
	memcpy(wire + ARRAY_SIZE(served), words, sizeof words);
	error = (int)CALL_DATA(dma_device_new, wire, sizeof wire);
	if (error < 0)
		return error;
	device->dmakit_number = error;
	list_for_each_entry(chan, &device->channels, device_node) {
		error = add_channel(device, chan);
		if (error)
			return error;
	}
	tell_map(device);
	error = (int)CALL(dma_device_register, device->dmakit_number);
	if (error < 0)
		return error;
	device->dev_id = error;
	device->privatecnt = (unsigned int)dma_has_cap(DMA_PRIVATE, device->cap_mask);
	list_for_each_entry(chan, &device->channels, device_node)
		name_channel(device, chan, index++, NULL);
	device->chancnt = (unsigned int)index;
	return 0;
}

static void forget_channel(struct dma_chan *chan)
{
	channel_is(chan->dmakit_number, NULL);
	chan->dmakit_number = 0;
	if (number_of(&chan->dev->device) != 0)
		CALL(device_free, number_of(&chan->dev->device));
	device_has(number_of(&chan->dev->device), NULL);
	kernel_free((void *)chan->name);
	kernel_free(chan->dev);
	kernel_free(chan->local);
	chan->name = NULL;
	chan->dev = NULL;
	chan->local = NULL;
}

void dma_async_device_unregister(struct dma_device *device)
{
	struct dma_chan *chan;

	if (!device->dmakit_number)
		return;
	/* What may outlive its driver is forgotten when it is released; that may have been here. */
	bool stays = device->device_release != NULL;

	CALL(dma_device_unregister, device->dmakit_number);
	if (stays)
		return;
	device->dmakit_number = 0;
	list_for_each_entry(chan, &device->channels, device_node)
		forget_channel(chan);
}

static void unregister_managed(struct device *dev, void *resource)
{
	(void)dev;
	dma_async_device_unregister(*(struct dma_device **)resource);
}

int dmaenginem_async_device_register(struct dma_device *device)
{
	struct dma_device **managed = devres_alloc(unregister_managed, sizeof *managed, GFP_KERNEL);
	int error;

	if (!managed)
		return -ENOMEM;
	error = dma_async_device_register(device);
	if (error) {
		devres_free(managed);
		return error;
	}
	*managed = device;
	devres_add(device->dev, managed);
	return 0;
}

/* Channels that come later or go earlier than their controller. */

int dma_async_device_channel_register(struct dma_device *device, struct dma_chan *chan,
				      const char *name)
{
	int error = add_channel(device, chan);

	if (error)
		return error;
	error = (int)CALL_TEXT(dma_channel_register, name ? name : "", chan->dmakit_number);
	if (error < 0)
		return error;
	name_channel(device, chan, error, name);
	device->chancnt++;
	return 0;
}

void dma_async_device_channel_unregister(struct dma_device *device, struct dma_chan *chan)
{
	CALL(dma_channel_unregister, chan->dmakit_number);
	device->chancnt--;
	forget_channel(chan);
}

/* Requests by device tree. */

static LIST_HEAD(controllers);

const char *node_path(const struct device_node *node, char *path)
{
	char *at = path + NODE_PATH_SIZE - 1;

	*at = '\0';
	for (; node->parent; node = node->parent) {
		size_t length = strlen(node->full_name);

		if (length + 1 > (size_t)(at - path))
			break;
		at -= length;
		memcpy(at, node->full_name, length);
		*--at = '/';
	}
	return *at ? at : "/";
}

/* What a device asks a controller for; the cells come two in a word. */
static struct of_phandle_args spec_of(struct of_dma *controller, long count, long cells01,
				      long cells23, long cells45)
{
	struct of_phandle_args spec = {.np = controller->of_node, .args_count = (int)count};
	const long words[] = {cells01, cells23, cells45};

	for (int i = 0; i < 6; i++)
		spec.args[i] = (u32)((unsigned long)words[i / 2] >> (i % 2 * 32));
	return spec;
}

/* Runs when a device asks for a channel of a controller. */
static long translate(struct of_dma *controller, long count, long cells01, long cells23,
		      long cells45)
{
	struct of_phandle_args spec = spec_of(controller, count, cells01, cells23, cells45);
	struct dma_chan *chan;

	chan = controller->of_dma_xlate(&spec, controller);
	if (IS_ERR(chan))
		return PTR_ERR(chan);
	return chan ? chan->dmakit_number : 0;
}

int of_dma_controller_register(struct device_node *np,
			       struct dma_chan *(*of_dma_xlate)(struct of_phandle_args *,
								struct of_dma *),
			       void *data)
{
	struct of_dma *controller;
	char path[NODE_PATH_SIZE];
	int error;

	if (!np || !of_dma_xlate) {
		pr_err("of_dma_controller_register: not enough information provided\n");
		return -EINVAL;
	}
	controller = kernel_allocate(sizeof *controller);
	controller->of_node = np;
	controller->of_dma_xlate = of_dma_xlate;
	controller->of_dma_data = data;
	error = (int)CALL_TEXT(of_dma_register, node_path(np, path), controller, translate);
	if (error) {
		kernel_free(controller);
		return error;
	}
	list_add_tail(&controller->of_dma_controllers, &controllers);
	return 0;
}

/* Runs when a device asks a router for a route: tells whom to ask for what instead. */
static long route(struct of_dma *controller, long count, long cells01, long cells23, long cells45)
{
	struct of_phandle_args spec = spec_of(controller, count, cells01, cells23, cells45);
	void *data = controller->of_dma_route_allocate(&spec, controller);
	char path[NODE_PATH_SIZE];

	if (IS_ERR(data))
		return PTR_ERR(data);
	CALL_TEXT_DATA(dma_route_is, node_path(spec.np, path), spec.args, sizeof spec.args,
		       spec.args_count);
	return (long)data;
}

/* Runs when a route is given back. */
static long free_route(struct dma_router *router, void *data)
{
	if (router->route_free)
		router->route_free(router->dev, data);
	return 0;
}

int of_dma_router_register(struct device_node *np,
			   void *(*of_dma_route_allocate)(struct of_phandle_args *,
							  struct of_dma *),
			   struct dma_router *dma_router)
{
	struct of_dma *controller;
	char path[NODE_PATH_SIZE];
	int error;

	if (!np || !of_dma_route_allocate || !dma_router) {
		pr_err("of_dma_router_register: not enough information provided\n");
		return -EINVAL;
	}
	controller = kernel_allocate(sizeof *controller);
	controller->of_node = np;
	controller->of_dma_route_allocate = of_dma_route_allocate;
	controller->dma_router = dma_router;
	error = (int)CALL_TEXT(of_dma_router, node_path(np, path), controller, route, dma_router,
			       free_route, dma_router->dev ? number_of(dma_router->dev) : 0);
	if (error) {
		kernel_free(controller);
		return error;
	}
	list_add_tail(&controller->of_dma_controllers, &controllers);
	return 0;
}

void of_dma_controller_free(struct device_node *np)
{
	struct of_dma *controller;
	char path[NODE_PATH_SIZE];

	list_for_each_entry(controller, &controllers, of_dma_controllers)
		if (controller->of_node == np) {
			CALL_TEXT(of_dma_free, node_path(np, path));
			list_del(&controller->of_dma_controllers);
			kernel_free(controller);
			return;
		}
}

static void free_controller(struct device *dev, void *resource)
{
	(void)dev;
	of_dma_controller_free(*(struct device_node **)resource);
}

int devm_of_dma_controller_register(struct device *dev, struct device_node *np,
				    struct dma_chan *(*of_dma_xlate)(struct of_phandle_args *,
								     struct of_dma *),
				    void *data)
{
	struct device_node **managed = devres_alloc(free_controller, sizeof *managed, GFP_KERNEL);
	int error;

	if (!managed)
		return -ENOMEM;
	error = of_dma_controller_register(np, of_dma_xlate, data);
	if (error) {
		devres_free(managed);
		return error;
	}
	*managed = np;
	devres_add(dev, managed);
	return 0;
}

struct dma_chan *of_dma_request_slave_channel(struct device_node *np, const char *name)
{
	char path[NODE_PATH_SIZE];
	long number = CALL_TEXT2(of_dma_request, node_path(np, path), name);

	return number < 0 ? ERR_PTR(number) : channel_of(number);
}

struct dma_chan *of_dma_simple_xlate(struct of_phandle_args *spec, struct of_dma *ofdma)
{
	struct of_dma_filter_info *info = ofdma->of_dma_data;

	if (!info || !info->filter_fn || spec->args_count != 1)
		return NULL;
	return __dma_request_channel(&info->dma_cap, info->filter_fn, &spec->args[0], spec->np);
}

struct dma_chan *of_dma_xlate_by_chan_id(struct of_phandle_args *spec, struct of_dma *ofdma)
{
	struct dma_device *device = ofdma->of_dma_data;
	struct dma_chan *chan;

	if (!device || spec->args_count != 1)
		return NULL;
	list_for_each_entry(chan, &device->channels, device_node)
		if ((u32)chan->chan_id == spec->args[0])
			return dma_get_slave_channel(chan);
	return NULL;
}
