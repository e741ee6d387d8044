package dmakit.kernel.chardev;

/** What a process does about a signal that comes during a system call. */
@FunctionalInterface
public interface SignalHandling {
    /** How the system call goes on. */
    enum Action {
        /** As if there had been no signal: ignored ones, and those that stop and continue. */
        IGNORE,
        /** A handler runs, and the call starts over ({@code SA_RESTART}). */
        RESTART,
        /** A handler runs, and the call ends with {@code EINTR}. */
        INTERRUPT,
        /** The process ends. */
        DIE
    }

    /**
     * Takes a signal.
     *
     * @param signal 1 to {@link dmakit.kernel.sched.KernelTask#SIGNAL_MAX}
     */
    Action take(int signal);
}
