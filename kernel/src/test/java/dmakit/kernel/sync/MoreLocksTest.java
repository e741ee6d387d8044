package dmakit.kernel.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.KernelException;
import dmakit.kernel.TestKernel;
import dmakit.kernel.sched.KernelTask;
import dmakit.kernel.sched.Kthread;
import dmakit.kernel.sched.TaskState;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class MoreLocksTest {
    private final TestKernel kernel = new TestKernel();
    private final List<String> heard = new ArrayList<>();

    @AfterEach
    void close() {
        kernel.close();
    }

    @Nested
    class ARwSemaphore {
        private final RwSemaphore sem = new RwSemaphore(kernel.sched, "r");

        private void reader(String name, int ms) {
            kernel.start(
                    name,
                    () -> {
                        sem.downRead();
                        heard.add(name + " in");
                        kernel.sched.msleep(ms);
                        heard.add(name + " out");
                        sem.upRead();
                    });
        }

        private void writer(String name) {
            kernel.start(
                    name,
                    () -> {
                        sem.downWrite();
                        heard.add(name + " in");
                        kernel.sched.msleep(1);
                        heard.add(name + " out");
                        sem.upWrite();
                    });
        }

        @Test
        void letsReadersInTogether() {
            kernel.run(() -> {
                reader("a", 20);
                kernel.settle();
                reader("b", 1);
                kernel.sched.msleep(100);
            });

            assertThat(heard).containsExactly("a in", "b in", "b out", "a out");
            assertThat(sem.isLocked()).isFalse();
        }

        @Test
        void keepsAWriterAloneAndLaterReadersBehindIt() {
            kernel.run(() -> {
                reader("a", 20);
                kernel.settle();
                writer("w");
                kernel.settle();
                reader("b", 1);
                kernel.sched.msleep(200);
            });

            assertThat(heard).containsExactly("a in", "a out", "w in", "w out", "b in", "b out");
        }

        @Test
        void isTriedWithoutWaiting() {
            kernel.run(() -> {
                assertThat(sem.tryRead()).isTrue();
                assertThat(sem.tryRead()).isTrue();
                assertThat(sem.tryWrite()).isFalse();
                sem.upRead();
                sem.upRead();
                assertThat(sem.tryWrite()).isTrue();
                assertThat(sem.tryRead()).isFalse();
                sem.downgradeWrite();
                assertThat(sem.tryRead()).isTrue();
                sem.upRead();
                sem.upRead();
            });
        }

        @Test
        void isLeftByASignalAndLetsTheNextOneIn() {
            kernel.run(() -> {
                sem.downRead();
                KernelTask killed =
                        kernel.start(
                                "killed",
                                () ->
                                        assertThatThrownBy(sem::downWriteKillable)
                                                .isInstanceOf(KernelException.class)
                                                .hasMessageContaining("EINTR"));
                kernel.settle();
                reader("b", 1);
                kernel.settle();
                kernel.sched.sendSignal(killed, KernelTask.SIGKILL);
                kernel.sched.msleep(50);
                sem.upRead();
            });

            assertThat(heard).containsExactly("b in", "b out");
        }

        @Test
        void givenBackButNotTakenIsReported() {
            assertThatThrownBy(() -> kernel.run(sem::upWrite)).isInstanceOf(LockViolation.class);
            assertThatThrownBy(() -> kernel.run(sem::upRead)).isInstanceOf(LockViolation.class);
        }

        @Test
        void takenTwiceForWritingIsReported() {
            assertThatThrownBy(() ->
                            kernel.run(() -> {
                                sem.downWrite();
                                sem.downRead();
                            }))
                    .isInstanceOf(LockViolation.class);
        }
    }

    @Nested
    class ARwLock {
        private final RwLock lock = new RwLock(kernel.sched, "rw");

        @Test
        void makesItsHoldersAtomic() {
            kernel.run(() -> {
                lock.lockRead();
                lock.lockRead();
                assertThat(kernel.sched.contexts().preemptCount()).isEqualTo(2);
                assertThat(lock.tryWrite()).isFalse();
                lock.unlockRead();
                lock.unlockRead();
                lock.lockWrite();
                assertThat(lock.tryRead()).isFalse();
                lock.unlockWrite();
                assertThat(kernel.sched.contexts().inAtomic()).isFalse();
            });
        }

        @Test
        void thatIsWantedTwiceIsReported() {
            assertThatThrownBy(() ->
                            kernel.run(() -> {
                                lock.lockRead();
                                lock.lockWrite();
                            }))
                    .isInstanceOf(LockViolation.class);
        }
    }

    @Nested
    class AnHrTimer {
        private long nowUs() {
            return kernel.machine.clock().now() / TestKernel.US;
        }

        @Test
        void runsInAnInterruptAtItsMicrosecond() {
            var timer =
                    new HrTimer(
                            kernel.timers,
                            "h",
                            () -> {
                                assertThat(kernel.sched.contexts().inHardIrq()).isTrue();
                                heard.add("at " + nowUs());
                                return false;
                            });
            kernel.run(() -> {
                timer.start(250_000);
                assertThat(timer.isActive()).isTrue();
                kernel.sched.msleep(10);
                assertThat(timer.isActive()).isFalse();
            });

            assertThat(heard).hasSize(1);
            assertThat(heard.getFirst()).isBetween("at 250", "at 253");
        }

        @Test
        void runsAgainAtTheTimeItForwardedItselfTo() {
            HrTimer[] timer = new HrTimer[1];
            timer[0] =
                    new HrTimer(
                            kernel.timers,
                            "h",
                            () -> {
                                heard.add("tick");
                                assertThat(timer[0].forward(timer[0].expiresNs(), 1_000_000))
                                        .isEqualTo(1);
                                return heard.size() < 3;
                            });
            kernel.run(() -> {
                timer[0].start(1_000_000);
                kernel.sched.msleep(20);
            });

            assertThat(heard).hasSize(3);
            assertThat(timer[0].expiresNs()).isEqualTo(4_000_000);
        }

        @Test
        void takenBackDoesNotRun() {
            var timer = new HrTimer(kernel.timers, "h", () -> heard.add("no"));
            kernel.run(() -> {
                timer.start(1_000_000);
                assertThat(timer.cancel()).isTrue();
                assertThat(timer.cancel()).isFalse();
                kernel.sched.msleep(20);
            });

            assertThat(heard).isEmpty();
        }

        @Test
        void forwardsByWholeIntervals() {
            var timer = new HrTimer(kernel.timers, "h", () -> false);
            assertThat(timer.forward(2_500, 1_000)).isEqualTo(3);
            assertThat(timer.expiresNs()).isEqualTo(3_000);
            assertThat(timer.forward(2_999, 1_000)).isZero();
        }
    }

    @Nested
    class ReadCopyUpdate {
        private final Rcu rcu = new Rcu(kernel.timers);

        @Test
        void waitsForAGracePeriod() {
            kernel.run(() -> {
                long before = kernel.sched.jiffies().now();
                rcu.synchronize();
                assertThat(kernel.sched.jiffies().now() - before).isBetween(2L, 4L);
            });
        }

        @Test
        void doesLaterInOrderWhatTheBarrierWaitsFor() {
            kernel.run(() -> {
                rcu.call(() -> heard.add("first"));
                rcu.call(() -> heard.add("second"));
                assertThat(heard).isEmpty();
                rcu.barrier();
                heard.add("barrier");
            });

            assertThat(heard).containsExactly("first", "second", "barrier");
        }
    }

    @Nested
    class AnEntryOfAWaitQueue {
        private final WaitQueue one = new WaitQueue(kernel.sched);
        private final WaitQueue other = new WaitQueue(kernel.sched);

        @Test
        void mayBeOneOfSeveralOfATask() {
            kernel.run(() -> {
                kernel.start(
                        "waiter",
                        () -> {
                            KernelTask me = kernel.sched.current();
                            WaitEntry first = WaitEntry.staying(me);
                            WaitEntry second = WaitEntry.of(me);
                            one.addFirst(first);
                            other.prepare(second, TaskState.INTERRUPTIBLE, false);
                            kernel.sched.schedule();
                            heard.add(first.isQueued() + " " + second.isQueued());
                            one.remove(first);
                            other.finish(second);
                        });
                kernel.settle();
                other.wakeUp();
                kernel.settle();
                assertThat(one.isActive()).isFalse();
                assertThat(other.isActive()).isFalse();
            });

            assertThat(heard).containsExactly("true false");
        }

        @Test
        void mayCallInsteadOfWaking() {
            kernel.run(() -> {
                one.addFirst(WaitEntry.calling(() -> heard.add("called")));
                one.wakeUp();
                one.wakeUpInterruptible();
            });

            assertThat(heard).containsExactly("called", "called");
        }
    }

    @Test
    void aSpinningLoopTakesLongerStepsButNeverPassesAnEvent() {
        kernel.run(() -> {
            long end = kernel.sched.jiffies().now() + 250;
            int rounds = 0;
            while (kernel.sched.pollJiffies() < end) {
                rounds++;
            }
            assertThat(rounds).isLessThan(1_000);
            kernel.in(3 * TestKernel.MS, () -> heard.add("event"));
            long before = kernel.machine.clock().now();
            while (heard.isEmpty()) {
                kernel.sched.spinRound(Long.MAX_VALUE);
            }
            assertThat(kernel.machine.clock().now() - before).isEqualTo(3 * TestKernel.MS);
        });
    }

    /** A status that was read before the event, and registers that take time behind it. */
    @Test
    void aSpinningLoopLooksAgainSoonAfterAnEventThatCameWhileItLooked() {
        kernel.run(() -> {
            for (int i = 0; i < 100; i++) {
                kernel.sched.spinRound(TestKernel.US);
            }
            kernel.in(TestKernel.US / 2, () -> heard.add("event"));
            long before = kernel.machine.clock().now();
            assertThat(heard).isEmpty();
            kernel.machine.cpu().spend(TestKernel.US);
            kernel.sched.spinRound(Long.MAX_VALUE);
            assertThat(heard).containsExactly("event");
            assertThat(kernel.machine.clock().now() - before).isLessThan(2 * TestKernel.US);
        });
    }

    @Test
    void aThreadHasItsNumberBeforeItRuns() {
        kernel.run(() -> {
            Kthread thread = kernel.sched.kthreadCreate("k", () -> heard.add("ran"));
            int pid = thread.reserveTask().pid();
            assertThat(kernel.sched.taskOf(pid)).isEqualTo(thread.task());
            thread.wakeUp();
            kernel.settle();
            assertThat(kernel.sched.taskOf(pid)).isNull();
            Kthread idle = kernel.sched.kthreadCreate("never", () -> {});
            int other = idle.reserveTask().pid();
            idle.stop();
            assertThat(kernel.sched.taskOf(other)).isNull();
        });

        assertThat(heard).containsExactly("ran");
    }
}
