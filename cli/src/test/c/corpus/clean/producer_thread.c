// run: --do 'sleep 0.05' --do 'cat /proc/producer'
// A kernel thread that produces, a work item that consumes, a timer that ticks, a tasklet it wakes.
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/kfifo.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

static DEFINE_KFIFO(fifo, int, 16);
static DEFINE_SPINLOCK(fifo_lock);
static DECLARE_WAIT_QUEUE_HEAD(room);
static struct task_struct *producer;
static struct workqueue_struct *queue;
static struct work_struct consume_work;
static struct timer_list ticker;
static struct tasklet_struct bottom;
static atomic_t consumed = ATOMIC_INIT(0);
static atomic_t ticks = ATOMIC_INIT(0);
static int produced;

static void consume(struct work_struct *work)
{
	int value;

	while (kfifo_out_spinlocked(&fifo, &value, 1, &fifo_lock)) {
		atomic_inc(&consumed);
		wake_up_interruptible(&room);
	}
}

static int produce(void *unused)
{
	while (!kthread_should_stop()) {
		if (wait_event_interruptible(room, !kfifo_is_full(&fifo) || kthread_should_stop()))
			break;
		if (kfifo_in_spinlocked(&fifo, &produced, 1, &fifo_lock))
			produced++;
		queue_work(queue, &consume_work);
		usleep_range(200, 400);
	}
	return 0;
}

static void bottom_half(struct tasklet_struct *tasklet)
{
	atomic_inc(&ticks);
}

static void tick(struct timer_list *timer)
{
	tasklet_schedule(&bottom);
	mod_timer(timer, jiffies + msecs_to_jiffies(8));
}

static int producer_show(struct seq_file *file, void *unused)
{
	seq_printf(file, "some %s, ticks %s\n", atomic_read(&consumed) ? "yes" : "no",
		   atomic_read(&ticks) ? "yes" : "no");
	return 0;
}

static int __init producer_init(void)
{
	queue = alloc_workqueue("consumer", WQ_UNBOUND, 1);
	if (!queue)
		return -ENOMEM;
	INIT_WORK(&consume_work, consume);
	tasklet_setup(&bottom, bottom_half);
	timer_setup(&ticker, tick, 0);
	if (!proc_create_single("producer", 0444, NULL, producer_show)) {
		destroy_workqueue(queue);
		return -ENOMEM;
	}
	producer = kthread_run(produce, NULL, "producer/%d", 0);
	if (IS_ERR(producer)) {
		remove_proc_entry("producer", NULL);
		destroy_workqueue(queue);
		return PTR_ERR(producer);
	}
	mod_timer(&ticker, jiffies + 1);
	return 0;
}

static void __exit producer_exit(void)
{
	remove_proc_entry("producer", NULL);
	del_timer_sync(&ticker);
	tasklet_kill(&bottom);
	kthread_stop(producer);
	cancel_work_sync(&consume_work);
	destroy_workqueue(queue);
	pr_info("ended\n");
}

module_init(producer_init);
module_exit(producer_exit);
MODULE_LICENSE("GPL");
