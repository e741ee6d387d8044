package dmakit.kernel.device;

import dmakit.kernel.Errno;
import dmakit.kernel.Linux;

/**
 * Runtime power management of one device: who uses it, and whether it is up.
 *
 * <pre>{@code
 *            get: usage 0 -> 1, runtime_resume
 * SUSPENDED --------------------------------> ACTIVE
 *     ^                                          |
 *     +------------------------------------------+
 *         put: usage 1 -> 0, runtime_idle, runtime_suspend
 * }</pre>
 *
 * <p>Management starts disabled; while it is, nothing changes the state but {@link #setStatus}.
 * Requests are served at once: there is no queue and no delay.
 */
@Linux(file = "drivers/base/power/runtime.c", symbol = "dev_pm_info")
public final class RuntimePower {
    /** What the driver does; each answers 0 or a negative error number. */
    public interface Callbacks {
        /** Brings the device up. */
        int resume();

        /** Puts the device to sleep. */
        int suspend();

        /** Nobody uses it: 0 lets it sleep. */
        int idle();
    }

    private static final int ALREADY = 1;

    private int disableDepth = 1;
    private int usageCount;
    private boolean active;
    private boolean busy;
    private int error;

    RuntimePower() {}

    /** Undoes one {@link #disable}. */
    @Linux(file = "drivers/base/power/runtime.c", symbol = "pm_runtime_enable")
    public void enable() {
        disableDepth = Math.max(0, disableDepth - 1);
    }

    /** Ends management; nests. */
    @Linux(file = "drivers/base/power/runtime.c", symbol = "__pm_runtime_disable")
    public void disable() {
        disableDepth++;
    }

    /** Whether it is managed. */
    @Linux(file = "include/linux/pm_runtime.h", symbol = "pm_runtime_enabled")
    public boolean isEnabled() {
        return disableDepth == 0;
    }

    /** Whether it is up; a device that is not managed counts as up. */
    @Linux(file = "include/linux/pm_runtime.h", symbol = "pm_runtime_active")
    public boolean isActive() {
        return active || disableDepth > 0;
    }

    /** Whether it is managed and sleeps. */
    @Linux(file = "include/linux/pm_runtime.h", symbol = "pm_runtime_suspended")
    public boolean isSuspended() {
        return !active && disableDepth == 0;
    }

    /** How many users it has. */
    public int usageCount() {
        return usageCount;
    }

    /**
     * Sets the state without a callback.
     *
     * @return 0, or {@code -EAGAIN} while it is managed
     */
    @Linux(file = "drivers/base/power/runtime.c", symbol = "__pm_runtime_set_status")
    public int setStatus(boolean up) {
        if (disableDepth == 0 && error == 0) {
            return -Errno.EAGAIN.number();
        }
        active = up;
        error = 0;
        return 0;
    }

    /** One more user, and nothing else. */
    @Linux(file = "include/linux/pm_runtime.h", symbol = "pm_runtime_get_noresume")
    public void getNoResume() {
        usageCount++;
    }

    /** One more user; the device comes up. */
    @Linux(file = "drivers/base/power/runtime.c", symbol = "pm_runtime_get_sync")
    public int get(Callbacks driver) {
        usageCount++;
        return resume(driver);
    }

    /** One more user, if it has one already and is up; answers 1 then. */
    @Linux(file = "drivers/base/power/runtime.c", symbol = "pm_runtime_get_if_in_use")
    public int getIfInUse() {
        if (disableDepth > 0) {
            return -Errno.EINVAL.number();
        }
        if (!active || usageCount == 0) {
            return 0;
        }
        usageCount++;
        return 1;
    }

    /** One user less, and nothing else. */
    @Linux(file = "include/linux/pm_runtime.h", symbol = "pm_runtime_put_noidle")
    public void putNoIdle() {
        usageCount = Math.max(0, usageCount - 1);
    }

    /**
     * One user less; after the last one the device may sleep.
     *
     * @return 0, 1 when it sleeps already, {@code -EINVAL} without a user, or what the driver says
     */
    @Linux(file = "drivers/base/power/runtime.c", symbol = "pm_runtime_put_sync")
    public int put(Callbacks driver) {
        if (usageCount == 0) {
            return -Errno.EINVAL.number();
        }
        return --usageCount > 0 ? 0 : idle(driver);
    }

    /** Brings it up; 1 when it is. */
    @Linux(file = "drivers/base/power/runtime.c", symbol = "rpm_resume")
    public int resume(Callbacks driver) {
        if (error != 0) {
            return -Errno.EINVAL.number();
        }
        if (disableDepth > 0) {
            return active ? ALREADY : -Errno.EACCES.number();
        }
        if (active || busy) {
            return ALREADY;
        }
        busy = true;
        try {
            int answer = driver.resume();
            active = answer >= 0;
            error = answer;
            return answer < 0 ? answer : 0;
        } finally {
            busy = false;
        }
    }

    /** Puts it to sleep unless it has users; 1 when it sleeps. */
    @Linux(file = "drivers/base/power/runtime.c", symbol = "rpm_suspend")
    public int suspend(Callbacks driver) {
        int refused = refusal();
        if (refused != 0) {
            return refused;
        }
        busy = true;
        try {
            int answer = driver.suspend();
            if (answer < 0) {
                boolean later = answer == -Errno.EAGAIN.number() || answer == -Errno.EBUSY.number();
                error = later ? 0 : answer;
                return answer;
            }
            active = false;
            return 0;
        } finally {
            busy = false;
        }
    }

    /** Asks the driver whether it may sleep, and lets it. */
    @Linux(file = "drivers/base/power/runtime.c", symbol = "rpm_idle")
    public int idle(Callbacks driver) {
        int refused = refusal();
        if (refused != 0) {
            return refused;
        }
        int answer = driver.idle();
        return answer == 0 ? suspend(driver) : answer;
    }

    private int refusal() {
        if (error != 0) {
            return -Errno.EINVAL.number();
        }
        if (disableDepth > 0) {
            return -Errno.EACCES.number();
        }
        if (usageCount > 0) {
            return -Errno.EAGAIN.number();
        }
        return active ? 0 : ALREADY;
    }

    /** Puts it to sleep whoever uses it, and ends management. */
    @Linux(file = "drivers/base/power/runtime.c", symbol = "pm_runtime_force_suspend")
    public int forceSuspend(Callbacks driver) {
        boolean up = active;
        disable();
        int answer = up ? driver.suspend() : 0;
        if (answer < 0) {
            enable();
            return answer;
        }
        active = false;
        return 0;
    }

    /** Brings back what {@link #forceSuspend} put to sleep. */
    @Linux(file = "drivers/base/power/runtime.c", symbol = "pm_runtime_force_resume")
    public int forceResume(Callbacks driver) {
        int answer = usageCount > 0 ? driver.resume() : 0;
        active = usageCount > 0 && answer >= 0;
        enable();
        return Math.min(answer, 0);
    }
}
