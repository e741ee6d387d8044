package dmakit.labs.measure;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.boot.Kernel;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.PageAllocator;
import dmakit.machine.cpu.Cpu;

/**
 * A buffer to send and one to receive into, contiguous and of whole pages.
 *
 * <p>Before each transfer the CPU has just written what is sent, and has long read what was
 * received before: the lines of the one are dirty, those of the other are clean.
 */
public final class Buffers implements AutoCloseable {
    private static final int WORD_BYTES = 4;

    /** Spreads the numbers of words over all bits. */
    private static final int SPREAD = 0x9e37_79b1;

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
        for (int at = 0; at < bytes; at += WORD_BYTES) {
            int word = (at + round) * SPREAD;
            for (int i = 0; i < WORD_BYTES; i++) {
                sent[at + i] = (byte) (word >>> Byte.SIZE * i);
                received[at + i] = (byte) ~sent[at + i];
            }
        }
        Cpu cpu = kernel.machine().cpu();
        cpu.store(in, received, 0, bytes);
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
        for (int i = 0; i < bytes; i++) {
            if (sent[i] != received[i]) {
                throw new KernelException(
                        Errno.EIO,
                        "byte %d of %d: sent 0x%02x, received 0x%02x",
                        i,
                        bytes,
                        sent[i],
                        received[i]);
            }
        }
    }

    @Override
    public void close() {
        kernel.mm().pages().freePagesAt(in, order);
        kernel.mm().pages().freePagesAt(out, order);
    }
}
