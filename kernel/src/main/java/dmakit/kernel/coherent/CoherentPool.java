package dmakit.kernel.coherent;

import dmakit.kernel.DmaException;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.mm.MemoryRemap;
import dmakit.kernel.mm.Mm;
import dmakit.kernel.mm.PageAllocator;
import dmakit.kernel.mm.VirtualMemory;
import dmakit.kernel.mm.Vma;
import dmakit.machine.cpu.Cpu;
import dmakit.machine.cpu.MemoryType;
import dmakit.machine.memory.Ram;
import dmakit.machine.memory.Shadow;
import java.util.BitSet;

/**
 * One region of memory and which of its pages are taken. Runs are powers of two of pages, aligned
 * to their size within the region, the lowest first.
 *
 * <p>The CPU sees all of it past its caches. It need not be RAM.
 */
@Linux(file = "kernel/dma/coherent.c", symbol = "dma_coherent_mem")
public final class CoherentPool {
    /** The largest region, in bytes. */
    public static final long SIZE_MAX = 1L << 32;

    /** What {@link #take} answers when no run is free. */
    static final long NONE = -1;

    private static final long PAGE = VirtualMemory.PAGE_BYTES;
    private static final int LG2_PAGE = VirtualMemory.LG2_PAGE;

    private final Cpu cpu;
    private final Mm mm;
    private final long phys;
    private final long va;
    private final int pages;
    private final boolean isRam;
    private final BitSet taken = new BitSet();

    /**
     * Maps a region.
     *
     * @param phys where it is
     * @param size in bytes; a part of a page at its end is not used
     * @throws KernelException EINVAL when it is empty, leaves the address space or is memory that
     *     the kernel uses; ENOMEM when it is larger than {@link #SIZE_MAX}
     */
    @Linux(file = "kernel/dma/coherent.c", symbol = "dma_init_coherent_memory")
    public CoherentPool(Cpu cpu, Mm mm, long phys, long size) {
        if (size == 0) {
            throw new KernelException(Errno.EINVAL, "a coherent pool of 0 bytes");
        }
        if (size < 0 || size > SIZE_MAX) {
            throw new KernelException(
                    Errno.ENOMEM, "a coherent pool of 0x%x bytes, limit is 0x%x", size, SIZE_MAX);
        }
        this.cpu = cpu;
        this.mm = mm;
        this.phys = phys;
        pages = (int) (size >> LG2_PAGE);
        isRam = mm.memblock().ram().offsetOf(phys, size) != Ram.NOT_RAM;
        va = map(size);
    }

    private long map(long size) {
        try {
            return mm.remap().memremap(phys, size, MemoryRemap.WRITE_COMBINE);
        } catch (KernelException e) {
            throw new KernelException(
                    Errno.EINVAL, "no coherent pool: %s", String.valueOf(e.getMessage()));
        }
    }

    /** Unmaps the region. What is taken of it is not looked at. */
    @Linux(file = "kernel/dma/coherent.c", symbol = "_dma_release_coherent_memory")
    public void close() {
        mm.remap().memunmap(va);
    }

    /** Where it is. */
    public long phys() {
        return phys;
    }

    /** Its whole pages, in bytes. */
    public long size() {
        return (long) pages << LG2_PAGE;
    }

    /** Pages that are taken, those that only fill up a power of two among them. */
    public int takenPages() {
        return taken.cardinality();
    }

    /** Whether it lies in RAM, and not in a memory of its own. */
    boolean isRam() {
        return isRam;
    }

    /**
     * Takes a run of pages that holds so many bytes, and zeroes those.
     *
     * @return the position of its first byte, or {@link #NONE}
     */
    @Linux(file = "kernel/dma/coherent.c", symbol = "__dma_alloc_from_coherent")
    long take(long bytes) {
        if (bytes <= 0 || bytes > size()) {
            return NONE;
        }
        int count = 1 << PageAllocator.orderFor(bytes);
        for (int at = 0; at + count <= pages; at += count) {
            int busy = taken.nextSetBit(at);
            if (busy < 0 || busy >= at + count) {
                taken.set(at, at + count);
                long offset = (long) at << LG2_PAGE;
                zero(offset, bytes);
                noteTaken(offset, (long) count << LG2_PAGE);
                return offset;
            }
        }
        return NONE;
    }

    private void zero(long offset, long bytes) {
        if (isRam) {
            cpu.fill(va + offset, bytes, (byte) 0);
            return;
        }
        byte[] zeros = new byte[(int) PAGE];
        for (long done = 0; done < bytes; done += PAGE) {
            cpu.store(va + offset + done, zeros, 0, (int) Math.min(PAGE, bytes - done));
        }
    }

    private void noteTaken(long offset, long bytes) {
        Shadow shadow = mm.memblock().ram().shadow();
        if (isRam && shadow.isOn()) {
            shadow.allocated(phys + offset, bytes, bytes, true);
        }
    }

    /**
     * Takes the pages that a range touches, rounded up to a power of two.
     *
     * @throws KernelException EINVAL when they are not all in the region, EBUSY when one is taken
     */
    @Linux(file = "kernel/dma/coherent.c", symbol = "dma_mark_declared_memory_occupied")
    void occupy(long offset, long bytes) {
        long inPage = offset & (PAGE - 1);
        int order = bytes <= 0 ? 64 : PageAllocator.orderFor(bytes + inPage);
        long first = offset >> LG2_PAGE;
        if (offset < 0 || order >= Integer.SIZE - 1 || first + (1L << order) > pages) {
            throw new KernelException(
                    Errno.EINVAL,
                    "0x%x bytes at offset 0x%x of a pool of 0x%x",
                    bytes,
                    offset,
                    size());
        }
        int at = (int) first;
        int busy = taken.nextSetBit(at);
        if (busy >= 0 && busy < at + (1 << order)) {
            throw new KernelException(Errno.EBUSY, "page %d of the pool is taken", busy);
        }
        taken.set(at, at + (1 << order));
    }

    /** Whether an address of the CPU lies in the region. */
    boolean holds(long address) {
        return address >= va && address < va + size();
    }

    /** Gives the run back that begins at an address and holds so many bytes. */
    @Linux(file = "kernel/dma/coherent.c", symbol = "__dma_release_from_coherent")
    void give(long address, long bytes) {
        int at = (int) ((address - va) >> LG2_PAGE);
        int order = bytes <= 0 ? 0 : PageAllocator.orderFor(bytes);
        int end = (int) Math.min(pages, at + (order < Integer.SIZE - 1 ? 1L << order : pages));
        taken.clear(at, end);
        Shadow shadow = mm.memblock().ram().shadow();
        if (isRam && shadow.isOn()) {
            shadow.pagesFreed(phys + ((long) at << LG2_PAGE), (long) (end - at) << LG2_PAGE);
        }
    }

    /** The CPU's address of a position. */
    long vaAt(long offset) {
        return va + offset;
    }

    @Linux(file = "kernel/dma/coherent.c", symbol = "__dma_mmap_from_coherent")
    void mmap(Vma vma, long address, long size) {
        long count = VirtualMemory.pageAlign(size) >> LG2_PAGE;
        if (vma.pageOffset() >= count || vma.pages() > count - vma.pageOffset()) {
            throw new DmaException(
                    Errno.ENXIO,
                    "%d pages from page %d of an allocation of %d pages",
                    vma.pages(),
                    vma.pageOffset(),
                    count);
        }
        mm.virtual()
                .remapPfnRange(
                        vma,
                        vma.start(),
                        VirtualMemory.pfnOf(phys + (address - va)) + vma.pageOffset(),
                        vma.size(),
                        isRam ? MemoryType.WRITE_COMBINE : MemoryType.DEVICE);
    }
}
