package dmakit.kernel.mm;

import dmakit.kernel.Calls;
import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.MemoryType;
import dmakit.machine.memory.Ram;

/**
 * The way between virtual and physical addresses of the linear map, and mappings of physical memory
 * into processes. A page is named by the physical address of its first byte.
 */
public final class VirtualMemory {
    /** Bytes per page. */
    @Linux(file = "include/vdso/page.h", symbol = "PAGE_SIZE")
    public static final long PAGE_BYTES = AddressLayout.PAGE_BYTES;

    /** log2 of {@link #PAGE_BYTES}. */
    @Linux(file = "include/vdso/page.h", symbol = "PAGE_SHIFT")
    public static final int LG2_PAGE = AddressLayout.LG2_PAGE;

    private final Calls calls;
    private final Ram ram;

    /** Creates the view on one machine's addresses. */
    public VirtualMemory(Calls calls, Ram ram) {
        this.calls = calls;
        this.ram = ram;
    }

    /** Rounds bytes up to whole pages. */
    @Linux(file = "include/linux/mm.h", symbol = "PAGE_ALIGN")
    public static long pageAlign(long bytes) {
        return (bytes + PAGE_BYTES - 1) & -PAGE_BYTES;
    }

    /** Whether an address is RAM in the linear map. */
    @Linux(file = "arch/arm64/include/asm/memory.h", symbol = "virt_addr_valid")
    public boolean isLinear(long va) {
        return AddressLayout.isLinear(va)
                && ram.offsetOf(va - AddressLayout.LINEAR_BASE) != Ram.NOT_RAM;
    }

    /**
     * The physical address behind a linear one.
     *
     * @throws IllegalArgumentException when {@code va} is not RAM in the linear map, as for {@code
     *     vmalloc} and {@code ioremap} addresses
     */
    @Linux(file = "arch/arm64/include/asm/memory.h", symbol = "virt_to_phys")
    public long virtToPhys(long va) {
        if (!isLinear(va)) {
            throw new IllegalArgumentException(
                    "va:0x%x is not in the linear map: it has no fixed physical address"
                            .formatted(va));
        }
        return va - AddressLayout.LINEAR_BASE;
    }

    /**
     * States that a range is RAM.
     *
     * @param bytes its length, unsigned
     * @throws IllegalArgumentException when some of it is not: Linux would fault in its caches'
     *     maintenance, or worse not
     */
    public void checkRam(long phys, long bytes) {
        if (ram.offsetOf(phys, bytes) == Ram.NOT_RAM) {
            throw new IllegalArgumentException(
                    "phys:0x%x with 0x%x bytes is not all RAM".formatted(phys, bytes));
        }
    }

    /** The linear address of a physical one. */
    @Linux(file = "arch/arm64/include/asm/memory.h", symbol = "phys_to_virt")
    public long physToVirt(long phys) {
        return AddressLayout.LINEAR_BASE + phys;
    }

    /**
     * The page a linear address lies in.
     *
     * @throws IllegalArgumentException as {@link #virtToPhys}
     */
    @Linux(file = "arch/arm64/include/asm/memory.h", symbol = "virt_to_page")
    public long virtToPage(long va) {
        return virtToPhys(va) & -PAGE_BYTES;
    }

    /** The number of the page at a physical address. */
    @Linux(file = "include/linux/pfn.h", symbol = "PHYS_PFN")
    public static long pfnOf(long phys) {
        return phys >>> LG2_PAGE;
    }

    private void map(Vma vma, long va, long phys, long bytes, MemoryType type) {
        vma.map(va, phys, bytes, type);
        // The process writes to it whenever it likes.
        ram.shadow().written(phys, bytes);
    }

    /**
     * Maps physical memory into a process.
     *
     * @param va where, page aligned, inside the area
     * @param pfn number of the first page
     * @param size in bytes; whole pages are mapped
     * @throws KernelException EINVAL when the range is misaligned or leaves the area, EBUSY when a
     *     page of it is mapped already
     */
    @Linux(file = "mm/memory.c", symbol = "remap_pfn_range")
    public void remapPfnRange(Vma vma, long va, long pfn, long size, MemoryType type) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report(
                    "remap_pfn_range", "0x%x, pfn 0x%x, %d, %s".formatted(va, pfn, size, type));
        }
        long bytes = pageAlign(size);
        vma.requireInside(va, bytes);
        map(vma, va, pfn << LG2_PAGE, bytes, type);
        vma.flags(vma.flags() | Vma.IO | Vma.PFNMAP | Vma.DONTEXPAND | Vma.DONTDUMP);
    }

    /**
     * Maps one page of RAM into a process.
     *
     * @param va where, page aligned, inside the area
     * @param phys the page, not free
     * @throws KernelException EFAULT outside of the area, EINVAL when it is no RAM, EBUSY when a
     *     page is mapped there already
     */
    @Linux(file = "mm/memory.c", symbol = "vm_insert_page")
    public void vmInsertPage(Vma vma, long va, long phys, MemoryType type) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("vm_insert_page", "0x%x, phys:0x%x".formatted(va, phys));
        }
        if (!vma.contains(va)) {
            throw new KernelException(
                    Errno.EFAULT,
                    "va:0x%x is not in the area va:0x%x-0x%x",
                    va,
                    vma.start(),
                    vma.end());
        }
        if (ram.offsetOf(phys, PAGE_BYTES) == Ram.NOT_RAM) {
            throw new KernelException(Errno.EINVAL, "phys:0x%x is no page of RAM", phys);
        }
        vma.requireInside(va, PAGE_BYTES);
        map(vma, va, phys & -PAGE_BYTES, PAGE_BYTES, type);
        vma.flags(vma.flags() | Vma.MIXEDMAP);
    }

    /**
     * Maps one page frame of any kind into an area whose driver serves faults.
     *
     * @throws KernelException EFAULT outside of the area, EBUSY when a page is mapped there already
     */
    @Linux(file = "mm/memory.c", symbol = "vmf_insert_pfn")
    public void vmInsertPfn(Vma vma, long va, long pfn, MemoryType type) {
        calls.enter();
        if (calls.isTraced()) {
            calls.report("vmf_insert_pfn", "0x%x, pfn 0x%x".formatted(va, pfn));
        }
        if (!vma.contains(va)) {
            throw new KernelException(
                    Errno.EFAULT,
                    "va:0x%x is not in the area va:0x%x-0x%x",
                    va,
                    vma.start(),
                    vma.end());
        }
        map(vma, va & -PAGE_BYTES, pfn << LG2_PAGE, PAGE_BYTES, type);
    }
}
