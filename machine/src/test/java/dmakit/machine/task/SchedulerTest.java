package dmakit.machine.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmakit.machine.InvariantViolation;
import dmakit.machine.random.Rng;
import dmakit.machine.time.Alarm;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import dmakit.machine.trace.TraceEvent;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SchedulerTest {
    private final Clock clock = new Clock();
    private final Trace trace = new Trace();
    private final Scheduler scheduler = scheduler(1);
    private final List<String> done = new ArrayList<>();

    private Scheduler scheduler(long seed) {
        return new Scheduler(clock, trace, new Rng(seed), this::idle);
    }

    private boolean idle() {
        if (clock.nextAt() == Clock.NEVER) {
            return false;
        }
        clock.advanceTo(clock.nextAt());
        return true;
    }

    @Test
    void aTaskRunsToItsEnd() {
        Task task = scheduler.spawn("one", () -> done.add(current()));
        assertThat(task.isEnded()).isFalse();
        scheduler.runUntil(task);
        assertThat(task.isEnded()).isTrue();
        assertThat(task.failure()).isNull();
        assertThat(done).containsExactly("one/1");
        assertThat(scheduler.current()).isNull();
    }

    private String current() {
        return String.valueOf(scheduler.current());
    }

    @Test
    void aBlockedTaskGoesOnWhereItWasOnceWoken() {
        Task sleeper =
                scheduler.spawn(
                        "sleeper",
                        () -> {
                            done.add("before");
                            scheduler.block();
                            done.add("after");
                        });
        clock.setAt(new Alarm("wake", () -> scheduler.wake(sleeper)), 100);
        scheduler.runUntil(sleeper);
        assertThat(done).containsExactly("before", "after");
        assertThat(clock.now()).isEqualTo(100);
    }

    @Test
    void wakingATaskThatIsNotBlockedChangesNothing() {
        Task task = scheduler.spawn("one", () -> scheduler.wake(running()));
        scheduler.wake(task);
        scheduler.runUntil(task);
        scheduler.wake(task);
        assertThat(task.isEnded()).isTrue();
        assertThat(scheduler.hasRunnable()).isFalse();
    }

    private Task running() {
        Task task = scheduler.current();
        assertThat(task).isNotNull();
        return task;
    }

    @Test
    void aTaskThatYieldsLetsAnotherGoFirstWheneverThereIsOne() {
        for (long seed = 0; seed < 50; seed++) {
            Scheduler two = scheduler(seed);
            List<String> order = new ArrayList<>();
            Runnable body =
                    () -> {
                        for (int i = 0; i < 10; i++) {
                            order.add(String.valueOf(two.current()));
                            two.yieldCpu();
                        }
                    };
            Task a = two.spawn("a", body);
            Task b = two.spawn("b", body);
            two.runUntil(a);
            two.runUntil(b);
            for (int i = 1; i < 20; i++) {
                assertThat(order.get(i)).as("seed %d", seed).isNotEqualTo(order.get(i - 1));
            }
        }
    }

    @Test
    void aTaskThatYieldsAloneGoesOnAndLivesOnTheTimeOfItsSwitches() {
        Scheduler busy =
                new Scheduler(clock, trace, new Rng(1), this::idle, () -> clock.advanceBy(10));
        boolean[] came = new boolean[1];
        clock.setAt(new Alarm("event", () -> came[0] = true), 95);
        Task task =
                busy.spawn(
                        "spinner",
                        () -> {
                            while (!came[0]) {
                                busy.yieldCpu();
                            }
                        });
        busy.runUntil(task);
        assertThat(clock.now()).isEqualTo(100);
    }

    @Test
    void theSeedChoosesTheOrderAndChoosesItAgain() {
        Set<List<String>> orders = new LinkedHashSet<>();
        for (long seed = 0; seed < 60; seed++) {
            List<String> first = orderOf(seed);
            assertThat(orderOf(seed)).as("seed %d", seed).isEqualTo(first);
            orders.add(first);
        }
        assertThat(orders).hasSize(6);
    }

    private List<String> orderOf(long seed) {
        Scheduler three = scheduler(seed);
        List<String> order = new ArrayList<>();
        List<Task> tasks = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            tasks.add(three.spawn(name, () -> order.add(name)));
        }
        tasks.forEach(three::runUntil);
        return order;
    }

    @Test
    void aThousandBlockedTasksWakeInAnyOrderAndEachOnce() {
        List<Task> tasks = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            String name = "t" + i;
            tasks.add(
                    scheduler.spawn(
                            name,
                            () -> {
                                scheduler.block();
                                done.add(name);
                            }));
        }
        Task waker =
                scheduler.spawn(
                        "waker",
                        () -> {
                            while (scheduler.hasRunnable()) {
                                scheduler.yieldCpu();
                            }
                            Rng rng = new Rng(7);
                            List<Task> blocked = new ArrayList<>(tasks);
                            while (!blocked.isEmpty()) {
                                scheduler.wake(blocked.remove(rng.nextInt(blocked.size())));
                            }
                        });
        scheduler.runUntil(waker);
        tasks.forEach(scheduler::runUntil);
        assertThat(new LinkedHashSet<>(done)).hasSize(1000);
    }

    @Test
    void tasksThatEndedMakeRoomForOthers() {
        for (int i = 0; i <= Scheduler.TASK_COUNT_MAX; i++) {
            Task task = scheduler.spawn("short", () -> {});
            scheduler.runUntil(task);
        }
        assertThat(scheduler.hasRunnable()).isFalse();
    }

    @Nested
    class Fails {
        @Test
        void withADeadlockThatNamesWhoWaits() {
            scheduler.spawn("lost", scheduler::block);
            Task task = scheduler.spawn("main", scheduler::block);
            assertThatThrownBy(() -> scheduler.runUntil(task))
                    .isInstanceOfSatisfying(
                            Deadlock.class,
                            e ->
                                    assertThat(e.blocked())
                                            .extracting(Task::toString)
                                            .containsExactly("lost/1", "main/2"))
                    .hasMessageContaining("lost/1, main/2");
        }

        @Test
        void andGoesOnAfterADeadlockOnceSomebodyWakes() {
            Task task = scheduler.spawn("main", scheduler::block);
            assertThatThrownBy(() -> scheduler.runUntil(task)).isInstanceOf(Deadlock.class);
            scheduler.wake(task);
            scheduler.runUntil(task);
            assertThat(task.isEnded()).isTrue();
        }

        @Test
        void quietlyWhenTheAwaitedTaskFails() {
            RuntimeException broken = new RuntimeException("broken");
            Task task =
                    scheduler.spawn(
                            "main",
                            () -> {
                                throw broken;
                            });
            scheduler.runUntil(task);
            assertThat(task.isEnded()).isTrue();
            assertThat(task.failure()).isSameAs(broken);
        }

        @Test
        void loudlyWhenATaskFailsThatNobodyAwaits() {
            RuntimeException broken = new RuntimeException("broken");
            Task task = scheduler.spawn("main", scheduler::block);
            Task thread =
                    scheduler.spawn(
                            "kthread",
                            () -> {
                                throw broken;
                            });
            assertThatThrownBy(() -> scheduler.runUntil(task))
                    .isInstanceOfSatisfying(
                            TaskFailure.class, e -> assertThat(e.task()).isSameAs(thread))
                    .hasCause(broken)
                    .hasMessageContaining("kthread");
        }

        @Test
        void whenEnteredFromATask() {
            Task other = scheduler.spawn("other", () -> {});
            Task task = scheduler.spawn("main", () -> scheduler.runUntil(other));
            scheduler.runUntil(task);
            assertThat(task.failure()).isInstanceOf(InvariantViolation.class);
        }

        @Test
        void whenEnteredFromTheIdleLoop() {
            Task task = scheduler.spawn("main", scheduler::block);
            clock.setAt(new Alarm("irq", () -> scheduler.runUntil(task)), 5);
            assertThatThrownBy(() -> scheduler.runUntil(task))
                    .isInstanceOf(InvariantViolation.class)
                    .hasMessageContaining("entered from within");
        }

        @Test
        void whenNoTaskRunsThatCouldWait() {
            assertThatThrownBy(scheduler::block).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(scheduler::yieldCpu).isInstanceOf(IllegalStateException.class);
        }

        @Test
        void whenHostCodeStandsInTheWayAndTheTaskGoesOn() {
            Task task =
                    scheduler.spawn(
                            "main",
                            () -> {
                                try {
                                    insideAClassInitializer(scheduler);
                                } catch (ExceptionInInitializerError e) {
                                    done.add(String.valueOf(e.getCause().getMessage()));
                                }
                            });
            scheduler.runUntil(task);
            assertThat(task.failure()).isNull();
            assertThat(done).hasSize(1);
            assertThat(done.getFirst()).startsWith("task main/1 cannot wait here");
            assertThat(scheduler.hasRunnable()).isFalse();
        }

        @Test
        void atOneTaskMoreThanTheLimitCountingTheOneThatRuns() {
            Task task =
                    scheduler.spawn(
                            "main",
                            () -> {
                                for (int i = 1; i < Scheduler.TASK_COUNT_MAX; i++) {
                                    scheduler.spawn("many", () -> {});
                                }
                                done.add("full");
                                scheduler.spawn("one more", () -> {});
                            });
            scheduler.runUntil(task);
            assertThat(done).containsExactly("full");
            assertThat(task.failure()).isInstanceOf(InvariantViolation.class);
        }
    }

    private static final ThreadLocal<Scheduler> FOR_INITIALIZER = new ThreadLocal<>();

    private static void insideAClassInitializer(Scheduler scheduler) {
        FOR_INITIALIZER.set(scheduler);
        Waiting.touch();
    }

    /** A class initializer has a native frame below it, which a continuation cannot leave. */
    private static final class Waiting {
        static {
            FOR_INITIALIZER.get().block();
        }

        static void touch() {}
    }

    @Test
    void theTraceTellsWhoRunsAndWhenNobodyDoes() {
        List<String> seen = new ArrayList<>();
        trace.addSink(event -> {
            if (event instanceof TraceEvent.TaskSwitch(long at, String task)) {
                seen.add(at + " " + task);
            } else if (event instanceof TraceEvent.WakeUp(long at, String task)) {
                seen.add(at + " wake " + task);
            }
        });
        Task task = scheduler.spawn("main", scheduler::block);
        clock.setAt(new Alarm("nothing", () -> {}), 50);
        clock.setAt(new Alarm("wake", () -> scheduler.wake(task)), 100);
        scheduler.runUntil(task);
        assertThat(seen).containsExactly("0 main", "0 ", "100 wake main", "100 main");
    }
}
