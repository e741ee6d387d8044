package dmakit.kernel.irq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.TestKernel;
import dmakit.kernel.sched.AtomicContextViolation;
import dmakit.kernel.sched.KernelPanic;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SoftirqsTest {
    private static final int IRQ = 5;

    private final TestKernel kernel = new TestKernel();
    private final List<String> heard = new ArrayList<>();

    @AfterEach
    void close() {
        kernel.close();
    }

    private Tasklet tasklet(String name) {
        return new Tasklet(kernel.softirqs, name, () -> heard.add(name));
    }

    /** Runs something in a hardirq handler. */
    private void inInterrupt(Runnable action) {
        request(action);
        interrupt();
    }

    private void request(Runnable action) {
        kernel.irqs.request(
                IRQ,
                (_, _) -> {
                    kernel.line(IRQ).set(false);
                    action.run();
                    heard.add("irq");
                    return IrqReturn.HANDLED;
                },
                "dev",
                this);
    }

    private void interrupt() {
        kernel.line(IRQ).set(true);
        kernel.sched.udelay(5);
    }

    @Nested
    class ATasklet {
        @Test
        void runsWhenTheInterruptEndsWithInterruptsEnabled() {
            Tasklet tasklet =
                    new Tasklet(
                            kernel.softirqs,
                            "t",
                            () -> {
                                assertThat(kernel.sched.contexts().inServingSoftIrq()).isTrue();
                                assertThat(kernel.sched.contexts().inHardIrq()).isFalse();
                                assertThat(kernel.sched.contexts().irqsDisabled()).isFalse();
                                heard.add("tasklet");
                            });
            kernel.run(() -> inInterrupt(tasklet::schedule));

            assertThat(heard).containsExactly("irq", "tasklet");
        }

        @Test
        void runsOnceHoweverOftenItWasScheduled() {
            Tasklet tasklet = tasklet("t");
            kernel.run(() ->
                    inInterrupt(() -> {
                        tasklet.schedule();
                        tasklet.schedule();
                    }));

            assertThat(heard).containsExactly("irq", "t");
            assertThat(tasklet.isScheduled()).isFalse();
        }

        @Test
        void ofHighPriorityRunsFirst() {
            kernel.run(() ->
                    inInterrupt(() -> {
                        tasklet("low").schedule();
                        tasklet("high").scheduleHigh();
                    }));

            assertThat(heard).containsExactly("irq", "high", "low");
        }

        @Test
        void isInterruptedButNotReentered() {
            Tasklet[] self = new Tasklet[1];
            self[0] =
                    new Tasklet(
                            kernel.softirqs,
                            "t",
                            () -> {
                                heard.add("begin");
                                if (heard.size() < 4) {
                                    kernel.line(IRQ).set(true);
                                    kernel.sched.udelay(5);
                                }
                                heard.add("end");
                            });
            kernel.run(() -> inInterrupt(() -> self[0].schedule()));

            assertThat(heard).containsExactly("irq", "begin", "irq", "end", "begin", "end");
        }

        @Test
        void scheduledByATaskIsRunByKsoftirqd() {
            kernel.run(() -> {
                new Tasklet(kernel.softirqs, "t", () -> heard.add(kernel.sched.current().name()))
                        .schedule();
                kernel.sched.msleep(1);
            });

            assertThat(heard).containsExactly("ksoftirqd/0");
        }

        @Test
        void thatKeepsSchedulingItselfLeavesTimeForTasks() {
            Tasklet[] self = new Tasklet[1];
            int[] runs = {0};
            self[0] =
                    new Tasklet(
                            kernel.softirqs,
                            "t",
                            () -> {
                                runs[0]++;
                                if (!heard.contains("task")) {
                                    self[0].schedule();
                                }
                            });
            kernel.start("task", () -> heard.add("task"));
            kernel.run(() -> {
                self[0].schedule();
                while (!heard.contains("task")) {
                    kernel.sched.condResched();
                }
            });

            assertThat(runs[0]).isLessThan(1000);
        }

        @Test
        void isKilledOnceItHasRun() {
            kernel.run(() -> {
                Tasklet tasklet = tasklet("t");
                tasklet.schedule();
                tasklet.kill();
                heard.add("killed");
            });

            assertThat(heard).containsExactly("t", "killed");
        }

        @Test
        void disabledWaitsUntilItIsEnabled() {
            kernel.run(() -> {
                Tasklet tasklet = tasklet("t");
                tasklet.disable();
                tasklet.schedule();
                kernel.sched.msleep(10);
                assertThat(heard).isEmpty();
                tasklet.enable();
                kernel.sched.msleep(1);
            });

            assertThat(heard).containsExactly("t");
        }

        @Test
        void mustNotSleep() {
            assertThatThrownBy(() ->
                            kernel.run(() -> {
                                new Tasklet(kernel.softirqs, "t", () -> kernel.sched.msleep(1))
                                        .schedule();
                                kernel.sched.msleep(1);
                            }))
                    .hasRootCauseInstanceOf(AtomicContextViolation.class)
                    .satisfiesAnyOf(
                            e -> assertThat(e).isInstanceOf(KernelPanic.class),
                            e -> assertThat(e).hasCauseInstanceOf(KernelPanic.class));
        }
    }

    @Test
    void softirqsKeptOffRunWhenTheyAreAllowedAgain() {
        kernel.run(() -> {
            request(() -> tasklet("t").schedule());
            kernel.sched.contexts().bhDisable();
            interrupt();
            heard.add("task");
            kernel.sched.contexts().bhEnable();
            heard.add("after");
        });

        assertThat(heard).containsExactly("irq", "task", "t", "after");
    }

    @Test
    void theyAreServedAtMostTenTimesInARowAtTheEndOfAnInterrupt() {
        Tasklet[] self = new Tasklet[1];
        int[] runs = {0};
        self[0] =
                new Tasklet(
                        kernel.softirqs,
                        "t",
                        () -> {
                            runs[0]++;
                            if (runs[0] < 100) {
                                self[0].schedule();
                            }
                        });
        kernel.run(() -> {
            inInterrupt(() -> self[0].schedule());
            assertThat(runs[0]).isEqualTo(Softirqs.RESTART_MAX);
            kernel.sched.msleep(1);
        });

        assertThat(runs[0]).isEqualTo(100);
    }
}
