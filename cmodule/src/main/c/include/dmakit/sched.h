/* Tasks, delays, signals, timers, work queues. */
#ifndef DMAKIT_SCHED_H
#define DMAKIT_SCHED_H

#include <dmakit/sync.h>

#define TASK_COMM_LEN 16
#define PF_KTHREAD 0x00200000
#define PF_NOFREEZE 0x00008000

struct pid;
struct mm_struct;
struct files_struct;
struct signal_struct;
struct cred;

struct task_struct {
	unsigned int __state;
	unsigned int flags;
	pid_t pid;
	pid_t tgid;
	int prio, static_prio, normal_prio;
	int on_cpu;
	struct mm_struct *mm;
	struct mm_struct *active_mm;
	struct task_struct *parent, *real_parent, *group_leader;
	struct files_struct *files;
	struct signal_struct *signal;
	const struct cred *cred;
	char comm[TASK_COMM_LEN];
	long dmakit_number;
};

struct task_struct *get_current(void);
#define current get_current()
#define set_current_state(state) dmakit_set_current_state(state)
#define __set_current_state(state) dmakit_set_current_state(state)
void dmakit_set_current_state(unsigned int state);
#define task_state(task) READ_ONCE((task)->__state)

long schedule_timeout_interruptible(long timeout);
long schedule_timeout_killable(long timeout);
long schedule_timeout_uninterruptible(long timeout);
long schedule_timeout_idle(long timeout);
int schedule_hrtimeout(ktime_t *expires, int mode);
int schedule_hrtimeout_range(ktime_t *expires, u64 delta, int mode);
long io_schedule_timeout(long timeout);
void io_schedule(void);
void yield(void);
int cond_resched(void);
#define need_resched() false
int wake_up_process(struct task_struct *task);
int wake_up_state(struct task_struct *task, unsigned int state);

struct task_struct *kthread_create_on_node(int (*function)(void *data), void *data, int node,
					   const char *name, ...) __printf(4, 5);
#define kthread_create(function, data, name, ...)                                                  \
	kthread_create_on_node(function, data, -1, name, ##__VA_ARGS__)
#define kthread_create_on_cpu(function, data, cpu, name)                                           \
	kthread_create_on_node(function, data, -1, name, cpu)
#define kthread_run(function, data, name, ...)                                                     \
	({                                                                                         \
		struct task_struct *run_task = kthread_create(function, data, name, ##__VA_ARGS__);\
		if (!IS_ERR(run_task))                                                             \
			wake_up_process(run_task);                                                 \
		run_task;                                                                          \
	})
#define kthread_run_on_cpu(function, data, cpu, name) kthread_run(function, data, name, cpu)
void kthread_bind(struct task_struct *task, unsigned int cpu);
int kthread_stop(struct task_struct *task);
bool kthread_should_stop(void);
bool kthread_should_park(void);
void kthread_parkme(void);
int kthread_park(struct task_struct *task);
void kthread_unpark(struct task_struct *task);
void *kthread_data(struct task_struct *task);
void kthread_complete_and_exit(struct completion *completion, long code) __noreturn;
#define do_exit(code) kthread_complete_and_exit(NULL, code)
#define kthread_exit(code) kthread_complete_and_exit(NULL, code)
#define complete_and_exit(completion, code) kthread_complete_and_exit(completion, code)
bool kthread_freezable_should_stop(bool *was_frozen);
#define set_freezable() false
#define try_to_freeze() false
#define freezing(task) false
void get_task_struct(struct task_struct *task);
void put_task_struct(struct task_struct *task);
void set_user_nice(struct task_struct *task, long nice);
#define task_nice(task) ((task)->static_prio - 120)
struct sched_param {
	int sched_priority;
};
#define SCHED_NORMAL 0
#define SCHED_FIFO 1
#define SCHED_RR 2
int sched_setscheduler(struct task_struct *task, int policy, const struct sched_param *param);
void sched_set_fifo(struct task_struct *task);
void sched_set_fifo_low(struct task_struct *task);
void sched_set_normal(struct task_struct *task, int nice);
#define allow_signal(sig) ((void)(sig))

/* Processors. */
unsigned int num_online_cpus(void);
#define num_possible_cpus() num_online_cpus()
#define num_present_cpus() num_online_cpus()
#define nr_cpu_ids num_online_cpus()
#define NR_CPUS CONFIG_NR_CPUS
int smp_processor_id(void);
#define raw_smp_processor_id() smp_processor_id()
#define get_cpu() (preempt_disable(), smp_processor_id())
#define put_cpu() preempt_enable()
#define cpu_to_node(cpu) 0
#define numa_node_id() 0
#define numa_mem_id() 0
#define NUMA_NO_NODE (-1)
#define MAX_NUMNODES 1
#define first_online_node 0
#define node_online(node) ((node) == 0)
#define for_each_online_cpu(cpu) for ((cpu) = 0; (unsigned int)(cpu) < num_online_cpus(); (cpu)++)
#define for_each_possible_cpu(cpu) for_each_online_cpu(cpu)
#define for_each_present_cpu(cpu) for_each_online_cpu(cpu)
#define cpu_online(cpu) ((unsigned int)(cpu) < num_online_cpus())
typedef struct cpumask {
	DECLARE_BITMAP(bits, CONFIG_NR_CPUS);
} cpumask_t, cpumask_var_t[1];
#define get_cpu_mask(cpu) cpumask_of(cpu)
#define cpumask_of(cpu) ((const struct cpumask *)NULL + 0 * (cpu))
#define cpumask_clear(mask) bitmap_zero((mask)->bits, CONFIG_NR_CPUS)
#define cpumask_set_cpu(cpu, mask) set_bit(cpu, (mask)->bits)
#define cpumask_test_cpu(cpu, mask) test_bit(cpu, (mask)->bits)
#define cpumask_of_node(node) ((const struct cpumask *)NULL)
#define set_cpus_allowed_ptr(task, mask) ((void)(task), (void)(mask), 0)
#define alloc_cpumask_var(mask, flags) true
#define zalloc_cpumask_var(mask, flags) (cpumask_clear(*(mask)), true)
#define free_cpumask_var(mask) ((void)(mask))

/* Values for each processor: tasks run one at a time, on one. */
#define DEFINE_PER_CPU(type, name) __typeof__(type) name
#define DECLARE_PER_CPU(type, name) extern __typeof__(type) name
#define per_cpu(name, cpu) (*((void)(cpu), &(name)))
#define per_cpu_ptr(p, cpu) ((void)(cpu), (p))
#define this_cpu_ptr(p) (p)
#define raw_cpu_ptr(p) (p)
#define get_cpu_var(name) (*(preempt_disable(), &(name)))
#define put_cpu_var(name) ((void)&(name), preempt_enable())
#define get_cpu_ptr(p) (preempt_disable(), (p))
#define put_cpu_ptr(p) ((void)(p), preempt_enable())
#define this_cpu_read(x) (x)
#define this_cpu_write(x, value) ((void)((x) = (value)))
#define this_cpu_add(x, n) ((void)((x) += (n)))
#define this_cpu_sub(x, n) ((void)((x) -= (n)))
#define this_cpu_inc(x) ((void)((x)++))
#define this_cpu_dec(x) ((void)((x)--))
#define __this_cpu_read(x) (x)
#define __this_cpu_write(x, value) ((void)((x) = (value)))
#define __this_cpu_add(x, n) ((void)((x) += (n)))
#define __this_cpu_inc(x) ((void)((x)++))
#define __this_cpu_dec(x) ((void)((x)--))
#define alloc_percpu(type) ((type __percpu *)dmakit_alloc_percpu(sizeof(type)))
#define alloc_percpu_gfp(type, flags) alloc_percpu(type)
#define __alloc_percpu(size, align) dmakit_alloc_percpu(size)
#define free_percpu(p) dmakit_free_percpu((void *)(p))
void *dmakit_alloc_percpu(size_t size);
void dmakit_free_percpu(void *p);

/* Delays. */
void ndelay(unsigned long ns);
void udelay(unsigned long us);
void mdelay(unsigned long ms);
void msleep(unsigned int ms);
unsigned long msleep_interruptible(unsigned int ms);
void usleep_range(unsigned long min_us, unsigned long max_us);
void ssleep(unsigned int seconds);
void fsleep(unsigned long us);
#define usleep_range_state(low, high, state) usleep_range(low, high)
#define usleep_idle_range(low, high) usleep_range(low, high)

/* Signals. */
#define SIGHUP 1
#define SIGINT 2
#define SIGQUIT 3
#define SIGTRAP 5
#define SIGABRT 6
#define SIGBUS 7
#define SIGFPE 8
#define SIGKILL 9
#define SIGUSR1 10
#define SIGSEGV 11
#define SIGUSR2 12
#define SIGPIPE 13
#define SIGALRM 14
#define SIGTERM 15
#define SIGCHLD 17
#define SIGCONT 18
#define SIGSTOP 19
#define SIGIO 29
#define SIGPOLL SIGIO
#define SIGRTMIN 32
#define SIGRTMAX 64
#define SI_USER 0
#define SI_KERNEL 0x80
#define SI_QUEUE (-1)
#define SI_TIMER (-2)
#define SI_MESGQ (-3)
#define SI_ASYNCIO (-4)
#define POLL_IN 1
#define POLL_OUT 2
#define POLL_MSG 3
#define POLL_ERR 4
#define POLL_PRI 5
#define POLL_HUP 6
union sigval {
	int sival_int;
	void *sival_ptr;
};
typedef union sigval sigval_t;
struct kernel_siginfo {
	int si_signo;
	int si_errno;
	int si_code;
	union {
		struct {
			pid_t si_pid;
			uid_t si_uid;
			sigval_t si_value;
		};
		void __user *si_addr;
	};
};
typedef struct kernel_siginfo kernel_siginfo_t, siginfo_t;
#define siginfo kernel_siginfo
#define si_int si_value.sival_int
#define si_ptr si_value.sival_ptr
#define clear_siginfo(info) ((void)memset(info, 0, sizeof(*(info))))
#define SEND_SIG_NOINFO ((struct kernel_siginfo *)0)
#define SEND_SIG_PRIV ((struct kernel_siginfo *)1)
int signal_pending(struct task_struct *task);
int fatal_signal_pending(struct task_struct *task);
void flush_signals(struct task_struct *task);
int send_sig(int sig, struct task_struct *task, int priv);
int send_sig_info(int sig, struct kernel_siginfo *info, struct task_struct *task);
int force_sig(int sig);
int kill_pid(struct pid *pid, int sig, int priv);
enum pid_type { PIDTYPE_PID, PIDTYPE_TGID, PIDTYPE_PGID, PIDTYPE_SID, PIDTYPE_MAX };
struct pid *find_get_pid(pid_t nr);
struct pid *find_vpid(pid_t nr);
struct pid *get_pid(struct pid *pid);
void put_pid(struct pid *pid);
struct pid *task_pid(struct task_struct *task);
struct pid *get_task_pid(struct task_struct *task, enum pid_type type);
struct task_struct *pid_task(struct pid *pid, enum pid_type type);
struct task_struct *get_pid_task(struct pid *pid, enum pid_type type);
#define task_pid_nr(task) ((task)->pid)
#define task_tgid_nr(task) ((task)->tgid)
#define task_pid_vnr(task) ((task)->pid)
#define task_tgid_vnr(task) ((task)->tgid)
#define find_task_by_vpid(nr) pid_task(find_vpid(nr), PIDTYPE_PID)

/* Everybody is root. */
static inline bool capable(int cap)
{
	(void)cap;
	return true;
}
#define CAP_DAC_OVERRIDE 1
#define CAP_SYS_RAWIO 17
#define CAP_SYS_ADMIN 21
#define CAP_SYS_NICE 23
#define CAP_IPC_LOCK 14
#define CAP_NET_ADMIN 12
typedef struct {
	uid_t val;
} kuid_t;
typedef struct {
	gid_t val;
} kgid_t;
#define KUIDT_INIT(value) ((kuid_t){value})
#define KGIDT_INIT(value) ((kgid_t){value})
#define GLOBAL_ROOT_UID KUIDT_INIT(0)
#define GLOBAL_ROOT_GID KGIDT_INIT(0)
#define current_uid() KUIDT_INIT(0)
#define current_gid() KGIDT_INIT(0)
#define current_euid() KUIDT_INIT(0)
#define from_kuid(ns, id) ((id).val)
#define from_kgid(ns, id) ((id).val)
#define uid_eq(a, b) ((a).val == (b).val)
#define init_user_ns (*(struct user_namespace *)NULL)
#define current_user_ns() ((struct user_namespace *)NULL)

/* Timers. */
struct timer_list {
	struct hlist_node entry;
	unsigned long expires;
	union {
		void (*function)(struct timer_list *timer);
		void (*dmakit_old_function)(unsigned long data);
	};
	unsigned long data;
	u32 flags;
	const char *dmakit_name;
};
#define TIMER_DEFERRABLE 0x00080000
#define TIMER_PINNED 0x00100000
#define TIMER_IRQSAFE 0x00200000
/* The function is one of before Linux 4.15: it takes a number. */
#define DMAKIT_TIMER_OF_DATA 0x00000001
#define DEFINE_TIMER2(name, function_)                                                             \
	struct timer_list name = {.function = (void (*)(struct timer_list *))(function_),          \
				  .dmakit_name = #function_}
#define DEFINE_TIMER4(name, function_, expires_, data_)                                            \
	struct timer_list name = TIMER_INITIALIZER(function_, expires_, data_)
#define DEFINE_TIMER(...) DMAKIT_BY_COUNT(DEFINE_TIMER, __VA_ARGS__)
#define TIMER_INITIALIZER(function_, expires_, data_)                                              \
	{                                                                                          \
		.expires = (expires_), .dmakit_old_function = (void *)(function_),                 \
		.data = (data_), .flags = DMAKIT_TIMER_OF_DATA, .dmakit_name = #function_          \
	}
void dmakit_timer_setup(struct timer_list *timer, void (*function)(struct timer_list *),
			unsigned int flags, const char *name);
void dmakit_setup_old_timer(struct timer_list *timer, void (*function)(unsigned long),
			    unsigned long data, const char *name);
#define timer_setup(timer, function, flags)                                                        \
	dmakit_timer_setup(timer, (void *)(function), flags, #function)
#define __timer_setup(timer, function, flags) timer_setup(timer, function, flags)
#define timer_setup_on_stack(timer, function, flags) timer_setup(timer, function, flags)
#define destroy_timer_on_stack(timer) ((void)(timer))
#define setup_timer(timer, function, data)                                                         \
	dmakit_setup_old_timer(timer, (void *)(function), data, #function)
#define init_timer(timer) dmakit_setup_old_timer(timer, (timer)->dmakit_old_function, 0, #timer)
#define init_timer_deferrable(timer) init_timer(timer)
#define init_timer_on_stack(timer) init_timer(timer)
#define setup_timer_on_stack(timer, function, data) setup_timer(timer, function, data)
#define from_timer(into, timer, member) container_of(timer, __typeof__(*into), member)
#define timer_container_of(into, timer, member) container_of(timer, __typeof__(*into), member)
void add_timer(struct timer_list *timer);
void add_timer_on(struct timer_list *timer, int cpu);
int mod_timer(struct timer_list *timer, unsigned long expires);
int mod_timer_pending(struct timer_list *timer, unsigned long expires);
int timer_delete(struct timer_list *timer);
int timer_delete_sync(struct timer_list *timer);
int timer_shutdown(struct timer_list *timer);
int timer_shutdown_sync(struct timer_list *timer);
int timer_pending(const struct timer_list *timer);
#define del_timer(timer) timer_delete(timer)
#define del_timer_sync(timer) timer_delete_sync(timer)
#define try_to_del_timer_sync(timer) timer_delete(timer)

enum hrtimer_mode {
	HRTIMER_MODE_ABS = 0x00,
	HRTIMER_MODE_REL = 0x01,
	HRTIMER_MODE_PINNED = 0x02,
	HRTIMER_MODE_SOFT = 0x04,
	HRTIMER_MODE_HARD = 0x08,
	HRTIMER_MODE_ABS_PINNED = 0x02,
	HRTIMER_MODE_REL_PINNED = 0x03,
	HRTIMER_MODE_ABS_SOFT = 0x04,
	HRTIMER_MODE_REL_SOFT = 0x05,
	HRTIMER_MODE_ABS_HARD = 0x08,
	HRTIMER_MODE_REL_HARD = 0x09,
	HRTIMER_MODE_ABS_PINNED_SOFT = 0x06,
	HRTIMER_MODE_REL_PINNED_SOFT = 0x07,
	HRTIMER_MODE_ABS_PINNED_HARD = 0x0a,
	HRTIMER_MODE_REL_PINNED_HARD = 0x0b,
};
/* Their names before 2.6.21. */
#define HRTIMER_ABS HRTIMER_MODE_ABS
#define HRTIMER_REL HRTIMER_MODE_REL
enum hrtimer_restart { HRTIMER_NORESTART, HRTIMER_RESTART };
struct hrtimer {
	ktime_t expires;
	enum hrtimer_restart (*function)(struct hrtimer *timer);
	clockid_t clock;
	const char *dmakit_name;
};
void dmakit_hrtimer_setup(struct hrtimer *timer,
			  enum hrtimer_restart (*function)(struct hrtimer *), clockid_t clock,
			  const char *name);
#define hrtimer_init(timer, clock, mode) dmakit_hrtimer_setup(timer, NULL, clock, #timer)
#define hrtimer_init_on_stack(timer, clock, mode) hrtimer_init(timer, clock, mode)
#define hrtimer_setup(timer, function, clock, mode)                                                \
	dmakit_hrtimer_setup(timer, function, clock, #function)
#define hrtimer_setup_on_stack(timer, function, clock, mode)                                       \
	hrtimer_setup(timer, function, clock, mode)
#define destroy_hrtimer_on_stack(timer) ((void)(timer))
void hrtimer_start(struct hrtimer *timer, ktime_t time, enum hrtimer_mode mode);
#define hrtimer_start_range_ns(timer, time, range, mode) hrtimer_start(timer, time, mode)
int hrtimer_cancel(struct hrtimer *timer);
int hrtimer_try_to_cancel(struct hrtimer *timer);
u64 hrtimer_forward(struct hrtimer *timer, ktime_t now, ktime_t interval);
u64 hrtimer_forward_now(struct hrtimer *timer, ktime_t interval);
bool hrtimer_active(const struct hrtimer *timer);
bool hrtimer_is_queued(const struct hrtimer *timer);
int hrtimer_callback_running(const struct hrtimer *timer);
#define hrtimer_start_expires(timer, mode)                                                         \
	hrtimer_start(timer, (timer)->expires, (mode) & ~HRTIMER_MODE_REL)
#define hrtimer_add_expires(timer, time) ((void)((timer)->expires += (time)))
#define hrtimer_add_expires_ns(timer, ns) ((void)((timer)->expires += (s64)(ns)))
#define hrtimer_get_expires_ns(timer) ((s64)(timer)->expires)
#define hrtimer_get_remaining_adjusted(timer) hrtimer_get_remaining(timer)
ktime_t hrtimer_get_remaining(const struct hrtimer *timer);
#define hrtimer_cb_get_time(timer)                                                                 \
	((timer)->clock == CLOCK_REALTIME ? ktime_get_real() : ktime_get())
#define hrtimer_get_expires(timer) ((timer)->expires)
#define hrtimer_set_expires(timer, time) ((void)((timer)->expires = (time)))
static inline void hrtimer_restart(struct hrtimer *timer)
{
	hrtimer_start(timer, timer->expires, HRTIMER_MODE_ABS);
}

/* Work queues. */
struct work_struct;
typedef void (*work_func_t)(struct work_struct *work);
struct work_struct {
	unsigned long data;
	struct list_head entry;
	work_func_t func;
	const char *dmakit_name;
};
struct delayed_work {
	struct work_struct work;
	struct timer_list timer;
	struct workqueue_struct *wq;
	int cpu;
};
struct rcu_work {
	struct work_struct work;
	struct rcu_head rcu;
};
struct workqueue_struct;
#define __WORK_INITIALIZER(name, function)                                                         \
	{.func = (work_func_t)(function), .dmakit_name = #function}
#define __DELAYED_WORK_INITIALIZER(name, function, flags)                                          \
	{.work = __WORK_INITIALIZER((name).work, function)}
#define DECLARE_WORK(name, function)                                                               \
	struct work_struct name = __WORK_INITIALIZER(name, function)
#define DECLARE_DELAYED_WORK(name, function)                                                       \
	struct delayed_work name = __DELAYED_WORK_INITIALIZER(name, function, 0)
#define DECLARE_DEFERRABLE_WORK(name, function) DECLARE_DELAYED_WORK(name, function)
void dmakit_init_work(struct work_struct *work, work_func_t function, const char *name);
#define INIT_WORK(work, function) dmakit_init_work(work, (work_func_t)(function), #function)
#define INIT_WORK_ONSTACK(work, function) INIT_WORK(work, function)
#define __INIT_WORK(work, function, on_stack) INIT_WORK(work, function)
#define INIT_DELAYED_WORK(delayed, function)                                                       \
	dmakit_init_work(&(delayed)->work, (work_func_t)(function), #function)
#define INIT_DELAYED_WORK_ONSTACK(work, function) INIT_DELAYED_WORK(work, function)
#define INIT_DEFERRABLE_WORK(work, function) INIT_DELAYED_WORK(work, function)
#define PREPARE_WORK(work, function) ((void)((work)->func = (function)))
#define destroy_work_on_stack(work) ((void)(work))
#define destroy_delayed_work_on_stack(work) ((void)(work))
#define to_delayed_work(work_) container_of(work_, struct delayed_work, work)
enum {
	WQ_BH = 1 << 0,
	WQ_UNBOUND = 1 << 1,
	WQ_FREEZABLE = 1 << 2,
	WQ_MEM_RECLAIM = 1 << 3,
	WQ_HIGHPRI = 1 << 4,
	WQ_CPU_INTENSIVE = 1 << 5,
	WQ_SYSFS = 1 << 6,
	WQ_POWER_EFFICIENT = 1 << 7,
	DMAKIT_WQ_ORDERED = 1 << 17,
	WQ_MAX_ACTIVE = 512,
	WORK_CPU_UNBOUND = CONFIG_NR_CPUS,
};
extern struct workqueue_struct *system_wq, *system_highpri_wq, *system_long_wq, *system_unbound_wq,
	*system_freezable_wq, *system_power_efficient_wq, *system_bh_wq;
struct workqueue_struct *alloc_workqueue(const char *name, unsigned int flags, int max_active, ...)
	__printf(1, 4);
#define alloc_ordered_workqueue(name, flags, ...)                                                  \
	alloc_workqueue(name, DMAKIT_WQ_ORDERED | (flags), 1, ##__VA_ARGS__)
#define create_workqueue(name) alloc_workqueue("%s", 0, 1, name)
#define create_singlethread_workqueue(name) alloc_workqueue("%s", DMAKIT_WQ_ORDERED, 1, name)
#define create_freezable_workqueue(name) alloc_workqueue("%s", WQ_FREEZABLE, 1, name)
void destroy_workqueue(struct workqueue_struct *queue);
bool queue_work_on(int cpu, struct workqueue_struct *queue, struct work_struct *work);
bool queue_delayed_work_on(int cpu, struct workqueue_struct *queue, struct delayed_work *work,
			   unsigned long delay);
bool mod_delayed_work_on(int cpu, struct workqueue_struct *queue, struct delayed_work *work,
			 unsigned long delay);
#define queue_work(queue, work) queue_work_on(WORK_CPU_UNBOUND, queue, work)
#define queue_delayed_work(queue, work, delay)                                                     \
	queue_delayed_work_on(WORK_CPU_UNBOUND, queue, work, delay)
#define mod_delayed_work(queue, work, delay)                                                       \
	mod_delayed_work_on(WORK_CPU_UNBOUND, queue, work, delay)
#define schedule_work(work) queue_work(system_wq, work)
#define schedule_work_on(cpu, work) queue_work_on(cpu, system_wq, work)
#define schedule_delayed_work(work, delay) queue_delayed_work(system_wq, work, delay)
#define schedule_delayed_work_on(cpu, work, delay)                                                 \
	queue_delayed_work_on(cpu, system_wq, work, delay)
bool flush_work(struct work_struct *work);
bool flush_delayed_work(struct delayed_work *work);
bool cancel_work(struct work_struct *work);
bool cancel_work_sync(struct work_struct *work);
bool cancel_delayed_work(struct delayed_work *work);
bool cancel_delayed_work_sync(struct delayed_work *work);
bool disable_work_sync(struct work_struct *work);
bool enable_work(struct workqueue_struct *queue, struct work_struct *work);
void flush_workqueue(struct workqueue_struct *queue);
void drain_workqueue(struct workqueue_struct *queue);
#define flush_delayed_work_sync(work) flush_delayed_work(work)
#define flush_work_sync(work) flush_work(work)
#define disable_work(work) disable_work_sync(work)
#define enable_and_queue_work(queue, work) (enable_work(queue, work), queue_work(queue, work))
bool queue_rcu_work(struct workqueue_struct *queue, struct rcu_work *work);
#define INIT_RCU_WORK(rwork, function) INIT_WORK(&(rwork)->work, function)
#define to_rcu_work(work_) container_of(work_, struct rcu_work, work)
#define create_freezeable_workqueue(name) create_freezable_workqueue(name)
#define current_work() ((struct work_struct *)NULL)
#define flush_scheduled_work() flush_workqueue(system_wq)
bool work_pending(struct work_struct *work);
#define delayed_work_pending(w) work_pending(&(w)->work)
unsigned int work_busy(struct work_struct *work);

struct new_utsname {
	char sysname[65], nodename[65], release[65], version[65], machine[65], domainname[65];
};
#define utsname()                                                                                  \
	(&(struct new_utsname){                                                                    \
		.sysname = UTS_SYSNAME, .release = UTS_RELEASE, .machine = UTS_MACHINE})
#define init_utsname() utsname()

struct notifier_block {
	int (*notifier_call)(struct notifier_block *block, unsigned long action, void *data);
	struct notifier_block *next;
	int priority;
};
#define NOTIFY_DONE 0
#define NOTIFY_OK 1
#define NOTIFY_BAD 0x8002
#define NOTIFY_STOP 0x8001
int register_reboot_notifier(struct notifier_block *block);
/* The processor never sleeps. */
#define CPU_PM_ENTER 0
#define CPU_PM_ENTER_FAILED 1
#define CPU_PM_EXIT 2
#define CPU_CLUSTER_PM_ENTER 3
#define CPU_CLUSTER_PM_ENTER_FAILED 4
#define CPU_CLUSTER_PM_EXIT 5
#define cpu_pm_register_notifier(block) register_reboot_notifier(block)
#define cpu_pm_unregister_notifier(block) unregister_reboot_notifier(block)
int unregister_reboot_notifier(struct notifier_block *block);

#endif
