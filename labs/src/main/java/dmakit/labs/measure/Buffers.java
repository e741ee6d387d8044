package dmakit.labs.measure;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.PageAllocator;
import dmakit.machine.cpu.Cpu;
import java.util.Arrays;

/**
 * A buffer to send and one to receive into, contiguous and of whole pages.
 *
 * <p>Before each transfer the CPU has just written what is sent, and has long read what was
 * received before: the lines of the one are dirty, those of the other are clean.
 */
public final class Buffers implements AutoCloseable {
    /** Spreads the numbers of bytes over all bits. */
    private static final int SPREAD = 0x9e37_79b1;

    private static final int TOP_BYTE = Integer.SIZE - Byte.SIZE;

    private final Kernel kernel;
    private final int order;
    private final long out;
    private final long in;
    private final byte[] sent;
    private final byte[] received;
    private int round;

    /**
     * Takes both.
     *
     * @param bytes of each, at most 4 MiB
     * @throws DmaException ENOMEM when there is no room
     */
    public Buffers(Kernel kernel, int bytes) {
        this.kernel = kernel;
        order = PageAllocator.orderFor(bytes);
        sent = new byte[bytes];
        received = new byte[bytes];
        out = allocate();
        in = allocate();
    }

    private long allocate() {
        long va = kernel.mm().pages().getFreePages(Gfp.KERNEL, order);
        if (va == 0) {
            throw new DmaException(Errno.ENOMEM, "no 2^%d pages", order);
        }
        return va;
    }

    /** What is sent, in the kernel's address space. */
    public long out() {
        return out;
    }

    /** Where it is received. */
    public long in() {
        return in;
    }

    /** Writes what is sent next, other bytes each time, and makes sure they are nowhere else. */
    public void fill(int bytes) {
        round++;
        for (int i = 0; i < bytes; i++) {
            // Never 0, which is what a byte is that did not arrive.
            sent[i] = (byte) ((((i + round) * SPREAD) >>> TOP_BYTE) | 1);
        }
        Cpu cpu = kernel.machine().cpu();
        cpu.fill(in, bytes, (byte) 0);
        cpu.clean(cpu.physOf(in), bytes);
        cpu.store(out, sent, 0, bytes);
    }

    /**
     * Compares what the CPU finds where it was received with what was sent.
     *
     * @throws KernelException EIO where they differ
     */
    public void compare(int bytes) {
        kernel.machine().cpu().load(in, received, 0, bytes);
        int first = Arrays.mismatch(sent, 0, bytes, received, 0, bytes);
        if (first >= 0) {
            throw new KernelException(
                    Errno.EIO,
                    "byte %d of %d: sent 0x%02x, received 0x%02x",
                    first,
                    bytes,
                    sent[first],
                    received[first]);
        }
    }

    @Override
    public void close() {
        kernel.mm().pages().freePagesAt(in, order);
        kernel.mm().pages().freePagesAt(out, order);
    }
}
