package dmakit.kernel.pci;

import dmakit.kernel.Linux;
import java.util.OptionalLong;

/**
 * A region of a function, as its base address register describes it.
 *
 * @param index of the register, 0 to 5
 * @param size in bytes
 * @param wide whether its address has 64 bits
 * @param prefetchable whether reads have no side effects
 * @param start CPU physical address, once it is assigned
 */
public record PciRegion(
        int index, long size, boolean wide, boolean prefetchable, OptionalLong start) {
    /** {@code IORESOURCE_MEM}. */
    public static final int FLAG_MEM = 0x200;

    /** {@code IORESOURCE_PREFETCH}. */
    public static final int FLAG_PREFETCH = 0x2000;

    /** {@code IORESOURCE_SIZEALIGN}. */
    public static final int FLAG_SIZEALIGN = 0x40000;

    /** {@code IORESOURCE_MEM_64}. */
    public static final int FLAG_MEM_64 = 0x100000;

    /** {@code IORESOURCE_UNSET}. */
    public static final int FLAG_UNSET = 0x20000000;

    private static final int BAR_PREFETCH = 0x8;
    private static final int BAR_64 = 0x4;

    /** What {@code pci_resource_flags} says of it. */
    @Linux(file = "include/linux/pci.h", symbol = "pci_resource_flags")
    public int flags() {
        return FLAG_MEM
                | FLAG_SIZEALIGN
                | (wide ? FLAG_MEM_64 | BAR_64 : 0)
                | (prefetchable ? FLAG_PREFETCH | BAR_PREFETCH : 0)
                | (start.isPresent() ? 0 : FLAG_UNSET);
    }

    /** The last CPU physical address; the size minus one while none is assigned. */
    public long last() {
        return start.orElse(0) + size - 1;
    }

    PciRegion at(long phys) {
        return new PciRegion(index, size, wide, prefetchable, OptionalLong.of(phys));
    }

    /** As the kernel log writes it, {@code [mem 0xc0000000-0xc00fffff]}. */
    @Override
    public String toString() {
        return String.format(
                "[mem 0x%08x-0x%08x%s%s]",
                start.orElse(0), last(), wide ? " 64bit" : "", prefetchable ? " pref" : "");
    }
}
