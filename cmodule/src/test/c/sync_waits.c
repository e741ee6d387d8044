/* Threads, completions and wait queues, used as they should be. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/wait.h>

static DECLARE_COMPLETION(begun);
static struct completion many;
static DECLARE_WAIT_QUEUE_HEAD(queue);
static wait_queue_head_t other;
static int condition;
static int through;

static int completes(void *data)
{
	msleep(20);
	complete(data);
	return 7;
}

static int waits_for_all(void *data)
{
	wait_for_completion(&many);
	through++;
	return 0;
}

static int waits_for_condition(void *data)
{
	int result = wait_event_interruptible(queue, condition == (long)data);

	pr_info("%s: %d\n", current->comm, result);
	return 0;
}

static int loops_until_stopped(void *data)
{
	int rounds = 0;

	while (!kthread_should_stop()) {
		rounds++;
		msleep_interruptible(1000);
	}
	return rounds > 0 ? 42 : 0;
}

static int waits_by_hand(void *data)
{
	DEFINE_WAIT(wait);
	DECLARE_WAITQUEUE(entry, current);

	add_wait_queue(&other, &entry);
	while (!condition) {
		prepare_to_wait(&queue, &wait, TASK_INTERRUPTIBLE);
		if (!condition)
			schedule();
	}
	finish_wait(&queue, &wait);
	remove_wait_queue(&other, &entry);
	pr_info("by hand: active %d %d\n", waitqueue_active(&queue), waitqueue_active(&other));
	return 0;
}

static int parks(void *data)
{
	while (!kthread_should_stop()) {
		if (kthread_should_park()) {
			pr_info("parks\n");
			kthread_parkme();
			pr_info("unparked\n");
		}
		schedule_timeout_interruptible(1);
	}
	return 0;
}

static int exits(void *data)
{
	complete_and_exit(data, 5);
}

static void completions(void)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct task_struct *thread = kthread_run(completes, &done, "completer/%d", 1);
	unsigned long left;

	get_task_struct(thread);
	pr_info("thread %s\n", thread->comm);
	left = wait_for_completion_timeout(&done, msecs_to_jiffies(10));
	pr_info("too early: %lu, done %u\n", left, done.done);
	left = wait_for_completion_timeout(&done, msecs_to_jiffies(1000));
	pr_info("in time: %d, done %u\n", left > 200, done.done);
	pr_info("result %d\n", kthread_stop(thread));
	put_task_struct(thread);
	complete(&done);
	complete(&done);
	pr_info("counted: %u\n", done.done);
	pr_info("try: %d\n", try_wait_for_completion(&done));
	pr_info("counted: %u\n", done.done);
	pr_info("try: %d\n", try_wait_for_completion(&done));
	pr_info("try: %d\n", try_wait_for_completion(&done));
	reinit_completion(&done);
	pr_info("interruptible: %ld\n", wait_for_completion_interruptible_timeout(&done, 2));
	init_completion(&many);
	kthread_run(waits_for_all, NULL, "waiter");
	kthread_run(waits_for_all, NULL, "waiter");
	msleep(5);
	complete_all(&many);
	msleep(5);
	pr_info("through: %d, done %d\n", through, completion_done(&many));
	thread = kthread_create(completes, &begun, "never");
	pr_info("never ran: %d\n", kthread_stop(thread));
	thread = kthread_run(exits, &begun, "exits");
	get_task_struct(thread);
	wait_for_completion(&begun);
	pr_info("exit code: %d\n", kthread_stop(thread));
}

static void queues(void)
{
	struct task_struct *thread;
	long left;

	init_waitqueue_head(&other);
	kthread_run(waits_for_condition, (void *)1L, "first");
	kthread_run(waits_for_condition, (void *)2L, "second");
	msleep(5);
	condition = 2;
	wake_up_interruptible(&queue);
	msleep(5);
	pr_info("one is left: %d\n", waitqueue_active(&queue));
	condition = 1;
	wake_up(&queue);
	msleep(5);
	left = wait_event_timeout(queue, condition == 5, msecs_to_jiffies(20));
	pr_info("nothing: %ld\n", left);
	left = wait_event_interruptible_timeout(queue, condition == 1, 100);
	pr_info("at once: %ld\n", left);
	condition = 0;
	kthread_run(waits_by_hand, NULL, "by hand");
	msleep(5);
	wake_up(&other);
	msleep(5);
	condition = 1;
	wake_up_all(&queue);
	msleep(5);
	thread = kthread_run(loops_until_stopped, NULL, "looper");
	msleep(5);
	pr_info("stopped: %d\n", kthread_stop(thread));
	thread = kthread_run(parks, NULL, "parker");
	pr_info("park: %d\n", kthread_park(thread));
	kthread_unpark(thread);
	msleep(10);
	kthread_stop(thread);
}

static int __init waits_init(void)
{
	pr_info("current: %s, pid > 0: %d\n", current->comm, current->pid > 0);
	completions();
	queues();
	return 0;
}

static void __exit waits_exit(void)
{
}

module_init(waits_init);
module_exit(waits_exit);
MODULE_LICENSE("GPL");
