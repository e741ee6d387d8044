package dmakit.hardware;

import dmakit.machine.Check;
import dmakit.machine.bus.Target;

/**
 * Registers without behaviour: they keep what is stored. A stand-in for a device that dmakit has no
 * model of.
 */
public final class RegisterMemory implements Target {
    /** Most bytes. */
    public static final int SIZE_MAX = 1 << 20;

    private final byte[] bytes;

    /**
     * Creates registers that read as zero.
     *
     * @param size in bytes, 1 to {@link #SIZE_MAX}
     */
    public RegisterMemory(int size) {
        Check.argument(size > 0 && size <= SIZE_MAX, "0x%x bytes of registers", size);
        bytes = new byte[size];
    }

    @Override
    public long read(long offset, int width) {
        long value = 0;
        for (int i = 0; i < width; i++) {
            value |= (bytes[(int) offset + i] & 0xffL) << (Byte.SIZE * i);
        }
        return value;
    }

    @Override
    public void write(long offset, int width, long value) {
        for (int i = 0; i < width; i++) {
            bytes[(int) offset + i] = (byte) (value >>> (Byte.SIZE * i));
        }
    }
}
