package dmakit.kernel.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.kernel.TestKernel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class WorkQueueTest {
    private final TestKernel kernel = new TestKernel();
    private final WorkQueue queue = new WorkQueue(kernel.sched, "events", WorkQueue.ACTIVE_DEFAULT);
    private final WorkQueue ordered = new WorkQueue(kernel.sched, "ordered", 1);
    private final List<String> heard = new ArrayList<>();

    @AfterEach
    void close() {
        kernel.close();
    }

    private Work work(String name) {
        return new Work(name, () -> heard.add(name));
    }

    private Work slow(String name) {
        return new Work(
                name,
                () -> {
                    heard.add(name + " begins");
                    kernel.sched.msleep(10);
                    heard.add(name + " ends");
                });
    }

    @Nested
    class WorkThatIsQueued {
        @Test
        void runsInAWorkerThread() {
            kernel.run(() -> {
                Work work = new Work("w", () -> heard.add(kernel.sched.current().name()));
                queue.queue(work);
                queue.flush(work);
            });

            assertThat(heard).containsExactly("kworker/0:0-events");
        }

        @Test
        void runsOnceWhereItWaitsAlready() {
            kernel.run(() -> {
                Work work = work("w");
                assertThat(queue.queue(work)).isTrue();
                assertThat(queue.queue(work)).isFalse();
                queue.flush();
                assertThat(queue.queue(work)).isTrue();
                queue.flush();
            });

            assertThat(heard).containsExactly("w", "w");
        }

        @Test
        void runsInOrder() {
            kernel.run(() -> {
                for (String name : List.of("a", "b", "c")) {
                    queue.queue(work(name));
                }
                queue.flush();
            });

            assertThat(heard).containsExactly("a", "b", "c");
        }

        @Test
        void runsWhileAnotherOneSleeps() {
            kernel.run(() -> {
                queue.queue(slow("slow"));
                queue.queue(work("quick"));
                queue.flush();
            });

            assertThat(heard).containsExactly("slow begins", "quick", "slow ends");
        }

        @Test
        void waitsForItsTurnInAnOrderedQueue() {
            kernel.run(() -> {
                ordered.queue(slow("slow"));
                ordered.queue(work("quick"));
                ordered.flush();
            });

            assertThat(heard).containsExactly("slow begins", "slow ends", "quick");
        }

        @Test
        void isNeverRunTwiceAtATime() {
            kernel.run(() -> {
                Work work = slow("w");
                queue.queue(work);
                kernel.settle();
                assertThat(queue.queue(work)).isTrue();
                assertThat(queue.flush(work)).isTrue();
            });

            assertThat(heard).containsExactly("w begins", "w ends", "w begins", "w ends");
        }

        @Test
        void thatFailsDoesNotStopTheQueue() {
            kernel.run(() -> {
                queue.queue(
                        new Work(
                                "bad",
                                () -> {
                                    throw new IllegalStateException("oh");
                                }));
                queue.flush();
                queue.queue(work("good"));
                queue.flush();
            });

            assertThat(heard).containsExactly("good");
            assertThat(kernel.sched.oopses().failures()).hasSize(1);
        }
    }

    @Nested
    class Cancelling {
        @Test
        void takesWorkBackThatWaits() {
            kernel.run(() -> {
                Work work = work("w");
                queue.queue(work);
                assertThat(queue.cancelSync(work)).isTrue();
                assertThat(queue.cancelSync(work)).isFalse();
                kernel.sched.msleep(10);
            });

            assertThat(heard).isEmpty();
        }

        @Test
        void waitsForWorkThatRuns() {
            kernel.run(() -> {
                Work work = slow("w");
                queue.queue(work);
                kernel.settle();
                assertThat(queue.cancelSync(work)).isFalse();
                heard.add("cancelled");
            });

            assertThat(heard).containsExactly("w begins", "w ends", "cancelled");
        }

        @Test
        void keepsWorkFromQueueingItself() {
            Work[] self = new Work[1];
            self[0] =
                    new Work(
                            "w",
                            () -> {
                                heard.add("w");
                                kernel.sched.msleep(10);
                                queue.queue(self[0]);
                            });
            kernel.run(() -> {
                queue.queue(self[0]);
                kernel.settle();
                queue.cancelSync(self[0]);
                kernel.sched.msleep(100);
            });

            assertThat(heard).containsExactly("w");
        }
    }

    @Nested
    class DelayedWorks {
        private final DelayedWork work =
                new DelayedWork(
                        queue,
                        kernel.timers,
                        "w",
                        () -> heard.add("at " + kernel.machine.clock().now() / TestKernel.MS));

        @Test
        void runAfterTheirDelay() {
            kernel.run(() -> {
                assertThat(work.schedule(5)).isTrue();
                assertThat(work.schedule(1)).isFalse();
                kernel.sched.msleep(100);
            });

            assertThat(heard).containsExactly("at 24");
        }

        @Test
        void runAtOnceWithoutADelay() {
            kernel.run(() -> {
                work.schedule(0);
                kernel.settle();
            });

            assertThat(heard).containsExactly("at 0");
        }

        @Test
        void moveWhenTheyAreModified() {
            kernel.run(() -> {
                work.schedule(50);
                assertThat(work.modify(1)).isTrue();
                kernel.sched.msleep(100);
            });

            assertThat(heard).containsExactly("at 8");
        }

        @Test
        void areTakenBack() {
            kernel.run(() -> {
                work.schedule(5);
                assertThat(work.isPending()).isTrue();
                assertThat(work.cancelSync()).isTrue();
                kernel.sched.msleep(100);
            });

            assertThat(heard).isEmpty();
        }

        @Test
        void areFlushedBeforeTheirTime() {
            kernel.run(() -> {
                work.schedule(50);
                assertThat(work.flush()).isTrue();
                assertThat(work.flush()).isFalse();
            });

            assertThat(heard).containsExactly("at 0");
        }
    }

    @Test
    void aDestroyedQueueHasRunEverythingAndTakesNothing() {
        kernel.run(() -> {
            queue.queue(slow("w"));
            queue.destroy();
            assertThatThrownBy(() -> queue.queue(work("late")))
                    .isInstanceOf(IllegalArgumentException.class);
        });

        assertThat(heard).containsExactly("w begins", "w ends");
    }

    @Test
    void manyWorksSleepAtATimeButNotMoreThanTheLimit() {
        int[] count = {0, 0};
        WorkQueue narrow = new WorkQueue(kernel.sched, "narrow", 3);
        kernel.run(() -> {
            for (int i = 0; i < 10; i++) {
                narrow.queue(
                        new Work(
                                "w" + i,
                                () -> {
                                    count[0]++;
                                    count[1] = Math.max(count[1], count[0]);
                                    kernel.sched.msleep(5);
                                    count[0]--;
                                }));
            }
            narrow.flush();
        });

        assertThat(count[1]).isEqualTo(3);
        assertThatThrownBy(() -> new WorkQueue(kernel.sched, "wide", WorkQueue.ACTIVE_MAX + 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
