package dmakit.kernel.chardev;

import dmakit.kernel.Calls;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;
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

    /** Creates the accessors of one CPU. */
    public UserAccess(Cpu cpu, Calls calls, Processes processes) {
        this.cpu = cpu;
        this.calls = calls;
        this.processes = processes;
    }

    /**
     * Whether a range may belong to the current process at all; a kernel thread has none.
     *
     * @param bytes unsigned
     */
    @Linux(file = "include/asm-generic/access_ok.h", symbol = "access_ok")
    public boolean isUser(long user, long bytes) {
        UserProcess process = processes.current();
        return process != null && bytes >= 0 && process.memory().isUser(user, bytes);
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
        long done = 0;
        if (isUser(fromUser, bytes)) {
            byte[] page = pageFor(bytes);
            int got = -1;
            while (done < bytes && got != 0) {
                got = load(fromUser + done, page, piece(fromUser + done, bytes - done));
                cpu.store(toVa + done, page, 0, got);
                done += got;
            }
        }
        if (done < bytes) {
            cpu.fill(toVa + done, bytes - done, (byte) 0);
        }
        return bytes - done;
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
        long done = 0;
        if (isUser(toUser, bytes)) {
            byte[] page = pageFor(bytes);
            int put = -1;
            while (done < bytes && put != 0) {
                int piece = piece(toUser + done, bytes - done);
                cpu.load(fromVa + done, page, 0, piece);
                put = store(toUser + done, page, piece);
                done += put;
            }
        }
        return bytes - done;
    }

    /**
     * Copies from the current process to memory the machine does not know, as a C module's stack.
     *
     * @return bytes not copied; behind those that were, {@code into} is as before
     */
    public int load(long fromUser, byte[] into) {
        enter("copy_from_user", 0, fromUser, into.length);
        return isUser(fromUser, into.length)
                ? into.length - load(fromUser, into, into.length)
                : into.length;
    }

    /**
     * Copies to the current process from memory the machine does not know.
     *
     * @return bytes not copied
     */
    public int store(long toUser, byte[] from) {
        enter("copy_to_user", toUser, 0, from.length);
        return isUser(toUser, from.length)
                ? from.length - store(toUser, from, from.length)
                : from.length;
    }

    /**
     * Reads a 32-bit number of the current process.
     *
     * @throws KernelException {@code EFAULT} when the process has nothing there
     */
    @Linux(file = "include/linux/uaccess.h", symbol = "get_user")
    public int getUser32(long fromUser) {
        calls.enter();
        calls.mightSleep("__might_fault");
        byte[] word = new byte[Integer.BYTES];
        if (!isUser(fromUser, word.length) || load(fromUser, word, word.length) < word.length) {
            throw bad(fromUser);
        }
        return (int) WORD.get(word, 0);
    }

    /**
     * Writes a 32-bit number of the current process.
     *
     * @throws KernelException {@code EFAULT} when the process has nothing there
     */
    @Linux(file = "include/linux/uaccess.h", symbol = "put_user")
    public void putUser32(int value, long toUser) {
        calls.enter();
        calls.mightSleep("__might_fault");
        byte[] word = new byte[Integer.BYTES];
        WORD.set(word, 0, value);
        if (!isUser(toUser, word.length) || store(toUser, word, word.length) < word.length) {
            throw bad(toUser);
        }
    }

    private static KernelException bad(long user) {
        return new KernelException(Errno.EFAULT, "bad user address 0x%x", user);
    }

    private int load(long fromUser, byte[] into, int bytes) {
        UserProcess process = processes.current();
        return process == null ? 0 : process.memory().load(fromUser, into, 0, bytes);
    }

    private int store(long toUser, byte[] from, int bytes) {
        UserProcess process = processes.current();
        return process == null ? 0 : process.memory().store(toUser, from, 0, bytes);
    }

    /** Of its own for each call: a fault in between may sleep. */
    private static byte[] pageFor(long bytes) {
        return new byte[(int) Math.min(bytes, PAGE_BYTES)];
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
