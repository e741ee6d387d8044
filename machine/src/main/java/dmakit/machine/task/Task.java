package dmakit.machine.task;

import jdk.internal.vm.Continuation;
import org.jspecify.annotations.Nullable;

/**
 * One thread of CPU code, run by the {@link Scheduler} and by nobody else.
 *
 * <p>A task runs until it blocks. Its states: RUNNABLE, RUNNING, BLOCKED, ENDED.
 */
public final class Task {
    enum State {
        RUNNABLE,
        RUNNING,
        BLOCKED,
        ENDED
    }

    private final String name;
    private final int id;
    final Continuation continuation;
    State state = State.RUNNABLE;

    /** Position in the scheduler's list of blocked tasks, while in it. */
    int blockedIndex;

    @Nullable Throwable failure;
    private @Nullable Object local;

    Task(String name, int id, Runnable body) {
        this.name = name;
        this.id = id;
        continuation =
                new Continuation(
                        Scheduler.SCOPE,
                        () -> {
                            try {
                                body.run();
                            } catch (Throwable e) {
                                failure = e;
                            }
                        });
    }

    /** The task's name, as in {@code comm}. */
    public String name() {
        return name;
    }

    /** Number of the task in its scheduler, from 1. */
    public int id() {
        return id;
    }

    /** Whether the body has returned or thrown. */
    public boolean isEnded() {
        return state == State.ENDED;
    }

    /** Whether the task waits for a {@link Scheduler#wake}. */
    public boolean isBlocked() {
        return state == State.BLOCKED;
    }

    /** What ended the task, where that was an exception. */
    public @Nullable Throwable failure() {
        return failure;
    }

    /** What the kernel keeps for this task, or null. */
    public @Nullable Object local() {
        return local;
    }

    /** Lets the kernel keep something for this task. */
    public void local(@Nullable Object value) {
        local = value;
    }

    @Override
    public String toString() {
        return name + "/" + id;
    }
}
