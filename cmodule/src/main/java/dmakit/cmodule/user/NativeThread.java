package dmakit.cmodule.user;

import dmakit.kernel.sched.KernelTask;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** One thread of a program, and the task that makes its system calls. */
final class NativeThread {
    private final int peer;
    private final Message hello;
    private final Queue<Message> inbox = new ArrayDeque<>();
    private @Nullable NativeProcess process;
    private @Nullable KernelTask task;
    private int order;
    private boolean serving;
    private boolean gone;

    /**
     * Creates one that has said hello.
     *
     * @param peer number of its connection
     * @param hello what it said
     */
    NativeThread(int peer, Message hello) {
        this.peer = peer;
        this.hello = hello;
    }

    int peer() {
        return peer;
    }

    /** Number of its process on the host. */
    int pid() {
        return hello.intValue(0);
    }

    /** Its own number on the host. */
    int tid() {
        return hello.intValue(1);
    }

    /** Number of the process that started its own. */
    int parentPid() {
        return hello.intValue(2);
    }

    /** What made it say hello. */
    Wire.Reason reason() {
        return Wire.Reason.values()[hello.intValue(3)];
    }

    /** The program's name. */
    String name() {
        return hello.text();
    }

    /**
     * Says which task makes its calls.
     *
     * @param number later threads have larger ones
     */
    void start(NativeProcess itsProcess, KernelTask itsTask, int number) {
        process = itsProcess;
        task = itsTask;
        order = number;
    }

    /** Its process; only once it was started. */
    NativeProcess process() {
        NativeProcess started = process;
        if (started == null) {
            throw new IllegalStateException("thread " + peer + " has not been started");
        }
        return started;
    }

    /** Its task, or null before it was started. */
    @Nullable KernelTask task() {
        return task;
    }

    /** Its place among all threads. */
    int order() {
        return order;
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
