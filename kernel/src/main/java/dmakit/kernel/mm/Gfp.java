package dmakit.kernel.mm;

import dmakit.kernel.Linux;

/**
 * How an allocation may behave and where its memory may lie.
 *
 * @param bits the flags, with Linux's values
 */
@Linux(file = "include/linux/gfp_types.h", symbol = "gfp_t")
public record Gfp(int bits) {
    /** Memory that every device of limited reach can address: {@code __GFP_DMA}. */
    public static final Gfp DMA = new Gfp(0x1);

    /** Memory outside of the linear map, of which there is none: {@code __GFP_HIGHMEM}. */
    public static final Gfp HIGHMEM = new Gfp(0x2);

    /** Memory below 4 GiB: {@code __GFP_DMA32}. */
    public static final Gfp DMA32 = new Gfp(0x4);

    /** Zeroed memory: {@code __GFP_ZERO}. */
    public static final Gfp ZERO = new Gfp(0x100);

    /** The caller may sleep: {@code __GFP_DIRECT_RECLAIM}. */
    public static final Gfp DIRECT_RECLAIM = new Gfp(0x400);

    /** No line in the log when it fails: {@code __GFP_NOWARN}. */
    public static final Gfp NOWARN = new Gfp(0x2000);

    /** A compound page, which the DMA layer refuses: {@code __GFP_COMP}. */
    public static final Gfp COMP = new Gfp(0x4_0000);

    /** The usual one, in a task that may sleep: {@code GFP_KERNEL}. */
    public static final Gfp KERNEL = new Gfp(0xcc0);

    /** From interrupts and under locks: {@code GFP_ATOMIC}. */
    public static final Gfp ATOMIC = new Gfp(0x820);

    /** As {@link #ATOMIC} without the reserves, and silent: {@code GFP_NOWAIT}. */
    public static final Gfp NOWAIT = new Gfp(0x2800);

    private static final int ZONE_BITS = 0x7;

    /** These flags and others. */
    public Gfp with(Gfp others) {
        return has(others) ? this : new Gfp(bits | others.bits);
    }

    /** These flags without others. */
    public Gfp without(Gfp others) {
        return (bits & others.bits) == 0 ? this : new Gfp(bits & ~others.bits);
    }

    /** These flags without the ones that choose a zone. */
    public Gfp withoutZone() {
        return (bits & ZONE_BITS) == 0 ? this : new Gfp(bits & ~ZONE_BITS);
    }

    /** Whether all of {@code flags} are set. */
    public boolean has(Gfp flags) {
        return (bits & flags.bits) == flags.bits;
    }

    /** Whether the allocation may sleep. */
    @Linux(file = "include/linux/gfp.h", symbol = "gfpflags_allow_blocking")
    public boolean isBlocking() {
        return has(DIRECT_RECLAIM);
    }

    /** The zone tried first. */
    @Linux(file = "include/linux/gfp.h", symbol = "gfp_zone")
    public Zone zone() {
        if (has(DMA)) {
            return Zone.DMA;
        }
        return has(DMA32) ? Zone.DMA32 : Zone.NORMAL;
    }
}
