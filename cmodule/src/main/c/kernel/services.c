/*
 * What the kernel offers to modules, on this side of the lane: structs whose fields drivers use, and
 * numbers for the objects behind them. Every function not static is a symbol modules link to.
 */
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "host/lane.h"
#include "libc.h"

/* A value that came with an answer beside its result. */
static unsigned long answered(int index)
{
	return LANE_U64(LANE_ARGS + 8 * index);
}

static void *allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (memory == NULL)
		abort();
	return memory;
}

/* Completions: known by their addresses. */

void init_completion(struct completion *completion)
{
	lane_call(SERVICE_INIT_COMPLETION, (long)completion, 0, 0, 0, 0, 0);
}

void complete(struct completion *completion)
{
	lane_call(SERVICE_COMPLETE, (long)completion, 0, 0, 0, 0, 0);
}

void wait_for_completion(struct completion *completion)
{
	lane_call(SERVICE_WAIT_FOR_COMPLETION, (long)completion, 0, 0, 0, 0, 0);
}

unsigned long wait_for_completion_timeout(struct completion *completion, unsigned long jiffies)
{
	return (unsigned long)lane_call(SERVICE_WAIT_FOR_COMPLETION_TIMEOUT, (long)completion,
					(long)jiffies, 0, 0, 0, 0);
}

/* Coherent memory. */

static long number_of(const struct device *dev)
{
	return dev == NULL ? 0 : (long)dev->dmakit_number;
}

void *dma_alloc_coherent(struct device *dev, size_t size, dma_addr_t *dma, gfp_t gfp)
{
	void *va = (void *)lane_call(SERVICE_DMA_ALLOC_COHERENT, number_of(dev), (long)size,
				     (long)gfp, 0, 0, 0);

	if (va != NULL)
		*dma = answered(0);
	return va;
}

void dma_free_coherent(struct device *dev, size_t size, void *va, dma_addr_t dma)
{
	lane_call(SERVICE_DMA_FREE_COHERENT, number_of(dev), (long)size, (long)va, (long)dma, 0, 0);
}

/* Channels. One struct for each that is held, with its provider's beside it. */

struct channel {
	struct dma_chan chan;
	struct dma_chan_dev dev;
	struct dma_device provider;
	struct device provider_dev;
	char name[DEVICE_NAME_SIZE];
	char provider_name[DEVICE_NAME_SIZE];
	long number;
};

struct descriptor {
	struct dma_async_tx_descriptor desc;
	long number;
};

/* By number; the kernel gives a number anew when its descriptor has ended. */
static struct descriptor *descriptors[DESCRIPTOR_COUNT_MAX];

static struct channel *channel_of(struct dma_chan *chan)
{
	return container_of(chan, struct channel, chan);
}

static dma_cookie_t submit(struct dma_async_tx_descriptor *desc)
{
	struct descriptor *descriptor = container_of(desc, struct descriptor, desc);

	desc->cookie = (dma_cookie_t)lane_call(SERVICE_TX_SUBMIT, descriptor->number,
					       (long)desc->callback, (long)desc->callback_param, 0,
					       0, 0);
	return desc->cookie;
}

static struct dma_async_tx_descriptor *prep_memcpy(struct dma_chan *chan, dma_addr_t dst,
						   dma_addr_t src, size_t length,
						   unsigned long flags)
{
	long number = lane_call(SERVICE_PREP_DMA_MEMCPY, channel_of(chan)->number, (long)dst,
				(long)src, (long)length, (long)flags, 0);
	struct descriptor *descriptor;

	if (number == 0)
		return NULL;
	if (descriptors[number] == NULL)
		descriptors[number] = allocate(sizeof(struct descriptor));
	descriptor = descriptors[number];
	*descriptor = (struct descriptor){
		.desc = {.cookie = -EBUSY, .flags = flags, .chan = chan, .tx_submit = submit},
		.number = number,
	};
	return &descriptor->desc;
}

static void issue_pending(struct dma_chan *chan)
{
	lane_call(SERVICE_ISSUE_PENDING, channel_of(chan)->number, 0, 0, 0, 0, 0);
}

static int terminate_all(struct dma_chan *chan)
{
	return (int)lane_call(SERVICE_TERMINATE_ALL, channel_of(chan)->number, 0, 0, 0, 0, 0);
}

int dmaengine_terminate_sync(struct dma_chan *chan)
{
	return (int)lane_call(SERVICE_TERMINATE_SYNC, channel_of(chan)->number, 0, 0, 0, 0, 0);
}

enum dma_status dma_async_is_tx_complete(struct dma_chan *chan, dma_cookie_t cookie,
					 dma_cookie_t *last, dma_cookie_t *used)
{
	enum dma_status status = (enum dma_status)lane_call(
		SERVICE_TX_STATUS, channel_of(chan)->number, cookie, 0, 0, 0, 0);

	if (last != NULL)
		*last = (dma_cookie_t)answered(0);
	if (used != NULL)
		*used = (dma_cookie_t)answered(1);
	return status;
}

/* The kernel shows a filter one channel after the other, each as a struct of its own. */
struct wish {
	dma_filter_fn filter;
	void *param;
	struct channel *shown;
};

static void describe(struct channel *channel, long number)
{
	const char *text = lane_text();
	size_t length = strlen(text);

	*channel = (struct channel){.number = number};
	snprintf(channel->name, sizeof channel->name, "%s", text);
	snprintf(channel->provider_name, sizeof channel->provider_name, "%s", text + length + 1);
	channel->provider_dev.init_name = channel->provider_name;
	channel->provider_dev.dmakit_number = answered(0);
	channel->chan.chan_id = (int)answered(1);
	channel->provider.cap_mask.bits[0] = answered(2);
	channel->provider.dev_id = (int)answered(3);
	channel->provider.dev = &channel->provider_dev;
	channel->provider.device_prep_dma_memcpy = prep_memcpy;
	channel->provider.device_terminate_all = terminate_all;
	channel->provider.device_issue_pending = issue_pending;
	channel->dev.chan = &channel->chan;
	channel->dev.dev_id = channel->provider.dev_id;
	channel->dev.device.init_name = channel->name;
	channel->dev.device.parent = &channel->provider_dev;
	channel->chan.device = &channel->provider;
	channel->chan.dev = &channel->dev;
	channel->chan.name = channel->name;
}

/* Runs when the kernel asks about one channel. */
static long ask_filter(long wish_address, long number, long unused, long unused_too)
{
	struct wish *wish = (struct wish *)wish_address;

	(void)unused;
	(void)unused_too;
	lane_call(SERVICE_DESCRIBE_CHANNEL, number, 0, 0, 0, 0, 0);
	describe(wish->shown, number);
	return wish->filter(&wish->shown->chan, wish->param);
}

struct dma_chan *__dma_request_channel(const dma_cap_mask_t *mask, dma_filter_fn filter,
				       void *param)
{
	struct channel *channel = allocate(sizeof *channel);
	struct wish wish = {filter, param, channel};
	long number = lane_call(SERVICE_REQUEST_CHANNEL, (long)mask->bits[0],
				filter == NULL ? 0 : (long)ask_filter, (long)&wish, 0, 0, 0);

	if (number == 0) {
		free(channel);
		return NULL;
	}
	lane_call(SERVICE_DESCRIBE_CHANNEL, number, 0, 0, 0, 0, 0);
	describe(channel, number);
	return &channel->chan;
}

void dma_release_channel(struct dma_chan *chan)
{
	struct channel *channel = channel_of(chan);

	lane_call(SERVICE_RELEASE_CHANNEL, channel->number, 0, 0, 0, 0, 0);
	free(channel);
}
