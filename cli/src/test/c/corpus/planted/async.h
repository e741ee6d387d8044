/* Two pages for async_tx, used as they should be; the modules here make their own mistakes. */
#ifndef ASYNC_H
#define ASYNC_H

#include <linux/async_tx.h>
#include <linux/completion.h>
#include <linux/module.h>

static struct page *from, *to;

static inline int async_begin(void)
{
	from = alloc_page(GFP_KERNEL | __GFP_ZERO);
	to = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!from || !to)
		return -ENOMEM;
	dmaengine_get();
	return 0;
}

static inline void async_end(void)
{
	dmaengine_put();
	if (from)
		__free_page(from);
	if (to)
		__free_page(to);
}

static inline void async_done(void *completion)
{
	complete(completion);
}

MODULE_LICENSE("GPL");

#endif
