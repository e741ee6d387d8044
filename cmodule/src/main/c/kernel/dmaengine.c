/*
 * Channels, on this side of the lane: structs whose fields drivers use, and numbers for the objects
 * behind them.
 */
#include <dmakit/umbrella.h>

#include "call.h"
#include "device.h"
#include "libc.h"

#define NAME_SIZE 64
#define DESCRIPTOR_COUNT_MAX 65536

static void *allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (memory == NULL)
		abort();
	return memory;
}

/* Channels. One struct for each that is held, with its provider's beside it. */

struct channel {
	struct dma_chan chan;
	struct dma_chan_dev dev;
	struct dma_device provider;
	struct device provider_dev;
	char name[NAME_SIZE];
	char provider_name[NAME_SIZE];
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

	desc->cookie = (dma_cookie_t)CALL(tx_submit, descriptor->number, desc->callback, desc->callback_param);
	return desc->cookie;
}

static struct dma_async_tx_descriptor *prep_memcpy(struct dma_chan *chan, dma_addr_t dst,
						   dma_addr_t src, size_t length,
						   unsigned long flags)
{
	long number = CALL(prep_dma_memcpy, channel_of(chan)->number, dst, src, length, flags);
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
	CALL(issue_pending, channel_of(chan)->number);
}

static int terminate_all(struct dma_chan *chan)
{
	return (int)CALL(terminate_all, channel_of(chan)->number);
}

int dmaengine_terminate_sync(struct dma_chan *chan)
{
	return (int)CALL(terminate_sync, channel_of(chan)->number);
}

enum dma_status dma_async_is_tx_complete(struct dma_chan *chan, dma_cookie_t cookie,
					 dma_cookie_t *last, dma_cookie_t *used)
{
	enum dma_status status =
		(enum dma_status)CALL(tx_status, channel_of(chan)->number, cookie);

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
	size_t length = 0;

	while (text[length] != ' ')
		length++;

	*channel = (struct channel){.number = number};
	snprintf(channel->name, sizeof channel->name, "%.*s", (int)length, text);
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
	CALL(describe_channel, number);
	describe(wish->shown, number);
	return wish->filter(&wish->shown->chan, wish->param);
}

struct dma_chan *__dma_request_channel(const dma_cap_mask_t *mask, dma_filter_fn filter,
				       void *param, struct device_node *node)
{
	struct channel *channel = allocate(sizeof *channel);
	struct wish wish = {filter, param, channel};
	long number = CALL(request_channel, mask->bits[0], filter == NULL ? 0 : (long)ask_filter, &wish);

	(void)node;
	if (number == 0) {
		free(channel);
		return NULL;
	}
	CALL(describe_channel, number);
	describe(channel, number);
	return &channel->chan;
}

void dma_release_channel(struct dma_chan *chan)
{
	struct channel *channel = channel_of(chan);

	CALL(release_channel, channel->number);
	free(channel);
}

void dmakit_cap_set(unsigned int type, const char *text, dma_cap_mask_t *mask)
{
	(void)text;
	set_bit(type, mask->bits);
}

struct dma_async_tx_descriptor *dmaengine_prep_dma_memcpy(struct dma_chan *chan, dma_addr_t dst,
							  dma_addr_t src, size_t length,
							  unsigned long flags)
{
	return chan->device->device_prep_dma_memcpy(chan, dst, src, length, flags);
}

dma_cookie_t dmaengine_submit(struct dma_async_tx_descriptor *desc)
{
	return desc->tx_submit(desc);
}

void dma_async_issue_pending(struct dma_chan *chan)
{
	chan->device->device_issue_pending(chan);
}

int dmaengine_terminate_all(struct dma_chan *chan)
{
	return chan->device->device_terminate_all(chan);
}
