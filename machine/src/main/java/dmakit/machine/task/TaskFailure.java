package dmakit.machine.task;

/** A task that nobody awaits ended with an exception, which is the cause of this one. */
public final class TaskFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Task task;

    TaskFailure(Task task, Throwable cause) {
        super("task " + task + " failed: " + cause, cause);
        this.task = task;
    }

    /** The task that failed. */
    public Task task() {
        return task;
    }
}
