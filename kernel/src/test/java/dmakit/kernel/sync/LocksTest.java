package dmakit.kernel.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.TestKernel;
import dmakit.kernel.irq.IrqReturn;
import dmakit.kernel.sched.KernelPanic;
import dmakit.kernel.sched.KernelTask;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class LocksTest {
    private final TestKernel kernel = new TestKernel();
    private final List<String> heard = new ArrayList<>();

    @AfterEach
    void close() {
        kernel.close();
    }

    private List<String> log() {
        return kernel.log.buffer().texts();
    }

    private void onInterrupt(Runnable action) {
        kernel.irqs.request(
                5,
                (_, _) -> {
                    kernel.line(5).set(false);
                    action.run();
                    return IrqReturn.HANDLED;
                },
                "dev",
                this);
    }

    private void interrupt() {
        kernel.line(5).set(true);
        kernel.sched.udelay(5);
    }

    @Nested
    class ASpinLock {
        private final SpinLock lock = new SpinLock(kernel.sched, "chan->lock");

        @Test
        void makesItsHolderAtomic() {
            kernel.run(() -> {
                lock.lock();
                assertThat(kernel.sched.contexts().inAtomic()).isTrue();
                lock.unlock();
                assertThat(kernel.sched.contexts().inAtomic()).isFalse();
            });
        }

        @Test
        void takenTwiceIsReportedAtOnce() {
            assertThatThrownBy(() ->
                            kernel.run(() -> {
                                lock.lock();
                                lock.lock();
                            }))
                    .isInstanceOf(LockViolation.class)
                    .hasMessageContaining("deadlock: spinlock chan->lock");

            assertThat(log())
                    .startsWith(
                            "BUG: spinlock recursion on CPU#0, main/1",
                            " lock: chan->lock, .owner: main/1, .owner_cpu: 0");
        }

        @Test
        void givenBackButNotTakenIsReported() {
            assertThatThrownBy(() -> kernel.run(lock::unlock)).isInstanceOf(LockViolation.class);
        }

        @Test
        void thatAnInterruptWantsFromItsVictimIsADeadlock() {
            assertThatThrownBy(() ->
                            kernel.run(() -> {
                                onInterrupt(() -> {
                                    lock.lock();
                                    lock.unlock();
                                });
                                lock.lock();
                                interrupt();
                            }))
                    .isInstanceOf(KernelPanic.class)
                    .hasRootCauseInstanceOf(LockViolation.class);
        }

        @Test
        void thatCouldMeetAnInterruptIsFoundBeforeItDoes() {
            kernel.run(() -> {
                onInterrupt(() -> {
                    lock.lock();
                    lock.unlock();
                });
                interrupt();
                lock.lock();
                lock.unlock();
            });

            assertThat(log())
                    .contains(
                            "WARNING: inconsistent lock state",
                            "inconsistent {HARDIRQ-ON-W} -> {IN-HARDIRQ-W} usage.");
        }

        @Test
        void withInterruptsDisabledKeepsThemAway() {
            kernel.run(() -> {
                onInterrupt(() -> {
                    lock.lock();
                    lock.unlock();
                    heard.add("irq");
                });
                boolean flags = lock.lockIrqSave();
                interrupt();
                heard.add("task");
                lock.unlockIrqRestore(flags);
            });

            assertThat(heard).containsExactly("task", "irq");
            assertThat(log()).isEmpty();
        }

        @Test
        void restoresWhatItFound() {
            kernel.run(() -> {
                SpinLock inner = new SpinLock(kernel.sched, "inner");
                boolean outerFlags = lock.lockIrqSave();
                boolean innerFlags = inner.lockIrqSave();
                inner.unlockIrqRestore(innerFlags);
                assertThat(kernel.sched.contexts().irqsDisabled()).isTrue();
                lock.unlockIrqRestore(outerFlags);
                assertThat(kernel.sched.contexts().irqsDisabled()).isFalse();
            });
        }

        @Test
        void isTriedWithoutHarm() {
            kernel.run(() -> {
                assertThat(lock.tryLock()).isTrue();
                assertThat(lock.tryLock()).isFalse();
                lock.unlock();
                assertThat(lock.isLocked()).isFalse();
            });
        }

        @Test
        void withSoftirqsOffIsBalanced() {
            kernel.run(() -> {
                lock.lockBh();
                assertThat(kernel.sched.contexts().inSoftIrq()).isTrue();
                lock.unlockBh();
                lock.lockIrq();
                lock.unlockIrq();
                assertThat(kernel.sched.contexts().preemptCount()).isZero();
            });
        }
    }

    @Nested
    class AMutex {
        private final Mutex mutex = new Mutex(kernel.sched, "dev->mutex");

        @Test
        void letsOneTaskInAtATime() {
            for (String name : List.of("a", "b", "c")) {
                kernel.start(
                        name,
                        () -> {
                            mutex.lock();
                            heard.add("in");
                            kernel.sched.msleep(1);
                            heard.add("out");
                            mutex.unlock();
                        });
            }
            kernel.run(() -> kernel.sched.msleep(100));

            assertThat(heard).containsExactly("in", "out", "in", "out", "in", "out");
        }

        @Test
        void takenTwiceByOneTaskIsReportedAtOnce() {
            assertThatThrownBy(() ->
                            kernel.run(() -> {
                                mutex.lock();
                                mutex.lock();
                            }))
                    .isInstanceOf(LockViolation.class);

            assertThat(log()).startsWith("WARNING: possible recursive locking detected");
        }

        @Test
        void isGivenBackByItsHolderOnly() {
            kernel.run(() -> {
                kernel.start("other", mutex::lock);
                kernel.settle();
                assertThatThrownBy(mutex::unlock)
                        .isInstanceOf(LockViolation.class)
                        .hasMessageContaining("which other/2 holds");
            });
        }

        @Test
        void isOnTheListOfWhatItsHolderHolds() {
            kernel.run(() -> {
                KernelTask me = kernel.sched.current();
                mutex.lock();
                assertThat(me.heldLocks()).containsExactly(mutex);
                mutex.unlock();
                assertThat(me.heldLocks()).isEmpty();
            });
        }

        @Test
        void thatOutlivesItsHolderIsReported() {
            kernel.run(mutex::lock);

            assertThat(log())
                    .containsExactly("WARNING: main/1 still has locks held!", " dev->mutex");
        }

        @Test
        void isNotWaitedForAfterASignal() {
            kernel.run(() -> {
                kernel.start("other", mutex::lock);
                kernel.settle();
                KernelTask me = kernel.sched.current();
                kernel.in(TestKernel.MS, () -> kernel.sched.sendSignal(me, KernelTask.SIGINT));
                assertThatThrownBy(mutex::lockInterruptible).hasMessageStartingWith("-EINTR");
                assertThat(mutex.tryLock()).isFalse();
            });
        }
    }

    @Nested
    class ASemaphore {
        private final Semaphore semaphore = new Semaphore(kernel.sched, 2);

        @Test
        void isTakenAsOftenAsItCounts() {
            kernel.run(() -> {
                semaphore.down();
                assertThat(semaphore.tryDown()).isTrue();
                assertThat(semaphore.tryDown()).isFalse();
                semaphore.up();
                semaphore.downInterruptible();
            });
        }

        @Test
        void isWaitedForNoLongerThanSaid() {
            kernel.run(() -> {
                semaphore.down();
                semaphore.down();
                assertThatThrownBy(() -> semaphore.downTimeout(2))
                        .hasMessageStartingWith("-ETIME:");
                kernel.in(TestKernel.MS, () -> kernel.line(5).set(true));
                onInterrupt(semaphore::up);
                semaphore.downTimeout(10);
            });
        }
    }

    @Nested
    class AWaitQueue {
        private final WaitQueue queue = new WaitQueue(kernel.sched);
        private boolean ready;

        private void wait(String name) {
            queue.waitEvent(() -> ready);
            heard.add(name);
        }

        @Test
        void doesNotSleepWhenTheConditionHolds() {
            ready = true;
            kernel.run(() -> wait("main"));

            assertThat(heard).containsExactly("main");
        }

        @Test
        void wakesEverybodyWhoIsNotExclusive() {
            kernel.run(() -> {
                kernel.start("a", () -> wait("a"));
                kernel.start("b", () -> wait("b"));
                kernel.settle();
                assertThat(queue.isActive()).isTrue();
                ready = true;
                queue.wakeUp();
                kernel.settle();
            });

            assertThat(heard).containsExactlyInAnyOrder("a", "b");
            assertThat(queue.isActive()).isFalse();
        }

        @Test
        void wakesOneExclusiveTaskAtATime() {
            kernel.run(() -> {
                for (String name : List.of("a", "b", "c")) {
                    kernel.start(
                            name,
                            () -> {
                                queue.waitEventInterruptibleExclusive(() -> ready);
                                heard.add(name);
                            });
                    kernel.settle();
                }
                ready = true;
                queue.wakeUp();
                kernel.settle();
                assertThat(heard).containsExactly("a");
                queue.wakeUpAll();
                kernel.settle();
            });

            assertThat(heard).containsExactlyInAnyOrder("a", "b", "c");
        }

        @Test
        void leavesASleeperAsleepWhoseConditionDoesNotHold() {
            kernel.run(() -> {
                kernel.start("a", () -> wait("a"));
                kernel.settle();
                queue.wakeUp();
                kernel.settle();
                assertThat(heard).isEmpty();
                assertThat(queue.isActive()).isTrue();
            });
        }

        @Test
        void doesNotLoseAWakeUpThatComesWhileTheConditionIsLookedAt() {
            kernel.run(() -> {
                onInterrupt(() -> {
                    ready = true;
                    queue.wakeUp();
                });
                kernel.raiseIn(10 * TestKernel.US, 5);
                queue.waitEvent(() -> {
                    boolean seen = ready;
                    kernel.sched.udelay(8);
                    return seen;
                });
                heard.add("woken");
            });

            assertThat(heard).containsExactly("woken");
        }

        @Test
        void answersWhatIsLeftOfATimeout() {
            kernel.run(() -> {
                assertThat(queue.waitEventTimeout(() -> false, 3)).isZero();
                assertThat(queue.waitEventTimeout(() -> false, 0)).isZero();
                assertThat(queue.waitEventTimeout(() -> true, 0)).isEqualTo(1);
                assertThat(queue.waitEventTimeout(() -> true, 7)).isEqualTo(7);
            });
        }

        @Test
        void isLeftWhenASignalComesUnlessTheConditionHolds() {
            kernel.run(() -> {
                kernel.sched.sendSignal(kernel.sched.current(), KernelTask.SIGINT);
                queue.waitEventInterruptible(() -> true);
                assertThatThrownBy(() -> queue.waitEventInterruptible(() -> false))
                        .hasMessageStartingWith("-ERESTARTSYS");
                assertThat(queue.isActive()).isFalse();
            });
        }

        @Test
        void refusesAConditionThatSleeps() {
            assertThatThrownBy(() ->
                            kernel.run(() -> {
                                WaitQueue other = new WaitQueue(kernel.sched);
                                int[] looks = {0};
                                queue.waitEvent(() -> {
                                    if (looks[0]++ == 0) {
                                        return false;
                                    }
                                    other.waitEvent(() -> false);
                                    return true;
                                });
                            }))
                    .hasMessageContaining("must not sleep");
        }

        @Test
        void tellsListenersOfEachWakeUp() {
            Runnable listener = () -> heard.add("poke");
            kernel.run(() -> {
                queue.addListener(listener);
                queue.wakeUpInterruptible();
                queue.removeListener(listener);
                queue.wakeUp();
            });

            assertThat(heard).containsExactly("poke");
        }
    }

    @Nested
    class ATimer {
        private final KernelTimer timer =
                new KernelTimer(
                        kernel.timers,
                        "t",
                        () -> {
                            assertThat(kernel.sched.contexts().inServingSoftIrq()).isTrue();
                            heard.add("at " + kernel.machine.clock().now() / TestKernel.MS);
                        });

        private long in(long jiffies) {
            return kernel.sched.jiffies().now() + jiffies;
        }

        @Test
        void runsOnceInASoftirqAfterItsTime() {
            kernel.run(() -> {
                assertThat(timer.modify(in(2))).isFalse();
                assertThat(timer.isPending()).isTrue();
                kernel.sched.msleep(100);
                assertThat(timer.isPending()).isFalse();
            });

            assertThat(heard).containsExactly("at 12");
        }

        @Test
        void movesWhenItIsSetAgain() {
            kernel.run(() -> {
                timer.modify(in(2));
                assertThat(timer.modify(in(10))).isTrue();
                kernel.sched.msleep(100);
            });

            assertThat(heard).containsExactly("at 44");
        }

        @Test
        void takenBackDoesNotRun() {
            kernel.run(() -> {
                timer.modify(in(2));
                assertThat(timer.deleteSync()).isTrue();
                assertThat(timer.delete()).isFalse();
                kernel.sched.msleep(100);
            });

            assertThat(heard).isEmpty();
        }

        @Test
        void shutDownCannotBeSetAgain() {
            kernel.run(() -> {
                timer.shutdownSync();
                assertThat(timer.modify(in(1))).isFalse();
                assertThat(timer.isPending()).isFalse();
            });
        }

        @Test
        void maySetItselfAgain() {
            KernelTimer[] self = new KernelTimer[1];
            self[0] =
                    new KernelTimer(
                            kernel.timers,
                            "periodic",
                            () -> {
                                heard.add("tick");
                                if (heard.size() < 3) {
                                    self[0].modify(in(1));
                                }
                            });
            kernel.run(() -> {
                self[0].modify(in(1));
                kernel.sched.msleep(200);
            });

            assertThat(heard).hasSize(3);
        }

        @Test
        void thatWaitsForItselfIsReported() {
            KernelTimer[] self = new KernelTimer[1];
            self[0] = new KernelTimer(kernel.timers, "self", () -> self[0].deleteSync());

            assertThatThrownBy(() ->
                            kernel.run(() -> {
                                self[0].modify(in(1));
                                kernel.sched.msleep(100);
                            }))
                    .isInstanceOf(KernelPanic.class)
                    .hasRootCauseInstanceOf(LockViolation.class);
        }
    }
}
