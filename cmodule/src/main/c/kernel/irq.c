/* Interrupts and tasklets. */
#include <dmakit/umbrella.h>

#include "call.h"
#include "device.h"

int request_threaded_irq(unsigned int irq, irq_handler_t handler, irq_handler_t thread,
			 unsigned long flags, const char *name, void *dev_id)
{
	return (int)CALL_TEXT(request_threaded_irq, name, irq, handler, thread, flags, dev_id);
}

int devm_request_threaded_irq(struct device *dev, unsigned int irq, irq_handler_t handler,
			      irq_handler_t thread, unsigned long flags, const char *name,
			      void *dev_id)
{
	return (int)CALL_TEXT(devm_request_threaded_irq, name, irq, handler, thread, flags, dev_id,
			      number_of(dev));
}

const void *free_irq(unsigned int irq, void *dev_id)
{
	CALL(free_irq, irq, dev_id);
	return NULL;
}

void devm_free_irq(struct device *dev, unsigned int irq, void *dev_id)
{
	CALL(devm_free_irq, irq, dev_id, number_of(dev));
}

void enable_irq(unsigned int irq)
{
	CALL(enable_irq, irq);
}

void disable_irq(unsigned int irq)
{
	CALL(disable_irq, irq);
}

void disable_irq_nosync(unsigned int irq)
{
	CALL(disable_irq_nosync, irq);
}

void synchronize_irq(unsigned int irq)
{
	CALL(synchronize_irq, irq);
}

/* All lines are level triggered; the machine never sleeps, and has one processor. */

int irq_set_irq_type(unsigned int irq, unsigned int type)
{
	(void)irq;
	return type == IRQ_TYPE_NONE || type == IRQ_TYPE_LEVEL_HIGH ? 0 : -EINVAL;
}

int enable_irq_wake(unsigned int irq)
{
	(void)irq;
	return 0;
}

int disable_irq_wake(unsigned int irq)
{
	(void)irq;
	return 0;
}

int irq_set_affinity_hint(unsigned int irq, const struct cpumask *mask)
{
	(void)irq;
	(void)mask;
	return 0;
}

int irq_set_affinity(unsigned int irq, const struct cpumask *mask)
{
	(void)irq;
	(void)mask;
	return 0;
}

/* Messages of devices on no PCI bus. */

int platform_device_msi_init_and_alloc_irqs(struct device *dev, unsigned int count,
					    irq_write_msi_msg_t write)
{
	(void)dev;
	(void)count;
	(void)write;
	return -EINVAL;
}

void platform_device_msi_free_irqs_all(struct device *dev)
{
	(void)dev;
}

unsigned int msi_get_virq(struct device *dev, unsigned int index)
{
	(void)dev;
	(void)index;
	return 0;
}

struct msi_desc *irq_get_msi_desc(unsigned int irq)
{
	(void)irq;
	return NULL;
}

void get_cached_msi_msg(unsigned int irq, struct msi_msg *msg)
{
	(void)irq;
	*msg = (struct msi_msg){0};
}

/* The insides of interrupt controllers: as on a line that has none of that kind. */

struct irq_data *irq_get_irq_data(unsigned int irq)
{
	(void)irq;
	return NULL;
}

struct irq_desc *irq_data_to_desc(struct irq_data *data)
{
	return data == NULL ? NULL : container_of(data, struct irq_desc, irq_data);
}

struct irq_desc *irq_to_desc(unsigned int irq)
{
	(void)irq;
	return NULL;
}

unsigned int irq_create_fwspec_mapping(struct irq_fwspec *spec)
{
	(void)spec;
	return 0;
}

struct irq_domain *irq_find_host(struct device_node *node)
{
	(void)node;
	return NULL;
}

void irq_dispose_mapping(unsigned int irq)
{
	(void)irq;
}

unsigned int irq_find_mapping(struct irq_domain *domain, irq_hw_number_t hwirq)
{
	(void)domain;
	(void)hwirq;
	return 0;
}

/* Tasklets. */

static void name_tasklet(struct tasklet_struct *tasklet, const struct tasklet_struct *as)
{
	*tasklet = *as;
	CALL(tasklet_init, tasklet);
}

void dmakit_tasklet_init(struct tasklet_struct *tasklet, void (*function)(unsigned long),
			 unsigned long data, const char *name)
{
	name_tasklet(tasklet, &(struct tasklet_struct){
				      .func = function, .data = data, .dmakit_name = name});
}

void dmakit_tasklet_setup(struct tasklet_struct *tasklet,
			  void (*callback)(struct tasklet_struct *), const char *name)
{
	name_tasklet(tasklet, &(struct tasklet_struct){.callback = callback,
						       .use_callback = true,
						       .dmakit_name = name});
}

#define CALL_TASKLET(service, tasklet, ...)                                                        \
	({                                                                                         \
		CALL_TEXT(service, (tasklet)->dmakit_name, tasklet, (tasklet)->func,               \
			  (tasklet)->use_callback ? (unsigned long)(tasklet) : (tasklet)->data,    \
			  (tasklet)->count.counter, ##__VA_ARGS__);                                \
	})

void tasklet_schedule(struct tasklet_struct *tasklet)
{
	CALL_TASKLET(tasklet_schedule, tasklet, false);
}

void tasklet_hi_schedule(struct tasklet_struct *tasklet)
{
	CALL_TASKLET(tasklet_schedule, tasklet, true);
}

void tasklet_kill(struct tasklet_struct *tasklet)
{
	CALL(tasklet_kill, tasklet);
}

void tasklet_disable(struct tasklet_struct *tasklet)
{
	CALL_TASKLET(tasklet_disable, tasklet);
}

void tasklet_enable(struct tasklet_struct *tasklet)
{
	CALL_TASKLET(tasklet_enable, tasklet);
}
