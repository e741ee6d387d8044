package dmakit.kernel.mm;

import dmakit.kernel.Calls;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.log.Log;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.MemoryType;
import dmakit.machine.memory.Ram;
import java.util.Set;
import java.util.TreeSet;

/**
 * Memory that is no register, by a mapping of its own: what was taken out of RAM, or lies in a
 * chip.
 *
 * <p>The kernel's own memory has one in the linear map already, which is what a cached mapping of
 * it is. Any other would not agree with that one, and is refused.
 */
@Linux(file = "kernel/iomem.c", symbol = "memremap")
public final class MemoryRemap {
    /** Through the caches. */
    @Linux(file = "include/linux/io.h", symbol = "MEMREMAP_WB")
    public static final int WRITE_BACK = 1;

    /** Loads through the caches, stores past them; here as {@link #WRITE_COMBINE}. */
    @Linux(file = "include/linux/io.h", symbol = "MEMREMAP_WT")
    public static final int WRITE_THROUGH = 1 << 1;

    /** Past the caches. */
    @Linux(file = "include/linux/io.h", symbol = "MEMREMAP_WC")
    public static final int WRITE_COMBINE = 1 << 2;

    private static final long PAGE = VirtualMemory.PAGE_BYTES;

    private final Calls calls;
    private final Memblock memblock;
    private final Vmalloc areas;
    private final Log log;
    private final Set<String> warned = new TreeSet<>();

    MemoryRemap(Calls calls, Memblock memblock, Vmalloc areas, Log log) {
        this.calls = calls;
        this.memblock = memblock;
        this.areas = areas;
        this.log = log;
    }

    /**
     * Maps memory.
     *
     * @param phys first physical address, at any alignment
     * @param size in bytes, at least 1
     * @param flags one or several of the constants here; the first that is possible is taken
     * @return the virtual address of {@code phys}
     * @throws KernelException EINVAL without a flag, for no range, for a range of which a part is
     *     memory of the kernel, and for such memory past the caches; ENOMEM
     */
    @Linux(file = "kernel/iomem.c", symbol = "memremap")
    public long memremap(long phys, long size, int flags) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("memremap", "0x%x, 0x%x, %d".formatted(phys, size, flags));
        }
        calls.mightSleep("memremap");
        if ((flags & (WRITE_BACK | WRITE_THROUGH | WRITE_COMBINE)) == 0) {
            throw new KernelException(Errno.EINVAL, "memremap without a type of memory");
        }
        if (phys < 0 || size <= 0 || phys > Long.MAX_VALUE - size - PAGE) {
            throw new KernelException(
                    Errno.EINVAL, "phys:0x%x with 0x%x bytes is no range", phys, size);
        }
        long first = phys & -PAGE;
        long bytes = VirtualMemory.pageAlign(phys + size) - first;
        return switch (memblock.systemRam(first, bytes)) {
            case NONE -> map(first, bytes, (flags & WRITE_BACK) != 0) + (phys - first);
            case PART -> throw refused("mixed range", phys, size);
            case ALL -> {
                if ((flags & WRITE_BACK) == 0) {
                    throw refused("ram", phys, size);
                }
                yield AddressLayout.LINEAR_BASE + phys;
            }
        };
    }

    private KernelException refused(String what, long phys, long size) {
        // Each of the two is a WARN_ONCE.
        if (warned.add(what)) {
            log.warn("memremap attempted on %s 0x%016x size: 0x%x", what, phys, size);
        }
        return new KernelException(
                Errno.EINVAL, "phys:0x%x with 0x%x bytes is memory of the kernel", phys, size);
    }

    private long map(long first, long bytes, boolean cached) {
        boolean isRam = memblock.ram().offsetOf(first, bytes) != Ram.NOT_RAM;
        MemoryType ofRam = cached ? MemoryType.WRITE_BACK : MemoryType.WRITE_COMBINE;
        return areas.map(first, bytes, isRam ? ofRam : MemoryType.DEVICE, Vmalloc.Use.MAPPED);
    }

    /**
     * Ends a mapping; that of the linear map stays.
     *
     * @throws IllegalArgumentException when there is none
     */
    @Linux(file = "kernel/iomem.c", symbol = "memunmap")
    public void memunmap(long va) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("memunmap", "0x" + Long.toHexString(va));
        }
        if (!AddressLayout.isLinear(va)) {
            areas.unmap(va & -PAGE, Vmalloc.Use.MAPPED);
        }
    }
}
