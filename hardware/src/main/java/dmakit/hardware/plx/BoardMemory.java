package dmakit.hardware.plx;

import dmakit.machine.bus.Target;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Memory on the card; pages come into being when they are first written. */
final class BoardMemory implements Target {
    private static final int PAGE_BYTES = 4096;

    private final byte[] @Nullable [] pages;

    /** Creates memory that reads as zero; the size is a multiple of 4096. */
    BoardMemory(int size) {
        pages = new byte[size / PAGE_BYTES][];
    }

    /** Reads bytes of one page. */
    void read(long offset, byte[] into, int at, int bytes) {
        byte @Nullable [] page = pages[(int) (offset / PAGE_BYTES)];
        int from = (int) (offset % PAGE_BYTES);
        if (page == null) {
            Arrays.fill(into, at, at + bytes, (byte) 0);
        } else {
            System.arraycopy(page, from, into, at, bytes);
        }
    }

    /** Writes bytes of one page. */
    void write(long offset, byte[] from, int at, int bytes) {
        System.arraycopy(from, at, page(offset), (int) (offset % PAGE_BYTES), bytes);
    }

    private byte[] page(long offset) {
        int index = (int) (offset / PAGE_BYTES);
        byte @Nullable [] page = pages[index];
        if (page == null) {
            page = new byte[PAGE_BYTES];
            pages[index] = page;
        }
        return page;
    }

    @Override
    public long read(long offset, int bytes) {
        byte @Nullable [] page = pages[(int) (offset / PAGE_BYTES)];
        long value = 0;
        for (int i = 0; page != null && i < bytes; i++) {
            value |= (page[(int) (offset % PAGE_BYTES) + i] & 0xffL) << (Byte.SIZE * i);
        }
        return value;
    }

    @Override
    public void write(long offset, int bytes, long value) {
        byte[] page = page(offset);
        for (int i = 0; i < bytes; i++) {
            page[(int) (offset % PAGE_BYTES) + i] = (byte) (value >>> (Byte.SIZE * i));
        }
    }
}
