package dmakit.kernel.sync;

import dmakit.kernel.sched.KernelBug;

/** A lock was used in a way that hangs a real machine, or breaks its lock. */
public final class LockViolation extends KernelBug {
    private static final long serialVersionUID = 1L;

    LockViolation(String message) {
        super(message);
    }
}
