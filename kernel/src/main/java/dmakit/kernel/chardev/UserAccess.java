package dmakit.kernel.chardev;

import dmakit.kernel.Calls;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.PageTable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** How the kernel follows pointers of the current process: checked, and never further than told. */
public final class UserAccess {
    private static final int PAGE_BYTES = AddressLayout.PAGE_BYTES;
    private static final VarHandle WORD =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final Cpu cpu;
    private final Calls calls;
    private final Processes processes;
    private final byte[] page = new byte[PAGE_BYTES];

    /** Creates the accessors of one CPU. */
    public UserAccess(Cpu cpu, Calls calls, Processes processes) {
        this.cpu = cpu;
        this.calls = calls;
        this.processes = processes;
    }

    /**
     * Copies from the current process.
     *
     * @param toVa kernel virtual address
     * @param fromUser address in the process
     * @return bytes not copied: 0 when all went well
     */
    @Linux(file = "include/linux/uaccess.h", symbol = "copy_from_user")
    public long copyFromUser(long toVa, long fromUser, long bytes) {
        enter("copy_from_user", toVa, fromUser, bytes);
        long reachable = reachable(fromUser, bytes);
        for (long done = 0; done < reachable; ) {
            int piece = piece(fromUser + done, reachable - done);
            loadUser(fromUser + done, piece);
            cpu.store(toVa + done, page, 0, piece);
            done += piece;
        }
        if (reachable < bytes) {
            cpu.fill(toVa + reachable, bytes - reachable, (byte) 0);
        }
        return bytes - reachable;
    }

    /**
     * Copies to the current process.
     *
     * @param toUser address in the process
     * @param fromVa kernel virtual address
     * @return bytes not copied: 0 when all went well
     */
    @Linux(file = "include/linux/uaccess.h", symbol = "copy_to_user")
    public long copyToUser(long toUser, long fromVa, long bytes) {
        enter("copy_to_user", toUser, fromVa, bytes);
        long reachable = reachable(toUser, bytes);
        for (long done = 0; done < reachable; ) {
            int piece = piece(toUser + done, reachable - done);
            cpu.load(fromVa + done, page, 0, piece);
            storeUser(toUser + done, piece);
            done += piece;
        }
        return bytes - reachable;
    }

    /**
     * Reads a 32-bit number of the current process.
     *
     * @throws KernelException {@code EFAULT} when the process has nothing there
     */
    @Linux(file = "include/linux/uaccess.h", symbol = "get_user")
    public int getUser32(long fromUser) {
        requireReachable(fromUser, Integer.BYTES);
        loadUser(fromUser, Integer.BYTES);
        return (int) WORD.get(page, 0);
    }

    /**
     * Writes a 32-bit number of the current process.
     *
     * @throws KernelException {@code EFAULT} when the process has nothing there
     */
    @Linux(file = "include/linux/uaccess.h", symbol = "put_user")
    public void putUser32(int value, long toUser) {
        requireReachable(toUser, Integer.BYTES);
        WORD.set(page, 0, value);
        storeUser(toUser, Integer.BYTES);
    }

    private void requireReachable(long user, long bytes) {
        calls.enter();
        calls.mightSleep("__might_fault");
        if (reachable(user, bytes) < bytes) {
            throw new KernelException(Errno.EFAULT, "bad user address 0x%x", user);
        }
    }

    /** How many bytes from a user address on the current process has, up to {@code bytes}. */
    private long reachable(long user, long bytes) {
        UserProcess process = processes.current();
        if (process == null || bytes < 0 || !AddressLayout.isUser(user)) {
            return 0;
        }
        PageTable table = process.table();
        long done = 0;
        while (done < bytes && table.entryOf(user + done) != PageTable.UNMAPPED) {
            done += piece(user + done, bytes - done);
        }
        return done;
    }

    /** Loads into {@link #page} with the process's addresses switched on. */
    private void loadUser(long user, int bytes) {
        switchOn();
        try {
            cpu.load(user, page, 0, bytes);
        } finally {
            cpu.userTable(null);
        }
    }

    /** Stores from {@link #page} with the process's addresses switched on. */
    private void storeUser(long user, int bytes) {
        switchOn();
        try {
            cpu.store(user, page, 0, bytes);
        } finally {
            cpu.userTable(null);
        }
    }

    private void switchOn() {
        UserProcess process = processes.current();
        cpu.userTable(process == null ? null : process.table());
    }

    private static int piece(long va, long bytes) {
        return (int) Math.min(bytes, PAGE_BYTES - (va & (PAGE_BYTES - 1)));
    }

    private void enter(String function, long to, long from, long bytes) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(
                    function,
                    "0x" + Long.toHexString(to) + ", 0x" + Long.toHexString(from) + ", " + bytes);
        }
        calls.mightSleep("__might_fault");
    }
}
