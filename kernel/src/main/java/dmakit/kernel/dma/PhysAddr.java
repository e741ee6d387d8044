package dmakit.kernel.dma;

import dmakit.kernel.Linux;

/**
 * A physical address of the CPU.
 *
 * @param value unsigned
 */
@Linux(file = "include/linux/types.h", symbol = "phys_addr_t")
public record PhysAddr(long value) {
    /** For messages: {@code phys:0x1000}. */
    @Override
    public String toString() {
        return "phys:0x" + Long.toHexString(value);
    }
}
