/* Locks, completions, wait queues, RCU. */
#ifndef DMAKIT_SYNC_H
#define DMAKIT_SYNC_H

#include <dmakit/bitops.h>
#include <dmakit/list.h>
#include <dmakit/time.h>

/*
 * What the kernel knows by its address, under the name that its declaration or initialisation gave
 * it. It becomes known with its first use.
 */
struct dmakit_known {
	const char *name;
	unsigned long known;
};
#define DMAKIT_KNOWN_AS(text) {.dmakit = {.name = (text)}}

struct lock_class_key {
	int unused;
};

typedef struct raw_spinlock {
	struct dmakit_known dmakit;
} raw_spinlock_t;

typedef struct spinlock {
	struct dmakit_known dmakit;
} spinlock_t;

typedef struct {
	struct dmakit_known dmakit;
} rwlock_t;

struct mutex {
	struct dmakit_known dmakit;
	unsigned long dmakit_reserved[2];
};

struct semaphore {
	struct dmakit_known dmakit;
	long dmakit_count;
};

struct rw_semaphore {
	struct dmakit_known dmakit;
	unsigned long dmakit_reserved[3];
};

#define __SPIN_LOCK_UNLOCKED(name) DMAKIT_KNOWN_AS(#name)
#define SPIN_LOCK_UNLOCKED ((spinlock_t){})
#define __RAW_SPIN_LOCK_UNLOCKED(name) DMAKIT_KNOWN_AS(#name)
#define __RW_LOCK_UNLOCKED(name) DMAKIT_KNOWN_AS(#name)
#define __MUTEX_INITIALIZER(name) DMAKIT_KNOWN_AS(#name)
#define __RWSEM_INITIALIZER(name) DMAKIT_KNOWN_AS(#name)
#define __SEMAPHORE_INITIALIZER(name_, n) {.dmakit = {.name = #name_}, .dmakit_count = (n)}
#define DEFINE_SPINLOCK(name) spinlock_t name = DMAKIT_KNOWN_AS(#name)
#define DEFINE_RAW_SPINLOCK(name) raw_spinlock_t name = DMAKIT_KNOWN_AS(#name)
#define DEFINE_RWLOCK(name) rwlock_t name = DMAKIT_KNOWN_AS(#name)
#define DEFINE_MUTEX(name) struct mutex name = DMAKIT_KNOWN_AS(#name)
#define DECLARE_MUTEX(name) struct semaphore name = __SEMAPHORE_INITIALIZER(name, 1)
#define DECLARE_RWSEM(name) struct rw_semaphore name = DMAKIT_KNOWN_AS(#name)
#define DEFINE_SEMAPHORE1(name) struct semaphore name = __SEMAPHORE_INITIALIZER(name, 1)
#define DEFINE_SEMAPHORE2(name, n) struct semaphore name = __SEMAPHORE_INITIALIZER(name, n)
#define DEFINE_SEMAPHORE(...) DMAKIT_BY_COUNT(DEFINE_SEMAPHORE, __VA_ARGS__)

void dmakit_spin_lock_init(spinlock_t *lock, const char *name);
void spin_lock(spinlock_t *lock);
int spin_trylock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);
void spin_lock_irq(spinlock_t *lock);
int spin_trylock_irq(spinlock_t *lock);
void spin_unlock_irq(spinlock_t *lock);
void spin_lock_bh(spinlock_t *lock);
int spin_trylock_bh(spinlock_t *lock);
void spin_unlock_bh(spinlock_t *lock);
unsigned long dmakit_spin_lock_irqsave(spinlock_t *lock);
int dmakit_spin_trylock_irqsave(spinlock_t *lock, unsigned long *flags);
void spin_unlock_irqrestore(spinlock_t *lock, unsigned long flags);
int spin_is_locked(spinlock_t *lock);
#define spin_lock_init(lock) dmakit_spin_lock_init(lock, #lock)
#define spin_lock_irqsave(lock, flags) ((void)((flags) = dmakit_spin_lock_irqsave(lock)))
#define spin_lock_irqsave_nested(lock, flags, class) spin_lock_irqsave(lock, flags)
#define spin_trylock_irqsave(lock, flags) dmakit_spin_trylock_irqsave(lock, &(flags))
#define spin_lock_nested(lock, class) spin_lock(lock)
#define spin_lock_nest_lock(lock, outer) spin_lock(lock)
#define spin_can_lock(lock) (!spin_is_locked(lock))
#define spin_is_contended(lock) ((void)(lock), 0)
#define assert_spin_locked(lock) lockdep_assert_held(lock)

/* The same lock; only real-time kernels tell the two apart. */
#define DMAKIT_RAW(lock) ((spinlock_t *)(1 ? (lock) : (raw_spinlock_t *)NULL))
#define raw_spin_lock_init(lock) dmakit_spin_lock_init(DMAKIT_RAW(lock), #lock)
#define raw_spin_lock(lock) spin_lock(DMAKIT_RAW(lock))
#define raw_spin_lock_nested(lock, class) spin_lock(DMAKIT_RAW(lock))
#define raw_spin_trylock(lock) spin_trylock(DMAKIT_RAW(lock))
#define raw_spin_unlock(lock) spin_unlock(DMAKIT_RAW(lock))
#define raw_spin_lock_irq(lock) spin_lock_irq(DMAKIT_RAW(lock))
#define raw_spin_unlock_irq(lock) spin_unlock_irq(DMAKIT_RAW(lock))
#define raw_spin_lock_bh(lock) spin_lock_bh(DMAKIT_RAW(lock))
#define raw_spin_unlock_bh(lock) spin_unlock_bh(DMAKIT_RAW(lock))
#define raw_spin_lock_irqsave(lock, flags) spin_lock_irqsave(DMAKIT_RAW(lock), flags)
#define raw_spin_trylock_irqsave(lock, flags) spin_trylock_irqsave(DMAKIT_RAW(lock), flags)
#define raw_spin_unlock_irqrestore(lock, flags) spin_unlock_irqrestore(DMAKIT_RAW(lock), flags)
#define raw_spin_is_locked(lock) spin_is_locked(DMAKIT_RAW(lock))

void dmakit_rwlock_init(rwlock_t *lock, const char *name);
#define rwlock_init(lock) dmakit_rwlock_init(lock, #lock)
void read_lock(rwlock_t *lock);
int read_trylock(rwlock_t *lock);
void read_unlock(rwlock_t *lock);
void write_lock(rwlock_t *lock);
int write_trylock(rwlock_t *lock);
void write_unlock(rwlock_t *lock);
void read_lock_irq(rwlock_t *lock);
void read_unlock_irq(rwlock_t *lock);
void write_lock_irq(rwlock_t *lock);
void write_unlock_irq(rwlock_t *lock);
void read_lock_bh(rwlock_t *lock);
void read_unlock_bh(rwlock_t *lock);
void write_lock_bh(rwlock_t *lock);
void write_unlock_bh(rwlock_t *lock);
unsigned long dmakit_read_lock_irqsave(rwlock_t *lock);
unsigned long dmakit_write_lock_irqsave(rwlock_t *lock);
void read_unlock_irqrestore(rwlock_t *lock, unsigned long flags);
void write_unlock_irqrestore(rwlock_t *lock, unsigned long flags);
#define read_lock_irqsave(lock, flags) ((void)((flags) = dmakit_read_lock_irqsave(lock)))
#define write_lock_irqsave(lock, flags) ((void)((flags) = dmakit_write_lock_irqsave(lock)))

unsigned long dmakit_local_irq_save(void);
void local_irq_restore(unsigned long flags);
void local_irq_disable(void);
void local_irq_enable(void);
void local_bh_disable(void);
void local_bh_enable(void);
void preempt_disable(void);
void preempt_enable(void);
bool irqs_disabled(void);
int preempt_count(void);
#define irqs_disabled_flags(flags) ((flags) == 0)
/* The count as the kernel lays it out: preemption, softirqs, hardirqs. */
#define in_irq() ((unsigned long)preempt_count() & 0xf0000)
#define in_hardirq() in_irq()
#define in_softirq() ((unsigned long)preempt_count() & 0xff00)
#define in_serving_softirq() ((unsigned long)preempt_count() & 0x100)
#define in_interrupt() ((unsigned long)preempt_count() & 0xfff00)
#define in_task() (!(preempt_count() & 0xf0100))
#define in_atomic() (preempt_count() != 0)
#define in_nmi() 0
#define hard_irq_count() in_irq()
#define local_irq_save(flags) ((void)((flags) = dmakit_local_irq_save()))
#define local_save_flags(flags) ((void)((flags) = !irqs_disabled()))
#define preempt_enable_no_resched() preempt_enable()
#define preemptible() (!in_atomic() && !irqs_disabled())
#define migrate_disable() preempt_disable()
#define migrate_enable() preempt_enable()
void might_sleep(void);
#define might_sleep_if(condition)                                                                  \
	do {                                                                                       \
		if (condition)                                                                     \
			might_sleep();                                                             \
	} while (0)
#define cant_sleep() ((void)0)
#define might_fault() might_sleep()
#define down_read_nested(sem, class) down_read(sem)
#define down_write_nested(sem, class) down_write(sem)
#define might_lock(lock) ((void)(lock))

void dmakit_mutex_init(struct mutex *lock, const char *name);
#define mutex_init(lock) dmakit_mutex_init(lock, #lock)
#define __mutex_init(lock, name, key) dmakit_mutex_init(lock, name)
void mutex_destroy(struct mutex *lock);
void mutex_lock(struct mutex *lock);
int mutex_lock_interruptible(struct mutex *lock);
int mutex_lock_killable(struct mutex *lock);
int mutex_trylock(struct mutex *lock);
void mutex_unlock(struct mutex *lock);
bool mutex_is_locked(struct mutex *lock);
#define mutex_lock_nested(lock, class) mutex_lock(lock)
#define mutex_lock_interruptible_nested(lock, class) mutex_lock_interruptible(lock)
#define mutex_lock_io(lock) mutex_lock(lock)

void dmakit_sema_init(struct semaphore *sem, int count, const char *name);
#define sema_init(sem, count) dmakit_sema_init(sem, count, #sem)
#define init_MUTEX(sem) sema_init(sem, 1)
#define init_MUTEX_LOCKED(sem) sema_init(sem, 0)
void down(struct semaphore *sem);
int down_interruptible(struct semaphore *sem);
int down_killable(struct semaphore *sem);
int down_trylock(struct semaphore *sem);
int down_timeout(struct semaphore *sem, long timeout);
void up(struct semaphore *sem);

void dmakit_init_rwsem(struct rw_semaphore *sem, const char *name);
#define init_rwsem(sem) dmakit_init_rwsem(sem, #sem)
bool rwsem_is_locked(struct rw_semaphore *sem);
void down_read(struct rw_semaphore *sem);
int down_read_interruptible(struct rw_semaphore *sem);
int down_read_killable(struct rw_semaphore *sem);
int down_read_trylock(struct rw_semaphore *sem);
void up_read(struct rw_semaphore *sem);
void down_write(struct rw_semaphore *sem);
int down_write_killable(struct rw_semaphore *sem);
int down_write_trylock(struct rw_semaphore *sem);
void up_write(struct rw_semaphore *sem);
void downgrade_write(struct rw_semaphore *sem);

#define lockdep_assert_held(lock) ((void)(lock))
#define lockdep_assert_held_write(lock) ((void)(lock))
#define lockdep_assert_not_held(lock) ((void)(lock))
#define lockdep_is_held(lock) 1
#define lockdep_assert_held_read(lock) ((void)(lock))
#define lockdep_assert_held_once(lock) ((void)(lock))
#define lockdep_assert(condition) ((void)0)
#define lockdep_assert_irqs_disabled() ((void)0)
#define lockdep_assert_irqs_enabled() ((void)0)
#define lockdep_assert_in_softirq() ((void)0)
#define lockdep_assert_none_held_once() ((void)0)
#define lockdep_off() ((void)0)
#define lockdep_on() ((void)0)
#define lockdep_init_map(map, name, key, subclass) ((void)0)
#define SINGLE_DEPTH_NESTING 1
#define lockdep_set_subclass(lock, class) ((void)(lock))
#define lockdep_set_class_and_name(lock, key, name) ((void)(key))
#define lockdep_set_novalidate_class(lock) ((void)(lock))
#define lockdep_set_class(lock, key) ((void)(key))
#define lockdep_register_key(key) ((void)(key))
#define lockdep_unregister_key(key) ((void)(key))

/* Released where the variable's scope ends. */
#define guard(name) __attribute__((unused, cleanup(dmakit_guard_##name##_end)))                    \
	DMAKIT_PASTE(dmakit_guard_, name) DMAKIT_UNIQUE(guard_) = DMAKIT_PASTE(dmakit_guard_begin_, name)
#define scoped_guard(name, ...)                                                                    \
	for (DMAKIT_PASTE(dmakit_guard_, name) scoped_lock                                         \
		     __attribute__((unused, cleanup(dmakit_guard_##name##_end)))                   \
	     = DMAKIT_PASTE(dmakit_guard_begin_, name)(__VA_ARGS__),                               \
	     *scoped_once = (void *)1;                                                             \
	     scoped_once; scoped_once = NULL)
#define DMAKIT_GUARD(name, type, begin, end)                                                       \
	typedef struct {                                                                           \
		type *lock;                                                                        \
	} dmakit_guard_##name;                                                                     \
	static inline dmakit_guard_##name dmakit_guard_begin_##name(type *lock)                    \
	{                                                                                          \
		begin(lock);                                                                       \
		return (dmakit_guard_##name){lock};                                                \
	}                                                                                          \
	static inline void dmakit_guard_##name##_end(dmakit_guard_##name *guard)                   \
	{                                                                                          \
		end(guard->lock);                                                                  \
	}
DMAKIT_GUARD(mutex, struct mutex, mutex_lock, mutex_unlock)
DMAKIT_GUARD(spinlock, spinlock_t, spin_lock, spin_unlock)
DMAKIT_GUARD(spinlock_irq, spinlock_t, spin_lock_irq, spin_unlock_irq)
DMAKIT_GUARD(spinlock_bh, spinlock_t, spin_lock_bh, spin_unlock_bh)
DMAKIT_GUARD(raw_spinlock, raw_spinlock_t, raw_spin_lock, raw_spin_unlock)
DMAKIT_GUARD(rwsem_read, struct rw_semaphore, down_read, up_read)
DMAKIT_GUARD(rwsem_write, struct rw_semaphore, down_write, up_write)
typedef struct {
	spinlock_t *lock;
	unsigned long flags;
} dmakit_guard_spinlock_irqsave;

static inline dmakit_guard_spinlock_irqsave dmakit_guard_begin_spinlock_irqsave(spinlock_t *lock)
{
	unsigned long flags = dmakit_spin_lock_irqsave(lock);

	return (dmakit_guard_spinlock_irqsave){lock, flags};
}

static inline void dmakit_guard_spinlock_irqsave_end(dmakit_guard_spinlock_irqsave *guard)
{
	spin_unlock_irqrestore(guard->lock, guard->flags);
}

/* Wait queues. */
struct wait_queue_entry;
typedef struct wait_queue_entry wait_queue_entry_t, wait_queue_t;
typedef int (*wait_queue_func_t)(struct wait_queue_entry *entry, unsigned int mode, int flags,
				 void *key);

struct wait_queue_entry {
	unsigned int flags;
	void *private;
	wait_queue_func_t func;
	struct list_head entry;
};

#define WQ_FLAG_EXCLUSIVE 0x01

typedef struct wait_queue_head {
	spinlock_t lock;
	struct list_head head;
	struct dmakit_known dmakit;
} wait_queue_head_t;

struct task_struct;
int default_wake_function(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key);
int autoremove_wake_function(struct wait_queue_entry *entry, unsigned int mode, int flags,
			     void *key);
int woken_wake_function(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key);
#define __WAIT_QUEUE_HEAD_INITIALIZER(name_)                                                       \
	{.head = LIST_HEAD_INIT((name_).head), .dmakit = {.name = #name_}}
#define DECLARE_WAIT_QUEUE_HEAD(name)                                                              \
	struct wait_queue_head name = __WAIT_QUEUE_HEAD_INITIALIZER(name)
#define DECLARE_WAIT_QUEUE_HEAD_ONSTACK(name) DECLARE_WAIT_QUEUE_HEAD(name)
#define __WAITQUEUE_INITIALIZER(name, task) {.private = (task), .func = default_wake_function}
#define DECLARE_WAITQUEUE(name, task)                                                              \
	struct wait_queue_entry name = {.private = (task), .func = default_wake_function}
#define DEFINE_WAIT_FUNC(name, function)                                                           \
	struct wait_queue_entry name = {                                                           \
		.func = function, .entry = LIST_HEAD_INIT((name).entry)}
#define DEFINE_WAIT(name) DEFINE_WAIT_FUNC(name, autoremove_wake_function)
#define init_wait(wait)                                                                            \
	((void)(*(wait) = (struct wait_queue_entry){                                               \
			.func = autoremove_wake_function,                                          \
			.entry = LIST_HEAD_INIT((wait)->entry)}))
#define init_wait_entry(wait, flags_) (init_wait(wait), (void)((wait)->flags = (flags_)))
void init_waitqueue_func_entry(struct wait_queue_entry *entry, wait_queue_func_t function);
void dmakit_init_waitqueue_head(struct wait_queue_head *queue, const char *name);
#define init_waitqueue_head(queue) dmakit_init_waitqueue_head(queue, #queue)
#define __init_waitqueue_head(queue, name, key) dmakit_init_waitqueue_head(queue, name)
#define __add_wait_queue(queue, entry) add_wait_queue(queue, entry)
#define __remove_wait_queue(queue, entry) remove_wait_queue(queue, entry)
void init_waitqueue_entry(struct wait_queue_entry *entry, struct task_struct *task);
void add_wait_queue(struct wait_queue_head *queue, struct wait_queue_entry *entry);
void add_wait_queue_exclusive(struct wait_queue_head *queue, struct wait_queue_entry *entry);
void remove_wait_queue(struct wait_queue_head *queue, struct wait_queue_entry *entry);
void prepare_to_wait(struct wait_queue_head *queue, struct wait_queue_entry *entry, int state);
bool prepare_to_wait_exclusive(struct wait_queue_head *queue, struct wait_queue_entry *entry,
			       int state);
long prepare_to_wait_event(struct wait_queue_head *queue, struct wait_queue_entry *entry,
			   int state);
void finish_wait(struct wait_queue_head *queue, struct wait_queue_entry *entry);
void dmakit_wait_timed_out(void);
long wait_woken(struct wait_queue_entry *entry, unsigned int mode, long timeout);
bool waitqueue_active(struct wait_queue_head *queue);
#define wq_has_single_sleeper(queue) waitqueue_active(queue)
#define wq_has_sleeper(queue) waitqueue_active(queue)
void __wake_up(struct wait_queue_head *queue, unsigned int mode, int count, void *key);
void __wake_up_sync(struct wait_queue_head *queue, unsigned int mode);

#define TASK_RUNNING 0x00000000
#define TASK_INTERRUPTIBLE 0x00000001
#define TASK_UNINTERRUPTIBLE 0x00000002
#define TASK_STOPPED 0x00000004
#define TASK_PARKED 0x00000040
#define TASK_DEAD 0x00000080
#define TASK_WAKEKILL 0x00000100
#define TASK_KILLABLE (TASK_WAKEKILL | TASK_UNINTERRUPTIBLE)
#define TASK_IDLE (0x00000400 | TASK_UNINTERRUPTIBLE)
#define TASK_FREEZABLE 0x00002000
#define TASK_NORMAL (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)
#define wake_up(queue) __wake_up(queue, TASK_NORMAL, 1, NULL)
#define wake_up_nr(queue, n) __wake_up(queue, TASK_NORMAL, n, NULL)
#define wake_up_all(queue) __wake_up(queue, TASK_NORMAL, 0, NULL)
#define wake_up_locked(queue) __wake_up(queue, TASK_NORMAL, 1, NULL)
#define wake_up_interruptible(queue) __wake_up(queue, TASK_INTERRUPTIBLE, 1, NULL)
#define wake_up_interruptible_nr(queue, n) __wake_up(queue, TASK_INTERRUPTIBLE, n, NULL)
#define wake_up_interruptible_all(queue) __wake_up(queue, TASK_INTERRUPTIBLE, 0, NULL)
#define wake_up_sync(queue) __wake_up_sync(queue, TASK_NORMAL)
#define wake_up_interruptible_sync(queue) __wake_up_sync(queue, TASK_INTERRUPTIBLE)
#define wake_up_poll(queue, mask) __wake_up(queue, TASK_NORMAL, 1, (void *)(unsigned long)(mask))
#define wake_up_interruptible_poll(queue, mask)                                                    \
	__wake_up(queue, TASK_INTERRUPTIBLE, 1, (void *)(unsigned long)(mask))

void schedule(void);
long schedule_timeout(long timeout);
#define MAX_SCHEDULE_TIMEOUT LONG_MAX

/* Waits until the condition holds; "before" and "after" run around each sleep. */
#define DMAKIT_WAIT_EVENT(queue, condition, state, exclusive, before, after)                       \
	({                                                                                         \
		struct wait_queue_entry wait_entry = {.flags = (exclusive),                        \
						      .func = autoremove_wake_function,            \
						      .entry = LIST_HEAD_INIT(wait_entry.entry)};  \
		long wait_result = 0;                                                              \
		for (;;) {                                                                         \
			long wait_signal = prepare_to_wait_event(&(queue), &wait_entry, state);    \
			if (condition)                                                             \
				break;                                                             \
			if (wait_signal) {                                                         \
				wait_result = wait_signal;                                         \
				break;                                                             \
			}                                                                          \
			before;                                                                    \
			schedule();                                                                \
			after;                                                                     \
		}                                                                                  \
		finish_wait(&(queue), &wait_entry);                                                \
		wait_result;                                                                       \
	})
#define DMAKIT_WAIT_EVENT_TIMEOUT(queue, condition, state, timeout)                                \
	({                                                                                         \
		struct wait_queue_entry wait_entry = {.func = autoremove_wake_function,            \
						      .entry = LIST_HEAD_INIT(wait_entry.entry)};  \
		long wait_left = (timeout);                                                        \
		might_sleep();                                                                     \
		if (condition)                                                                     \
			wait_left = wait_left == 0 ? 1 : wait_left;                                \
		else {                                                                             \
			for (;;) {                                                                 \
				long wait_signal =                                                 \
					prepare_to_wait_event(&(queue), &wait_entry, state);       \
				if (condition) {                                                   \
					wait_left = wait_left == 0 ? 1 : wait_left;                \
					break;                                                     \
				}                                                                  \
				if (wait_left == 0) {                                              \
					dmakit_wait_timed_out();                                   \
					break;                                                     \
				}                                                                  \
				if (wait_signal) {                                                 \
					wait_left = wait_signal;                                   \
					break;                                                     \
				}                                                                  \
				wait_left = schedule_timeout(wait_left);                           \
			}                                                                          \
			finish_wait(&(queue), &wait_entry);                                        \
		}                                                                                  \
		wait_left;                                                                         \
	})
#define DMAKIT_WAIT(queue, condition, state, exclusive, before, after)                             \
	({                                                                                         \
		might_sleep();                                                                     \
		(condition) ? 0                                                                    \
			    : DMAKIT_WAIT_EVENT(queue, condition, state, exclusive, before,        \
						after);                                            \
	})
#define wait_event(queue, condition)                                                               \
	((void)DMAKIT_WAIT(queue, condition, TASK_UNINTERRUPTIBLE, 0, (void)0, (void)0))
#define wait_event_interruptible(queue, condition)                                                 \
	((int)DMAKIT_WAIT(queue, condition, TASK_INTERRUPTIBLE, 0, (void)0, (void)0))
#define wait_event_interruptible_exclusive(queue, condition)                                       \
	((int)DMAKIT_WAIT(queue, condition, TASK_INTERRUPTIBLE, 1, (void)0, (void)0))
#define wait_event_killable(queue, condition)                                                      \
	((int)DMAKIT_WAIT(queue, condition, TASK_KILLABLE, 0, (void)0, (void)0))
#define wait_event_freezable(queue, condition) wait_event_interruptible(queue, condition)
#define wait_event_idle(queue, condition)                                                          \
	((void)DMAKIT_WAIT(queue, condition, TASK_IDLE, 0, (void)0, (void)0))
#define wait_event_cmd(queue, condition, before, after)                                            \
	((void)DMAKIT_WAIT(queue, condition, TASK_UNINTERRUPTIBLE, 0, before, after))
#define wait_event_lock_irq(queue, condition, lock)                                                \
	((void)((condition) ? 0                                                                    \
			    : DMAKIT_WAIT_EVENT(queue, condition, TASK_UNINTERRUPTIBLE, 0,         \
						spin_unlock_irq(&(lock)), spin_lock_irq(&(lock)))))
#define wait_event_interruptible_lock_irq(queue, condition, lock)                                  \
	((int)((condition) ? 0                                                                     \
			   : DMAKIT_WAIT_EVENT(queue, condition, TASK_INTERRUPTIBLE, 0,            \
					       spin_unlock_irq(&(lock)), spin_lock_irq(&(lock)))))
#define wait_event_timeout(queue, condition, timeout)                                              \
	DMAKIT_WAIT_EVENT_TIMEOUT(queue, condition, TASK_UNINTERRUPTIBLE, timeout)
#define wait_event_interruptible_timeout(queue, condition, timeout)                                \
	DMAKIT_WAIT_EVENT_TIMEOUT(queue, condition, TASK_INTERRUPTIBLE, timeout)
#define wait_event_killable_timeout(queue, condition, timeout)                                     \
	DMAKIT_WAIT_EVENT_TIMEOUT(queue, condition, TASK_KILLABLE, timeout)
#define wait_event_freezable_timeout(queue, condition, timeout)                                    \
	DMAKIT_WAIT_EVENT_TIMEOUT(queue, condition, TASK_INTERRUPTIBLE, timeout)
#define wait_event_idle_timeout(queue, condition, timeout)                                         \
	DMAKIT_WAIT_EVENT_TIMEOUT(queue, condition, TASK_IDLE, timeout)
void interruptible_sleep_on(wait_queue_head_t *queue);
long interruptible_sleep_on_timeout(wait_queue_head_t *queue, long timeout);

/* Completions. */
struct completion {
	unsigned int done;
	struct dmakit_known dmakit;
};
#define COMPLETION_INITIALIZER(name) DMAKIT_KNOWN_AS(#name)
#define COMPLETION_INITIALIZER_ONSTACK(name)                                                       \
	({                                                                                         \
		init_completion(&name);                                                            \
		name;                                                                              \
	})
#define DECLARE_COMPLETION(name) struct completion name = DMAKIT_KNOWN_AS(#name)
#define DECLARE_COMPLETION_ONSTACK(name)                                                           \
	struct completion name = dmakit_completion_on_stack(&name, #name)
#define DECLARE_COMPLETION_ONSTACK_MAP(name, map) DECLARE_COMPLETION_ONSTACK(name)
void dmakit_init_completion(struct completion *completion, const char *name);
struct completion dmakit_completion_on_stack(struct completion *completion, const char *name);
#define init_completion(completion) dmakit_init_completion(completion, #completion)
void reinit_completion(struct completion *completion);
#define INIT_COMPLETION(completion) reinit_completion(&(completion))
void complete(struct completion *completion);
void complete_all(struct completion *completion);
void wait_for_completion(struct completion *completion);
int wait_for_completion_interruptible(struct completion *completion);
int wait_for_completion_killable(struct completion *completion);
unsigned long wait_for_completion_timeout(struct completion *completion, unsigned long timeout);
long wait_for_completion_interruptible_timeout(struct completion *completion,
					       unsigned long timeout);
long wait_for_completion_killable_timeout(struct completion *completion, unsigned long timeout);
bool try_wait_for_completion(struct completion *completion);
bool completion_done(struct completion *completion);
#define wait_for_completion_io(completion) wait_for_completion(completion)
#define wait_for_completion_io_timeout(completion, timeout)                                        \
	wait_for_completion_timeout(completion, timeout)

/* RCU. */
void rcu_read_lock(void);
void rcu_read_unlock(void);
void synchronize_rcu(void);
void call_rcu(struct rcu_head *head, void (*function)(struct rcu_head *head));
void rcu_barrier(void);
void dmakit_call_rcu(void (*function)(const void *), const void *p);
#define kfree_rcu(p, member) dmakit_call_rcu(kfree, p)
#define kfree_rcu_mightsleep(p) dmakit_call_rcu(kfree, p)
#define kvfree_rcu(p, member) dmakit_call_rcu(kvfree, p)
#define rcu_read_lock_bh() rcu_read_lock()
#define rcu_read_unlock_bh() rcu_read_unlock()
#define rcu_read_lock_held() 1
#define synchronize_net() synchronize_rcu()
#define synchronize_rcu_expedited() synchronize_rcu()
#define rcu_dereference(p) READ_ONCE(p)
#define rcu_dereference_raw(p) READ_ONCE(p)
#define rcu_dereference_check(p, condition) READ_ONCE(p)
#define rcu_dereference_protected(p, condition) (p)
#define rcu_access_pointer(p) READ_ONCE(p)
#define rcu_assign_pointer(p, value) WRITE_ONCE(p, value)
#define rcu_replace_pointer(p, value, condition) xchg(&(p), value)
#define RCU_INIT_POINTER(p, value) WRITE_ONCE(p, value)
struct srcu_struct {
	int unused;
};
#define DEFINE_SRCU(name) struct srcu_struct name = {}
#define DEFINE_STATIC_SRCU(name) static struct srcu_struct name = {}
int init_srcu_struct(struct srcu_struct *srcu);
void cleanup_srcu_struct(struct srcu_struct *srcu);
int srcu_read_lock(struct srcu_struct *srcu);
void srcu_read_unlock(struct srcu_struct *srcu, int index);
void synchronize_srcu(struct srcu_struct *srcu);

/* Waiting for bits and variables. */
void wake_up_bit(void *word, int bit);
void wake_up_var(void *variable);
int out_of_line_wait_on_bit(void *word, int bit, unsigned int mode, long timeout, bool lock);
struct wait_queue_head *dmakit_queue_of_variable(void *variable);
#define wait_on_bit(word, bit, mode)                                                               \
	out_of_line_wait_on_bit(word, bit, mode, MAX_SCHEDULE_TIMEOUT, false)
#define wait_on_bit_io(word, bit, mode) wait_on_bit(word, bit, mode)
#define wait_on_bit_timeout(word, bit, mode, timeout)                                              \
	out_of_line_wait_on_bit(word, bit, mode, timeout, false)
#define wait_on_bit_lock(word, bit, mode)                                                          \
	out_of_line_wait_on_bit(word, bit, mode, MAX_SCHEDULE_TIMEOUT, true)
#define clear_and_wake_up_bit(bit, word) (clear_bit(bit, word), wake_up_bit(word, bit))
#define wait_var_event(variable, condition)                                                        \
	wait_event(*dmakit_queue_of_variable(variable), condition)
#define wait_var_event_timeout(variable, condition, timeout)                                       \
	wait_event_timeout(*dmakit_queue_of_variable(variable), condition, timeout)

/* Sequence counters. */
typedef struct {
	unsigned int sequence;
} seqcount_t;
typedef struct {
	seqcount_t seqcount;
	spinlock_t lock;
} seqlock_t;
#define SEQCNT_ZERO(name) {0}
#define DEFINE_SEQLOCK(name) seqlock_t name = {}
#define seqcount_init(s) ((void)((s)->sequence = 0))
#define seqlock_init(s) (seqcount_init(&(s)->seqcount), spin_lock_init(&(s)->lock))
static inline unsigned int dmakit_read_seqcount_begin(const seqcount_t *s)
{
	while (READ_ONCE(s->sequence) & 1)
		cpu_relax();
	return READ_ONCE(s->sequence);
}
#define read_seqcount_begin(s) dmakit_read_seqcount_begin(s)
#define raw_read_seqcount_begin(s) dmakit_read_seqcount_begin(s)
#define read_seqcount_retry(s, start) (READ_ONCE((s)->sequence) != (start))
#define write_seqcount_begin(s) ((void)(s)->sequence++)
#define write_seqcount_end(s) ((void)(s)->sequence++)
#define write_seqlock_irq(s) (spin_lock_irq(&(s)->lock), write_seqcount_begin(&(s)->seqcount))
#define write_sequnlock_irq(s) (write_seqcount_end(&(s)->seqcount), spin_unlock_irq(&(s)->lock))
#define write_seqlock_bh(s) (spin_lock_bh(&(s)->lock), write_seqcount_begin(&(s)->seqcount))
#define write_sequnlock_bh(s) (write_seqcount_end(&(s)->seqcount), spin_unlock_bh(&(s)->lock))
#define read_seqbegin(s) read_seqcount_begin(&(s)->seqcount)
#define read_seqretry(s, start) read_seqcount_retry(&(s)->seqcount, start)
#define write_seqlock(s) (spin_lock(&(s)->lock), write_seqcount_begin(&(s)->seqcount))
#define write_sequnlock(s) (write_seqcount_end(&(s)->seqcount), spin_unlock(&(s)->lock))
#define write_seqlock_irqsave(s, flags)                                                            \
	do {                                                                                       \
		spin_lock_irqsave(&(s)->lock, flags);                                              \
		write_seqcount_begin(&(s)->seqcount);                                              \
	} while (0)
#define write_sequnlock_irqrestore(s, flags)                                                       \
	do {                                                                                       \
		write_seqcount_end(&(s)->seqcount);                                                \
		spin_unlock_irqrestore(&(s)->lock, flags);                                         \
	} while (0)

#endif
