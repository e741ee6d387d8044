/* Every kind of lock, used as it should be; says in the log what it saw. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>
#include <linux/seqlock.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

static DEFINE_MUTEX(static_mutex);
static DEFINE_SPINLOCK(static_lock);
static DEFINE_RWLOCK(rwlock);
static DEFINE_SEMAPHORE(one);
static DEFINE_SEMAPHORE(two, 2);
static DECLARE_RWSEM(rwsem);
static DEFINE_SEQLOCK(sequence);
static DEFINE_RAW_SPINLOCK(raw);

struct thing {
	struct mutex mutex;
	spinlock_t lock;
	struct semaphore sem;
	struct rcu_head rcu;
};

static void mutexes(struct thing *thing)
{
	mutex_init(&thing->mutex);
	mutex_lock(&thing->mutex);
	pr_info("mutex: locked %d\n", mutex_is_locked(&thing->mutex));
	pr_info("mutex: again %d\n", mutex_trylock(&thing->mutex));
	mutex_unlock(&thing->mutex);
	pr_info("mutex: locked %d\n", mutex_is_locked(&thing->mutex));
	pr_info("mutex: again %d\n", mutex_trylock(&thing->mutex));
	mutex_unlock(&thing->mutex);
	mutex_destroy(&thing->mutex);
	mutex_lock(&static_mutex);
	pr_info("mutex: interruptible %d\n", mutex_is_locked(&static_mutex));
	mutex_unlock(&static_mutex);
	pr_info("mutex: interruptible %d\n", mutex_lock_interruptible(&static_mutex));
	mutex_unlock(&static_mutex);
}

static void spinlocks(struct thing *thing)
{
	unsigned long flags, inner;

	spin_lock_init(&thing->lock);
	spin_lock(&thing->lock);
	pr_info("spin: atomic %d, irqs off %d\n", in_atomic(), irqs_disabled());
	spin_unlock(&thing->lock);
	spin_lock_irqsave(&thing->lock, flags);
	spin_lock_irqsave(&static_lock, inner);
	pr_info("irqsave: atomic %d, irqs off %d\n", in_atomic(), irqs_disabled());
	spin_unlock_irqrestore(&static_lock, inner);
	pr_info("inner restored: irqs off %d\n", irqs_disabled());
	spin_unlock_irqrestore(&thing->lock, flags);
	spin_lock_bh(&thing->lock);
	pr_info("bh: softirq %d\n", in_softirq() != 0);
	spin_unlock_bh(&thing->lock);
	spin_lock_irq(&thing->lock);
	spin_unlock_irq(&thing->lock);
	raw_spin_lock_irqsave(&raw, flags);
	raw_spin_unlock_irqrestore(&raw, flags);
	read_lock(&rwlock);
	read_lock(&rwlock);
	read_unlock(&rwlock);
	read_unlock(&rwlock);
	write_lock_irqsave(&rwlock, flags);
	write_unlock_irqrestore(&rwlock, flags);
	pr_info("free: atomic %d, irqs off %d\n", in_atomic(), irqs_disabled());
	pr_info("try: %d\n", spin_trylock(&thing->lock));
	spin_unlock(&thing->lock);
}

static void semaphores(struct thing *thing)
{
	down(&one);
	pr_info("sem: one %d, within 10 ms %d\n", down_trylock(&one),
		down_timeout(&one, msecs_to_jiffies(10)));
	up(&one);
	pr_info("sem: first %d\n", down_trylock(&two));
	pr_info("sem: second %d\n", down_trylock(&two));
	pr_info("sem: third %d\n", down_trylock(&two));
	up(&two);
	up(&two);
	sema_init(&thing->sem, 0);
	up(&thing->sem);
	pr_info("sem: %d\n", down_interruptible(&thing->sem));
	down_read(&rwsem);
	down_read(&rwsem);
	pr_info("rwsem: write %d\n", down_write_trylock(&rwsem));
	up_read(&rwsem);
	up_read(&rwsem);
	down_write(&rwsem);
	pr_info("rwsem: read %d\n", down_read_trylock(&rwsem));
	up_write(&rwsem);
}

static void sequences(void)
{
	unsigned int start = read_seqbegin(&sequence);

	write_seqlock(&sequence);
	write_sequnlock(&sequence);
	pr_info("seq: retry %d\n", read_seqretry(&sequence, start) != 0);
	start = read_seqbegin(&sequence);
	pr_info("seq: retry %d\n", read_seqretry(&sequence, start) != 0);
}

static void contexts(void)
{
	unsigned long flags;

	preempt_disable();
	pr_info("preempt: atomic %d, count %d\n", in_atomic(), preempt_count());
	preempt_enable();
	local_irq_save(flags);
	pr_info("irqs off %d\n", irqs_disabled());
	local_irq_restore(flags);
	rcu_read_lock();
	rcu_read_unlock();
	synchronize_rcu();
	might_sleep();
	pr_info("task %d, interrupt %d\n", in_task(), in_interrupt() != 0);
}

static int __init locks_init(void)
{
	struct thing *thing = kzalloc(sizeof(*thing), GFP_KERNEL);

	if (!thing)
		return -ENOMEM;
	mutexes(thing);
	spinlocks(thing);
	semaphores(thing);
	sequences();
	contexts();
	scoped_guard(mutex, &static_mutex)
		pr_info("guard: %d\n", mutex_is_locked(&static_mutex));
	pr_info("guard: %d\n", mutex_is_locked(&static_mutex));
	kfree_rcu(thing, rcu);
	rcu_barrier();
	return 0;
}

static void __exit locks_exit(void)
{
}

module_init(locks_init);
module_exit(locks_exit);
MODULE_LICENSE("GPL");
