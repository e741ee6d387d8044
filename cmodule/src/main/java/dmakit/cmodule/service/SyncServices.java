package dmakit.cmodule.service;

import dmakit.cmodule.CHost;
import dmakit.cmodule.CModule;
import dmakit.cmodule.CSystem;
import dmakit.cmodule.Call;
import dmakit.cmodule.Handler;
import dmakit.cmodule.Registry;
import dmakit.cmodule.ServiceGroup;
import dmakit.kernel.sched.Contexts;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sync.Mutex;
import dmakit.kernel.sync.Rcu;
import dmakit.kernel.sync.RwLock;
import dmakit.kernel.sync.RwSemaphore;
import dmakit.kernel.sync.Semaphore;
import dmakit.kernel.sync.SpinLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Contexts and locks. */
final class SyncServices implements ServiceGroup {
    private final CHost host;
    private final Sched sched;
    private final Contexts contexts;
    private final Rcu rcu;
    private final Known<SpinLock> spinLocks;
    private final Known<RwLock> rwLocks;
    private final Known<Mutex> mutexes;
    private final Known<Semaphore> semaphores;
    private final Known<RwSemaphore> rwSemaphores;

    SyncServices(CSystem system) {
        host = system.host();
        sched = system.kernel().sched();
        contexts = sched.contexts();
        contexts.tolerateMisuse();
        rcu = new Rcu(system.kernel().timers());
        spinLocks = new Known<>(system, "spinlock", name -> new SpinLock(sched, name));
        rwLocks = new Known<>(system, "rwlock", name -> new RwLock(sched, name));
        mutexes = new Known<>(system, "mutex", name -> new Mutex(sched, name));
        semaphores = new Known<>(system, "semaphore", _ -> new Semaphore(sched, 0));
        rwSemaphores = new Known<>(system, "rw_semaphore", name -> new RwSemaphore(sched, name));
    }

    @Override
    public void register(Registry to) {
        registerContexts(to);
        registerSpinLocks(to);
        registerRwLocks(to);
        registerMutexes(to);
        registerSemaphores(to);
        registerRwSemaphores(to);
        registerRcu(to);
    }

    private static Handler runs(Runnable action) {
        return _ -> {
            action.run();
            return 0;
        };
    }

    private static Handler asks(BooleanSupplier question) {
        return _ -> truth(question.getAsBoolean());
    }

    private static <T> Handler on(Known<T> known, Consumer<T> action) {
        return call -> {
            action.accept(known.at(call));
            return 0;
        };
    }

    private static <T> Handler ask(Known<T> known, Predicate<T> question) {
        return call -> truth(question.test(known.at(call)));
    }

    private static <T> Handler introduces(Known<T> known) {
        return call -> {
            known.introduce(call);
            return 0;
        };
    }

    private static long truth(boolean value) {
        return value ? 1 : 0;
    }

    private void registerContexts(Registry to) {
        to.add("preempt_disable", disables(contexts::preemptDisable));
        to.add("preempt_enable", runs(contexts::preemptEnable));
        to.add("local_bh_disable", disables(contexts::bhDisable));
        to.add("local_bh_enable", runs(contexts::bhEnable));
        to.add("local_irq_disable", disables(contexts::irqDisable));
        to.add("local_irq_enable", runs(contexts::irqEnable));
        to.add(
                "local_irq_save",
                _ -> {
                    contexts.disabledHere();
                    return truth(contexts.irqSave());
                });
        to.add(
                "local_irq_restore",
                call -> {
                    contexts.irqRestore(call.arg(0) != 0);
                    return 0;
                });
        to.add("irqs_disabled", asks(contexts::irqsDisabled));
        to.add("preempt_count", _ -> contexts.preemptCount());
        to.add("might_sleep", runs(() -> contexts.mightSleep("might_sleep")));
    }

    private Handler disables(Runnable action) {
        return runs(() -> {
            action.run();
            contexts.disabledHere();
        });
    }

    private void registerSpinLocks(Registry to) {
        to.add("spin_lock_init", introduces(spinLocks));
        to.add("spin_lock", on(spinLocks, SpinLock::lock));
        to.add("spin_unlock", on(spinLocks, SpinLock::unlock));
        to.add("spin_trylock", ask(spinLocks, SpinLock::tryLock));
        to.add("spin_is_locked", ask(spinLocks, SpinLock::isLocked));
        to.add("spin_lock_irq", on(spinLocks, SpinLock::lockIrq));
        to.add("spin_unlock_irq", on(spinLocks, SpinLock::unlockIrq));
        to.add("spin_lock_bh", on(spinLocks, SpinLock::lockBh));
        to.add("spin_unlock_bh", on(spinLocks, SpinLock::unlockBh));
        to.add("spin_lock_irqsave", ask(spinLocks, SpinLock::lockIrqSave));
        to.add(
                "spin_unlock_irqrestore",
                call -> {
                    spinLocks.at(call).unlockIrqRestore(call.arg(1) != 0);
                    return 0;
                });
        to.add("spin_trylock_irq", call -> truth(tryIrqSave(call)));
        to.add("spin_trylock_irqsave", call -> truth(tryIrqSave(call)));
        to.add(
                "spin_trylock_bh",
                call -> {
                    contexts.bhDisable();
                    boolean taken = spinLocks.at(call).tryLock();
                    if (!taken) {
                        contexts.bhEnable();
                    }
                    return truth(taken);
                });
    }

    private boolean tryIrqSave(Call call) {
        boolean flags = contexts.irqSave();
        boolean taken = spinLocks.at(call).tryLock();
        if (!taken) {
            contexts.irqRestore(flags);
        }
        call.out(0, truth(flags));
        return taken;
    }

    private void registerRwLocks(Registry to) {
        to.add("rwlock_init", introduces(rwLocks));
        to.add("read_trylock", ask(rwLocks, RwLock::tryRead));
        to.add("write_trylock", ask(rwLocks, RwLock::tryWrite));
        registerRwLock(to, "read", RwLock::lockRead, RwLock::unlockRead);
        registerRwLock(to, "write", RwLock::lockWrite, RwLock::unlockWrite);
    }

    private void registerRwLock(
            Registry to, String kind, Consumer<RwLock> lock, Consumer<RwLock> unlock) {
        to.add(kind + "_lock", on(rwLocks, lock));
        to.add(kind + "_unlock", on(rwLocks, unlock));
        to.add(kind + "_lock_irq", before(contexts::irqDisable, lock));
        to.add(kind + "_unlock_irq", behind(unlock, contexts::irqEnable));
        to.add(kind + "_lock_bh", before(contexts::bhDisable, lock));
        to.add(kind + "_unlock_bh", behind(unlock, contexts::bhEnable));
        to.add(
                kind + "_lock_irqsave",
                call -> {
                    boolean flags = contexts.irqSave();
                    lock.accept(rwLocks.at(call));
                    return truth(flags);
                });
        to.add(
                kind + "_unlock_irqrestore",
                call -> {
                    unlock.accept(rwLocks.at(call));
                    contexts.irqRestore(call.arg(1) != 0);
                    return 0;
                });
    }

    private Handler before(Runnable disable, Consumer<RwLock> lock) {
        return call -> {
            disable.run();
            lock.accept(rwLocks.at(call));
            return 0;
        };
    }

    private Handler behind(Consumer<RwLock> unlock, Runnable enable) {
        return call -> {
            unlock.accept(rwLocks.at(call));
            enable.run();
            return 0;
        };
    }

    private void registerMutexes(Registry to) {
        to.add("mutex_init", introduces(mutexes));
        to.add(
                "mutex_destroy",
                call -> {
                    mutexes.remove(call.arg(0));
                    return 0;
                });
        to.add("mutex_lock", on(mutexes, Mutex::lock));
        to.add("mutex_lock_interruptible", on(mutexes, Mutex::lockInterruptible));
        to.add("mutex_lock_killable", on(mutexes, Mutex::lockKillable));
        to.add("mutex_trylock", ask(mutexes, Mutex::tryLock));
        to.add("mutex_unlock", on(mutexes, Mutex::unlock));
        to.add("mutex_is_locked", ask(mutexes, Mutex::isLocked));
    }

    private void registerSemaphores(Registry to) {
        to.add(
                "sema_init",
                call -> {
                    semaphores.put(call, new Semaphore(sched, Math.max(call.intArg(2), 0)));
                    return 0;
                });
        to.add("down", on(semaphores, Semaphore::down));
        to.add("down_interruptible", on(semaphores, Semaphore::downInterruptible));
        to.add("down_killable", on(semaphores, Semaphore::downKillable));
        to.add("down_trylock", ask(semaphores, sem -> !sem.tryDown()));
        to.add(
                "down_timeout",
                call -> {
                    semaphores.at(call).downTimeout(call.arg(1));
                    return 0;
                });
        to.add("up", on(semaphores, Semaphore::up));
    }

    private void registerRwSemaphores(Registry to) {
        to.add("init_rwsem", introduces(rwSemaphores));
        to.add("down_read", on(rwSemaphores, RwSemaphore::downRead));
        to.add("down_read_interruptible", on(rwSemaphores, RwSemaphore::downReadInterruptible));
        to.add("down_read_killable", on(rwSemaphores, RwSemaphore::downReadKillable));
        to.add("down_read_trylock", ask(rwSemaphores, RwSemaphore::tryRead));
        to.add("up_read", on(rwSemaphores, RwSemaphore::upRead));
        to.add("down_write", on(rwSemaphores, RwSemaphore::downWrite));
        to.add("down_write_killable", on(rwSemaphores, RwSemaphore::downWriteKillable));
        to.add("down_write_trylock", ask(rwSemaphores, RwSemaphore::tryWrite));
        to.add("up_write", on(rwSemaphores, RwSemaphore::upWrite));
        to.add("downgrade_write", on(rwSemaphores, RwSemaphore::downgradeWrite));
        to.add("rwsem_is_locked", ask(rwSemaphores, RwSemaphore::isLocked));
    }

    private void registerRcu(Registry to) {
        to.add("rcu_read_lock", runs(rcu::readLock));
        to.add("rcu_read_unlock", runs(rcu::readUnlock));
        to.add("synchronize_rcu", runs(rcu::synchronize));
        to.add("rcu_barrier", runs(rcu::barrier));
        to.add(
                "call_rcu",
                call -> {
                    long function = call.arg(0);
                    long argument = call.arg(1);
                    rcu.call(() -> host.run(function, argument));
                    return 0;
                });
    }

    @Override
    public void unloaded(CModule module) {
        spinLocks.removeOf(module);
        rwLocks.removeOf(module);
        mutexes.removeOf(module);
        semaphores.removeOf(module);
        rwSemaphores.removeOf(module);
    }
}
