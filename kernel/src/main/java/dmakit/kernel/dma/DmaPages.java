package dmakit.kernel.dma;

import dmakit.kernel.Linux;
import dmakit.machine.cpu.AddressLayout;

/**
 * Pages that the CPU sees through its caches and one device at a fixed address; each side is told
 * when it may use them.
 *
 * @param page physical address of the first page, which the CPU finds in the linear map
 * @param dma where the device finds it
 * @param size in bytes, as asked for
 */
@Linux(file = "kernel/dma/mapping.c", symbol = "dma_alloc_pages")
public record DmaPages(long page, long dma, long size) {
    /** Where the CPU finds them. */
    @Linux(file = "include/linux/mm.h", symbol = "page_address")
    public long va() {
        return AddressLayout.LINEAR_BASE + page;
    }
}
