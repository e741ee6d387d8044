package dmakit.kernel.sync;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.sched.KernelTask;

/** How a sleep ends that a signal cut short. */
final class Interrupted {
    private Interrupted() {}

    /** For the waits that the system call starts over after the signal. */
    static KernelException restart(KernelTask task) {
        return new KernelException(Errno.ERESTARTSYS, "a signal interrupted %s", task);
    }

    /** For the locks, which leave that to the driver. */
    static KernelException lock(KernelTask task) {
        return new KernelException(Errno.EINTR, "a signal interrupted %s", task);
    }
}
