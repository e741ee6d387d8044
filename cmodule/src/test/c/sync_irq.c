/* Interrupts of a line that stays up for some microseconds. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/module.h>

#define LINE 9

static DECLARE_COMPLETION(came);
static DECLARE_COMPLETION(thread_ran);
static int handled, other_handled;

static irqreturn_t on_irq(int irq, void *dev)
{
	if (handled++ == 0) {
		pr_info("irq %d: hardirq %d, dev %d\n", irq, in_hardirq() != 0, dev == &handled);
		complete(&came);
	}
	return IRQ_HANDLED;
}

static irqreturn_t not_mine(int irq, void *dev)
{
	other_handled++;
	return IRQ_NONE;
}

static irqreturn_t wakes_thread(int irq, void *dev)
{
	return IRQ_WAKE_THREAD;
}

static irqreturn_t in_thread(int irq, void *dev)
{
	msleep(1);
	if (!completion_done(&thread_ran)) {
		pr_info("thread: task %d, %s\n", in_task(), current->comm);
		complete_all(&thread_ran);
	}
	return IRQ_HANDLED;
}

static int __init irq_init(void)
{
	int refused;

	pr_info("request: %d\n", request_irq(LINE, on_irq, IRQF_SHARED, "sync", &handled));
	refused = request_irq(LINE, on_irq, 0, "other", &came);
	pr_info("unshared: %d\n", refused);
	pr_info("shared: %d\n", request_irq(LINE, not_mine, IRQF_SHARED, "other", &came));
	pr_info("no such line: %d\n", request_irq(100000, on_irq, 0, "none", NULL));
	wait_for_completion(&came);
	disable_irq(LINE);
	pr_info("handled %d, others looked %d\n", handled > 0, other_handled == handled);
	enable_irq(LINE);
	free_irq(LINE, &came);
	free_irq(LINE, &handled);
	pr_info("threaded: %d\n",
		request_threaded_irq(LINE, wakes_thread, in_thread, IRQF_ONESHOT, "sync", NULL));
	pr_info("thread came: %d\n", wait_for_completion_timeout(&thread_ran, HZ) > 0);
	synchronize_irq(LINE);
	free_irq(LINE, NULL);
	return 0;
}

static void __exit irq_exit(void)
{
}

module_init(irq_init);
module_exit(irq_exit);
MODULE_LICENSE("GPL");
