package dmakit.machine.task;

import java.util.List;
import java.util.stream.Collectors;

/** Nothing can run and nothing is scheduled: every task waits for something that cannot come. */
public final class Deadlock extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Task> blocked;

    Deadlock(List<Task> blocked) {
        super(
                "deadlock: nothing can run and nothing is scheduled; waiting: "
                        + blocked.stream().map(Task::toString).collect(Collectors.joining(", ")));
        this.blocked = List.copyOf(blocked);
    }

    /** The tasks that wait, in the order of their numbers. */
    public List<Task> blocked() {
        return blocked;
    }
}
