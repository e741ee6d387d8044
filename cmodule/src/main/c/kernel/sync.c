/* Locks and waits: known to the kernel by their addresses. */
#include <dmakit/umbrella.h>

#include "call.h"

void init_completion(struct completion *completion)
{
	CALL(init_completion, completion);
}

void complete(struct completion *completion)
{
	CALL(complete, completion);
}

void wait_for_completion(struct completion *completion)
{
	CALL(wait_for_completion, completion);
}

unsigned long wait_for_completion_timeout(struct completion *completion, unsigned long timeout)
{
	return (unsigned long)CALL(wait_for_completion_timeout, completion, timeout);
}

void reinit_completion(struct completion *completion)
{
	CALL(init_completion, completion);
}
