package dmakit.kernel.sched;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.TestKernel;
import dmakit.kernel.irq.IrqReturn;
import dmakit.machine.cpu.CpuFault;
import dmakit.machine.task.Deadlock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SchedTest {
    private final TestKernel kernel = new TestKernel();
    private final Sched sched = kernel.sched;
    private final Contexts contexts = sched.contexts();
    private final List<String> heard = new ArrayList<>();

    @AfterEach
    void close() {
        kernel.close();
    }

    private long now() {
        return kernel.machine.clock().now();
    }

    @Nested
    class TheTick {
        @Test
        void startsFiveMinutesBeforeThirtyTwoBitsWrap() {
            assertThat(sched.jiffies().now()).isEqualTo(4_294_892_296L);
        }

        @Test
        void countsFourMillisecondsEach() {
            kernel.machine.clock().advanceTo(4 * TestKernel.MS - 1);
            long before = sched.jiffies().now();
            kernel.machine.clock().advanceTo(4 * TestKernel.MS);

            assertThat(sched.jiffies().now()).isEqualTo(before + 1);
        }

        @Test
        void roundsMillisecondsUp() {
            assertThat(Jiffies.ofMillis(0)).isZero();
            assertThat(Jiffies.ofMillis(1)).isEqualTo(1);
            assertThat(Jiffies.ofMillis(4)).isEqualTo(1);
            assertThat(Jiffies.ofMillis(5)).isEqualTo(2);
            assertThat(Jiffies.ofMillis(-1)).isEqualTo(Jiffies.MAX_OFFSET);
            assertThat(Jiffies.ofMillis(Integer.MAX_VALUE + 1L)).isEqualTo(Jiffies.MAX_OFFSET);
        }

        @Test
        void comparesAcrossAWrap() {
            assertThat(Jiffies.isAfter(Long.MIN_VALUE, Long.MAX_VALUE)).isTrue();
            assertThat(Jiffies.isAfter(1, 1)).isFalse();
        }

        @Test
        void expiresNearTimersOneTickLateAndFarOnesCoarsely() {
            long start = sched.jiffies().now();

            assertThat(sched.jiffies().wheelExpiry(start - 1)).isEqualTo(start);
            assertThat(sched.jiffies().wheelExpiry(start + 62)).isEqualTo(start + 63);
            assertThat(sched.jiffies().wheelExpiry(start + 63) % 8).isZero();
            assertThat(sched.jiffies().wheelExpiry(start + 503) - start).isBetween(504L, 511L);
            assertThat(sched.jiffies().wheelExpiry(start + 504) % 64).isZero();
        }

        @Test
        void neverExpiresATimerBeforeItsTime() {
            long start = sched.jiffies().now();
            for (long delta = 0; delta < 1L << 30; delta = delta * 3 + 1) {
                assertThat(sched.jiffies().wheelExpiry(start + delta)).isGreaterThan(start + delta);
            }
        }
    }

    @Nested
    class Sleeping {
        @Test
        void lastsAtLeastAsLongAsAskedFor() {
            kernel.run(() -> sched.msleep(10));

            assertThat(now()).isBetween(12 * TestKernel.MS, 17 * TestKernel.MS);
        }

        @Test
        void inARangeEndsAtTheLaterTime() {
            kernel.run(() -> sched.usleepRange(100, 200));

            assertThat(now()).isBetween(200 * TestKernel.US, 210 * TestKernel.US);
        }

        @Test
        void leavesTheCpuIdle() {
            kernel.run(() -> sched.msleep(100));

            assertThat(kernel.machine.cpu().busyPs()).isLessThan(TestKernel.MS);
        }

        @Test
        void withUdelayKeepsTheCpuBusy() {
            kernel.run(() -> sched.udelay(100));

            assertThat(kernel.machine.cpu().busyPs())
                    .isBetween(100 * TestKernel.US, 110 * TestKernel.US);
        }

        @Test
        void withUdelayIsNotLengthenedByInterrupts() {
            kernel.run(() -> {
                kernel.irqs.request(
                        3,
                        (_, _) -> {
                            kernel.line(3).set(false);
                            sched.udelay(40);
                            heard.add("irq at " + now() / (10 * TestKernel.US));
                            return IrqReturn.HANDLED;
                        },
                        "dev",
                        this);
                long start = now();
                kernel.raiseIn(10 * TestKernel.US, 3);
                sched.udelay(100);
                assertThat(now() - start).isBetween(100 * TestKernel.US, 101 * TestKernel.US);
            });

            assertThat(heard).containsExactly("irq at 5");
        }

        @Test
        void ofANegativeTimeoutIsRefusedInTheKernelsWords() {
            kernel.run(() -> {
                sched.setCurrentState(TaskState.INTERRUPTIBLE);
                assertThat(sched.scheduleTimeout(-1)).isZero();
            });

            assertThat(kernel.log.buffer().texts())
                    .containsExactly("schedule_timeout: wrong timeout value ffffffffffffffff");
        }

        @Test
        void withATimeoutAnswersWhatIsLeftAfterAWakeUp() {
            kernel.run(() -> {
                KernelTask me = sched.current();
                kernel.in(8 * TestKernel.MS, () -> sched.wakeUp(me));
                sched.setCurrentState(TaskState.UNINTERRUPTIBLE);
                assertThat(sched.scheduleTimeout(50)).isBetween(47L, 48L);
            });
        }

        @Test
        void isNotBegunByATaskThatWasWokenBefore() {
            kernel.run(() -> {
                sched.setCurrentState(TaskState.UNINTERRUPTIBLE);
                sched.wakeUp(sched.current());
                sched.schedule();
                heard.add("awake");
            });

            assertThat(heard).containsExactly("awake");
        }

        @Test
        void forEverWithNothingToComeIsADeadlock() {
            assertThatThrownBy(() -> kernel.run(() -> sched.sleep(TaskState.UNINTERRUPTIBLE)))
                    .isInstanceOf(Deadlock.class)
                    .hasMessageContaining("main/1");
        }

        @Test
        void longerThanTheClockLastsIsForEver() {
            for (long timeout :
                    new long[] {
                        Jiffies.MAX_OFFSET,
                        Jiffies.MAX_TIMEOUT - Jiffies.INITIAL + 1,
                        Jiffies.MAX_TIMEOUT - 1
                    }) {
                try (TestKernel other = new TestKernel()) {
                    assertThatThrownBy(() ->
                                    other.run(() -> {
                                        long left = timeout;
                                        while (left > 0) {
                                            other.sched.setCurrentState(TaskState.UNINTERRUPTIBLE);
                                            left = other.sched.scheduleTimeout(left);
                                        }
                                    }))
                            .as("%d jiffies", timeout)
                            .isInstanceOf(Deadlock.class);
                }
            }
        }

        @Test
        void inARangeBeyondTheClockIsForEver() {
            assertThatThrownBy(() -> kernel.run(() -> sched.usleepRange(0, Long.MAX_VALUE)))
                    .isInstanceOf(Deadlock.class);
        }

        @Test
        void isWaitedForByLoopsThatOnlyOfferTheCpu() {
            boolean[] rested = {false};
            kernel.start(
                    "sleeper",
                    () -> {
                        sched.msleep(1);
                        rested[0] = true;
                    });
            kernel.run(() -> {
                while (!rested[0]) {
                    sched.condResched();
                }
            });

            assertThat(now()).isGreaterThan(TestKernel.MS);
        }

        @Test
        void interruptiblyEndsWithASignal() {
            kernel.run(() -> {
                KernelTask me = sched.current();
                kernel.in(TestKernel.MS, () -> sched.sendSignal(me, KernelTask.SIGINT));
                assertThat(sched.msleepInterruptible(1000)).isBetween(990L, 1000L);
                assertThat(me.takeSignal()).isEqualTo(KernelTask.SIGINT);
                assertThat(me.takeSignal()).isZero();
            });
        }

        @Test
        void uninterruptiblyDoesNotCareForSignals() {
            kernel.run(() -> {
                sched.sendSignal(sched.current(), KernelTask.SIGKILL);
                long start = now();
                sched.msleep(20);
                assertThat(now() - start).isGreaterThanOrEqualTo(20 * TestKernel.MS);
            });
        }

        @Test
        void killablyEndsWithAFatalSignalOnly() {
            kernel.run(() -> {
                KernelTask me = sched.current();
                sched.sendSignal(me, KernelTask.SIGINT);
                assertThat(sched.isInterrupted(TaskState.KILLABLE)).isFalse();
                sched.sendSignal(me, KernelTask.SIGKILL);
                assertThat(sched.isInterrupted(TaskState.KILLABLE)).isTrue();
            });
        }

        @Test
        void knowsSignalsUpToSixtyFour() {
            kernel.run(() -> {
                sched.sendSignal(sched.current(), KernelTask.SIGNAL_MAX);
                assertThatThrownBy(
                                () -> sched.sendSignal(sched.current(), KernelTask.SIGNAL_MAX + 1))
                        .isInstanceOf(IllegalArgumentException.class);
            });
        }
    }

    @Nested
    class AtomicContext {
        @Test
        void refusesToSleepInTheKernelsWords() {
            assertThatThrownBy(() ->
                            kernel.run(() -> {
                                contexts.preemptDisable();
                                sched.msleep(1);
                            }))
                    .isInstanceOf(AtomicContextViolation.class)
                    .hasMessageContaining("msleep may sleep")
                    .hasMessageContaining("spinlock");

            assertThat(kernel.log.buffer().texts())
                    .startsWith(
                            "BUG: sleeping function called from invalid context at msleep",
                            "in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 1, name: main",
                            "preempt_count: 1, expected: 0",
                            "Call trace:")
                    .endsWith("note: main[1] exited with preempt_count 1");
        }

        @Test
        void isAlsoWhereInterruptsAreDisabled() {
            assertThatThrownBy(() ->
                            kernel.run(() -> {
                                contexts.irqDisable();
                                sched.msleep(1);
                            }))
                    .isInstanceOf(AtomicContextViolation.class);

            assertThat(kernel.log.buffer().texts())
                    .contains(
                            "in_atomic(): 0, irqs_disabled(): 1, non_block: 0, pid: 1, name: main");
        }

        @Test
        void refusesToSchedule() {
            assertThatThrownBy(() ->
                            kernel.run(() -> {
                                contexts.preemptDisable();
                                sched.schedule();
                            }))
                    .isInstanceOf(AtomicContextViolation.class);

            assertThat(kernel.log.buffer().texts())
                    .contains("BUG: scheduling while atomic: main/1/0x00000001");
        }

        @Test
        void ofATaskThatDiedDoesNotHoldTheOthers() {
            kernel.start(
                    "bad",
                    () -> {
                        contexts.preemptDisable();
                        contexts.irqDisable();
                    });
            kernel.run(() -> sched.msleep(1));

            assertThat(contexts.inAtomic()).isFalse();
        }

        @Test
        void countsAsTheKernelDoes() {
            contexts.preemptDisable();
            contexts.bhDisable();
            contexts.enterSoftIrq();
            contexts.enterHardIrq();
            assertThat(contexts.preemptCount()).isEqualTo(0x1_0301);
            assertThat(contexts.inTask()).isFalse();

            contexts.exitHardIrq();
            contexts.exitSoftIrq();
            assertThat(contexts.inTask()).isTrue();
            assertThat(contexts.inInterrupt()).isTrue();

            contexts.bhEnable();
            contexts.preemptEnable();
            assertThat(contexts.preemptCount()).isZero();
        }

        @Test
        void nestsAtMostAsDeepAsTheCountHasRoom() {
            for (int i = 0; i < 0xff; i++) {
                contexts.preemptDisable();
            }

            assertThatThrownBy(contexts::preemptDisable).hasMessageContaining("too deep");
        }
    }

    @Test
    void aWarningNamesTheFunctionThatWarns() {
        kernel.run(() -> contexts.warn("my_function", "odd: %d", 7));

        assertThat(kernel.log.buffer().texts())
                .anyMatch(line -> line.matches("WARNING: .* at SchedTest.java:\\d+ my_function"));
    }

    @Nested
    class AThread {
        @Test
        void startsWithItsFirstWakeUp() {
            kernel.run(() -> {
                Kthread thread = sched.kthreadCreate("worker", () -> heard.add("ran"));
                kernel.settle();
                assertThat(heard).isEmpty();
                thread.wakeUp();
                kernel.settle();
                assertThat(heard).containsExactly("ran");
            });
        }

        @Test
        void isToldToStopAndWaitedFor() {
            kernel.run(() -> {
                Kthread thread =
                        sched.kthreadRun(
                                "poller",
                                () -> {
                                    while (!sched.kthreadShouldStop()) {
                                        sched.sleep(TaskState.INTERRUPTIBLE);
                                    }
                                    sched.msleep(20);
                                    heard.add("left");
                                });
                kernel.settle();
                thread.stop();
                heard.add("stopped");
            });

            assertThat(heard).containsExactly("left", "stopped");
        }

        @Test
        void thatNeverRanIsStoppedAtOnceAndNeverRuns() {
            kernel.run(() -> {
                Kthread thread = sched.kthreadCreate("t", () -> heard.add("ran"));
                thread.stop();
                thread.wakeUp();
                kernel.settle();
            });

            assertThat(heard).isEmpty();
        }

        @Test
        void thatFailsIsAnOopsAndTheRestGoesOn() {
            kernel.run(() -> {
                sched.kthreadRun("bad", () -> kernel.machine.cpu().load32(0x2000_0000_1000L));
                kernel.settle();
                heard.add("alive");
            });

            assertThat(heard).containsExactly("alive");
            assertThat(sched.oopses().failures()).singleElement().isInstanceOf(CpuFault.class);
            assertThat(kernel.log.buffer().texts())
                    .contains(
                            "Unable to handle kernel paging request at virtual address"
                                    + " 0000200000001000",
                            "Internal error: Oops: 0000000096000004 [#1] SMP",
                            "---[ end trace 0000000000000000 ]---")
                    .anyMatch(line -> line.startsWith("CPU: 0 UID: 0 PID: 2 Comm: bad"));
        }

        @Test
        void thatFollowsANullPointerIsToldSo() {
            kernel.run(() -> {
                sched.kthreadRun("bad", () -> kernel.machine.cpu().store32(8, 1));
                kernel.settle();
            });

            assertThat(kernel.log.buffer().texts())
                    .contains(
                            "Unable to handle kernel NULL pointer dereference at virtual address"
                                    + " 0000000000000008",
                            "Internal error: Oops: 0000000096000044 [#1] SMP");
        }
    }

    @Test
    void aFailureInAnInterruptStopsTheKernel() {
        assertThatThrownBy(() ->
                        kernel.run(() -> {
                            kernel.irqs.request(
                                    3,
                                    (_, _) -> {
                                        throw new IllegalStateException("oh");
                                    },
                                    "dev",
                                    this);
                            kernel.raiseIn(TestKernel.US, 3);
                            sched.udelay(100);
                        }))
                .isInstanceOf(KernelPanic.class)
                .hasRootCauseMessage("oh");

        assertThat(kernel.log.buffer().texts())
                .contains(
                        "Kernel panic - not syncing: Oops: Fatal exception in interrupt",
                        "Internal error: Oops - BUG: 00000000f2000800 [#1] SMP");
    }

    @Test
    void theIdleTaskIsSwapper() {
        assertThat(sched.current()).hasToString("swapper/0/0");
        assertThat(sched.isIdle()).isTrue();
    }
}
