package dmakit.machine.cpu;

/**
 * Where virtual addresses lie. They are real: a process that runs C modules maps the same pages at
 * the same places, so all of them lie in the lower half of a 47-bit address space.
 */
public final class AddressLayout {
    /** Page size in bytes. */
    public static final int PAGE_BYTES = 4096;

    /** log2 of {@link #PAGE_BYTES}. */
    public static final int LG2_PAGE = 12;

    /** The linear map: physical address 0 appears here, write-back. */
    public static final long LINEAR_BASE = 0x1000_0000_0000L;

    /** Bytes of physical address space in the linear map. */
    public static final long LINEAR_SIZE = 0x0100_0000_0000L;

    /** Start of the area for {@code vmalloc}, {@code ioremap} and remapped coherent memory. */
    public static final long VMALLOC_BASE = 0x2000_0000_0000L;

    /** Bytes in that area. */
    public static final long VMALLOC_SIZE = 0x0010_0000_0000L;

    /** Start of every process's own mappings. */
    public static final long USER_BASE = 0x3000_0000_0000L;

    /** Bytes for one process's own mappings. */
    public static final long USER_SIZE = 0x0010_0000_0000L;

    private AddressLayout() {}

    /** Whether an address lies in the linear map. */
    public static boolean isLinear(long va) {
        return Long.compareUnsigned(va - LINEAR_BASE, LINEAR_SIZE) < 0;
    }

    /** Whether an address lies in the area for vmalloc and ioremap. */
    public static boolean isVmalloc(long va) {
        return Long.compareUnsigned(va - VMALLOC_BASE, VMALLOC_SIZE) < 0;
    }

    /** Whether an address belongs to a process. */
    public static boolean isUser(long va) {
        return Long.compareUnsigned(va - USER_BASE, USER_SIZE) < 0;
    }
}
