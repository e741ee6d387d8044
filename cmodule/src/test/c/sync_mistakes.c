/* One mistake with locks, contexts or waits in each function; its line says what is to be found. */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#define LINE 9

static DEFINE_MUTEX(mutex);
static DEFINE_MUTEX(other_mutex);
static DEFINE_SPINLOCK(lock);
static DEFINE_RWLOCK(rwlock);
static DECLARE_RWSEM(rwsem);
static DECLARE_WAIT_QUEUE_HEAD(queue);
static struct timer_list timer;
static struct hrtimer hrtimer;
static struct work_struct work;
static struct delayed_work delayed;
static struct tasklet_struct tasklet;
static struct completion *late;

void sleeps_under_spinlock(void)
{
	spin_lock(&lock);
	msleep(1); /* finds: sleep-in-atomic */
	spin_unlock(&lock);
}

void allocates_with_interrupts_off(void)
{
	unsigned long flags;

	local_irq_save(flags);
	mutex_lock(&mutex); /* finds: sleep-in-atomic */
	local_irq_restore(flags);
	mutex_unlock(&mutex);
}

void sleeps_with_preemption_off(void)
{
	preempt_disable();
	usleep_range(10, 20); /* finds: sleep-in-atomic */
	preempt_enable();
}

void sleeps_while_reading_rcu(void)
{
	rcu_read_lock();
	msleep(1); /* finds: sleep-in-atomic */
	rcu_read_unlock();
}

void waits_under_rwlock(void)
{
	read_lock(&rwlock);
	wait_event_timeout(queue, false, 1); /* finds: sleep-in-atomic */
	read_unlock(&rwlock);
}

static void sleepy_timer(struct timer_list *unused)
{
	msleep(1); /* finds: sleep-in-atomic */
}

void timer_sleeps(void)
{
	timer_setup(&timer, sleepy_timer, 0);
	mod_timer(&timer, jiffies + 1);
	msleep(50);
}

static void sleepy_tasklet(unsigned long unused)
{
	mutex_lock(&mutex); /* finds: sleep-in-atomic */
	mutex_unlock(&mutex);
}

void tasklet_sleeps(void)
{
	tasklet_init(&tasklet, sleepy_tasklet, 0);
	tasklet_schedule(&tasklet);
	msleep(10);
	tasklet_kill(&tasklet);
}

static enum hrtimer_restart sleepy_hrtimer(struct hrtimer *unused)
{
	msleep(1); /* finds: sleep-in-atomic */
	return HRTIMER_NORESTART;
}

void hrtimer_sleeps(void)
{
	hrtimer_init(&hrtimer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	hrtimer.function = sleepy_hrtimer;
	hrtimer_start(&hrtimer, ms_to_ktime(1), HRTIMER_MODE_REL);
	msleep(10);
}

void keeps_mutex(void)
{
	mutex_lock(&mutex); /* finds: lock-imbalance */
}

void keeps_spinlock(void)
{
	spin_lock(&lock); /* finds: lock-imbalance */
}

void keeps_spinlock_with_interrupts_off(void)
{
	unsigned long flags;

	spin_lock_irqsave(&lock, flags); /* finds: lock-imbalance */
}

void keeps_rwsem(void)
{
	down_write(&rwsem); /* finds: lock-imbalance */
}

void unlocks_free_mutex(void)
{
	mutex_unlock(&mutex); /* finds: lock-imbalance */
}

void unlocks_free_rwsem(void)
{
	up_read(&rwsem); /* finds: lock-imbalance */
}

static void keeping_work(struct work_struct *unused)
{
	mutex_lock(&mutex); /* finds: lock-imbalance */
}

void work_keeps_mutex(void)
{
	INIT_WORK(&work, keeping_work);
	schedule_work(&work);
	flush_work(&work);
}

void leaves_preemption_off(void)
{
	preempt_disable(); /* finds: atomic-imbalance */
}

void leaves_interrupts_off(void)
{
	local_irq_disable(); /* finds: atomic-imbalance */
}

void enables_preemption_too_often(void)
{
	preempt_enable(); /* finds: atomic-imbalance */
}

static void disabling_timer(struct timer_list *unused)
{
	local_bh_disable(); /* finds: atomic-imbalance */
}

void timer_leaves_softirqs_off(void)
{
	timer_setup(&timer, disabling_timer, 0);
	mod_timer(&timer, jiffies + 1);
	msleep(50);
}

static int ends_holding(void *unused)
{
	mutex_lock(&mutex); /* finds: lock-imbalance */
	return 0;
}

void thread_ends_with_mutex(void)
{
	kthread_run(ends_holding, NULL, "holder");
	msleep(10);
}

void locks_mutex_twice(void)
{
	mutex_lock(&mutex);
	mutex_lock(&mutex); /* ends: deadlock */
}

void locks_spinlock_twice(void)
{
	spin_lock(&lock);
	spin_lock(&lock); /* ends: deadlock */
}

void waits_for_what_nobody_does(void)
{
	DECLARE_COMPLETION_ONSTACK(never);

	wait_for_completion(&never); /* ends: deadlock */
}

static void wanting_timer(struct timer_list *unused)
{
	spin_lock(&lock); /* ends: deadlock */
	spin_unlock(&lock);
}

void timer_wants_lock_of_its_victim(void)
{
	timer_setup(&timer, wanting_timer, 0);
	mod_timer(&timer, jiffies + 1);
	spin_lock(&lock);
	mdelay(20);
	spin_unlock(&lock);
}

static int completes_late(void *unused)
{
	msleep(20);
	complete(late); /* finds: completion-gone */
	return 0;
}

static noinline void gives_up(void)
{
	DECLARE_COMPLETION_ONSTACK(done);

	late = &done;
	kthread_run(completes_late, NULL, "late");
	wait_for_completion_timeout(&done, 1);
}

void completion_on_left_stack(void)
{
	gives_up();
	msleep(50);
}

static int completes_all_late(void *unused)
{
	msleep(20);
	complete_all(late); /* finds: completion-gone */
	return 0;
}

void completion_in_freed_memory(void)
{
	late = kmalloc(sizeof(*late), GFP_KERNEL);
	init_completion(late);
	kthread_run(completes_all_late, NULL, "late");
	wait_for_completion_timeout(late, 1);
	kfree(late);
	msleep(50);
}

static irqreturn_t on_irq(int irq, void *dev)
{
	return IRQ_NONE;
}

void keeps_interrupt(void)
{
	if (request_irq(LINE, on_irq, 0, "leaky", NULL)) /* leaks: leak-irq */
		pr_err("no interrupt\n");
}

static void on_timer(struct timer_list *unused)
{
}

void leaves_timer(void)
{
	timer_setup(&timer, on_timer, 0);
	mod_timer(&timer, jiffies + 100); /* leaks: oops */
}

static void on_work(struct work_struct *unused)
{
}

void leaves_work(void)
{
	INIT_DELAYED_WORK(&delayed, on_work);
	schedule_delayed_work(&delayed, 100); /* leaks: oops */
}

static int runs_on(void *unused)
{
	while (!kthread_should_stop())
		msleep(1000);
	return 0;
}

void leaves_thread(void)
{
	kthread_run(runs_on, NULL, "stray"); /* leaks: oops */
	msleep(5);
}

void leaves_queue(void)
{
	if (!create_workqueue("stray")) /* leaks: leak-memory */
		pr_err("no queue\n");
}

MODULE_LICENSE("GPL");
