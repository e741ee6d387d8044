/* Interrupts and tasklets. */
#ifndef DMAKIT_IRQ_H
#define DMAKIT_IRQ_H

#include <dmakit/sched.h>

struct device;
struct cpumask;

typedef enum irqreturn { IRQ_NONE = 0, IRQ_HANDLED = 1, IRQ_WAKE_THREAD = 2 } irqreturn_t;
#define IRQ_RETVAL(x) ((x) ? IRQ_HANDLED : IRQ_NONE)
typedef irqreturn_t (*irq_handler_t)(int irq, void *dev_id);
struct pt_regs;

#define IRQF_TRIGGER_NONE 0x00000000
#define IRQF_TRIGGER_RISING 0x00000001
#define IRQF_TRIGGER_FALLING 0x00000002
#define IRQF_TRIGGER_HIGH 0x00000004
#define IRQF_TRIGGER_LOW 0x00000008
#define IRQF_TRIGGER_MASK 0x0000000f
#define IRQF_SHARED 0x00000080
#define IRQF_PROBE_SHARED 0x00000100
#define IRQF_PERCPU 0x00000400
#define IRQF_NOBALANCING 0x00000800
#define IRQF_IRQPOLL 0x00001000
#define IRQF_ONESHOT 0x00002000
#define IRQF_NO_SUSPEND 0x00004000
#define IRQF_NO_THREAD 0x00010000
#define IRQF_EARLY_RESUME 0x00020000
#define IRQF_COND_SUSPEND 0x00040000
#define IRQF_NO_AUTOEN 0x00080000
#define IRQF_DISABLED 0x00000000
#define IRQF_SAMPLE_RANDOM 0x00000000
#define SA_SHIRQ IRQF_SHARED
#define SA_INTERRUPT 0
#define IRQ_TYPE_NONE 0x00000000
#define IRQ_TYPE_EDGE_RISING 0x00000001
#define IRQ_TYPE_EDGE_FALLING 0x00000002
#define IRQ_TYPE_EDGE_BOTH 0x00000003
#define IRQ_TYPE_LEVEL_HIGH 0x00000004
#define IRQ_TYPE_LEVEL_LOW 0x00000008
#define IRQ_NOTCONNECTED (1U << 31)
#define NO_IRQ 0

int request_threaded_irq(unsigned int irq, irq_handler_t handler, irq_handler_t thread,
			 unsigned long flags, const char *name, void *dev_id);
#define request_irq(irq, handler, flags, name, dev_id)                                             \
	request_threaded_irq(irq, (irq_handler_t)(handler), NULL, flags, name, (void *)(dev_id))
#define request_any_context_irq(irq, handler, flags, name, dev_id)                                 \
	request_irq(irq, handler, flags, name, dev_id)
const void *free_irq(unsigned int irq, void *dev_id);
int devm_request_threaded_irq(struct device *dev, unsigned int irq, irq_handler_t handler,
			      irq_handler_t thread, unsigned long flags, const char *name,
			      void *dev_id);
#define devm_request_irq(dev, irq, handler, flags, name, dev_id)                                   \
	devm_request_threaded_irq(dev, irq, (irq_handler_t)(handler), NULL, flags, name,           \
				  (void *)(dev_id))
void devm_free_irq(struct device *dev, unsigned int irq, void *dev_id);
void enable_irq(unsigned int irq);
void disable_irq(unsigned int irq);
void disable_irq_nosync(unsigned int irq);
void synchronize_irq(unsigned int irq);
#define synchronize_hardirq(irq) synchronize_irq(irq)
#define IRQ_NOAUTOEN 0x1000UL
#define IRQ_DISABLE_UNLAZY 0x80000UL
/* A line that is disabled is disabled at once, and request_irq enables. */
#define irq_set_status_flags(irq, flags) ((void)(irq), (void)(flags))
#define irq_clear_status_flags(irq, flags) ((void)(irq), (void)(flags))
int irq_set_irq_type(unsigned int irq, unsigned int type);
#define set_irq_type(irq, type) irq_set_irq_type(irq, type)
int enable_irq_wake(unsigned int irq);
int disable_irq_wake(unsigned int irq);
int irq_set_affinity_hint(unsigned int irq, const struct cpumask *mask);
int irq_set_affinity(unsigned int irq, const struct cpumask *mask);
#define irq_set_affinity_and_hint(irq, mask) irq_set_affinity_hint(irq, mask)
#define irq_update_affinity_hint(irq, mask) irq_set_affinity_hint(irq, mask)

struct irq_data {
	u32 mask;
	unsigned int irq;
	irq_hw_number_t hwirq;
	void *chip_data;
};
struct irqaction {
	irq_handler_t handler;
	void *dev_id;
	struct task_struct *thread;
	unsigned int irq;
	unsigned int flags;
	const char *name;
};
struct irq_desc {
	struct irq_data irq_data;
	struct irqaction *action;
	const char *name;
};
struct fwnode_handle;
struct device_node;
struct irq_domain {
	const char *name;
	struct fwnode_handle *fwnode;
	void *host_data;
};
struct irq_fwspec {
	struct fwnode_handle *fwnode;
	int param_count;
	u32 param[16];
};
struct irq_data *irq_get_irq_data(unsigned int irq);
struct irq_desc *irq_data_to_desc(struct irq_data *data);
struct irq_desc *irq_to_desc(unsigned int irq);
unsigned int irq_create_fwspec_mapping(struct irq_fwspec *spec);
struct irq_domain *irq_find_host(struct device_node *node);
void irq_dispose_mapping(unsigned int irq);
unsigned int irq_find_mapping(struct irq_domain *domain, irq_hw_number_t hwirq);

struct tasklet_struct {
	struct tasklet_struct *next;
	unsigned long state;
	atomic_t count;
	bool use_callback;
	union {
		void (*func)(unsigned long data);
		void (*callback)(struct tasklet_struct *tasklet);
	};
	unsigned long data;
	const char *dmakit_name;
};
#define DMAKIT_TASKLET_OLD(function, data_, disabled)                                              \
	{                                                                                          \
		.func = (void *)(function), .data = (unsigned long)(data_),                        \
		.dmakit_name = #function, .count = ATOMIC_INIT(disabled)                           \
	}
#define DMAKIT_TASKLET_NEW(function, disabled)                                                     \
	{                                                                                          \
		.callback = (void *)(function), .use_callback = true, .dmakit_name = #function,    \
		.count = ATOMIC_INIT(disabled)                                                     \
	}
#define DECLARE_TASKLET_OLD(name, function)                                                        \
	struct tasklet_struct name = DMAKIT_TASKLET_OLD(function, 0, 0)
#define DECLARE_TASKLET2(name, function)                                                           \
	struct tasklet_struct name = DMAKIT_TASKLET_NEW(function, 0)
#define DECLARE_TASKLET3(name, function, data)                                                     \
	struct tasklet_struct name = DMAKIT_TASKLET_OLD(function, data, 0)
#define DECLARE_TASKLET(...) DMAKIT_BY_COUNT(DECLARE_TASKLET, __VA_ARGS__)
#define DECLARE_TASKLET_DISABLED_OLD(name, function)                                               \
	struct tasklet_struct name = DMAKIT_TASKLET_OLD(function, 0, 1)
#define DECLARE_TASKLET_DISABLED2(name, function)                                                  \
	struct tasklet_struct name = DMAKIT_TASKLET_NEW(function, 1)
#define DECLARE_TASKLET_DISABLED3(name, function, data)                                            \
	struct tasklet_struct name = DMAKIT_TASKLET_OLD(function, data, 1)
#define DECLARE_TASKLET_DISABLED(...) DMAKIT_BY_COUNT(DECLARE_TASKLET_DISABLED, __VA_ARGS__)
void dmakit_tasklet_init(struct tasklet_struct *tasklet, void (*function)(unsigned long),
			 unsigned long data, const char *name);
void dmakit_tasklet_setup(struct tasklet_struct *tasklet,
			  void (*callback)(struct tasklet_struct *), const char *name);
#define tasklet_init(tasklet, function, data)                                                      \
	dmakit_tasklet_init(tasklet, (void *)(function), (unsigned long)(data), #function)
#define tasklet_setup(tasklet, callback)                                                           \
	dmakit_tasklet_setup(tasklet, (void *)(callback), #callback)
void tasklet_schedule(struct tasklet_struct *tasklet);
void tasklet_hi_schedule(struct tasklet_struct *tasklet);
void tasklet_kill(struct tasklet_struct *tasklet);
void tasklet_disable(struct tasklet_struct *tasklet);
void tasklet_enable(struct tasklet_struct *tasklet);
#define tasklet_disable_nosync(tasklet) tasklet_disable(tasklet)
#define tasklet_unlock_wait(tasklet) ((void)(tasklet))
#define from_tasklet(into, tasklet, member) container_of(tasklet, __typeof__(*into), member)

#endif
