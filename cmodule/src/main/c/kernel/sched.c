/* Tasks, threads, delays, time, signals, timers and work queues. */
#include <dmakit/umbrella.h>

#include "call.h"
#include "libc.h"

/* Tasks. One struct for each that C code has seen, by its number. */

#define TASK_BUCKETS 256

struct known_task {
	struct task_struct task;
	struct known_task *next;
	struct mm_struct mm;
};

static struct known_task *known_tasks[TASK_BUCKETS];

static struct task_struct *find_task(long pid)
{
	struct known_task *known = known_tasks[pid % TASK_BUCKETS];

	while (known != NULL && known->task.pid != pid)
		known = known->next;
	return known == NULL ? NULL : &known->task;
}

static void forget_task(long pid)
{
	struct known_task **link = &known_tasks[pid % TASK_BUCKETS];

	while (*link != NULL && (*link)->task.pid != pid)
		link = &(*link)->next;
	if (*link != NULL) {
		struct known_task *known = *link;

		*link = known->next;
		free(known);
	}
}

static struct task_struct *task_of(long pid)
{
	struct task_struct *task = find_task(pid);
	struct known_task *known;

	if (task != NULL)
		return task;
	if (CALL(describe_task, pid) < 0)
		return NULL;
	known = calloc(1, sizeof *known);
	if (known == NULL)
		abort();
	known->task.pid = (pid_t)pid;
	known->task.tgid = (pid_t)answered(0);
	known->task.flags = answered(1) ? PF_KTHREAD : 0;
	known->task.group_leader = &known->task;
	known->task.prio = known->task.static_prio = known->task.normal_prio = 120;
	known->task.mm = answered(1) ? NULL : &known->mm;
	known->task.active_mm = &known->mm;
	snprintf(known->task.comm, sizeof known->task.comm, "%s", lane_text());
	init_rwsem(&known->mm.mmap_lock);
	atomic_set(&known->mm.mm_users, 1);
	atomic_set(&known->mm.mm_count, 1);
	known->mm.owner = &known->task;
	known->next = known_tasks[pid % TASK_BUCKETS];
	known_tasks[pid % TASK_BUCKETS] = known;
	return &known->task;
}

struct task_struct *get_current(void)
{
	return task_of(CALL(current_task));
}

void get_task_struct(struct task_struct *task)
{
	(void)task;
}

void put_task_struct(struct task_struct *task)
{
	(void)task;
}

void dmakit_set_current_state(unsigned int state)
{
	CALL(set_current_state, state);
}

void schedule(void)
{
	CALL(schedule);
}

void io_schedule(void)
{
	schedule();
}

void yield(void)
{
	CALL(yield);
}

int cond_resched(void)
{
	return (int)CALL(cond_resched);
}

long schedule_timeout(long timeout)
{
	return CALL(schedule_timeout, timeout, -1L);
}

long io_schedule_timeout(long timeout)
{
	return schedule_timeout(timeout);
}

long schedule_timeout_interruptible(long timeout)
{
	return CALL(schedule_timeout, timeout, TASK_INTERRUPTIBLE);
}

long schedule_timeout_killable(long timeout)
{
	return CALL(schedule_timeout, timeout, TASK_KILLABLE);
}

long schedule_timeout_uninterruptible(long timeout)
{
	return CALL(schedule_timeout, timeout, TASK_UNINTERRUPTIBLE);
}

long schedule_timeout_idle(long timeout)
{
	return CALL(schedule_timeout, timeout, TASK_IDLE);
}

int schedule_hrtimeout_range(ktime_t *expires, u64 delta, int mode)
{
	(void)delta;
	return (int)CALL(schedule_hrtimeout, *expires, mode & HRTIMER_MODE_REL);
}

int schedule_hrtimeout(ktime_t *expires, int mode)
{
	return schedule_hrtimeout_range(expires, 0, mode);
}

int wake_up_state(struct task_struct *task, unsigned int state)
{
	return (int)CALL(wake_up_state, task->pid, state);
}

int wake_up_process(struct task_struct *task)
{
	return wake_up_state(task, TASK_NORMAL);
}

void set_user_nice(struct task_struct *task, long nice)
{
	task->static_prio = 120 + (int)nice;
}

int sched_setscheduler(struct task_struct *task, int policy, const struct sched_param *param)
{
	if (policy < SCHED_NORMAL || policy > SCHED_RR)
		return -EINVAL;
	task->prio = policy == SCHED_NORMAL ? 120 : 99 - param->sched_priority;
	return 0;
}

void sched_set_fifo(struct task_struct *task)
{
	task->prio = 49;
}

void sched_set_fifo_low(struct task_struct *task)
{
	task->prio = 98;
}

void sched_set_normal(struct task_struct *task, int nice)
{
	task->prio = task->static_prio = 120 + nice;
}

unsigned int num_online_cpus(void)
{
	return 1;
}

int smp_processor_id(void)
{
	return 0;
}

void *dmakit_alloc_percpu(size_t size)
{
	return calloc(1, size);
}

void dmakit_free_percpu(void *p)
{
	free(p);
}

/* Threads. */

/* Where a thread that ends in the middle of a function goes on. */
static __thread void **thread_end __attribute__((tls_model("initial-exec")));
static __thread long thread_result __attribute__((tls_model("initial-exec")));

static long run_thread(int (*function)(void *data), void *data)
{
	void *end[5];
	long result;

	thread_end = end;
	if (__builtin_setjmp(end))
		result = thread_result;
	else
		result = function(data);
	thread_end = NULL;
	return result;
}

struct task_struct *kthread_create_on_node(int (*function)(void *data), void *data, int node,
					   const char *format, ...)
{
	char name[64];
	va_list args;
	long pid;

	(void)node;
	va_start(args, format);
	vsnprintf(name, sizeof name, format, args);
	va_end(args);
	pid = CALL_TEXT(kthread_create, name, run_thread, function, data);
	return pid < 0 ? ERR_PTR(pid) : task_of(pid);
}

void kthread_bind(struct task_struct *task, unsigned int cpu)
{
	(void)task;
	(void)cpu;
}

int kthread_stop(struct task_struct *task)
{
	long pid = task->pid;
	int result = (int)CALL(kthread_stop, pid);

	forget_task(pid);
	return result;
}

bool kthread_should_stop(void)
{
	return CALL(kthread_should_stop) != 0;
}

bool kthread_freezable_should_stop(bool *was_frozen)
{
	if (was_frozen != NULL)
		*was_frozen = false;
	return kthread_should_stop();
}

bool kthread_should_park(void)
{
	return CALL(kthread_should_park) != 0;
}

void kthread_parkme(void)
{
	CALL(kthread_parkme);
}

int kthread_park(struct task_struct *task)
{
	return (int)CALL(kthread_park, task->pid);
}

void kthread_unpark(struct task_struct *task)
{
	CALL(kthread_unpark, task->pid);
}

void *kthread_data(struct task_struct *task)
{
	return (void *)CALL(kthread_data, task->pid);
}

void kthread_complete_and_exit(struct completion *completion, long code)
{
	if (completion != NULL)
		complete(completion);
	if (thread_end == NULL) {
		CALL(exit_outside_of_thread);
		abort();
	}
	thread_result = code;
	__builtin_longjmp(thread_end, 1);
}

/* Delays and time. */

void ndelay(unsigned long ns)
{
	CALL(ndelay, ns);
}

void udelay(unsigned long us)
{
	CALL(udelay, us);
}

void mdelay(unsigned long ms)
{
	CALL(udelay, ms * 1000);
}

void msleep(unsigned int ms)
{
	CALL(msleep, ms);
}

unsigned long msleep_interruptible(unsigned int ms)
{
	return (unsigned long)CALL(msleep_interruptible, ms);
}

void usleep_range(unsigned long min_us, unsigned long max_us)
{
	CALL(usleep_range, min_us, max_us);
}

void ssleep(unsigned int seconds)
{
	CALL(msleep, seconds * 1000);
}

void fsleep(unsigned long us)
{
	if (us <= 10)
		udelay(us);
	else if (us <= 20000)
		usleep_range(us, 2 * us);
	else
		msleep((unsigned int)((us + 999) / 1000));
}

void dmakit_relax(void)
{
	CALL(cpu_relax);
}

unsigned long dmakit_jiffies(void)
{
	return (unsigned long)CALL(jiffies);
}

u64 get_jiffies_64(void)
{
	return dmakit_jiffies();
}

u64 ktime_get_ns(void)
{
	return (u64)CALL(ktime_get_ns);
}

ktime_t ktime_get(void)
{
	return (ktime_t)ktime_get_ns();
}

u64 ktime_get_real_ns(void)
{
	return (u64)CALL(ktime_get_real_ns);
}

ktime_t ktime_get_real(void)
{
	return (ktime_t)ktime_get_real_ns();
}

u64 sched_clock(void)
{
	return ktime_get_ns();
}

/* Signals. A struct pid is its task's struct. */

int signal_pending(struct task_struct *task)
{
	return (int)CALL(signal_pending, task->pid);
}

int fatal_signal_pending(struct task_struct *task)
{
	return (int)CALL(fatal_signal_pending, task->pid);
}

void flush_signals(struct task_struct *task)
{
	CALL(flush_signals, task->pid);
}

int send_sig(int sig, struct task_struct *task, int priv)
{
	(void)priv;
	return (int)CALL(send_sig, sig, task->pid, 0, 0, SI_KERNEL);
}

int send_sig_info(int sig, struct kernel_siginfo *info, struct task_struct *task)
{
	if (info == SEND_SIG_NOINFO || info == SEND_SIG_PRIV)
		return send_sig(sig, task, info == SEND_SIG_PRIV);
	return (int)CALL(send_sig, sig, task->pid, info->si_value.sival_ptr,
			 info->si_errno, info->si_code);
}

int force_sig(int sig)
{
	return send_sig(sig, get_current(), 1);
}

int kill_pid(struct pid *pid, int sig, int priv)
{
	return send_sig(sig, (struct task_struct *)pid, priv);
}

struct pid *find_vpid(pid_t nr)
{
	return nr <= 0 ? NULL : (struct pid *)task_of(nr);
}

struct pid *find_get_pid(pid_t nr)
{
	return find_vpid(nr);
}

struct pid *get_pid(struct pid *pid)
{
	return pid;
}

void put_pid(struct pid *pid)
{
	(void)pid;
}

struct pid *task_pid(struct task_struct *task)
{
	return (struct pid *)task;
}

struct pid *get_task_pid(struct task_struct *task, enum pid_type type)
{
	return type == PIDTYPE_TGID ? find_vpid(task->tgid) : (struct pid *)task;
}

struct task_struct *pid_task(struct pid *pid, enum pid_type type)
{
	struct task_struct *task = (struct task_struct *)pid;

	(void)type;
	return task == NULL || CALL(describe_task, task->pid) < 0 ? NULL : task;
}

struct task_struct *get_pid_task(struct pid *pid, enum pid_type type)
{
	return pid_task(pid, type);
}

/* Timers. The kernel takes what a timer does anew each time it is set: drivers change it. */

static void name_timer(struct timer_list *timer, void *function, unsigned long data, u32 flags,
		       const char *name)
{
	*timer = (struct timer_list){
		.function = function, .data = data, .flags = flags, .dmakit_name = name};
	CALL(timer_setup, timer);
}

void dmakit_timer_setup(struct timer_list *timer, void (*function)(struct timer_list *),
			unsigned int flags, const char *name)
{
	name_timer(timer, function, 0, flags & ~(u32)DMAKIT_TIMER_OF_DATA, name);
}

void dmakit_setup_old_timer(struct timer_list *timer, void (*function)(unsigned long),
			    unsigned long data, const char *name)
{
	name_timer(timer, function, data, DMAKIT_TIMER_OF_DATA, name);
}

#define CALL_TIMER(service, timer, ...)                                                            \
	({                                                                                         \
		CALL_TEXT(service, (timer)->dmakit_name, timer, (timer)->function,                 \
			  (timer)->flags & DMAKIT_TIMER_OF_DATA ? (timer)->data                    \
								: (unsigned long)(timer),          \
			  ##__VA_ARGS__);                                                          \
	})

int mod_timer(struct timer_list *timer, unsigned long expires)
{
	timer->expires = expires;
	return (int)CALL_TIMER(mod_timer, timer, expires);
}

int mod_timer_pending(struct timer_list *timer, unsigned long expires)
{
	return timer_pending(timer) ? mod_timer(timer, expires) : 0;
}

void add_timer(struct timer_list *timer)
{
	CALL_TIMER(mod_timer, timer, timer->expires);
}

void add_timer_on(struct timer_list *timer, int cpu)
{
	(void)cpu;
	add_timer(timer);
}

int timer_delete(struct timer_list *timer)
{
	return (int)CALL(timer_delete, timer);
}

int timer_delete_sync(struct timer_list *timer)
{
	return (int)CALL(timer_delete_sync, timer);
}

int timer_shutdown(struct timer_list *timer)
{
	return (int)CALL_TIMER(timer_shutdown, timer, false);
}

int timer_shutdown_sync(struct timer_list *timer)
{
	return (int)CALL_TIMER(timer_shutdown, timer, true);
}

int timer_pending(const struct timer_list *timer)
{
	return (int)CALL(timer_pending, timer);
}

void dmakit_hrtimer_setup(struct hrtimer *timer, enum hrtimer_restart (*function)(struct hrtimer *),
			  clockid_t clock, const char *name)
{
	*timer = (struct hrtimer){.function = function, .clock = clock, .dmakit_name = name};
	CALL(hrtimer_setup, timer);
}

/* Runs when a timer is due; answers when it is to run again, or -1. */
static long run_hrtimer(struct hrtimer *timer)
{
	enum hrtimer_restart again = timer->function(timer);

	return again == HRTIMER_RESTART ? (long)timer->expires : -1;
}

void hrtimer_start(struct hrtimer *timer, ktime_t time, enum hrtimer_mode mode)
{
	long expires = CALL_TEXT(hrtimer_start, timer->dmakit_name, timer, run_hrtimer,
				 time, mode & HRTIMER_MODE_REL,
				 timer->clock == CLOCK_REALTIME);

	timer->expires = expires;
}

int hrtimer_cancel(struct hrtimer *timer)
{
	return (int)CALL(hrtimer_cancel, timer);
}

int hrtimer_try_to_cancel(struct hrtimer *timer)
{
	return (int)CALL(hrtimer_try_to_cancel, timer);
}

u64 hrtimer_forward(struct hrtimer *timer, ktime_t now, ktime_t interval)
{
	ktime_t expires = timer->expires;
	u64 count = (u64)CALL(hrtimer_forward, timer, now, interval, expires);

	timer->expires = expires + (ktime_t)count * (ktime_t)answered(0);
	return count;
}

u64 hrtimer_forward_now(struct hrtimer *timer, ktime_t interval)
{
	return hrtimer_forward(timer, hrtimer_cb_get_time(timer), interval);
}

enum { HRTIMER_IS_QUEUED = 1, HRTIMER_IS_RUNNING = 2 };

bool hrtimer_active(const struct hrtimer *timer)
{
	return CALL(hrtimer_state, timer) != 0;
}

bool hrtimer_is_queued(const struct hrtimer *timer)
{
	return CALL(hrtimer_state, timer) & HRTIMER_IS_QUEUED;
}

int hrtimer_callback_running(const struct hrtimer *timer)
{
	return (CALL(hrtimer_state, timer) & HRTIMER_IS_RUNNING) != 0;
}

ktime_t hrtimer_get_remaining(const struct hrtimer *timer)
{
	return timer->expires - hrtimer_cb_get_time(timer);
}

/* Work queues. */

struct workqueue_struct {
	long number;
};

/* The numbers of those that everybody may use. */
enum { SYSTEM, SYSTEM_HIGHPRI, SYSTEM_LONG, SYSTEM_UNBOUND, SYSTEM_BH, SYSTEM_COUNT };
static struct workqueue_struct system_queues[SYSTEM_COUNT] = {
	[SYSTEM] = {SYSTEM},       [SYSTEM_HIGHPRI] = {SYSTEM_HIGHPRI},
	[SYSTEM_LONG] = {SYSTEM_LONG}, [SYSTEM_UNBOUND] = {SYSTEM_UNBOUND},
	[SYSTEM_BH] = {SYSTEM_BH},
};
struct workqueue_struct *system_wq = &system_queues[SYSTEM];
struct workqueue_struct *system_highpri_wq = &system_queues[SYSTEM_HIGHPRI];
struct workqueue_struct *system_long_wq = &system_queues[SYSTEM_LONG];
struct workqueue_struct *system_unbound_wq = &system_queues[SYSTEM_UNBOUND];
struct workqueue_struct *system_freezable_wq = &system_queues[SYSTEM];
struct workqueue_struct *system_power_efficient_wq = &system_queues[SYSTEM];
struct workqueue_struct *system_bh_wq = &system_queues[SYSTEM_BH];

struct workqueue_struct *alloc_workqueue(const char *format, unsigned int flags, int max_active,
					 ...)
{
	struct workqueue_struct *queue = calloc(1, sizeof *queue);
	char name[64];
	va_list args;

	if (queue == NULL)
		return NULL;
	va_start(args, max_active);
	vsnprintf(name, sizeof name, format, args);
	va_end(args);
	queue->number = CALL_TEXT(alloc_workqueue, name, flags, max_active);
	if (queue->number < 0) {
		free(queue);
		return NULL;
	}
	return queue;
}

void destroy_workqueue(struct workqueue_struct *queue)
{
	CALL(destroy_workqueue, queue->number);
	free(queue);
}

void flush_workqueue(struct workqueue_struct *queue)
{
	CALL(flush_workqueue, queue->number);
}

void drain_workqueue(struct workqueue_struct *queue)
{
	CALL(drain_workqueue, queue->number);
}

void dmakit_init_work(struct work_struct *work, work_func_t function, const char *name)
{
	*work = (struct work_struct){.func = function, .dmakit_name = name};
	INIT_LIST_HEAD(&work->entry);
	CALL(init_work, work);
}

#define CALL_WORK(service, work, ...)                                                              \
	({                                                                                         \
		CALL_TEXT(service, (work)->dmakit_name, work, (work)->func, ##__VA_ARGS__) != 0;   \
	})

bool queue_work_on(int cpu, struct workqueue_struct *queue, struct work_struct *work)
{
	(void)cpu;
	return CALL_WORK(queue_work, work, queue->number);
}

bool queue_delayed_work_on(int cpu, struct workqueue_struct *queue, struct delayed_work *work,
			   unsigned long delay)
{
	(void)cpu;
	return CALL_WORK(queue_delayed_work, &work->work, queue->number, delay);
}

bool mod_delayed_work_on(int cpu, struct workqueue_struct *queue, struct delayed_work *work,
			 unsigned long delay)
{
	(void)cpu;
	return CALL_WORK(mod_delayed_work, &work->work, queue->number, delay);
}

bool flush_work(struct work_struct *work)
{
	return CALL(flush_work, work) != 0;
}

bool flush_delayed_work(struct delayed_work *work)
{
	return CALL(flush_delayed_work, &work->work) != 0;
}

bool cancel_work(struct work_struct *work)
{
	return CALL(cancel_work, work) != 0;
}

bool cancel_work_sync(struct work_struct *work)
{
	return CALL(cancel_work_sync, work) != 0;
}

bool cancel_delayed_work(struct delayed_work *work)
{
	return CALL(cancel_work, &work->work) != 0;
}

bool cancel_delayed_work_sync(struct delayed_work *work)
{
	return CALL(cancel_work_sync, &work->work) != 0;
}

bool disable_work_sync(struct work_struct *work)
{
	return CALL_WORK(disable_work_sync, work);
}

bool enable_work(struct workqueue_struct *queue, struct work_struct *work)
{
	(void)queue;
	return CALL(enable_work, work) != 0;
}

bool work_pending(struct work_struct *work)
{
	return CALL(work_busy, work) & 1;
}

unsigned int work_busy(struct work_struct *work)
{
	return (unsigned int)CALL(work_busy, work);
}

static void queue_after_grace(struct rcu_head *head)
{
	struct rcu_work *work = container_of(head, struct rcu_work, rcu);

	queue_work(system_wq, &work->work);
}

bool queue_rcu_work(struct workqueue_struct *queue, struct rcu_work *work)
{
	(void)queue;
	if (work_pending(&work->work))
		return false;
	call_rcu(&work->rcu, queue_after_grace);
	return true;
}

/* The machine is never rebooted. */

int register_reboot_notifier(struct notifier_block *block)
{
	(void)block;
	return 0;
}

int unregister_reboot_notifier(struct notifier_block *block)
{
	(void)block;
	return 0;
}
