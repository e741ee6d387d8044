#ifndef _LINUX_JIFFIES_H
#define _LINUX_JIFFIES_H

#include <dmakit/numbers.h>

#define HZ DMAKIT_HZ

static inline unsigned long msecs_to_jiffies(unsigned int ms)
{
	return ((unsigned long)ms * HZ + 999) / 1000;
}

static inline unsigned int jiffies_to_msecs(unsigned long jiffies)
{
	return (unsigned int)(jiffies * 1000 / HZ);
}

#endif
