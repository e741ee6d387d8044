package dmakit.machine.task;

import dmakit.machine.Check;
import dmakit.machine.random.Rng;
import dmakit.machine.time.Clock;
import dmakit.machine.trace.Trace;
import dmakit.machine.trace.TraceEvent;
import java.util.ArrayList;
import java.util.Comparator;
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

    private static final String IDLE = "";

    private final Clock clock;
    private final Trace trace;
    private final Rng rng;
    private IdleLoop idleLoop;
    private final Runnable beforeTask;
    private final List<Task> runnable = new ArrayList<>();
    private final List<Task> blocked = new ArrayList<>();
    private @Nullable Task current;

    /** A task that let others go first, until one of them was chosen. */
    private @Nullable Task yielding;

    private int liveCount;
    private int nextId = 1;
    private boolean entered;
    private boolean idling;

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

    /** Creates a scheduler without tasks, on which going from one to another takes no time. */
    public Scheduler(Clock clock, Trace trace, Rng rng, IdleLoop idleLoop) {
        this(clock, trace, rng, idleLoop, () -> {});
    }

    /**
     * Creates a scheduler without tasks.
     *
     * @param beforeTask what the CPU does whenever it goes on with a task; time may pass in it, and
     *     a task that yields in a loop lives on that time
     */
    public Scheduler(Clock clock, Trace trace, Rng rng, IdleLoop idleLoop, Runnable beforeTask) {
        this.clock = clock;
        this.trace = trace;
        this.rng = rng;
        this.idleLoop = idleLoop;
        this.beforeTask = beforeTask;
    }

    /**
     * Adds a task that is runnable at once.
     *
     * @throws dmakit.machine.InvariantViolation when {@link #TASK_COUNT_MAX} tasks live
     */
    public Task spawn(String name, Runnable body) {
        Check.invariant(liveCount < TASK_COUNT_MAX, "more than %d tasks", TASK_COUNT_MAX);
        Task task = new Task(name, nextId++, body);
        liveCount++;
        runnable.add(task);
        return task;
    }

    /** The task that runs now, or null in the idle loop and outside {@link #runUntil}. */
    public @Nullable Task current() {
        return current;
    }

    /**
     * Runs tasks until one has ended; what ended it is in {@link Task#failure}.
     *
     * @throws Deadlock when it cannot end any more
     * @throws TaskFailure when another task ends with an exception; calling again goes on with the
     *     tasks that are left
     * @throws dmakit.machine.InvariantViolation when called by a task or an interrupt handler
     */
    public void runUntil(Task awaited) {
        Check.invariant(!entered, "the scheduler was entered from within");
        entered = true;
        try {
            while (!awaited.isEnded()) {
                Task next = takeRunnable();
                if (next == null) {
                    idle();
                } else {
                    run(next, awaited);
                }
            }
        } finally {
            entered = false;
        }
    }

    /**
     * Lets the current task wait until somebody wakes it. Call it in a loop around a condition.
     *
     * @throws IllegalStateException when no task runs, or host code that cannot be left stands
     *     between the task and this call
     */
    public void block() {
        Task task = running();
        task.state = Task.State.BLOCKED;
        task.blockedIndex = blocked.size();
        blocked.add(task);
        leave(task);
    }

    /**
     * Lets every other runnable task have a chance to go first.
     *
     * @throws IllegalStateException as {@link #block}
     */
    public void yieldCpu() {
        Task task = running();
        task.state = Task.State.RUNNABLE;
        yielding = task;
        leave(task);
    }

    /**
     * Lets somebody else decide how the CPU waits, who knows of work that comes from outside of the
     * machine.
     *
     * @return who did so far, and is to again when that is over
     */
    public IdleLoop idleWith(IdleLoop other) {
        IdleLoop before = idleLoop;
        idleLoop = other;
        return before;
    }

    /** Makes a blocked task runnable; a task that is not blocked stays as it is. */
    public void wake(Task task) {
        if (task.state == Task.State.BLOCKED) {
            unblock(task);
            task.state = Task.State.RUNNABLE;
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

    private void leave(Task task) {
        try {
            Continuation.yield(SCOPE);
        } catch (IllegalStateException pinned) {
            if (task.state == Task.State.BLOCKED) {
                unblock(task);
            }
            yielding = null;
            task.state = Task.State.RUNNING;
            throw new IllegalStateException(
                    "task " + task + " cannot wait here: " + pinned.getMessage(), pinned);
        }
    }

    private void unblock(Task task) {
        int index = task.blockedIndex;
        Check.invariant(
                index < blocked.size() && blocked.get(index) == task,
                "the task belongs to another scheduler");
        Task last = blocked.removeLast();
        if (last != task) {
            blocked.set(index, last);
            last.blockedIndex = index;
        }
    }

    private @Nullable Task takeRunnable() {
        Task yielded = yielding;
        yielding = null;
        int count = runnable.size();
        if (count == 0) {
            return yielded;
        }
        int index = count == 1 ? 0 : rng.nextInt(count);
        Task task = runnable.get(index);
        Task last = runnable.removeLast();
        if (last != task) {
            runnable.set(index, last);
        }
        if (yielded != null) {
            runnable.add(yielded);
        }
        return task;
    }

    private void idle() {
        if (trace.isOn() && !idling) {
            trace.emit(new TraceEvent.TaskSwitch(clock.now(), IDLE));
        }
        idling = true;
        if (!idleLoop.idle()) {
            List<Task> waiting = new ArrayList<>(blocked);
            waiting.sort(Comparator.comparingInt(Task::id));
            throw new Deadlock(waiting);
        }
    }

    private void prepare(Task task) {
        boolean ready = false;
        try {
            beforeTask.run();
            ready = true;
        } finally {
            if (!ready) {
                runnable.add(task);
            }
        }
    }

    private void run(Task task, Task awaited) {
        idling = false;
        prepare(task);
        if (trace.isOn()) {
            trace.emit(new TraceEvent.TaskSwitch(clock.now(), task.name()));
        }
        current = task;
        task.state = Task.State.RUNNING;
        try {
            task.continuation.run();
        } finally {
            current = null;
        }
        if (task.continuation.isDone()) {
            task.state = Task.State.ENDED;
            liveCount--;
            Throwable failure = task.failure;
            if (failure != null && task != awaited) {
                throw new TaskFailure(task, failure);
            }
        }
    }
}
