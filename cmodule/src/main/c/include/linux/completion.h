#ifndef _LINUX_COMPLETION_H
#define _LINUX_COMPLETION_H

#include <linux/jiffies.h>
#include <linux/types.h>

/* Known to the kernel by its address; nothing is kept here. */
struct completion {
	unsigned long dmakit_reserved[4];
};

void init_completion(struct completion *completion);
void complete(struct completion *completion);
void wait_for_completion(struct completion *completion);
unsigned long wait_for_completion_timeout(struct completion *completion, unsigned long jiffies);

#define reinit_completion(completion) init_completion(completion)
#define DECLARE_COMPLETION(name) struct completion name = {}
#define DECLARE_COMPLETION_ONSTACK(name)                                                           \
	struct completion name;                                                                    \
	init_completion(&name)

#endif
