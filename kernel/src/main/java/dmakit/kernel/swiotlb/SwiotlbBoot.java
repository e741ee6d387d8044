package dmakit.kernel.swiotlb;

import dmakit.kernel.Architecture;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.log.Log;
import dmakit.kernel.mm.Memblock;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.kernel.mm.Zone;
import dmakit.kernel.mm.ZoneLayout;
import org.jspecify.annotations.Nullable;

/** How large the pool of all devices becomes, and where it lies. Every step says so in the log. */
final class SwiotlbBoot {
    /** Areas that can be asked for; more are cut to as many. */
    static final int AREA_COUNT_MAX = 1 << 16;

    private static final long SLOT_BYTES = SwiotlbPool.SLOT_BYTES;
    private static final int SEGMENT_SLOTS = SwiotlbPool.SEGMENT_SLOTS;

    @Linux(file = "include/linux/swiotlb.h", symbol = "IO_TLB_DEFAULT_SIZE")
    private static final long DEFAULT_SLOTS = (64L << 20) / SLOT_BYTES;

    @Linux(file = "kernel/dma/swiotlb.c", symbol = "IO_TLB_MIN_SLABS")
    private static final long LEAST_SLOTS = (1L << 20) / SLOT_BYTES;

    private static final long RAM_PER_POOL_BYTE = 1024;
    private static final long FOUR_GIB = 1L << 32;
    private static final int CPU_COUNT = 1;

    private final Log log;
    private final Memblock memblock;
    private final ZoneLayout zones;
    private long slots = DEFAULT_SLOTS;
    private int areas;
    private boolean force;
    private boolean never;

    SwiotlbBoot(Log log, Memblock memblock, ZoneLayout zones) {
        this.log = log;
        this.memblock = memblock;
        this.zones = zones;
    }

    /** Whether everything bounces; also where no memory was found for it: then nothing maps. */
    boolean isForced() {
        return force && !never;
    }

    // The command line.

    /** Takes the value of one {@code swiotlb=}; what makes no sense is passed over. */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "setup_io_tlb_npages")
    void parse(String value) {
        int at = numberEnd(value, 0);
        if (at > 0) {
            slots = segments(number(value, 0, at, SwiotlbPool.SLOT_COUNT_MAX));
        }
        at = behindComma(value, at);
        int end = numberEnd(value, at);
        if (end > at) {
            adjustAreas((int) number(value, at, end, AREA_COUNT_MAX));
        }
        switch (value.substring(behindComma(value, end))) {
            case "force" -> force = true;
            case "noforce" -> never = true;
            default -> {}
        }
    }

    /** The end of a number that begins at {@code at}, in C's notation; {@code at} for none. */
    private static int numberEnd(String text, int at) {
        if (at == text.length() || Character.digit(text.charAt(at), 10) < 0) {
            return at;
        }
        boolean hex = text.startsWith("0x", at) || text.startsWith("0X", at);
        int radix = hex ? 16 : text.charAt(at) == '0' ? 8 : 10;
        int end = hex ? at + 2 : at;
        while (end < text.length() && Character.digit(text.charAt(end), radix) >= 0) {
            end++;
        }
        return end;
    }

    @Linux(file = "lib/vsprintf.c", symbol = "simple_strtoul")
    private static long number(String text, int start, int end, long most) {
        boolean hex = text.startsWith("0x", start) || text.startsWith("0X", start);
        int radix = hex ? 16 : text.charAt(start) == '0' ? 8 : 10;
        long value = 0;
        for (int at = hex ? start + 2 : start; at < end; at++) {
            value = Math.min(most, value * radix + Character.digit(text.charAt(at), radix));
        }
        return value;
    }

    private static int behindComma(String text, int at) {
        return at < text.length() && text.charAt(at) == ',' ? at + 1 : at;
    }

    // Sizes.

    @Linux(file = "kernel/dma/swiotlb.c", symbol = "swiotlb_adjust_nareas")
    private void adjustAreas(int wanted) {
        areas = wanted <= 1 ? 1 : Integer.highestOneBit(wanted - 1) << 1;
        log.info("area num %d.", areas);
        if (roundUp()) {
            log.info("SWIOTLB bounce buffer size roundup to %dMB", megabytes(slots * SLOT_BYTES));
        }
    }

    /** For every area a segment at least, and a power of two. */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "round_up_default_nslabs")
    private boolean roundUp() {
        long least = (long) SEGMENT_SLOTS * areas;
        if (areas == 0 || (slots >= least && Long.bitCount(slots) == 1)) {
            return false;
        }
        long wanted = Math.max(slots, least);
        slots = Long.highestOneBit(2 * wanted - 1);
        return true;
    }

    /** A size that the command line does not overrule. */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "swiotlb_adjust_size")
    private void adjustSize(long bytes) {
        if (slots != DEFAULT_SLOTS) {
            return;
        }
        long size = (bytes + SLOT_BYTES - 1) & -SLOT_BYTES;
        slots = segments(size / SLOT_BYTES);
        if (roundUp()) {
            size = slots * SLOT_BYTES;
        }
        log.info("SWIOTLB bounce buffer size adjusted to %dMB", megabytes(size));
    }

    private static long segments(long count) {
        return (count + SEGMENT_SLOTS - 1) & -SEGMENT_SLOTS;
    }

    private static long megabytes(long bytes) {
        return bytes >> 20;
    }

    // The pool.

    /** The pool of all devices, or null when none is wanted, or there is no memory for it. */
    @Nullable SwiotlbPool pool(Architecture architecture) {
        boolean wanted =
                switch (architecture) {
                    case ARM64 -> isWantedOnArm64();
                    case X86 -> zones.end() > FOUR_GIB;
                };
        if ((!wanted && !force) || never) {
            return null;
        }
        return allocate(
                switch (architecture) {
                    case ARM64 -> endOfDma();
                    case X86 -> FOUR_GIB;
                });
    }

    @Linux(file = "arch/arm64/mm/init.c", symbol = "arch_mm_preinit")
    private boolean isWantedOnArm64() {
        if (zones.end() <= endOfDma()) {
            long enough = (memblock.ram().size() + RAM_PER_POOL_BYTE - 1) / RAM_PER_POOL_BYTE;
            adjustSize(Math.min(slots * SLOT_BYTES, enough));
        }
        return true;
    }

    @Linux(file = "arch/arm64/mm/init.c", symbol = "arm64_dma_phys_limit")
    private long endOfDma() {
        for (Zone zone : new Zone[] {Zone.DMA, Zone.DMA32}) {
            if (zones.endOf(zone) > zones.startOf(zone)) {
                return zones.endOf(zone);
            }
        }
        return zones.end();
    }

    @Linux(file = "kernel/dma/swiotlb.c", symbol = "swiotlb_init_remap")
    private @Nullable SwiotlbPool allocate(long end) {
        if (areas == 0) {
            adjustAreas(CPU_COUNT);
        }
        long count = slots;
        int areaCount = limited(areas, count);
        long start;
        while ((start = memory(count, end)) < 0) {
            if (count <= LEAST_SLOTS) {
                return null;
            }
            count = segments(count >> 1);
            areaCount = limited(areaCount, count);
        }
        if (count != slots) {
            log.info("SWIOTLB bounce buffer size adjusted %d -> %d slabs", slots, count);
        }
        long bytes = count * SLOT_BYTES;
        log.info("mapped [mem 0x%016x-0x%016x] (%dMB)", start, start + bytes, megabytes(bytes));
        return new SwiotlbPool("", start, (int) count, areaCount);
    }

    @Linux(file = "kernel/dma/swiotlb.c", symbol = "limit_nareas")
    private static int limited(int areas, long slots) {
        return slots < (long) areas * SEGMENT_SLOTS ? (int) (slots / SEGMENT_SLOTS) : areas;
    }

    /** Memory for so many slots below {@code end}, or -1. */
    @Linux(file = "kernel/dma/swiotlb.c", symbol = "swiotlb_memblock_alloc")
    private long memory(long count, long end) {
        try {
            return memblock.allocate(
                    "reserved", count * SLOT_BYTES, VirtualMemory.PAGE_BYTES, 0, end);
        } catch (KernelException e) {
            log.warn(
                    "swiotlb_memblock_alloc: Failed to allocate %d bytes tlb structure",
                    count * SLOT_BYTES);
            return -1;
        }
    }
}
