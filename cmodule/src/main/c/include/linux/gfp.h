#ifndef _LINUX_GFP_H
#define _LINUX_GFP_H

#include <dmakit/numbers.h>
#include <linux/types.h>

#define GFP_ATOMIC DMAKIT_GFP_ATOMIC
#define GFP_KERNEL DMAKIT_GFP_KERNEL

#endif
