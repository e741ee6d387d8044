package dmakit.kernel.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.TestKernel;
import dmakit.kernel.irq.IrqReturn;
import dmakit.kernel.sched.AtomicContextViolation;
import dmakit.kernel.sched.KernelTask;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class CompletionTest {
    private final TestKernel kernel = new TestKernel();
    private final Completion done = new Completion(kernel.sched);
    private final List<String> heard = new ArrayList<>();

    @AfterEach
    void close() {
        kernel.close();
    }

    /** Completes from an interrupt, some time from now. */
    private void completeIn(long ps) {
        kernel.irqs.request(
                5,
                (_, _) -> {
                    kernel.line(5).set(false);
                    done.complete();
                    return IrqReturn.HANDLED;
                },
                "dev",
                this);
        kernel.raiseIn(ps, 5);
    }

    @Nested
    class Completing {
        @Test
        void beforeTheWaitIsRemembered() {
            kernel.run(() -> {
                done.complete();
                done.complete();
                done.waitFor();
                assertThat(done.isDone()).isTrue();
                done.waitFor();
                assertThat(done.isDone()).isFalse();
            });
        }

        @Test
        void inAnInterruptWakesTheTask() {
            kernel.run(() -> {
                completeIn(TestKernel.MS);
                done.waitFor();
                heard.add("done");
            });

            assertThat(heard).containsExactly("done");
        }

        @Test
        void wakesWhoHasWaitedLongest() {
            kernel.run(() -> {
                for (String name : List.of("a", "b", "c")) {
                    kernel.start(
                            name,
                            () -> {
                                done.waitFor();
                                heard.add(name);
                            });
                    kernel.settle();
                }
                done.complete();
                kernel.settle();
                done.complete();
                kernel.settle();
            });

            assertThat(heard).containsExactly("a", "b");
        }

        @Test
        void allWakesEverybodyAndStaysUntilReinit() {
            kernel.run(() -> {
                kernel.start("a", () -> waitAndTell("a"));
                kernel.start("b", () -> waitAndTell("b"));
                kernel.settle();
                done.completeAll();
                kernel.settle();
                done.waitFor();
                done.waitFor();
                done.complete();
                assertThat(done.isDone()).isTrue();
                done.reinit();
                assertThat(done.isDone()).isFalse();
            });

            assertThat(heard).containsExactlyInAnyOrder("a", "b");
        }

        private void waitAndTell(String name) {
            done.waitFor();
            heard.add(name);
        }
    }

    @Nested
    class ATimeout {
        @Test
        void thatPassesAnswersZero() {
            kernel.run(() -> {
                assertThat(done.waitForTimeout(10)).isZero();
                assertThat(kernel.machine.clock().now()).isGreaterThanOrEqualTo(40 * TestKernel.MS);
                done.complete();
                assertThat(done.tryWait()).isTrue();
            });
        }

        @Test
        void thatDoesNotPassAnswersWhatIsLeft() {
            kernel.run(() -> {
                completeIn(20 * TestKernel.MS);
                assertThat(done.waitForTimeout(10)).isEqualTo(5);
            });
        }

        @Test
        void ofSomethingDoneAnswersTheWholeTime() {
            kernel.run(() -> {
                done.complete();
                assertThat(done.waitForTimeout(750)).isEqualTo(750);
            });
        }

        @Test
        void ofZeroOfSomethingDoneAnswersOne() {
            kernel.run(() -> {
                done.complete();
                assertThat(done.waitForTimeout(0)).isEqualTo(1);
                assertThat(done.waitForTimeout(0)).isZero();
            });
        }

        @Test
        void thatPassesAsItCompletesAnswersOne() {
            kernel.run(() -> {
                completeIn(15 * TestKernel.MS);
                assertThat(done.waitForTimeout(3)).isEqualTo(1);
            });
        }
    }

    @Nested
    class ASignal {
        private void signalIn(long ps, KernelTask task, int number) {
            kernel.in(ps, () -> kernel.sched.sendSignal(task, number));
        }

        @Test
        void endsAnInterruptibleWait() {
            kernel.run(() -> {
                signalIn(TestKernel.MS, kernel.sched.current(), KernelTask.SIGINT);
                assertThatThrownBy(done::waitForInterruptible)
                        .hasMessageStartingWith("-ERESTARTSYS");
            });
        }

        @Test
        void waitingAtEntryEndsTheWaitWithoutSleeping() {
            kernel.run(() -> {
                kernel.sched.sendSignal(kernel.sched.current(), KernelTask.SIGINT);
                long before = kernel.machine.cpu().idlePs();
                assertThatThrownBy(() -> done.waitForInterruptibleTimeout(100))
                        .hasMessageStartingWith("-ERESTARTSYS");
                assertThat(kernel.machine.cpu().idlePs()).isEqualTo(before);
            });
        }

        @Test
        void losesAgainstACompletion() {
            kernel.run(() -> {
                kernel.sched.sendSignal(kernel.sched.current(), KernelTask.SIGINT);
                done.complete();
                done.waitForInterruptible();
                heard.add("done");
            });

            assertThat(heard).containsExactly("done");
        }

        @Test
        void thatIsNotFatalDoesNotEndAKillableWait() {
            kernel.run(() -> {
                KernelTask me = kernel.sched.current();
                signalIn(TestKernel.MS, me, KernelTask.SIGINT);
                assertThat(done.waitForKillableTimeout(5)).isZero();
                signalIn(TestKernel.MS, me, KernelTask.SIGKILL);
                assertThatThrownBy(done::waitForKillable).hasMessageStartingWith("-ERESTARTSYS");
            });
        }

        @Test
        void doesNotMatterToAnOrdinaryWait() {
            kernel.run(() -> {
                signalIn(TestKernel.MS, kernel.sched.current(), KernelTask.SIGKILL);
                completeIn(20 * TestKernel.MS);
                done.waitFor();
                assertThat(kernel.machine.clock().now()).isGreaterThan(20 * TestKernel.MS);
            });
        }
    }

    @Test
    void tryingNeverSleepsAndTakesOne() {
        kernel.run(() -> {
            assertThat(done.tryWait()).isFalse();
            done.complete();
            assertThat(done.tryWait()).isTrue();
            assertThat(done.tryWait()).isFalse();
        });
    }

    @Test
    void waitingInAtomicContextIsRefused() {
        assertThatThrownBy(() ->
                        kernel.run(() -> {
                            new SpinLock(kernel.sched, "lock").lock();
                            done.waitFor();
                        }))
                .isInstanceOf(AtomicContextViolation.class)
                .hasMessageContaining("wait_for_completion");
    }
}
