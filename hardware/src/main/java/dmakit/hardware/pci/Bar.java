package dmakit.hardware.pci;

import dmakit.machine.Check;
import dmakit.machine.bus.Target;

/**
 * A region of memory that a function answers at, once system software has said where.
 *
 * @param index of its first base address register, 0 to 5
 * @param width of its address
 * @param size in bytes, a power of two, at least {@link #SIZE_MIN}
 * @param target what answers there
 */
public record Bar(int index, Width width, long size, Target target) {
    /** Smallest region: one page, which no other function then shares. */
    public static final long SIZE_MIN = 4096;

    /** Largest region with a 32-bit address. */
    public static final long SIZE_MAX_32 = 1L << 31;

    /** Largest region with a 64-bit address. */
    public static final long SIZE_MAX_64 = 1L << 38;

    /** How wide the address of a region is, and whether reads have no side effects. */
    public enum Width {
        /** Below 4 GiB. */
        MEMORY_32,
        /** Anywhere, in a window for prefetchable memory; takes two registers. */
        MEMORY_64_PREFETCHABLE
    }

    /** Checks the size, and that the registers are there. */
    public Bar {
        long most = width == Width.MEMORY_32 ? SIZE_MAX_32 : SIZE_MAX_64;
        Check.argument(
                Long.bitCount(size) == 1 && size >= SIZE_MIN && size <= most,
                "region %d has 0x%x bytes, wanted a power of two from 0x1000 to 0x%x",
                index,
                size,
                most);
        int last = width == Width.MEMORY_32 ? index : index + 1;
        Check.argument(index >= 0 && last < PciFunction.BAR_COUNT, "no base address %d", last);
    }
}
