/* Timers, work, tasklets and loops that wait for a time, used as they should be. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/time.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

struct thing {
	struct timer_list timer;
	struct work_struct work;
	struct delayed_work delayed;
	struct hrtimer hrtimer;
	struct tasklet_struct tasklet;
	int ticks;
};

static struct workqueue_struct *own;
static int order;

static void on_timer(struct timer_list *timer)
{
	struct thing *thing = from_timer(thing, timer, timer);

	pr_info("timer: softirq %d, ticks %d\n", in_serving_softirq() != 0, ++thing->ticks);
	if (thing->ticks < 3)
		mod_timer(&thing->timer, jiffies + 2);
}

static void on_old_timer(unsigned long data)
{
	pr_info("old timer: %lu\n", data);
}

static DEFINE_TIMER(fixed, on_timer);

static enum hrtimer_restart on_hrtimer(struct hrtimer *timer)
{
	struct thing *thing = container_of(timer, struct thing, hrtimer);

	thing->ticks++;
	hrtimer_forward_now(timer, ns_to_ktime(100000));
	return thing->ticks < 10 ? HRTIMER_RESTART : HRTIMER_NORESTART;
}

static void on_work(struct work_struct *work)
{
	struct thing *thing = container_of(work, struct thing, work);

	msleep(2);
	pr_info("work: task %d, ticks %d\n", in_task(), thing->ticks);
}

static void on_delayed(struct work_struct *work)
{
	struct thing *thing = container_of(to_delayed_work(work), struct thing, delayed);

	pr_info("delayed work %d\n", ++thing->ticks);
}

static void on_ordered(struct work_struct *work)
{
	pr_info("ordered %d\n", ++order);
	msleep(1);
}

static DECLARE_WORK(first, on_ordered);
static DECLARE_WORK(second, on_ordered);

static void on_tasklet(struct tasklet_struct *tasklet)
{
	struct thing *thing = from_tasklet(thing, tasklet, tasklet);

	pr_info("tasklet: softirq %d, ticks %d\n", in_serving_softirq() != 0, thing->ticks);
}

static void on_old_tasklet(unsigned long data)
{
	pr_info("old tasklet %lu\n", data);
}

static DECLARE_TASKLET(old_tasklet, on_old_tasklet, 17);
static DECLARE_TASKLET_DISABLED_OLD(disabled_tasklet, on_old_tasklet);

static void timers(struct thing *thing)
{
	struct timer_list old;

	timer_setup(&thing->timer, on_timer, 0);
	mod_timer(&thing->timer, jiffies + 1);
	pr_info("pending %d\n", timer_pending(&thing->timer));
	msleep(100);
	pr_info("pending %d, deleted %d\n", timer_pending(&thing->timer),
		del_timer_sync(&thing->timer));
	setup_timer(&old, on_old_timer, 99);
	old.expires = jiffies + 1;
	add_timer(&old);
	msleep(20);
	init_timer(&old);
	old.function = (void *)on_old_timer;
	old.data = 98;
	mod_timer(&old, jiffies + 1);
	msleep(20);
	mod_timer(&old, jiffies + 100);
	pr_info("deleted %d\n", del_timer(&old));
	mod_timer(&fixed, jiffies + 1000);
	pr_info("deleted %d\n", del_timer_sync(&fixed));
}

static void hrtimers(struct thing *thing)
{
	thing->ticks = 0;
	hrtimer_init(&thing->hrtimer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	thing->hrtimer.function = on_hrtimer;
	hrtimer_start(&thing->hrtimer, ktime_set(0, 100000), HRTIMER_MODE_REL);
	pr_info("hrtimer active %d\n", hrtimer_active(&thing->hrtimer));
	usleep_range(500, 500);
	pr_info("after 500 us: %d\n", thing->ticks);
	msleep(5);
	pr_info("after 5 ms: %d, cancel %d\n", thing->ticks, hrtimer_cancel(&thing->hrtimer));
}

static void works(struct thing *thing)
{
	INIT_WORK(&thing->work, on_work);
	pr_info("queued %d\n", schedule_work(&thing->work));
	pr_info("queued %d\n", schedule_work(&thing->work));
	pr_info("flushed %d\n", flush_work(&thing->work));
	thing->ticks = 0;
	INIT_DELAYED_WORK(&thing->delayed, on_delayed);
	schedule_delayed_work(&thing->delayed, msecs_to_jiffies(20));
	msleep(5);
	pr_info("pending %d\n", delayed_work_pending(&thing->delayed));
	msleep(50);
	schedule_delayed_work(&thing->delayed, msecs_to_jiffies(2000));
	pr_info("cancelled %d\n", cancel_delayed_work_sync(&thing->delayed));
	schedule_delayed_work(&thing->delayed, msecs_to_jiffies(2000));
	pr_info("flushed %d\n", flush_delayed_work(&thing->delayed));
	own = create_singlethread_workqueue("sync_own");
	queue_work(own, &first);
	queue_work(own, &second);
	flush_workqueue(own);
	queue_work(own, &first);
	destroy_workqueue(own);
}

static void tasklets(struct thing *thing)
{
	tasklet_setup(&thing->tasklet, on_tasklet);
	tasklet_schedule(&thing->tasklet);
	tasklet_schedule(&old_tasklet);
	msleep(5);
	tasklet_schedule(&disabled_tasklet);
	msleep(5);
	pr_info("enabling\n");
	tasklet_enable(&disabled_tasklet);
	msleep(5);
	tasklet_kill(&thing->tasklet);
	tasklet_kill(&old_tasklet);
	tasklet_kill(&disabled_tasklet);
}

static void times(void)
{
	unsigned long end = jiffies + HZ;
	ktime_t before = ktime_get();
	struct timespec64 now;
	u64 ns;

	while (time_before(jiffies, end))
		cpu_relax();
	ns = ktime_to_ns(ktime_sub(ktime_get(), before));
	pr_info("spun for %d ticks\n", (int)DIV_ROUND_UP(ns, NSEC_PER_SEC / HZ));
	before = ktime_get();
	mdelay(3);
	udelay(500);
	ndelay(500);
	ns = ktime_to_ns(ktime_sub(ktime_get(), before));
	pr_info("delayed for %llu us\n", ns / 1000);
	before = ktime_get();
	while (ktime_to_us(ktime_sub(ktime_get(), before)) < 250)
		;
	ns = ktime_to_ns(ktime_sub(ktime_get(), before));
	pr_info("polled for 250 us: %d\n", ns >= 250000 && ns < 252000);
	ktime_get_real_ts64(&now);
	pr_info("the year is after 2024: %d\n", now.tv_sec > 1735689599);
}

static int __init later_init(void)
{
	struct thing *thing = kzalloc(sizeof(*thing), GFP_KERNEL);

	if (!thing)
		return -ENOMEM;
	timers(thing);
	hrtimers(thing);
	works(thing);
	tasklets(thing);
	times();
	kfree(thing);
	return 0;
}

static void __exit later_exit(void)
{
}

module_init(later_init);
module_exit(later_exit);
MODULE_LICENSE("GPL");
