/* Devices as the kernel knows them: by number. */
#ifndef DMAKIT_KERNEL_DEVICE_H
#define DMAKIT_KERNEL_DEVICE_H

#include <dmakit/umbrella.h>

static inline long number_of(const struct device *dev)
{
	return dev == NULL ? 0 : (long)dev->dmakit_number;
}

#endif
