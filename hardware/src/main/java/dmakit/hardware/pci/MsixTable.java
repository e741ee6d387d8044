package dmakit.hardware.pci;

import dmakit.datasheet.Register;
import dmakit.datasheet.pci.MsixEntryRegister;
import dmakit.datasheet.pci.MsixEntryRegister.VectorControl;
import dmakit.machine.bus.Target;

/**
 * The MSI-X table of a function and its pending bits, in a region of their own. PCI Local Bus
 * Specification 3.0, section 6.8.2.
 */
final class MsixTable implements Target {
    /** Takes a message to be written. */
    @FunctionalInterface
    interface Post {
        void write(long address, int data);
    }

    private static final int ENTRY_BYTES = MsixEntryRegister.SIZE;
    private static final int WORDS_PER_ENTRY = ENTRY_BYTES / Register.BYTES;

    private final Post post;
    private final int count;
    private final int[] words;
    private final boolean[] pending;
    private boolean enabled;
    private boolean masked;

    MsixTable(int count, Post post) {
        this.count = count;
        this.post = post;
        words = new int[count * WORDS_PER_ENTRY];
        pending = new boolean[count];
        for (int i = 0; i < words.length; i++) {
            words[i] = MsixEntryRegister.values()[i % WORDS_PER_ENTRY].reset();
        }
    }

    int count() {
        return count;
    }

    /** Where the pending bits start: behind the table. */
    int pendingOffset() {
        return count * ENTRY_BYTES;
    }

    /** Bytes of a region that holds both, a power of two. */
    long regionBytes() {
        long needed = pendingOffset() + (count + Long.SIZE - 1) / Long.SIZE * (long) Long.BYTES;
        return Math.max(Bar.SIZE_MIN, Long.highestOneBit(needed - 1) << 1);
    }

    /** The function's control bits. */
    void enable(boolean enable, boolean mask) {
        enabled = enable;
        masked = mask;
        sendPending();
    }

    /** Sends a message, or notes it while it is masked. */
    void send(int vector) {
        pending[vector] = true;
        sendPending(vector);
    }

    private void sendPending() {
        for (int vector = 0; vector < count; vector++) {
            sendPending(vector);
        }
    }

    private void sendPending(int vector) {
        if (enabled
                && !masked
                && pending[vector]
                && !VectorControl.MASK.isSet(word(vector, MsixEntryRegister.VECTOR_CONTROL))) {
            pending[vector] = false;
            int low = word(vector, MsixEntryRegister.ADDRESS);
            int high = word(vector, MsixEntryRegister.UPPER_ADDRESS);
            post.write(
                    ((long) high << Integer.SIZE) | Integer.toUnsignedLong(low),
                    word(vector, MsixEntryRegister.DATA));
        }
    }

    private int word(int vector, MsixEntryRegister register) {
        return words[vector * WORDS_PER_ENTRY + register.offset() / Register.BYTES];
    }

    @Override
    public long read(long offset, int bytes) {
        int at = (int) offset & -Register.BYTES;
        long low = Integer.toUnsignedLong(readWord(at));
        if (bytes > Register.BYTES) {
            return low | ((long) readWord(at + Register.BYTES) << Integer.SIZE);
        }
        return (low >>> (Byte.SIZE * (offset & (Register.BYTES - 1))))
                & (-1L >>> (Long.SIZE - Byte.SIZE * bytes));
    }

    private int readWord(int at) {
        if (at < pendingOffset()) {
            return words[at / Register.BYTES];
        }
        int first = (at - pendingOffset()) * Byte.SIZE;
        int bits = 0;
        for (int i = 0; i < Integer.SIZE && first + i < count; i++) {
            bits |= pending[first + i] ? 1 << i : 0;
        }
        return bits;
    }

    /** Accesses narrower than a word have no defined effect; here they have none. */
    @Override
    public void write(long offset, int bytes, long value) {
        for (int done = 0; done + Register.BYTES <= bytes; done += Register.BYTES) {
            writeWord((int) offset + done, (int) (value >>> (Byte.SIZE * done)));
        }
    }

    private void writeWord(int at, int value) {
        if (at < pendingOffset()) {
            int index = at / Register.BYTES;
            int mask = MsixEntryRegister.values()[index % WORDS_PER_ENTRY].writableMask();
            words[index] = (words[index] & ~mask) | (value & mask);
            sendPending(index / WORDS_PER_ENTRY);
        }
    }

    @Override
    public String registerName(long offset) {
        if (offset >= pendingOffset()) {
            return "MSIX_PENDING";
        }
        int index = (int) offset / Register.BYTES;
        return "MSIX"
                + index / WORDS_PER_ENTRY
                + "_"
                + MsixEntryRegister.values()[index % WORDS_PER_ENTRY];
    }
}
