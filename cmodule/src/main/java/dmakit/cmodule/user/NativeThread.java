package dmakit.cmodule.user;

import dmakit.kernel.sched.KernelTask;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** One thread of a program, and the task that makes its system calls. */
final class NativeThread {
    private final int peer;
    private final NativeProcess process;
    private final Queue<Message> inbox = new ArrayDeque<>();
    private @Nullable KernelTask task;
    private boolean serving;
    private boolean gone;

    /**
     * Creates one that has said hello.
     *
     * @param peer number of its connection
     */
    NativeThread(int peer, NativeProcess process) {
        this.peer = peer;
        this.process = process;
    }

    int peer() {
        return peer;
    }

    NativeProcess process() {
        return process;
    }

    /** The task, from the moment it was started. */
    @Nullable KernelTask task() {
        return task;
    }

    void task(KernelTask started) {
        task = started;
    }

    Queue<Message> inbox() {
        return inbox;
    }

    /** Whether a call of it is under way. */
    boolean isServing() {
        return serving;
    }

    void serving(boolean now) {
        serving = now;
    }

    /** Whether its connection has ended: it ended, or became another program. */
    boolean isGone() {
        return gone;
    }

    void markGone() {
        gone = true;
    }
}
