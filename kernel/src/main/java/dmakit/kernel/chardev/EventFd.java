package dmakit.kernel.chardev;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.sched.Sched;
import dmakit.kernel.sync.WaitQueue;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A counter that a process waits for and the kernel adds to. The process has it as a file; who
 * looks it up there may keep it longer.
 */
@Linux(file = "fs/eventfd.c", symbol = "eventfd_ctx")
public final class EventFd implements FileOperations {
    /** A read takes 1 instead of all. */
    public static final int SEMAPHORE = 1;

    /** The counter stays below this. */
    private static final long COUNT_MAX = -2;

    private static final VarHandle NUMBER =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final UserAccess user;
    private final WaitQueue queue;
    private final boolean semaphore;
    private long count;

    /**
     * Creates a counter; {@link File#open} makes a file of it.
     *
     * @param count where it starts
     * @param flags {@link #SEMAPHORE} or 0
     */
    @Linux(file = "fs/eventfd.c", symbol = "do_eventfd")
    public EventFd(Sched sched, UserAccess user, long count, int flags) {
        this.user = user;
        this.count = count;
        queue = new WaitQueue(sched);
        semaphore = (flags & SEMAPHORE) != 0;
    }

    /**
     * The counter behind a file.
     *
     * @throws KernelException {@code EINVAL} when it is another file
     */
    @Linux(file = "fs/eventfd.c", symbol = "eventfd_ctx_fileget")
    public static EventFd of(File file) {
        if (file.operations() instanceof EventFd event) {
            return event;
        }
        throw new KernelException(Errno.EINVAL, "%s is no eventfd", file.name());
    }

    /**
     * Adds to the counter, as far as it goes; any context.
     *
     * @param n unsigned
     * @return what was added
     */
    @Linux(file = "fs/eventfd.c", symbol = "eventfd_signal_mask")
    public long signal(long n) {
        long room = -1 - count;
        long added = Long.compareUnsigned(n, room) > 0 ? room : n;
        count += added;
        queue.wakeUp();
        return added;
    }

    /** The counter, unsigned. */
    public long count() {
        return count;
    }

    @Override
    public long read(File file, long userVa, long bytes) {
        requireNumber(bytes);
        if (count == 0 && file.isNonBlocking()) {
            throw new KernelException(Errno.EAGAIN, "the counter is 0");
        }
        queue.waitEventInterruptible(() -> count != 0);
        long taken = semaphore ? 1 : count;
        count -= taken;
        queue.wakeUp();
        byte[] number = new byte[Long.BYTES];
        NUMBER.set(number, 0, taken);
        if (user.store(userVa, number) > 0) {
            throw new KernelException(Errno.EFAULT, "bad user address 0x%x", userVa);
        }
        return Long.BYTES;
    }

    @Override
    public long write(File file, long userVa, long bytes) {
        requireNumber(bytes);
        byte[] number = new byte[Long.BYTES];
        if (user.load(userVa, number) > 0) {
            throw new KernelException(Errno.EFAULT, "bad user address 0x%x", userVa);
        }
        long n = (long) NUMBER.get(number, 0);
        if (n == -1) {
            throw new KernelException(Errno.EINVAL, "the largest number cannot be added");
        }
        if (!fits(n) && file.isNonBlocking()) {
            throw new KernelException(Errno.EAGAIN, "the counter is full");
        }
        queue.waitEventInterruptible(() -> fits(n));
        count += n;
        queue.wakeUp();
        return Long.BYTES;
    }

    private boolean fits(long n) {
        return Long.compareUnsigned(COUNT_MAX - count, n) >= 0;
    }

    private static void requireNumber(long bytes) {
        if (bytes < Long.BYTES) {
            throw new KernelException(Errno.EINVAL, "%d bytes for a number of 8", bytes);
        }
    }

    @Override
    public int poll(File file, PollTable table) {
        table.waitOn(queue);
        int ready = 0;
        if (count != 0) {
            ready |= Poll.IN;
        }
        if (count == -1) {
            ready |= Poll.ERR;
        }
        if (Long.compareUnsigned(count, COUNT_MAX) < 0) {
            ready |= Poll.OUT;
        }
        return ready;
    }
}
