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

/* A list is filled entry by entry: begin, add, prepare. */
static struct scatterlist *list;
static unsigned int list_count;

static long serve_list_begin(unsigned long count)
{
	kernel_free(list);
	list = kernel_allocate(count * sizeof *list);
	list_count = 0;
	sg_init_table(list, (unsigned int)count);
	return 0;
}

static long serve_list_add(dma_addr_t address, size_t length)
{
	sg_dma_address(&list[list_count]) = address;
	sg_dma_len(&list[list_count]) = (unsigned int)length;
	list[list_count++].length = (unsigned int)length;
	return 0;
}

static long serve_slave_sg(struct dma_chan *chan, long direction, unsigned long flags)
{
	return (long)chan->device->device_prep_slave_sg(
		chan, list, list_count, (enum dma_transfer_direction)direction, flags, NULL);
}

static long serve_submit(struct dma_async_tx_descriptor *desc, void *number)
{
	desc->callback_result = ended_for_java;
	desc->callback_param = number;
	return desc->tx_submit(desc);
}

static long serve_desc_free(struct dma_async_tx_descriptor *desc)
{
	desc->flags |= DMA_CTRL_REUSE;
	return desc->desc_free ? desc->desc_free(desc) : 0;
}

static long serve_config(struct dma_chan *chan, phys_addr_t src, phys_addr_t dst, long src_width,
			 long dst_width, long src_burst, long dst_burst)
{
	struct dma_slave_config config = {
		.src_addr = src,
		.dst_addr = dst,
		.src_addr_width = (enum dma_slave_buswidth)src_width,
		.dst_addr_width = (enum dma_slave_buswidth)dst_width,
		.src_maxburst = (u32)src_burst,
		.dst_maxburst = (u32)dst_burst,
	};

	return chan->device->device_config(chan, &config);
}

enum { CONTROL_PAUSE, CONTROL_RESUME, CONTROL_TERMINATE, CONTROL_SYNCHRONIZE, CONTROL_ISSUE,
       CONTROL_ALLOCATE, CONTROL_FREE, CONTROL_COMPLETED };

static long serve_control(struct dma_chan *chan, long what, dma_cookie_t cookie)
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
	case CONTROL_FREE:
		device->device_free_chan_resources(chan);
		return 0;
	default:
		return dma_async_is_complete(cookie, chan->completed_cookie, chan->cookie) ==
		       DMA_COMPLETE;
	}
}

static long serve_status(struct dma_chan *chan, dma_cookie_t cookie)
{
	struct dma_tx_state state = {0};
	long status = chan->device->device_tx_status(chan, cookie, &state);

	CALL(dma_status_is, state.last, state.used, state.residue, state.in_flight_bytes);
	return status;
}

/* The functions above, in the order in which the kernel numbers them. */
static const void *const served[] = {
	serve_memcpy,	serve_memset,	 serve_interrupt, serve_cyclic,	 serve_list_begin,
	serve_list_add, serve_slave_sg,	 serve_submit,	  serve_desc_free, serve_config,
	serve_control,	serve_status,
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
		device->device_prep_interleaved_dma,
	};
	unsigned long mask = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(ops); i++)
		if (ops[i])
			mask |= 1UL << i;
	return mask;
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
	if (!device->device_tx_status)
		return refuse(device, "tx_status");
	if (!device->device_issue_pending)
		return refuse(device, "issue_pending");
	return 0;
}

static void name_channel(struct dma_device *device, struct dma_chan *chan, int index)
{
	struct dma_chan_dev *dev = kernel_allocate(sizeof *dev);
	char *name = kernel_allocate(32);

	snprintf(name, 32, "dma%dchan%d", device->dev_id, index);
	dev->chan = chan;
	dev->dev_id = device->dev_id;
	dev->device.init_name = name;
	dev->device.parent = device->dev;
	chan->dev = dev;
	chan->chan_id = index;
	chan->name = name;
	chan->client_count = 0;
	chan->local = kernel_allocate(sizeof *chan->local);
}

int dma_async_device_register(struct dma_device *device)
{
	const void *functions[ARRAY_SIZE(served)];
	struct dma_chan *chan;
	int error = check(device);
	int index = 0;

	if (error)
		return error;
	memcpy(functions, served, sizeof served);
	error = (int)CALL_DATA(dma_device_new, functions, sizeof functions,
			       number_of(device->dev), device->cap_mask.bits[0],
			       (u64)device->src_addr_widths | (u64)device->dst_addr_widths << 32,
			       (u64)device->directions | (u64)device->max_burst << 32,
			       (u64)device->residue_granularity | (u64)device->descriptor_reuse << 8 |
				       (u64)device->copy_align << 16 |
				       (u64)device->fill_align << 24 | (u64)device->min_burst << 32,
			       ops_of(device), device);
	if (error < 0)
		return error;
	device->dmakit_number = error;
	list_for_each_entry(chan, &device->channels, device_node) {
		long number = CALL(dma_device_channel, device->dmakit_number, chan);

		if (number < 0)
			return (int)number;
		channel_is(number, chan);
	}
	error = (int)CALL(dma_device_register, device->dmakit_number);
	if (error < 0)
		return error;
	device->dev_id = error;
	list_for_each_entry(chan, &device->channels, device_node)
		name_channel(device, chan, index++);
	device->chancnt = (unsigned int)index;
	return 0;
}

static void forget_channel(struct dma_chan *chan)
{
	channel_is(chan->dmakit_number, NULL);
	chan->dmakit_number = 0;
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
	CALL(dma_device_unregister, device->dmakit_number);
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
	(void)device;
	(void)chan;
	(void)name;
	return -EOPNOTSUPP;
}

void dma_async_device_channel_unregister(struct dma_device *device, struct dma_chan *chan)
{
	(void)device;
	(void)chan;
}

/* Requests by device tree. */

#define PATH_SIZE 1024

static LIST_HEAD(controllers);

/* The simulator knows nodes by their paths. */
static const char *path_of(const struct device_node *node, char *path)
{
	char *at = path + PATH_SIZE - 1;

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

/* Runs when a device asks for a channel of a controller; the cells come two in a word. */
static long translate(struct of_dma *controller, long count, long cells01, long cells23,
		      long cells45)
{
	struct of_phandle_args spec = {.np = controller->of_node, .args_count = (int)count};
	const long words[] = {cells01, cells23, cells45};
	struct dma_chan *chan;

	for (int i = 0; i < 6; i++)
		spec.args[i] = (u32)((unsigned long)words[i / 2] >> (i % 2 * 32));
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
	char path[PATH_SIZE];
	int error;

	if (!np || !of_dma_xlate) {
		pr_err("of_dma_controller_register: not enough information provided\n");
		return -EINVAL;
	}
	controller = kernel_allocate(sizeof *controller);
	controller->of_node = np;
	controller->of_dma_xlate = of_dma_xlate;
	controller->of_dma_data = data;
	error = (int)CALL_TEXT(of_dma_register, path_of(np, path), controller, translate);
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
	char path[PATH_SIZE];

	list_for_each_entry(controller, &controllers, of_dma_controllers)
		if (controller->of_node == np) {
			CALL_TEXT(of_dma_free, path_of(np, path));
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
	char path[PATH_SIZE];
	long number = CALL_TEXT2(of_dma_request, path_of(np, path), name);

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
