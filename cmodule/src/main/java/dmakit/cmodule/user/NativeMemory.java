package dmakit.cmodule.user;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.chardev.UserMemory;
import dmakit.machine.cpu.PageTable;

/**
 * Memory of a program of the host. The thread that waits for its system call copies from and to it,
 * so a bad address is found by the host's own kernel.
 */
final class NativeMemory implements UserMemory {
    /** Addresses behind it belong to the host's kernel. */
    private static final long ADDRESS_MAX = 0x7fff_ffff_f000L;

    private static final long TABLE_GRAIN = 16 << 20;

    private final CommandRun run;

    NativeMemory(CommandRun run) {
        this.run = run;
    }

    @Override
    public boolean isUser(long va, long bytes) {
        return va >= 0 && bytes >= 0 && va <= ADDRESS_MAX && bytes <= ADDRESS_MAX - va;
    }

    @Override
    public int load(long va, byte[] into, int offset, int length) {
        int done = 0;
        while (done < length) {
            int piece = Math.min(length - done, Wire.DATA_MAX);
            byte[] got = run.copyIn(va + done, piece);
            System.arraycopy(got, 0, into, offset + done, got.length);
            done += got.length;
            if (got.length < piece) {
                break;
            }
        }
        return done;
    }

    @Override
    public int store(long va, byte[] from, int offset, int length) {
        int done = 0;
        while (done < length) {
            int piece = Math.min(length - done, Wire.DATA_MAX);
            int put = run.copyOut(va + done, from, offset + done, piece);
            done += put;
            if (put < piece) {
                break;
            }
        }
        return done;
    }

    @Override
    public PageTable tableFor(long start, long bytes) {
        long base = start & -TABLE_GRAIN;
        long end = (start + bytes + TABLE_GRAIN - 1) & -TABLE_GRAIN;
        return new PageTable(base, end - base);
    }

    @Override
    public int pin(long va, long[] into, boolean write) {
        throw new KernelException(
                Errno.EFAULT, "memory of a native program cannot be pinned: 0x%x", va);
    }

    @Override
    public void unpin(long phys, boolean dirty) {
        throw new IllegalArgumentException("phys:0x%x is not pinned".formatted(phys));
    }
}
