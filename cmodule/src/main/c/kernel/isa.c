/* The ISA bus: ports, DMA channels, drivers. What they mean is the simulator's business. */
#include "device.h"

#include "call.h"
#include "libc.h"

int isa_dma_bridge_buggy;

/* Ports. */

u32 dmakit_port_read(unsigned long port, unsigned int bytes)
{
	CALL(port_read, port, bytes);
	return (u32)answered(0);
}

void dmakit_port_write(u32 value, unsigned long port, unsigned int bytes)
{
	memory_in_order();
	CALL(port_write, port, bytes, value);
}

void dmakit_port_repeat(unsigned long port, void *buffer, unsigned long count, unsigned int bytes,
			bool write)
{
	u8 *at = buffer;

	for (; count > 0; count--, at += bytes) {
		u32 value = 0;

		if (write) {
			memcpy(&value, at, bytes);
			dmakit_port_write(value, port, bytes);
		} else {
			value = dmakit_port_read(port, bytes);
			memcpy(at, &value, bytes);
		}
	}
}

/* DMA channels. */

int request_dma(unsigned int channel, const char *name)
{
	return (int)CALL_TEXT(isa_dma_request, name != NULL ? name : "", channel);
}

void free_dma(unsigned int channel)
{
	CALL(isa_dma_free, channel);
}

unsigned long claim_dma_lock(void)
{
	return (unsigned long)CALL(isa_dma_lock);
}

void release_dma_lock(unsigned long flags)
{
	CALL(isa_dma_unlock, flags);
}

void enable_dma(unsigned int channel)
{
	memory_in_order();
	CALL(isa_dma_enable, channel);
}

void disable_dma(unsigned int channel)
{
	CALL(isa_dma_disable, channel);
}

void clear_dma_ff(unsigned int channel)
{
	CALL(isa_dma_clear_ff, channel);
}

void set_dma_mode(unsigned int channel, char mode)
{
	CALL(isa_dma_mode, channel, (u8)mode);
}

void set_dma_page(unsigned int channel, char page)
{
	CALL(isa_dma_page, channel, (u8)page);
}

void set_dma_addr(unsigned int channel, unsigned int address)
{
	CALL(isa_dma_addr, channel, address);
}

void set_dma_count(unsigned int channel, unsigned int bytes)
{
	CALL(isa_dma_count, channel, bytes);
}

int get_dma_residue(unsigned int channel)
{
	return (int)CALL(isa_dma_residue, channel);
}

/* Drivers: the simulator makes a device for each card, and decides who is probed. */

static void clear_binding(struct device *dev, void *unused)
{
	(void)unused;
	dev->driver = NULL;
	dev->driver_data = NULL;
}

static long match(struct isa_driver *driver, long number, long id)
{
	return driver->match == NULL || driver->match(device_of(number), (unsigned int)id);
}

static long probe(struct isa_driver *driver, long number, long id)
{
	struct device *dev = device_of(number);

	manage(dev, clear_binding, NULL);
	dev->driver = &driver->driver;
	dma_masks_refresh(dev);
	return driver->probe != NULL ? driver->probe(dev, (unsigned int)id) : 0;
}

static long remove(struct isa_driver *driver, long number, long id)
{
	if (driver->remove != NULL)
		driver->remove(device_of(number), (unsigned int)id);
	return 0;
}

int isa_register_driver(struct isa_driver *driver, unsigned int count)
{
	long number = CALL_TEXT(isa_driver_new, driver->driver.name, driver, match, probe, remove);
	int error;

	if (number < 0)
		return (int)number;
	error = (int)CALL(isa_driver_add, number, count);
	if (error == 0)
		driver->driver.dmakit_number = number;
	return error;
}

void isa_unregister_driver(struct isa_driver *driver)
{
	CALL(isa_driver_del, driver->driver.dmakit_number);
	driver->driver.dmakit_number = 0;
}
