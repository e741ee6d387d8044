/*
 * Locks, completions, wait queues and contexts. What a lock is lives with the kernel, which knows it
 * by its address; here it has a name, and a mark that it was introduced.
 */
#include <dmakit/umbrella.h>

#include "call.h"

static bool is_on_stack(const void *object)
{
	return (unsigned long)object - lane_stack_start < lane_stack_end - lane_stack_start;
}

/* Introduces an object with its first use, and anew whenever it is initialised. */
#define INTRODUCE(object, service, ...)                                                            \
	do {                                                                                       \
		(object)->dmakit.known = (unsigned long)(object);                     \
		CALL_TEXT(service, (object)->dmakit.name, object,                     \
			  is_on_stack(object), ##__VA_ARGS__);                                     \
	} while (0)

#define IS_KNOWN(object) ((object)->dmakit.known == (unsigned long)(object))

#define KNOW(object, service, ...)                                                                 \
	do {                                                                                       \
		if (!IS_KNOWN(object))                                                             \
			INTRODUCE(object, service, ##__VA_ARGS__);                                 \
	} while (0)

#define INITIALISE(object, name_, service, ...)                                                    \
	do {                                                                                       \
		(object)->dmakit.name = name_;                                        \
		INTRODUCE(object, service, ##__VA_ARGS__);                                         \
	} while (0)

/* Functions of one object that are one call. */
#define CALLS(returns, function, type, introduction)                                               \
	returns function(type *object)                                                             \
	{                                                                                          \
		KNOW(object, introduction);                                                        \
		return (returns)CALL(function, object);                                            \
	}
#define CALLS_WITH(returns, function, type, introduction, second)                                  \
	returns function(type *object, second value)                                               \
	{                                                                                          \
		KNOW(object, introduction);                                                        \
		return (returns)CALL(function, object, value);                                     \
	}

/* Contexts. */

void preempt_disable(void)
{
	CALL(preempt_disable);
}

void preempt_enable(void)
{
	CALL(preempt_enable);
}

void local_bh_disable(void)
{
	CALL(local_bh_disable);
}

void local_bh_enable(void)
{
	CALL(local_bh_enable);
}

void local_irq_disable(void)
{
	CALL(local_irq_disable);
}

void local_irq_enable(void)
{
	CALL(local_irq_enable);
}

unsigned long dmakit_local_irq_save(void)
{
	return (unsigned long)CALL(local_irq_save);
}

void local_irq_restore(unsigned long flags)
{
	CALL(local_irq_restore, flags);
}

bool irqs_disabled(void)
{
	return CALL(irqs_disabled) != 0;
}

int preempt_count(void)
{
	return (int)CALL(preempt_count);
}

void might_sleep(void)
{
	CALL(might_sleep);
}

/* Spinlocks. */

void dmakit_spin_lock_init(spinlock_t *lock, const char *name)
{
	INITIALISE(lock, name, spin_lock_init);
}

CALLS(void, spin_lock, spinlock_t, spin_lock_init)
CALLS(void, spin_unlock, spinlock_t, spin_lock_init)
CALLS(int, spin_trylock, spinlock_t, spin_lock_init)
CALLS(void, spin_lock_irq, spinlock_t, spin_lock_init)
CALLS(void, spin_unlock_irq, spinlock_t, spin_lock_init)
CALLS(int, spin_trylock_irq, spinlock_t, spin_lock_init)
CALLS(void, spin_lock_bh, spinlock_t, spin_lock_init)
CALLS(void, spin_unlock_bh, spinlock_t, spin_lock_init)
CALLS(int, spin_trylock_bh, spinlock_t, spin_lock_init)
CALLS(int, spin_is_locked, spinlock_t, spin_lock_init)
CALLS_WITH(void, spin_unlock_irqrestore, spinlock_t, spin_lock_init, unsigned long)

unsigned long dmakit_spin_lock_irqsave(spinlock_t *lock)
{
	KNOW(lock, spin_lock_init);
	return (unsigned long)CALL(spin_lock_irqsave, lock);
}

int dmakit_spin_trylock_irqsave(spinlock_t *lock, unsigned long *flags)
{
	int taken;

	KNOW(lock, spin_lock_init);
	taken = (int)CALL(spin_trylock_irqsave, lock);
	*flags = answered(0);
	return taken;
}

/* Locks for readers and writers that spin. */

void dmakit_rwlock_init(rwlock_t *lock, const char *name)
{
	INITIALISE(lock, name, rwlock_init);
}

CALLS(void, read_lock, rwlock_t, rwlock_init)
CALLS(int, read_trylock, rwlock_t, rwlock_init)
CALLS(void, read_unlock, rwlock_t, rwlock_init)
CALLS(void, write_lock, rwlock_t, rwlock_init)
CALLS(int, write_trylock, rwlock_t, rwlock_init)
CALLS(void, write_unlock, rwlock_t, rwlock_init)
CALLS(void, read_lock_irq, rwlock_t, rwlock_init)
CALLS(void, read_unlock_irq, rwlock_t, rwlock_init)
CALLS(void, write_lock_irq, rwlock_t, rwlock_init)
CALLS(void, write_unlock_irq, rwlock_t, rwlock_init)
CALLS(void, read_lock_bh, rwlock_t, rwlock_init)
CALLS(void, read_unlock_bh, rwlock_t, rwlock_init)
CALLS(void, write_lock_bh, rwlock_t, rwlock_init)
CALLS(void, write_unlock_bh, rwlock_t, rwlock_init)
CALLS_WITH(void, read_unlock_irqrestore, rwlock_t, rwlock_init, unsigned long)
CALLS_WITH(void, write_unlock_irqrestore, rwlock_t, rwlock_init, unsigned long)

unsigned long dmakit_read_lock_irqsave(rwlock_t *lock)
{
	KNOW(lock, rwlock_init);
	return (unsigned long)CALL(read_lock_irqsave, lock);
}

unsigned long dmakit_write_lock_irqsave(rwlock_t *lock)
{
	KNOW(lock, rwlock_init);
	return (unsigned long)CALL(write_lock_irqsave, lock);
}

/* Mutexes, semaphores. */

void dmakit_mutex_init(struct mutex *lock, const char *name)
{
	INITIALISE(lock, name, mutex_init);
}

CALLS(void, mutex_destroy, struct mutex, mutex_init)
CALLS(void, mutex_lock, struct mutex, mutex_init)
CALLS(int, mutex_lock_interruptible, struct mutex, mutex_init)
CALLS(int, mutex_lock_killable, struct mutex, mutex_init)
CALLS(int, mutex_trylock, struct mutex, mutex_init)
CALLS(void, mutex_unlock, struct mutex, mutex_init)
CALLS(bool, mutex_is_locked, struct mutex, mutex_init)

void dmakit_sema_init(struct semaphore *sem, int count, const char *name)
{
	sem->dmakit_count = count;
	INITIALISE(sem, name, sema_init, count);
}

#define SEMAPHORE_CALLS(returns, function)                                                         \
	returns function(struct semaphore *sem)                                                    \
	{                                                                                          \
		KNOW(sem, sema_init, sem->dmakit_count);                              \
		return (returns)CALL(function, sem);                                               \
	}
SEMAPHORE_CALLS(void, down)
SEMAPHORE_CALLS(int, down_interruptible)
SEMAPHORE_CALLS(int, down_killable)
SEMAPHORE_CALLS(int, down_trylock)
SEMAPHORE_CALLS(void, up)

int down_timeout(struct semaphore *sem, long timeout)
{
	KNOW(sem, sema_init, sem->dmakit_count);
	return (int)CALL(down_timeout, sem, timeout);
}

void dmakit_init_rwsem(struct rw_semaphore *sem, const char *name)
{
	INITIALISE(sem, name, init_rwsem);
}

CALLS(void, down_read, struct rw_semaphore, init_rwsem)
CALLS(int, down_read_interruptible, struct rw_semaphore, init_rwsem)
CALLS(int, down_read_killable, struct rw_semaphore, init_rwsem)
CALLS(int, down_read_trylock, struct rw_semaphore, init_rwsem)
CALLS(void, up_read, struct rw_semaphore, init_rwsem)
CALLS(void, down_write, struct rw_semaphore, init_rwsem)
CALLS(int, down_write_killable, struct rw_semaphore, init_rwsem)
CALLS(int, down_write_trylock, struct rw_semaphore, init_rwsem)
CALLS(void, up_write, struct rw_semaphore, init_rwsem)
CALLS(void, downgrade_write, struct rw_semaphore, init_rwsem)
CALLS(bool, rwsem_is_locked, struct rw_semaphore, init_rwsem)

/* Completions. */

void dmakit_init_completion(struct completion *completion, const char *name)
{
	completion->done = 0;
	INITIALISE(completion, name, init_completion, name);
}

struct completion dmakit_completion_on_stack(struct completion *completion, const char *name)
{
	dmakit_init_completion(completion, name);
	return *completion;
}

void reinit_completion(struct completion *completion)
{
	KNOW(completion, init_completion, completion->dmakit.name);
	CALL(reinit_completion, completion);
	completion->done = 0;
}

enum completed { COMPLETED, COMPLETED_UNKNOWN, COMPLETED_GONE };

/*
 * The completion may be gone: on a stack that was left, or freed. Nothing of it is used before the
 * kernel has said that it is there; this look at it is no use.
 */
static __attribute__((no_sanitize_thread, __noinline__)) struct dmakit_known
look_at(const struct completion *completion)
{
	return completion->dmakit;
}

#define COMPLETES(function)                                                                        \
	void function(struct completion *completion)                                               \
	{                                                                                          \
		struct dmakit_known seen = look_at(completion);                                    \
		const char *name = seen.name;                                                      \
		bool known = seen.known == (unsigned long)completion;                              \
		long result = CALL(function, completion, known, name);                             \
                                                                                                   \
		if (result == COMPLETED_UNKNOWN) {                                                 \
			INTRODUCE(completion, init_completion, name);                              \
			result = CALL(function, completion, true, name);                           \
		}                                                                                  \
		if (result == COMPLETED)                                                           \
			completion->done = (unsigned int)answered(0);                 \
	}
COMPLETES(complete)
COMPLETES(complete_all)

/* After each wait the count is what it is now. */
#define AWAITS(returns, function)                                                                  \
	returns function(struct completion *completion)                                            \
	{                                                                                          \
		long result;                                                                       \
                                                                                                   \
		KNOW(completion, init_completion, completion->dmakit.name);                        \
		result = CALL(function, completion);                                               \
		completion->done = (unsigned int)answered(0);                         \
		return (returns)result;                                                            \
	}
#define AWAITS_TIMEOUT(returns, function)                                                          \
	returns function(struct completion *completion, unsigned long timeout)                     \
	{                                                                                          \
		long result;                                                                       \
                                                                                                   \
		KNOW(completion, init_completion, completion->dmakit.name);                        \
		result = CALL(function, completion, timeout);                                      \
		completion->done = (unsigned int)answered(0);                         \
		return (returns)result;                                                            \
	}
AWAITS(void, wait_for_completion)
AWAITS(int, wait_for_completion_interruptible)
AWAITS(int, wait_for_completion_killable)
AWAITS(bool, try_wait_for_completion)
AWAITS_TIMEOUT(unsigned long, wait_for_completion_timeout)
AWAITS_TIMEOUT(long, wait_for_completion_interruptible_timeout)
AWAITS_TIMEOUT(long, wait_for_completion_killable_timeout)

bool completion_done(struct completion *completion)
{
	KNOW(completion, init_completion, completion->dmakit.name);
	return CALL(completion_done, completion) != 0;
}

/* Wait queues. An entry is known to the kernel while it is in a queue. */

void dmakit_init_waitqueue_head(struct wait_queue_head *queue, const char *name)
{
	INIT_LIST_HEAD(&queue->head);
	INITIALISE(queue, name, init_waitqueue_head);
}

void init_waitqueue_entry(struct wait_queue_entry *entry, struct task_struct *task)
{
	*entry = (struct wait_queue_entry){.private = task, .func = default_wake_function};
	INIT_LIST_HEAD(&entry->entry);
}

void init_waitqueue_func_entry(struct wait_queue_entry *entry, wait_queue_func_t function)
{
	*entry = (struct wait_queue_entry){.func = function};
	INIT_LIST_HEAD(&entry->entry);
}

enum wakes { WAKES_AND_LEAVES, WAKES_AND_STAYS, CALLS_FUNCTION };

/* Runs when the kernel wakes an entry with a function of its own. */
static long call_wake_function(struct wait_queue_entry *entry, unsigned int mode, void *key)
{
	return entry->func(entry, mode, 0, key);
}

static enum wakes kind_of(struct wait_queue_entry *entry)
{
	wait_queue_func_t function = entry->func;

	if (function == default_wake_function || function == NULL)
		return WAKES_AND_STAYS;
	return function == autoremove_wake_function ? WAKES_AND_LEAVES : CALLS_FUNCTION;
}

static long pid_of(struct wait_queue_entry *entry)
{
	struct task_struct *task = entry->private;

	return task == NULL ? -1 : task->pid;
}

#define CALL_ENTRY(service, queue, entry, ...)                                                     \
	({                                                                                         \
		KNOW(queue, init_waitqueue_head);                                                  \
		CALL(service, queue, entry, kind_of(entry), call_wake_function, ##__VA_ARGS__);    \
	})

void add_wait_queue(struct wait_queue_head *queue, struct wait_queue_entry *entry)
{
	CALL_ENTRY(add_wait_queue, queue, entry, pid_of(entry), false);
}

void add_wait_queue_exclusive(struct wait_queue_head *queue, struct wait_queue_entry *entry)
{
	CALL_ENTRY(add_wait_queue, queue, entry, pid_of(entry), true);
}

void remove_wait_queue(struct wait_queue_head *queue, struct wait_queue_entry *entry)
{
	KNOW(queue, init_waitqueue_head);
	CALL(remove_wait_queue, queue, entry);
}

void prepare_to_wait(struct wait_queue_head *queue, struct wait_queue_entry *entry, int state)
{
	CALL_ENTRY(prepare_to_wait, queue, entry, state, false);
}

bool prepare_to_wait_exclusive(struct wait_queue_head *queue, struct wait_queue_entry *entry,
			       int state)
{
	return CALL_ENTRY(prepare_to_wait, queue, entry, state, true) != 0;
}

long prepare_to_wait_event(struct wait_queue_head *queue, struct wait_queue_entry *entry,
			   int state)
{
	return CALL_ENTRY(prepare_to_wait_event, queue, entry, state,
			  entry->flags & WQ_FLAG_EXCLUSIVE);
}

void finish_wait(struct wait_queue_head *queue, struct wait_queue_entry *entry)
{
	KNOW(queue, init_waitqueue_head);
	CALL(finish_wait, queue, entry);
}

void dmakit_wait_timed_out(void)
{
	CALL(wait_timed_out);
}

long wait_woken(struct wait_queue_entry *entry, unsigned int mode, long timeout)
{
	return CALL(wait_woken, entry, mode, timeout);
}

CALLS(bool, waitqueue_active, struct wait_queue_head, init_waitqueue_head)

void __wake_up(struct wait_queue_head *queue, unsigned int mode, int count, void *key)
{
	KNOW(queue, init_waitqueue_head);
	CALL(wake_up, queue, mode, count, key);
}

void __wake_up_sync(struct wait_queue_head *queue, unsigned int mode)
{
	__wake_up(queue, mode, 1, NULL);
}

/* What an entry names, not what anybody calls: the kernel wakes by itself. */
int default_wake_function(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key)
{
	struct task_struct *task = entry->private;

	(void)flags;
	(void)key;
	return wake_up_state(task == NULL ? get_current() : task, mode);
}

int autoremove_wake_function(struct wait_queue_entry *entry, unsigned int mode, int flags,
			     void *key)
{
	int woken = default_wake_function(entry, mode, flags, key);

	if (woken)
		CALL(remove_wait_queue, 0, entry);
	return woken;
}

int woken_wake_function(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key)
{
	CALL(note_woken, entry);
	return default_wake_function(entry, mode, flags, key);
}

void interruptible_sleep_on(wait_queue_head_t *queue)
{
	interruptible_sleep_on_timeout(queue, MAX_SCHEDULE_TIMEOUT);
}

long interruptible_sleep_on_timeout(wait_queue_head_t *queue, long timeout)
{
	DEFINE_WAIT(wait);

	prepare_to_wait(queue, &wait, TASK_INTERRUPTIBLE);
	timeout = schedule_timeout(timeout);
	finish_wait(queue, &wait);
	return timeout;
}

/* Bits and variables are waited for in queues that they share by their addresses. */

#define SHARED_QUEUES 64
static struct wait_queue_head shared_queues[SHARED_QUEUES];

struct wait_queue_head *dmakit_queue_of_variable(void *variable)
{
	return &shared_queues[((unsigned long)variable >> 3) % SHARED_QUEUES];
}

void wake_up_bit(void *word, int bit)
{
	(void)bit;
	wake_up_all(dmakit_queue_of_variable(word));
}

void wake_up_var(void *variable)
{
	wake_up_all(dmakit_queue_of_variable(variable));
}

static bool bit_is_free(unsigned long *word, int bit, bool lock)
{
	unsigned long mask = 1UL << (bit % BITS_PER_LONG);

	word += bit / BITS_PER_LONG;
	if (*word & mask)
		return false;
	if (lock)
		*word = *word | mask;
	return true;
}

int out_of_line_wait_on_bit(void *word, int bit, unsigned int mode, long timeout, bool lock)
{
	struct wait_queue_head *queue = dmakit_queue_of_variable(word);
	DEFINE_WAIT(wait);
	int result = 0;

	might_sleep();
	while (!bit_is_free(word, bit, lock)) {
		result = (int)prepare_to_wait_event(queue, &wait, (int)mode);
		if (result != 0)
			break;
		if (bit_is_free(word, bit, lock))
			break;
		timeout = schedule_timeout(timeout);
		if (timeout == 0) {
			result = -EAGAIN;
			break;
		}
	}
	finish_wait(queue, &wait);
	return result;
}

/* RCU. */

void rcu_read_lock(void)
{
	CALL(rcu_read_lock);
}

void rcu_read_unlock(void)
{
	CALL(rcu_read_unlock);
}

void synchronize_rcu(void)
{
	CALL(synchronize_rcu);
}

void rcu_barrier(void)
{
	CALL(rcu_barrier);
}

void call_rcu(struct rcu_head *head, void (*function)(struct rcu_head *head))
{
	CALL(call_rcu, function, head);
}

void dmakit_call_rcu(void (*function)(const void *), const void *p)
{
	CALL(call_rcu, function, p);
}

int init_srcu_struct(struct srcu_struct *srcu)
{
	(void)srcu;
	return 0;
}

void cleanup_srcu_struct(struct srcu_struct *srcu)
{
	(void)srcu;
}

/* Who reads may sleep: on one processor a grace period is what passes until all have ended. */
static struct rw_semaphore srcu_readers;

int srcu_read_lock(struct srcu_struct *srcu)
{
	(void)srcu;
	down_read(&srcu_readers);
	return 0;
}

void srcu_read_unlock(struct srcu_struct *srcu, int index)
{
	(void)srcu;
	(void)index;
	up_read(&srcu_readers);
}

void synchronize_srcu(struct srcu_struct *srcu)
{
	(void)srcu;
	down_write(&srcu_readers);
	up_write(&srcu_readers);
}
