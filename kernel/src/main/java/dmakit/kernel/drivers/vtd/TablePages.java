package dmakit.kernel.drivers.vtd;

import dmakit.kernel.Errno;
import dmakit.kernel.KernelException;
import dmakit.kernel.Linux;
import dmakit.kernel.mm.Gfp;
import dmakit.kernel.mm.PageAllocator;
import dmakit.machine.cpu.AddressLayout;
import dmakit.machine.cpu.Cpu;

/** Pages of zeroes, for tables. */
final class TablePages {
    private TablePages() {}

    /**
     * A page.
     *
     * @throws KernelException ENOMEM
     */
    static long allocate(Cpu cpu, PageAllocator pages, Gfp gfp) {
        long phys = tryAllocate(cpu, pages, gfp);
        if (phys == PageAllocator.NONE) {
            throw new KernelException(Errno.ENOMEM, "no page for a table of the IOMMU");
        }
        return phys;
    }

    /** A page, or {@link PageAllocator#NONE}. */
    @Linux(file = "drivers/iommu/iommu-pages.h", symbol = "iommu_alloc_page_node")
    static long tryAllocate(Cpu cpu, PageAllocator pages, Gfp gfp) {
        long phys = pages.take(gfp.withoutZone(), 0);
        if (phys != PageAllocator.NONE) {
            cpu.fill(AddressLayout.LINEAR_BASE + phys, AddressLayout.PAGE_BYTES, (byte) 0);
        }
        return phys;
    }
}
