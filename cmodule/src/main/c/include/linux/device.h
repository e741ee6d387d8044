#ifndef _LINUX_DEVICE_H
#define _LINUX_DEVICE_H

#include <linux/types.h>

struct device {
	struct device *parent;
	const char *init_name;
	void *platform_data;
	void *driver_data;
	unsigned long dmakit_number;
};

static inline const char *dev_name(const struct device *dev)
{
	return dev->init_name;
}

#endif
