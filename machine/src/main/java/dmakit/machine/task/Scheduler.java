package dmakit.machine.task;

import dmakit.machine.Check;
import dmakit.machine.random.Rng;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import dmakit.machine.trace.TraceEvent;
import java.util.ArrayList;
import java.util.List;
import jdk.internal.vm.Continuation;
import jdk.internal.vm.ContinuationScope;
import org.jspecify.annotations.Nullable;

/**
 * Runs CPU code as cooperative tasks on the calling thread, one at a time.
 *
 * <p>A task goes on until it {@linkplain #block blocks} or {@linkplain #yieldCpu yields}; then the
 * seed chooses among the runnable ones. When none is runnable the CPU idles: time jumps to the next
 * event. When there is no event either, nothing can ever happen again: a {@link Deadlock}.
 */
public final class Scheduler {
    static final ContinuationScope SCOPE = new ContinuationScope("dmakit");

    /** Tasks that may live at the same time. */
    public static final int TASK_COUNT_MAX = 65_536;

    private final Clock clock;
    private final Trace trace;
    private final Rng rng;
    private final IdleLoop idleLoop;
    private final List<Task> runnable = new ArrayList<>();
    private final List<Task> blocked = new ArrayList<>();
    private @Nullable Task current;
    private int nextId = 1;

    /** What the CPU does when no task can run. */
    @FunctionalInterface
    public interface IdleLoop {
        /**
         * Waits for the next event and handles what it brings.
         *
         * @return false when no event will ever come
         */
        boolean idle();
    }

    /** Creates a scheduler without tasks. */
    public Scheduler(Clock clock, Trace trace, Rng rng, IdleLoop idleLoop) {
        this.clock = clock;
        this.trace = trace;
        this.rng = rng;
        this.idleLoop = idleLoop;
    }

    /** Adds a task that is runnable at once. */
    public Task spawn(String name, Runnable body) {
        Check.invariant(
                runnable.size() + blocked.size() < TASK_COUNT_MAX,
                "more than %d tasks",
                TASK_COUNT_MAX);
        Task task = new Task(name, nextId++, body);
        runnable.add(task);
        return task;
    }

    /** The task that runs now, or null in the idle loop and outside {@link #runUntil}. */
    public @Nullable Task current() {
        return current;
    }

    /**
     * Runs tasks until one has ended.
     *
     * @throws Deadlock when it cannot end any more
     */
    public void runUntil(Task awaited) {
        Check.invariant(current == null, "the scheduler was entered from a task");
        while (!awaited.isEnded()) {
            if (!runnable.isEmpty()) {
                run(takeRunnable());
            } else if (!idleLoop.idle()) {
                throw new Deadlock(List.copyOf(blocked));
            }
        }
    }

    /** Lets the current task wait until somebody wakes it. Call it in a loop around a condition. */
    public void block() {
        Task task = running();
        task.state = Task.State.BLOCKED;
        blocked.add(task);
        Continuation.yield(SCOPE);
    }

    /** Lets other runnable tasks go first. */
    public void yieldCpu() {
        Task task = running();
        task.state = Task.State.RUNNABLE;
        runnable.add(task);
        Continuation.yield(SCOPE);
    }

    /** Makes a blocked task runnable; a task that is not blocked stays as it is. */
    public void wake(Task task) {
        if (task.state == Task.State.BLOCKED) {
            task.state = Task.State.RUNNABLE;
            blocked.remove(task);
            runnable.add(task);
            if (trace.isOn()) {
                trace.emit(new TraceEvent.WakeUp(clock.now(), task.name()));
            }
        }
    }

    /** Whether a task other than the current one could run. */
    public boolean hasRunnable() {
        return !runnable.isEmpty();
    }

    private Task running() {
        Task task = current;
        if (task == null) {
            throw new IllegalStateException("no task runs: only a task can wait");
        }
        return task;
    }

    private Task takeRunnable() {
        int count = runnable.size();
        return runnable.remove(count == 1 ? 0 : rng.nextInt(count));
    }

    private void run(Task task) {
        if (trace.isOn()) {
            trace.emit(new TraceEvent.TaskSwitch(clock.now(), task.name()));
        }
        current = task;
        task.state = Task.State.RUNNING;
        task.continuation.run();
        current = null;
        if (task.continuation.isDone()) {
            task.state = Task.State.ENDED;
        }
    }
}
