package dmakit.kernel.irq;

import org.jspecify.annotations.Nullable;

/** Tasklets that wait for their softirq, first come, first served. */
final class TaskletList {
    private @Nullable Tasklet first;
    private @Nullable Tasklet last;

    void add(Tasklet tasklet) {
        Tasklet before = last;
        if (before == null) {
            first = tasklet;
        } else {
            before.next = tasklet;
        }
        last = tasklet;
    }

    /** The first one, which leads to the others; the list is empty afterwards. */
    @Nullable Tasklet takeAll() {
        Tasklet taken = first;
        first = null;
        last = null;
        return taken;
    }
}
